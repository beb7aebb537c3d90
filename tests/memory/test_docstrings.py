"""What the docstrings of the public faces show is what Python prints, for a reader who types nothing else."""

from __future__ import annotations

import doctest
import inspect
from typing import Any

import pytest

from assocmem import memory

SHOWN = ("DistanceMemory", "Index", "energy", "knn", "nearest", "retrieve", "stream")


def examples() -> dict[str, doctest.DocTest]:
    """The examples of every public name that has some, each without any name defined before."""
    parser, found = doctest.DocTestParser(), {}
    for name in memory.__all__:
        face: Any = getattr(memory, name)
        test = parser.get_doctest(inspect.getdoc(face) or "", {}, name, None, None)
        if test.examples:
            found[name] = test
    return found


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_prints_what_it_shows(name: str) -> None:
    out: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(examples()[name], out=out.append)
    assert result.attempted >= 3
    assert not result.failed, "".join(out)


def test_every_example_is_among_those_that_are_run() -> None:
    assert sorted(examples()) == sorted(SHOWN)
