"""pytest plugin: nbval compares notebook outputs with a numeric tolerance instead of letter by letter.

Two outputs match when their text between numbers is equal and each pair of numbers agrees: integers exactly, decimals
within ATOL + RTOL * |reference|. That is smaller than any effect that the book reports and larger than what another
CPU, thread count or math library changes in float64.
"""

from __future__ import annotations

import re
from typing import Any

from nbval import plugin

RTOL = 1e-5
ATOL = 1e-9
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?(?![\w])")


def same_number(reference: str, found: str) -> bool:
    """Whether two printed numbers agree: integers exactly, decimals within the tolerance."""
    if not re.search(r"[.eE]", reference + found):
        return reference == found
    a, b = float(reference), float(found)
    return abs(a - b) <= ATOL + RTOL * abs(a)


def same_text(reference: str, found: str) -> bool:
    """Whether two outputs agree up to the tolerance in their numbers."""
    if NUMBER.sub("#", reference) != NUMBER.sub("#", found):
        return False
    pairs = zip(NUMBER.findall(reference), NUMBER.findall(found), strict=True)
    return all(same_number(a, b) for a, b in pairs)


class _Tolerant(str):
    """A string that equals another when the two agree up to the tolerance."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and same_text(str(self), str(other))

    def __ne__(self, other: object) -> bool:
        return not self == other


_sanitize = plugin.IPyNbCell.sanitize


def _tolerant_sanitize(self: Any, text: str) -> Any:
    cleaned = _sanitize(self, text)
    return _Tolerant(cleaned) if isinstance(cleaned, str) else cleaned


plugin.IPyNbCell.sanitize = _tolerant_sanitize
