"""Where a claim stands in the tree: file and line of statement, derivation, checks, mutants, tests and page.

The derivation is what the checks call in the rooms below the ledger; it is read off the functions themselves, so that
it cannot fall behind them. Outside a checkout, what is not there is left out.
"""

from __future__ import annotations

import dis
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import assocmem
from assocmem.claims.evidence import Check
from assocmem.claims.pages import Page
from assocmem.claims.registration import Treatment

PACKAGE = Path(assocmem.__file__).resolve().parent
"""The folder of the package."""
DERIVING = (
    "assocmem.theory.",
    "assocmem.memory.",
    "assocmem.language.",
    "assocmem.experiments.",
    "assocmem.claims.derived",
)
"""Where derivations lie."""
ARITHMETIC = "assocmem.theory.exact."
"""The arithmetic that all derivations share; it is named only where a check calls nothing else."""


class Location(NamedTuple):
    """A line of a file, and what stands there."""

    path: str
    line: int
    name: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.name}".rstrip()


class Locations(NamedTuple):
    """Where everything that belongs to a claim stands; empty where it has none, or where it is not installed."""

    statement: tuple[Location, ...]
    derivation: tuple[Location, ...]
    checks: tuple[Location, ...]
    mutants: tuple[Location, ...]
    tests: tuple[Location, ...]
    page: tuple[Location, ...]

    def __str__(self) -> str:
        rows = []
        for word, places in self._asdict().items():
            rows += [f"  {word if place is places[0] else '':11}{place}" for place in places]
        return "\n".join(rows)


def repository() -> Path | None:
    """The checkout that the package is imported from; None for an installed package."""
    root = PACKAGE.parents[1]
    return root if PACKAGE.parent.name == "src" and (root / "pyproject.toml").is_file() else None


def locate(claim_id: str, page: Page, checks: Iterable[Check], treatment: Treatment | None) -> Locations:
    """Find everything that belongs to a claim.

    Parameters
    ----------
    claim_id : str
        The id of the claim.
    page : Page
        The page that states it.
    checks : iterable of Check
        The checks that decide it.
    treatment : Treatment or None
        What the page says of it, if anything.

    Returns
    -------
    Locations
        File and line of each, in a checkout relative to its root, otherwise to the folder that holds the package.
    """
    checks = tuple(checks)
    formal = treatment.formal if treatment else None
    called = dict.fromkeys(place for check in checks for place in derivation(check.function, formal))
    names = "; ".join(mutant.name for mutant in treatment.mutants) if treatment else ""
    return Locations(
        statement=_lines(Path(str(page.statements)), rf"\bid: [\"']?{re.escape(claim_id)}[\"']?(?=[,}}\s]|$)"),
        derivation=tuple(called),
        checks=tuple(place for check in checks for place in check_location(check)),
        mutants=_location(treatment.file, treatment.line, names) if treatment else (),
        tests=_tests(page),
        page=_page(claim_id, page),
    )


def check_location(check: Check) -> tuple[Location, ...]:
    """The function of a check; empty where it stands in no file."""
    return _defined(check.function, f"{check.name} ({check.kind})")


def derivation(function: Callable[..., Any], formal: Any = None) -> tuple[Location, ...]:
    """The functions and classes below the ledger that a check calls, itself or through helpers of its page.

    Parameters
    ----------
    function : callable
        The function of the check.
    formal : Any
        The formal statement that it receives, whose methods it may call.

    Returns
    -------
    tuple[Location, ...]
        In the order in which they are met.
    """
    reached = [*_reached(function), formal if isinstance(formal, FunctionType | type) else type(formal)]
    below = [item for item in dict.fromkeys(reached) if _module(item).startswith(DERIVING)]
    own = [item for item in below if not _module(item).startswith(ARITHMETIC)]
    return tuple(place for item in own or below for place in _defined(item, item.__qualname__))


def _module(item: Any) -> str:
    return f"{getattr(item, '__module__', '')}."


def _reached(function: Callable[..., Any]) -> Iterator[Any]:
    """What a function refers to, and what the functions of the ledger among these refer to in turn."""
    waiting, done = [function], set()
    while waiting:
        plain = inspect.unwrap(waiting.pop(0))
        if not isinstance(plain, FunctionType) or plain in done:
            continue
        done.add(plain)
        for item in _references(plain.__code__, plain.__globals__):
            unwrapped = inspect.unwrap(item) if callable(item) else item
            if not isinstance(unwrapped, FunctionType | type):
                continue
            yield unwrapped
            if _module(unwrapped).startswith("assocmem.claims.") and not _module(unwrapped).startswith(DERIVING):
                waiting.extend([unwrapped] if isinstance(unwrapped, FunctionType) else vars(unwrapped).values())


def _references(code: CodeType, names: dict[str, Any]) -> Iterator[Any]:
    """The global objects that a function loads, and the attributes that it takes of modules."""
    held: Any = None
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            held = names.get(step.argval)
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and isinstance(held, ModuleType):
            held = getattr(held, step.argval, None)
        elif isinstance(step.argval, CodeType):
            yield from _references(step.argval, names)
            continue
        else:
            continue
        if not isinstance(held, ModuleType):
            yield held


def _defined(item: Any, name: str) -> tuple[Location, ...]:
    plain = inspect.unwrap(item)
    code = getattr(plain, "__code__", None)
    if code is not None:
        return _location(code.co_filename, code.co_firstlineno, name)
    try:
        return _location(inspect.getsourcefile(plain) or "", inspect.getsourcelines(plain)[1], name)
    except (OSError, TypeError):
        return ()


def _location(file: str, line: int, name: str = "") -> tuple[Location, ...]:
    path = Path(file)
    if not path.is_file():
        return ()
    root = repository() or PACKAGE.parent
    shown = path.resolve()
    return (Location(str(shown.relative_to(root)) if shown.is_relative_to(root) else str(shown), line, name),)


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _lines(path: Path, pattern: str) -> tuple[Location, ...]:
    hit = re.search(pattern, _text(path), flags=re.MULTILINE)
    return _location(str(path), _text(path).count("\n", 0, hit.start()) + 1) if hit else ()


def _tests(page: Page) -> tuple[Location, ...]:
    root = repository()
    return _location(str(root / "tests/claims" / page.chapter / f"test_{page.slug}.py"), 1) if root else ()


def _page(claim_id: str, page: Page) -> tuple[Location, ...]:
    root = repository()
    files = sorted((root / "notebooks").glob(f"[0-9][0-9]*_{page.slug}.md")) if root else []
    own = [path for path in files if re.fullmatch(rf"\d\d[a-z]?_{page.slug}", path.stem)]
    box = rf"^```{{claim}} {re.escape(claim_id)}$"
    return tuple(place for path in own for place in _lines(path, box) or _location(str(path), 1))
