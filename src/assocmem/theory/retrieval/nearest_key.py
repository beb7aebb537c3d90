"""Attention as a search: the heaviest key against the nearest one, and the output against the nearest pattern.

``|q-a|^2 - |q-b|^2 = |a|^2 - |b|^2 - 2 q.(a-b)``, so the heavier key is nearer up to the difference of the squared
norms. Replacing q by t q and k by (k-c)/t leaves every q.(a-b) as it is and moves the norms.

For the output T(x) = sum_i w_i rho_i of a retrieval by distance, w_j <= w_j/w_nn = exp(-beta (d_j - d_nn)), so
``|T(x) - rho_nn| <= sum_j w_j |rho_j - rho_nn| <= (d-1) exp(-beta gamma) max_j |rho_j - rho_nn|`` with the gap gamma.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import precision, squared_distance, to_arb
from assocmem.theory.exact.distances import Point, Rows
from assocmem.theory.retrieval.descent import step

Vector = tuple[Fraction, ...]


def inner(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """x.y, the score of attention up to a positive factor."""
    return sum(a * b for a, b in zip(x, y, strict=True))


def minus_inner(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """-x.y, for a head that looks away from what is like the query."""
    return -inner(x, y)


def minus_square(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """``-|x-y|^2``, the score of a search by distance."""
    return -sum((a - b) * (a - b) for a, b in zip(x, y, strict=True))


def pair_residual(score: Callable[..., Any] = inner) -> sp.Expr:
    """(q-a)^2 - (q-b)^2 - (a^2 - b^2) + 2(s(q,a) - s(q,b)) in one coordinate; 0 for the scores s(q,k) = qk.

    Summed over the coordinates: squared distances differ by squared norms less twice the difference of the scores.
    """
    q, a, b = sp.symbols("q a b", real=True)
    scores = score([q], [a]) - score([q], [b])
    return sp.expand((q - a) ** 2 - (q - b) ** 2 - (a**2 - b**2) + 2 * scores)


def ray_residual() -> sp.Expr:
    """What a query on the ray of a longest key a shows, b a shorter one: ``|a| = A > B = |b|``, a.b = p >= -AB.

    At q = ta, t = (A-B)/(4A), the key a is farther than b by A^2 (1-2t) + 2tp - B^2, which is at least
    (A+B)(A-B)/2 > 0; but a search that is right at q = a, where a is the nearest, gives a the largest a.k, and then
    the largest ta.k too. The residual of that bound at p = -AB; 0.
    """
    long, short = sp.symbols("A B", positive=True)
    t = (long - short) / (4 * long)
    least = long**2 * (1 - 2 * t) + 2 * t * (-long * short) - short**2
    return sp.simplify(least - (long + short) * (long - short) / 2)


PLANE = ((0, 0), (1, 0), (3, 4), (5, 0), (4, 3), (-1, 2), (2, 2), (4, 0), (3, 2))
"""Points of the plane, among them several of one norm."""


def cases() -> Iterator[tuple[Vector, Vector, Vector]]:
    """Exact queries, each with a pair of keys, on the line and in the plane."""
    line = [(Fraction(1, 8),), *((Fraction(v, 2),) for v in range(-4, 5))]
    plane = [tuple(map(Fraction, v)) for v in PLANE]
    for points in (line, plane):
        yield from product(points, repeat=3)


def exceeds(gap: Fraction) -> tuple[Vector, Vector, Vector, Fraction] | None:
    """A query, its heavier key j and another key i with ``|q-k_j|^2 > |q-k_i|^2 + gap (|k_j|^2 - |k_i|^2)``, and by
    how much.
    """
    for q, j, i in cases():
        excess = minus_square(q, i) - minus_square(q, j)
        if inner(q, j) >= inner(q, i) and excess > gap * (inner(j, j) - inner(i, i)):
            return q, j, i, excess
    return None


def disagrees(condition: Callable[[Vector, Vector], bool]) -> tuple[Vector, Vector, Vector] | None:
    """A query whose heavier key j is farther than i, for two distinct keys that meet the condition; None where none
    is met.
    """
    for q, j, i in cases():
        nearer = minus_square(q, i) > minus_square(q, j)
        if j != i and condition(j, i) and inner(q, j) >= inner(q, i) and nearer:
            return q, j, i
    return None


def same_norm(j: Vector, i: Vector) -> bool:
    """Whether two keys have the same norm."""
    return bool(inner(j, j) == inner(i, i))


def always_agree(j: Vector, i: Vector) -> bool:
    """Whether the heavier of two keys is the nearer one at every query of their kind in ``cases`` and on their rays."""
    rays = [tuple(t * c for c in k) for k in (j, i) for t in (Fraction(1), Fraction(1, 100))]
    tried = [*dict.fromkeys(q for q, _, _ in cases() if len(q) == len(j)), *rays]
    for a, b in ((j, i), (i, j)):
        if any(inner(q, a) >= inner(q, b) and minus_square(q, b) > minus_square(q, a) for q in tried):
            return False
    return True


@dataclass(frozen=True)
class Gauge:
    """Queries times scale**query, and keys less a constant times scale**key."""

    query: int = 1
    key: int = -1

    def moved(self, query: Fraction, keys: Sequence[Fraction], scale: Fraction) -> tuple[Fraction, list[Fraction]]:
        """A query and keys on the line in the new coordinates, exactly; the constant is 0."""
        return scale**self.query * query, [scale**self.key * k for k in keys]


def gauge_residuals(stmt: Gauge) -> tuple[sp.Expr, sp.Expr]:
    """In one coordinate: the change of q.(a-b); and the differences of squared distances less their part that falls.

    The second is 0 if, with scores kept, the squared distances differ by -2q.(a-b) + ((a-c)^2 - (b-c)^2)/t^2.
    """
    q, a, b, c = sp.symbols("q a b c", real=True)
    t = sp.Symbol("t", positive=True)

    def moved(key: sp.Symbol) -> sp.Expr:
        return t**stmt.key * (key - c)

    query = t**stmt.query * q
    scores = sp.expand(query * (moved(a) - moved(b)) - q * (a - b))
    gap = (query - moved(a)) ** 2 - (query - moved(b)) ** 2 + 2 * q * (a - b) - ((a - c) ** 2 - (b - c) ** 2) / t**2
    return scores, sp.expand(gap)


def heaviest_and_nearest(query: Fraction, keys: Sequence[Fraction]) -> tuple[int, int]:
    """The places of the heaviest and of the nearest key on the line; of equals the first."""
    heaviest = max(range(len(keys)), key=lambda i: query * keys[i])
    nearest = min(range(len(keys)), key=lambda i: abs(query - keys[i]))
    return heaviest, nearest


@dataclass(frozen=True)
class Nearness:
    """``|T(x) - rho_nn| <= (d-1)^count * exp(-rate beta gamma) * reach * max_j |rho_j - rho_nn|``, gamma >= 0."""

    count: int = 1
    rate: Fraction = Fraction(1)
    reach: Fraction = Fraction(1)


def one_more_pattern() -> bool:
    """The step of the bound from k to k + 1 patterns beside the nearest, for the sum of their weights.

    With a = exp(-beta gamma) and k a - v, v >= 0, the sum so far, another pattern adds a/(1+z), z >= 0, at most,
    its distance exceeding the gap: (k+1) a less the new sum is v + a z/(1+z) >= 0.
    """
    a, k = sp.symbols("a k", positive=True)
    v, z = sp.symbols("v z", nonnegative=True)
    rest = sp.simplify((k + 1) * a - ((k * a - v) + a / (1 + z)))
    return bool(sp.simplify(rest - (v + a * z / (1 + z))) == 0 and (v + a * z / (1 + z)).is_nonnegative)


def weight_below_ratio() -> bool:
    """t_j/(t_nn + t_j + rest) <= t_j/t_nn for positive terms and a nonnegative rest: the difference is nonnegative."""
    own, other = sp.symbols("t_nn t_j", positive=True)
    rest = sp.Symbol("rest", nonnegative=True)
    gap = sp.factor(other / own - other / (own + other + rest))
    written = other * (other + rest) / (own * (own + other + rest))
    return bool(sp.simplify(gap - written) == 0 and written.is_nonnegative)


GAPS: tuple[tuple[Point, Rows, Fraction], ...] = tuple(
    (tuple(map(Fraction, x)), tuple(tuple(map(Fraction, row)) for row in rows), Fraction(beta))
    for x, rows, beta in (
        (("0",), (("0",), ("1",)), "3"),
        (("1/4",), (("0",), ("1",)), "2"),
        (("0", "0"), (("0", "0"), ("1", "0"), ("0", "1")), "3"),
        (("1",), (("-1",), ("1",)), "1"),
        (("1/2", "0"), (("0", "0"), ("2", "1"), ("3", "0"), ("0", "3")), "1"),
        (("1/2",), (("0",), ("1",)), "1"),
    )
)
"""Exact points, patterns and inverse temperatures; the last has no gap."""


def nearness_slack(stmt: Nearness, x: Point, rows: Rows, beta: Fraction) -> tuple[arb, arb]:
    """(the stated bound, ``|T(x) - rho_nn|``) at an exact point, at the working precision."""
    squares = [squared_distance(x, row) for row in rows]
    own = min(range(len(rows)), key=lambda i: squares[i])
    gap = min(v for i, v in enumerate(squares) if i != own) - squares[own]
    farthest = max(squared_distance(rows[own], row) for row in rows)
    off = [a - to_arb(b) for a, b in zip(step([to_arb(c) for c in x], rows, beta), rows[own], strict=True)]
    length = sum((c * c for c in off), arb(0)).sqrt()
    bound = to_arb(stmt.reach) * (-to_arb(stmt.rate * beta * gap)).exp() * to_arb(farthest).sqrt()
    return (len(rows) - 1) ** stmt.count * bound, length


def first_of_gaps_agrees() -> bool:
    """Whether bound and distance for 0 among 0 and 1 at beta = 3 are e^-3 and 1/(1 + e^3); with a third, 2 e^-3.

    At 1/4 and beta = 2 the gap of the squares is 1/2, and the bound e^-1.
    """
    small = (-arb(3)).exp()
    (one, length), (two, _) = nearness_slack(Nearness(), *GAPS[0]), nearness_slack(Nearness(), *GAPS[2])
    between = nearness_slack(Nearness(), *GAPS[1])[0] - (-arb(1)).exp()
    return all(gap.contains(0) for gap in (one - small, length - small / (1 + small), two - 2 * small, between))


def broken_nearness(stmt: Nearness) -> str | None:
    """A point of ``GAPS`` at which the output is certainly farther away than stated, in words, or None."""
    with precision(128):
        for x, rows, beta in GAPS:
            bound, length = nearness_slack(stmt, x, rows, beta)
            if length > bound:
                shown = ", ".join("(" + ", ".join(map(str, row)) + ")" for row in rows)
                return (
                    f"x=({', '.join(map(str, x))}), patterns {shown}, beta={beta}: the output is "
                    f"{float(length.mid()):.6f} away, more than {float(bound.mid()):.6f}"
                )
    return None


def output_on_two(beta: Fraction = Fraction(1)) -> tuple[arb, arb]:
    """T(1) for the patterns 1 and -1, by its weights, and in closed form tanh(2 beta): less than 1."""
    by_weights = step([arb(1)], ((Fraction(1),), (Fraction(-1),)), beta)[0]
    return by_weights, to_arb(2 * beta).tanh()
