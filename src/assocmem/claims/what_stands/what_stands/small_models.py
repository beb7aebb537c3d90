"""Checks of two small models that bear out, and limit, what other works found: least squares, and one weight."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.theory.what_stands import early_stopping, linear_risk

PEAK = {
    "parameters, fewer than samples": ("rises", (("p", "1"), ("n", "p + 3"), ("P", "n + 2"))),
    "parameters, more than samples": ("falls", (("n", "1"), ("p", "n + 2"), ("P", "p + 1"))),
    "samples, fewer than parameters": ("rises", (("n", "1"), ("p", "n + 3"), ("P", "2*p"))),
    "samples, more than parameters": ("falls", (("p", "1"), ("n", "p + 2"), ("P", "2*p"))),
}


def turned(what: str) -> dict[str, tuple[str, linear_risk.Region]]:
    """The statement with one direction the other way."""
    way, region = PEAK[what]
    return {**PEAK, what: ("falls" if way == "rises" else "rises", region)}


claim(
    "X-PEAK",
    PEAK,
    mutants={
        "more parameters always help": turned("parameters, fewer than samples"),
        "more parameters always hurt": turned("parameters, more than samples"),
        "more samples always help": turned("samples, fewer than parameters"),
        "more samples always hurt": turned("samples, more than parameters"),
    },
)


@check(
    "X-PEAK",
    kind="symbolic",
    scope="all n, p and P in the ranges of the statement: one more parameter, one more sample",
    in_words="that the error is this rational function, by the mean of an inverse Wishart matrix (Belkin et al. 2020)",
)
def one_more(stmt: Any) -> Finding:
    """The differences are quotients of polynomials of which all coefficients have one sign."""
    if all(linear_risk.direction(what, region) == way for what, (way, region) in stmt.items()):
        return Finding.holds("; ".join(f"{what}: {way}" for what, (way, _) in stmt.items()))
    return Finding.undecided("shown in the other direction")


SERIES = {
    "parameters, fewer than samples": [(10, p) for p in range(1, 9)],
    "parameters, more than samples": [(10, p) for p in range(12, 41)],
    "samples, fewer than parameters": [(n, 10) for n in range(1, 9)],
    "samples, more than parameters": [(n, 10) for n in range(12, 101)],
}


@check("X-PEAK", kind="certified", scope="40 features; 10 samples, then 10 parameters; exact")
def series(stmt: Any) -> Finding:
    """Exact errors of fits with ten samples and up to forty parameters, and with ten parameters."""
    for what, pairs in SERIES.items():
        errors = [linear_risk.risk(n, p, features=40) for n, p in pairs]
        steps = [later - earlier for earlier, later in pairwise(errors)]
        if steps[0] != linear_risk.change(what, *pairs[0], 40) or steps[2] != linear_risk.change(what, *pairs[2], 40):
            return Finding.fails(f"{what}: the difference is another one", margin="exact")
        if {step > 0 for step in steps} != {stmt[what][0] == "rises"}:
            return Finding.fails(f"{what}: from {errors[0]} to {errors[-1]}", margin="exact")
    return Finding.survived("all series go that way")


SINGLE = ((1, 3), (1, 8), (1, 40), (3, 1), (5, 1), (12, 1))


@check("X-PEAK", kind="certified", scope="one sample, or one parameter; 40 features; exact")
def single_samples(stmt: Any) -> Finding:
    """The same errors from the mean of an inverse chi-square variable, integrated."""
    off = [(n, p) for n, p in SINGLE if linear_risk.single(n, p, 40) != linear_risk.risk(n, p, features=40)]
    return Finding.fails(f"the formula is wrong at (n, p) = {off[0]}") if off else Finding.survived("they agree")


claim(
    "X-STOP",
    {"target above the truth": "falls, then rises", "target up to the truth": "falls"},
    mutants={
        "late stopping always harms": {"target above the truth": "falls, then rises", "target up to the truth": "both"},
        "late stopping never harms": {"target above the truth": "falls", "target up to the truth": "falls"},
    },
)


@check("X-STOP", kind="symbolic", scope="one weight, gradient flow toward any target tau > 0, all times")
def turns_once(stmt: Any) -> Finding:
    """The slope of the test loss has the sign of c - e^-s with c = 1 - 1/tau."""
    if early_stopping.flow_residuals() != (0, 0) or early_stopping.slope_residual() != 0:
        return Finding.undecided("the flow or the slope was not confirmed")
    proved = {"target above the truth": "falls, then rises", "target up to the truth": "falls"}
    if all(early_stopping.signs()) and stmt == proved:
        return Finding.holds("tau > 1: falls until log(tau/(tau - 1)), then rises; tau <= 1: falls throughout")
    return Finding.undecided("shown in the other way")


@check("X-STOP", kind="certified", scope="targets 2, 1 and 1/2 at the start, at time log 2 and at the end; exact")
def three_moments(stmt: Any) -> Finding:
    """The test losses."""
    for tau in (2, 1, Fraction(1, 2)):
        start, middle, end = early_stopping.losses(tau)
        if start != 1 or (tau == 2 and middle != 0):
            return Finding.fails(f"target {tau}: test loss {start} where the weight is 0, {middle} at time log 2")
        case = stmt["target above the truth" if tau > 1 else "target up to the truth"]
        way = "falls" if start > middle > end else "falls, then rises" if start > middle < end else "other"
        if way != case:
            return Finding.fails(f"target {tau}: test loss {start}, {middle}, {end}", margin="exact")
    return Finding.survived("as stated")
