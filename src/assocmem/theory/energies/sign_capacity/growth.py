"""Orders of growth: which of two formulas in n is larger in the end, certified for every degree r > 1."""

from __future__ import annotations

from typing import Literal

import sympy as sp

from assocmem.theory.energies.sign_capacity.memories import n, r
from assocmem.theory.exact.certified import sign
from assocmem.theory.exact.enclose import enclose

Relation = Literal["O", "Omega", "Theta"]


def log_limit(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """Limit of log(a/b) as n grows, for every degree r > 1: -oo, oo, a number, or nan if it depends on r.

    Both must be products of exponentials and of powers of polynomials and of log n, so that log(a/b) is a combination
    of n, log n and log log n; the sign of the first coefficient that is not zero decides, and is certified.

    Raises
    ------
    ValueError
        If log(a/b) is not a combination of n, log n and log log n.
    """
    steps, logs, loglogs = sp.symbols("steps logs loglogs")
    gap = sp.expand(sp.expand_log(sp.log(a) - sp.log(b), force=True)).subs(sp.log(sp.log(n)), loglogs)
    for atom in gap.atoms(sp.log):
        if atom.args[0].has(n) and atom.args[0].is_polynomial(n):  # log P(n) = log(leading coefficient n^deg P) + o(1)
            poly = sp.Poly(atom.args[0], n)
            gap = gap.subs(atom, sp.log(poly.LC()) + poly.degree() * logs)
    gap = sp.expand(gap.subs(n, steps))
    parts = sp.Poly(gap, steps, logs, loglogs)
    for scale in (steps, logs, loglogs):
        direction = coefficient_sign(parts.coeff_monomial(scale))
        if direction != 0:
            return sp.nan if direction is None else direction * sp.oo
    if parts.total_degree() > 1:
        raise ValueError(f"log(a/b)={gap} is not a combination of n, log n and log log n")
    return parts.coeff_monomial(1)


def coefficient_sign(value: sp.Expr) -> int | None:
    """Certified sign of a coefficient for every r > 1; None if it depends on r.

    Raises
    ------
    ArithmeticError
        If the sign is uncertain.
    """
    shifted = sp.expand(value.subs(r, 1 + sp.Symbol("excess", positive=True)))
    if shifted.is_positive or shifted.is_negative:
        return 1 if shifted.is_positive else -1
    if shifted.free_symbols:  # a part with symbols of known sign, and a number that may be a hidden zero
        number, rest = shifted.as_independent(*shifted.free_symbols, as_Add=True)
        if number == 0:
            return None
        of_number, of_rest = coefficient_sign(number), coefficient_sign(rest)
        return of_rest if of_number in (0, of_rest) else None
    if sp.simplify(sp.exp(shifted) - 1) == 0:
        return 0
    certain = sign(lambda: enclose(shifted, {}))
    if not certain:
        raise ArithmeticError(f"the sign of {value} is not certain")
    return certain


def compare(relation: Relation, growth: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> bool | None:
    """Whether a capacity between ``lower`` and ``upper`` is O, Omega or Theta of ``growth``; None if that is open."""
    over, under = log_limit(growth, upper), log_limit(growth, lower)
    known = sp.nan not in (over, under)
    bounds = True if known and over != -sp.oo else (False if under == -sp.oo else None)
    reached = True if known and under != sp.oo else (False if over == sp.oo else None)
    parts = {"O": (bounds,), "Omega": (reached,), "Theta": (bounds, reached)}[relation]
    if False in parts:
        return False
    return None if None in parts else True
