"""Balls of unequal radii: the sum over own balls against the integral of exp(-min_i ||x - rho_i||^2) over their union.

With s_i the distance from rho_i to the nearest other pattern and S the sum of the integrals of exp(-||x - rho_i||^2)
over the balls B_i, which do not meet:

- e^(-min) >= e^(-own), so Z >= S, and Z = S exactly if r_i <= s_i/2 for every i: then ||x - rho_j|| >= s_i - r_i >= r_i
  on B_i, and otherwise the points of B_i next to the nearest pattern, beyond the middle, make the difference positive.
- On the part of B_i where another pattern is nearer, ||x - rho_i|| > s_i/2 and ||x - rho_j|| >= s_i - r_i. With
  h_i = min(r_i, s_i/2):  Z - S <= sum_i e^(-(s_i - r_i)^2) (V_n(r_i) - V_n(h_i)) - (I_n(r_i) - I_n(h_i)).
- e^(-min) is at most the sum of all e^(-||x - rho_j||^2), so Z <= d pi^(n/2).

On the line both sides are closed forms in the error function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import combinations, pairwise

import sympy as sp
from flint import acb, arb

from assocmem.theory.exact.certified import precision, squared_distance, to_arb
from assocmem.theory.exact.certified_ball_integrals import (
    certified_log_ball_integral,
    certified_log_ball_volume,
    certified_log_partition_of_radii,
)
from assocmem.theory.exact.distances import Rows

s, r = sp.symbols("s r", positive=True)
"""The distance to the nearest other pattern, and the radius."""


@dataclass(frozen=True)
class Balls:
    """Exact patterns, shape (d, n), and the Euclidean radius of the closed ball around each.

    Raises
    ------
    ValueError
        Unless there is one positive radius for each pattern, and for patterns of unequal dimensions.
    """

    patterns: Rows
    radii: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        if len(self.radii) != len(self.patterns) or not self.patterns:
            raise ValueError(f"{len(self.radii)} radii for {len(self.patterns)} patterns; one each is needed")
        if any(radius <= 0 for radius in self.radii):
            raise ValueError(f"radii={self.radii} must be positive")
        if len({len(row) for row in self.patterns}) > 1:
            raise ValueError("patterns must all have the same dimension")

    @classmethod
    def on_line(cls, patterns: Sequence[Fraction | int], radii: Sequence[Fraction | int]) -> Balls:
        """Intervals on the line."""
        return cls(tuple((Fraction(p),) for p in patterns), tuple(Fraction(q) for q in radii))

    @property
    def n(self) -> int:
        """The dimension."""
        return len(self.patterns[0])

    def disjoint(self) -> bool:
        """Whether no two balls have an inner point in common, decided exactly."""
        pairs = combinations(zip(self.patterns, self.radii, strict=True), 2)
        return all((a + b) ** 2 <= squared_distance(p, q) for (p, a), (q, b) in pairs)

    def squared_gaps(self) -> list[Fraction]:
        """For each pattern the squared distance to the nearest other one.

        Raises
        ------
        ValueError
            For a single pattern.
        """
        if len(self.patterns) < 2:
            raise ValueError("a single pattern has no other one")
        return [
            min(squared_distance(p, q) for j, q in enumerate(self.patterns) if j != i)
            for i, p in enumerate(self.patterns)
        ]

    def own_is_nearest(self) -> list[bool]:
        """For each ball whether r_i <= s_i/2, so that its center is the nearest pattern on all of it; exact."""
        if len(self.patterns) == 1:
            return [True]
        return [4 * radius**2 <= gap for radius, gap in zip(self.radii, self.squared_gaps(), strict=True)]

    def own_sum(self) -> arb:
        """A ball around S, the sum of the integrals over the balls of exp(-||x - own center||^2)."""
        return certified_log_partition_of_radii(self.n, list(self.radii)).exp()

    def excess_bound(self, floor: sp.Expr = s - r) -> arb:
        """A ball around the upper bound on Z - S, the smaller of the two of the module.

        ``floor(s, r)``, linear, bounds the distance of the ball from the other patterns from below.
        """
        total = arb(0)
        if all(self.own_is_nearest()):
            return total
        for radius, gap, own in zip(self.radii, self.squared_gaps(), self.own_is_nearest(), strict=True):
            if not own:
                total += _shell(self.n, radius, to_arb(gap).sqrt(), floor)
        whole = len(self.patterns) * (arb.pi().log() * self.n / 2).exp()
        return total.min(whole - self.own_sum())

    def excess_on_line(self, index: int) -> arb:
        """A ball around what Z has more than S on one ball of the line, by quadrature.

        On each side it is the integral from half the distance to the next pattern, or from the rim of the ball on if
        that is nearer, of the difference of the two integrands.
        """
        (place,), radius = self.patterns[index], self.radii[index]
        ahead = [other - place for (other,) in self.patterns if other > place]
        behind = [place - other for (other,) in self.patterns if other < place]
        total = arb(0)
        for gap in (min(side) for side in (ahead, behind) if side):
            if radius > gap / 2:
                total += _integral(gap / 2, radius, partial(_nearer_less_own, to_arb(gap)))
        return total

    def bound_on_line(self) -> arb:
        """``excess_bound`` on the line with each shell's integral by quadrature, on both sides of the pattern."""
        total, whole = arb(0), -self.own_sum()
        places = [place for (place,) in self.patterns]
        for place, radius in zip(places, self.radii, strict=True):
            whole += arb.pi().sqrt()
            gap = min(abs(other - place) for other in places if other != place)
            if radius > gap / 2:
                floor = (-to_arb((gap - radius) ** 2)).exp()
                total += 2 * _integral(gap / 2, radius, partial(_floor_less_own, floor))
        return total.min(whole)

    def line_partition(self, patterns: Sequence[Fraction] | None = None) -> arb:
        """A ball around Z, the integral of exp(-min_j (x - rho_j)^2) over the union of the balls, for n = 1.

        ``patterns`` are those of the minimum, if they are not all of the centers.

        Raises
        ------
        ValueError
            In another dimension or for balls that have inner points in common.
        """
        if self.n != 1:
            raise ValueError(f"patterns have n={self.n}; the closed form is that of the line")
        if not self.disjoint():
            raise ValueError("the balls meet")
        places = [row[0] for row in self.patterns]
        centers = places if patterns is None else list(patterns)
        return sum((line_mass(p - q, p + q, centers) for p, q in zip(places, self.radii, strict=True)), arb(0))


