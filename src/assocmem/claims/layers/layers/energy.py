"""Checks of the energy of one layer, of the split, and of what each reading makes of E_global (chapter 4)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import sign, to_arb
from assocmem.theory.exact.distances import Distance, Point
from assocmem.theory.layers.stack import (
    HARD,
    Reading,
    Stack,
    held,
    last_part,
    left_out,
    multiplicity,
    negative,
    normalizer_residuals,
    of_nearest,
    points,
    rows,
    show,
    stacks,
    union_residual,
)
from assocmem.theory.logsumexp.induction import sum_step

claim("EQ-ET", "printed", mutants={"E_t = g_t": "A", "E_t = g_t + log Z_t": "B"})
claim("EQ-ET-FIX", "B", mutants={"the printed density": "printed", "minus LSE of minus the distances": "C"})


@check("EQ-ET", "EQ-ET-FIX", kind="symbolic", scope="any patterns; d >= 0 vanishes exactly at equal points")
def lowest_at_patterns(stmt: Reading, distance: Distance) -> Finding:
    """The slope of E_t as a function of g_t: g_t vanishes exactly at the patterns of the layer."""
    if stmt == "C" or not distance.has("nonnegative", "separates"):
        return Finding.undecided("not a function of g_t, or d may vanish elsewhere")
    g, z = sp.symbols("g Z", positive=True)
    slope = sp.diff(of_nearest(stmt, g, z), g)
    if slope.is_positive:
        return Finding.holds(f"dE_t/dg_t = {slope} > 0: smallest exactly where g_t = 0")
    return Finding.fails(f"dE_t/dg_t = {slope} < 0: largest at the patterns, for all of them", margin="exact")


@check("EQ-ET", "EQ-ET-FIX", kind="certified", scope="a pattern of a layer against other exact points")
def lowest_at_patterns_points(stmt: Reading, distance: Distance) -> Finding:
    """A certified point of smaller energy than a pattern of the layer."""
    if stmt == "B" and not distance.has("nonnegative", "separates"):
        return Finding.undecided("the statement is about distances d >= 0 that vanish only at equal points")
    for layer, x in ((rows("0"), "1"), (rows("-1/4", "1/4"), "0")):
        stack, at, other = Stack((layer,), stmt, distance), layer[-1], (Fraction(x),)
        if sign(lambda s=stack, a=at, b=other: s.total(a) - s.total(b), HARD) == 1:  # type: ignore[misc]
            gap = float((stack.total(at) - stack.total(other)).mid())
            return Finding.fails(f"{show(stack)}: larger at the pattern {at[0]} than at {x}", margin=f"{gap:.4f}")
    return Finding.survived("no smaller energy at the points tried")


claim(
    "SPLIT",
    "any parts",
    mutants={"every part holds a pattern": "parts with patterns", "fewer patterns than layers": "too few"},
)


@check("SPLIT", kind="symbolic", scope="any numbers of patterns and layers")
def divided(stmt: str) -> Finding:
    """One pattern for each layer but the last, which takes the rest: it holds one where there are enough."""
    size = last_part(spare=True)
    if stmt != "too few" and size.is_positive and size.subs(sp.Symbol("b", nonnegative=True), 0) == 1:
        text = f"the last layer is left with {size} patterns, b being those beyond one a layer"
        return Finding.holds(text) if stmt != "any parts" else Finding.holds_if("no layer is empty", text)
    return Finding.undecided("there are fewer patterns than layers")


@check("SPLIT", kind="symbolic", scope="fewer patterns than layers")
def empty_part(stmt: str) -> Finding:
    """With fewer patterns than layers some layer holds none, and g_t is a minimum over nothing."""
    if stmt != "parts with patterns" and last_part(spare=False) == -sp.Symbol("b", nonnegative=True):
        text = "one pattern, two layers: one of them is empty, and its g_t a minimum over nothing"
        return Finding.fails(text, margin="exact", outside=stmt == "any parts")
    return Finding.survived("every layer has its minimum")


claim("X-SPLIT", (9, 1), mutants={"in the first way 4": (4, 1), "in the second way 4": (9, 4), "the same": (9, 9)})


@check("X-SPLIT", kind="certified", scope="the patterns 0, 1 and 3 in two layers, reading A, at 0")
def divided_otherwise(stmt: tuple[int, int]) -> Finding:
    """E_global at 0 for both divisions against -log(1 + exp(-k)) for the stated k, in balls."""
    divided = ((rows("0", "1"), rows("3")), (rows("0"), rows("1", "3")))
    stacks_, zero = [Stack(layers, "A") for layers in divided], (Fraction(0),)
    off = [stack.total(zero) + (1 + (-to_arb(k)).exp()).log() for stack, k in zip(stacks_, stmt, strict=True)]
    if not all(gap.contains(0) for gap in off):
        return Finding.fails(f"off by {', '.join(f'{float(gap.mid()):.4f}' for gap in off)}", margin="certified")
    if sign(lambda: stacks_[0].total(zero) - stacks_[1].total(zero), HARD) in (-1, 1):
        shown = "; ".join(f"{held(s.layers)}: {float(s.total(zero).mid()):.4f}" for s in stacks_)
        return Finding.enumerated(f"E_global(0). {shown}", margin="certified")
    return Finding.survived("no difference was seen")


WEIGHTS = {"power": 1, "may agree": False}
"""Weight m^power of a pattern in m layers; whether E_global and E may agree at a point where a pattern is shared."""
claim(
    "SPLIT-FIX",
    WEIGHTS,
    mutants={
        "each pattern counted once": {**WEIGHTS, "power": 0},
        "the number of layers squared": {**WEIGHTS, "power": 2},
        "no effect of a shared pattern at some point": {**WEIGHTS, "may agree": True},
    },
)


@check("SPLIT-FIX", kind="symbolic", scope="any split, overlaps allowed, any distance, reading C")
def counts_layers(stmt: Any, distance: Distance) -> Finding:
    """exp(-E_t) is the layer's sum, and joining a layer adds its sum: a pattern of m layers counts m + 1 times."""
    residual, added = union_residual(stmt["power"]), union_residual(0)
    if residual != 0:
        return Finding.undecided(
            f"exp(-E_global) differs by {residual} when one more layer holds a pattern of m layers"
        )
    if not added.is_positive:
        return Finding.undecided("a shared pattern may add nothing")
    if stmt["may agree"]:
        return Finding.fails(f"a shared pattern adds {added} > 0 to exp(-E), at every point", margin="exact")
    text = f"each further layer that holds a pattern adds {added} > 0 to exp(-E), at every point"
    return Finding.holds(f"{text}: equal iff no pattern lies in two layers; for {distance.name} and any other distance")


