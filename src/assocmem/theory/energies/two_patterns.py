"""Two memories: when each energy is convex, and when it holds one minimum or two.

For two patterns c +- (s/2) e both energies split into a function of the coordinate u along e (measured from the
midpoint) plus a convex quadratic in the perpendicular directions, so one dimension decides.
"""

from __future__ import annotations

from typing import Literal

import sympy as sp

Family = Literal["E", "mchn"]
u, s, b = sp.symbols("u s b", positive=True)
_q = sp.Symbol("q", positive=True)


def perpendicular_split(family: Family) -> sp.Expr:
    """Energy at (u, v) minus energy at (u, 0) for patterns (+-s/2, 0): it must be a quadratic in v alone.

    Returns v^2 for E_b and v^2/2 for MCHN (both convex), from the exponents of each pattern's term.

    Raises
    ------
    ArithmeticError
        If the perpendicular part differs between the patterns.
    """
    v = sp.Symbol("v", real=True)
    if family == "E":
        terms = [(u - k * s / 2) ** 2 + v**2 - (u - k * s / 2) ** 2 for k in (1, -1)]
    else:
        # The scores rho.x do not contain v; only |x|^2/2 does.
        terms = [(u**2 + v**2) / 2 - u**2 / 2] * 2
    first, second = (sp.expand(t) for t in terms)
    if sp.expand(first - second) != 0:
        raise ArithmeticError("the perpendicular part differs between the patterns")
    return first


def perpendicular_curvature(family: Family) -> sp.Expr:
    """Second derivative of ``perpendicular_split``, which must depend on v alone.

    Raises
    ------
    ArithmeticError
        If it depends on another coordinate.
    """
    split, v = perpendicular_split(family), sp.Symbol("v", real=True)
    if split.free_symbols != {v}:
        raise ArithmeticError("the perpendicular part depends on the line's coordinate")
    return sp.diff(split, v, 2)


def centering_residual(family: Family) -> sp.Expr:
    """Energy of patterns c +- (s/2) e minus that of +- (s/2) e, less a function without curvature; 0 for every c.

    For E the argument moves by c along the line. For MCHN the scores gain c.x, so the energy gains -c.x and a constant:
    the curvature at x is that of the centered patterns at the same x, and is least where the two scores agree.
    """
    x, c = sp.symbols("x c", real=True)
    if family == "E":
        moved = sum(sp.exp(-b * (x - (c + k * s / 2)) ** 2) for k in (1, -1))
        centered = sum(sp.exp(-b * (x - k * s / 2) ** 2) for k in (1, -1)).subs(x, x - c)
        return sp.simplify(moved - centered)
    moved = sum(sp.exp(b * x * (c + k * s / 2)) for k in (1, -1))
    centered = sum(sp.exp(b * x * k * s / 2) for k in (1, -1))
    return sp.simplify(sp.powsimp(sp.expand(moved - sp.exp(b * x * c) * centered)))


def curvature(family: Family) -> sp.Expr:
    """Second derivative along the line of two patterns at +-s/2, inverse temperature b, from the definition."""
    x = sp.Symbol("x", real=True)
    if family == "E":
        total = sp.exp(-b * (x - s / 2) ** 2) + sp.exp(-b * (x + s / 2) ** 2)
        value = -sp.log(total) / b
    else:
        total = sp.exp(b * x * s / 2) + sp.exp(-b * x * s / 2)
        value = -sp.log(total) / b + x**2 / 2
    return sp.diff(value, x, 2).subs(x, u)


def closed_form(family: Family) -> sp.Expr:
    """The same in closed form: 2 - b s^2 sech^2(b s u), or 1 - (b s^2/4) sech^2(b s u/2)."""
    if family == "E":
        return 2 - b * s**2 / sp.cosh(b * s * u) ** 2
    return 1 - b * s**2 / 4 / sp.cosh(b * s * u / 2) ** 2


def closed_form_residual(family: Family) -> sp.Expr:
    """curvature - closed form after q = exp(b s u) (or exp(b s u / 2)); 0 proves the closed form."""
    scale = sp.log(_q) / (b * s) * (1 if family == "E" else 2)
    difference = (curvature(family) - closed_form(family).rewrite(sp.exp)).subs(u, scale)
    return sp.simplify(sp.powsimp(sp.expand(sp.simplify(difference)), force=True))


def least_curvature(family: Family) -> sp.Expr:
    """The smallest curvature, taken where the two scores agree (sech = 1): 2 - b s^2 or 1 - b s^2/4."""
    return sp.simplify(closed_form(family).subs(u, 0))


def threshold(family: Family) -> sp.Expr:
    """The value of b s^2 up to which the energy of two patterns is convex: 2 for E_b, 4 for MCHN."""
    t = sp.Symbol("t", positive=True)
    (root,) = sp.solve(least_curvature(family).subs(b, t / s**2), t)
    return root
