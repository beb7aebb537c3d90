"""Checks of the proofs of Propositions 1 and 3 in Appendix C: what follows from what."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import sandwich
from assocmem.theory.energies.sandwich import LinearSandwich
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
    first, second = sp.symbols("d1 d2", nonnegative=True)
    energy = -sp.log(sp.exp(-first) + sp.exp(-second))
    same = sp.simplify(energy + sp.log(sum(sp.exp(v) for v in (-first, -second))))
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


_GAP = {"g": 1, "M": -1}
claim(
    "P3-DIRECT",
    LinearSandwich({"delta": -1}, _GAP, {"delta": 1, "log_d": 1}),
    mutants={"the bounds that do follow": LinearSandwich({"delta": -1, "log_d": -1}, _GAP, {"delta": 1})},
)


@check("P3-DIRECT", kind="symbolic", scope="Propositions 1 and 2 as printed, all n and d")
def follows(stmt: LinearSandwich) -> Finding:
    """Both sides as nonnegative combinations of the proved facts, which include Propositions 1 and 2."""
    certificates = [sandwich.certificate(slack) for slack in stmt.slacks()]
    if all(item is not None for item in certificates):
        return Finding.holds("P1 and P2 add up to these bounds")
    return Finding.undecided("no nonnegative combination gives both sides")


@check("P3-DIRECT", kind="certified", scope="exact adversarial points, where Propositions 1 and 2 hold")
def does_not_follow(stmt: LinearSandwich) -> Finding:
    """A point at which the conclusion fails while both premises, being proved, hold."""
    hit = sandwich.counterexample(stmt)
    if hit is None:
        return Finding.survived("no certain violation at the exact points")
    side, x, patterns = hit
    shown = ", ".join(str(p[0]) for p in patterns)
    return Finding.fails(f"the {side} bound fails at D={{{shown}}}, x={x[0]}", margin="certified")
