"""Continuous memories: the MCHN energy, its ancestor on signs, and how many patterns it holds (Table 1, rows 3 and 4).

**The energy is a mean.** Completing the square,
``rho_i . x - |x|^2/2 - xi^2/2 = -(|x-rho_i|^2 + xi^2 - |rho_i|^2)/2`` with ``xi^2 = max |rho|^2``, so exp(-beta E) is
the mean over the patterns of numbers in (0, 1]. Hence E >= 0, and E = 0 exactly if every pattern equals x.

**A storage condition.** The update is x -> sum_j p_j rho_j with p = softmax(beta rho . x). Let all norms be equal, s be
the smallest distance, u = beta s^2 >= 4, and ``|x - rho_i| <= s/4``. Then
beta (rho_j - rho_i) . x <= -beta s_ij^2/2 + beta s_ij s/4 <= -beta s_ij^2/4, so the update moves x to within
sum_j p_j s_ij <= (N-1) s e^(-u/4) of rho_i and has Jacobian beta Cov_p of norm at most (N-1) u e^(-u/4), because
t e^(-beta t^2/4) and t^2 e^(-beta t^2/4) fall for t >= s. Thus N - 1 < e^(u/4)/u stores all N patterns: the balls of
radius s/4 are disjoint, map into themselves and contract. Nothing in it bounds N when the radius is free.

**Random patterns.** Of N independent uniform patterns on the sphere of radius K sqrt(n-1), two have cosine >= t with
probability at most (1-t^2)^((n-1)/2)/2: the cap of half-angle a has mass I(a)/(2 I(pi/2)) with
I(a) = int_0^a sin^(n-2), and I(a)/sin^(n-1) a rises, since (n-1) cos(a) I(a) <= (n-1) int_0^a sin^(n-2) cos
= sin^(n-1) a. With N = 2 sqrt(p) c^((n-1)/4), c = 1/(1-t^2), some pair is that close with probability at most
N^2/4 c^(-(n-1)/2) = p; otherwise u >= 2 beta K^2 (n-1)(1-t), and for large n the storage condition holds if
log c < 2 beta K^2 (1-t).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb
from scipy.special import lambertw

from assocmem.theory.energies.sign_capacity import Relation, n
from assocmem.theory.exact.certified import lse, precision, sign, squared_norm, to_arb

beta, radius, base, cosine, length = sp.symbols("beta K c t R", positive=True)
negative = sp.Symbol("e", negative=True)
Row = tuple[Fraction, ...]


def image_gaps(image: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """image(-Z) + log Z with Z = sum exp(rho . x), and the slope of the image at negative energies.

    Zero and a positive slope say that -LSE(M'x) is this strictly increasing function of -sum exp(rho . x).
    """
    total = sp.Symbol("Z", positive=True)
    return sp.simplify(image.subs(negative, -total) + sp.log(total)), sp.diff(image, negative)


@dataclass(frozen=True)
class ContinuousEnergy:
    """``lse * LSE(beta, M'x) + square * |x|^2 + count * log d + largest * max|rho|^2``, with coefficients in beta."""

    lse: sp.Expr
    square: sp.Expr
    count: sp.Expr
    largest: sp.Expr

    def exponent_residuals(self) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        """What keeps exp(-beta E) from being the mean of ``exp(-beta (|x-rho_i|^2 + max|rho|^2 - |rho_i|^2)/2)``.

        One coordinate of the square, the constant, and the power of d; three zeros prove it for all n and d.
        """
        x, p, top = sp.symbols("x p top", real=True)
        square = sp.expand(-self.lse * p * x - self.square * x**2 - (-((x - p) ** 2) / 2 + p**2 / 2))
        return square, sp.expand(top / 2 - self.largest * top), sp.simplify(beta * self.count - 1)

    def ball(self, x: Row, rows: Sequence[Row], inverse: Fraction) -> arb:
        """A ball around the value at an exact point, for beta = ``inverse``; exact up to logarithms."""
        scores = [to_arb(inverse * sum((a * b for a, b in zip(row, x, strict=True)), Fraction(0))) for row in rows]
        at = sp.Rational(inverse.numerator, inverse.denominator)
        parts = [sp.Rational(c.subs(beta, at)) for c in (self.lse, self.square, self.count, self.largest)]
        on_lse, on_square, on_count, on_largest = (to_arb(Fraction(int(c.p), int(c.q))) for c in parts)
        total = on_square * to_arb(squared_norm(x)) + on_largest * to_arb(max(map(squared_norm, rows)))
        log_d = arb(len(rows)).log() if len(rows) > 1 else arb(0)
        return total + on_count * log_d + on_lse * lse(scores) / to_arb(inverse)


def storage_lemma_holds() -> bool:
    """The three steps of the storage condition: the score gap, its bound on the ball, and the falling summands."""
    p, q = sp.symbols("p q", real=True)
    gap = sp.expand((q - p) * p + (q - p) ** 2 / 2 - (q**2 - p**2) / 2)  # one coordinate; equal norms cancel the rest
    s, more = sp.symbols("s a", nonnegative=True)
    far = s + more  # s_ij >= s
    slack = sp.Poly(sp.expand(-(far**2) / 4 - (-(far**2) / 2 + far * s / 4)), s, more)
    y = sp.Symbol("y", positive=True)  # y = sqrt(beta) t: y^k e^(-y^2/4) falls from the root of its log-slope on
    starts = [sp.solve(sp.diff(k * sp.log(y) - y**2 / 4, y), y)[0] ** 2 for k in (1, 2)]
    exact = sp.expand(slack.as_expr() - far * more / 4) == 0
    return bool(gap == 0 and exact and all(c >= 0 for c in slack.coeffs()) and max(starts) == 4)


def storable(u: sp.Expr) -> sp.Expr:
    """e^(u/4)/u: if it exceeds N - 1 at u = beta s^2 >= 4, all N patterns of equal norm are stored."""
    return sp.exp(u / 4) / u


def circle_crowding() -> sp.Expr:
    """u = beta s^2 for N equidistant patterns on a circle of radius R; h = sin(pi/N) > 0 for N >= 2, and s = 2 R h."""
    return beta * (2 * length * sp.Symbol("h", positive=True)) ** 2


def circle_radius(count: int) -> int:
    """The smallest power of two R at which the storage condition is certified for so many patterns, beta = 1."""
    size = 1
    while True:
        root = 2 * size

        def slack(root: int = root) -> arb:
            u = (root * (arb(1) / count).sin_pi()) ** 2
            return ((u / 4).exp() / u - (count - 1)).min(u - 4)

        if sign(slack) == 1:
            return size
        size *= 2


def circle_stored(count: int, size: int, bits: int = 128) -> bool:
    """Certified without the storage condition: around each pattern of the circle the update contracts (beta = 1).

    The update and its Jacobian are enclosed on the square of half-side s/4; the image must lie within s/4 of the
    pattern, and the Jacobian's Frobenius norm below 1.
    """
    with precision(bits):
        angles = [arb(2 * k) / count for k in range(count)]
        points = [(size * a.cos_pi(), size * a.sin_pi()) for a in angles]
        reach = size * (arb(1) / count).sin_pi() / 2
        around = reach * arb(0, 1)
        for i, (px, py) in enumerate(points):
            steps = [(qx - px, qy - py) for j, (qx, qy) in enumerate(points) if j != i]
            ratios = [(vx * (px + around) + vy * (py + around)).exp() for vx, vy in steps]
            total = sum(ratios, arb(1))
            shares = [(w / total, vx, vy) for w, (vx, vy) in zip(ratios, steps, strict=True)]
            mx, my = sum((w * vx for w, vx, _ in shares), arb(0)), sum((w * vy for w, _, vy in shares), arb(0))
            xx = sum((w * vx * vx for w, vx, _ in shares), arb(0)) - mx * mx
            yy = sum((w * vy * vy for w, _, vy in shares), arb(0)) - my * my
            xy = sum((w * vx * vy for w, vx, vy in shares), arb(0)) - mx * my
            if not (mx * mx + my * my < reach * reach and xx * xx + 2 * xy * xy + yy * yy < 1):
                return False
    return True


@dataclass(frozen=True)
class SphereCapacity:
    """Table 1, row 4: the capacity is O, Omega or Theta of c^(exponent (n-1)).

    ``free_radius``: patterns anywhere in R^n; otherwise uniformly random ones on the sphere of radius K sqrt(n-1).
    ``limit``: c = 1/(1-t^2) for any t in (0, 1) with log c < limit(beta, K, t); None if c is one constant for all.
    """

    relation: Relation
    exponent: sp.Expr
    free_radius: bool
    limit: sp.Expr | None

    def union_exponent(self) -> sp.Expr:
        """P(two patterns have cosine >= t) <= p c^(this (n-1)) with N = 2 sqrt(p) c^(exponent (n-1)) patterns."""
        p = sp.Symbol("p", positive=True)
        log_count = sp.log(2 * sp.sqrt(p)) + self.exponent * (n - 1) * sp.log(base)
        log_fail = 2 * log_count - sp.log(4) - (n - 1) * sp.log(base) / 2 - sp.log(p)
        return sp.simplify(sp.expand_log(sp.expand(log_fail), force=True) / ((n - 1) * sp.log(base)))

    def storage_slack(self) -> sp.Expr:
        """Growth rate of e^(u/4)/u minus the largest one of N, at u = 2 beta K^2 (n-1)(1-t); in w = 1-t > 0."""
        apart = sp.Symbol("w", positive=True)
        crowding = 2 * beta * radius**2 * (n - 1) * apart
        rate = sp.limit(sp.expand_log(sp.log(storable(crowding)) / (n - 1), force=True), n, sp.oo)
        most = sp.oo if self.limit is None else self.exponent * self.limit.subs(cosine, 1 - apart)
        return sp.expand(rate - most)


def needed_radius() -> sp.Expr:
    """K^2 at which log c = 2 beta K^2 (1-t) for c = 1/(1-t^2): any larger radius reaches that base."""
    square = sp.Symbol("square", positive=True)
    (root,) = sp.solve(sp.Eq(-sp.log(1 - cosine**2), 2 * beta * square * (1 - cosine)), square)
    return root


def base_range() -> tuple[sp.Expr, sp.Expr]:
    """Limits of c = 1/(1-t^2) at t -> 0 and t -> 1: every base above 1 is reached by some radius."""
    value = 1 / (1 - cosine**2)
    return sp.limit(value, cosine, 0, "+"), sp.limit(value, cosine, 1, "-")


def published_base(inverse: float, ratio: float, failure: float, size: int) -> float:
    """The base c of Ramsauer et al., Theorem 3, for beta, K, p and n: it depends on all four."""
    a = 2 / (size - 1) * (1 + math.log(2 * inverse * ratio**2 * failure * (size - 1)))
    b = 2 * ratio**2 * inverse / 5
    return float(b / lambertw(math.exp(a + math.log(b))).real)
