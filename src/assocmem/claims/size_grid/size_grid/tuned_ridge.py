"""Checks of the local exponent of tuned ridge regression: below 2 for small models, above 2 for large ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import to_arb
from assocmem.theory.size_grid import derivations, tuned_ridge

RIDGE = tuned_ridge.Ridge(2)
THRESHOLD = Fraction(1, 10)
EXPONENTS = ("1.02", "1.04", "1.07", "1.11", "1.16", "1.23", "1.35", "1.52", "1.77", "2.14", "2.69", "3.48")


@dataclass(frozen=True)
class Drift:
    """Local exponents between N and 2 N for N = 2, 4, 8, ..., to two decimals, and spectrum and noise."""

    exponents: tuple[str, ...] = EXPONENTS
    ridge: tuned_ridge.Ridge = RIDGE


claim(
    "X-BAL-RIDGE",
    Drift(),
    mutants={
        "one exponent": Drift(exponents=("2.00",) * 12),
        "never above 2": Drift(exponents=(*EXPONENTS[:9], "1.99", "1.99", "1.99")),
        "with twice the noise": Drift(ridge=tuned_ridge.Ridge(2, noise=Fraction(1))),
        "with a faster spectrum": Drift(ridge=tuned_ridge.Ridge(2, doubled_exponent=4)),
    },
)


@check(
    "X-BAL-RIDGE",
    kind="certified",
    scope="thirteen sizes from 2 to 8192, the deterministic equivalents at a stationary penalty",
)
def exponents_of_doublings(stmt: Drift) -> Finding:
    """A bracket of k for each size, the D of it in a ball, and the quotients of logarithms."""
    half = to_arb(Fraction(1, 200))
    made = []
    for index, printed in enumerate(stmt.exponents):
        exponent = tuned_ridge.local_exponent(replace(stmt.ridge, size=2 ** (index + 1)), 2, THRESHOLD)
        if not abs(exponent - to_arb(Fraction(printed))) < half:
            return Finding.fails(
                f"from N = {2 ** (index + 1)} it is {exponent.str(5, radius=False)}", margin="certified"
            )
        made.append(exponent)
    if not all(one < two for one, two in pairwise(made)):
        return Finding.undecided("the exponents do not rise")
    found = Finding.enumerated(f"the local exponent rises from {stmt.exponents[0]} to {stmt.exponents[-1]}")
    return replace(found, derivations=(derivations.stationary_data(),))
