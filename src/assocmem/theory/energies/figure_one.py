"""The pattern sets of the paper's Figure 1, kept exact, with the names of its landscapes."""

from __future__ import annotations

from fractions import Fraction

from assocmem.theory.energies.critical_points import Family, Landscape

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
