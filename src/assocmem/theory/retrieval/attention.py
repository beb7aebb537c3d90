"""One retrieval step as an attention step: the key bias that turns dot products into distances, and what it changes.

``-beta |x-rho|^2 = 2 beta x.rho - beta |rho|^2 - beta |x|^2``, and softmax ignores what all scores share: retrieval by
distance is attention with query x, keys 2 beta rho, values rho and the key bias ``-beta |rho|^2``. Without the bias it
is the update of the modern continuous Hopfield network at inverse temperature 2 beta.
For two patterns, with p = 2 x.(rho_j - rho_i) and ``q = |rho_j|^2 - |rho_i|^2``: rho_i is nearer iff p < q, and rho_j
has the larger dot product iff p > 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import sign, squared_norm, to_arb
from assocmem.theory.exact.distances import Distance, Point, Rows
from assocmem.theory.retrieval.descent import softmax


@dataclass(frozen=True)
class Scores:
    """Attention scores ``dot * beta x.rho + bias * beta |rho|^2``."""

    dot: Fraction = Fraction(2)
    bias: Fraction = Fraction(-1)


def shared_residual(stmt: Scores) -> sp.Expr:
    """Slope in rho of one coordinate of -beta (x-rho)^2 minus the stated score; 0 iff all patterns share the rest."""
    x, rho, beta = sp.symbols("x rho beta", real=True)
    score = stmt.dot * beta * x * rho + stmt.bias * beta * rho**2
    return sp.expand(sp.diff(-beta * (x - rho) ** 2 - score, rho))


def score_gap(stmt: Scores, distance: Distance, x: Point, rows: Rows, i: int, j: int) -> arb:
    """(score_i - score_j) - (d_j - d_i) at beta = 1: 0 iff the two weights have the same ratio in both."""

    def score(rho: Point) -> Fraction:
        return stmt.dot * dot(x, rho) + stmt.bias * squared_norm(rho)

    return to_arb(score(rows[i]) - score(rows[j])) - (distance(x, rows[j]) - distance(x, rows[i]))


def scale_free_gap(stmt: Scores, distance: Distance, x: Point, y: Point, rows: Rows) -> arb:
    """0 if one beta could make both weights' ratios of the first two patterns agree, at x and at y; else certainly not.

    The differences of the scores at one point times those of the distances at the other, subtracted: a multiple of the
    squared Euclidean distance gives 0 with the right scores.
    """

    def differences(point: Point) -> tuple[arb, arb]:
        wanted = distance(point, rows[1]) - distance(point, rows[0])
        return score_gap(stmt, distance, point, rows, 0, 1) + wanted, wanted

    (here, near), (there, far) = differences(x), differences(y)
    return here * far - there * near


def dot(x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
    """Exact inner product."""
    return sum((a * b for a, b in zip(x, y, strict=True)), Fraction(0))


def update(x: Point, rows: Rows, beta: Fraction, stmt: Scores) -> list[arb]:
    """The attention step sum_i softmax_i(scores) rho_i at an exact point, at the working precision."""
    scores = [to_arb(beta * (stmt.dot * dot(x, r) + stmt.bias * squared_norm(r))) for r in rows]
    w = softmax(scores)
    return [sum((v * to_arb(c) for v, c in zip(w, column, strict=True)), arb(0)) for column in zip(*rows, strict=True)]


def vandermonde_residual(d: int, factor: int = 1) -> sp.Expr:
    """Determinant of the derivatives of order 0..d-1 at 0 of e^(l_1 t), ..., e^(l_d t), minus factor prod (l_j - l_i).

    0 for factor = 1: the determinant vanishes for no distinct l.
    """
    lam = sp.symbols(f"l1:{d + 1}")
    matrix = sp.Matrix(d, d, lambda k, i: lam[i] ** k)
    return sp.expand(matrix.det() - factor * sp.prod([lam[j] - lam[i] for j in range(d) for i in range(j)]))


def order_residual(norms: int = 1) -> sp.Expr:
    """One coordinate of (d_i - d_j) - (p - norms q); 0 for every n, with norms = 1."""
    x, a, b = sp.symbols("x a b", real=True)
    return sp.expand((x - a) ** 2 - (x - b) ** 2 - (2 * x * (b - a) - norms * (b**2 - a**2)))


@dataclass(frozen=True)
class Slab:
    """rho_i nearest but rho_j of the larger dot product iff low < 2 x.(rho_j - rho_i) < high * (norm difference)."""

    low: Fraction = Fraction(0)
    high: Fraction = Fraction(1)

    def contains(self, x: Point, first: Point, second: Point) -> bool:
        """Whether the stated inequality holds for first nearer and second preferred."""
        p = 2 * dot(x, [b - a for a, b in zip(first, second, strict=True)])
        return self.low < p < self.high * (squared_norm(second) - squared_norm(first))


def parts(distance: Distance, x: Point, first: Point, second: Point) -> bool | None:
    """Whether first is strictly nearer and second has the strictly larger dot product; None where undecided."""
    order = sign(lambda: distance(x, second) - distance(x, first))
    if order is None:
        return None
    return order > 0 and dot(x, second) > dot(x, first)


PATTERN_PAIRS = (((0, 0), (2, 0)), ((1, 1), (3, -1)), ((1, 0), (0, 1)), ((1, 2), (3, 1)))
"""Pairs of patterns in the plane: a zero pattern, unequal norms, equal norms, unequal norms."""
GRID: tuple[tuple[Point, Point, Point], ...] = tuple(
    ((Fraction(a, 3), Fraction(b, 3)), tuple(map(Fraction, first)), tuple(map(Fraction, second)))
    for first, second in PATTERN_PAIRS
    for a in range(-6, 13)
    for b in range(-6, 7)
)
"""Exact points in the plane with each of ``PATTERN_PAIRS``, ties included."""


def slab_errors(stmt: Slab, distance: Distance) -> list[tuple[Point, Point, Point]]:
    """Entries of ``GRID`` at which the stated slab and the two winners disagree."""
    return [case for case in GRID if (apart := parts(distance, *case)) is not None and apart != stmt.contains(*case)]


def value_map(keys: Sequence[Sequence[int]], values: Sequence[Sequence[int]]) -> bool:
    """Whether values = keys W for some matrix W: the ranks of [keys] and [keys | values] agree."""
    left, right = sp.Matrix(keys), sp.Matrix(values)
    return bool(left.rank() == left.row_join(right).rank())


def mchn_step_residuals() -> list[sp.Expr]:
    """x - grad E_MCHN minus attention with query x and keys and values rho, three patterns in the plane, any beta.

    The derivative of LogSumExp is taken with its terms as symbols: d t_i / d x = beta rho_i t_i.
    """
    beta = sp.Symbol("beta", positive=True)
    x, t = sp.symbols("x1 x2", real=True), sp.symbols("t1:4", positive=True)
    rho = [sp.symbols(f"r{i}1 r{i}2", real=True) for i in (1, 2, 3)]
    energy = -sp.log(sum(t)) / beta
    out = []
    for k in (0, 1):
        slope = sum(sp.diff(energy, s) * beta * row[k] * s for s, row in zip(t, rho, strict=True)) + x[k]
        attended = sum(s * row[k] for s, row in zip(t, rho, strict=True)) / sum(t)
        out.append(sp.cancel(sp.together(x[k] - slope - attended)))
    return out
