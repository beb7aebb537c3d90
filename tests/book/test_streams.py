"""What a cell prints is one text on the page, wherever the kernel cut it."""

from __future__ import annotations

from itertools import pairwise

import nbformat
from hypothesis import given
from hypothesis import strategies as st

from bookext.streams import joined

TEXT = "F1-OWT  supported\nF1-OWT-WEB  supported\n\nend\n"


@given(st.lists(st.integers(0, len(TEXT)), max_size=6).map(sorted))
def test_the_pieces_of_a_stream_are_joined_as_they_were_printed(cuts: list[int]) -> None:
    bounds = [0, *cuts, len(TEXT)]
    pieces = [TEXT[i:j] for i, j in pairwise(bounds)]
    outputs = [nbformat.v4.new_output("stream", name="stdout", text=piece) for piece in pieces]
    (whole,) = joined(outputs)
    assert whole["text"] == TEXT


def test_another_output_keeps_its_place_behind_the_first_piece() -> None:
    def piece(text: str) -> nbformat.NotebookNode:
        return nbformat.v4.new_output("stream", name="stdout", text=text)

    shown = nbformat.v4.new_output("display_data", {"text/plain": "figure"})
    first, second = joined([piece("a"), shown, piece("b\n")])
    assert (first["text"], second) == ("ab\n", shown)


def test_the_book_joins_streams_so() -> None:
    from myst_nb.core import render

    from bookext.streams import join_streams

    join_streams()
    assert render.coalesce_streams is joined
