"""Checks of the proof of Proposition 1: what follows from Lemma 3."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import sandwich
from assocmem.theory.energies.sandwich import LinearSandwich
from assocmem.theory.logsumexp import any_number
from assocmem.theory.logsumexp.lemmas import Sandwich

_LEMMA3 = Sandwich(mirrored=True)
claim(
    "P1-PROOF",
    {"bound": LinearSandwich({"g": 1, "log_d": -1}, {"E": 1}, {"g": 1}), "lemma": _LEMMA3},
    mutants={
        "Proposition 1 with 0.9 log d": {
            "bound": LinearSandwich({"g": 1, "log_d": Fraction(-9, 10)}, {"E": 1}, {"g": 1}),
            "lemma": _LEMMA3,
        }
    },
)


@check("P1-PROOF", kind="symbolic", scope="all d, by substituting x_i = d(x, rho_i)")
def from_lemma_three(stmt: Any) -> Finding:
    """Lemma 3 at x_i = d_i reads g - log d <= E < g, and its < holds for d >= 2 only (Lemma 3 fails at n = 1)."""
    same = any_number.form_residual(lambda q: sp.exp(-q))
    single = stmt["lemma"].gaps((Fraction(0),))
    provable = all(sandwich.certificate(slack) is not None for slack in stmt["bound"].slacks())
    if same == 0 and provable and single[0] == 0:
        return Finding.holds_if("d >= 2", "for d = 1 Lemma 3 is false, while Proposition 1 holds with E = g")
    return Finding.undecided("the substitution gives g - log d <= E <= g")


@check("P1-PROOF", kind="certified", scope="exact adversarial points")
def proposition_one_points(stmt: Any) -> Finding:
    """Certified signs of both slacks of the bound that the substitution gives."""
    hit = sandwich.counterexample(stmt["bound"])
    return Finding.survived("no certain violation") if hit is None else Finding.fails(f"the {hit[0]} bound fails")
