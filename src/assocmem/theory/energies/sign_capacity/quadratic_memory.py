"""Row 1 of Table 1, the Hebb rule: the law of the bit error is exactly that of a random walk.

For r = 2, D_v = 4 xi_v S_v, and the n-1 products of xi_v with the other coordinates are independent
signs: N/4 is a simple random walk of (d-1)(n-1) steps, and the law of the bit error is exactly binomial. Hoeffding's
inequality, P <= exp(-(n-1)/(2(d-1))), then stores a pattern for d <= n/((2+delta) log n) and all of them for
d <= n/((4+delta) log n). A bias b that does not depend on the patterns adds 2 b_k rho_k, of random sign and independent
of N: where it is not positive the bit is no safer, so at least half of the error remains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from assocmem.theory.energies.sign_capacity.memories import d, hebb, n, states
from assocmem.theory.energies.sign_capacity.polynomial_memory import power_law, z
from assocmem.theory.exact.certified import to_arb


@dataclass(frozen=True)
class WalkLaw:
    """The bit error of the Hebb rule is P(S < -barrier) for a simple random walk S of so many steps.

    ``factors`` are the numbers k such that n/((k+delta) log n) patterns are stored, in "pattern" and in "all".
    """

    steps: sp.Expr
    barrier: sp.Expr
    factors: tuple[sp.Expr, sp.Expr]

    def error(self, size: int, patterns: int) -> Fraction:
        """The bit error at one size, exactly."""
        steps, barrier = (int(e.subs({n: size, d: patterns})) for e in (self.steps, self.barrier))
        return walk_error(steps, barrier)


def walk_error(steps: int, barrier: int) -> Fraction:
    """P(a simple random walk is below -barrier after so many steps), exactly."""
    below, ways = 0, 1
    for k in range(max(0, -((barrier - steps) // 2))):  # k steps up: 2k - steps < -barrier
        below += ways
        ways = ways * (steps - k) // (k + 1)
    return Fraction(below, 2**steps)


def hebb_moment_ratio(law: WalkLaw) -> sp.Expr:
    """Moment generating function of the walk over that of N/4, for all n and d; 1 proves the law of the crosstalk.

    One pattern adds xi S with xi a fair sign and S a sum of n-1 fair signs: E e^(t xi S) = (cosh(t)^m + cosh(-t)^m)/2.
    """
    t, m = sp.Symbol("tau", real=True), n - 1
    one = (sp.cosh(t) ** m + sp.cosh(-t) ** m) / 2
    return sp.simplify(sp.powsimp(sp.expand(sp.log(sp.cosh(t)) * law.steps) - sp.log(one) * (d - 1)))


def hebb_gap_ratio() -> tuple[sp.Expr, sp.Expr]:
    """h(S)/(4S) and A/4 of F(z) = z^2: the crosstalk and the barrier of the walk."""
    spread = sp.factor((z + 1) ** 2 - (z - 1) ** 2)
    return sp.cancel(spread / (4 * z)), sp.cancel(power_law(2).signal / 4)


def hoeffding_exponents(law: WalkLaw) -> tuple[sp.Expr, sp.Expr]:
    """Powers of n that bound the failure at d - 1 = (n-1)/((k+delta) log n): of n bits, and of all d n <= n^2 bits.

    Each is (1 or 2) - (k + delta)/2 from Hoeffding's exp(-barrier^2/(2 steps)); negative for all delta > 0 exactly when
    k is large enough.
    """
    delta = sp.Symbol("delta", positive=True)
    out = []
    for bits, factor in zip((1, 2), law.factors, strict=True):
        log_error = -(law.barrier**2) / (2 * law.steps)
        at = log_error.subs(d, 1 + (n - 1) / ((factor + delta) * sp.log(n)))
        out.append(sp.expand(bits + sp.simplify(at / sp.log(n))))
    return out[0], out[1]


def hoeffding_covers(law: WalkLaw, size: int, patterns: int) -> bool:
    """Certified at one size: the exact error is at most exp(-barrier^2/(2 steps))."""
    steps, barrier = (int(e.subs({n: size, d: patterns})) for e in (law.steps, law.barrier))
    return bool(to_arb(law.error(size, patterns)) <= (-to_arb(Fraction(barrier**2, 2 * steps))).exp())


def bit_flip_ignores_diagonal(size: int = 3) -> sp.Expr:
    """Change of -x'Wx/2 - b'x under a flip of x_1, minus 2 x_1 (sum_{j>1} W_1j x_j + b_1); 0 where x_1^2 = 1.

    Only row 1 of W and the coordinates that it meets take part, so one further coordinate each suffices.
    """
    x, b = sp.symbols(f"x1:{size + 1}"), sp.symbols(f"b1:{size + 1}")
    w = sp.Matrix(size, size, lambda i, j: sp.Symbol(f"w{min(i, j)}{max(i, j)}"))

    def value(v: Sequence[sp.Expr]) -> sp.Expr:
        column = sp.Matrix(v)
        return -(column.T * w * column)[0] / 2 - (sp.Matrix(b).T * column)[0]

    change = value((-x[0], *x[1:])) - value(x)
    field = sum(w[0, j] * x[j] for j in range(1, size)) + b[0]
    return sp.expand(change - 2 * x[0] * field)


def square_step() -> sp.Expr:
    """(rho . x)^2 minus its diagonal and off-diagonal parts, when one coordinate joins n others; 0 proves all n.

    For each pattern (rho . x)^2 = x' rho rho' x: with S the product of the first n coordinates, the coordinate (p, x)
    adds the off-diagonal 2 S p x and the diagonal p^2 x^2, which is 1. So row 2 of the table with r = 2 is twice row 1
    with b = 0, and without the diagonal it differs by n d.
    """
    partial_product, p, x = sp.symbols("S p x")
    return sp.expand((partial_product + p * x) ** 2 - partial_product**2 - 2 * partial_product * p * x - p**2 * x**2)


def binary_units_shift() -> sp.Expr:
    """-v_i T v_j/2 with v = (1+x)/2 minus the terms of -x'Wx/2 - b'x + const that W = T/4, b = T1/4 give; 0 proves it.

    One pair of units: the energy with units 0, 1 and no thresholds is the printed one up to a constant.
    """
    x, y, t = sp.symbols("x y T")
    units = -t * (1 + x) / 2 * (1 + y) / 2
    signs = -(t / 4) * x * y - (t / 4) * (x + y)
    return sp.expand(units - signs) + t / 4


def changed_bit_ceiling(*, diagonal: bool) -> sp.Expr:
    """Chebyshev bound on P(sgn(Wx) changes a given bit of a random pattern x), Hebb weights with or without diagonal.

    x_k (Wx)_k = n - 1 + N/4 + W_kk, where N/4 has variance (d-1)(n-1) and W_kk is d or 0.
    """
    own = d if hebb(states(1)[:1], diagonal=diagonal)[0, 0] else 0
    return (d - 1) * (n - 1) / (2 * (n - 1 + own) ** 2)


def corners_fixed(size: int, *, diagonal: bool) -> int:
    """How many of the 2^n states are strict fixed points of x -> sgn(Wx) when all 2^n states are the patterns.

    Then W is 2^n I with its diagonal and 0 without, for every n: sum_x x_i x_j = 0 for i != j.
    """
    every = states(size)
    weights = hebb(every, diagonal=diagonal)
    return int(((every @ weights) * every > 0).all(1).sum())
