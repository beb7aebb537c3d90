"""The formal statement, the mutants and the checks of the claim in ``repeated_pattern.yaml``."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.examples.repeated.derivation import distance, energy_of_copies, k
from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.distances import PAPER
from assocmem.theory.exact.enclose import enclose

claim(
    "EX-REPEAT",
    sp.log(k),
    mutants={"no logarithm": k, "the energy rises": -sp.log(k), "one copy more": sp.log(k + 1)},
)


@check("EX-REPEAT", kind="symbolic", scope="every distance and every number k of copies")
def equal_terms(lowered: sp.Expr) -> Finding:
    """The sum has k equal terms, so its logarithm is that of one term, and log k."""
    return Finding.attempt("the energy is the distance less log k", lambda: energy_of_copies(lowered))


@check("EX-REPEAT", kind="certified", scope="one to five copies of a pattern in the plane, exact points")
def copies_counted(lowered: sp.Expr) -> Finding:
    """The energy of a memory that holds its pattern several times, against what is stated, in certified balls."""
    query, pattern = (Fraction(1, 2), Fraction(2)), (Fraction(0), Fraction(1))
    for copies in range(1, 6):
        with precision(128):
            stated = enclose(distance - lowered, {distance: PAPER(query, pattern), k: copies})
            gap = PAPER.energy(query, [pattern] * copies) - stated
        if gap != 0 and 0 not in gap:
            return Finding.fails(f"with {copies} copies the energy is off by {gap.str(6, radius=False)}")
    return Finding.survived("one to five copies", margin="certified")
