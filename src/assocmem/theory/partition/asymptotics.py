"""The law of log Z at the paper's radius r = sqrt(n/(2 pi e)), with an error that is bounded for every n.

Write a = n/2, c = 1/(2 pi e), q = 2c, so that r^2 = cn = qa, and Z = d I_n(r) = d V_n(r) e^(-cn) S with
S = sum_k q^k / prod_{j<=k} (1 + j/a) (see ``assocmem.theory.exact.ball_integrals``).

- With T_k = k(k+1)/2: 1 - T_k/a <= 1/prod(1 + j/a) <= 1 - T_k/a + T_k^2/a^2, and summed over k
  (1-q) S = 1 - A + delta with A = q/((1-q)^2 a) and 0 <= delta <= B = q(1+4q+q^2)/((1-q)^4 a^2).
  For A < 1 therefore -A^2/(2(1-A)) <= log((1-q)S) + A <= B, as -log(1-A) = A + A^2/2 + ... <= A + A^2/(2(1-A)).
- V_n(r) = (pi n)^(-1/2) e^(-mu(n/2)) with 1/(6n) - 1/(45 n^3) < mu(n/2) < 1/(6n) (see ``stirling``).

Together: log Z = log d - cn - log(pi n)/2 - log(1-q) - kappa/n + e_n, kappa = 1/6 + 2q/(1-q)^2, with e_n between
-A^2/(2(1-A)) and B + 1/(45 n^3). Nothing is special about this radius: r^2 = share * n and an inverse temperature beta
give q = 2 beta share, and the law holds for all q < 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
import numpy.typing as npt
import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_integral, certified_paper_radius
from assocmem.theory.exact.incomplete_gamma import Array
from assocmem.theory.partition import stirling
from assocmem.theory.partition.bounds import SIZES, a, c, n, q, series_residual, u, value
from assocmem.theory.partition.volumes import STIRLING


@dataclass(frozen=True)
class Law:
    """log(Z/d) = -rate n + power log(pi n) + constant - kappa/n + e_n with ``|e_n| <= error/n^2`` for all n >= 1."""

    rate: sp.Expr = c
    power: sp.Expr = -sp.Rational(1, 2)
    constant: sp.Expr = -sp.log(1 - q)
    kappa: sp.Expr = sp.Rational(1, 6) + 2 * q / (1 - q) ** 2
    error: Fraction = Fraction(6, 5)

    def main(self) -> sp.Expr:
        """All but e_n."""
        return -self.rate * n + self.power * sp.log(sp.pi * n) + self.constant - self.kappa / n


LAW = Law()
NEXT = 2 * (q * (1 + 4 * q + q**2) / (1 - q) ** 4 + q * (1 + q) / (1 - q) ** 3) - 2 * (q / (1 - q) ** 2) ** 2
"""The limit of n^2 e_n: with 1/prod(1 + j/a) to second order, (T_k^2 + sum j^2)/(2 a^2)."""


def limit() -> float:
    """``NEXT`` as a float."""
    return float(value(NEXT, 1).mid())


@dataclass(frozen=True)
class Quotient:
    """The power series of top(x)/(1-x)^power, ``top`` by its coefficients, the constant one first."""

    top: tuple[int, ...]
    power: int

    def at(self, x: sp.Expr) -> sp.Expr:
        """Its sum."""
        return sum((c * x**i for i, c in enumerate(self.top)), sp.Integer(0)) / (1 - x) ** self.power

    def coefficient(self, k: sp.Symbol) -> sp.Expr:
        """The coefficient of x^k; that of 1/(1-x)^(m+1) is (k+1)...(k+m)/m!."""
        m = self.power - 1
        each = (c * sp.prod([k - i + j for j in range(1, m + 1)]) for i, c in enumerate(self.top))
        return sum(each, sp.Integer(0)) / sp.factorial(m)


TRIANGLES, SQUARES = Quotient((0, 1), 3), Quotient((0, 1, 4, 1), 5)
"""The sums of x^k T_k and of x^k T_k^2."""


@cache
def sums_of_triangles() -> tuple[sp.Expr, sp.Expr]:
    """Coefficients of x^k in TRIANGLES and SQUARES, minus T_k and T_k^2; zeros for all k.

    The polynomials (k-i+1)...(k-i+m) vanish for i - m <= k < i, so they are right for small k too.
    """
    k = sp.Symbol("k")
    triangle = k * (k + 1) / 2
    return sp.expand(TRIANGLES.coefficient(k) - triangle), sp.expand(SQUARES.coefficient(k) - triangle**2)


def product_steps() -> tuple[sp.Expr, sp.Expr]:
    """What proves the bounds on 1/prod(1 + u_j): two differences less what they are for all w, u > 0; zeros.

    (1-w) - (1-w-u)(1+u) = u(w+u), the induction step of 1 - sum u_j <= 1/prod, and (1-w+w^2)(1+w) - 1 = w^3 for
    1/(1+w) <= 1-w+w^2, where prod(1 + u_j) >= 1 + sum u_j. Both right sides are positive.
    """
    w = sp.Symbol("w", positive=True)
    return sp.expand((1 - w) - (1 - w - u) * (1 + u) - u * (w + u)), sp.expand((1 - w + w**2) * (1 + w) - 1 - w**3)


_SMALL = sp.Symbol("A", positive=True)
LOG_BELOW = -(_SMALL**2) / (2 * (1 - _SMALL))
"""A lower bound of log(1 - A) + A for 0 < A < 1, by which the lower bound on e_n comes from the first order."""


def log_below_holds() -> bool:
    """Whether log(1 - A) + A less ``LOG_BELOW`` is 0 at A = 0 and has the slope A^2/(2 (1-A)^2) >= 0."""
    gap = sp.log(1 - _SMALL) + _SMALL - LOG_BELOW
    slope = sp.diff(gap, _SMALL) - _SMALL**2 / (2 * (1 - _SMALL) ** 2)
    return bool(gap.subs(_SMALL, 0) == 0 and sp.simplify(slope) == 0)


def error_parts_are_these() -> bool:
    """Whether A, B and the cubic term of ``error_parts`` are 2q/((1-q)^2 n), 4 (1-q) sum q^k T_k^2/n^2, 1/(45 n^3)."""
    first, second = first_order(q).subs(a, n / 2), 4 * (1 - q) * SQUARES.at(q) / n**2
    low, high = error_parts()
    same = sp.simplify(first - 2 * q / ((1 - q) ** 2 * n)) == 0
    upper = sp.simplify(high - second - 1 / (45 * n**3)) == 0
    return bool(same and upper and sp.simplify(low - LOG_BELOW.subs(_SMALL, first)) == 0)


def first_order(ratio: sp.Expr) -> sp.Expr:
    """A: (1-x) sum_k x^k T_k / a at x = ``ratio``."""
    return (1 - ratio) * TRIANGLES.at(ratio) / a


def second_order(ratio: sp.Expr) -> sp.Expr:
    """B: (1-x) sum_k x^k T_k^2 / a^2 at x = ``ratio``."""
    return (1 - ratio) * SQUARES.at(ratio) / a**2


@cache
def derived() -> Law:
    """The law put together from its parts: the volume, r^2 = cn, the geometric sum, and the terms of order 1/n."""
    volume = sp.expand(sp.expand_log(sp.log(STIRLING) + n / 2 * sp.log(c * n), force=True))
    power = sp.simplify(volume / sp.log(sp.pi * n).expand(force=True))
    kappa = n * (stirling.leading_term().subs(stirling.z, n / 2) + first_order(q).subs(a, n / 2))
    return Law(sp.simplify(c * n / n), power, sp.log(1 / (1 - q)), sp.simplify(kappa), LAW.error)


def error_parts(ratio: sp.Expr = q) -> tuple[sp.Expr, sp.Expr]:
    """The bounds -A^2/(2(1-A)) and B + 1/(45 n^3) on e_n, as functions of n."""
    first, second = first_order(ratio).subs(a, n / 2), second_order(ratio).subs(a, n / 2)
    cubic = (stirling.HIGH - stirling.CUBIC).subs(stirling.z, n / 2)
    return LOG_BELOW.subs(_SMALL, first), second + cubic


def certified_error_constant() -> arb:
    """A ball around the larger of ``n^2 |lower|`` and n^2 upper bound on e_n at n = 1; both fall with n."""
    with precision(128):
        low, high = (value(part, 1) for part in error_parts())
        return (-low).max(high)


def law_follows(stmt: Law) -> bool:
    """Whether the stated law is the derived one, with an error constant that the proof reaches."""
    law = derived()
    pairs = (
        (stmt.rate, law.rate),
        (stmt.power, law.power),
        (stmt.constant, law.constant),
        (stmt.kappa, law.kappa),
    )
    exact = all(sp.simplify(sp.expand_log(x - y, force=True)) == 0 for x, y in pairs)
    sums = all(p == 0 for p in sums_of_triangles()) and all(p == 0 for p in product_steps())
    volume = stirling.side(stirling.CUBIC) == 1 and stirling.side(stirling.HIGH) == -1
    reached = bool(to_arb(stmt.error) > certified_error_constant())
    parts = log_below_holds() and error_parts_are_these()
    return exact and sums and volume and parts and series_residual() == 0 and reached


def law_error(stmt: Law, size: int, bits: int = 192) -> arb:
    """A ball around n^2 e_n for the stated law: n^2 times (log I_n(r) minus the law without its error)."""
    with precision(bits + 64):
        radius = certified_paper_radius(size, bits=bits + 64)
        return (certified_log_ball_integral(size, radius, bits=bits) - value(stmt.main(), size, bits)) * arb(size) ** 2


def law_error_by_sum(stmt: Law, size: int, bits: int = 192) -> arb:
    """``law_error`` in an even dimension, where I_n(r) = pi^a (1 - e^-x (1 + x + ... + x^(a-1)/(a-1)!)), x = cn."""
    with precision(bits + 64):
        at = value(c * n, size, bits)
        terms = sum((at**k / arb(k).gamma() / k if k else arb(1) for k in range(size // 2)), arb(0))
        mass = arb.pi() ** (size // 2) * (1 - (-at).exp() * terms)
        return (mass.log() - value(stmt.main(), size, bits)) * arb(size) ** 2


def law_violation(stmt: Law, sizes: tuple[int, ...] = SIZES) -> tuple[int, float] | None:
    """The first n with ``|n^2 e_n|`` certainly above the stated constant, and n^2 e_n there."""
    for size in sizes:
        scaled = law_error(stmt, size)
        if abs(scaled) > to_arb(stmt.error):
            return size, float(scaled.mid())
    return None


def log_partition_law(
    size: npt.ArrayLike, d: npt.ArrayLike = 1, *, share: float | None = None, beta: float = 1.0
) -> Array:
    """The law as float64: log Z up to e_n, for d disjoint balls of radius sqrt(share n), energy beta ||x - rho||^2.

    ``share`` is that of the paper, 1/(2 pi e), by default. ``size`` (n) and ``d`` broadcast.

    Raises
    ------
    ValueError
        Unless n, d, share and beta are positive and q = 2 beta share < 1.
    """
    size, d = np.asarray(size, dtype=np.float64), np.asarray(d, dtype=np.float64)
    part = 1 / (2 * math.pi * math.e) if share is None else share
    ratio = 2 * beta * part
    if not (part > 0 and beta > 0 and ratio < 1 and (size > 0).all() and (d > 0).all()):
        raise ValueError(f"n, d, share={part}, beta={beta} must be positive and 2 beta share below 1")
    volume = size / 2 * math.log(2 * math.pi * math.e * part) - np.log(np.pi * size) / 2 - 1 / (6 * size)
    mean = -beta * part * size - math.log(1 - ratio) - 2 * ratio / ((1 - ratio) ** 2 * size)
    return np.asarray(np.log(d) + volume + mean)[()]
