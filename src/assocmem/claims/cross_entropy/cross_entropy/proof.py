"""Checks of equation (15), the proof of Proposition 4: which energy each step uses and what the approximation costs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.cross_entropy import proof_steps, several_layers
from assocmem.theory.cross_entropy.line import Line, line, one_pattern
from assocmem.theory.cross_entropy.proof_steps import M, Z
from assocmem.theory.cross_entropy.several_layers import Served
from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.distances import PAPER, Distance
from assocmem.theory.layers.stack import READINGS, Reading, Stack, held, rows

HALF = Fraction(1, 2)


def ball(reading: Reading, distance: Distance = PAPER, radius: Fraction = HALF) -> Line:
    """One layer with the one pattern 0 and a ball of the given radius on the line."""
    return one_pattern(reading, distance, radius)


def number(value: arb) -> str:
    """Four decimals of a ball's midpoint."""
    return f"{float(value.mid()):.4f}"


claim(
    "EQ15-a",
    {"layers": "divide the patterns"},
    mutants={
        "for one layer": {"layers": "one"},
        "for layers that all hold every pattern": {"layers": "hold all patterns"},
    },
)


@check(
    "EQ15-a",
    kind="symbolic",
    scope="printed energies, any Z_t > 0 common to the layers, any number of layers, every c >= 0",
    in_words="the mean over the validation patterns of what holds at each",
)
def energy_at_patterns(stmt: Any, distance: Distance) -> Finding:
    """E_t at a pattern of layer t is 1/Z_t; where another layer lacks the pattern, E_global is below 1/Z_t - log l."""
    if not distance.has("separates") or proof_steps.steps("printed").gaps()[0] != 0:
        return Finding.undecided("g_t need not vanish at the patterns of layer t")
    step, whole, grows = proof_steps.energy_at_patterns_step()
    if stmt["layers"] == "one":
        return Finding.holds("one layer holds all patterns: E_t = 1/Z_t there, and c = 0")
    if not (step == whole == 0 and grows):
        return Finding.undecided("a step of the argument was not confirmed")
    if stmt["layers"] == "hold all patterns":
        return Finding.holds("every layer has the energy 1/Z at the patterns, and c = 0")
    if not distance.has("nonnegative"):
        return Finding.undecided("a layer that lacks a pattern may have more than the energy 1/Z there")
    return Finding.fails("the left side is less for every c >= 0: some layer lacks some pattern", margin="exact")


@check("EQ15-a", kind="certified", scope="layers {0}, {1}, printed energies with Z = 1, every c >= 0")
def two_layers(stmt: Any, distance: Distance) -> Finding:
    """The mean of E_global over the patterns against 1/Z - log 2, the least right-hand side."""
    if stmt["layers"] != "divide the patterns" or not distance.has("separates"):
        return Finding.survived("not asked of these layers, or of this distance")
    stack = Stack((rows("0"), rows("1")), "printed", distance)
    gap = sum(((1 - arb(2).log()) - stack.total(p) for p in stack.patterns()), arb(0)) / 2
    if sign(lambda: gap) == 1:
        text = f"layers {{0}}, {{1}}: the left side is {number(gap)} below the right one with c = 0"
        return Finding.fails(text, margin="certified")
    return Finding.survived("no certain difference")


@dataclass(frozen=True)
class Above:
    """Printed energies, a common Z: mean E_global <= 1/Z - share log l; equality iff all layers hold all patterns."""

    share: Fraction = Fraction(1)
    strict: bool = False


claim(
    "EQ15-a-FIX",
    Above(),
    mutants={
        "strict": Above(strict=True),
        "11/10 of log l": Above(share=Fraction(11, 10)),
        "9/10 of log l": Above(share=Fraction(9, 10)),
    },
)


@check(
    "EQ15-a-FIX",
    kind="symbolic",
    scope="any number of layers, by one more; any Z > 0, any distance d >= 0",
    in_words="the mean over the validation patterns of what holds at each",
)
def never_above(stmt: Above, distance: Distance) -> Finding:
    """1/Z - log l - E_global is the log of a mean of exp(u/Z) >= 1 with u = 1 - exp(-g_s), which is 1 iff g_s = 0."""
    if not distance.has("nonnegative", "separates"):
        return Finding.undecided("the distance may be negative, or vanish elsewhere")
    step, whole, grows = proof_steps.energy_at_patterns_step()
    if step == whole == 0 and grows and stmt == Above():
        return Finding.holds("the mean is at least 1, and 1 only where every layer holds the pattern")
    return Finding.undecided("the constant is that of the proof")


