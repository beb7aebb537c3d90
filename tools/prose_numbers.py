"""The decimals and percentages in a notebook's prose, where nothing recomputes them: no code, no math, no places."""

from __future__ import annotations

import re

NUMBER = re.compile(r"(?<![\w.,])[-−+]?(?:\d+(?:\.\d+)?\s*(?:%|\bpercent\b)|\d+\.\d+(?!\w|\.\d))")
PLACE = re.compile(
    r"\b(sections?|appendix|appendices|chapters?|equations?|eqs?\.|figures?|tables?|lemmas?|propositions?|theorems?|"
    r"versions?|python)\s+(\(?[A-Z]?\.?\d[\d.]*\)?(\s*(,|and|to|-|–)\s*)?)+",
    re.I,
)
VERBATIM = {"code-cell", "code-block", "math", "bibliography", "claim", "claim-box", "claim-lines", "figure", "image"}


def prose(source: str) -> str:
    """What a reader reads as words in a MyST cell: no code, no math, no link targets, no names of directives."""
    lines: list[str] = []
    fences: list[tuple[str, bool]] = []
    for text in source.splitlines():
        mark = re.match(r"\s*(`{3,}|:{3,})\s*(\{[^}]*\})?", text)
        if mark and fences and mark[1].startswith(fences[-1][0]) and not text.strip().strip(mark[1][0]):
            fences.pop()
        elif mark and not any(verbatim for _, verbatim in fences):
            name = (mark[2] or "").strip("{}")
            verbatim = not name or name in VERBATIM
            fences.append((mark[1], verbatim))
            lines.append("" if verbatim else text[mark.end() :])
        elif not any(verbatim for _, verbatim in fences) and not re.match(r"\s*:[\w-]+:", text):
            lines.append(text)
    text = "\n".join(lines)
    for pattern in (
        r"<!--.*?-->",
        r"\$\$.*?\$\$",
        r"(?<!\\)\$[^$]*\$",
        r"`+[^`]*`+",
        r"\]\([^)]*\)",
        r"https?://\S+",
        r"\b10\.\d{4,}/\S+",
    ):
        text = re.sub(pattern, " ", text, flags=re.S)
    return PLACE.sub(" ", text)


def typed_numbers(source: str) -> list[str]:
    """Decimals and percentages in the prose of a MyST cell, in order."""
    return [match[0].strip() for match in NUMBER.finditer(prose(source))]
