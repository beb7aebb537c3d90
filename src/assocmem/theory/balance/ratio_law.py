"""What the ratio N/D^2 is in the variables of the theory, n = T d_emb and d = D/T, by equation (2)."""

from __future__ import annotations

import sympy as sp

from assocmem.theory.balance.size_conversion import A, Family, T, d, l, w


def ratio() -> sp.Expr:
    """N/D^2 with N = A l d_emb^2 and D = T d."""
    return A * l * w**2 / (T * d) ** 2


def own_ratio() -> sp.Expr:
    """A function of n/d: the same at fixed depth, A and context, whatever the width."""
    return A * l / T**4 * (T * w / d) ** 2


def drift(family: Family, power: int = 2) -> sp.Expr:
    """The e of N/D^2 ~ D^e when n ~ d^power and the model grows like the family: 0 exactly if there is one ratio."""
    return sp.simplify(family.exponent(power) - 2)
