"""Checks of equation (10) (chapter 4): which layer serves, how large the remainder is, where it has a kink."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import sign, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.layers import derivations, remainder
from assocmem.theory.layers.majorization import log_share_holds
from assocmem.theory.layers.remainder import Remainder, Serving, Variation
from assocmem.theory.layers.stack import (
    HARD,
    READINGS,
    SPLITS,
    Layers,
    Reading,
    Stack,
    deficit_holds,
    held,
    mean_bound_holds,
    show,
    stacks,
)
from assocmem.theory.logsumexp.induction import sum_step

claim(
    "EQ10-a", Remainder(), mutants={"from two layers on": Remainder(from_l=2), "any layer": Remainder(any_layer=True)}
)
BY_SHARE = Remainder(from_l=2, mean=Fraction(1), share=Fraction(1))
claim(
    "EQ10-a-FIX",
    BY_SHARE,
    mutants={
        "99/100 of the mean excess": replace(BY_SHARE, mean=Fraction(99, 100)),
        "any layer": replace(BY_SHARE, any_layer=True),
        "one layer allowed": replace(BY_SHARE, from_l=1),
        "nine tenths of the share 1/l": replace(BY_SHARE, share=Fraction(9, 10)),
        "eleven tenths of the share 1/l": replace(BY_SHARE, share=Fraction(11, 10)),
        "99/100 of log l": replace(BY_SHARE, below=Fraction(99, 100)),
    },
)


@check(
    "EQ10-a",
    "EQ10-a-FIX",
    kind="symbolic",
    scope="any number of layers (by induction), any layer energies, any distance",
)
def exists(stmt: Remainder, distance: Distance) -> Finding:
    """c = log(l pi_t), with 1/pi_t = sum_s exp(E_t - E_s), which is in (1, l] for the layer of smallest energy.

    c is 0 at the least share and grows as its logarithm, so that at the share 1 it would be the stated bound.
    """
    mean_ok = stmt.mean is None or (stmt.mean >= 1 and mean_bound_holds())
    least, layers = remainder.least_share()
    share_ok = stmt.share is None or least == sp.Rational(stmt.share) / layers
    bound_ok = sp.expand_log(sp.Rational(stmt.below) * sp.log(layers) + sp.log(least)) == 0
    if not (log_share_holds() and sum_step() and mean_ok and share_ok and bound_ok) or stmt.any_layer:
        return Finding.undecided("the sum is at most l only for some layers, those with pi_t >= 1/l")
    text = f"the sum has l terms in (0, 1], one of them 1, for {distance.name} and any other distance"
    found = Finding.holds(text) if stmt.from_l >= 2 else Finding.holds_if("at least two layers", text)
    return replace(found, derivations=(derivations.remainder_not_negative(), derivations.remainder_at_most_log_l()))


@check(
    "EQ10-a", "EQ10-a-FIX", kind="certified", scope="exact points beside splits of two and three layers, every reading"
)
def exists_points(stmt: Remainder, distance: Distance) -> Finding:
    """Certified signs of the slacks; with one layer c = 0 is not below log 1 = 0."""
    hit = remainder.broken(stmt, distance)
    if hit is not None:
        return Finding.fails(hit, margin="certified")
    if stmt.from_l < 2:
        return Finding.fails("one layer: c = 0 and log l = 0, so c < log l fails", margin="exact", outside=True)
    return Finding.survived("no slack is certainly negative")


TINY = Fraction(1, 10**9)

APART: tuple[Layers, ...] = (SPLITS["one each"], SPLITS["zero and three"])
SAME: tuple[Layers, ...] = (SPLITS["same pattern"],)
ONE_PATTERN = {"both layers hold the same pattern": SAME}


def _nobody(layers: Layers, distance: Distance) -> list[str]:
    """For each reading under which no layer serves at all points: the reading and where each layer fails."""
    out = []
    for reading in READINGS:
        faults = remainder.unserved(layers, reading, distance)
        if faults:
            out.append(f"{reading}: " + ", ".join(f"layer {t + 1} fails at {x[0]}" for t, x in enumerate(faults)))
    return out


claim("EQ10-b", APART, mutants=ONE_PATTERN)


@check("EQ10-b", kind="certified", scope="layers {-1}, {1} and {0}, {3}, every reading")
def one_for_all(stmt: tuple[Layers, ...], distance: Distance) -> Finding:
    """For each layer a point at which its remainder is certainly negative."""
    for layers in stmt:
        faults = _nobody(layers, distance)
        if len(faults) == len(READINGS):
            return Finding.fails(f"{held(layers)}; " + "; ".join(faults), margin="certified")
    return Finding.survived("some layer may serve at all points")


@check("EQ10-b", kind="symbolic", scope="layers that hold the same patterns")
def trivial(stmt: tuple[Layers, ...], distance: Distance) -> Finding:
    """Equal layers have equal energies: E_global = E_t - log l, so c = 0, constant and smooth."""
    e, k = sp.Symbol("e", real=True), sp.Symbol("l", positive=True)
    rest = sp.simplify(-sp.log(k * sp.exp(-e)) - (e - sp.log(k)))
    if all(remainder.same_layers(layers) for layers in stmt) and rest == 0:
        return Finding.holds(f"c = 0 for {distance.name} and any other distance")
    return Finding.undecided("the layers differ")


claim(
    "EQ10-b-FIX",
    remainder.subset_either_way,
    mutants={"always": lambda first, second: True, "only equal sets": lambda first, second: set(first) == set(second)},
)


def _agrees(predicate: Any) -> bool:
    two = [layers for layers in (*SPLITS.values(), (SPLITS["overlap"][0],) * 2) if len(layers) == 2]
    return all(bool(predicate(a, b)) == remainder.subset_either_way(a, b) for a, b in two)


@check(
    "EQ10-b-FIX",
    kind="symbolic",
    scope="two layers, reading A, any d >= 0 that vanishes only at equal points",
    in_words="at a pattern of one layer the other's g is 0 only if it holds it; a minimum over more is not larger",
)
def contained(stmt: Any, distance: Distance) -> Finding:
    """1 + exp(E_t - E_s) <= 2 iff E_t <= E_s; at a pattern of layer s, E_s = 0, so layer t must hold it as well.

    Conversely a minimum over more patterns is not larger.
    """
    if not distance.has("nonnegative", "separates"):
        return Finding.undecided("g_t may vanish elsewhere than at the patterns")
    gap = sp.Symbol("u", real=True)
    increases = sp.diff(1 + sp.exp(gap), gap).is_positive and (1 + sp.exp(gap)).subs(gap, 0) == 2
    if increases and _agrees(stmt):
        return Finding.holds("a layer serves at all points iff it holds the other layer's patterns")
    return Finding.undecided("the predicate is not that of the proof")


@check("EQ10-b-FIX", kind="certified", scope="the exact splits with two layers, at the patterns and beside them")
def contained_points(stmt: Any, distance: Distance) -> Finding:
    """Whether the predicate is certainly wrong about a pair of layers."""
    hit = remainder.broken_predicate(stmt, distance)
    return Finding.survived("right for every pair") if hit is None else Finding.fails(hit, margin="certified")


claim(
    "X-SERVES",
    Serving(),
    mutants={
        "1 - 10^-9 of the constant 2": Serving(2 - 2 * TINY),
        "1 + 10^-9 of the constant 2": Serving(2 + 2 * TINY),
        "strict": Serving(strict=True),
        "log 3": Serving(Fraction(3)),
    },
)


@check("X-SERVES", kind="symbolic", scope="layers {-delta, delta}, {0} on the line, any delta > 0, reading C")
def serves(stmt: Serving) -> Finding:
    """The ratio exp(E_2 - E_1) is least at x = 0, 2 exp(-delta^2), and unbounded, so that layer 2 never serves."""
    least, delta = remainder.least_ratio()
    edge = sp.sqrt(sp.log(sp.Rational(stmt.constant)))
    at_edge = sp.simplify(least.subs(delta, edge))
    if not sp.diff(least, delta).is_negative:
        return Finding.undecided("the least ratio does not fall with delta")
    if at_edge != 1:
        side = "serves beyond" if at_edge > 1 else "fails before"
        return Finding.fails(f"the least ratio is {at_edge} at delta^2 = log({stmt.constant}): {side} it", "exact")
    if stmt.strict:
        return Finding.fails("at delta^2 = log 2 the least ratio is 1, so that layer 1 serves", margin="exact")
    return Finding.holds("layer 1 serves iff 2 exp(-delta^2) >= 1, with a smooth c; layer 2 never does")


@check("X-SERVES", kind="certified", scope="delta = 1/2, 4/5, 5/6, 1 and 3/2, at exact points")
def serves_points(stmt: Serving, distance: Distance) -> Finding:
    """Whether each layer certainly fails somewhere although one should serve at all points."""
    for delta in map(Fraction, ("1/2", "4/5", "5/6", "1", "3/2")):
        layers: Layers = (((-delta,), (delta,)), ((Fraction(0),),))
        granted = sign(lambda d=delta: to_arb(stmt.constant).log() - to_arb(d * d)) == 1  # type: ignore[misc]
        faults = remainder.unserved(layers, "C", distance)
        if granted and faults:
            shown = ", ".join(f"layer {t + 1} fails at {x[0]}" for t, x in enumerate(faults))
            return Finding.fails(f"{held(layers)}: {shown}", margin="certified")
    return Finding.survived("where a layer should serve, no failure of it was met")


claim(
    "X-SERVES-A",
    {"layer": 0, "least": Fraction(1, 4)},
    mutants={
        "3/10 at least": {"layer": 0, "least": Fraction(3, 10)},
        "the second layer": {"layer": 1, "least": Fraction(1, 4)},
    },
)


@check("X-SERVES-A", kind="symbolic", scope="all points, reading A, the squared distance")
def serves_three(stmt: Any) -> Finding:
    """E_1 - E_s is at most 1/4 for each of the other two layers, and far below it for one of them."""
    bound = remainder.served_bound()
    over = remainder.remainder(Stack(remainder.SERVED, "A"), 0, (Fraction(0),)) - bound
    if stmt["layer"] == 0 and bound > to_arb(stmt["least"]) and 0 < over < to_arb(Fraction(1, 250)):
        return Finding.holds(f"E_1 - E_s <= {remainder.served_excess()} gives c >= {float(bound.mid()):.4f}")
    return Finding.undecided("the bound is another, or more than 1/250 below c at 0")


@check("X-SERVES-A", kind="certified", scope="exact points from -20 to 30")
def serves_three_points(stmt: Any) -> Finding:
    """c of the stated layer minus the stated bound, and minus log 3."""
    stack = Stack(remainder.SERVED, "A")
    for x in ((Fraction(k, 2),) for k in range(-40, 61)):
        c = remainder.remainder(stack, stmt["layer"], x)
        if c < to_arb(stmt["least"]) or c > arb(stack.count).log():
            return Finding.fails(f"{show(stack, x)}: c = {float(c.mid()):.4f}", margin="certified")
    return Finding.survived("c lies between the bounds")


claim("EQ10-c", remainder.KINKED, mutants={"both layers hold the same pattern": SAME[0]})


@check(
    "EQ10-c",
    kind="symbolic",
    scope="layers {0}, {-1, 1} on the line; norms and the squared distance; readings printed, A and B",
    in_words="the layers' energies differ at 0, so that a continuous c belongs to one layer all around 0",
)
def smooth(stmt: Layers, distance: Distance) -> Finding:
    """One-sided slopes of c at 0 for each of the two layers; c is even, so that only the slope 0 has no kink.

    The slopes, any Z_t, are also seen in certified differences with Z_t = 1.
    """
    if remainder.same_layers(stmt):
        return Finding.holds("equal layers: c = 0")
    if stmt != remainder.KINKED or not distance.by_length:
        return Finding.undecided("the slopes are computed for norms and the squared Euclidean distance")
    readings: tuple[Reading, ...] = ("printed", "A", "B")
    slopes = {r: remainder.kink_slopes(r, distance) for r in readings}
    seen = all(remainder.kink_is_seen(r, distance) for r in readings)
    if seen and all(slope.is_nonzero for pair in slopes.values() for slope in pair):
        one, other = slopes["A"]
        return Finding.fails(
            f"under A the slope of c right of 0 is {one} for layer 1 and {other} for layer 2, left of 0 minus that",
            margin="exact",
        )
    return Finding.survived("no kink at 0")


claim("EQ10-c-FIX", Variation(), mutants={"1 - 10^-9 of the constant 2": Variation(2 - 2 * TINY)})


@check(
    "EQ10-c-FIX",
    kind="symbolic",
    scope="any number of layers, any layer energies; continuity for a continuous distance",
    in_words="c is continuous where the layer of smallest energy changes, and slopes bound differences along a segment",
)
def varies(stmt: Variation, distance: Distance) -> Finding:
    """Where the active layer does not change, dc/dE_s = pi_s and dc/dE_t = pi_t - 1; c is continuous across ties."""
    if not distance.has("continuous"):
        return Finding.undecided("nothing is known of the continuity of the distance")
    if not distance.by_length:
        return Finding.undecided("the bound holds for any distance; that it is the best is shown for norms only")
    needed = remainder.variation_needed()
    if stmt.factor == needed:
        return Finding.holds(f"the absolute slopes sum to 2(1 - pi_t) <= {needed}(1 - 1/l), with pi_t >= 1/l")
    return Finding.undecided(f"the slopes sum to up to {needed}(1 - 1/l)")


@check(
    "EQ10-c-FIX", kind="certified", scope="exact pairs of points beside splits of two and three layers, every reading"
)
def varies_pairs(stmt: Variation, distance: Distance) -> Finding:
    """Certified signs of the slack; every pair stands in both orders."""
    hit = remainder.broken_variation(stmt, distance)
    return Finding.survived("no slack is certainly negative") if hit is None else Finding.fails(hit, margin="certified")


claim("EQ10-d", APART[0], mutants={"both layers hold the same pattern": SAME[0]})


@check(
    "EQ10-d",
    kind="symbolic",
    scope="printed energies, any number of layers and Z_t > 0, d unbounded",
    in_words="layers of one energy have the same Z_t and the same patterns: the points where it is largest",
)
def alike(stmt: Layers, distance: Distance) -> Finding:
    """Far away c tends to 0, so that a constant is 0; then (8) is an equality, and all layers have one energy."""
    if remainder.same_layers(stmt) or not distance.by_length:
        return Finding.undecided("the layers are alike, or nothing is known of the distance far away")
    if remainder.far_remainder("printed") == 0 and deficit_holds():
        return Finding.fails("as printed, a constant c is 0, which forces E_1 = ... = E_l everywhere", margin="exact")
    return Finding.survived("nothing is forced")


@check("EQ10-d", kind="certified", scope="layers {-1}, {1} at 0, 1 and 3, every reading and every choice of the layer")
def constant(stmt: Layers, distance: Distance) -> Finding:
    """Two points with certainly different remainders, for each layer kept, and for that of smallest energy."""
    at = [(Fraction(v),) for v in (0, 1, 3)]
    shown = []
    for reading in READINGS:
        stack = Stack(stmt, reading, distance)
        choices = [remainder.remainders(stack, t, at) for t in (None, *range(stack.count))]
        if all(abs(sign(lambda c=c: c()[1] - c()[0], HARD) or 0) == 1 for c in choices):  # type: ignore[misc]
            shown.append(f"{reading}: " + ", ".join(f"{abs(float(v.mid())):.4f}" for v in choices[0]()))
    if len(shown) == len(READINGS):
        return Finding.fails(
            "c of the layer of smallest energy at 0, 1, 3 for {-1}, {1}. " + "; ".join(shown), margin="certified"
        )
    return Finding.survived("no different remainders at these points")


@check("EQ10-d", kind="symbolic", scope="layers that hold the same patterns")
def constant_trivially(stmt: Layers, distance: Distance) -> Finding:
    """Equal layers have c = 0."""
    if remainder.same_layers(stmt):
        return Finding.holds(f"c = 0 for {distance.name} and any other distance")
    return Finding.undecided("the layers differ")


claim("EQ10-d-FIX", {"constant": 0}, mutants={"the constant log l": {"constant": 1}})


@check(
    "EQ10-d-FIX",
    kind="symbolic",
    scope="printed energies, any l and Z_t > 0, d unbounded; reading A, two layers",
    in_words="equal energies have equal Z_t and patterns; a continuous difference that changes its sign has a zero",
)
def forced(stmt: Any, distance: Distance) -> Finding:
    """Printed: far away all energies vanish, so c tends to 0, and c = 0 is equality on the left of (8).

    A, two layers: c increases with |g_1 - g_2|, and the continuous g_1 - g_2 is <= 0 on one layer, >= 0 on the other.
    """
    if not (distance.by_length and distance.has("continuous", "nonnegative", "separates")):
        return Finding.undecided("nothing is known of the distance far away, or of its zeros")
    u = sp.Symbol("u", nonnegative=True)
    increases = sp.simplify(sp.diff(sp.log(2) - sp.log(1 + sp.exp(-u)), u)).is_positive
    if remainder.far_remainder("printed") == 0 == stmt["constant"] and deficit_holds() and increases:
        return Finding.holds("l terms in (0, 1] sum to l only if all are 1; a zero of g_1 - g_2 makes |g_1 - g_2| = 0")
    return Finding.undecided("the limit far away is 0")


@check("EQ10-d-FIX", kind="certified", scope="two layers with the same pattern")
def forced_example(stmt: Any, distance: Distance) -> Finding:
    """The remainder of equal layers, which is constant."""
    for stack in stacks(distance, ("printed", "A")):
        if stack.layers == SAME[0] and not stack.normalizers:
            value = remainder.remainder(stack, 0, (Fraction(1),))
            wrong = not (value - stmt["constant"] * arb(2).log()).contains(0)
            if wrong:
                return Finding.fails(f"{show(stack)}: c = {abs(float(value.mid())):.4f}", margin="certified")
    return Finding.survived("c is the stated constant there")