@check("EQ15-a-FIX", kind="certified", scope="layers {0}, {0} and {0}, {1} and {0}, {1}, {4, 5}, Z = 1/2, 1 and 2")
def never_above_points(stmt: Above, distance: Distance) -> Finding:
    """Certified signs of the slack; equal layers must give equality, others none."""
    for texts in (("0", "0"), ("0", "1"), ("0", "1", "4 5")):
        layers = tuple(rows(*text.split()) for text in texts)
        for z in (HALF, Fraction(1), Fraction(2)):
            stack = Stack(layers, "printed", distance, (z,) * len(layers))
            with precision(256):
                bound = 1 / to_arb(z) - to_arb(stmt.share) * arb(len(layers)).log()
                slack = bound - stack.total(stack.patterns()[0])
            equal = layers[0] == layers[1]
            wrong = (not slack.contains(0) or stmt.strict) if equal else not slack > 0
            if wrong:
                return Finding.fails(f"{held(layers)}, Z={z}: slack {number(slack)}", margin="certified")
    return Finding.survived("equality for equal layers, a positive slack for others")


claim("EQ15-Z", {"sign": -1}, mutants={"l e^c": {"sign": 1}})


@check(
    "EQ15-Z",
    kind="symbolic",
    scope="a constant c, any energies and Omega, any distance",
    in_words="a constant factor leaves the integral",
)
def constant_factor(stmt: Any, distance: Distance) -> Finding:
    """exp(-E_global) = l e^-c exp(-E_t) pointwise."""
    if proof_steps.constant_remainder_residual()[0] != 0:
        return Finding.undecided("the factor was not confirmed")
    if stmt["sign"] != -1:
        return Finding.fails("the factor is l e^-c, not l e^c", margin="exact")
    return Finding.holds(f"for {distance.name} and any other distance")


@dataclass(frozen=True)
class Constants:
    """The c of the display after (15), and the k of the c = log 2/(1 + e^-k) that step (a) meets at a pattern."""

    display: Fraction = Fraction(0)
    exponent: Fraction = Fraction(4)


claim(
    "EQ15-C",
    Constants(),
    mutants={"1/100 in the display": Constants(display=Fraction(1, 100)), "e^-3": Constants(exponent=Fraction(3))},
)


@check("EQ15-C", kind="certified", scope="layers {-1}, {1} on the line, radius 1/2, reading A")
def both_constants(stmt: Constants) -> Finding:
    """Both numbers by quadrature and from the energies, against the stated ones; they are not equal."""
    display, at_pattern = several_layers.constants_of_steps()
    with precision(128):
        stated = (2 / (1 + (-to_arb(stmt.exponent)).exp())).log()
        off = [display - to_arb(stmt.display), at_pattern - stated]
    if any(not gap.contains(0) for gap in off):
        return Finding.fails(f"the display has {number(display)}, step (a) {number(at_pattern)}", margin="certified")
    if at_pattern > display:
        return Finding.enumerated(f"the display has {number(display)}, step (a) {number(at_pattern)}")
    return Finding.undecided("the two were not separated")


@dataclass(frozen=True)
class Sums:
    """Z_theta = sum_t M_t, M_t = integral of exp(-E_t); max M_t <= Z_theta <= l^power max M_t; under B M_t = unit."""

    power: int = 1
    unit: int = 1


claim("EQ15-Z-FIX", Sums(), mutants={"without the factor l": Sums(power=0), "M_t = 2 under B": Sums(unit=2)})


@check(
    "EQ15-Z-FIX",
    kind="symbolic",
    scope="any number of layers, by one more; any energies, Omega and distance",
    in_words="the integral of the sum, and that l terms lie between their largest and l times that",
)
def sums(stmt: Sums, distance: Distance) -> Finding:
    """exp(-E_global) is the sum of the exp(-E_t) by (7); l terms lie between their largest and l times that."""
    joined = proof_steps.sum_of_exponentials_step() == 0
    if joined and proof_steps.steps("B").integral == stmt.unit and stmt.power == 1:
        return Finding.holds(f"layer by layer, for {distance.name} and any other distance; densities integrate to 1")
    return Finding.undecided("the constants are not those of the sum")


