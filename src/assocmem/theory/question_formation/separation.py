"""How far apart lines lie once every word is a vector: near lines stay near, however long the lines may be.

A line of T tokens is the row of its word vectors, a point of R^(T d_emb). Lines that differ in m places differ in these
m blocks alone; what a position adds to each block cancels. With word vectors of norm at most b their distance is at
most 2 b sqrt(m), while the diameter of the balls of equation (14) is 2 sqrt(T d_emb/(2 pi e)).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import precision, squared_distance, squared_norm, to_arb
from assocmem.theory.exact.distances import Distance

Point = tuple[Fraction, ...]
BITS = 128


def one_hot(line: Sequence[str], words: Sequence[str], scale: Fraction = Fraction(1)) -> Point:
    """The line as a row of one-hot vectors of length ``scale``: one coordinate for each place and word.

    Raises
    ------
    ValueError
        For a word that is not among ``words``.
    """
    numbers = {word: k for k, word in enumerate(words)}
    unknown = [word for word in line if word not in numbers]
    if unknown:
        raise ValueError(f"words must hold all of the line, got {unknown[0]!r}")
    row = [Fraction(0)] * (len(line) * len(words))
    for place, word in enumerate(line):
        row[place * len(words) + numbers[word]] = scale
    return tuple(row)


def places_apart(first: Sequence[str], second: Sequence[str]) -> int:
    """Hamming distance of two lines of equal length.

    Raises
    ------
    ValueError
        For different lengths.
    """
    return sum(a != b for a, b in zip(first, second, strict=True))


def squared_radius(tokens: int, width: int) -> arb:
    """n/(2 pi e) for n = T d_emb."""
    with precision(BITS):
        return to_arb(tokens * width) / (2 * arb.pi() * arb(1).exp())


def middle(first: Point, second: Point) -> Point:
    """The midpoint."""
    return tuple((a + b) / 2 for a, b in zip(first, second, strict=True))


def placed(first: Point, second: Point, places: int, scale: Fraction = Fraction(1)) -> bool:
    """Whether rows of one-hot vectors that differ in so many places lie as they must, in exact arithmetic.

    Squared distances: 2 s^2 for each place, a quarter of it from the midpoint; each row from 0 as far as it is long.
    """
    square, between = 2 * places * scale**2, middle(first, second)
    halves = (squared_distance(between, first), squared_distance(between, second))
    ones = {sum(x != 0 for x in row) for row in (first, second)}
    norms = {squared_norm(row) for row in (first, second)}
    return (
        squared_distance(first, second) == square
        and set(halves) == {square / 4}
        and norms == {count * scale**2 for count in ones}
    )


def balls_meet(distance: Distance, first: Point, second: Point, square: arb) -> bool:
    """Whether the midpoint lies in both balls of the radius; the squared distance is compared with its square."""
    between = middle(first, second)
    with precision(BITS):
        limit = square if distance.has("squared euclidean") else square.sqrt()
        return bool(distance(between, first) < limit) and bool(distance(between, second) < limit)


def difference_bound() -> tuple[sp.Expr, sp.Expr]:
    """``2(|u|^2 + |v|^2) - |u - v|^2 = |u + v|^2``, by coordinate: the residual, and the bound for two norms at
    most b.
    """
    u, v, b = sp.symbols("u v b", real=True)
    residual = sp.expand(2 * (u**2 + v**2) - (u - v) ** 2 - (u + v) ** 2)
    return residual, 2 * (b**2 + b**2)


def needed_rms(tokens: int, places: int) -> arb:
    """The root mean square of a word vector's coordinates from which two lines can be 2r apart: 2b sqrt(m) >= 2r.

    With b = s sqrt(d_emb) this is s^2 >= T/(2 pi e m).
    """
    with precision(BITS):
        return (squared_radius(tokens, 1) / places).sqrt()


def spread_step() -> sp.Expr:
    """sum_(i<j) (x_i - x_j)^2 = V sum x_i^2 - (sum x_i)^2, by coordinate: the residual of one point more, 0.

    With V points, their sum and the sum of their squares as symbols, a point x adds V x^2 - 2 x sum + squares to the
    left side. At V = 0 both sides are 0, so the identity behind ``widest_words`` holds for every number of points.
    """
    count, total, squares, x = sp.symbols("V s q x", real=True)
    before = count * squares - total**2
    added = count * x**2 - 2 * x * total + squares
    return sp.expand(before + added - ((count + 1) * (squares + x**2) - (total + x) ** 2))


def widest_words(words: int, width: int) -> Fraction:
    """The largest possible square of the smallest distance among so many unit vectors, where a closed form is known.

    By the identity the V(V-1)/2 squared distances add up to at most V^2, so the smallest is at most 2V/(V-1); the
    corners of a simplex attain it for V <= width + 1. For width + 2 <= V <= 2 width it is 2 (Rankin 1955).

    Raises
    ------
    ValueError
        For V < 2 or V > 2 width.
    """
    if not 2 <= words <= 2 * width:
        raise ValueError(f"words must lie between 2 and {2 * width}, got {words}")
    return Fraction(2 * words, words - 1) if words <= width + 1 else Fraction(2)


def simplex_distance(words: int) -> Fraction:
    """Squared distance of the corners e_i - (1/V) sum e_j, scaled to length 1; they span V - 1 dimensions."""
    corner = [Fraction(int(k == 0)) - Fraction(1, words) for k in range(words)]
    other = [Fraction(int(k == 1)) - Fraction(1, words) for k in range(words)]
    return squared_distance(corner, other) / squared_norm(corner)
