"""Proofs of bounds on the mean weight M(a, x) = a x^-a gamma(a, x), for all real a > 0 and x > 0.

Let b(a, x) be a bound. The derivative of x^a b/a - gamma(a, x) in x is x^(a-1) (b + x b'/a - e^-x), and the slack is 0
at x = 0 if b stays bounded there. With b = e^-c rho, where rho is a rational function,

    e^c (b + x b'/a - e^-x) = T - e^-q,   T = rho (1 - x c'/a) + x rho'/a,   q = x - c.

An upper bound is proved by T >= 1 and q >= 0 (then e^-q <= 1), a lower one by T <= 1 - q (because e^-q >= 1 - q).
Both are inequalities of rational functions, decided by ``evident``. A bound of the form K(a) x^-a has the derivative
-x^(a-1) e^-x instead, so it is an upper one if its slack is not negative at infinity: K >= Gamma(a+1).
"""

from __future__ import annotations

from functools import lru_cache

import sympy as sp

from assocmem.theory.partition.ball_bounds import ALWAYS, Bound, Bounds
from assocmem.theory.partition.mean_weight import a, x

s, t = sp.symbols("s t", positive=True)


def evident(expr: sp.Expr, where: sp.Expr = ALWAYS) -> bool:
    """Whether a rational function of a, x > 0 is certainly >= 0 where ``where`` > 0 (False: not seen).

    Its factors must be even powers, polynomials with positive coefficients, quadratics without real roots, or
    ``where`` itself.
    """
    if not expr.is_rational_function(a, x):
        return False
    top, bottom = sp.fraction(sp.factor(sp.together(expr)))
    if top == 0:
        return True
    sign = 1
    for factor, exponent in _factors(top) + _factors(bottom):
        if exponent % 2 == 0:
            continue
        positive = _sign(factor, where)
        if positive is None:
            return False
        sign *= positive
    return sign > 0


def _factors(poly: sp.Expr) -> list[tuple[sp.Expr, int]]:
    constant, powers = sp.factor_list(poly)
    return [(constant, 1), *powers]


def _sign(factor: sp.Expr, where: sp.Expr) -> int | None:
    """The sign of an irreducible polynomial that is evidently nowhere zero, or None."""
    if factor.is_number:
        return 1 if factor > 0 else -1
    for side in (1, -1):
        ratio = sp.cancel(side * factor / where)
        if ratio.is_number and ratio > 0:
            return side
        if all(c > 0 for c in sp.Poly(side * factor, a, x).coeffs()) or _rootless(side * factor):
            return side
    return None


def _rootless(factor: sp.Expr) -> bool:
    """A quadratic in x whose leading coefficient is positive and whose discriminant is negative for all a > 0."""
    poly = sp.Poly(factor, x)
    if poly.degree() != 2:
        return False
    lead, minus = (sp.Poly(e, a) for e in (poly.LC(), -sp.discriminant(factor, x)))
    return all(c > 0 for c in lead.coeffs() + minus.coeffs())


