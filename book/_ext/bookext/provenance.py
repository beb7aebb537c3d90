"""Where a page's statements come from: the commit of the build, links to source lines, citable entries."""

from __future__ import annotations

import inspect
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import assocmem
from assocmem.claims.evidence import Check
from assocmem.claims.registry import Claim
from assocmem.claims.views.addresses import SITE, address, key

ROOT = Path(__file__).resolve().parents[3]
REPOSITORY = "https://github.com/assocmem/beyond-scaling-laws-book"

__all__ = ["REPOSITORY", "ROOT", "SITE", "Stamp", "bibtex", "source_link", "stamp"]


@dataclass(frozen=True)
class Stamp:
    """The state of the repository at build time; ``commit`` is empty where git cannot tell."""

    version: str
    commit: str = ""
    date: str = ""
    changed: bool = False

    @property
    def revision(self) -> str:
        """What a link to a source line names: the commit where it holds that line, the branch otherwise."""
        return self.commit if self.commit and not self.changed else "main"

    def __str__(self) -> str:
        if not self.commit:
            return f"version {self.version}"
        later = " with later changes" if self.changed else ""
        return f"version {self.version}, commit {self.commit[:12]} of {self.date}{later}"


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


@cache
def stamp(root: Path = ROOT) -> Stamp:
    """The version, and the commit and its date when ``root`` itself is a git repository with a commit."""
    top = _git(root, "rev-parse", "--show-toplevel")
    head = _git(root, "log", "-1", "--format=%H %cs")
    if not head or top is None or Path(top).resolve() != root.resolve():
        return Stamp(assocmem.__version__)
    commit, date = head.split()
    return Stamp(assocmem.__version__, commit, date, _git(root, "status", "--porcelain", "--", "src") != "")


def _function(check: Check) -> Callable[..., Any]:
    function: Any = check.function
    while isinstance(function, partial):
        function = function.func
    return inspect.unwrap(function)


def source_link(check: Check, root: Path = ROOT) -> str | None:
    """Address of the line that decides, in the repository; None for a function that stands in no file below root."""
    code = getattr(_function(check), "__code__", None)
    if code is None:
        return None
    try:
        path = Path(code.co_filename).resolve().relative_to(root.resolve())
    except ValueError:
        return None
    return f"{REPOSITORY}/blob/{stamp(root).revision}/{path.as_posix()}#L{code.co_firstlineno}"


def bibtex(claim: Claim, state: Stamp | None = None) -> str:
    """A citable entry for one claim, with the version and, where known, the commit and its date."""
    state = state or stamp()
    fields = {
        "title": f"Claim {claim.id}: {_plain(claim.title)} ({claim.verdict})",
        "author": "{The authors of the assocmem book}",
        "howpublished": "Transformers as Associative Memories, executable book",
        "version": state.version,
        "year": state.date[:4],
        "date": state.date,
        "note": f"On {claim.source}; {state}" if claim.origin == "paper" else f"{state}",
        "url": address(claim.id),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{assocmem-{key(claim.id)},\n" + ",\n".join(lines) + "\n}"


def _plain(text: str) -> str:
    return text.replace("&", r"\&").replace("%", r"\%")
