"""The ledger as data: ``claims.json`` with the schema that describes it, and a table for pandas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib import resources
from typing import TYPE_CHECKING, Any

import assocmem
from assocmem.claims.views.addresses import SITE, address
from assocmem.claims.views.history import history
from assocmem.experiments.provenance import commit, commit_date

if TYPE_CHECKING:
    from assocmem.claims.registry import Claim

VERSION = 1
"""Of the form of ``claims.json``: it grows when a reader of the old form would be misled."""
NAME = "claims.schema.json"
"""The file of the schema, beside ``claims.json`` on the site."""


def schema() -> dict[str, Any]:
    """The JSON schema of ``claims.json``."""
    text = (resources.files("assocmem.claims.views") / NAME).read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def document(ledger: Mapping[str, Claim]) -> str:
    """All claims with evidence and the verdicts of their mutants, and which version and commit they are of.

    Parameters
    ----------
    ledger : Mapping[str, Claim]
        The claims; all of their checks are run.

    Returns
    -------
    str
        JSON; equal for equal sources, so the date is the commit's.
    """
    head = {
        "$schema": f"{SITE}/{NAME}",
        "schema": VERSION,
        "version": assocmem.__version__,
        "commit": commit(),
        "date": commit_date(),
    }
    rows = [_row(claim) for claim in ledger.values()]
    return json.dumps(head | {"claims": rows}, indent=1, ensure_ascii=False, default=str) + "\n"


def _row(claim: Claim) -> dict[str, Any]:
    verdicts = claim.mutant_verdicts
    return _stored(claim) | {
        "address": address(claim.id),
        "evidence": claim.evidence(),
        "mutations": [
            {"name": mutant.name, "verdict": verdicts[mutant.name], "uncovered": mutant.uncovered}
            for mutant in claim.mutants
        ],
        "follows_from": list(claim.causes),
        "history": [asdict(change) for change in history().get(claim.id, ())],
    }


def _stored(claim: Claim) -> dict[str, Any]:
    from assocmem.claims.registry import FIELDS

    return {name: getattr(claim, name) for name in FIELDS}


def frame(ledger: Mapping[str, Claim]) -> Any:
    """The stored fields as a pandas DataFrame, a row a claim.

    Parameters
    ----------
    ledger : Mapping[str, Claim]
        The claims; none of their checks is run.

    Returns
    -------
    pandas.DataFrame
        With the id as index.

    Raises
    ------
    ModuleNotFoundError
        Where pandas is not installed.
    """
    try:
        import pandas
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "to_frame needs pandas, which the package does not require: pip install pandas; to_json needs nothing"
        ) from None
    return pandas.DataFrame.from_records([_stored(claim) for claim in ledger.values()]).set_index("id")
