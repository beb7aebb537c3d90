"""What becomes of the book when another distance takes the place of the squared one: a verdict for each claim."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from assocmem.claims.evidence import Result
from assocmem.claims.registry import claims
from assocmem.claims.verdicts import FIXED
from assocmem.theory.exact.distances import Distance, DistanceFunction, as_distance

_TELLING = {
    "proved": ("holds", "enumerated"),
    "proved with a condition": ("holds if",),
    "empty": ("empty",),
    "refuted": ("fails",),
    "ill-defined": ("ill-defined",),
    "heuristic": ("heuristic",),
}
"""Which findings force a verdict."""


class Surveyed(NamedTuple):
    """One claim: its stored verdict, its verdict under another distance, and the finding that forces that one."""

    id: str
    title: str
    stored: str
    verdict: str
    reason: str

    @property
    def found(self) -> str:
        """The reason, by its old name."""
        return self.reason

    @property
    def survives(self) -> bool:
        """Whether the verdict is the stored one."""
        return self.verdict == self.stored


def survey(distance: str | DistanceFunction | Distance, ids: Iterable[str] | None = None) -> list[Surveyed]:
    """Every claim whose checks take a distance (or the named ones among them), judged of this distance.

    Parameters
    ----------
    distance : str, callable or Distance
        A name ("l1", "euclidean", "linf"), a callable of two points, or a ``Distance`` with properties. A callable is
        granted no property, so most proofs stay undecided; counterexamples need none.
    ids : iterable of str, optional
        Claim ids; all when None. Claims that are not about the distance are left out.

    Returns
    -------
    list[Surveyed]
        In the order of the ledger, or of ``ids``.

    Raises
    ------
    TypeError
        For what is no distance; as DistanceError for one that fails at some point or dimension.
    ValueError
        For an unknown name of a distance.
    UnknownClaimError
        For an unknown id.
    """
    judged = as_distance(distance)
    chosen = claims.values() if ids is None else [claims[name] for name in ids]
    rows = []
    for claim in chosen:
        if claim.takes_distance:
            result = claim.check(distance=judged)
            rows.append(Surveyed(claim.id, claim.title, claim.verdict, result.verdict, telling(result)))
    return rows


def telling(result: Result) -> str:
    """The text of the finding that forces the verdict; where nothing does, what the proof lacks."""
    if result.verdict == FIXED:
        return ""
    wanted = _TELLING.get(result.verdict, ("undecided", "survived", "violated", "fails"))
    for outcome in wanted:
        for item in result.evidence:
            if item.finding.outcome == outcome:
                return item.finding.condition or item.finding.text
    return ""