@check("EQ15-Z-FIX", kind="certified", scope="layers {0, 3}, {10} and {-1}, {1} on the line, radius 1/2, four readings")
def sums_line(stmt: Sums, distance: Distance) -> Finding:
    """Certified integrals of the layers against the bounds and, under B, against the unit."""
    for texts in (("0 3", "10"), ("-1", "1")):
        for reading in READINGS:
            layered = line(*texts, radius=HALF, reading=reading, distance=distance)
            with precision(128):
                total, largest = layered.log_partition().exp(), layered.masses[0].max(layered.masses[1])
                outside = total > 2**stmt.power * largest or total < largest
                off = reading == "B" and not (layered.masses[0] - stmt.unit).contains(0)
            if outside or off:
                return Finding.fails(
                    f"layers {texts}, reading {reading}: Z_theta = {number(total)}", margin="certified"
                )
    return Finding.survived("within the bounds")


claim("P4-WZ", "printed", mutants={"E_t = g_t in place of the printed energy": "A"})


@check("P4-WZ", kind="certified", scope="n = d = l = 1, r = 1/2")
def one_ball(stmt: Reading, distance: Distance) -> Finding:
    """Both integrals on [-1/2, 1/2], by quadrature with a proved error."""
    model = ball(stmt, distance)
    mass, z = model.masses[0], model.normalizers[0]
    if not (mass - z).contains(0):
        text = f"r=1/2: the integral of exp(-E_t) is {number(mass)}, Z_t = {number(z)}"
        return Finding.fails(text, margin=number(mass - z))
    return Finding.survived("both integrals agree")


@check("P4-WZ", kind="symbolic", scope="any patterns, Omega and distance")
def by_definition(stmt: Reading, distance: Distance) -> Finding:
    """Under A the integral is that of exp(-g_t), which is how Z_t is defined."""
    if stmt == "A" and proof_steps.steps("A").gaps()[1] == 0:
        return Finding.holds(f"the definition of Z_t, for {distance.name} and any other distance")
    return Finding.undecided("settles only the case E_t = g_t")


claim(
    "P4-ALG",
    sp.log(M) + 1 / Z,
    mutants={"Z_t in place of the integral": sp.log(Z) + 1 / Z, "1/Z_t dropped": sp.log(M)},
)


@check("P4-ALG", kind="symbolic", scope="constant c; any Z_t and integral M of exp(-E_t)")
def cancels(stmt: sp.Expr) -> Finding:
    """log l and c cancel; what remains of the left side is log(integral) + 1/Z_t."""
    rest = sp.simplify(proof_steps.step_b_left() - stmt)
    if rest == 0:
        return Finding.holds("an equality")
    return Finding.fails(f"the two sides differ by {rest}", margin="exact")


@check("P4-ALG", kind="certified", scope="n = d = l = 1, r = 1/2, printed energy, c = 0")
def left_over(stmt: sp.Expr) -> Finding:
    """The loss of one layer, which is the left side there, against the right side at its Z_t and M."""
    model = ball("printed")
    with precision(128):
        z, w = model.normalizers[0], model.masses[0]
        right = {sp.log(M) + 1 / Z: w.log() + 1 / z, sp.log(Z) + 1 / Z: z.log() + 1 / z, sp.log(M): w.log()}[stmt]
        gap = model.loss() - right
    if not gap.contains(0):
        return Finding.fails(f"one layer, r=1/2: the sides differ by {number(gap)} nats", margin="certified")
    return Finding.survived("no difference")


claim("P4-ALG-FIX", Served(), mutants={"half of log l": Served(HALF)})


@check(
    "P4-ALG-FIX",
    kind="symbolic",
    scope="any layers, any energies, any distance, c measurable with 0 <= c < log l",
    in_words="a mean lies between the bounds of what it is the mean of",
)
def within_log_l(stmt: Served, distance: Distance) -> Finding:
    """The difference is log(mean of e^-c) + mean of c, one in (-log l, 0], the other in [0, log l)."""
    if several_layers.served_holds() and stmt.share == 1:
        return Finding.holds(f"for {distance.name} and any other distance")
    return Finding.undecided("the proof gives log l")


@check("P4-ALG-FIX", kind="certified", scope="layers {0, 3}, {3} and {0, 3, 6}, {3}, {6} under A")
def within_log_l_line(stmt: Served) -> Finding:
    """Certified differences, with a layer that holds the patterns of all others."""
    hit = several_layers.broken_served(stmt)
    return Finding.survived("within the bound") if hit is None else Finding.fails(hit, margin="certified")
