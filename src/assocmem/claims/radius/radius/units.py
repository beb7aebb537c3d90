"""Distances of activations have a unit and sqrt(n/(2 pi e)) has none; what can be said without a unit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from flint import arb

from assocmem.claims import Finding, check, claim, uncovered
from assocmem.theory.exact.certified import to_arb
from assocmem.theory.radius import gaussian_cloud, units


@dataclass(frozen=True)
class Scaled:
    """Powers of c: in a squared distance, and by which the head is multiplied so that outputs stay."""

    distance: int = 2
    head: int = -1


claim(
    "X-RAD-SCALE",
    Scaled(),
    mutants={"squared distances times c": Scaled(distance=1), "the head times c": Scaled(head=1)},
)


@check("X-RAD-SCALE", kind="symbolic", scope="all n, all vectors, all c > 0")
def any_unit(stmt: Scaled) -> Finding:
    """Distances of scaled vectors, and a row of the head on what a scaled norm gives."""
    makers = partial(units.scaled_distance, stmt.distance), partial(units.same_output, stmt.head)
    return Finding.attempt("distances are multiplied by c and outputs stay, for every c > 0", *makers)


@check("X-RAD-SCALE", kind="certified", scope="two points five apart, c = 3")
def three_times(stmt: Scaled) -> Finding:
    """A squared distance at c = 3, exactly, and the product of the two factors of an output."""
    square = units.scaled((units.ORIGIN, units.FIVE_AWAY), Fraction(3))
    if square != 25 * Fraction(3) ** stmt.distance:
        return Finding.fails(f"25 becomes {square} for c = 3", margin="exact")
    if Fraction(3) * Fraction(3) ** stmt.head != 1:
        return Finding.fails("an output is multiplied by 9 for c = 3", margin="exact")
    return Finding.survived(f"25 becomes {square}, and outputs stay")


@dataclass(frozen=True)
class Cosine:
    """The cosine is 1 - part/(pi e), and lies between these."""

    part: Fraction = Fraction(1)
    between: tuple[Fraction, Fraction] = (Fraction(8829, 10_000), Fraction(883, 1000))


claim(
    "X-RAD-COS",
    Cosine(),
    mutants={
        "twice as far from one": Cosine(part=Fraction(2)),
        "0.883 or more": Cosine(between=(Fraction(883, 1000), Fraction(884, 1000))),
    },
)


@check("X-RAD-COS", kind="symbolic", scope="all n, all vectors of squared length n")
def cosine_for_all_widths(stmt: Cosine) -> Finding:
    """The distance by the cosine, and the cosine that gives the predicted distance."""
    if stmt.between != Cosine().between:
        return Finding.undecided("another number")
    makers = units.distance_by_cosine, partial(units.cosine_of_prediction, stmt.part)
    return Finding.attempt("2n(1-u) is the square of the prediction for one u, whatever n is", *makers)


@check("X-RAD-COS", kind="certified", scope="one number; n = 64 and n = 1024")
def cosine_in_numbers(stmt: Cosine) -> Finding:
    """The cosine against its bounds, and squared distances at two widths against 2n/(pi e)."""
    value = 1 - to_arb(stmt.part) * (1 - units.cosine())
    low, high = map(to_arb, stmt.between)
    if not (value > low and value < high):
        return Finding.fails(f"the cosine is {float(value.mid()):.4f}", margin="certified")
    for n in (64, 1024):
        if not units.squared_distance(n, value).overlaps(2 * arb(n) / (arb.pi() * arb(1).exp())):
            return Finding.fails(f"another distance for n = {n}", margin="certified")
    return Finding.survived(f"{float(value.mid()):.4f} for n = 64 and for n = 1024")


@dataclass(frozen=True)
class Near:
    """The power of n, whether every pair is counted, and the share at which the chance is below 10^-4 for GPT-2."""

    power: Fraction = Fraction(1, 2)
    all_pairs: bool = True
    share: Fraction = Fraction(83, 100)


claim(
    "X-RAD-RATIO",
    Near(),
    mutants={
        "the power n": Near(power=Fraction(1)),
        "one pair alone": Near(all_pairs=False),
        "t = 0.87": uncovered(Near(share=Fraction(87, 100))),
    },
)


@check(
    "X-RAD-RATIO",
    kind="symbolic",
    scope="all n, M and t < 1",
    in_words="Markov's inequality, the chi-squared law of a squared distance, and the sum over all pairs",
)
def near_pairs_are_rare(stmt: Near) -> Finding:
    """The exponential bound of the chi-squared law at its best point, and its value for GPT-2 medium."""
    chance = gaussian_cloud.log_chance_of_near_pair(*gaussian_cloud.GPT2, stmt.share) / arb(10).log()
    text = f"for n = 1024 and M = 80,000 the chance is below 10^{float(chance.mid()):.2f}"
    if not chance < -4 or not stmt.all_pairs:
        return Finding.undecided(text)
    return Finding.attempt(text, partial(gaussian_cloud.chernoff, stmt.power))


@check("X-RAD-RATIO", kind="certified", scope="eight points in the plane, t = 1/10")
def eight_points_in_the_plane(stmt: Near) -> Finding:
    """The chance that one of four disjoint pairs is near, exactly, which the bound for all pairs must exceed."""
    square = Fraction(1, 100)
    least = gaussian_cloud.chance_of_disjoint_pairs(4, square)
    most = gaussian_cloud.bound_in_the_plane(28 if stmt.all_pairs else 1, square, stmt.power)
    text = f"the chance is at least {float(least.mid()):.4f}, the bound {float(most.mid()):.4f}"
    return Finding.fails(text, margin="certified") if most < least else Finding.survived(text)