def _nearer_less_own(gap: arb, t: acb) -> acb:
    """exp(-(s-t)^2) - exp(-t^2) at the distance t on the way to a pattern at the distance s."""
    return (-(gap - t) * (gap - t)).exp() - (-t * t).exp()


def _floor_less_own(floor: arb, t: acb) -> acb:
    """A bound on the nearer pattern's integrand, less exp(-t^2)."""
    return floor - (-t * t).exp()


def _integral(low: Fraction, high: Fraction, integrand: Callable[[acb], acb], bits: int = 160) -> arb:
    with precision(bits):
        return acb.integral(lambda t, _: integrand(t), acb(to_arb(low)), acb(to_arb(high))).real


def masses_of_one(radius: Fraction) -> tuple[arb, arb]:
    """For one pattern on the line: Z, the integral of e^-g, and that of e^-E for the printed energy E = e^-g/Z."""
    with precision(96):
        total = line_mass(-radius, radius, [Fraction(0)])
        return total, 2 * _integral(Fraction(0), radius, lambda t: (-(-t * t).exp() / total).exp(), 96)


def own_is_nearest_within(share: sp.Expr) -> bool:
    """Whether ||x - rho_j|| >= s - r >= r on a ball of radius r = share s, by the triangle inequality."""
    gap = (s - share * s) - share * s
    return bool(gap.is_nonnegative and sp.expand(gap - (1 - 2 * share) * s) == 0)


def other_is_nearer_beyond(share: sp.Expr) -> bool:
    """Whether at t > share s on the way to the nearest other pattern that one is nearer, s - t < t."""
    beyond = sp.Symbol("v", positive=True)
    place = share * s + beyond
    gap = place - (s - place)
    return bool(gap.is_positive and sp.expand(gap - 2 * beyond - (2 * share - 1) * s) == 0)


def largest_share(ratio: sp.Expr) -> sp.Expr:
    """r/s of the larger of two balls that touch, r + r/ratio = s, for a ratio of their radii of at least 1."""
    (radius,) = sp.solve(r + r / ratio - s, r)
    return sp.simplify(radius / s)


def floor_holds(floor: sp.Expr) -> bool:
    """Whether ``floor`` is s - r, the least distance of a ball from other patterns, and below s/2 where r > s/2."""
    beyond = sp.Symbol("v", positive=True)
    nearer = (s / 2 - (s - r)).subs(r, s / 2 + beyond)
    return bool(sp.simplify((s - r) - floor) == 0 and nearer.is_positive)


def _shell(n: int, radius: Fraction, gap: arb, floor: sp.Expr) -> arb:
    """e^(-floor^2) (V(r) - V(s/2)) - (I(r) - I(s/2)) for one ball with r > s/2."""
    least = _evaluate(floor, gap, to_arb(radius))
    volume = certified_log_ball_volume(n, radius).exp() - certified_log_ball_volume(n, gap / 2).exp()
    own = certified_log_ball_integral(n, radius).exp() - certified_log_ball_integral(n, gap / 2).exp()
    return (-least * least).exp() * volume - own


def _evaluate(floor: sp.Expr, gap: arb, radius: arb) -> arb:
    """A linear function of s and r at two balls."""
    slopes = [Fraction(str(sp.diff(floor, x))) for x in (s, r)]
    return to_arb(slopes[0]) * gap + to_arb(slopes[1]) * radius


def line_mass(low: Fraction, high: Fraction, centers: Sequence[Fraction]) -> arb:
    """A ball around the integral of exp(-min_j (x - c_j)^2) over [low, high], cut at the middles between centers."""
    ordered = sorted(set(centers))
    middles = [(a + b) / 2 for a, b in pairwise(ordered)]
    total = arb(0)
    for center, left, right in zip(ordered, [low, *middles], [*middles, high], strict=True):
        a, b = max(low, left), min(high, right)
        if a < b:
            total += arb.pi().sqrt() / 2 * (to_arb(b - center).erf() - to_arb(a - center).erf())
    return total


def limit_ratio(neighbors: int) -> sp.Expr:
    """The limit of Z/S for a ball of radius R on the line with 1 or 2 tiny neighbors at its ends.

    The patterns are 0 and R + 2 epsilon on one or both sides, their radii R and epsilon; epsilon -> 0, then R -> oo.
    Each neighbor turns the part of the large ball that is nearer to it into half a Gaussian.
    """
    big, eps = sp.symbols("R epsilon", positive=True)
    gap = big + 2 * eps
    half = sp.sqrt(sp.pi) / 2
    tiny = neighbors * 2 * half * sp.erf(eps)
    own = 2 * half * sp.erf(big) + tiny
    near = half * (neighbors * sp.erf(gap / 2) + (2 - neighbors) * sp.erf(big))
    true = near + neighbors * half * (sp.erf(gap / 2) - sp.erf(2 * eps)) + tiny
    return sp.simplify(sp.limit((true / own).subs(eps, 0), big, sp.oo))
