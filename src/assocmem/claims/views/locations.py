"""Where a claim stands in the tree: file and line of statement, derivation, checks, mutants, tests and page.

The derivation is what the checks name of the packages below the ledger; it is read off their source, so that it cannot
fall behind them. Outside a checkout, what is not there is left out.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import assocmem
from assocmem.claims.evidence import Check
from assocmem.claims.pages import PAGES, Page
from assocmem.claims.registration import Treatment

PACKAGE = Path(assocmem.__file__).resolve().parent
"""The folder of the package."""
DERIVING = (
    "assocmem.memory",
    "assocmem.theory",
    "assocmem.language",
    "assocmem.experiments",
    "assocmem.claims.views.derived",
    "assocmem.examples",
)
"""The packages in which derivations lie, and what joins claims."""
ARITHMETIC = "assocmem.theory.exact"
"""The arithmetic that all derivations share; it is named only where a check names nothing else."""


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
    names = "; ".join(mutant.name for mutant in treatment.mutants) if treatment else ""
    return Locations(
        statement=_lines(Path(str(page.statements)), rf"\bid: [\"']?{re.escape(claim_id)}[\"']?(?=[,}}\s]|$)"),
        derivation=tuple(dict.fromkeys(place for check in checks for place in derivation(check))),
        checks=tuple(place for check in checks for place in check_location(check)),
        mutants=_location(treatment.file, treatment.line, names) if treatment else (),
        tests=_tests(page),
        page=_page(claim_id, page),
    )


def check_location(check: Check) -> tuple[Location, ...]:
    """The function of a check; empty where it stands in no file."""
    code = _plain(check).__code__
    return _location(code.co_filename, code.co_firstlineno, f"{check.name} ({check.kind})")


def derivation(check: Check) -> tuple[Location, ...]:
    """What a check names of the packages below the ledger, itself or through what its page defines.

    Parameters
    ----------
    check : Check
        The check; only the source of a function of the package is read.

    Returns
    -------
    tuple[Location, ...]
        Functions, classes and constants in the order in which they are met; the check itself where it names none, for
        then the argument is its own.
    """
    function = _plain(check)
    module = function.__module__ or ""
    named = list(dict.fromkeys(_named(module, function.__name__))) if module.startswith("assocmem.") else []
    own = [place for place in named if not place[0].startswith(ARITHMETIC)]
    places = (_definition(*place) for place in own or named)
    return tuple(place for pair in places for place in pair) or check_location(check)


def _plain(check: Check) -> Callable[..., Any]:
    function: Callable[..., Any] = inspect.unwrap(check.function)
    return function


class _Source(NamedTuple):
    """A module's file, what it defines by name, and what it imports by name: a module, or a name of a module."""

    file: str
    defined: dict[str, ast.stmt]
    imported: dict[str, tuple[str, str]]


@cache
def _source(module: str) -> _Source:
    spec = importlib.util.find_spec(module)
    file = spec.origin if spec and spec.origin else ""
    tree = ast.parse(_text(Path(file)))
    defined: dict[str, ast.stmt] = {}
    for node in tree.body:
        for name in _bound(node):
            defined[name] = node
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("assocmem")
        for alias in node.names
    }
    return _Source(file, defined, imported)


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))


def _named(module: str, name: str) -> Iterator[tuple[str, str]]:
    """Names of the packages below that a definition of a page mentions, and those that these lead to within pages."""
    waiting, done = [(module, name)], set()
    while waiting:
        place = waiting.pop(0)
        if place in done or place[1] not in _source(place[0]).defined:
            continue
        done.add(place)
        for mentioned in _mentioned(*place):
            if mentioned[0].startswith(DERIVING):
                yield mentioned
            elif mentioned[0].startswith(tuple(page.package for page in PAGES)):
                waiting.append(mentioned)


def _mentioned(module: str, name: str) -> Iterator[tuple[str, str]]:
    """The module and the name there of all that a definition mentions and that the package defines."""
    source = _source(module)
    node = source.defined[name]
    inner = node.body if isinstance(node, ast.FunctionDef) else [node]
    arguments = [node.args] if isinstance(node, ast.FunctionDef) else []
    for part in (part for root in (*arguments, *inner) for part in ast.walk(root)):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in source.imported:
            yield ".".join(source.imported[part.value.id]), part.attr
        elif isinstance(part, ast.Name) and part.id in source.imported:
            yield source.imported[part.id]
        elif isinstance(part, ast.Name) and part.id in source.defined and part.id != name:
            yield module, part.id


def _definition(module: str, name: str) -> tuple[Location, ...]:
    """Where a module defines a name, or takes it from; empty for a module and for an attribute of an object."""
    try:
        source = _source(module)
    except ModuleNotFoundError:
        return ()
    if name in source.imported:
        return _definition(*source.imported[name])
    node = source.defined.get(name)
    return _location(source.file, node.lineno, name) if node else ()


def _location(file: str, line: int, name: str = "") -> tuple[Location, ...]:
    path = Path(file)
    if not path.is_file():
        return ()
    root = repository() or PACKAGE.parent
    full = path.resolve()
    return (Location(str(full.relative_to(root)) if full.is_relative_to(root) else str(full), line, name),)


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
    box = rf"^```{{claim(-box)?}} (\S+ )?{re.escape(claim_id)}( \S+)?$"
    return tuple(place for path in own for place in _lines(path, box) or _location(str(path), 1))
