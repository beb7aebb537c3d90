"""Checks of equation (13), the sum over the patterns, member by member, and of its corrected forms."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.distances import Distance, Rows
from assocmem.theory.partition import bound_proofs, unequal_radii
from assocmem.theory.partition.unequal_radii import Balls
from assocmem.theory.partition.volumes import VOLUME, n
from assocmem.theory.retrieval import density

ZERO, FOUR = (Fraction(0),), (Fraction(4),)
PAIR: Rows = (ZERO, FOUR)

# Equation (13), first three members.

claim(
    "EQ13-INT",
    {"energy": "g", "masses": ("0.9226", "0.3689")},
    mutants={
        "of the printed energy": {"energy": "e^-g / Z", "masses": ("0.9226", "0.3689")},
    },
)


@check(
    "EQ13-INT",
    kind="symbolic",
    scope="any n, d and radii",
    in_words="that what is positive and at most 1 has a positive integral over a set, at most the set's volume",
)
def normalizes(stmt: Any) -> Finding:
    """0 < e^-g <= 1 for g >= 0, on a bounded set with a volume: 0 < Z <= |Omega|, and e^-g/Z integrates to 1."""
    if stmt["energy"] == "g" and bound_proofs.under_integral(sp.Integer(1), "upper"):
        return Finding.holds("0 < Z <= |Omega|, and e^-g/Z is the density of the energy g on Omega")
    return Finding.undecided("Z is not the integral of e^-E for this energy")


@check("EQ13-INT", kind="certified", scope="n = 1, one pattern, r = 1/2")
def of_printed_energy(stmt: Any) -> Finding:
    """Z, and the integral of exp(-E_t) for the printed energy of a layer, E_t = e^-g/Z_t, by certified quadrature."""
    masses = unequal_radii.masses_of_one(Fraction(1, 2))
    shown = " and ".join(f"{float(mass.mid()):.4f}" for mass in masses)
    text = f"D={{0}}, r=1/2: the integrals of e^-g and of e^-E for E = e^-g/Z are {shown}"
    rounded = all(
        abs(mass - to_arb(Fraction(stated))) < to_arb(Fraction(1, 20000))
        for mass, stated in zip(masses, stmt["masses"], strict=True)
    )
    if not rounded or (stmt["energy"] != "g" and not (masses[0] - masses[1]).contains(0)):
        return Finding.fails(text, margin=shown)
    return Finding.survived(text)


claim(
    "EQ13-OWN",
    {"radii": (Fraction(3), Fraction(1, 2)), "times": 1},
    mutants={
        "equal radii": {"radii": (Fraction(2), Fraction(2)), "times": 1},
        "every ball counted twice": {"radii": (Fraction(3), Fraction(1, 2)), "times": 2},
    },
)


def _meet(distance: Distance, radii: tuple[Fraction, ...]) -> bool:
    """Whether the balls around 0 and 4 may have common inner points; the radii are to d(0, 4) as the stated to 4.

    By the triangle inequality and symmetry; for the squared Euclidean distance the Euclidean radii count.
    """
    known = distance.has("triangle", "symmetric") or distance.has("squared euclidean")
    return not known or sum(radii) > 4


@check("EQ13-OWN", kind="certified", scope="D = {0, 4} with radii 3 and 1/2 of 4, the point 11/4; continuous distances")
def nearer_stranger(stmt: Any, distance: Distance) -> Finding:
    """An inner point of the large ball to which the other pattern is nearer; by continuity so are all points around."""
    x = (Fraction(11, 4),)
    if not distance.has("continuous") or _meet(distance, stmt["radii"]):
        return Finding.undecided("the argument needs disjoint balls and a continuous distance")
    inside = density.in_ball(distance, PAIR, 0, x, stmt["radii"][0] - Fraction(1, 100))
    if inside and density.own_is_nearest(distance, PAIR, 0, x) is False:
        return Finding.fails(
            "D={0, 4}, r=(3, 1/2): near x=11/4, in the ball of 0, e^-min exceeds e^-own", margin="exact", outside=True
        )
    return Finding.survived("the point is not in the large ball, or its center is the nearest pattern")


@check(
    "EQ13-OWN", kind="certified", scope="D = {0, 4} on the line with the stated radii and with radii 2, in closed form"
)
def both_sides(stmt: Any) -> Finding:
    """Both members by the error function; their difference by quadrature, too."""
    for radii in ((Fraction(2), Fraction(2)), stmt["radii"]):
        balls = Balls.on_line([0, 4], radii)
        with precision(128):
            true, own = balls.line_partition(), stmt["times"] * balls.own_sum()
        shown = f"{float(true.mid()):.5f} against {float(own.mid()):.5f}"
        text = f"D={{0, 4}}, disjoint balls of radii {', '.join(map(str, radii))}: {shown}"
        if not (true - own).contains(0):
            same = (true - own).overlaps(sum((balls.excess_on_line(i) for i in (0, 1)), arb(0)))
            inside = all(balls.own_is_nearest())
            return Finding.fails(text, margin=shown, outside=same and not inside)
    return Finding.survived(text)


HALF = "no radius exceeds half the distance to the nearest other pattern, as with equal balls that do not meet"


@check(
    "EQ13-OWN",
    kind="symbolic",
    scope="any n, d and disjoint balls; any norm in place of the Euclidean one",
    in_words="from the nearest pattern on each ball to equal integrals",
)
def own_pattern_is_nearest(stmt: Any, distance: Distance) -> Finding:
    """||x-rho_j|| >= s - r >= r on the ball if r <= s/2; disjoint balls of equal radii have r <= s/2."""
    if not (distance.has("norm") or distance.has("squared euclidean")):
        return Finding.undecided("the argument needs a norm")
    if stmt["times"] != 1 or not unequal_radii.own_is_nearest_within(sp.Rational(1, 2)):
        return Finding.undecided("the two members were not seen to agree")
    if len(set(stmt["radii"])) == 1:
        return Finding.holds("disjoint balls of equal radii have r <= s/2, so the own pattern is the nearest")
    return Finding.holds_if(HALF, "the own pattern is then the nearest on each ball, and the integrands agree")


@dataclass(frozen=True)
class OwnBalls:
    """For disjoint balls Z >= S, with equality if (and ``only_if``) every r_i <= share * s_i, the nearest distance."""

    share: Fraction = Fraction(1, 2)
    only_if: bool = True


claim(
    "EQ13-OWN-FIX",
    OwnBalls(),
    mutants={
        "three fifths of the distance": OwnBalls(Fraction(3, 5)),
        "equality only up to two fifths": OwnBalls(Fraction(2, 5)),
    },
)


@check(
    "EQ13-OWN-FIX",
    kind="symbolic",
    scope="any n, d and disjoint balls; any norm in place of the Euclidean one",
    in_words="that what is nowhere negative, and positive near a point, has a positive integral",
)
def half_the_distance(stmt: OwnBalls, distance: Distance) -> Finding:
    """||x-rho_j|| >= s - r >= r on the ball if r <= s/2; at t > s/2 on the way to the nearest other, s - t < t.

    There the difference of the integrands is positive, by continuity in a set with a volume; it is nowhere negative.
    """
    if not (distance.has("norm") or distance.has("squared euclidean")):
        return Finding.undecided("the argument moves along a segment and needs a norm")
    share = sp.Rational(stmt.share.numerator, stmt.share.denominator)
    needed = unequal_radii.other_is_nearer_beyond(share) or not stmt.only_if
    if unequal_radii.own_is_nearest_within(share) and needed:
        return Finding.holds("the own pattern is nearest on all balls if r_i <= s_i/2 for all i, and else not on some")
    return Finding.undecided("half the distance is the limit")


claim("EQ13-OWN-EQUAL", Fraction(1), mutants={"one radius twice the other": Fraction(2)})


@check(
    "EQ13-OWN-EQUAL",
    kind="symbolic",
    scope="any n, d and disjoint balls of radii in a stated ratio; any norm in place of the Euclidean one",
    in_words="that two balls have an inner point in common exactly if their radii add up to more than the distance",
)
def equal_balls(stmt: Fraction, distance: Distance) -> Finding:
    """r_i + r_j <= s and r_j = r_i give r_i <= s/2, where the own pattern is the nearest."""
    if not (distance.has("norm") or distance.has("squared euclidean")):
        return Finding.undecided("the argument needs a norm")
    ratio = sp.Rational(stmt.numerator, stmt.denominator)
    largest = unequal_radii.largest_share(ratio)
    if unequal_radii.own_is_nearest_within(largest):
        return Finding.holds(f"the larger of two balls that touch reaches {largest} of the distance")
    return Finding.undecided(f"the larger of two balls that touch reaches {largest} of the distance")


@check("EQ13-OWN-EQUAL", kind="certified", scope="D = {0, 3} on the line, touching balls of radii in the stated ratio")
def touching(stmt: Fraction) -> Finding:
    """Both members by the error function."""
    small = Fraction(3) / (1 + stmt)
    balls = Balls.on_line([0, 3], [stmt * small, small])
    with precision(128):
        gap = balls.line_partition() - balls.own_sum()
    if gap > 0:
        return Finding.fails(f"D={{0, 3}}, radii {stmt * small}, {small}: Z - S = {float(gap.mid()):.5f}", "certified")
    return Finding.survived("Z = S")


@check("EQ13-OWN-FIX", kind="certified", scope="D = {0, 4}, radii just inside and just outside the stated share")
def around_the_share(stmt: OwnBalls, distance: Distance) -> Finding:
    """The point of the ball of 0 that faces 4: whose it is, for a radius up to and beyond the stated share of 4.

    The other ball is small enough not to meet the first.
    """
    for radius, equal in ((4 * stmt.share, True), (4 * stmt.share + Fraction(1, 50), False)):
        if _meet(distance, (radius, Fraction(1, 10))):
            return Finding.undecided("disjoint balls need the triangle inequality and symmetry")
        x = (radius - Fraction(1, 1000),)
        own = density.own_is_nearest(distance, PAIR, 0, x)
        if equal and own is False and density.in_ball(distance, PAIR, 0, x, radius):
            return Finding.fails(f"D={{0, 4}}, r={radius}: 4 is nearer to {x[0]}, so Z > S", margin="exact")
        if not equal and stmt.only_if and own:
            return Finding.fails(f"D={{0, 4}}, r={radius}: 0 is still the nearest, so Z = S", margin="exact")
    return Finding.survived("the share is the limit on the line")


def _intervals(places: str, radii: str) -> Balls:
    """Balls on the line, written as fractions with blanks between them."""
    return Balls.on_line([Fraction(x) for x in places.split()], [Fraction(x) for x in radii.split()])


INTERVALS = (("0 4", "2 2"), ("0 4", "3 1/2"), ("-3 0 3", "1 2 1"), ("0 1 9", "1/2 1/4 7"))
"""Patterns on the line and the radii of their disjoint balls."""


@check("EQ13-OWN-FIX", kind="certified", scope="four sets of intervals, in closed form")
def never_below(stmt: OwnBalls) -> Finding:
    """Z against S by the error function, for radii inside and beyond half the distance."""
    for places, radii in INTERVALS:
        balls = _intervals(places, radii)
        with precision(128):
            true, own = balls.line_partition(), balls.own_sum()
        if true < own or (all(balls.own_is_nearest()) and not (true - own).contains(0)):
            return Finding.fails(f"patterns {places}, radii {radii}: Z and S compare the other way", margin="certified")
    return Finding.survived("Z >= S, equal where every ball stays within half the distance")


@dataclass(frozen=True)
class Excess:
    """Z - S is at most the sum over shells with e^(-floor^2)."""

    floor: sp.Expr = unequal_radii.s - unequal_radii.r


SHELLS = (("0 4", "3 1/2"), ("0 16/5", "3 1/10"), ("-16/5 0 16/5", "1/10 3 1/10"), ("0 20", "19 1/2"))
"""Patterns on the line and radii, one of them beyond half the distance."""
claim(
    "X-OWN-SUM",
    Excess(),
    mutants={
        "e^(-r^2) on the shell": Excess(floor=unequal_radii.r),
        "e^(-s^2/4) on the shell": Excess(floor=unequal_radii.s / 2),
        "e^(-4r^2) on the shell": Excess(floor=-2 * unequal_radii.r),
    },
)


@check(
    "X-OWN-SUM",
    kind="symbolic",
    scope="any n, d and disjoint balls",
    in_words="from the distances on the shell to the integrals over it; that e^-min is at most the sum of all e^-d",
)
def shells(stmt: Excess) -> Finding:
    """Where another pattern is nearer, it is at least s - r away, the own one more than s/2.

    A ball with r > s/2 has s - r < s/2, so on the rest of the shell, too, e^(-(s-r)^2) exceeds e^-own.
    """
    if unequal_radii.floor_holds(stmt.floor):
        return Finding.holds("e^-min <= e^(-(s-r)^2) on the shell beyond s/2, and nothing changes within it")
    return Finding.undecided("another pattern may be as near as s - r")


@check("X-OWN-SUM", kind="certified", scope="four sets of disjoint intervals; the terms by quadrature, too")
def shell_values(stmt: Excess) -> Finding:
    """Z - S by the error function against the stated bound."""
    for places, radii in SHELLS:
        balls = _intervals(places, radii)
        with precision(128):
            excess, bound = balls.line_partition() - balls.own_sum(), balls.excess_bound(stmt.floor)
        if excess > bound:
            return Finding.fails(f"patterns {places}, radii {radii}: the excess {float(excess.mid()):.5f} is larger")
        if stmt != Excess():
            continue
        again = sum((balls.excess_on_line(i) for i in range(len(balls.radii))), arb(0))
        if not (excess.overlaps(again) and bound.overlaps(balls.bound_on_line())):
            return Finding.fails(f"patterns {places}, radii {radii}: by quadrature another excess or bound")
    return Finding.survived("the excess stays below the bound")


claim(
    "X-OWN-RATIO",
    Fraction(2),
    mutants={"3/2": Fraction(3, 2), "3": Fraction(3)},
)


@check(
    "X-OWN-RATIO",
    kind="symbolic",
    scope="a ball of radius R between two of radius epsilon on the line; epsilon -> 0, then R -> oo",
    in_words="that the ratio tends to its value at epsilon = 0",
)
def limit_of_ratio(stmt: Fraction) -> Finding:
    """Both members are sums of error functions; the limit of their quotient."""
    limit = unequal_radii.limit_ratio(2)
    if limit != sp.Rational(stmt.numerator, stmt.denominator):
        return Finding.fails(f"the ratio tends to {limit}", margin=str(limit))
    one = unequal_radii.limit_ratio(1)
    if one != sp.Rational(3, 2):
        return Finding.undecided(f"with one neighbor the ratio tends to {one}, which is not half way between 1 and 2")
    return Finding.holds(f"with one neighbor the ratio tends to {one}, with two to 2")


@check("X-OWN-RATIO", kind="certified", scope="R = 40, epsilon = 10^-6; Z - S by quadrature, too")
def ratio_far_out(stmt: Fraction) -> Finding:
    """The ratio of both members for one set of three intervals."""
    balls = Balls.on_line([-40, 0, 40], [Fraction(1, 10**6), Fraction(40) - Fraction(1, 10**6), Fraction(1, 10**6)])
    with precision(128):
        own = balls.own_sum()
        ratio = balls.line_partition() / own
        again = 1 + sum((balls.excess_on_line(i) for i in range(3)), arb(0)) / own
    shown = f"Z/S = {float(ratio.mid()):.6f}"
    if not ratio.overlaps(again):
        return Finding.fails(f"{shown}, by quadrature {float(again.mid()):.6f}")
    if abs(ratio - to_arb(stmt)) > to_arb(Fraction(1, 10**4)):
        return Finding.fails(shown, margin=shown)
    return Finding.survived(shown, margin=shown)


claim("EQ13-DT", {"layers": 2}, mutants={"one layer": {"layers": 1}})


@check("EQ13-DT", kind="certified", scope="two layers, D_1 = {0} and D_2 = {4}; balls of a quarter of their distance")
def strangers_ball(stmt: Any, distance: Distance) -> Finding:
    """g_1 on the other layer's ball is finite there, so that ball adds to the integral over Omega, not to the sum."""
    if not distance.by_length:
        return Finding.undecided("the balls of this distance may have no volume")
    with precision(128):
        added = (-distance(FOUR, ZERO)).exp()
    if stmt["layers"] > 1 and added > 0:
        return Finding.fails(
            "d=2, d_1=1: no second pattern to sum over, and e^-g_1 > 0 on the ball of 4", margin="exact"
        )
    return Finding.survived("one layer: d_t = d, and Omega is the union of its balls")


