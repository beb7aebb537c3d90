"""Pages only write down what they state when they are imported: a wrong number in theory/ is a matter of its claims."""

from __future__ import annotations

import subprocess
import sys

PLAIN = {"__init__", "__new__", "__post_init__"}
"""Constructors and validators of data; what they call in turn counts."""
PROBE = """
import importlib
import pkgutil
import sys

import assocmem.theory
from assocmem.claims.pages import PAGES

for module in pkgutil.walk_packages(assocmem.theory.__path__, "assocmem.theory."):
    importlib.import_module(module.name)


def note(frame, event, arg):
    module = frame.f_globals.get("__name__", "")
    if event != "call" or not module.startswith("assocmem.theory."):
        return
    caller = frame.f_back
    while caller and not caller.f_globals.get("__name__", "").startswith("assocmem.claims."):
        caller = caller.f_back
    place = f"{caller.f_code.co_filename}:{caller.f_lineno}" if caller else "unknown"
    called.add((f"{module}.{frame.f_code.co_qualname}", place))


called = set()
sys.setprofile(note)
for page in PAGES:
    page.load_checks()
sys.setprofile(None)
for name, place in sorted(called):
    print(name, place)
"""
"""Prints which functions of theory/ run while the checks are imported, and which line of a page asks for them."""


def computed_on_import() -> list[tuple[str, str]]:
    """The functions of theory/ that run while the checks are imported in a fresh process, and from where."""
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True, timeout=300)
    return [(name, place) for name, _, place in (line.partition(" ") for line in done.stdout.splitlines())]


def test_no_page_computes_anything_when_it_is_imported() -> None:
    called = computed_on_import()
    assert called, "the probe saw no call, not even of a constructor"
    offenders = [place for place in called if place[0].rpartition(".")[2] not in PLAIN]
    assert not offenders, "\n".join(["computed on import:", *map(": asked for by ".join, offenders)])
