"""Every claim, and every former id, has an address of its own that can be an anchor and a class as well."""

from __future__ import annotations

import re

from assocmem.claims import claims
from assocmem.claims.views.addresses import SITE, address, anchor, key


def test_keys_are_distinct_and_hold_no_dot() -> None:
    names = [name for claim in claims.values() for name in (claim.id, *claim.formerly)]
    assert len({key(name) for name in names}) == len(names) > len(claims)
    assert [name for name in names if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key(name))] == []


def test_address_and_anchors_of_an_id_with_a_dot() -> None:
    assert address("F1-7.74") == f"{SITE}/claims/f1-7-74.html"
    assert anchor("F1-7.74") == "claim-f1-7-74"
    assert anchor("F1-7.74", "ledger") == "ledger-f1-7-74"
