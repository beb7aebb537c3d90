"""All functions of the theory that make a derivation or a printed chain, and what they show, as text by chapter.

``python tests/helpers/derivation_makers.py`` rewrites the texts that ``test_every_derivation`` compares with, after a
change that is meant.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

import assocmem.theory
from assocmem.theory.exact.derivation import Derivation, Printed

SHOWN = Path(__file__).resolve().parents[1] / "theory" / "exact" / "derivation" / "shown"


def makers() -> Iterator[tuple[str, Callable[[], object]]]:
    """The public functions without a needed argument of the modules and packages named derivations."""
    for module in pkgutil.walk_packages(assocmem.theory.__path__, "assocmem.theory."):
        if "derivations" in module.name.split("."):
            for name, value in vars(importlib.import_module(module.name)).items():
                if hasattr(value, "cache_clear") and value.__module__ == module.name and not name.startswith("_"):
                    yield f"{module.name.split('.')[2]}.{name}", value


def shown() -> dict[str, str]:
    """What every derivation and chain shows, by chapter, in the order of their names."""
    chapters: dict[str, list[str]] = {}
    for name, make in sorted(makers()):
        made = make()
        chapter, title = name.split(".", 1)
        text = (
            made._repr_markdown_()
            if isinstance(made, Derivation)
            else repr(made.table() if isinstance(made, Printed) else made)
        )
        chapters.setdefault(chapter, []).append(f"{title}\n{text.rstrip()}\n")
    return {chapter: "\n".join(texts) for chapter, texts in chapters.items()}


if __name__ == "__main__":
    for chapter, text in shown().items():
        (SHOWN / f"{chapter}.txt").write_text(text, encoding="utf-8")
