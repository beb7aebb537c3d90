"""Checks of layers as majorization-minimization (chapter 4): what the paper says, and which statements are true."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies.prior_art import universal_residuals
from assocmem.theory.exact.certified import sign, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.exact.residual import nonzero_point
from assocmem.theory.layers import derivations, majorization
from assocmem.theory.layers import steps as layer_steps
from assocmem.theory.layers.majorization import Mixture, StepBound, Surrogate
from assocmem.theory.layers.stack import (
    HARD,
    READINGS,
    SPLITS,
    Layers,
    Reading,
    Stack,
    rows,
    show,
    union_residual,
)
from assocmem.theory.logsumexp.induction import sum_step
from assocmem.theory.retrieval import descent

HALF = Fraction(1, 2)
BELOW = 1 - Fraction(1, 10**9)

claim(
    "MM-DEF-FIX",
    Surrogate(),
    mutants={
        "without majorization": Surrogate(majorizes=False),
        "without touching": Surrogate(touches=False),
        "every such surrogate is convex": Surrogate(convex=True),
    },
)


@check("MM-DEF-FIX", kind="symbolic", scope="any function, set, surrogate and minimizer")
def cannot_rise(stmt: Surrogate) -> Finding:
    """f(y) - f(x) as the sum of two slacks that are nonnegative by majorization and by minimization."""
    gain = majorization.surrogate_decrease(stmt)
    if gain.is_nonnegative and not stmt.convex:
        return Finding.holds(f"f(y) - f(x) = {gain} with both slacks >= 0; convexity is not used")
    return Finding.undecided(f"f(y) - f(x) = {gain}")


@check("MM-DEF-FIX", kind="symbolic", scope="quadratics on [-1, 1]")
def cannot_rise_example(stmt: Surrogate) -> Finding:
    """A surrogate with exactly the stated properties, minimized from y = 0."""
    gain = majorization.surrogate_example(stmt)
    if gain < 0:
        return Finding.fails(f"f = x^2 changes from 0 to {-gain}", margin="exact")
    return Finding.survived("the step stays at the minimum")


@check("MM-DEF-FIX", kind="symbolic", scope="the mixture of the printed layers {-1}, {1} as a surrogate at 0")
def bends_down(stmt: Surrogate) -> Finding:
    """A surrogate that majorizes and touches, and has negative curvature at a pattern."""
    bend = majorization.bent_surrogate()
    if not majorization.bend_is_seen():
        raise ArithmeticError("the curvature is not that of certified differences")
    whole = majorization.mixture_residuals(Mixture()) == (0, 0) and majorization.gibbs()
    if stmt.convex and whole and bend.is_negative:
        return Finding.fails(
            f"Q(x|0) of the printed layers {{-1}}, {{1}} has the curvature {bend} at 1", margin="exact"
        )
    return Finding.survived("no convexity is stated") if bend.is_negative else Finding.undecided("it is convex at 1")


claim(
    "X-MM-SLOW",
    {"rate": "k/(k+1)", "bounded": False},
    mutants={
        "half the distance is left at most": {"rate": "1/2", "bounded": True},
        "the rate 1/(k+1)": {"rate": "1/(k+1)", "bounded": False},
    },
)


@check("X-MM-SLOW", kind="symbolic", scope="f = x^2/2 and the surrogate f + (k/2)(x-y)^2, any k > 0")
def slow(stmt: Any) -> Finding:
    """What is left of the distance to the minimum after one step, and its limit for large k."""
    rate, k, valid = majorization.proximal_rate()
    stated = sp.sympify(stmt["rate"], locals={"k": k})
    if sp.simplify(rate - stated) != 0:
        return Finding.fails(f"the step takes y to {rate} y", margin="exact")
    if valid and not stmt["bounded"] and sp.limit(rate, k, sp.oo) == 1:
        return Finding.holds(f"y goes to {rate} y, and the factor tends to 1; it majorizes f and touches it at y")
    return Finding.undecided("the rate has no bound below 1")


claim(
    "X-MM-MIX",
    Mixture(),
    mutants={
        "without the divergence": Mixture(divergence=Fraction(0)),
        "twice the decrease of the surrogate": Mixture(change=Fraction(2)),
        "half the entropy": Mixture(entropy=HALF),
    },
)


@check("X-MM-MIX", kind="symbolic", scope="any number of layers, any layer energies, any two points")
def mixture(stmt: Mixture, distance: Distance) -> Finding:
    """E_t - E_global = -log pi_t, averaged over pi(y); KL >= 0 by Gibbs. No property of the distance is used."""
    residuals = majorization.mixture_residuals(stmt)
    if majorization.log_share_holds() and residuals == (0, 0) and majorization.gibbs():
        text = f"linear in the energies of the layers; for {distance.name} and any other distance"
        made = partial(derivations.mixture_change, stmt.change, stmt.divergence)
        return Finding.attempt(text, derivations.mixture_is_above, made)
    return Finding.undecided(f"residuals {residuals}")


@check("X-MM-MIX", kind="certified", scope="exact pairs of points, eleven splits, every reading")
def mixture_points(stmt: Mixture, distance: Distance) -> Finding:
    """Left minus right side, and the surrogate at its own point, in Arb balls."""
    hit = majorization.broken_mixture(stmt, distance)
    return Finding.survived("zero lies in every ball") if hit is None else Finding.fails(hit, margin="certified")


claim(
    "X-MM-STEP",
    StepBound(),
    mutants={"1 - 10^-9 of -log pi_t": StepBound(own=BELOW), "1 - 10^-9 of log l": StepBound(active=BELOW)},
)


@check("X-MM-STEP", kind="symbolic", scope="any number of layers, any layer energies, any step that does not raise E_t")
def one_layer(stmt: StepBound, distance: Distance) -> Finding:
    """Both slacks as sums of nonnegative terms; an active layer has pi_t >= 1/l, by the lower bound of equation (8).

    No slack holds -log pi_t(y) itself, so that no larger constant is stated than the sum needs. That neither can be
    lowered needs energies that grow without bound; the mutations show it.
    """
    if not distance.by_length:
        return Finding.undecided("the bounds hold for any distance; that they are the best is shown for norms only")
    slacks = majorization.step_slacks(stmt)
    seen = majorization.step_slacks_are_seen(stmt) and not any(s.has(sp.Symbol("s", nonnegative=True)) for s in slacks)
    if seen and majorization.log_share_holds() and sum_step() and all(s.is_nonnegative for s in slacks):
        return Finding.holds(
            f"slacks {slacks[0]} and {slacks[1]}, all terms nonnegative, for {distance.name} and any other"
        )
    return Finding.undecided(f"slacks {slacks}")


@check("X-MM-STEP", kind="certified", scope="exact pairs of points, eleven splits, every reading")
def one_layer_points(stmt: StepBound, distance: Distance) -> Finding:
    """Certified signs of both slacks for every layer and every pair that does not raise its energy."""
    hit = majorization.broken_step(stmt, distance)
    return Finding.survived("no bound certainly fails") if hit is None else Finding.fails(hit, margin="certified")


claim("X-MM-ACTIVE", {"active": True}, mutants={"any layer": {"active": False}})


@check("X-MM-ACTIVE", kind="symbolic", scope="any number of layers, any layer energies")
def least_energy(stmt: Any, distance: Distance) -> Finding:
    """F(x) <= E_t(x) <= E_t(y) = F(y) + e, where e = 0 for an active layer; for another, F may rise from 0 to 1."""
    if not distance.by_length:
        return Finding.undecided("an active layer never raises F; that another may is shown for norms only")
    gain = majorization.active_decrease(stmt["active"])
    if gain.is_nonnegative:
        return Finding.holds(f"F(y) - F(x) = {gain} with both terms >= 0, for {distance.name} and any other distance")
    return Finding.undecided(f"F(y) - F(x) = {gain}")


@check("X-MM-ACTIVE", kind="certified", scope="two layers {0}, {3}, reading A, from 0 to 1")
def least_energy_point(stmt: Any, distance: Distance) -> Finding:
    """The second layer's energy falls from 0 to 1; is it active at 0, and does the least energy rise?"""
    y, x = (Fraction(0),), (Fraction(1),)
    stack = Stack(SPLITS["zero and three"], "A", distance)
    falls = sign(lambda: stack.energies(y)[1] - stack.energies(x)[1]) == 1
    applies = not stmt["active"] or stack.active(y) == 1
    if (
        falls
        and applies
        and sign(lambda: distance.nearest(x, stack.patterns()) - distance.nearest(y, stack.patterns())) == 1
    ):
        return Finding.fails(show(stack, y, x) + ": layer 2 gains, the least energy rises", margin="certified")
    return Finding.survived("the layer that gains is not active at the start")


