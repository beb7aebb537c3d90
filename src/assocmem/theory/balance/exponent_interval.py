"""Which laws between N and D pass through the boxes of Table 3, exactly: the resolution of the grid and nothing else.

The rule of the table picks the first size of a grid that meets it. If the error falls with D, it meets the threshold
somewhere above the last size that failed and at most at the one picked: D lies in the *box* (before, D*] of its row.
A law passes if every N sends it into its box.

**Lines.** Many laws are lines after a change of scale, X(D) = s Y(N) + t: powers N = c D^p with X = Y = log, s = 1/p.
For fixed s the intercepts that a row allows are the half-open interval (X(before) - s Y, X(D*) - s Y]. Intervals on a
line that meet in pairs have a common point (Helly), and rows i < j meet exactly if

    X(before_j) - X(D*_i) < s (Y_j - Y_i) < X(D*_j) - X(before_i).

So the slopes that pass form an open interval with explicit ends.

**Multiples.** For N = c f(D) with f rising, a row allows c in [N/f(D*), N/f(before)), and all rows together a common c
exactly if the largest lower end is below the smallest upper end.

Signs are decided in Arb on exact rationals; a tie that no precision settles raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Literal

from flint import arb

from assocmem.theory.balance.table_three import CONTEXT, MILLION, ROWS, Row
from assocmem.theory.exact.certified import precision, sign, to_arb

Scale = Callable[[Fraction], arb]
Family = Literal["power", "affine", "logarithmic", "exponential"]


@dataclass(frozen=True)
class Box:
    """What one row says of D in millions of tokens: above < D <= upto at ``size`` million parameters.

    Raises
    ------
    ValueError
        Unless 0 < above < upto and size > 0.
    """

    size: Fraction
    above: Fraction
    upto: Fraction

    def __post_init__(self) -> None:
        if not (0 < self.above < self.upto and self.size > 0):
            raise ValueError(f"{self} is empty or not positive; takes size > 0 and 0 < above < upto")

    def holds(self, tokens: Fraction) -> bool:
        """Whether a size of data lies in the box."""
        return self.above < tokens <= self.upto


@dataclass(frozen=True)
class LogQuotient:
    """log(top)/log(bottom) for exact rationals, as exponents between two sizes are."""

    top: Fraction
    bottom: Fraction

    def ball(self) -> arb:
        """A certified enclosure at the working precision."""
        return to_arb(self.top).log() / to_arb(self.bottom).log()

    def __float__(self) -> float:
        return float(self.ball().mid())


def boxes(rows: Sequence[Row] = ROWS) -> tuple[Box, ...]:
    """The boxes of Table 3, from the highlighted sizes and those before them."""
    return tuple(Box(row.size, row.before, row.star) for row in rows)


def _below(first: Callable[[], arb], second: Callable[[], arb]) -> bool:
    """Certified first < second; raises ArithmeticError if undecided."""
    order = sign(lambda: second() - first())
    if order is None:
        raise ArithmeticError("a comparison stayed undecided at every precision")
    return order > 0


def _largest(values: Iterable[LogQuotient]) -> LogQuotient:
    best, *rest = dict.fromkeys(values)
    for value in rest:
        best = value if _below(best.ball, value.ball) else best
    return best


def _smallest(values: Iterable[LogQuotient]) -> LogQuotient:
    best, *rest = dict.fromkeys(values)
    for value in rest:
        best = value if _below(value.ball, best.ball) else best
    return best


def pair_exponents(first: Box, second: Box) -> tuple[LogQuotient, LogQuotient | None]:
    """Open ends of the exponents p of N = c D^p that pass through two boxes; None where there is no upper end.

    Raises
    ------
    ValueError
        Unless the second box has the larger N and reaches beyond the first.
    """
    if second.size <= first.size or second.upto <= first.above:
        raise ValueError(f"boxes must ascend in N and D, got {first} and {second}")
    growth = second.size / first.size
    low = LogQuotient(growth, second.upto / first.above)
    return low, LogQuotient(growth, second.above / first.upto) if second.above > first.upto else None


def exponent_limits(of: Sequence[Box] | None = None) -> tuple[LogQuotient, LogQuotient | None]:
    """Open ends of the exponents p of the laws N = c D^p that pass through all boxes (those of Table 3 by default).

    Raises
    ------
    ValueError
        If no power law passes through the boxes.
    """
    pairs = [pair_exponents(a, b) for a, b in combinations(of or boxes(), 2)]
    low, above = _largest([p[0] for p in pairs]), [p[1] for p in pairs if p[1] is not None]
    high = _smallest(above) if above else None
    if high is not None and not _below(low.ball, high.ball):
        raise ValueError("no power law passes through these boxes")
    return low, high


# Laws with a free factor, N = c f(D).


def tokens(value: Fraction) -> arb:
    """D in tokens, from millions."""
    return to_arb(value * MILLION)


def power(exponent: Fraction) -> Scale:
    """f(D) = D^exponent."""
    return lambda value: (to_arb(exponent) * to_arb(value).log()).exp()


def log_samples(exponent: int) -> Scale:
    """f(D) = log(D/T_max)^exponent: how N grows where Z = 1 is solved without slips."""
    return lambda value: (tokens(value) / CONTEXT).log() ** exponent


def multiple_passes(law: Scale, of: Sequence[Box] | None = None) -> bool:
    """Whether N = c f(D) passes through all boxes for some c."""
    rows = tuple(of or boxes())

    def crosses(a: Box, b: Box) -> bool:
        """The lower end of row a below the upper end of row b: N_a/f(upto_a) < N_b/f(above_b)."""
        return _below(lambda: to_arb(a.size) / law(a.upto), lambda: to_arb(b.size) / law(b.above))

    return all(crosses(a, b) for a in rows for b in rows)


# Laws with two free numbers, X(D) = s Y(N) + t.


def _log(value: Fraction) -> arb:
    return to_arb(value).log()


FAMILIES: dict[Family, tuple[Scale, Scale]] = {
    "power": (_log, _log),
    "affine": (to_arb, to_arb),
    "logarithmic": (_log, to_arb),
    "exponential": (to_arb, _log),
}
"""Scales X of D and Y of N: N is a power of D, affine in D, affine in log D, or exponential in D."""


@dataclass(frozen=True)
class Line:
    """A law X(D) = slope Y(N) + intercept of a family; sizes in millions."""

    family: Family
    slope: Fraction
    intercept: Fraction

    def scaled(self, size: Fraction) -> arb:
        """X(D) at N = size."""
        return to_arb(self.slope) * FAMILIES[self.family][1](size) + to_arb(self.intercept)

    def data(self, size: float) -> float:
        """D in millions of tokens at N = size million parameters, in float64 precision."""
        with precision(64):
            value = self.scaled(Fraction(size))
            return float((value.exp() if FAMILIES[self.family][0] is _log else value).mid())

    def passes(self, of: Sequence[Box] | None = None) -> bool:
        """Certified: the law sends every N into its box."""
        return all(self._enters(box) for box in of or boxes())

    def _enters(self, box: Box) -> bool:
        scale = FAMILIES[self.family][0]
        above = sign(lambda: self.scaled(box.size) - scale(box.above))
        upto = sign(lambda: scale(box.upto) - self.scaled(box.size))
        return above == 1 and upto is not None and upto >= 0


def line_through(family: Family, of: Sequence[Box] | None = None) -> Line | None:
    """A law of the family that passes, with short rational numbers, or None if certainly none does.

    Raises
    ------
    ArithmeticError
        If two slopes tie.
    """
    rows, (x, y) = tuple(of or boxes()), FAMILIES[family]
    pairs = list(combinations(rows, 2))

    def low(a: Box, b: Box) -> arb:
        return (x(b.above) - x(a.upto)) / (y(b.size) - y(a.size))

    def high(a: Box, b: Box) -> arb:
        return (x(b.upto) - x(a.above)) / (y(b.size) - y(a.size))

    def meet(first: tuple[Box, Box], second: tuple[Box, Box]) -> bool:
        return _below(lambda: low(*first), lambda: high(*second))

    if not all(meet(p, r) for p in pairs for r in pairs):
        return None
    ends = max(float(low(*p).mid()) for p in pairs), min(float(high(*p).mid()) for p in pairs)
    return _with_slope(family, _short(*ends), rows)


def power_through(exponent: Fraction, of: Sequence[Box] | None = None) -> Line:
    """A law N = c D^exponent that passes.

    Raises
    ------
    ValueError
        If no such law passes.
    """
    if not multiple_passes(power(exponent), of):
        raise ValueError(f"exponent={exponent}: no multiple of this power passes through the boxes")
    return _with_slope("power", 1 / exponent, of or boxes())


def _with_slope(family: Family, slope: Fraction, rows: Sequence[Box]) -> Line:
    x, y = FAMILIES[family]
    starts = [float((x(b.above) - to_arb(slope) * y(b.size)).mid()) for b in rows]
    stops = [float((x(b.upto) - to_arb(slope) * y(b.size)).mid()) for b in rows]
    witness = Line(family, slope, _short(max(starts), min(stops)))
    if not witness.passes(rows):
        raise ArithmeticError(f"the witness {witness} of a law that exists was rounded out of its boxes")
    return witness


def _short(low: float, high: float) -> Fraction:
    """A rational near the middle of an interval, with few digits."""
    middle, width = (low + high) / 2, (high - low) / 2
    limit = 1
    while abs(Fraction(middle).limit_denominator(limit) - Fraction(middle)) > width / 8:
        limit *= 2
    return Fraction(middle).limit_denominator(limit)
