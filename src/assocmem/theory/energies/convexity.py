"""Convexity with any number of patterns: the diameter decides it for affinely independent ones, and never misleads.

Along a unit vector u the curvature of E_b is 2 - 4b Var_w(u.rho), and that of the MCHN energy is 1 - beta Var_p(u.rho).
A number in an interval of length s has variance at most s^2/4 (Popoviciu), with the identity of ``popoviciu_residual``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import sympy as sp
from flint import arb

from assocmem.theory.energies.critical_points import Landscape
from assocmem.theory.exact.certified import precision, squared_distance, to_arb

Family = Literal["E", "mchn"]
Rows = tuple[tuple[Fraction, ...], ...]

WHOLE = {"E": 2, "mchn": 1}
PART = {"E": 4, "mchn": 1}


def popoviciu_residual() -> sp.Expr:
    """s^2/4 - Var - E[(hi-Y)(Y-lo)] - (mean - middle)^2 in the two moments of Y; 0 for every distribution.

    Both subtracted terms are nonnegative when lo <= Y <= hi, so Var <= s^2/4 with s = hi - lo.
    """
    first, second, lo, hi = sp.symbols("m1 m2 lo hi", real=True)
    variance = second - first**2
    product = (hi + lo) * first - second - hi * lo
    return sp.expand((hi - lo) ** 2 / 4 - variance - product - (first - (lo + hi) / 2) ** 2)


def diameter_threshold(family: Family) -> sp.Expr:
    """The largest K such that b diam^2 <= K makes WHOLE - PART b diam^2/4 nonnegative: 2 for E, 4 for MCHN."""
    k = sp.Symbol("k", positive=True)
    (root,) = sp.solve(WHOLE[family] - PART[family] * k / 4, k)
    return root


def curvature(rows: Rows, family: Family, beta: Fraction, x: list[Fraction], u: list[Fraction], bits: int = 256) -> arb:
    """Certified curvature u' H u / u'u of an energy at an exact point, with H scaled as in the module's text."""
    with precision(bits):
        matrix = Landscape(rows, family, beta).jacobian([to_arb(c) for c in x])
        total, norm = arb(0), to_arb(sum((c * c for c in u), Fraction(0)))
        for i, row in enumerate(matrix):
            for j, entry in enumerate(row):
                total += to_arb(u[i] * u[j]) * entry
        return WHOLE[family] * total / norm


def curvature_by_variance(rows: Rows, family: Family, beta: Fraction, x: list[Fraction], u: list[Fraction]) -> arb:
    """The same as WHOLE - PART beta Var(u.rho)/u'u, the variance under weights from the energy's own exponents."""
    norm = sum((c * c for c in u), Fraction(0))
    along = [sum((a * b for a, b in zip(row, u, strict=True)), Fraction(0)) for row in rows]
    if family == "E":
        exponents = [-beta * squared_distance(row, x) for row in rows]
    else:
        exponents = [beta * sum((a * b for a, b in zip(row, x, strict=True)), Fraction(0)) for row in rows]
    masses = [to_arb(e - max(exponents)).exp() for e in exponents]
    total = sum(masses, arb(0))
    mean, square = (sum((m * to_arb(v**k) for m, v in zip(masses, along, strict=True)), arb(0)) / total for k in (1, 2))
    return WHOLE[family] - PART[family] * to_arb(beta / norm) * (square - mean * mean)


def edge_normal(rows: Rows) -> list[Fraction]:
    """For affinely independent patterns: an exact u with u.rho equal on the first two and 1 less on the others.

    Raises
    ------
    ValueError
        If the patterns are affinely dependent.
    """
    first = sp.Matrix([[sp.Rational(c) for c in rows[0]]])
    gaps = sp.Matrix([[sp.Rational(c) for c in row] for row in rows[1:]]) - sp.ones(len(rows) - 1, 1) * first
    if gaps.rank() != len(rows) - 1:
        raise ValueError("patterns must be affinely independent")
    want = sp.Matrix([0] + [-1] * (len(rows) - 2))
    solution = gaps.T * (gaps * gaps.T).inv() * want
    return [Fraction(int(c.p), int(c.q)) for c in solution]


def far_edge_curvature(rows: Rows, family: Family, beta: Fraction, steps: int = 400) -> arb:
    """Curvature along the first two patterns at their balanced point, moved ``steps`` times ``edge_normal`` away.

    The other weights fade like exp(-c steps), so this tends to WHOLE - PART b s^2/4 with s the first two's distance.
    For E the balanced point is the midpoint; for MCHN the step along the edge that equalizes the two scores is added.
    """
    u = edge_normal(rows)
    edge = [p - q for p, q in zip(rows[0], rows[1], strict=True)]
    mid = [(p + q) / 2 for p, q in zip(rows[0], rows[1], strict=True)]
    if family == "mchn":
        lean = sum((m * e for m, e in zip(mid, edge, strict=True)), Fraction(0))
        size = squared_distance(rows[0], rows[1])
        mid = [m - lean / size * e for m, e in zip(mid, edge, strict=True)]
    x = [m + steps * c for m, c in zip(mid, u, strict=True)]
    return curvature(rows, family, beta, x, edge, bits=2048)


def square_separates() -> sp.Expr:
    """Sum over the corners of {-1,1}^2 minus the product of the sums over each axis; 0 after expansion.

    Hence E_b of the square is the sum of two energies of {-1, 1}, and it is convex exactly when those are.
    """
    x, y, beta = sp.symbols("x y beta", real=True)
    corners = sum(sp.exp(-beta * (x - i) ** 2 - beta * (y - j) ** 2) for i in (-1, 1) for j in (-1, 1))
    axes = sp.prod([sum(sp.exp(-beta * (v - i) ** 2) for i in (-1, 1)) for v in (x, y)])
    return sp.simplify(sp.powsimp(sp.expand(corners - axes)))