claim("X-MM-TOUCH", "share falls", mutants={"the share may not fall": "share rises", "the layer is active": "active"})


@check("X-MM-TOUCH", kind="symbolic", scope="any number of layers, any layer energies, any set")
def touching(stmt: majorization.Criterion, distance: Distance) -> Finding:
    """E_t - E_global = -log pi_t at both points, and the logarithm increases."""
    if stmt == "share falls" and majorization.log_share_holds():
        return Finding.holds(f"the two inequalities are one, for {distance.name} and any other distance")
    return Finding.undecided("the criterion is not pi_t(x) <= pi_t(y)")


@check("X-MM-TOUCH", kind="certified", scope="exact pairs of points, eleven splits, every reading")
def touching_points(stmt: majorization.Criterion, distance: Distance) -> Finding:
    """Whether criterion and surrogate inequality certainly disagree somewhere."""
    hit = majorization.broken_criterion(stmt, distance)
    return Finding.survived("they agree wherever both are certain") if hit is None else Finding.fails(hit, "certified")


ATTENTION = {"weights": "share", "gradient": HALF, "moved": Fraction(1)}
"""Weights of the layers, factor of the gradient in the step, and of |x - Tx|^2 in the descent."""
claim(
    "X-MM-ATTN",
    ATTENTION,
    mutants={
        "every layer with weight 1/l": {**ATTENTION, "weights": "equal"},
        "the last layer alone": {**ATTENTION, "weights": "last"},
        "the whole gradient": {**ATTENTION, "gradient": Fraction(1)},
        "twice the squared step": {**ATTENTION, "moved": Fraction(2)},
    },
)


