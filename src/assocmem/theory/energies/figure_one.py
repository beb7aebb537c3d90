"""The pattern sets of the paper's Figure 1, kept exact, with the names of its landscapes."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.energies.critical_points import Family, Landscape
from assocmem.theory.exact.certified import squared_norm, to_arb

PLANE = tuple((Fraction(a), Fraction(b)) for a, b in (("-2", "-0.5"), ("0.2", "-0.3"), ("1.5", "1.5")))
"""Left part: three patterns in the plane."""
LINE = tuple((Fraction(a),) for a in (-2, 0, 1))
"""Right part: three patterns on the line."""
SETS = {"plane": PLANE, "line": LINE}


def label(family: Family, beta: Fraction | int) -> str:
    """Name of a landscape, as in the figure."""
    return f"E, b = {beta}" if family == "E" else f"E_MCHN, beta = {beta}"


def memories(name: str, family: Family, beta: Fraction | int = 1) -> list[tuple[float, ...]]:
    """Certified minima of one of the figure's landscapes, in float64, by position."""
    points = Landscape.of(SETS[name], family, beta).minima()
    return sorted(point.floats() for point in points)


def count_by_beta(name: str, family: Family, betas: list[Fraction]) -> list[int]:
    """Certified number of minima at each inverse temperature."""
    return [len(memories(name, family, beta)) for beta in betas]


def temperature_steps() -> tuple[sp.Expr, sp.Expr]:
    """What one more term u > 0 adds to ``S^2 - Q`` and to ``d Q - S^2``, for S = sum u_i and Q = sum u_i^2.

    The first is 2 S u > 0, the second Q - 2 S u + d u^2 = sum_i (u_i - u)^2 >= 0. Both residuals are 0, and both
    differences are 0 for one term; so S^2/Q lies in [1, d] for every d. With ``u_i = exp(-d_i/2)`` its logarithm is
    E - E_{1/2}.
    """
    total, squares, d, u = sp.symbols("S Q d u", positive=True)
    below = (total + u) ** 2 - (squares + u**2) - (total**2 - squares) - 2 * total * u
    above = (d + 1) * (squares + u**2) - (total + u) ** 2 - (d * squares - total**2)
    return sp.expand(below), sp.expand(above - (squares - 2 * total * u + d * u**2))


def value_gap(rows: tuple[tuple[Fraction, ...], ...], x: tuple[Fraction, ...]) -> tuple[arb, arb, arb]:
    """(-log d, 2 E_MCHN - 2 log d - E, Delta), the MCHN energy at beta = 1, at the working precision."""
    point, log_d = [to_arb(c) for c in x], arb(len(rows)).log()
    mchn, distance = Landscape(rows, "mchn").value(point), Landscape(rows).value(point)
    norms = [squared_norm(row) for row in rows]
    return -log_d, 2 * mchn - 2 * log_d - distance, to_arb(max(norms) - min(norms))