def _split(value: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """c and rho with value = e^-c rho and rho rational in a and x; None if there are none."""
    rest, c = sp.Integer(1), sp.Integer(0)
    for factor in sp.Mul.make_args(sp.powsimp(value)):
        if isinstance(factor, sp.exp):
            c -= factor.args[0]
        else:
            rest *= factor
    return (c, rest) if rest.is_rational_function(a, x) else None


def slope(c: sp.Expr, rho: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """T and q of the module's text."""
    return sp.together(rho * (1 - x * sp.diff(c, x) / a) + x * sp.diff(rho, x) / a), sp.expand(sp.cancel(x - c))


def bound_proof(bound: Bound, side: str) -> str | None:
    """A proof that a bound in a and x is a lower or an upper one on M, in words, or None.

    Where the bound is restricted, its domain must reach down to x = 0, and its denominator be positive on it.
    """
    if _split(bound.value) is None and (bound.where == ALWAYS or _reaches_zero(bound.where)):
        return _from_infinity(bound) if side == "upper" else None
    found = _room(bound, side)
    if found is None:
        return None
    q, room = found
    if side == "upper":
        return f"slope T - e^-q with q = {q} >= 0, T - 1 = {room} >= 0"
    return f"slope T - e^-q with q = {q}, 1 - q - T = {room} >= 0"


def _room(bound: Bound, side: str) -> tuple[sp.Expr, sp.Expr] | None:
    """q, and T - 1 or 1 - q - T, where these prove the bound; None where they do not."""
    where, parts = bound.where, _split(bound.value)
    if parts is None or (where != ALWAYS and not _reaches_zero(where)):
        return None
    c, rho = parts
    if not c.is_rational_function(a, x) or not all(_without_poles(part, where) for part in parts):
        return None
    big, q = slope(c, rho)
    room = big - 1 if side == "upper" else 1 - q - big
    if evident(room, where) and (side == "lower" or evident(q, where)):
        return sp.factor(q), sp.factor(room)
    return None


def in_math(bound: Bound, side: str) -> tuple[str, str]:
    """What proves a bound, in LaTeX for two columns of a table: q, and what must not be negative.

    Raises
    ------
    ValueError
        For a bound that is not proved.
    """
    found = _room(bound, side)
    if found:
        name = "T-1" if side == "upper" else "1-q-T"
        return f"${sp.latex(found[0])}$", f"${name}={sp.latex(found[1])}$"
    if bound_proof(bound, side) is None:
        raise ValueError(f"{bound.value} as {side} bound is not proved")
    return "", r"the difference falls as $x$ grows, to $0$ or more"


def _reaches_zero(where: sp.Expr) -> bool:
    """{x > 0: where > 0} is an interval from 0: linear in x, positive at 0."""
    line = sp.Poly(where, x)
    return bool(line.degree() == 1 and evident(line.TC()) and line.LC().is_number)


def _without_poles(part: sp.Expr, where: sp.Expr) -> bool:
    """No pole at x >= 0 where ``where`` > 0: the bound is continuous there, and x^a e^-c rho tends to 0 with x."""
    bottom = sp.fraction(sp.cancel(sp.together(part)))[1]
    return bottom.subs(x, 0) != 0 and all(_sign(factor, where) is not None for factor, _ in _factors(bottom))


def _from_infinity(bound: Bound) -> str | None:
    """K(a) x^-a with K >= Gamma(a+1): the slack falls to K/a - Gamma(a) >= 0."""
    constant = sp.simplify(bound.value * x**a)
    if constant.has(x):
        return None
    over = sp.gammasimp(constant / sp.gamma(a + 1))
    if over.is_number and over >= 1:
        return f"slope -e^-x, and {over} Gamma(a) - Gamma(a) >= 0 at infinity"
    return None


UNTRUE: tuple[tuple[Bound, str], ...] = (
    (Bound(sp.Rational(1, 2)), "upper"),
    (Bound(sp.Integer(1)), "lower"),
    (Bound(1 + x), "lower"),
)
"""Bounds that are false somewhere, which no rule may prove."""


@lru_cache(maxsize=64)
def bounds_proof(bounds: Bounds, p: int) -> tuple[str, ...] | None:
    """Proofs of all bounds for the power p, or None if one of them is not proved.

    Raises
    ------
    ArithmeticError
        If a bound that is false is proved as well.
    """
    if any(bound_proof(untrue, side) for untrue, side in UNTRUE) or evident(-x) or _without_poles(1 / x, ALWAYS):
        raise ArithmeticError("a bound that is false somewhere passes for a proved one")
    proofs = [bound_proof(bound.at(p), side) for side, bound in bounds.sides()]
    return None if None in proofs else tuple(text for text in proofs if text)


def under_integral(factor: sp.Expr, side: str) -> bool | None:
    """Whether ``factor`` = e^-c(r, t) lies on its side of e^-t for all 0 <= t <= r; None if undecided.

    Written with r = t + s; True by an evident sign of c - t, False by its sign at one of three points (s, t).
    """
    r = sp.Symbol("r", positive=True)
    gap = sp.expand(-sp.log(factor) - t).subs(r, t + s)
    gap = sp.expand(sp.expand_log(gap, force=True)) * (1 if side == "lower" else -1)
    if gap.is_nonnegative or gap == 0:
        return True
    points = ((1, 1), (1, sp.Rational(1, 2)), (sp.Rational(1, 2), 1))
    values = [gap.subs({s: first, t: second}) for first, second in points]
    return False if any(v.is_negative for v in values) else None
