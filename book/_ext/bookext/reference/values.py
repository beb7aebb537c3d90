"""How the API pages write a value, a default or a constant: the same in every process, whatever its hash seed.

Sphinx sorts the members of a set that it meets itself, but writes a dataclass by its ``repr``, in which a set has the
order of the process; ``autodoc_preserve_defaults`` keeps the defaults of functions as written, not those of its fields.
"""

from __future__ import annotations

import inspect
from dataclasses import fields, is_dataclass
from typing import Any

from sphinx.ext import autodoc
from sphinx.util import inspect as sphinx_inspect

_described = sphinx_inspect.object_description


def described(obj: Any, *, _seen: frozenset[int] = frozenset()) -> str:
    """A value as Sphinx writes it, but for sets in dataclasses and in each other, which have a fixed order here."""
    seen = _seen | {id(obj)}
    if id(obj) in _seen:
        return f"{type(obj).__name__}(...)"
    if isinstance(obj, set | frozenset):
        inner = ", ".join(sorted(described(one, _seen=seen) for one in obj))
        return f"{{{inner}}}" if type(obj) is set and obj else f"{type(obj).__name__}({f'{{{inner}}}' if obj else ''})"
    if is_dataclass(obj) and not isinstance(obj, type) and _has_usual_repr(obj):
        shown = [(one.name, described(getattr(obj, one.name), _seen=seen)) for one in fields(obj) if one.repr]
        return f"{type(obj).__qualname__}({', '.join(f'{name}={value}' for name, value in shown)})"
    return _described(obj, _seen=_seen)


def _has_usual_repr(obj: Any) -> bool:
    """Whether an object of a dataclass is written by what the decorator made, not by a method of its own."""
    code = getattr(inspect.unwrap(type(obj).__repr__), "__code__", None)
    return code is not None and code.co_filename == "<string>"


def fix_order() -> None:
    """Have Sphinx write values by ``described``, also those inside of tuples, lists and dictionaries."""
    sphinx_inspect.object_description = described  # type: ignore[assignment]
    autodoc.object_description = described  # type: ignore[attr-defined]
