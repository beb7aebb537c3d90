"""A verdict that changes names every page that speaks of the claim, so that no prose contradicts it.

``reviews/verdicts.yaml`` holds each verdict as it was when those pages were last looked at. Where the ledger says
another one, the build warns, and a build that takes warnings as errors fails, until ``tools/verdict_changed.py`` says
that they were looked at and why the verdict changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml
from sphinx.application import Sphinx
from sphinx.util import logging

from assocmem.claims import claims
from bookext.provenance import ROOT

LOG = logging.getLogger(__name__)
LOCK = Path("reviews/verdicts.yaml")


def locked(root: Path = ROOT) -> dict[str, str]:
    """The verdict of each claim when its pages were last looked at; empty where the repository is not at hand."""
    path = root / LOCK
    return dict(yaml.safe_load(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The verdict before and now of each claim whose verdict is another one; "new" and "gone" where there is none."""
    names = dict.fromkeys([*before, *now])
    pairs = {name: (before.get(name, "new"), now.get(name, "gone")) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def speaking(name: str, root: Path = ROOT) -> list[str]:
    """The places that speak of a claim: pages by path and line, and claims whose reason or statement names it."""
    found = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)")
    out = []
    for folder in ("book", "notebooks"):
        for path in sorted((root / folder).glob("*.md")):
            lines = path.read_text(encoding="utf-8").splitlines()
            out += [f"{folder}/{path.name}:{number}" for number, text in enumerate(lines, 1) if found.search(text)]
    for claim in claims.values():
        texts = (claim.statement, claim.why, claim.note, claim.differs)
        if claim.id != name and any(text and found.search(text) for text in texts):
            out.append(f"claim {claim.id}")
    return out


def report(root: Path = ROOT) -> list[str]:
    """A line for each verdict that changed since its pages were looked at, with the places to look at."""
    before = locked(root)
    if not before:
        return []
    now = {claim.id: claim.verdict for claim in claims.values()}
    return [
        f"{name}: the verdict was {was!r} and is {is_now!r}; look at {', '.join(speaking(name, root)) or 'no page'}, "
        f'then run tools/verdict_changed.py {name} --reason "..."'
        for name, (was, is_now) in changed(before, now).items()
    ]


def guard(app: Sphinx) -> None:
    """Warn of every verdict that changed."""
    if Path(app.srcdir).resolve() == ROOT.resolve():
        for text in report():
            LOG.warning("%s", text)
