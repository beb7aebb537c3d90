"""The permanent name of a claim as an address: one small page a claim, to which everything that names a claim leads.

The page of a claim is ``claims/<key>.html`` on the site; the key is the id in lower case without dots, so that it can
be an anchor and a class as well.
"""

from __future__ import annotations

SITE = "https://assocmem.github.io/beyond-scaling-laws-book"
"""Where the book is published."""
FOLDER = "claims"
"""The folder of the claims' pages on the site."""


def key(claim_id: str) -> str:
    """A claim's id as the name of its page and as an anchor: lower case, hyphens for dots."""
    return claim_id.lower().replace(".", "-")


def address(claim_id: str) -> str:
    """The permanent address of a claim."""
    return f"{SITE}/{FOLDER}/{key(claim_id)}.html"


def anchor(claim_id: str, kind: str = "claim") -> str:
    """The identifier of a claim's box (``claim``) or of its line in the ledger (``ledger``)."""
    return f"{kind}-{key(claim_id)}"
