"""The rooms import one way, every file says why it is there, and nothing loads pickles or remote code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from repository import ROOT

SOURCE = ROOT / "src" / "assocmem"
ORDER = ("memory", "theory", "language", "experiments", "figures", "claims", "cli", "__main__")
FILES = sorted(SOURCE.rglob("*.py"))
PYTHON = [p for folder in ("src", "tests", "tools", "book") for p in sorted((ROOT / folder).rglob("*.py"))]


def room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("assocmem.")}
    return found & set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_rooms_import_only_from_rooms_before_them(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        return
    later = [name for name in imported_rooms(path) if ORDER.index(name) > ORDER.index(here)]
    assert not later, f"{here} imports {later}"


def test_theory_needs_no_torch() -> None:
    for path in (SOURCE / "theory").rglob("*.py"):
        assert "import torch" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("path", PYTHON, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_says_why_it_is_there(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


UNSAFE = {"eval", "exec", "pickle.load", "pickle.loads", "torch.load", "joblib.load"}


def unsafe_calls(text: str) -> list[str]:
    """Calls that would run what a file says, and keywords that would let remote code in."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            if ast.unparse(node.func) in UNSAFE:
                found.append(ast.unparse(node.func))
            found += [k.arg for k in node.keywords if k.arg == "trust_remote_code" and ast.unparse(k.value) != "False"]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_nothing_unsafe_is_loaded(path: Path) -> None:
    assert not unsafe_calls(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", ["eval('1')", "torch.load(f)", "load(x, trust_remote_code=True)", "pickle.load(f)"])
def test_unsafe_calls_are_seen(text: str) -> None:
    assert unsafe_calls(text)