@check("EQ13-DT", kind="certified", scope="two layers, D_1 = {0} and D_2 = {3}, radii 1, in closed form")
def over_all_balls(stmt: Any) -> Finding:
    """The integral of e^-g_1 over all balls against that over the balls of layer 1."""
    balls = Balls.on_line([0, 3], [1, 1])
    with precision(128):
        whole = balls.line_partition([Fraction(0)])
        own = Balls.on_line([0], [1]).own_sum()
    if stmt["layers"] > 1 and whole > own:
        shown = f"{float(whole.mid()):.6f} against {float(own.mid()):.6f}"
        return Finding.fails(f"Z_1 over all balls and over those of layer 1: {shown}", margin=shown)
    return Finding.survived("one layer has all balls")


# The closed form.

r, x = sp.symbols("r x", positive=True)
P = sp.lowergamma(n / 2, r**2) / sp.gamma(n / 2)
CLOSED = {"regularized": sp.pi ** (n / 2) * P, "printed": 2 * sp.pi ** (n / 2) * sp.lowergamma(n, r) / sp.gamma(n / 2)}
EXACT: dict[int, sp.Expr] = {
    2: sp.pi * (1 - sp.exp(-x)),
    4: sp.pi**2 * (1 - (1 + x) * sp.exp(-x)),
    6: sp.pi**3 * (1 - (1 + x + x**2 / 2) * sp.exp(-x)),
}
"""Integrals of exp(-||y||^2) over balls with r^2 = x, by parts."""
claim("EQ13", CLOSED["printed"], mutants={"the corrected closed form": CLOSED["regularized"]})
claim(
    "EQ13-FIX",
    CLOSED["regularized"],
    mutants={
        "the printed closed form": CLOSED["printed"],
        "r for r^2": sp.pi ** (n / 2) * sp.lowergamma(n / 2, r) / sp.gamma(n / 2),
        "P(n, r^2)": sp.pi ** (n / 2) * sp.lowergamma(n, r**2) / sp.gamma(n),
        "the factor 2 kept": 2 * CLOSED["regularized"],
    },
)


