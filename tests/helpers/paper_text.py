"""The paper's text, where somebody has it and says so (``--paper FOLDER``), and how a quotation is looked up in it.

Only letters, digits and what a formula means are compared: line breaks, hyphens at their ends, typefaces, spacing and
the several ways of typesetting one sign differ between the two versions.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

FILES = {"submission": "submission-version.txt", "later": "later-version.txt"}
"""The text of each version of the paper in the folder that is passed in."""
_SAME = {
    r"\leq": r"\le",
    r"\geq": r"\ge",
    "≤": r"\le",
    "≥": r"\ge",
    r"\top": "T",
    r"\Vert": r"\|",
    r"\lVert": r"\|",
    r"\rVert": r"\|",
    r"\to": r"\rightarrow",
    r"\dots": r"\ldots",
    r"\cdots": r"\ldots",
}
"""Signs that one version sets so and the other so."""
_LAYOUT = re.compile(
    r"\\(left|right|big|Big|bigg|Bigg|text|textbf|textit|mathrm|mathsf|mathbf|mathit|rm|sf|bf|operatorname|displaystyle"
    r"|limits|q?quad|underset|overset|dfrac|tfrac|begin|end|aligned)(?![A-Za-z])"
)


def squeezed(text: str) -> str:
    """Letters, digits and commands of a text in lower case, without anything between them."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"-\s*\n\s*", "", text)
    for old, new in _SAME.items():
        text = re.sub(re.escape(old) + (r"(?![A-Za-z])" if old[-1].isalpha() else ""), lambda _, new=new: new, text)
    text = _LAYOUT.sub("", text)
    return re.sub(r"[^a-z0-9<>=+|\-]", "", text.replace(r"\le", "<=").replace(r"\ge", ">=").lower()).replace("-", "")


def plain_words(text: str) -> list[str]:
    """The words of a text in lower case, without formulas."""
    text = re.sub(r"-\s*\n\s*", "", unicodedata.normalize("NFKC", text))
    return re.findall(r"[a-z]+", re.sub(r"\$[^$]*\$", " ", text).lower())


def runs(folder: Path, length: int) -> set[tuple[str, ...]]:
    """All runs of so many words that either version holds."""
    found: set[tuple[str, ...]] = set()
    for name in FILES.values():
        words = plain_words((folder / name).read_text(encoding="utf-8"))
        found |= {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}
    return found


def texts(folder: Path) -> dict[str, str]:
    """Both versions, squeezed."""
    return {version: squeezed((folder / name).read_text(encoding="utf-8")) for version, name in FILES.items()}
