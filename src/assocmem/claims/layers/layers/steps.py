"""Checks of equation (6) (chapter 4): what one layer's step does as printed, and with the sign fixed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.layers import steps
from assocmem.theory.layers.stack import Reading
from assocmem.theory.layers.steps import Toward

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Output:
    """x^(t) is the point that minimizes E_t in the ball; not ``single``: any one of the points that do."""

    reading: Reading = "printed"
    single: bool = True


claim(
    "EQ6",
    Output(),
    mutants={
        "E_t = g_t, any minimizer": Output("A", single=False),
        "E_t = g_t + log Z_t, any minimizer": Output("B", single=False),
    },
)


@check("EQ6", kind="certified", scope="layers {0}, {0, 1} and {-1, 1} from 0 on the line, all minimizers exactly")
def several_minimizers(stmt: Output, distance: Distance) -> Finding:
    """Is arg min one point? As printed, and with an energy that grows with g_t."""
    if not distance.by_length:
        return Finding.undecided("the step is solved exactly for norms and the squared Euclidean distance")
    zero, one = Fraction(0), Fraction(1)
    centered = steps.minimizers(zero, [zero], one, stmt.reading)
    crowded = steps.minimizers(zero, [zero, one], one, stmt.reading)
    tie = steps.minimizers(zero, [-one, one], HALF, "A")
    if stmt.single and len(centered) > 1 and len(crowded) == 1 and len(tie) > 1:
        return Finding.ill_defined(
            f"{{0}} from 0 within 1 has the minimizers {centered[0]} and {centered[-1]}, on the whole sphere in n "
            f"dimensions, and {{0, 1}} on the line only {crowded[0]}; {{-1, 1}} from 0 within 1/2, with an energy that "
            f"grows with g_t, has {tie[0]} and {tie[-1]}"
        )
    return Finding.survived("no more minimizers than the statement allows")


@check("EQ6", kind="symbolic", scope="any n, layer and input; norms and the squared Euclidean distance")
def moves_toward(stmt: Output, distance: Distance) -> Finding:
    """With an energy that grows with g_t the closed form attains the bound of the triangle inequality."""
    if not distance.by_length or stmt.reading in ("printed", "C") or stmt.single:
        return Finding.undecided("proved for an energy that grows with g_t, and for any one of its minimizers")
    if steps.remaining_residual(Toward()) == 0:
        return Finding.holds("the minimizer lies on the way to the nearest pattern")
    return Finding.undecided("the closed form does not attain the bound")


claim("EQ6-NEAR", Fraction(1), mutants={"half of delta_t": HALF, "nine tenths of delta_t": Fraction(9, 10)})


@check("EQ6-NEAR", kind="symbolic", scope="any layer, input and distance")
def within(stmt: Fraction) -> Finding:
    """The output is chosen from the ball, so that its distance to the input is delta_t less something."""
    if steps.room(stmt).is_nonnegative:
        return Finding.holds(f"delta_t minus the distance is {steps.room(stmt)}, the slack of the constraint")
    return Finding.undecided("nearer than the constraint asks")


@check("EQ6-NEAR", kind="certified", scope="layer {0} from 1 with delta = 1, as printed")
def within_point(stmt: Fraction) -> Finding:
    """How far the exact step leads."""
    one = Fraction(1)
    (output,) = steps.minimizers(one, [Fraction(0)], one, "printed")
    if abs(output - one) ** 2 > stmt:
        return Finding.fails(f"{{0}} from 1 with delta = 1: {output}, at distance {abs(output - one) ** 2}", "exact")
    return Finding.survived("within what is stated")


claim(
    "EQ6-FIX",
    Toward(),
    mutants={
        "half the radius": Toward(share=HALF),
        "twice the radius": Toward(share=Fraction(2)),
        "delta for its root": Toward(squared=True),
    },
)


@check("EQ6-FIX", kind="symbolic", scope="any n, layer, input and delta; norms and the squared Euclidean distance")
def closed_form(stmt: Toward, distance: Distance) -> Finding:
    """|y - rho_j| >= |x - rho_j| - R for every pattern, so g_t >= max(0, r - R) in the ball; the point attains it."""
    if not distance.by_length:
        return Finding.undecided("the bound is the triangle inequality of a norm")
    residual = steps.remaining_residual(stmt)
    if residual == 0:
        return Finding.holds("on the segment to a nearest pattern, r - R is left, or nothing when R >= r")
    return Finding.undecided(f"off the bound by {residual}")


@check("EQ6-FIX", kind="certified", scope="nine exact inputs on the line and in the plane, against points of the ball")
def closed_form_points(stmt: Toward, distance: Distance) -> Finding:
    """Whether the point leaves the ball, misses the value, or is beaten at an exact point of the ball."""
    if not distance.by_length:
        return Finding.undecided("the radius of the ball is known for norms and the squared Euclidean distance")
    hit = steps.fault(stmt, distance)
    return Finding.survived(f"no fault in {len(steps.CASES)} cases") if hit is None else Finding.fails(hit, "exact")


@dataclass(frozen=True)
class Attractor:
    """The output is a fixed point of the layer: for some delta_t, or, with a ``share``, for delta_t >= share * g_t."""

    reading: Reading = "printed"
    share: Fraction | None = None


REACHED = Attractor("A", Fraction(1))
claim("EQ6-DELTA", Attractor(), mutants={"E_t = g_t and delta_t >= g_t": REACHED})
claim(
    "EQ6-DELTA-FIX",
    REACHED,
    mutants={
        "a quarter of g_t is enough": Attractor("A", Fraction(1, 4)),
        "nine tenths of g_t are enough": Attractor("A", Fraction(9, 10)),
        "as printed": Attractor("printed", Fraction(1)),
    },
)


@check(
    "EQ6-DELTA", "EQ6-DELTA-FIX", kind="symbolic", scope="a layer of one pattern, any n, any input and any delta > 0"
)
def never_rests(stmt: Attractor, distance: Distance) -> Finding:
    """Every ball holds a point farther from the pattern than its center, of less energy as printed: no fixed point."""
    if not distance.by_length:
        return Finding.undecided("nothing is known of how far a point of the ball can be")
    squared = distance.has("squared euclidean")
    farther, slope = steps.drift(stmt.reading, squared)
    (first,) = steps.minimizers(Fraction(1), [Fraction(0)], Fraction(1), stmt.reading)
    (second,) = steps.minimizers(first, [Fraction(0)], Fraction(1), stmt.reading)
    gained = first**2 - 1 if squared else first - 1  # from 1 with R = 1
    seen = farther.subs(dict.fromkeys(farther.free_symbols, 1)) == gained
    if seen and farther.is_positive and slope.is_negative and second > first > 1:
        return Finding.fails(
            f"one pattern: a step of length R leads farther by {farther}, and dE_t/dg_t = {slope} < 0, whatever R is; "
            f"{{0}} from 1 within 1: {first}, {second} and so on",
            margin="exact",
        )
    return Finding.undecided("the energy does not fall with the distance to the pattern")


BALL = ("nonnegative", "separates", "symmetric")
"""What is used of a distance: a ball of radius >= g_t(x) around x holds a nearest pattern, and only there g_t = 0."""


@check(
    "EQ6-DELTA",
    "EQ6-DELTA-FIX",
    kind="symbolic",
    scope="E_t grows with g_t, any layer and input; any symmetric d >= 0, 0 at equal points only",
)
def reaches(stmt: Attractor, distance: Distance) -> Finding:
    """With delta >= share * g_t(x) the ball holds a nearest pattern, which minimizes and from which no step moves."""
    if stmt.share is None or stmt.reading == "printed" or not distance.has(*BALL):
        return Finding.undecided("g_t may vanish elsewhere, or the ball need not hold a pattern of least energy")
    reached = steps.excess(stmt.share).is_nonnegative and steps.least_excess(stmt.share) == stmt.share - 1
    if reached and steps.pattern_wins(stmt.reading) and steps.pattern_wins("B"):
        return Finding.holds("the output is a pattern of the layer, where every further step stays")
    return Finding.undecided("the ball need not hold a pattern")


@check("EQ6-DELTA-FIX", kind="certified", scope="layer {0}, reading A, from 2 and from 26/25 within 1")
def stops_short(stmt: Attractor, distance: Distance) -> Finding:
    """A ball that holds no pattern: the step ends on its boundary, and the next step moves on."""
    if not distance.by_length or stmt.share is None or stmt.reading == "printed":
        return Finding.undecided("the step is solved exactly for norms and the squared Euclidean distance")
    zero, share = Fraction(0), stmt.share
    for start in (Fraction(2), Fraction(26, 25)):
        (first,) = steps.minimizers(start, [zero], Fraction(1), stmt.reading)
        (second,) = steps.minimizers(first, [zero], Fraction(1), stmt.reading)
        if first != second and distance((start,), (first,)) >= distance((start,), (zero,)) * to_arb(share):
            text = f"{{0}} from {start} within 1: {first}, then {second}: near the input, but no fixed point"
            return Finding.fails(text, margin="exact")
    return Finding.survived("where the ball is as large as stated, the second step stays")


claim("X-LAST", "last layer", mutants={"the nearest pattern of all layers": "nearest of all"})


@check(
    "X-LAST", kind="symbolic", scope="any layers; delta_l >= g_l(x^(l-1)); any symmetric d >= 0, 0 at equal points only"
)
def last_decides(stmt: str, distance: Distance) -> Finding:
    """The last ball holds a nearest pattern of the last layer, where g_l = 0; every minimizer is such a point."""
    if not distance.has(*BALL):
        return Finding.undecided("g_l may vanish elsewhere, or the ball is not that of the distance to the pattern")
    if stmt == "last layer" and steps.excess(Fraction(1)).is_nonnegative and steps.pattern_wins("A"):
        return Finding.holds("g_l = 0 is reached in the ball, and only at patterns of the last layer")
    return Finding.undecided("not what the last step does")


@check("X-LAST", kind="certified", scope="layers {0}, {3} from 0 with radius 3")
def last_decides_point(stmt: str, distance: Distance) -> Finding:
    """The exact route of a stored pattern of the first layer through both layers."""
    if not distance.by_length:
        return Finding.undecided("the step is solved exactly for norms and the squared Euclidean distance")
    zero, three = Fraction(0), Fraction(3)
    route = steps.composed(zero, [[zero], [three]], three, "A")
    nearest = zero if distance((zero,), (zero,)) < distance((three,), (zero,)) else three
    if stmt == "nearest of all" and route[-1] != nearest:
        shown = ", ".join(map(str, route))
        return Finding.fails(
            f"{{0}}, {{3}}: {shown}; the stored pattern {nearest} is left for {route[-1]}", margin="exact"
        )
    if stmt == "last layer" and route[-1] != three:
        return Finding.fails(f"the output is {route[-1]}", margin="exact")
    return Finding.survived("the output is 3")
