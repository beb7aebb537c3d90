"""What can be proved of the fitted laws: their limits, their slopes, their compute optimum, and their relatives.

Everything is exact, for all positive constants; the numbers of the fits are in ``fitted_laws``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from assocmem.theory.layers.stack import bowl

N, D, C = sp.symbols("N D C", positive=True)
E, A, B, alpha, beta = sp.symbols("E A B alpha beta", positive=True)
a, b, x, y = sp.symbols("a b x y", positive=True)
N_c, D_c, alpha_N, alpha_D = sp.symbols("N_c D_c alpha_N alpha_D", positive=True)
U_N, U_D, R_N, R_D, Q_N, Q_D = sp.symbols("U_N U_D R_N R_D Q_N Q_D", nonnegative=True)

Law = Callable[[Any, Any], Any]


def equation_one(n: Any, d: Any) -> Any:
    """Equation (1) with symbolic constants."""
    return E + A / n**alpha + B / d**beta


def kaplan(n: Any, d: Any) -> Any:
    """The law of Kaplan et al. (2020), equation 1.5, with symbolic constants."""
    return ((N_c / n) ** (alpha_N / alpha_D) + D_c / d) ** alpha_D


def joint_limit(law: Law) -> sp.Expr | None:
    """Limit for N and D going to infinity at any relative speed, or None where this argument does not give one.

    If the mixed derivative vanishes, the law is a function of N plus one of D, and the joint limit is the repeated one.
    """
    value = law(N, D)
    if sp.simplify(sp.diff(value, N, D)) != 0:
        return None
    return sp.limit(sp.limit(value, N, sp.oo), D, sp.oo)


def falls(law: Law, variable: sp.Symbol) -> bool:
    """Whether the derivative is negative for all positive constants and arguments."""
    return bool(sp.simplify(sp.diff(law(N, D), variable)).is_negative)


def optimum_residuals(claimed: dict[str, sp.Expr]) -> list[sp.Expr]:
    """Three expressions that vanish exactly if the claimed optimum is right, for all positive constants.

    With u = log N the inner sum is h(u) = a e^(-xu) + b (6/C)^y e^(yu), and h'' > 0, so that h' = 0 at one point only.
    The first is the logarithm of the ratio of the two parts of h' at the claimed N*; the others compare N* with the
    claimed power of D* = C/(6 N*) at two budgets, C and 2C.
    """
    share, p, log_g = claimed["share"], claimed["p"], sp.expand_log(sp.log(claimed["G"]), force=True)

    def log_parameters(budget: sp.Expr) -> sp.Expr:
        return log_g + share * sp.log(budget / 6)

    def against_data(budget: sp.Expr) -> sp.Expr:
        log_data = sp.log(budget / 6) - log_parameters(budget)
        return log_parameters(budget) - (x + y) / x * log_g - p * log_data

    slope = sp.log(x * a / (y * b)) - (x + y) * log_parameters(C) + y * sp.log(C / 6)
    return [sp.simplify(sp.expand_log(r, force=True)) for r in (slope, against_data(C), against_data(2 * C))]


def relative_residuals(exponents: dict[str, tuple[sp.Expr, sp.Expr]]) -> list[sp.Expr]:
    """Each law less F(a N^-x + b D^-y) with the claimed exponents; all 0 if both have that form."""
    (x1, y1), (x2, y2) = exponents["equation (1)"], exponents["Kaplan et al."]
    first = equation_one(N, D) - (E + A * N**-x1 + B * D**-y1)
    inner = N_c ** (alpha_N / alpha_D) * N**-x2 + D_c * D**-y2
    second = kaplan(N, D) ** (1 / alpha_D) - inner
    return [sp.simplify(sp.expand_power_base(sp.powdenest(r, force=True), force=True)) for r in (first, second)]


def curvature_is_positive() -> bool:
    """h'' of the same function is a sum of positive terms."""
    u = sp.Symbol("u", real=True)
    inner = a * sp.exp(-x * u) + b * (6 / C) ** y * sp.exp(y * u)
    return bool(sp.diff(inner, u, 2).is_positive)


PRINTED_EXPONENTS = {alpha_N: sp.Rational(76, 1000), alpha_D: sp.Rational(103, 1000)}


def kaplan_consequences(law: Law) -> dict[str, sp.Expr]:
    """What Kaplan et al. demand of their law, as residuals: both limits, and a series in 1/D with integer powers.

    The last is 0 if the slope in 1/D at D = infinity is finite for the fitted exponents, infinite otherwise.
    """
    t = sp.Symbol("t", positive=True)
    ratio = ((law(N, 1 / t) - law(N, sp.oo)) / t).subs(PRINTED_EXPONENTS)
    slope = sp.limit(ratio.subs({N: 1, N_c: 1, D_c: 1}), t, 0)
    return {
        "D to infinity": sp.simplify(law(N, sp.oo) - (N_c / N) ** alpha_N),
        "N to infinity": sp.simplify(law(sp.oo, D) - (D_c / D) ** alpha_D),
        "slope in 1/D": sp.Integer(0) if slope.is_finite else sp.oo,
    }


def gadre(n: Any, d: Any) -> Any:
    """The law of Gadre et al. (2024), E + (a M^h + b M^-h) C^-h, in the letters of equation (1).

    M = D/N tokens per parameter, C = 6 N D, h = alpha/2, a = A 6^h and b = B 6^h.
    """
    half = alpha / 2
    return E + 6**half * (A * (d / n) ** half + B * (d / n) ** -half) * (6 * n * d) ** -half


def same(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """The difference of two laws, simplified with all letters positive; 0 if they agree."""
    return sp.simplify(sp.powsimp(sp.expand_power_base(first - second, force=True), force=True))


def muennighoff() -> sp.Expr:
    """The law of Muennighoff et al. (2023) for repeated data: equation (1) at effective N and D.

    U_N, U_D: parameters that the distinct tokens call for, and the distinct tokens; R_N, R_D: how many times more there
    are; Q_N, Q_D: the fitted constants that tell how soon a repetition is worth nothing.
    """
    return equation_one(effective(U_N, R_N, Q_N), effective(U_D, R_D, Q_D))


def effective(distinct: sp.Expr, more: sp.Expr, worth: sp.Expr) -> sp.Expr:
    """U (1 + Q (1 - e^(-R/Q))): what U distinct ones and R times as many repeated ones are worth."""
    return distinct * (1 + worth * (1 - sp.exp(-more / worth)))


def repetition_is_worth_less() -> bool:
    """Whether data seen twice count for less than twice: 1 + Q (1 - e^(-1/Q)) < 2 for all Q > 0, with v = 1/Q.

    e^-v > 1 - v for v != 0; and equation (1) falls in D. Where a repetition never fades, Q = oo, all count alike.
    """
    v, u, r = sp.symbols("v u r", positive=True)
    slack = v * (2 - effective(sp.Integer(1), sp.Integer(1), 1 / v))
    lasting = sp.limit(effective(u, r, 1 / v), v, 0, "+")
    real = sp.Symbol("w", real=True)
    fading = bowl(sp.expand(slack).subs(v, real), real)
    return bool(fading and sp.simplify(lasting - u * (1 + r)) == 0 and falls(equation_one, D))
