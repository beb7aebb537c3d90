"""The running example of the memory chapters: six small letters drawn in code, corrupted, and shown in rows.

A glyph is 8 x 8 dots, a pattern its 64 numbers, 1 for ink and -1 for paper. E and F differ in one stroke, so that a
memory that is too warm merges them. Retrieval is done elsewhere: here is plain data in, a picture out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from numpy.typing import ArrayLike

from assocmem.figures.interactive import moments
from assocmem.figures.plate import GREY, INK, WIDTH, Plate, sheet

SIDE = 8
_ROWS = {
    "E": ".######. .#...... .#...... .#####.. .#...... .#...... .######. ........",
    "F": ".######. .#...... .#...... .#####.. .#...... .#...... .#...... ........",
    "H": ".#....#. .#....#. .#....#. .######. .#....#. .#....#. .#....#. ........",
    "O": "..####.. .#....#. .#....#. .#....#. .#....#. .#....#. ..####.. ........",
    "T": ".######. ...##... ...##... ...##... ...##... ...##... ...##... ........",
    "X": ".#....#. ..#..#.. ...##... ...##... ...##... ..#..#.. .#....#. ........",
}
NAMES = tuple(_ROWS)
"""The letters that are stored, in the order of ``patterns``."""


def glyph(name: str) -> Float[np.ndarray, 64]:
    """The 64 dots of a letter, row by row: 1 for ink, -1 for paper.

    Raises
    ------
    ValueError
        For a letter that is not drawn.
    """
    if name not in _ROWS:
        raise ValueError(f"name={name!r}; takes one of {', '.join(NAMES)}")
    return np.array([1.0 if dot == "#" else -1.0 for dot in _ROWS[name].replace(" ", "")])


def patterns(names: Iterable[str] = NAMES) -> Float[np.ndarray, "d 64"]:
    """One row for each letter."""
    return np.stack([glyph(name) for name in names])


def corrupt(dots: ArrayLike, *, flips: int = 0, noise: float = 0.0, seed: int = 0) -> Float[np.ndarray, 64]:
    """A damaged copy: some dots turned over, then noise added to all; the same for the same seed.

    Parameters
    ----------
    dots : ArrayLike
        A glyph.
    flips : int
        How many dots change their sign.
    noise : float
        Standard deviation of the normal noise.
    seed : int
        Of the choice of dots and of the noise.

    Raises
    ------
    ValueError
        For more flips than dots, or a negative number of flips or noise.
    """
    out = np.array(dots, dtype=float).ravel()
    if not 0 <= flips <= out.size or noise < 0:
        raise ValueError(f"flips={flips} and noise={noise}; takes up to {out.size} flips and noise of at least 0")
    random = np.random.default_rng(seed)
    out[random.choice(out.size, flips, replace=False)] *= -1
    return out + noise * random.standard_normal(out.size) if noise else out


def nearest(dots: ArrayLike, names: Sequence[str] = NAMES) -> tuple[str, float]:
    """The letter nearest to a picture, and the squared distance to it."""
    distances = ((patterns(names) - np.asarray(dots, dtype=float).ravel()) ** 2).sum(1)
    return names[int(distances.argmin())], float(distances.min())


def between(low: str, high: str, share: float) -> Float[np.ndarray, 64]:
    """The point at a share of the way from one letter to another."""
    return (1 - share) * glyph(low) + share * glyph(high)


def draw_rows(rows: Mapping[str, Sequence[ArrayLike]], *, alt: str, heads: Sequence[str] = ()) -> Plate:
    """Rows of pictures, each with its name on the left: stored, corrupted, retrieved step by step.

    A dot is a square whose area grows from nothing at -1 to full at 1, so that pictures between two letters show both.

    Parameters
    ----------
    rows : Mapping[str, Sequence[ArrayLike]]
        Pictures of 64 numbers by the words for their row.
    alt : str
        What a reader who cannot see the drawing needs to know.
    heads : Sequence[str]
        Words above the columns.

    Raises
    ------
    ValueError
        When there is nothing to draw, or a picture has other than 64 numbers.
    """
    pictures = {name: [np.asarray(dots, dtype=float).ravel() for dots in row] for name, row in rows.items()}
    wrong = [name for name, row in pictures.items() if any(dots.size != SIDE**2 for dots in row)]
    if not any(pictures.values()) or wrong:
        raise ValueError(f"rows {wrong or list(rows)}; takes pictures of {SIDE**2} numbers, at least one")
    most, step = max(map(len, pictures.values())), SIDE + 1.5
    with sheet(1) as (figure, ax):
        for k, (name, row) in enumerate(pictures.items()):
            top = -k * step
            ax.text(-1, top - SIDE / 2, name, ha="right", va="center")
            for j, dots in enumerate(row):
                _draw(ax, dots, j * step, top)
        for j, head in enumerate(heads):
            ax.text(j * step + SIDE / 2, 0.7, head, ha="center", va="bottom")
        ax.set(xlim=(0, most * step - 1.5), ylim=(-len(pictures) * step + 1.2, 0.3), aspect="equal")
        ax.set_axis_off()
        margin = max(len(line) for name in pictures for line in name.split("\n")) * 0.085 + 0.25
        scale = min(0.09, (WIDTH - margin) / (most * step))
        figure.set_size_inches(WIDTH, len(pictures) * step * scale + (0.35 if heads else 0.1))
        notes = [f"{name}, {j + 1}: {moments(dots)}" for name, row in pictures.items() for j, dots in enumerate(row)]
        return Plate(figure, alt=alt, notes=[" ".join(note.split()) for note in notes])


def _draw(ax: Axes, dots: np.ndarray, left: float, top: float) -> None:
    """One picture: its frame, and a square for each dot."""
    frame = np.array([[left, top], [left + SIDE, top], [left + SIDE, top - SIDE], [left, top - SIDE], [left, top]])
    ax.plot(*frame.T, color=GREY, lw=0.6)
    half = 0.5 * np.sqrt(np.clip((dots + 1) / 2, 0, 1))
    x = left + 0.5 + np.tile(np.arange(SIDE), SIDE)
    y = top - 0.5 - np.repeat(np.arange(SIDE), SIDE)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    squares = np.stack([x, y], 1)[:, None] + half[:, None, None] * corners
    drawn = squares[half > 0.02]
    if len(drawn):
        ax.add_collection(PolyCollection(list(drawn), facecolors=INK, edgecolors="none"))


__all__ = ["NAMES", "SIDE", "between", "corrupt", "draw_rows", "glyph", "nearest", "patterns"]
