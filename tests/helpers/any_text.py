"""Texts of any characters, as hypothesis makes them, without the table of Unicode that it builds for seconds first."""

from __future__ import annotations

import string

from hypothesis import strategies as st

SURROGATES, HALVES, LAST = 0xD800, 0x800, 0x10FFFF
COMMON = string.printable + "äéßİıſ’—…\u00a0\u2028\u0301"
"""Letters and signs that texts are made of, and some whose case or width is odd."""
ANY = st.integers(0, LAST - HALVES).map(lambda code: chr(code if code < SURROGATES else code + HALVES))


def any_text(least: int = 0, most: int | None = None) -> st.SearchStrategy[str]:
    """Texts of so many characters; every one but the halves of surrogate pairs may occur."""
    return st.lists(st.sampled_from(COMMON) | ANY, min_size=least, max_size=most).map("".join)
