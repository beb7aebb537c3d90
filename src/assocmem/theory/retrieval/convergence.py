"""Where repeated retrieval goes: the sum of squared steps, the rate of the gradient, and the slope at a limit.

From ``E(x_k) - E(x_{k+1}) >= |x_k - x_{k+1}|^2`` and E >= -log d: the squared steps sum to at most E(x_0) + log d. As
grad E = 2 (x - T(x)), the least of m squared gradients is at most 4 (E(x_0) + log d)/m. The steps tend to 0, so every
limit point x of the iterates has T(x) = x. Near a limit x* the distance shrinks by ``|JT|`` at most, up to terms of
higher order: JT = 2 Cov_w is symmetric, so ``|JT| = 2 lambda_max(Cov_w)``, which the Hessian 2 (I - JT) keeps below 1
where it is positive definite. A start whose error avoids the leading eigenvector is faster.
The inverse temperature is 1; beta d takes its place otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import sympy as sp
from flint import arb

from assocmem.theory.energies import sandwich
from assocmem.theory.exact.certified import precision, squared_distance, to_arb
from assocmem.theory.exact.distances import PAPER, Point, Rows
from assocmem.theory.retrieval.descent import square, squared_distances, step


@dataclass(frozen=True)
class Budget:
    """Squared steps sum to at most E(x_0) + patterns * log d; the least squared gradient is below rate * that / m."""

    patterns: Fraction = Fraction(1)
    rate: Fraction = Fraction(4)


_other = sp.Symbol("x_b", real=True)
_S, _A, _B, _M = sp.symbols("S A_a A_b M_ab", positive=True)
"""Sums over the patterns of t_i = exp(-|x - rho_i|^2), rho_ia t_i, rho_ib t_i and rho_ia rho_ib t_i."""


def _slopes(first: sp.Symbol, other: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """d S / d x_b and d A_a / d x_b by the rules of ``sum_rules``, A_a and A_b given."""
    return -2 * (_other * _S - other), -2 * (_other * first - _M)


def sum_rules() -> list[sp.Expr]:
    """What one more term t = exp(-``|x-rho|^2``) does to S and A_a: d/dx_b is -2 (x_b S - A_b), -2 (x_b A_a - M_ab).

    The factor of the other coordinates does not change with x_b. The rules are linear in the sums and hold for none; 0
    for a term means that they hold for any number of patterns.
    """
    ra, rb, rest = sp.symbols("rho_a rho_b rest", real=True)
    term = rest * sp.exp(-((_other - rb) ** 2))
    return [
        sp.simplify(sp.diff(term, _other) + 2 * (_other * term - rb * term)),
        sp.simplify(sp.diff(ra * term, _other) + 2 * (_other * ra * term - ra * rb * term)),
    ]


def gradient_factor() -> sp.Expr:
    """c with ``|grad E|^2 = c |x - T(x)|^2``, for any number of patterns, by coordinate (``sum_rules``).

    Raises
    ------
    ArithmeticError
        When the ratio is not constant.
    """
    slope = -_slopes(_A, _B)[0] / _S
    ratio = sp.simplify(slope / (_other - _B / _S))
    if not ratio.is_number:
        raise ArithmeticError(f"the gradient is not a multiple of the step: {ratio}")
    return ratio**2


def floor_needed() -> Fraction:
    """The least c with E + c log d >= 0 for all patterns and points: two equal patterns need it, the facts grant it.

    At a pattern that occurs twice and alone E = -log 2, so c >= 1.

    Raises
    ------
    ArithmeticError
        When the proved facts do not give E - g + c log d >= 0 for that c.
    """
    twice = sp.log(sp.exp(0) + sp.exp(0))  # -E at such a pattern
    needed = Fraction(str(sp.simplify(twice / sp.log(2))))
    if not sandwich.holds({"E": Fraction(1), "g": Fraction(-1), "log_d": needed}):
        raise ArithmeticError(f"E >= -{needed} log d does not follow from the proved facts")
    return needed


def trajectory(x: Point, rows: Rows, count: int) -> list[list[arb]]:
    """x, T(x), ..., T^count(x) as balls, at the working precision."""
    points = [[to_arb(c) for c in x]]
    for _ in range(count):
        points.append(step(points[-1], rows))
    return points


def _squares(points: Sequence[Sequence[arb]]) -> list[arb]:
    return [sum((square(a - b) for a, b in zip(p, q, strict=True)), arb(0)) for p, q in pairwise(points)]


def budget_slacks(stmt: Budget, x: Point, rows: Rows, count: int) -> tuple[arb, arb]:
    """(bound - sum of squared steps, rate bound - least squared gradient) over the first ``count`` steps."""
    squares = _squares(trajectory(x, rows, count))
    log_d = arb(len(rows)).log() if len(rows) > 1 else arb(0)
    start = PAPER.energy(x, rows)
    least = squares[0]
    for value in squares[1:]:
        least = least.min(value)
    limit = start + to_arb(stmt.patterns) * log_d
    return limit - sum(squares, arb(0)), to_arb(stmt.rate) * (start + log_d) / count - 4 * least


def _rows(*rows: Sequence[int | str]) -> Rows:
    return tuple(tuple(Fraction(c) for c in row) for row in rows)


STARTS: tuple[tuple[Point, Rows], ...] = (
    ((Fraction(3),), _rows([0])),
    ((Fraction(0),), _rows([0], [0])),
    ((Fraction("1/3"),), _rows(["-1/10"], ["1/10"])),
    ((Fraction(9), Fraction(2)), _rows([0, 0], [2, 0], [0, 2])),
    ((Fraction(1),), _rows([0], [2])),
    ((Fraction("6/5"),), _rows([0], ["5/2"])),
)
"""Exact starts: one pattern (where the rate is attained), a pattern twice, near patterns, a start far away."""


def attained(count: int = 1) -> bool:
    """Whether one pattern attains the sum and the rate, and a pattern that occurs twice the sum, with nothing left."""
    with precision(256):
        left = (*budget_slacks(Budget(), *STARTS[0], count), budget_slacks(Budget(), *STARTS[1], count)[0])
    return all(slack.contains(0) and slack.rad() < arb("1e-20") for slack in left)


NAMES = ("sum of squared steps", "least squared gradient")
"""What the two bounds are of."""


def broken_budget(stmt: Budget, names: Sequence[str] = NAMES, bits: int = 256) -> str | None:
    """A start at which one of the named bounds certainly fails, in words, or None."""
    with precision(bits):
        for x, rows in STARTS:
            for count in (1, 5):
                total, rate = budget_slacks(stmt, x, rows, count)
                for slack, name in zip((total, rate), NAMES, strict=True):
                    if name in names and slack < 0:
                        shown = ", ".join(map(str, x))
                        return (
                            f"{name} over {count} steps from ({shown}) exceeds its bound by {float(-slack.mid()):.6f}"
                        )
    return None


def step_slope_residuals(factor: sp.Expr | int = 2) -> list[sp.Expr]:
    """d T_a / d x_b - factor * Cov_w(rho)_ab for any patterns, a = b and a != b; 0 for factor = 2.

    T_a = A_a/S, and the sums change by the rules of ``sum_rules``.
    """
    out = []
    for b in (_A, _B):
        of_sum, of_first = _slopes(_A, b)
        slope = sp.diff(_A / _S, _S) * of_sum + sp.diff(_A / _S, _A) * of_first
        out.append(sp.simplify(slope - factor * (_M / _S - _A * b / _S**2)))
    return out


def gradient_residual(factor: int = 2) -> sp.Expr:
    """d E / d x_b - factor (x_b - T_b) for any patterns; 0 for factor = 2, so the Hessian is 2 (I - JT)."""
    slope = sp.diff(-sp.log(_S), _S) * _slopes(_A, _B)[0]
    return sp.simplify(slope - factor * (_other - _B / _S))


@dataclass(frozen=True)
class Rate:
    """JT = slope Cov_w, and the factor by which the distance to a limit shrinks.

    Near a limit with a positive definite Hessian the factor is at most ``factor`` times the largest eigenvalue of
    Cov_w, and with ``exact`` equal to it, whatever the start.
    """

    slope: int = 2
    factor: Fraction = Fraction(2)
    exact: bool = False


def below_one(factor: Fraction) -> bool:
    """Whether factor * lambda < 1 for each eigenvalue lambda of Cov_w with 2 (1 - 2 lambda) > 0 and lambda >= 0.

    With v = 1 - 2 lambda > 0 it says that 1 - factor (1 - v)/2 is positive for 0 < v <= 1, a linear function of v.
    """
    v = sp.Symbol("v", positive=True)
    rest = sp.expand(1 - sp.Rational(factor.numerator, factor.denominator) * (1 - v) / 2)
    return bool(rest.subs(v, 0) >= 0 and rest.subs(v, 1) > 0)


NEAR_LIMITS: tuple[tuple[Point, Rows], ...] = (
    ((Fraction(1, 4),), _rows(["-1/2"], ["1/2"])),
    ((Fraction(0), Fraction(1, 5)), _rows(["3/5", 0], ["-3/5", 0], [0, "3/10"], [0, "-3/10"])),
)
"""Starts that converge to 0, the mean of patterns symmetric about each axis; the second avoids the larger variance."""


def shrinking(x: Point, rows: Rows, count: int = 8) -> tuple[arb, arb]:
    """(``|x_{m+1}|/|x_m|`` at m = count, the largest variance of the patterns at 0) for an entry of ``NEAR_LIMITS``."""
    points = trajectory(x, rows, count + 1)
    before, after = (sum((square(c) for c in p), arb(0)) for p in points[-2:])
    terms = [(-d).exp() for d in squared_distances([arb(0) for _ in x], rows)]
    variances = [
        sum((t * to_arb(r[a] ** 2) for t, r in zip(terms, rows, strict=True)), arb(0)) / sum(terms, arb(0))
        for a in range(len(x))
    ]
    largest = variances[0]
    for value in variances[1:]:
        largest = largest.max(value)
    return (after / before).sqrt(), largest


def limits_agree(tolerance: str = "1e-3") -> bool:
    """Whether ratios and variances of ``NEAR_LIMITS`` are those of closed form, at 0, where all weights are known.

    For -1/2, 1/2: the variance is 1/4 and the ratio 1/2. For the cross with arms 3/5 and 3/10: with weights e^(-a^2),
    the larger variance is that of the long arm, and the start on the short arm shrinks by twice that of the short one.
    """
    near = arb(tolerance)
    long, short = to_arb(Fraction(9, 25)), to_arb(Fraction(9, 100))
    total = (-long).exp() + (-short).exp()
    wanted = (
        (arb("0.5"), arb("0.25")),
        (2 * short * (-short).exp() / total, long * (-long).exp() / total),
    )
    values = [shrinking(x, rows) for x, rows in NEAR_LIMITS]
    return all(abs(ratio - a) < near and (v - b).contains(0) for (ratio, v), (a, b) in zip(values, wanted, strict=True))


def broken_factor(stmt: Rate) -> str | None:
    """A start at which the distance certainly does not shrink as stated, in words, or None.

    An exact factor is contradicted by a ratio below nine tenths of it.
    """
    with precision(256):
        for x, rows in NEAR_LIMITS:
            ratio, largest = shrinking(x, rows)
            bound = to_arb(stmt.factor) * largest
            if ratio > bound or (stmt.exact and ratio < bound * to_arb(Fraction(9, 10))):
                shown = ", ".join(map(str, x))
                return f"from ({shown}) the distance shrinks by {float(ratio):.4f}, stated is {float(bound):.4f}"
    return None


def one_pattern_ratio() -> sp.Expr:
    """``(E(x) - E(Tx)) / (|grad E| |x - Tx|)`` for one pattern on the line: the largest constant."""
    x = sp.Symbol("x", positive=True)
    return sp.simplify(x**2 / (sp.diff(x**2, x) * x))


def stays_at(x: Point, rows: Rows) -> bool:
    """Whether T(x) = x exactly, for a point that is equally far from all patterns and their mean."""
    gaps = {squared_distance(x, row) for row in rows}
    center = tuple(sum(column, Fraction(0)) / len(rows) for column in zip(*rows, strict=True))
    return len(gaps) == 1 and center == tuple(x)


def curvature_of_two(x: Fraction, low: Fraction, high: Fraction) -> arb:
    """E''(x) for two patterns in closed form: 2 - 4 (high-low)^2 / (2 + 2 cosh(d_high - d_low))."""
    apart = to_arb((x - high) ** 2 - (x - low) ** 2)
    return 2 - to_arb(2 * (high - low) ** 2) / (1 + apart.cosh())


def curvature_agrees() -> bool:
    """Whether ``curvature_on_line`` has the closed form of two patterns at three exact points, two off the middle."""
    cases = ((0, -1, 1), (Fraction(1, 2), 0, 2), (Fraction(1, 3), Fraction(-1, 2), 1))
    return all(
        (
            curvature_on_line(Fraction(x), ((Fraction(a),), (Fraction(b),)))
            - curvature_of_two(*map(Fraction, (x, a, b)))
        ).contains(0)
        for x, a, b in cases
    )


def curvature_on_line(x: Fraction, rows: Rows) -> arb:
    """E''(x) = 2 - 4 Var_w(rho) for patterns on the line, at an exact point and the working precision."""
    at = [to_arb(x)]
    dist = squared_distances(at, rows)
    total = sum(((-d).exp() for d in dist), arb(0))
    first = sum(((-d).exp() * to_arb(r[0]) for d, r in zip(dist, rows, strict=True)), arb(0)) / total
    second = sum(((-d).exp() * to_arb(r[0] ** 2) for d, r in zip(dist, rows, strict=True)), arb(0)) / total
    return 2 - 4 * (second - square(first))
