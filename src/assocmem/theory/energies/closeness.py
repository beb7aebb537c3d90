"""How close E and the MCHN energy are: for every inverse temperature, exactly when equal, and how far apart otherwise.

For b = beta/2 the scores of 2 E_MCHN^beta - (2/beta) log d are those of E_b plus ``(beta/2)(|rho_i|^2 - xi^2)``, so

    0 <= 2 E_MCHN^beta - (2/beta) log d - E_{beta/2} <= Delta,

with equality on the left at a point iff all norms are equal. beta = 2 is Proposition 2 with its sign.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.energies.critical_points import Landscape
from assocmem.theory.exact.certified import squared_norm, to_arb

Rows = tuple[tuple[Fraction, ...], ...]


def square_residual() -> sp.Expr:
    """One coordinate of beta rho x - (beta/2)(x^2 + xi^2) + (beta/2)(x-rho)^2 - (beta/2)(rho^2 - xi^2); 0 for every n.

    xi^2 is split over the coordinates in any way; it cancels.
    """
    x, rho, xi, beta = sp.symbols("x rho xi beta", real=True)
    left = beta * rho * x - beta / 2 * (x**2 + xi**2)
    return sp.expand(left + beta / 2 * (x - rho) ** 2 - beta / 2 * (rho**2 - xi**2))


def gap(rows: Rows, x: tuple[Fraction, ...], beta: Fraction) -> tuple[arb, arb]:
    """(2 E_MCHN^beta - (2/beta) log d - E_{beta/2}, Delta) at an exact point, at the working precision."""
    point = [to_arb(c) for c in x]
    mchn, dist = Landscape(rows, "mchn", beta), Landscape(rows, "E", beta / 2)
    log_d = arb(len(rows)).log() if len(rows) > 1 else arb(0)
    norms = [squared_norm(p) for p in rows]
    value = 2 * mchn.value(point) - 2 * log_d / to_arb(beta) - dist.value(point)
    return value, to_arb(max(norms) - min(norms))


def limit_gap(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """Limit of 2 E_MCHN^{beta=2} - log d - E as x -> -infinity, first < second on the line, ``|first| <= |second|``.

    exp(-gap) is the mean of ``exp(|rho|^2 - xi^2)`` under weights 1/(1+q), q/(1+q), where log q is affine in x with the
    slope 2 (second - first) > 0. So q -> 0, and the number of the first pattern is left.

    Raises
    ------
    ArithmeticError
        If log q is not the one of the argument.
    """
    x = sp.Symbol("x", real=True)
    log_q = sp.expand((x - first) ** 2 - (x - second) ** 2)
    slope = sp.sympify(2 * (second - first))
    if sp.expand(sp.diff(log_q, x) - slope) != 0 or not slope.is_positive:
        raise ArithmeticError("log q has not the slope 2 (second - first) > 0")
    return sp.simplify(second**2 - first**2)
