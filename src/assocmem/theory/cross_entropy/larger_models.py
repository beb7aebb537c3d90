"""What a fitted law of N parameters and D tokens can say of a larger model: with the same data, and on a budget.

Every law here has the form L = F(u), u = a N^-x + b D^-y, with F increasing and all constants positive: equation (1)
with F(u) = E + u, that of Kaplan et al. (2020) with F(u) = u^alpha_D, x = alpha_N/alpha_D and y = 1.
On a budget N D = c the sum has exactly one minimum (see ``assocmem.theory.cross_entropy.fitted_laws``); beyond it a
larger model is worse.
"""

from __future__ import annotations

import sympy as sp

from assocmem.theory.cross_entropy.certified_laws import certified_loss
from assocmem.theory.cross_entropy.fitted_laws import PAPER_CHINCHILLA
from assocmem.theory.exact.certified import sign

a, b, x, y, N, D = sp.symbols("a b x y N D", positive=True)
INNER = a * N**-x + b * D**-y
"""u; L is an increasing function of it."""

SMALL, LARGE = (70 * 10**9, 1400 * 10**9), (280 * 10**9, 350 * 10**9)
"""Parameters and tokens of two models with the same product N D: the second is four times as large."""


def data_slopes() -> tuple[sp.Expr, sp.Expr]:
    """du/dN and du/dD; sympy knows their signs from those of the symbols."""
    return sp.diff(INNER, N), sp.diff(INNER, D)


def larger_is_worse(small: tuple[int, int] = SMALL, large: tuple[int, int] = LARGE) -> bool:
    """Whether equation (1), with the constants that the paper prints, certainly gives the larger model more loss."""
    return sign(lambda: certified_loss(PAPER_CHINCHILLA, *large) - certified_loss(PAPER_CHINCHILLA, *small)) == 1
