"""From dimension and samples (n, d) to parameters and tokens (N, D): equation (2), for every way a model can grow.

N = A l w^2, n = T w and D = T d, with width w = d_emb, context T = T_max, depth l, a constant A. Let one scale t grow
and w ~ t^omega, T ~ t^tau, l ~ t^lambda; then n ~ t^(omega+tau) and N ~ t^(lambda + 2 omega). If n ~ d^p,

    N ~ D^E,          E = p (lambda + 2 omega) / (omega + tau + tau p),

and if n ~ log d, then log D ~ log d and N ~ (log D)^E with E = (lambda + 2 omega)/(omega + tau).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import sympy as sp

from assocmem.theory.balance import dimension_bounds
from assocmem.theory.balance.laws import PAPER, ell
from assocmem.theory.exact.distances import NAMED, Distance

A, l, w, T, d, D = sp.symbols("A l w T d D", positive=True)
kappa, p, ratio = sp.symbols("kappa p tau", positive=True)


@dataclass(frozen=True)
class Family:
    """How width, context and depth grow with one scale; exponents of w, T and l."""

    name: str
    width: Fraction
    context: Fraction = Fraction(0)
    depth: Fraction = Fraction(0)

    def exponent(self, power: sp.Expr | int | Fraction) -> sp.Expr:
        """E with N ~ D^E when n ~ d^power."""
        top, bottom, rest = (
            _rational(v) for v in (self.depth + 2 * self.width, self.width + self.context, self.context)
        )
        return sp.simplify(power * top / (bottom + rest * power))

    def log_exponent(self) -> sp.Expr:
        """E with N ~ (log D)^E when n ~ log d."""
        return _rational((self.depth + 2 * self.width) / (self.width + self.context))


def _rational(value: Fraction) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)


WIDTH = Family("width", Fraction(1))
CONTEXT = Family("context", Fraction(0), Fraction(1))
SQUARE_INPUT = Family("width and context alike", Fraction(1), Fraction(1))
DEEPER = Family("width and depth alike", Fraction(1), Fraction(0), Fraction(1))
SHALLOWER = Family("depth inverse to width", Fraction(1), Fraction(0), Fraction(-1))
CUBE_ROOT = Family("context as the cube root of width", Fraction(3), Fraction(1))
FAMILIES = (WIDTH, CONTEXT, SQUARE_INPUT, DEEPER, SHALLOWER, CUBE_ROOT)
"""Only the fifth keeps A l w/T and T constant; the sixth has the exponent 2 for p = 2 in another way."""


def keeps_every_power(family: Family) -> bool:
    """Whether the law of n and d is that of N and D for every power p."""
    return bool(sp.simplify(family.exponent(p) - p) == 0)


def only_family() -> bool:
    """E = p for every p > 0 only if tau = 0 and lambda = -omega: both coefficients of p in the difference vanish."""
    omega, tau, lam = sp.symbols("omega tau lambda", real=True)
    difference = sp.Poly((lam + 2 * omega) - (omega + tau + tau * p), p)
    return bool(sp.solve(difference.coeffs(), [tau, lam], dict=True) == [{tau: 0, lam: -omega}])


def identity_residual(size: sp.Expr) -> sp.Expr:
    """A l w^2 - (A l w/T) n with n = ``size``."""
    return sp.expand(A * l * w**2 - A * l * w / T * size)


def in_tokens(power: sp.Expr | int) -> dict[str, sp.Expr]:
    """N as a function of D for n = kappa d^power, solved exactly for three ways of growing."""
    by_width = (A * l * (kappa * d**power / T) ** 2).subs(d, D / T)
    count = (D / sp.sqrt(kappa)) ** (1 / (1 + sp.sympify(power) / 2))  # w = T: n = T^2, so D = sqrt(n) d
    by_both = A * l * kappa * count**power
    by_depth = A * l * w / T * kappa * (D / T) ** power
    return {
        WIDTH.name: sp.powsimp(sp.expand_power_base(by_width, force=True), force=True),
        SQUARE_INPUT.name: sp.powdenest(sp.expand_power_base(by_both, force=True), force=True),
        SHALLOWER.name: sp.expand_power_base(by_depth, force=True),
    }


def growth(expr: sp.Expr) -> sp.Expr:
    """The exponent of D in a product of powers: D times the logarithmic derivative."""
    return sp.simplify(D * sp.diff(sp.log(expr), D))


@dataclass(frozen=True)
class LogLaws:
    """At Z = 1: N/(log D)^power -> constant, for width alone (T fixed), and for width = tau T."""

    width: tuple[int, sp.Expr]
    both: tuple[int, sp.Expr]


CORRECT = LogLaws((2, A * l * (2 * sp.pi * sp.E / T) ** 2), (1, 2 * sp.pi * sp.E * A * l * ratio))


def log_limits(stmt: LogLaws) -> tuple[sp.Expr, sp.Expr]:
    """The two limits, from n/log d -> 1/c: 0 < n - LEADING < 6 for d >= 100, so LEADING may stand for n.

    Raises
    ------
    ArithmeticError
        If n/log d does not tend to 1/c.
    """
    if sp.limit(dimension_bounds.LEADING / ell, ell, sp.oo) != 1 / PAPER:
        raise ArithmeticError("n/log d does not tend to 1/c")
    by_width = A * l * (ell / PAPER / T) ** 2 / (ell + sp.log(T)) ** stmt.width[0]
    by_both = A * l * ratio * (ell / PAPER) / (ell + sp.log(ell / PAPER / ratio) / 2) ** stmt.both[0]
    return sp.limit(by_width, ell, sp.oo), sp.limit(by_both, ell, sp.oo)


def growth_limit(exponent: int, power: int) -> sp.Expr:
    """The limit of (log D)^exponent/D^power as D grows: 0 if the power is positive."""
    return sp.limit(sp.log(D) ** exponent / D**power, D, sp.oo)


def below_every_power(exponent: int) -> bool:
    """Whether (log D)^exponent is o(D^power) for every real power > 0."""
    x, power = sp.symbols("x power", positive=True)
    return bool(sp.limit(x**exponent * sp.exp(-power * x), x, sp.oo) == 0)


@dataclass(frozen=True)
class Growth:
    """N = O(D^power), or Theta(D^power), where Z = 1 or where a reading's loss is least; A and l are fixed."""

    relation: Literal["O", "Theta"]
    power: int


