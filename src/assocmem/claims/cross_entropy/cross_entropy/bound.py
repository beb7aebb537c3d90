"""Checks of Proposition 4 itself: its bound, its minimum, its constant, and what kind of loss it speaks of."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.claims.cross_entropy.cross_entropy.chain import error_takes_every_value
from assocmem.claims.cross_entropy.cross_entropy.proof import HALF, ball, number
from assocmem.theory.cross_entropy import discrete
from assocmem.theory.cross_entropy.discrete import Shift
from assocmem.theory.cross_entropy.line import line
from assocmem.theory.cross_entropy.proof_steps import Scalar, Z, constant_remainder_residual, steps
from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.distances import Distance
from assocmem.theory.layers.stack import READINGS, Reading

LAYERS, PARTITION, C = sp.symbols("l Z_theta c", positive=True)
MODEL = {"of": "the model"}
OF_THE_FORMULA = {"said of the formula log Z + 1/Z, not of the loss": {"of": "the formula"}}
REASONS = {
    "P4": "log Z + 1/Z is at least 1",
    "P4-BOUND": "log Z + 1/Z is at least 1, for every Z > 0",
    "P4-MIN": "log Z + 1/Z is least at Z = 1, with the value 1",
}

claim("P4", MODEL, mutants=OF_THE_FORMULA)
claim("P4-BOUND", MODEL, mutants=OF_THE_FORMULA)
claim("P4-MIN", MODEL, mutants=OF_THE_FORMULA)


def losses(distance: Distance, radius: Fraction = HALF) -> dict[Reading, arb]:
    """Exact losses of one pattern on the line, by reading."""
    return {reading: ball(reading, distance, radius).loss() for reading in READINGS}


def shown(by_reading: dict[Reading, arb]) -> str:
    """Losses in words."""
    return ", ".join(f"{reading} {number(value)}" for reading, value in by_reading.items())


@check("P4", "P4-BOUND", kind="certified", scope="n = d = l = 1, Omega = [-1/2, 1/2], every reading")
def smallest_model(stmt: Any, distance: Distance) -> Finding:
    """The exact loss of the smallest model under each reading."""
    by_reading = losses(distance)
    if stmt["of"] == "the model" and all(value < 1 for value in by_reading.values()):
        return Finding.fails(f"one pattern, r=1/2: L is {shown(by_reading)}", margin="certified")
    return Finding.survived("not below 1")


@check("P4", kind="symbolic", scope="one layer, every n and d, as the radius varies; readings printed, A and B")
def any_tolerance(stmt: Any) -> Finding:
    """Whatever the approximate sign allows: the loss differs from log Z + 1/Z by more at some radius."""
    if stmt["of"] == "the model" and error_takes_every_value():
        return Finding.fails("the difference takes every large value, in every dimension", margin="exact")
    return Finding.undecided("a statement on the formula")


@check("P4-BOUND", kind="symbolic", scope="any d >= 0, any one pattern, Omega of volume at most 1, reading A")
def by_volume(stmt: Any, distance: Distance) -> Finding:
    """L = log Z <= log|Omega|, since exp(-g) <= 1: at most 0 where |Omega| <= 1."""
    if not distance.has("nonnegative", "separates"):
        return Finding.undecided("exp(-g) may exceed 1, or differ from 1 at the pattern")
    if stmt["of"] == "the model" and steps("A").loss() == sp.log(Z):
        return Finding.fails("|Omega| <= 1 has L <= 0", margin="exact")
    return Finding.undecided("a statement on the formula")


@check("P4-MIN", kind="certified", scope="one pattern on the line, the radius with Z = 1 and r = 1/4, every reading")
def smaller_beside(stmt: Any, distance: Distance) -> Finding:
    """Where Z = 1, |Omega| > Z = 1: there L = log Z = 0 under A, B, C, and L > log|Omega| > 0 as printed."""
    if stmt["of"] != "the model" or not distance.has("nonnegative"):
        return Finding.survived("a statement on the formula, or Z may exceed |Omega|")
    by_reading = losses(distance, Fraction(1, 4))
    if steps("A").loss() == sp.log(Z) and all(value < 0 for value in by_reading.values()):
        return Finding.fails(f"L >= 0 where Z = 1, and at r = 1/4 L is {shown(by_reading)}", margin="certified")
    return Finding.survived("not smaller at r = 1/4")


@check(*REASONS, kind="symbolic", scope="all Z > 0")
def of_the_formula(stmt: Any, claim_id: str) -> Finding:
    """What holds of the formula log Z + 1/Z, by the scalar inequality."""
    if stmt["of"] == "the formula" and Scalar().holds():
        return Finding.holds(REASONS[claim_id])
    return Finding.undecided("settles only what is said of the formula, which is not the loss")


claim(
    "P4-RANGE",
    sp.log(Z) + 1 / Z,
    mutants={"the formula before c cancels": sp.log(PARTITION) + 1 / Z - sp.log(LAYERS) + C},
)


@check("P4-RANGE", kind="symbolic", scope="the formula of Proposition 4")
def no_constant(stmt: sp.Expr, distance: Distance) -> Finding:
    """Whether c occurs in the formula, and what is left of the chain before it where c is constant."""
    if sp.diff(stmt, C) != 0:
        return Finding.undecided("the formula depends on c")
    if constant_remainder_residual()[1] == 0:
        return Finding.empty(
            "a note on a number of the proof", f"c cancels, for {distance.name} and any other distance"
        )
    return Finding.undecided("the cancellation was not confirmed")


@check("P4-RANGE", kind="certified", scope="l = 1, 2, 3 layers that all hold the pattern 0, r = 1/2, every reading")
def admissible_constant(stmt: sp.Expr, distance: Distance) -> Finding:
    """As a condition it does not help: equal layers have c = 0, in [0, log l), and the loss of one layer."""
    if stmt.has(C):
        return Finding.survived("another formula")
    for reading in READINGS:
        for count in (1, 2, 3):
            layered = line(*["0"] * count, radius=HALF, reading=reading, distance=distance)
            with precision(128):
                c = layered.total_energy(Fraction(0)) - layered.energy(0, Fraction(0)) + arb(count).log()
            if not c.contains(0):
                return Finding.fails(f"reading {reading}, l={count}: c is {number(c)} for equal layers")
            if not layered.loss() < 1:
                return Finding.survived(f"reading {reading}, l={count}: not below 1")
    text = f"read as a condition: c = 0 for l = 1, 2, 3, and L is {shown(losses(distance))}"
    return Finding.fails(text, margin="certified", outside=True)


claim(
    "P4-TYPE",
    {"law": "a density on R^n"},
    mutants={
        "L is minus the logarithm of a probability of token sequences, not of a density": {
            "law": "a probability of sequences"
        }
    },
)


@check("P4-TYPE", kind="certified", scope="n = d = l = 1, r = 1/2, reading A, and the same in another unit")
def negative_loss(stmt: Any, distance: Distance) -> Finding:
    """A next-token loss is -log of a probability, so not negative; the loss of (15) is, and depends on the unit."""
    if stmt["law"] != "a density on R^n" or discrete.shift_residual(Shift()) != 0:
        return Finding.survived("a probability is at most 1")
    loss = ball("A", distance).loss()
    if loss < 0:
        with precision(128):
            other = loss + arb(10).log()
        text = f"L = {number(loss)} < 0 for one pattern, r=1/2; with coordinates in tenths it is {number(other)}"
        return Finding.fails(text, margin="certified")
    return Finding.survived("not negative")


@check("P4-TYPE", kind="symbolic", scope="any law of sequences of tokens, by one more token")
def next_tokens(stmt: Any) -> Finding:
    """The chain rule turns a probability of sequences into next-token losses."""
    if stmt["law"] == "a probability of sequences" and discrete.chain_rule_residual() == 0:
        return Finding.holds("-log p of a sequence is the sum of the losses of its tokens")
    return Finding.undecided("settles only the case of a probability: a density gives no token one")
