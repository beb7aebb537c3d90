"""Checks of what the laws recommend for N given D: the ratio of Table 3 beside the theory and the fits (chapter 7)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance import planner
from assocmem.theory.balance.certified_solution import certified_solve_balance
from assocmem.theory.balance.solution import Formula
from assocmem.theory.balance.table_three import CONTEXT, MILLION
from assocmem.theory.cross_entropy.certified_laws import exact
from assocmem.theory.cross_entropy.fitted_laws import KAPLAN, FittedLaw
from assocmem.theory.exact.certified import sign, to_arb

RULE, OVERFITTING = "the rule against overfitting", Fraction(74, 100)
SMALLEST = Fraction("167.06") * MILLION
"""The smallest size of the table, in tokens."""
CHINCHILLA = {"tokens": 14 * 10**11, "size": 70 * 10**9, "factor": 24_000}
claim(
    "X-PLAN-RATIO",
    CHINCHILLA,
    mutants={
        "25,000 times": {**CHINCHILLA, "factor": 25_000},
        "ten times fewer tokens": {**CHINCHILLA, "tokens": 14 * 10**10},
    },
)


@check("X-PLAN-RATIO", kind="certified", scope="one size of data, in exact arithmetic")
def ratio_far_out(stmt: Any) -> Finding:
    """8.63e-10 D^2 against the size of a model that was trained on D tokens."""
    needed = exact(planner.RATIO) * stmt["tokens"] ** 2
    factor = needed / stmt["size"]
    if factor > stmt["factor"]:
        return Finding.enumerated(f"{float(needed):.3g} parameters, {float(factor):.0f} times as many", margin="exact")
    return Finding.fails(f"only {float(factor):.0f} times as many", margin="exact")


def optimum(law: FittedLaw, tokens: Fraction) -> arb:
    """The N at which alpha A N^-alpha = beta B D^-beta, at the printed decimals of the fit."""
    A, B, alpha, beta = (to_arb(exact(v)) for v in (law.A, law.B, law.alpha, law.beta))
    return ((alpha * A / (beta * B)).log() / alpha + beta / alpha * to_arb(tokens).log()).exp()


def overfitting(tokens: Fraction) -> arb:
    """The N with D = 5e3 N^0.74."""
    return ((to_arb(tokens) / to_arb(exact(KAPLAN.least_data(1.0)))).log() / to_arb(OVERFITTING)).exp()


MORE = {"from": SMALLEST, "factor": Fraction(3, 2)}
claim(
    "X-PLAN-MORE",
    MORE,
    mutants={
        "three times as many": {**MORE, "factor": Fraction(3)},
        "from ten million tokens on": {**MORE, "from": Fraction(10**7)},
    },
)


@check("X-PLAN-MORE", kind="certified", scope="all D from the stated size on; the fits at their printed decimals")
def more_than_fits(stmt: Any) -> Finding:
    """The ratio against each fit at the stated size; it grows like D^2 and they like smaller powers."""
    start = stmt["from"]
    powers = {law.name: exact(law.beta) / exact(law.alpha) for law in planner.FITTED} | {RULE: 1 / OVERFITTING}
    optima = {law.name: lambda law=law: optimum(law, start) for law in planner.FITTED} | {
        RULE: lambda: overfitting(start)
    }
    signs = {name: sign(lambda f=f: _needed(start) - to_arb(stmt["factor"]) * f()) for name, f in optima.items()}  # type: ignore[misc]
    above = [name for name, side in signs.items() if side == -1]
    if above:
        text = f"at {float(start):g} tokens the ratio is less than {stmt['factor']} times what {', '.join(above)} gives"
        return Finding.fails(text, margin="certified")
    if all(side == 1 for side in signs.values()) and all(power < 2 for power in powers.values()):
        shown = ", ".join(f"{float(power):.2f}" for power in powers.values())
        return Finding.enumerated(f"true at the smallest size; D^2 outgrows D^p with p = {shown}")
    return Finding.undecided("a comparison stayed open, or a law grows no slower than the square")


def _needed(tokens: Fraction) -> arb:
    return to_arb(exact(planner.RATIO) * tokens**2)


WIDTH: dict[str, Any] = {"context": CONTEXT, "tokens": 10**30, "formula": "exact"}
claim(
    "X-PLAN-WIDTH",
    WIDTH,
    mutants={
        "ten times as many tokens": {**WIDTH, "tokens": 10**31},
        "a context of 256": {**WIDTH, "context": 256},
        "the paper's closed form": {**WIDTH, "formula": "printed"},
    },
)


@check("X-PLAN-WIDTH", kind="certified", scope="all D up to the stated size; n(d) rises with d (theory.balance)")
def no_width(stmt: Any) -> Finding:
    """The log of the number of samples at which Z = 1 needs n = T_max, that is a width of one."""
    formula: Formula = stmt["formula"]
    samples = to_arb(Fraction(stmt["tokens"], stmt["context"])).log()
    needed = certified_solve_balance(n=stmt["context"], formula=formula)
    if needed > samples:
        return Finding.enumerated(f"a width of 1 needs log d = {float(needed.mid()):.2f}, D gives {float(samples):.2f}")
    if needed < samples:
        return Finding.fails(f"a width of 1 needs only log d = {float(needed.mid()):.2f}", margin="certified")
    return Finding.undecided("the comparison stayed open")
