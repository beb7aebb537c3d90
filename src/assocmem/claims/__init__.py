"""The ledger of claims: what the paper says, what the book found, and the checks that decide it.

The package is the registry, a mapping of ids to claims: ``from assocmem import claims`` gives the same object as ``from
assocmem.claims import claims``, and ``claims["P3"].check().verdict`` computes a verdict.
"""

from __future__ import annotations

from assocmem.claims.evidence import Check, Evidence, Mutant, Result
from assocmem.claims.registration import check, claim, uncovered
from assocmem.claims.registry import Claim, LedgerError, Registry, UnknownClaimError, claims
from assocmem.claims.verdicts import Finding, decide
from assocmem.claims.views.locations import Location, Locations
from assocmem.claims.views.other_distances import Surveyed, survey

__all__ = [
    "Check",
    "Claim",
    "Evidence",
    "Finding",
    "LedgerError",
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
