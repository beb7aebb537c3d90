"""Checks of the chain (15) as a whole: one energy for both steps, the size of the error, the scalar inequality."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.claims.cross_entropy.cross_entropy.proof import HALF, ball, number
from assocmem.theory.cross_entropy import formula_against_loss, proof_steps
from assocmem.theory.cross_entropy.bounds import tangent_bowl
from assocmem.theory.cross_entropy.proof_steps import Scalar, W, Z
from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.layers.stack import HARD

claim(
    "P4-DEF",
    {"a": "printed", "b": "printed"},
    mutants={"an energy of its own for each step": {"a": "printed", "b": "A"}},
)


@check("P4-DEF", kind="symbolic", scope="any Z_t and W, the integral of exp(-E_t) for the printed energy")
def gaps_vanish(stmt: Any) -> Finding:
    """What is missing in each step, for the energy that it uses."""
    first, second = proof_steps.steps(stmt["a"]).gaps()[0], proof_steps.steps(stmt["b"]).gaps()[1]
    if sp.simplify(first) == 0 and sp.simplify(second) == 0:
        return Finding.holds("step (a) with the printed energy, step (b) with E_t = g_t")
    return Finding.undecided(f"step (a) misses {first}, step (b) {second}")


@check("P4-DEF", kind="certified", scope="n = d = l = 1, r = 1/2")
def one_energy(stmt: Any, distance: Distance) -> Finding:
    """Whether the energy of step (a) has the integral that step (b) needs."""
    model = ball(stmt["b"], distance)
    mass, z = model.masses[0], model.normalizers[0]
    if not (mass - z).contains(0):
        return Finding.fails(f"r=1/2: step (b) needs {number(z)}, the integral is {number(mass)}", margin="certified")
    return Finding.survived("step (b) holds with this energy")


def error_takes_every_value() -> bool:
    """Whether log(Z/W) runs from oo to -oo with r for every n and d, and 1/Z, the error under A and B, from oo on."""
    own = [sp.simplify(sp.log(Z) + 1 / Z - proof_steps.steps(reading).loss() - 1 / Z) for reading in ("A", "B")]
    return bool(
        own == [0, 0] and formula_against_loss.error_limits() == (sp.oo, -sp.oo) and sp.limit(1 / Z, Z, 0, "+") == sp.oo
    )


claim("EQ15", {"right": "log Z + 1/Z"}, mutants={"log W + 1/Z on the right": {"right": "log W + 1/Z"}})


@check("EQ15", kind="symbolic", scope="one layer, printed energy, any Z and W")
def exact_right(stmt: Any) -> Finding:
    """The exact loss of the printed energy, against the right side."""
    if stmt["right"] == "log W + 1/Z" and proof_steps.steps("printed").loss() == sp.log(W) + 1 / Z:
        return Finding.holds("the loss of one layer with the printed energy")
    return Finding.undecided(f"the loss is {proof_steps.steps('printed').loss()}")


@check("EQ15", kind="symbolic", scope="one layer, every n and d, as the radius varies; readings printed, A and B")
def any_error(stmt: Any) -> Finding:
    """Whatever the approximate sign allows: the error of the right side exceeds it at some radius."""
    if stmt["right"] == "log Z + 1/Z" and error_takes_every_value():
        return Finding.fails("log(Z/W) takes every real value, 1/Z every large one", margin="exact")
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


@dataclass(frozen=True)
class Tuned:
    """W = Z at one radius in (low, high) for n = d = 1; log(Z/W) tends to ``far`` log(Z/|Omega|) as d -> oo."""

    low: Fraction = Fraction("1.20852168")
    high: Fraction = Fraction("1.20852169")
    far: Fraction = Fraction(1)


claim(
    "X-CE-TUNED",
    Tuned(),
    mutants={
        "one unit of the last digit lower": Tuned(Fraction("1.20852167"), Fraction("1.20852168")),
        "an error that tends to 0": Tuned(far=Fraction(0)),
        "99/100 of its limit": Tuned(far=Fraction(99, 100)),
    },
)


@check("X-CE-TUNED", kind="symbolic", scope="all n and d; the bracket for n = d = 1, by certified steps in r")
def every_value(stmt: Tuned) -> Finding:
    """log(Z/W) is continuous in r, above a bound that tends to oo as r -> 0, below one that tends to -oo as r -> oo.

    For fixed r it lies within 1/|Omega| above log(Z/|Omega|), by Jensen's inequality and W < |Omega|.
    """
    bounds = error_takes_every_value() and tangent_bowl() and formula_against_loss.far_holds() and stmt.far == 1
    if bounds and formula_against_loss.only_root_between(stmt.low, stmt.high):
        return Finding.holds("every real value occurs; for n = d = 1 the value 0 only in the bracket")
    return Finding.undecided("the bracket or the limit was not confirmed")


@check("X-CE-TUNED", kind="certified", scope="n = d = 1, both ends of the bracket")
def bracketed(stmt: Tuned) -> Finding:
    """Signs of log(Z/W) at the ends."""
    if formula_against_loss.bracket(stmt.low, stmt.high):
        return Finding.survived("positive at the lower end, negative at the upper one")
    return Finding.fails("log(Z/W) does not change its sign in the bracket", margin="certified")


@check("X-CE-TUNED", kind="certified", scope="n = 1, 10, 30 at |Omega| near 10 and 10^6")
def far_from_zero(stmt: Tuned) -> Finding:
    """log(Z/W) minus its stated limit, against 1/|Omega|."""
    hit = formula_against_loss.broken_far(stmt.far)
    return Finding.survived("within 1/|Omega|") if hit is None else Finding.fails(hit, margin="certified")


@dataclass(frozen=True)
class Arranged:
    """A constant added to an energy can make both steps hold iff its loss is at least ``least``."""

    least: Fraction = Fraction(1)


claim(
    "X-CE-BOTH",
    Arranged(),
    mutants={"losses from 1/2 on": Arranged(HALF), "losses from 3/2 on": Arranged(Fraction(3, 2))},
)


@check("X-CE-BOTH", kind="symbolic", scope="any energy with one value at the patterns; readings printed, A, B")
def arranged(stmt: Arranged, distance: Distance) -> Finding:
    """Both steps give L = log z + 1/z, whose values fill [1, oo); a constant moves log(integral) against the energy.

    Of the readings, A lacks (a), B one or both, the printed one (b) unless W = Z; under C the energy at a pattern is at
    most 0. These need g = 0 at the patterns: with d = |x - y|^2 + 1 and Z_t = 1, reading A satisfies both steps.
    """
    if not distance.has("nonnegative", "separates"):
        return Finding.undecided("g_t need not be 0 at the patterns of layer t")
    same = proof_steps.shift_residual() == 0 and sp.simplify(proof_steps.arranged_loss() - sp.log(Z) - 1 / Z) == 0
    values = proof_steps.range_of_formula()
    conditions = [proof_steps.both_hold(reading) for reading in ("printed", "A", "B")]
    same = same and proof_steps.arranged_residuals() == (0, 0) and proof_steps.sum_lacks_first_step()
    if not same or conditions != [sp.Eq(W, Z), False, False]:
        return Finding.undecided("a step of the argument was not confirmed")
    if values.inf != sp.Rational(stmt.least) or values.left_open:
        between = (values.inf + sp.Rational(stmt.least)) / 2
        side = "can" if between in values else "cannot"
        return Finding.fails(f"an energy of loss {between} {side} be arranged so", margin="exact")
    return Finding.holds(f"log z + 1/z takes exactly the values from 1 on, for {distance.name} and the like")


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
        return Finding.holds("log z + 1/z - 1 = e^v - 1 - v >= 0 for z = e^-v, and 0 only at z = 1")
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