@check("SPLIT-FIX", kind="certified", scope="eleven splits with and without shared patterns")
def counts_layers_points(stmt: Any, distance: Distance) -> Finding:
    """E_global minus the stated formula in Arb balls."""
    for stack in stacks(distance, ("C",)):
        for x in points(stack.layers):
            gap = stack.total(x) - multiplicity(stack, x, stmt["power"])
            if not gap.contains(0):
                return Finding.fails(f"{show(stack, x)}: off by {float(gap.mid()):.4f}", margin="certified")
    return Finding.survived("zero lies in every ball")


CHAIN = {"log_d": Fraction(1), "log_l": Fraction(1), "overlap": False}
claim(
    "X-READ-A",
    CHAIN,
    mutants={
        "99/100 of log d": {**CHAIN, "log_d": Fraction(99, 100)},
        "99/100 of log l": {**CHAIN, "log_l": Fraction(99, 100)},
        "patterns may be shared": {**CHAIN, "overlap": True},
    },
)


@check("X-READ-A", kind="symbolic", scope="any disjoint split, any distance, reading A")
def chain(stmt: Any, distance: Distance) -> Finding:
    """exp(g-E) is a sum of d terms in (0, 1], one of them 1, and exp(g-E_global) is a part of it with l terms.

    A part, as each layer that is joined leaves out the rest of its patterns and nothing else.
    """
    omitted, rests = left_out(stmt["overlap"]), sp.symbols("q r", nonnegative=True)
    enough = omitted.is_nonnegative and omitted.subs(dict.fromkeys(rests, 0)) == 0
    if sum_step() and enough and stmt["log_d"] >= 1 and stmt["log_l"] >= 1:
        return Finding.holds(f"l of the d terms exp(-d_i) are the layers' nearest ones; for {distance.name} as well")
    return Finding.undecided("the terms count 1 to d and 1 to l")


