"""Which documents are held out: by their text alone, so that no text is on both sides.

A document is held out where the sha256 of its UTF-8 text, read as a number in [0, 1), is below the share. So the parts
do not depend on names or order, a document keeps its part when others come or go, and equal texts are never on both
sides. Where that leaves a part empty, the document of the least hash is held out, or the one of the greatest trained
on. Of a single document the tail is held out.
"""

from __future__ import annotations

import re
from hashlib import sha256

from assocmem.language.text.token_files import Documents

__all__ = ["split"]


def split(documents: Documents, share: float) -> tuple[Documents, Documents]:
    """The documents that are trained on and those held out, each in the order they come in.

    Of a single text, once or repeated, the last ``share`` of its characters is held out, from the start of a line or
    else a word.

    Parameters
    ----------
    documents : Documents
        Gives all of them, whenever it is called.
    share : float
        Of the documents, to be held out.

    Returns
    -------
    tuple of Documents
        Those of the training part, and those held out.

    Raises
    ------
    ValueError
        Where there is nothing to split.
    """
    hashes = sorted({_sha256(text) for _, text in documents()})
    if not hashes:
        raise ValueError("data holds no text")
    if len(hashes) == 1:
        return _tail(*next(iter(documents())), share)
    held = {one for one in hashes if int(one, 16) < share * 16**64} or {hashes[0]}
    if len(held) == len(hashes):
        held.remove(hashes[-1])

    def part(inside: bool) -> Documents:
        return lambda: ((name, text) for name, text in documents() if (_sha256(text) in held) is inside)

    return part(False), part(True)


def _tail(name: str, text: str, share: float) -> tuple[Documents, Documents]:
    border = _border(text, int(len(text) * (1 - share)))
    if not 0 < border < len(text):
        raise ValueError(f"data is one document of {len(text)} characters, too short to hold a part of it out")
    return lambda: [(name, text[:border])], lambda: [(name, text[border:])]


def _sha256(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _border(text: str, near: int) -> int:
    """The first start of a line from ``near`` on that has text after it; else of a word; else ``near``."""
    for gap in (r"\n(?=.*\S)", r"\s(?=\S)"):
        match = re.compile(gap, re.DOTALL).search(text, max(near - 1, 0))
        if match:
            return match.end()
    return near
