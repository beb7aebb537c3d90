"""The shape of a claim's formal statement in words, for those who pass another one to the claim's checks."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import sympy as sp


def in_words(formal: Any) -> str:
    """What a formal statement is, with its parts and what they are now.

    Parameters
    ----------
    formal : Any
        The statement; None for a claim that has none.

    Returns
    -------
    str
        One line a part; the first says how to make another.
    """
    if formal is None:
        return "no formal statement: no check takes one"
    if is_dataclass(formal) and not isinstance(formal, type):
        kind = type(formal)
        doc = (inspect.getdoc(kind) or "").split("\n")[0].replace("``", "")
        doc = "" if doc.startswith(f"{kind.__name__}(") else f" ({doc.rstrip('.')})"
        another = "dataclasses.replace(claim.formal, ...) makes another:"
        rows = [f"  {one.name}: {_type(one.type)} = {_short(getattr(formal, one.name))}" for one in fields(formal)]
        return "\n".join([f"an instance of {kind.__module__}.{kind.__name__}{doc}; {another}", *rows])
    if isinstance(formal, Mapping):
        rows = [f"  {name!r}: {type(value).__name__} = {_short(value)}" for name, value in formal.items()]
        return "\n".join(["a dict with these keys; {**claim.formal, ...} makes another:", *rows])
    if isinstance(formal, sp.Basic) and not isinstance(formal, type):
        symbols = ", ".join(sorted(str(symbol) for symbol in formal.free_symbols))
        of = f" in {symbols} (the same symbols: claim.formal.subs or .free_symbols)" if symbols else ""
        return f"a sympy expression{of}, such as {_short(formal)}"
    if callable(formal):
        name = getattr(formal, "__name__", type(formal).__name__)
        try:
            named = ", ".join(inspect.signature(formal).parameters)
        except (TypeError, ValueError):
            named = "..."
        return f"a function of ({named}), such as {'one that is written out' if name == '<lambda>' else name}"
    return f"a {type(formal).__name__}, such as {_short(formal)}"


def same_shape(one: Any, other: Any) -> bool:
    """Whether two formal statements are of one type, with the same keys where they are dicts."""
    alike = type(one) is type(other)
    return alike and (set(one) == set(other) if isinstance(one, Mapping) else True)


def _type(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))


def _short(value: Any, most: int = 80) -> str:
    """A value in one line; a function by its name, for its address says nothing."""
    if callable(value) and hasattr(value, "__name__"):
        return f"the function {value.__name__}"
    text = " ".join(repr(sorted(value, key=repr) if isinstance(value, frozenset) else value).split())
    text = re.sub(r"<function ([\w.<>]+) at 0x\w+>", r"\1", text)
    return text if len(text) <= most else text[: most - 3] + "..."
