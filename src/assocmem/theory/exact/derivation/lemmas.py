"""A derivation as the certificate of a step of another one, where its definitions hold."""

from __future__ import annotations

import sympy as sp

from assocmem.theory.exact.derivation.certificates import Certificate
from assocmem.theory.exact.derivation.derivation import Derivation
from assocmem.theory.exact.derivation.sums import Definitions, residual


def lemma(known: Derivation) -> Certificate:
    """The two lines differ exactly as the first and last line of another derivation do.

    What is defined there must be defined here in the same way, or be another name for every positive number
    (z = exp(v), with v nowhere else): a lemma about one value of a symbol says nothing of the others. Facts that are no
    definitions, and values that are tied to each other, do not travel: a derivation that needs them is no lemma.
    """

    def shown(small: sp.Expr, large: sp.Expr, where: Definitions, strict: bool) -> bool:
        start, relation, end = known.conclusion()
        gaps = {"<": (end - start,), ">": (start - end,), "=": (end - start, start - end)}[relation[0]]
        applies = all(where[key] == value if key in where else _any(known, key) for key, value in known.where.items())
        applies &= not known.facts() and known.sample is None
        enough = strict <= (len(relation) == 1 and relation != "=")
        return applies and enough and any(residual(large - small, gap) == 0 for gap in gaps)

    return shown


def _any(known: Derivation, key: sp.Expr) -> bool:
    """Whether a definition leaves a positive symbol free: exp of plus or minus a real one, used only here."""
    value = known.where[key]
    exponent = value.args[0] if value.func is sp.exp else sp.S.NaN
    free = exponent if exponent.is_Symbol else -exponent
    start, _, end = known.conclusion()
    elsewhere = [start, end, *(other for name, other in known.where.items() if name != key)]
    alone = free.is_Symbol and free not in known.where and not any(expr.has(free) for expr in elsewhere)
    return bool(key.is_Symbol and key.is_positive and free.is_real and alone)
