"""A verdict as a table in a notebook shows it: sign and words, on the site a plate that links to the claim's page."""

from __future__ import annotations

from assocmem.claims.registry import claims
from assocmem.claims.views.addresses import address
from assocmem.figures.graph import style


def badge(name: str) -> str:
    """Sign and words of a claim's stored verdict, which the tests hold equal to the computed one.

    Parameters
    ----------
    name : str
        The id of a claim.

    Returns
    -------
    str
        A link in HTML that stands in a cell of a Markdown table.

    Raises
    ------
    UnknownClaimError
        For an id that the ledger does not hold.
    """
    verdict = claims[name].verdict
    words = f"{style(verdict).sign} {verdict}".strip()
    plate = f'<span class="verdict v-{verdict.replace(" ", "-")}">{words}</span>'
    return f'<a class="claim-link" href="{address(name)}">{plate}</a>'