@check("X-MM-ATTN", kind="symbolic", scope="any disjoint split, squared Euclidean distance, reading C")
def mixed_attention(stmt: Any, distance: Distance) -> Finding:
    """exp(-d)/S = (S_t/S) exp(-d)/S_t with S_t/S = pi_t; the step of the union is the mixture.

    That it is the gradient step holds for one pattern and for one pattern more, in each coordinate.
    """
    if not distance.has("squared euclidean"):
        return Finding.undecided("the weighted sum of the changes is |x-Tx|^2 only for the squared Euclidean distance")
    term, own, rest = sp.symbols("e S_t R", positive=True)
    share = own / (own + rest)  # pi_t = exp(-E_t) / sum_s exp(-E_s) with E_t = -log S_t
    within = sp.simplify(term / (own + rest) - share * term / own)
    factor = sp.Rational(stmt["gradient"])
    steps = (
        within,
        majorization.single_attention_residual(factor),
        majorization.attention_residual(factor),
        union_residual(),
        descent.step_residual(),
        descent.identity_residual(descent.Descent(stmt["moved"])),
    )
    if stmt["weights"] == "share" and all(r == 0 for r in steps):
        return Finding.holds("T = sum pi_t T_t, and E_global(x) - E_global(Tx) = |x-Tx|^2 + KL", margin="residual 0")
    return Finding.undecided("the weights, the step or the descent are others than those of the softmax mean")


@check("X-MM-ATTN", kind="certified", scope="exact patterns and points: the descent and the gradient's factor")
def descent_of_the_step(stmt: Any) -> Finding:
    """The stated descent and the stated multiple of the gradient at exact points."""
    hit = descent.nonzero_case(descent.Descent(stmt["moved"]))
    if hit is not None:
        return Finding.fails(f"case {hit[0]}: the descent is off by {float(hit[1].mid()):.4f}", margin="certified")
    off = nonzero_point(universal_residuals(sp.Rational(stmt["gradient"])))
    if off is not None:
        return Finding.fails(f"the step differs from the softmax mean by {off[1]} at {off[0]}", margin="exact")
    return Finding.survived("no difference at the points tried")


