"""What regularizes an energy: which of its terms bounds it from below.

Without the quadratic term, -LSE falls without bound along any pattern that is not zero: at x = t rho_i the score of
pattern i alone is ``t |rho_i|^2``. In the distance energy the same term stands inside the distance (``key_bias``).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import lse, precision, squared_norm, to_arb

Kind = Literal["mchn", "E", "quadratic", "nlse"]
Rows = tuple[tuple[Fraction, ...], ...]


def on_line(kind: Kind, x: sp.Expr, r: sp.Expr) -> sp.Expr:
    """The energy of D = {-r, r} on the line at inverse temperature 1, up to a constant."""
    nlse = -sp.log(sp.exp(r * x) + sp.exp(-r * x))
    forms = {
        "mchn": nlse + x**2 / 2,
        "E": -sp.log(sp.exp(-((x - r) ** 2)) + sp.exp(-((x + r) ** 2))),
        "quadratic": x**2 / 2,
        "nlse": nlse,
    }
    return forms[kind]


def excess_by_hand(kind: Kind, r: Fraction) -> arb:
    """f(0) - (f(-r) + f(r))/2 for D = {-r, r} in closed form, at the working precision.

    ``log cosh r^2 - r^2/2`` for the MCHN energy, ``log cosh 2r^2 - r^2`` for E: what ``sandwich.midpoint_excess`` and
    ``other_distances.midpoint_excess`` evaluate from the definitions.
    """
    square = Fraction(r) * Fraction(r)
    angle, drop = {"mchn": (square, square / 2), "E": (2 * square, square), "nlse": (square, Fraction(0))}.get(
        kind, (Fraction(0), square / 2)
    )
    return to_arb(angle).cosh().log() - to_arb(drop)


def excess_on_line(kind: Kind, r: Fraction) -> arb:
    """f(0) - (f(-r) + f(r))/2 for D = {-r, r} from ``on_line``, to fifty digits."""
    x, at = sp.Symbol("x"), sp.Rational(r.numerator, r.denominator)
    energy = on_line(kind, x, at)
    return arb(str(sp.N(energy.subs(x, 0) - (energy.subs(x, -at) + energy.subs(x, at)) / 2, 50)))


def grows(kind: Kind, span: int = 40) -> bool:
    """Certified: the energy of D = {-1, 1} is higher at ``span`` to both sides than in the middle, by ``span``."""
    with precision(256):
        x, ends = sp.Symbol("x"), []
        energy = on_line(kind, x, sp.Integer(1))
        ends = [arb(str(sp.N(energy.subs(x, at) - energy.subs(x, 0), 50))) for at in (-span, span)]
    return all(end > span for end in ends)


def nlse(rows: Rows, x: tuple[Fraction, ...]) -> arb:
    """-LSE(M'x) at an exact point, at the working precision."""
    return -lse([to_arb(sum((a * b for a, b in zip(row, x, strict=True)), Fraction(0))) for row in rows])


def nlse_falls(rows: Rows, depth: int = 1000) -> bool:
    """Certified: -LSE(M'x) is below ``-depth`` at ``(depth + 1)/|rho_i|^2`` times a pattern rho_i that is not zero."""
    scales = [(row, Fraction(depth + 1) / squared_norm(row)) for row in rows if any(row)]
    return any(nlse(rows, tuple(scale * c for c in row)) < -depth for row, scale in scales)
