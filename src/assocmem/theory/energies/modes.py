"""Two memories: exactly when each energy has two minima, and what an unequal norm does to the MCHN energy.

Every critical point of two patterns m +- h is x = m + t h with t = w_1 - w_2 in (-1, 1): a weighted mean of the two
lies on their line. There t = tanh(kappa t + b0), with kappa and b0 read off the scores (``line_equation``).
Perpendicular to the line both energies are convex quadratics, so the line decides what is a minimum.
"""

from __future__ import annotations

from typing import Literal

import sympy as sp

Family = Literal["E", "mchn"]
b, s, t, kappa, tilt = sp.symbols("b s t kappa b0", real=True)
n1, n2 = sp.symbols("n1 n2", nonnegative=True)
"""n1, n2: squared norms of the two patterns; s: their distance; b: inverse temperature."""


def line_equation(family: Family) -> tuple[sp.Expr, sp.Expr]:
    """(kappa, b0) of the equation t = tanh(kappa t + b0), derived from the difference of the two scores.

    With x = m + t h, m = (rho_1 + rho_2)/2 and h = (rho_1 - rho_2)/2, softmax gives w_1 - w_2 =
    tanh((score_1 - score_2)/2). The inner products needed are ``|h|^2 = s^2/4`` and m.h = (n1 - n2)/4.
    """
    hh, mh = s**2 / 4, (n1 - n2) / 4
    # x.rho_1 - x.rho_2 = 2 x.h = 2 (m.h + t h.h)
    overlap = 2 * (mh + t * hh)
    half = (b * (2 * overlap - (n1 - n2)) if family == "E" else b * overlap) / 2
    line = sp.Poly(sp.expand(half), t)
    return sp.factor(line.coeff_monomial(t)), sp.factor(line.coeff_monomial(1))


def untilted_threshold() -> sp.Expr:
    """The kappa up to which t = tanh(kappa t) has the root 0 only; above it there are three.

    f(t) = tanh(kappa t) - t is odd, and concave for t > 0 (its second derivative is -2 kappa^2 tanh sech^2 < 0), and
    f(1) < 0: so it has one positive root if f'(0) > 0, else none.

    Raises
    ------
    ArithmeticError
        If the second derivative is not the one of the argument.
    """
    f = sp.tanh(kappa * t) - t
    second = sp.simplify(sp.diff(f, t, 2) + 2 * kappa**2 * sp.tanh(kappa * t) * (1 - sp.tanh(kappa * t) ** 2))
    if second != 0:
        raise ArithmeticError("the second derivative is not the one of the argument")
    (root,) = sp.solve(sp.diff(f, t).subs(t, 0), kappa)
    return root


def largest_tilt(k: sp.Expr = kappa) -> sp.Expr:
    """The ``|b0|`` below which t = tanh(kappa t + b0) has three roots: sqrt(kappa(kappa-1)) - arcosh(sqrt kappa)."""
    return sp.sqrt(k * (k - 1)) - sp.acosh(sp.sqrt(k))


def fold_residuals() -> list[sp.Expr]:
    """Two zeros that prove ``largest_tilt``.

    Roots solve h(t) = artanh(t) - kappa t = b0. h' = 1/(1-t^2) - kappa vanishes at +-t0, t0 = sqrt(1 - 1/kappa), so h
    rises, falls and rises again from -inf to inf: three roots exactly for b0 strictly between h(t0) and -h(t0).
    The first entry is h'(t0); the second is -h(t0) - ``largest_tilt``, after artanh(t0) = arcosh(sqrt kappa), which
    holds because tanh(arcosh y) = sqrt(y^2-1)/y.
    """
    k = sp.Symbol("k", positive=True)  # kappa = 1 + k
    t0 = sp.sqrt(1 - 1 / (1 + k))
    slope = sp.simplify(1 / (1 - t0**2) - (1 + k))
    y = sp.sqrt(1 + k)
    same_angle = sp.simplify(sp.sqrt(y**2 - 1) / y - t0)
    linear = sp.simplify((1 + k) * t0 - sp.sqrt((1 + k) * k))
    return [slope, same_angle, linear]


def zero_pattern_gap() -> sp.Expr:
    """kappa^2 - kappa(kappa-1) for D = {0, a} under MCHN, where ``|b0| = kappa``: positive, so there is no fold.

    ``|b0| = kappa`` exceeds sqrt(kappa(kappa-1)) >= ``largest_tilt``, hence one critical point for every a and beta.

    Raises
    ------
    ArithmeticError
        If the bias of a zero pattern is not kappa.
    """
    k_zero, b_zero = (e.subs({n1: s**2, n2: 0}) for e in line_equation("mchn"))
    if sp.simplify(k_zero - b_zero) != 0:
        raise ArithmeticError("for a zero pattern |b0| must equal kappa")
    return sp.expand(kappa**2 - kappa * (kappa - 1))


def minima(family: Family, beta: float, norm1: float, norm2: float, distance: float) -> int:
    """Number of local minima (1 or 2) by the thresholds; equality counts as 1."""
    at = {b: beta, s: distance, n1: norm1, n2: norm2}
    k, b0 = (float(e.subs(at)) for e in line_equation(family))
    if k <= 1:
        return 1
    return 2 if abs(b0) < float(largest_tilt(sp.Float(k))) else 1
