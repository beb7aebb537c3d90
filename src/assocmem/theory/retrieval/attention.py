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
from assocmem.theory.retrieval.descent import mean, softmax


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


def independence_step(shift: int = 1) -> bool:
    """The step from d - 1 to d exponentials with distinct rates that are linearly independent.

    If sum_i c_i e^(l_i t) = 0, then e^(-l_d t) times it has the derivative sum_{i<d} c_i (l_i - l_d) e^((l_i - l_d) t),
    which is 0, too: d - 1 exponentials with distinct rates, so all c_i (l_i - l_d) are 0, and c_d with them. One term,
    any i, is differentiated; ``shift`` times l_d is what the factor subtracts, and only 1 removes the last term.
    """
    t, c, own, last, other = sp.symbols("t c l_i l_d l_j", real=True)
    factor = sp.exp(-shift * last * t)
    moved = sp.diff(factor * c * sp.exp(own * t), t) - c * (own - last) * sp.exp((own - last) * t)
    gone = sp.diff(factor * c * sp.exp(last * t), t)
    apart = (own - last) - (other - last) - (own - other)
    return bool(sp.simplify(moved) == 0 and sp.simplify(gone) == 0 and sp.expand(apart) == 0)


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


_x, _other, _beta = sp.symbols("x_a x_b beta", real=True)
_S, _A, _B, _M = sp.symbols("S A_a A_b M_ab", positive=True)


def mchn_rules() -> list[sp.Expr]:
    """What one more term t = e^(beta x.rho) does to the sums S of the t_i, A_a of rho_ia t_i: d/dx_b is beta A_b, beta
    M_ab.

    The rules are linear in the sums and hold for none; 0 for a term means that they hold for any number of patterns.
    """
    ra, rb, rest = sp.symbols("rho_a rho_b rest", real=True)
    term = rest * sp.exp(_beta * _other * rb)
    return [
        sp.simplify(sp.diff(term, _other) - _beta * rb * term),
        sp.simplify(sp.diff(ra * term, _other) - _beta * ra * rb * term),
    ]


def mchn_step_residual() -> sp.Expr:
    """x - grad E_MCHN minus attention with query x and keys and values rho, in one coordinate; any patterns and beta.

    With the rules of ``mchn_rules`` for S = sum_i t_i: attention gives A_a/S.
    """
    slope = sp.diff(-sp.log(_S) / _beta, _S) * _beta * _A + _x
    return sp.simplify(_x - slope - _A / _S)


def mchn_step_by_differences(x: Fraction, rows: Rows, beta: Fraction, width: str = "1e-30") -> arb:
    """x - E_MCHN'(x) for patterns on the line, the derivative as a central difference, at the working precision."""
    h = arb(width)

    def energy(at: arb) -> arb:
        total = sum(((to_arb(beta) * at * to_arb(row[0])).exp() for row in rows), arb(0))
        return -total.log() / to_arb(beta) + at * at / 2

    return to_arb(x) - (energy(to_arb(x) + h) - energy(to_arb(x) - h)) / (2 * h)


def mchn_slope_residuals(factor: sp.Expr | int = 1) -> list[sp.Expr]:
    """d f_a / d x_b - factor * beta Cov_p(rho)_ab for the update f of the MCHN, a = b and a != b; 0 for factor = 1.

    As grad E_MCHN = x - f(x), the Hessian is I - beta Cov_p.
    """
    out = []
    for b in (_A, _B):
        slope = sp.diff(_A / _S, _S) * _beta * b + sp.diff(_A / _S, _A) * _beta * _M
        out.append(sp.simplify(slope - factor * _beta * (_M / _S - _A * b / _S**2)))
    return out


def mchn_descent_residual(parts: int = 2) -> sp.Expr:
    """E_MCHN(x) - E_MCHN(f(x)) - ``|x - f(x)|^2``/parts - KL/beta in one coordinate; 0 for parts = 2.

    The logarithmic part falls by sum_i p_i (f(x) - x).rho_i + KL/beta (``descent.identity_residual``, for the scores
    -x.rho_i in place of distances), and sum_i p_i rho_i = f(x).
    """
    x, f, rho = sp.symbols("x f rho", real=True)
    scores = mean((f - x) * rho, rho, (sp.Integer(1), f))
    return sp.expand(scores + (x**2 - f**2) / 2 - (x - f) ** 2 / parts)