def logarithms(distance: Distance) -> int | None:
    """The k with n = Theta((log d)^k) at Z = 1 and r = sqrt(cn): 1 for the squared distance, 2 for the distance itself.

    It is read off the proved bounds on n. The ball integral of ``exp(-|y|)`` is the printed closed form. None for
    distances with balls of another volume.
    """
    if not (distance.has("squared euclidean") or distance is NAMED["euclidean"]):
        return None
    squared = distance.has("squared euclidean")
    bounds = dimension_bounds.EXACT_BETWEEN if squared else dimension_bounds.LOG_SQUARE
    low, high = (sp.limit(ell * sp.diff(bound, ell) / bound, ell, sp.oo) for bound in (bounds.low, bounds.high))
    return int(low) if low == high else None


def width_growth(stmt: Growth, exponent: int) -> bool:
    """Whether the stated relation follows from N = Theta((log D)^exponent), exponent > 0."""
    limit = growth_limit(exponent, stmt.power)
    return bool(limit == 0 and stmt.relation == "O")


def deep_growth(depth: int) -> sp.Expr:
    """The exponent of D in N for the depth l = d^depth, with A, T and the width fixed; D = T d."""
    return growth((A * d**depth * w**2).subs(d, D / T))


# Samples and tokens.


def gap_bounds() -> tuple[sp.Expr, sp.Expr]:
    """T ceil(L/T) - L for L = k T + j with 1 <= j <= T, at both ends of j: T - 1 and 0."""
    k, j = sp.symbols("k j", positive=True, integer=True)
    gap = T * (k + 1) - (k * T + j)
    return sp.expand(gap.subs(j, 1)), sp.expand(gap.subs(j, T))
