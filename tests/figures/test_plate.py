"""Still pictures: one style, words for those who cannot see, colors that follow the page, the same each time."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from assocmem.experiments import published
from assocmem.figures import glyphs
from assocmem.figures.interactive import BOOK
from assocmem.figures.labels import LINE, Label, label_ends, spread
from assocmem.figures.plate import GREY, ONE, TWO, Plate, sheet
from assocmem.figures.question_formation import plateaus


def plate(last: float = 3.0, alt: str = "A line that rises.", color: str = ONE) -> Plate:
    with sheet(2) as (figure, ax):
        ax.plot([0, 1, 2], [1, 2, last], color=color, label="rising")
        ax.fill_between([0, 1], 0, 1, color=TWO, alpha=0.2)
        ax.set(xlabel="$x$", ylabel="nats")
        label_ends(ax, [Label("rising", last, color), Label("level", 2.9, GREY)])
        return Plate(figure, alt=alt)


def test_output_is_the_same_each_time() -> None:
    assert plate().svg == plate().svg
    assert plate().png() == plate().png()


@pytest.mark.parametrize("alt", ["", "  "])
def test_words_are_required(alt: str) -> None:
    with pytest.raises(ValueError, match="alt="):
        plate(alt=alt)


def test_words_are_escaped_and_stand_on_the_drawing() -> None:
    assert 'role="img" aria-label="A &quot;line&quot; &lt;1"' in plate(alt='A "line" <1').svg


def test_every_color_is_a_variable() -> None:
    svg = re.sub(r"var\(--fig-[a-z]+, #[0-9a-f]{6}\)", "", plate().svg)
    assert "var(--fig-one" in plate().svg
    assert "currentColor" in svg
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b(?!-)|rgb\(", re.sub(r'(?:url\(|href=")#[^")]*', "", svg))


def test_another_color_is_refused() -> None:
    with pytest.raises(ValueError, match="#ff0000"):
        plate(color="#ff0000")


def test_ids_of_two_plates_do_not_meet() -> None:
    first, second = (set(re.findall(r'\bid="([^"]+)"', plate(last).svg)) for last in (3.0, 4.0))
    assert first
    assert not first & second


def test_the_text_changes_with_the_numbers() -> None:
    assert repr(plate(3.0)) != repr(plate(3.001))
    assert "rising: x 0 1 2; y 1 2 3" in repr(plate())


def test_the_book_gets_svg_and_a_notebook_a_picture_that_needs_no_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BOOK, "1")
    assert set(plate()._repr_mimebundle_()) == {"text/html", "text/plain"}
    monkeypatch.delenv(BOOK)
    assert set(plate()._repr_mimebundle_()) == {"image/png", "text/plain"}


def test_too_wide_for_a_phone_is_refused() -> None:
    with pytest.raises(ValueError, match="width=7"), sheet(2, width=7):
        pass


@pytest.mark.parametrize("places", [[0.0, 0.1, 0.2], [5.0, 1.0, 1.0, 1.5], [3.0], []])
def test_labels_keep_their_order_and_their_distance(places: list[float]) -> None:
    moved = spread(places, 1.0)
    for a, b in zip(np.argsort(places, kind="stable"), np.argsort(places, kind="stable")[1:], strict=False):
        assert moved[b] - moved[a] >= 1 - 1e-12
    assert sum(moved) == pytest.approx(sum(places))


def test_labels_with_room_stay_where_they_are() -> None:
    assert spread([7.0, 1.0, 3.0], 1.5) == [7.0, 1.0, 3.0]


def test_labels_on_a_drawing_do_not_overlap() -> None:
    with sheet(2) as (figure, ax):
        ax.set(xlim=(1, 10), ylim=(1, 100), xscale="log", yscale="log")
        label_ends(ax, [Label("a", 50, ONE), Label("b", 51, TWO), Label("two\nlines", 49, GREY)])
        figure.canvas.draw()
        boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 for low, high in itertools.pairwise(boxes))
    assert LINE > 1


def test_three_curves_end_on_their_entropies() -> None:
    record = published("question-plateau", "local")
    text = repr(plateaus.three_plateaus(record))
    assert text.count("entropy, ") == 3
    for row in record.summary["floors"]:
        assert f"{row['entropy']:.3f}" in text


def test_glyphs_are_distinct_and_damage_is_the_same_each_time() -> None:
    rows = glyphs.patterns()
    assert rows.shape == (6, 64)
    assert len(np.unique(rows, axis=0)) == 6
    damaged = glyphs.corrupt(rows[0], flips=7, seed=3)
    assert (damaged != rows[0]).sum() == 7
    np.testing.assert_array_equal(damaged, glyphs.corrupt(rows[0], flips=7, seed=3))
    assert glyphs.nearest(damaged) == ("E", 28.0)
    assert ((glyphs.glyph("E") - glyphs.glyph("F")) ** 2).sum() == min(
        ((a - b) ** 2).sum() for k, a in enumerate(rows) for b in rows[:k]
    )


def test_rows_of_glyphs_say_what_they_hold() -> None:
    half = glyphs.between("E", "F", 0.5)
    texts = [repr(glyphs.draw_rows({"stored": [dots]}, alt="A letter.")) for dots in (glyphs.glyph("E"), half)]
    assert texts[0] != texts[1]
    with pytest.raises(ValueError, match="64 numbers"):
        glyphs.draw_rows({"stored": [[1.0, 2.0]]}, alt="Too small.")
