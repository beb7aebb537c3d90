"""One cell of the size grid: its text, its model, when it stops, and that it repeats."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assocmem.experiments.size_grid.config import configure
from assocmem.experiments.size_grid.run import run, stops_after
from assocmem.experiments.size_grid.text import LETTERS, as_letters, grid_text, pieces_of
from assocmem.language.models.letter_decoder import LetterDecoder


@given(st.text(max_size=300))
def test_letters_are_letters_with_one_space_between(text: str) -> None:
    made = as_letters(text)
    assert set(made) <= set(LETTERS)
    assert "  " not in made
    assert made == made.strip()
    assert as_letters(made) == made


def test_pieces_hold_the_text_but_for_a_short_rest() -> None:
    text = " ".join("word" + "abcdefghij"[i % 10] for i in range(3000))
    pieces = list(pieces_of(text))
    joined = "".join(pieces)
    assert text.startswith(joined.strip())
    assert len(text) - len(joined) <= 1000
    assert all(piece.endswith(" ") and abs(len(piece) - 2000) < 20 for piece in pieces[:-1])


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("books") / "book.txt"
    make = torch.Generator().manual_seed(0)
    words = ["".join(LETTERS[1 + int(i)] for i in torch.randint(26, (4,), generator=make)) for _ in range(12_000)]
    path.write_text(" ".join(words), encoding="ascii")
    return path


def test_held_out_rows_are_the_same_for_all_cells_and_never_trained_on(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSOCMEM_CACHE", str(tmp_path / "cache"))
    first, second = (grid_text(str(book), tokens=9000, rows=20, context=16, seed=seed) for seed in (0, 1))
    assert torch.equal(first.held_out, second.held_out)
    assert not torch.equal(first.train, second.train)
    assert torch.equal(first.train, grid_text(str(book), tokens=9000, rows=20, context=16, seed=0).train)
    flat = torch.cat([first.held_out[0], first.held_out[1:, 1:].flatten()])
    assert torch.equal(first.held_out[1:, 0], first.held_out[:-1, -1])  # Each id is predicted once.
    held = "".join(LETTERS[i] for i in flat.tolist())
    trained = "".join(LETTERS[i] for i in first.train.tolist())
    assert not {held[i : i + 20] for i in range(len(held) - 20)} & {trained[i : i + 20] for i in range(8000)}
    byte_pairs = grid_text(str(book), tokens=2000, rows=5, context=16, seed=0, alphabet="bpe")
    assert byte_pairs.vocabulary == 512
    assert int(byte_pairs.train.max()) > len(LETTERS)
    contiguous = grid_text(str(book), tokens=2000, rows=5, context=16, seed=0, order="contiguous")
    run_of = "".join(LETTERS[i] for i in contiguous.train.tolist())
    assert run_of in as_letters(book.read_text())
    with pytest.raises(ValueError, match="tokens got 90000, and the text has"):
        grid_text(str(book), tokens=90_000, rows=20, context=16, seed=0)


@pytest.mark.parametrize("width", [8, 16, 32])
def test_the_blocks_hold_24_squares_of_the_width(width: int) -> None:
    model = LetterDecoder(27, width, heads=max(1, width // 16))
    assert model.counts == {"blocks": 24 * width**2, "norms": 5 * width, "table": 27 * width}
    rows = torch.randint(27, (3, 20), generator=torch.Generator().manual_seed(0))
    logits = model(rows)
    changed = rows.clone()
    changed[:, 12] = (changed[:, 12] + 1) % 27
    other = model(changed)
    assert torch.equal(logits[:, :12], other[:, :12])  # No place sees a later one.
    assert not torch.allclose(logits[:, 12:], other[:, 12:])
    moved = model(torch.cat([rows[:, :1], rows], 1))[:, 1:]
    assert not torch.allclose(moved, logits)  # Places matter.
    expected = -logits[:, :-1].log_softmax(-1).gather(-1, rows[:, 1:, None]).mean()
    assert float(model.nats(rows).detach()) == pytest.approx(float(expected.detach()), rel=1e-5)


def test_a_cell_repeats_and_its_record_has_every_loss(
    monkeypatch: pytest.MonkeyPatch, book: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("ASSOCMEM_CACHE", str(tmp_path / "cache"))
    small = {"data": str(book), "tokens": 600, "held_out_rows": 8, "passes": 30, "warmup": 5}
    config = configure("smoke", small)
    first, second = run(config), run(config)
    assert first.series == second.series
    assert first.series[-1]["step"] == sum(len(row["losses"]) for row in first.series)
    assert first.summary["least_held_out_nats"] == min(row["held_out"] for row in first.series)
    assert first.summary["censored"]
    assert run(configure("smoke", small | {"seed": 1})).series != first.series
    assert str(tmp_path) not in str(asdict(first))


def test_a_cell_stops_by_patience_or_by_half_of_what_led_to_the_minimum() -> None:
    falling = [3.0 - 0.1 * i for i in range(10)]
    assert not stops_after(falling, 50, 200)
    flat = [*falling, *[2.5] * 4]
    assert not stops_after(flat, 50, 200)
    assert stops_after([*falling, *[2.5] * 6], 50, 200)
    long = [3.0 - 0.01 * i for i in range(100)]
    assert not stops_after([*long, *[2.5] * 40], 50, 200)  # Half of 5,000 updates are more than 200.
    assert stops_after([*long, *[2.5] * 56], 50, 200)


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"width": 24}, "width must be a multiple of 16, or 8, got 24"),
        ({"tokens": 66, "context": 70}, "tokens must be more than context=70, got 66"),
        ({"patience": 30}, "patience must be two evaluations at least, got 30"),
        ({"alphabet": "runes"}, "alphabet"),
    ],
)
def test_bad_settings_are_named(overrides: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        configure("smoke", overrides)


def test_the_patience_is_over_when_it_is_just_reached() -> None:
    """The running median is least at the twelfth evaluation, after 600 updates: the half of that, 300, are enough."""
    held_out = [*(3.0 - 0.1 * i for i in range(10)), *[2.1] * 8]
    assert not stops_after(held_out[:-1], 50, 200)
    assert stops_after(held_out, 50, 200)
    assert stops_after(held_out, 50, 300)
    assert not stops_after(held_out, 50, 301)
