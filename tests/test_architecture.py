"""The rooms and chapters import one way, folders stay small, every file says why it is there, nothing unsafe loads."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from assocmem.claims import pages
from repository import ROOT

SOURCE = ROOT / "src" / "assocmem"
ROOMS = (
    "settings",
    "tables",
    "memory",
    "theory",
    "language",
    "experiments",
    "figures",
    "claims",
    "examples",
    "cli",
    "__main__",
)
CHAPTERS = ("exact", *(slugs[0] for slugs in pages.CHAPTERS.values()))
"""Tools first, then the chapters in the order of the book."""
BY_CHAPTER = ("theory", "figures", "claims")
VIEWS = "views"
"""The folder of the ledger that is no chapter."""
LARGEST_FOLDER = 20
FILES = sorted(SOURCE.rglob("*.py"))
PYTHON = [
    p for folder in ("src", "tests", "tools", "book", "benchmarks") for p in sorted((ROOT / folder).rglob("*.py"))
]


UNSAFE = {"eval", "exec", "pickle.load", "pickle.loads", "torch.load", "joblib.load"}


@dataclass(frozen=True)
class Facts:
    """What the rules ask of a file: its reason, what it imports ("a.b.c" for ``from a.b import c``), unsafe calls."""

    says_why: bool
    imports: frozenset[str]
    unsafe: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Facts:
        """The facts of a source, read in one pass, so that no rule keeps a tree."""
        module, imports, unsafe = ast.parse(text), set(), []
        for node in ast.walk(module):
            if isinstance(node, ast.ImportFrom) and node.module:
                imports |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                imports |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Call):
                unsafe += unsafe_parts(node)
        return cls(bool(ast.get_docstring(module)), frozenset(imports), tuple(unsafe))


def unsafe_parts(node: ast.Call) -> list[str]:
    """What of a call would run what a file says, or let remote code in."""
    called = ast.unparse(node.func) if isinstance(node.func, (ast.Name, ast.Attribute)) else ""
    keywords = [k.arg for k in node.keywords if k.arg == "trust_remote_code" and ast.unparse(k.value) != "False"]
    return [*([called] if called in UNSAFE else []), *keywords]


@cache
def facts(path: Path) -> Facts:
    """The facts of a file, read once for all rules."""
    return Facts.of(path.read_text(encoding="utf-8"))


def place(name: str) -> tuple[str | None, str | None]:
    """Room and chapter of a dotted name; None for what belongs to none."""
    parts = name.split(".")
    room = parts[1] if len(parts) > 1 and parts[0] == "assocmem" and parts[1] in ROOMS else None
    chapter = parts[2] if room in BY_CHAPTER and len(parts) > 3 and parts[2] in CHAPTERS else None
    return room, chapter


def upward(name: str, imports: Iterable[str]) -> list[str]:
    """Imports of a later room, or of a later chapter; the figures and claims of a chapter may use its theory."""
    room, chapter = place(name)
    out = []
    for other in sorted(imports):
        other_room, other_chapter = place(other)
        if room and other_room and ROOMS.index(other_room) > ROOMS.index(room):
            out.append(f"{name} imports {other}")
        if chapter and other_chapter and CHAPTERS.index(other_chapter) > CHAPTERS.index(chapter):
            out.append(f"{name} imports {other}")
    return out


def dotted(path: Path) -> str:
    """The name under which a source file is imported, a package's ending in ``__init__``."""
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)


def test_rooms_and_chapters_import_only_what_stands_before_them() -> None:
    assert [fault for path in FILES for fault in upward(dotted(path), facts(path).imports)] == []


@pytest.mark.parametrize(
    ("name", "line", "allowed"),
    [
        ("assocmem.theory.exact.norms", "from assocmem.claims import claims", False),
        ("assocmem.claims.model", "import assocmem.theory.exact.norms", True),
        ("assocmem.theory.layers.stack", "from assocmem.theory.balance.laws import PAPER", False),
        ("assocmem.theory.layers.stack", "from assocmem.theory.balance import laws", False),
        ("assocmem.theory.balance.laws", "from assocmem.theory.layers import stack", True),
        ("assocmem.figures.layers.trajectories", "def f():\n    from assocmem.theory.balance import laws", False),
        ("assocmem.claims.layers.layers.steps", "from assocmem.figures.interactive import show", True),
    ],
)
def test_an_import_upward_is_named(name: str, line: str, allowed: bool) -> None:
    assert (upward(name, Facts.of(line).imports) == []) == allowed


def test_every_chapter_of_a_room_has_a_place_in_the_order() -> None:
    folders = [p for room in BY_CHAPTER for p in (SOURCE / room).iterdir() if p.is_dir() and p.name[0] != "_"]
    assert [str(p) for p in folders if p.name not in (*CHAPTERS, VIEWS)] == []


def crowded(root: Path, largest: int = LARGEST_FOLDER) -> Iterator[str]:
    """Folders that hold more than ``largest`` files and folders; what a run leaves behind is not counted."""
    for folder in [root, *sorted(p for p in root.rglob("*") if p.is_dir())]:
        siblings = [p for p in folder.iterdir() if p.name != "__pycache__" and not p.name.startswith(".")]
        if len(siblings) > largest and not {"__pycache__", ".ipynb_checkpoints"} & set(folder.parts):
            yield f"{folder} holds {len(siblings)}"


def test_no_folder_is_a_warehouse(tmp_path: Path) -> None:
    assert [fault for root in (SOURCE, ROOT / "tests") for fault in crowded(root)] == []
    for number in range(LARGEST_FOLDER + 1):
        (tmp_path / f"file_{number}.py").touch()
    assert list(crowded(tmp_path)) == [f"{tmp_path} holds {LARGEST_FOLDER + 1}"]


def test_theory_needs_no_torch() -> None:
    loaded = {dotted(path): facts(path).imports for path in (SOURCE / "theory").rglob("*.py")}
    assert [name for name, names in loaded.items() if any(n.split(".")[0] == "torch" for n in names)] == []


def test_every_file_says_why_it_is_there() -> None:
    assert [str(path.relative_to(ROOT)) for path in PYTHON if not facts(path).says_why] == []


def test_nothing_unsafe_is_loaded() -> None:
    assert {dotted(path): calls for path in FILES if (calls := facts(path).unsafe)} == {}


@pytest.mark.parametrize("text", ["eval('1')", "torch.load(f)", "load(x, trust_remote_code=True)", "pickle.load(f)"])
def test_unsafe_calls_are_named(text: str) -> None:
    assert Facts.of(text).unsafe