@check("X-MM-ATTN", kind="certified", scope="layers {0}, {3} at 1")
def mixed_attention_point(stmt: Any, distance: Distance) -> Finding:
    """The step of the union against the stated mixture of the layers' steps, 0 and 3; for another memory, the descent.

    At (0, 4), equally far from (-3, 0) and (3, 0) in two layers, both sides of the descent are known exactly.
    """
    if not distance.has("squared euclidean"):
        off = descent.mean_gap(distance, (Fraction(0), Fraction(4)), rows("-3 0", "3 0"))
        if off is not None and not off.contains(0):
            return Finding.fails(f"{{(-3,0)}}, {{(3,0)}} from (0,4): descent off by {float(off.mid()):.4f}", "exact")
        return Finding.survived("the descent was not compared")
    stack, x = Stack(SPLITS["zero and three"], "C", distance), (Fraction(1),)
    share = descent.softmax([-e for e in stack.energies(x)])
    weights = {"share": share, "equal": [arb(1) / 2, arb(1) / 2], "last": [arb(0), arb(1)]}[stmt["weights"]]
    whole = descent.softmax([-distance(x, row) for row in stack.patterns()])
    gap = 3 * whole[1] - 3 * weights[1]
    if not gap.contains(0):
        return Finding.fails(f"the mixture is off by {float(gap.mid()):.4f}", margin="certified")
    return Finding.survived("zero lies in the ball")


RISES: dict[Reading, tuple[Layers, Fraction, Fraction]] = {
    "printed": ((((Fraction(0),),), ((Fraction(2),),)), Fraction(3, 2), HALF),
    "A": (SPLITS["zero and three"], Fraction(0), Fraction(1)),
    "B": (SPLITS["zero and three"], Fraction(0), Fraction(1)),
    "C": (SPLITS["zero and three"], Fraction(0), Fraction(1)),
}
"""Layers, input and radius for which the steps of equation (6) raise E_global, by reading."""


def _rise(reading: Reading, distance: Distance) -> str | None:
    """The first step of the two that certainly raises E_global, in words."""
    layers, start, reach = RISES[reading]
    flat = [[row[0] for row in layer] for layer in layers]
    path = layer_steps.composed(start, flat, reach, reading)
    stack = Stack(layers, reading, distance)
    for before, after in pairwise(path):
        ends = ((before,), (after,))
        if sign(lambda e=ends: stack.total(e[1]) - stack.total(e[0]), HARD) == 1:  # type: ignore[misc]
            low, high = (float(stack.total(x).mid()) for x in ends)
            return f"{show(stack)}: {', '.join(map(str, path))}; {before} to {after} raises it, {low:.4f} to {high:.4f}"
    return None


claim(
    "EQ6-MM",
    {"step": "layers", "readings": READINGS},
    mutants={"the mixture of layers in place of their composition": {"step": "mixture", "readings": READINGS}},
)


@check(
    "EQ6-MM",
    kind="certified",
    scope="two layers on the line that hold all patterns, every reading, exact steps",
)
def layers_descend(stmt: Any, distance: Distance) -> Finding:
    """Equation (6) run exactly through both layers; does E_global rise?"""
    if stmt["step"] != "layers":
        return Finding.survived("not about the composition of layers")
    if not distance.by_length:
        return Finding.undecided("the step is solved exactly for norms and the squared Euclidean distance")
    rises = [_rise(reading, distance) for reading in stmt["readings"]]
    if all(rises):
        return Finding.fails("; ".join(filter(None, rises)), margin="certified")
    return Finding.survived("E_global did not rise under every reading")


@check("EQ6-MM", kind="symbolic", scope="any number of layers, any layer energies")
def mixture_descends(stmt: Any, distance: Distance) -> Finding:
    """Whether the step minimizes a surrogate that majorizes and touches E_global."""
    if stmt["step"] == "mixture" and majorization.mixture_residuals(Mixture()) == (0, 0) and majorization.gibbs():
        return Finding.holds(f"Q(x|y) - H(pi(y)) majorizes E_global and touches it at y, for {distance.name} as well")
    return Finding.undecided("E_t majorizes E_global but does not touch it")


claim(
    "EQ6-SUN3",
    {"surrogate": "layer"},
    mutants={"the mixture of layers": {"surrogate": "mixture"}},
)
claim(
    "EQ8-SUN",
    {"surrogate": "layer"},
    mutants={"the mixture of layers": {"surrogate": "mixture"}},
)


