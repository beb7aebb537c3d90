"""Inside the room imports go one way: text, questions, models, training; what stands beside them imports none."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from repository import ROOT

ROOM = ROOT / "src" / "assocmem" / "language"
ORDER = ("", "text", "questions", "models", "training")
"""The folders, after the files of the room itself."""
FILES = sorted(path for path in ROOM.rglob("*.py") if path != ROOM / "__init__.py")


def folder_of(module: str) -> str:
    """The folder of a module of the room by its dotted name; a name that the room offers is in no folder."""
    first = module.removeprefix("assocmem.language").strip(".").split(".")[0]
    return first if first in ORDER else ""


def imported(text: str) -> set[str]:
    """Dotted names that a file imports from the room, wherever in the file it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name.startswith("assocmem.language")}


def later(here: str, text: str) -> set[str]:
    """What a file in a folder imports against the order."""
    place = ORDER.index(here)
    return {name for name in imported(text) if ORDER.index(folder_of(name)) > place}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOM)))
def test_folders_import_only_those_before_them(path: Path) -> None:
    inside = path.relative_to(ROOM).parts
    assert not later(inside[0] if len(inside) > 1 else "", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOM)))
def test_no_file_takes_names_from_the_room_s_door(path: Path) -> None:
    """The door leads to every folder, also to later ones."""
    text = path.read_text(encoding="utf-8")
    modules = {f"assocmem.language.{one.stem}" for one in ROOM.glob("*.py")}
    doors = {name for name in imported(text) if not folder_of(name)}
    assert all(name in modules or name.rpartition(".")[0] in modules for name in doors - {"assocmem.language"})
    assert "from assocmem.language import " not in text
    assert "\nimport assocmem.language\n" not in text


@pytest.mark.parametrize(
    ("here", "text"),
    [
        ("text", "from assocmem.language.models.pretrained import PINNED"),
        ("text", "def f():\n    from assocmem.language.models import pretrained"),
        ("questions", "import assocmem.language.models.vanilla"),
        ("models", "from assocmem.language import training"),
        ("", "from assocmem.language.text import rows"),
    ],
)
def test_an_import_against_the_order_is_seen(here: str, text: str) -> None:
    assert later(here, text)


def test_every_folder_has_its_place() -> None:
    assert {path.name for path in ROOM.iterdir() if (path / "__init__.py").is_file()} == set(ORDER) - {""}
