"""What definitions must be before they are put in: of the sign of their names, not circular, and not the conclusion.

A name that is positive is simplified as such while a line is written, before its definition is put in; so a definition
of another sign would prove what is false.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.tensor.indexed import Indexed

from assocmem.theory.exact.derivation.sums import Definitions, define, plain

ASSUMED = ("positive", "negative", "nonnegative", "nonpositive", "nonzero", "real", "integer")
"""What is asked of a definition where its name is known to be so."""


def bad_definition(where: Definitions, lines: Iterable[sp.Expr]) -> str:
    """What is wrong with definitions, in words; empty where nothing is.

    Parameters
    ----------
    where : mapping
        The definitions.
    lines : iterable of Expr
        The lines of the derivation, the first first.

    Returns
    -------
    str
        The first fault: two names written alike, a circle, a wrong sign, or a first line that is a number.
    """
    start, *rest = lines
    names: dict[str, sp.Symbol] = {}
    for symbol in {symbol for expr in (start, *rest, *where, *where.values()) for symbol in expr.atoms(sp.Symbol)}:
        if names.setdefault(symbol.name, symbol) != symbol:
            return f"two different symbols are called {symbol.name}"
    for key, value in where.items():
        if _leads_to(value, where, key):
            return f"{key} is defined by itself"
    for key, value in where.items():
        full = plain(value, where)
        for word in ASSUMED:
            if getattr(key, f"is_{word}") and not getattr(full, f"is_{word}"):
                return f"{key} is {word}, its definition {value} need not be"
    if where and start.free_symbols and define(start, where).is_number:
        return f"{start} is defined as the number {define(start, where)}: nothing is left"
    return ""


def _leads_to(value: sp.Expr, where: Definitions, key: sp.Expr) -> bool:
    """Whether putting definitions into a value brings back the name, at whatever index."""
    names = {name.base if isinstance(name, Indexed) else name: other for name, other in where.items()}
    aim = key.base if isinstance(key, Indexed) else key
    seen: set[sp.Expr] = set()
    waiting = [value]
    while waiting:
        expr = waiting.pop()
        used = {atom.base if isinstance(atom, Indexed) else atom for atom in expr.atoms(sp.Symbol, Indexed)}
        if aim in used:
            return True
        waiting += [names[name] for name in used - seen if name in names]
        seen |= used
    return False