@check(
    "EQ6-SUN3",
    "EQ8-SUN",
    kind="certified",
    scope="layers {0}, {1}, input 1/2, at a pattern inside the ball, every reading",
)
def majorizes(stmt: Any, distance: Distance) -> Finding:
    """E_t - E_global - c_t with c_t = E_t(y) - E_global(y), at a point that is no farther from y than a pattern."""
    y, ends = (HALF,), ((Fraction(0),), (Fraction(1),))
    if stmt["surrogate"] != "layer":
        return Finding.survived("not about the energy of one layer")
    faults = []
    for reading in READINGS:
        x, stack = ends[1] if reading == "printed" else ends[0], Stack(SPLITS["zero and one"], reading, distance)
        gap = sign(lambda s=stack, x=x: majorization.surrogate_gap(s, 0, y, x), HARD)  # type: ignore[misc]
        value = majorization.surrogate_gap(stack, 0, y, x)
        faults += [f"{reading}: x={x[0]}, short by {float(-value.mid()):.4f}"] if gap == -1 else []
    if len(faults) < len(READINGS):
        return Finding.survived("no violation under every reading")
    text = "layer 1 of {0}, {1}, from 1/2, with the touching constant. " + "; ".join(faults)
    return Finding.fails(text, margin="certified")


@check("EQ6-SUN3", "EQ8-SUN", kind="symbolic", scope="any number of layers, any layer energies")
def mixture_majorizes(stmt: Any, distance: Distance) -> Finding:
    """The mixture Q(.|y) lies above E_global plus a constant and touches, one layer's energy does not."""
    if stmt["surrogate"] == "mixture" and majorization.mixture_residuals(Mixture()) == (0, 0) and majorization.gibbs():
        return Finding.holds(f"Q(x|y) >= E_global(x) + H(pi(y)), equal at y, for {distance.name} as well")
    return Finding.undecided("-log pi_t is not smallest at the input")


@check("EQ6-SUN3", kind="symbolic", scope="layers {0}, {1} at 1/2, readings A and printed")
def tangent(stmt: Any) -> Finding:
    """A surrogate that touches inside the ball has the slope of what it majorizes."""
    if stmt["surrogate"] != "layer":
        return Finding.survived("not about the energy of one layer")
    readings: tuple[Reading, ...] = ("A", "printed")
    slopes = [majorization.slopes_between(reading) for reading in readings]
    if not all(majorization.slopes_are_seen(reading) for reading in readings):
        raise ArithmeticError("the slopes are not those of certified differences")
    if all((a - b).is_nonzero for a, b in slopes):
        return Finding.fails(
            f"slopes of E_1 and of E_global at 1/2: {slopes[0]} under A, {slopes[1]} as printed", "exact"
        )
    return Finding.survived("the slopes agree")


claim(
    "EQ8-SUN-FIX",
    {"offset": 0, "strict": True},
    mutants={
        "touches somewhere": {"offset": 0, "strict": False},
        "by log 2 at least": {"offset": 1, "strict": True},
        "by a hundredth of log 2 at least": {"offset": Fraction(1, 100), "strict": True},
    },
)


@check("EQ8-SUN-FIX", kind="symbolic", scope="any number of layers, at least two; any layer energies, any distance")
def above(stmt: Any, distance: Distance) -> Finding:
    """E_t - E_global = -log pi_t = log(1 + R) with R > 0, the sum of exp(E_t - E_s) over the other layers."""
    gap = majorization.height()
    if not (majorization.log_share_holds() and gap.is_positive and majorization.height_is_seen()):
        return Finding.undecided("E_t - E_global is not log(1 + R)")
    if not stmt["strict"]:
        return Finding.fails(f"E_t - E_global = {gap} > 0 everywhere", margin="exact")
    if stmt["offset"] <= 0:
        return Finding.holds(f"E_t - E_global = {gap} > 0, for {distance.name} as well")
    return Finding.undecided("R may be as small as one likes")


@check("EQ8-SUN-FIX", kind="certified", scope="layers {0}, {20} at the first pattern, reading A")
def above_point(stmt: Any, distance: Distance) -> Finding:
    """How little a layer's energy lies above E_global."""
    stack, x = Stack(SPLITS["far apart"], "A", distance), (Fraction(0),)
    bound = to_arb(stmt["offset"]) * arb(2).log()
    if sign(lambda: stack.energies(x)[0] - stack.total(x) - bound, HARD) == -1:
        return Finding.fails(f"{show(stack, x)}: E_1 lies above E_global by less", margin="certified")
    return Finding.survived("it lies above by more there")
