"""The API pages write values in the same way in every process: no order of a hash, no address in memory."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field, make_dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from sphinx.ext import autodoc
from sphinx.pycode.ast import unparse
from sphinx.util import inspect as sphinx_inspect

from assocmem.theory.exact.distances import PAPER
from bookext.reference.values import described, fix_order
from repository import ROOT

WORDS = frozenset("abcdefghij")
LISTED = ", ".join(f"'{word}'" for word in sorted(WORDS))


@dataclass(frozen=True)
class Held:
    """Holds a set among others, and what is not shown."""

    words: frozenset[str]
    hidden: Any = field(default=None, repr=False)


@dataclass(frozen=True, repr=False)
class Own:
    """Says itself how it is written."""

    words: frozenset[str]

    def __repr__(self) -> str:
        return f"own of {len(self.words)}"


class Pair(NamedTuple):
    """A named tuple, which Sphinx writes as a tuple."""

    first: Held
    second: int


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sphinx_inspect, autodoc):
        monkeypatch.setattr(module, "object_description", module.object_description)
    fix_order()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Held(WORDS, object()), f"Held(words=frozenset({{{LISTED}}}))"),
        (Held(frozenset()), "Held(words=frozenset())"),
        ({"x": [Held(WORDS)]}, f"{{'x': [Held(words=frozenset({{{LISTED}}}))]}}"),
        (Pair(Held(WORDS), 1), f"(Held(words=frozenset({{{LISTED}}})), 1)"),
        ({frozenset("x"), WORDS}, f"{{frozenset({{{LISTED}}}), frozenset({{'x'}})}}"),
        (set(), "set()"),
        ({1}, "{1}"),
        (Own(WORDS), "own of 10"),
        (Held, repr(Held)),
    ],
)
def test_sets_have_a_fixed_order_wherever_they_stand(value: object, text: str) -> None:
    assert sphinx_inspect.object_description(value) == text
    assert autodoc.object_description is sphinx_inspect.object_description is described


def test_what_holds_itself_is_written_once() -> None:
    own: list[Any] = []
    own.append(Held(own))  # type: ignore[arg-type]
    assert described(own) == "[Held(words=list(...))]"


def test_no_address_is_written() -> None:
    values = SimpleNamespace(one=object()), Held(test_no_address_is_written)  # type: ignore[arg-type]
    assert " at 0x" in repr(values)
    assert "0x" not in described(values)


def test_the_default_of_a_field_is_the_same_in_every_process() -> None:
    assert f"distance: object = {PAPER!r}" in sphinx_inspect.stringify_signature(
        inspect.signature(make_dataclass("Stack", [("distance", object, PAPER)]))
    )


def defaults(path: Path) -> Iterator[ast.expr]:
    """The defaults of all functions of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (one for one in (*node.args.defaults, *node.args.kw_defaults) if one is not None)


def unwritable(one: ast.expr) -> bool:
    """Whether Sphinx has no words for an expression."""
    try:
        unparse(one)
    except NotImplementedError:
        return True
    return False


def test_sphinx_can_write_every_default_as_it_stands() -> None:
    """It warns of others, such as (*LAWS, KAPLAN), and a warning ends the build; a constant has a name."""
    assert unwritable(ast.parse("(*LAWS, KAPLAN)", mode="eval").body)
    paths = sorted((ROOT / "src").rglob("*.py"))
    found = [f"{path.relative_to(ROOT)}:{one.lineno}" for path in paths for one in defaults(path) if unwritable(one)]
    assert found == []