@check(
    "EQ13",
    "EQ13-FIX",
    kind="symbolic",
    scope="any n, d_t, equal or unequal radii up to half the nearest distance",
    in_words="that the integral over the layer is the sum over its balls, as in EQ13-OWN-FIX",
)
def by_shells(stmt: sp.Expr) -> Finding:
    """The derivative in r is that of the volume times e^(-r^2), and the value at 0 is 0."""
    shell = sp.diff(VOLUME, r) * sp.exp(-(r**2))
    residual = sp.gammasimp(sp.powsimp(sp.expand(sp.diff(stmt, r) / shell), force=True))
    if residual == 1 and stmt.subs(r, 0) == 0:
        return Finding.holds("each ball gives pi^(n/2) P(n/2, r_i^2); the own pattern is the nearest on each")
    return Finding.undecided("not the integral of the shells")


@check("EQ13", "EQ13-FIX", kind="certified", scope="one pattern, n = 2, 4, 6, r = 1 and 2, exactly")
def exact_values(stmt: sp.Expr) -> Finding:
    """The stated closed form against the integral by parts."""
    for size, radius in product(EXACT, (1, 2)):
        true = EXACT[size].subs(x, radius**2)
        stated = sp.expand_func(stmt.subs({n: size, r: radius}))
        gap = sp.expand(stated - true)
        if gap != 0:
            text = f"d=1, n={size}, r={radius}: {sp.factor(stated)}, not {sp.factor(true)}"
            return Finding.fails(text, margin=str(gap))
    return Finding.survived("n = 2, 4, 6 agree exactly")
