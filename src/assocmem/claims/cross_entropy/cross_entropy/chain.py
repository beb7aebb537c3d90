"""Checks of the chain (15) as a whole: one energy for both steps, the size of the error, the scalar inequality."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.claims.cross_entropy.cross_entropy.proof import HALF, ball, number
from assocmem.theory.cross_entropy import derivations, formula_against_loss, proof_steps
from assocmem.theory.cross_entropy.arranged import Arranged, broken_arranged
from assocmem.theory.cross_entropy.bounds import tangent_bowl
from assocmem.theory.cross_entropy.line import line
from assocmem.theory.cross_entropy.one_layer import Balls, OneLayer, certified_error
from assocmem.theory.cross_entropy.proof_steps import M, Scalar, Z
from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.layers.stack import HARD, READINGS


def errors_are_these() -> bool:
    """Whether the formula exceeds the loss by 1/Z under A and B, and by log(Z/M) with the printed energy."""
    return all(sp.simplify(proof_steps.error_of_formula(reading) - error) == 0 for reading, error in ERRORS.items())


def error_takes_every_value() -> bool:
    """Whether log(Z/M) runs from oo to -oo with r for every n and d, and 1/Z, the error under A and B, from oo on."""
    limits = formula_against_loss.error_limits() == (sp.oo, -sp.oo)
    return bool(errors_are_these() and limits and sp.limit(1 / Z, Z, 0, "+") == sp.oo)


ERRORS: dict[OneLayer, sp.Expr] = {"A": 1 / Z, "B": 1 / Z, "printed": sp.log(Z / M)}
claim(
    "X-CE-ERR",
    ERRORS,
    mutants={
        "1/Z with the printed energy": {**ERRORS, "printed": 1 / Z},
        "the other sign": {reading: -error for reading, error in ERRORS.items()},
    },
)


@check("X-CE-ERR", kind="symbolic", scope="one layer, any Z and M; readings printed, A and B")
def error_by_reading(stmt: Any, distance: Distance) -> Finding:
    """log Z + 1/Z minus the exact loss of each reading, against what is stated."""
    if not distance.has("nonnegative", "separates"):
        return Finding.undecided("g_t need not be 0 at the patterns of layer t")
    off = {reading: sp.simplify(proof_steps.error_of_formula(reading) - error) for reading, error in stmt.items()}
    if all(rest == 0 for rest in off.values()):
        return Finding.holds("the loss is log Z under A and B, and log M + 1/Z with the printed energy")
    return Finding.fails("; ".join(f"{reading}: off by {rest}" for reading, rest in off.items() if rest != 0))


@check("X-CE-ERR", kind="certified", scope="one layer {0, 3} on the line, r = 1/2, readings printed, A and B")
def error_on_the_line(stmt: Any, distance: Distance) -> Finding:
    """The same from exact losses, by quadrature; on the line every distance has these two integrals."""
    del stmt
    for reading in ("printed", "A", "B"):
        layered = line("0 3", radius=HALF, reading=reading, distance=distance)
        with precision(128):
            z, w = layered.normalizers[0], layered.masses[0]
            error = z.log() - w.log() if reading == "printed" else 1 / z
            gap = z.log() + 1 / z - layered.loss() - error
        if not gap.contains(0):
            return Finding.fails(f"reading {reading}: off by {number(gap)}", margin="certified")
    return Finding.survived("the errors are 1/Z and log(Z/M)")


claim(
    "EQ15",
    {"right": "log Z + 1/Z"},
    mutants={"log M + 1/Z in place of log Z + 1/Z, M the integral of exp(-E_t)": {"right": "log M + 1/Z"}},
)


@check("EQ15", kind="symbolic", scope="one layer, every n and d, as the radius varies; readings printed, A and B")
def any_error(stmt: Any) -> Finding:
    """Whatever the approximate sign allows: the error of the right side exceeds it at some radius."""
    if stmt["right"] == "log Z + 1/Z" and error_takes_every_value():
        return Finding.fails("log(Z/M) takes every real value, 1/Z every large one", margin="exact")
    return Finding.undecided("another right side")


@check("EQ15", kind="certified", scope="n = d = l = 1, r = 1/2 and 1/100, readings printed and A")
def no_approximation(stmt: Any, distance: Distance) -> Finding:
    """Loss and right side for one layer, where the first equality is exact: the error grows without bound."""
    if stmt["right"] != "log Z + 1/Z":
        return Finding.survived("the exact right side")
    shown, certain = [], True
    for radius in (HALF, Fraction(1, 100)):
        with precision(128):
            z = ball("A", distance, radius).normalizers[0]
            stated = z.log() + 1 / z
            losses = [ball(reading, distance, radius).loss() for reading in ("printed", "A")]
            certain = certain and all(abs(value - stated) > to_arb(HALF) for value in losses)
        shown.append(f"r={radius}: stated {number(stated)}, printed {number(losses[0])}, A {number(losses[1])}")
    if certain:
        return Finding.fails("; ".join(shown), margin="certified")
    return Finding.survived("near each other at these radii")


@check("EQ15", kind="symbolic", scope="one layer, printed energy, any Z and M")
def exact_right(stmt: Any) -> Finding:
    """The exact loss of the printed energy, against the right side."""
    if stmt["right"] == "log M + 1/Z" and proof_steps.steps("printed").loss() == sp.log(M) + 1 / Z:
        return Finding.holds("the loss of one layer with the printed energy")
    return Finding.undecided("settles only the statement with M in place of Z in the logarithm")


@dataclass(frozen=True)
class Range:
    """log(Z/M) takes every real value between ``low`` and ``high`` as r varies."""

    low: sp.Expr = -sp.oo
    high: sp.Expr = sp.oo


claim(
    "X-CE-TUNED",
    Range(),
    mutants={"positive values only": Range(low=sp.Integer(0)), "values below 5 only": Range(high=sp.Integer(5))},
)


@check(
    "X-CE-TUNED",
    kind="symbolic",
    scope="all n and d",
    in_words="the integrals are continuous in r, and what lies between two values of a continuous function is taken",
)
def every_value(stmt: Range) -> Finding:
    """log(Z/M) is above a bound that tends to oo as r -> 0, and below one that tends to -oo as r -> oo."""
    if error_takes_every_value() and tangent_bowl() and stmt == Range():
        return Finding.holds("between both ends every real value occurs")
    return Finding.undecided("another range was stated")


@check("X-CE-TUNED", kind="certified", scope="n = 1, d = 1 and 5; n = 3 and 10; a small and a large radius")
def both_signs(stmt: Range) -> Finding:
    """Certified errors at r = 1/20 and r = 4 for patterns at least 2r apart, against the stated ends."""
    if not formula_against_loss.bounds_agree():
        return Finding.fails("the bounds of the proof are not those of the interval [-1/2, 1/2]", margin="certified")
    shown = []
    for n, d in ((1, 1), (1, 5), (3, 1), (10, 2)):
        small, large = (certified_error(Balls(n, Fraction(r), d)) for r in ("1/20", "4"))
        if not small > 0 > large:
            return Finding.undecided(f"n={n}, d={d}: one sign only")
        if (stmt.low == 0 and large < 0) or (stmt.high == 5 and small > 5):
            return Finding.fails(f"n={n}, d={d}: {number(large)} at r=4, {number(small)} at r=1/20", margin="certified")
        shown.append(f"n={n}, d={d}: {number(small)} and {number(large)}")
    return Finding.survived("; ".join(shown))


claim(
    "X-CE-FAR",
    Fraction(1),
    mutants={"an error that tends to 0": Fraction(0), "99/100 of its limit": Fraction(99, 100)},
)


@check("X-CE-FAR", kind="symbolic", scope="all n, d and r")
def far_limit(stmt: Fraction) -> Finding:
    """log(Z/M) lies within 1/|Omega| above log(Z/|Omega|), by Jensen's inequality and M < |Omega|.

    Z/|Omega| is the mean of exp(-g) with 0 < g < r^2 almost everywhere.
    """
    if tangent_bowl() and formula_against_loss.far_holds() and stmt == 1:
        return Finding.holds("the excess over log(Z/|Omega|) is at most 1/|Omega|, which falls to 0 as d grows")
    return Finding.undecided("the limit is that of the proof")


@check("X-CE-FAR", kind="certified", scope="n = 1, 10, 30 at |Omega| near 10 and 10^6")
def far_from_zero(stmt: Fraction) -> Finding:
    """log(Z/M) minus its stated limit, against 1/|Omega|."""
    hit = formula_against_loss.broken_far(stmt)
    return Finding.survived("within 1/|Omega|") if hit is None else Finding.fails(hit, margin="certified")


@dataclass(frozen=True)
class Root:
    """M = Z at one radius, in (low, high), for n = d = 1."""

    low: Fraction = Fraction("1.20852168")
    high: Fraction = Fraction("1.20852169")


claim(
    "X-CE-ROOT",
    Root(),
    mutants={"one unit of the last digit lower": Root(Fraction("1.20852167"), Fraction("1.20852168"))},
)


@check("X-CE-ROOT", kind="certified", scope="all r > 0, by certified steps and bounds at both ends")
def only_root(stmt: Root) -> Finding:
    """The sign of log(Z/M) outside the bracket and its change inside, once."""
    if not formula_against_loss.bracket(stmt.low, stmt.high):
        return Finding.fails("log(Z/M) does not change its sign in the bracket", margin="certified")
    if formula_against_loss.only_root_between(stmt.low, stmt.high):
        return Finding.enumerated("for n = d = 1 the value 0 occurs only in the bracket")
    return Finding.undecided("the bracket was not confirmed")


claim(
    "X-CE-BOTH",
    Arranged(),
    mutants={
        "losses from 1/2 on": Arranged(HALF),
        "losses from 3/2 on": Arranged(Fraction(3, 2)),
        "1/z at the pattern of least energy, not in the mean": Arranged(of="least"),
    },
)


@check("X-CE-BOTH", kind="symbolic", scope="any energy by its mean at the patterns, any number of layers, any distance")
def arranged(stmt: Arranged, distance: Distance) -> Finding:
    """Both steps give L = log z + 1/z, whose values fill [1, oo); a constant moves log(integral) against the energy."""
    if stmt.of != "mean":
        return Finding.undecided("the loss has the mean energy in it, and no other value")
    same = proof_steps.shift_residual() == 0 and sp.simplify(proof_steps.arranged_loss() - sp.log(Z) - 1 / Z) == 0
    values = proof_steps.range_of_formula()
    if not same or proof_steps.arranged_residuals() != (0, 0):
        return Finding.undecided("a step of the argument was not confirmed")
    if values.inf != sp.Rational(stmt.least) or values.left_open:
        between = (values.inf + sp.Rational(stmt.least)) / 2
        side = "can" if between in values else "cannot"
        return Finding.fails(f"an energy of loss {between} {side} be arranged so", margin="exact")
    text = f"log z + 1/z takes exactly the values from 1 on, for {distance.name} and any other distance"
    return Finding.attempt(text, derivations.both_steps)


@check(
    "X-CE-BOTH", kind="certified", scope="seven stacks of layers on the line, r = 1/2, all readings, L from 0.7 to 1.7"
)
def arranged_stacks(stmt: Arranged) -> Finding:
    """Whether L reaches the bound, whether both steps can hold, and the constant where they can."""
    hit = broken_arranged(stmt)
    if hit is None:
        return Finding.survived("a constant for every loss above 1, none below")
    return Finding.fails(hit, margin="certified")


BOTH = {"printed": sp.Eq(M, Z), "A": False, "B": False, "C": False}
claim(
    "X-CE-STEPS",
    BOTH,
    mutants={"A serves both": {**BOTH, "A": True}, "the printed energy serves both": {**BOTH, "printed": True}},
)


@check("X-CE-STEPS", kind="symbolic", scope="one layer, any Z_t and M; readings printed, A, B and C")
def one_energy_for_both(stmt: Any, distance: Distance) -> Finding:
    """A lacks (a), B one or both, the printed one (b) unless M = Z; under C the energy at a pattern is at most 0.

    These need g = 0 at the patterns: with d = |x - y|^2 + 1 and Z_t = 1, reading A satisfies both steps.
    """
    if not distance.has("nonnegative", "separates"):
        return Finding.undecided("g_t need not be 0 at the patterns of layer t")
    found = {reading: proof_steps.both_hold(reading) for reading in ("printed", "A", "B")}
    found["C"] = not proof_steps.sum_lacks_first_step()
    if found == stmt:
        return Finding.holds(f"for {distance.name} and every other that vanishes only at equal points")
    return Finding.undecided(f"both steps hold under these conditions: {found}")


@check("X-CE-STEPS", kind="certified", scope="n = d = l = 1, r = 1/2, every reading")
def one_energy(stmt: Any, distance: Distance) -> Finding:
    """The energy at the pattern against 1/Z_t, and the integral against Z_t, for each reading."""
    for reading in READINGS:
        model = ball(reading, distance)
        with precision(128):
            z = model.normalizers[0]
            at, integral = model.energy(0, Fraction(0)) - 1 / z, model.masses[0] - z
        both = at.contains(0) and integral.contains(0)
        if stmt[reading] is True and not both:
            text = f"reading {reading}, r=1/2: step (a) is off by {number(at)}, step (b) by {number(integral)}"
            return Finding.fails(text, margin="certified")
    return Finding.survived("no reading has both at this radius")


claim(
    "P4-SCALAR",
    Scalar(),
    mutants={
        "strict": replace(Scalar(), strict=True),
        "1001/1000 in place of 1": Scalar(Fraction(1001, 1000)),
        "999/1000 of 1/z": Scalar(weight=Fraction(999, 1000)),
    },
)


@check("P4-SCALAR", kind="symbolic", scope="all z > 0")
def tangent(stmt: Scalar) -> Finding:
    """With z = e^-v the difference is e^v - 1 - v, zero at v = 0 with its slope and strictly convex."""
    if stmt.holds():
        text = "log z + 1/z - 1 = e^v - 1 - v >= 0 for z = e^-v, and 0 only at z = 1"
        return Finding.attempt(text, partial(derivations.scalar_inequality, stmt.bound, stmt.weight, stmt.strict))
    return Finding.fails(f"the minimum over z > 0 is {stmt.least()}, at z = {stmt.weight}", margin="exact")


@check("P4-SCALAR", kind="certified", scope="z from 1/1000 to 1000")
def tangent_points(stmt: Scalar) -> Finding:
    """Certified signs at exact points."""
    for z in (Fraction(1, 1000), HALF, Fraction(999, 1000), Fraction(1001, 1000), Fraction(1000)):

        def slack(z: Fraction = z) -> arb:
            return to_arb(z).log() + to_arb(stmt.weight / z) - to_arb(stmt.bound)

        if sign(slack, HARD) == -1:
            return Finding.fails(f"z={z}: below the bound", margin="certified")
    return Finding.survived("no violation")
