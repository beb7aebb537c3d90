"""The ledger of claims: what the paper says, what the book found, and the checks that decide it.

The package itself behaves like the registry, so that ``from assocmem import claims`` and then
``claims["P3"].check().verdict`` works; ``from assocmem.claims import claims`` gives the registry object.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

from assocmem.claims.evidence import Check, Evidence, Mutant, Result
from assocmem.claims.registration import check, claim, uncovered
from assocmem.claims.registry import Claim, Registry, UnknownClaimError, claims
from assocmem.claims.verdicts import Finding, decide
from assocmem.claims.views.locations import Location, Locations
from assocmem.claims.views.other_distances import Surveyed, survey

__all__ = [
    "Check",
    "Claim",
    "Evidence",
    "Finding",
    "Location",
    "Locations",
    "Mutant",
    "Registry",
    "Result",
    "Surveyed",
    "UnknownClaimError",
    "check",
    "claim",
    "claims",
    "decide",
    "survey",
    "uncovered",
]


class _Ledger(ModuleType):
    """Lets the package be indexed like the registry that it holds."""

    def __getitem__(self, key: str) -> Claim:
        return claims[key]

    def __iter__(self) -> Iterator[str]:
        return iter(claims)

    def __len__(self) -> int:
        return len(claims)

    def __contains__(self, key: object) -> bool:
        return key in claims


sys.modules[__name__].__class__ = _Ledger