@check("X-READ-A", kind="certified", scope="exact points beside the splits that the statement speaks of")
def chain_points(stmt: Any, distance: Distance) -> Finding:
    """Certified signs of the four slacks."""

    def slacks(stack: Stack, x: Point) -> list[arb]:
        patterns = stack.patterns()
        g, energy, whole = distance.nearest(x, patterns), distance.energy(x, patterns), stack.total(x)
        d, size = arb(len(patterns)).log(), arb(stack.count).log()
        low = energy - g + d * to_arb(stmt["log_d"])
        return [low, whole - energy, g - whole, whole - g + size * to_arb(stmt["log_l"])]

    chosen = (s for s in stacks(distance, ("A",)) if s.disjoint() or stmt["overlap"])
    hit = negative(slacks, chosen)
    return Finding.survived("no slack is certainly negative") if hit is None else Finding.fails(hit, margin="certified")


claim(
    "EQ9-FIX",
    {"reading": "B", "total": "l"},
    mutants={
        "normalizing constant 1": {"reading": "B", "total": "1"},
        "normalizing constant l under A": {"reading": "A", "total": "l"},
    },
)
claim("X-READ-A-DENS", {"reading": "A", "total": "sum"}, mutants={"as many as layers": {"reading": "A", "total": "l"}})


@check(
    "EQ9-FIX",
    "X-READ-A-DENS",
    kind="symbolic",
    scope="any number of layers (by induction), any patterns with 0 < Z_t < oo",
)
def mixture_density(stmt: Any, distance: Distance) -> Finding:
    """exp(-E_global) = sum_t exp(-E_t); each term integrates to 1 under B and to Z_t under A.

    One layer, and one layer more, add to Z_theta what the statement says that they add.
    """
    residuals = normalizer_residuals(stmt["reading"], stmt["total"])
    if residuals == (0, 0):
        text = f"exp(-E_global) is the sum of the layers' terms, for {distance.name} and any other"
        return Finding.holds(text, margin="residual 0")
    first, more = residuals
    return Finding.fails(f"off by {first} for one layer, and by {more} for each one more", margin="exact")


@check("EQ9-FIX", kind="certified", scope="exact points beside eleven splits, equal and unequal Z_t")
def mixture_density_points(stmt: Any, distance: Distance) -> Finding:
    """exp(-E_global)/Z_theta minus the mean of exp(-g_t)/Z_t in Arb balls."""
    for stack in stacks(distance, ("B",)):
        read = replace(stack, reading=stmt["reading"])
        scales = stack.normalizers or (Fraction(1),) * stack.count
        size = stack.count if stmt["total"] == "l" else 1
        for x in points(stack.layers):
            terms = [(-distance.nearest(x, own)).exp() / to_arb(z) for own, z in zip(stack.layers, scales, strict=True)]
            gap = (-read.total(x)).exp() / size - sum(terms, arb(0)) / stack.count
            if not gap.contains(0):
                return Finding.fails(f"{show(read, x)}: off by {float(gap.mid()):.4f}", margin="certified")
    return Finding.survived("zero lies in every ball")


claim("EQ9", "printed", mutants={"E_t = g_t + log Z_t": "B"})


@check("EQ9", kind="symbolic", scope="one layer, any patterns: (9) against (5)")
def density_of_one(stmt: Reading) -> Finding:
    """With one layer, E_global = E_1, and the density must be exp(-g)/Z up to its constant."""
    g, z = sp.symbols("g Z", positive=True)
    slope = sp.simplify(sp.diff(of_nearest(stmt, g, z) - g, g))
    if slope == 0:
        return Finding.heuristic("a density of the memory; nothing relates it to the probabilities of the next token")
    return Finding.fails(f"-log p_theta - g has the slope {slope} in g: (9) does not reduce to (5)", margin="exact")


@check("EQ9", kind="certified", scope="layers {0}, {4} with equal Z_t")
def density_at_patterns(stmt: Reading, distance: Distance) -> Finding:
    """Is the density larger at a stored pattern than between the patterns and far away?"""
    stack = Stack((rows("0"), rows("4")), stmt, distance)
    at = [(Fraction(v),) for v in (0, 2, 40)]
    if all(sign(lambda x=x: stack.total(at[0]) - stack.total(x), HARD) == 1 for x in at[1:]):  # type: ignore[misc]
        values = ", ".join(f"{float(stack.total(x).mid()):.4f}" for x in at)
        return Finding.fails(f"{show(stack)}: E_global at 0, 2, 40: {values}; the pattern is least likely", "certified")
    return Finding.survived("the pattern is more likely")
