"""Storage in balls of any radius below half the separation, and how near the condition comes to the truth.

Let ``|x - rho_i| <= r < s/2``. Then w_j <= exp(-s_ij (s_ij - 2r)), ``|T(x)-rho_i| <= sum_j w_j s_ij`` and
``|JT(x)| = 2 |Cov_w| <= 2 sum_j w_j s_ij^2``. For p = 1, 2, t^p exp(-t(t-2r)) falls for t >= s if s(s-r) >= 1. So with

    d - 1 < exp(s(s-2r)) min(r/s, 1/(2 s^2))

T maps the ball into its interior and contracts it. s(s-r) >= 1 follows: with q = r/s < 1/2, d >= 2 and the first bound,
s^2 (1-2q) > log(1/q) >= 1-q, hence s(s-r) = s^2 (1-q) > (1-q)^2/(1-2q) >= 1.

The regular simplex shows what is needed. On the axis x = c + m (rho_1 - c) through its center c, d_j - d_1 = m s^2, and
T(x) = x with m > 0 iff s^2 = log((1+(d-1)m)/(1-m))/m, whose minimum over m is the spinodal: below it, no fixed point
lies on the vertex's side of the center. A ball around rho_1 is symmetric under the permutations of the others, so its
only fixed point lies on the axis; a ball that reaches m <= 0 has a radius above s/2, and two such balls meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.distances import Rows
from assocmem.theory.retrieval.convergence import curvature_on_line
from assocmem.theory.retrieval.descent import square, step

s, r = sp.symbols("s r", positive=True)


@dataclass(frozen=True)
class Room:
    """d - 1 < exp(s (s - inner r)) min(r/s, 1/(contract s^2)); a ``contract`` of None drops that entry.

    Concluded: T contracts by at most factor (d-1) s^2 exp(-s(s-2r)), and the fixed point is at most
    reach (d-1) s exp(-s(s-2r)) away from the pattern.
    """

    inner: Fraction = Fraction(2)
    contract: Fraction | None = Fraction(2)
    keep: bool = True
    factor: Fraction = Fraction(2)
    reach: Fraction = Fraction(1)

    def __call__(self, sep: arb, radius: arb) -> arb:
        """The bound on d - 1, at the working precision."""
        entries = [radius / sep] if self.keep else []
        if self.contract is not None:
            entries.append(1 / (to_arb(self.contract) * square(sep)))
        least = entries[0]
        for entry in entries[1:]:
            least = least.min(entry)
        return (sep * (sep - to_arb(self.inner) * radius)).exp() * least


def falling_residual(power: int, stated: sp.Expr | None = None) -> sp.Expr:
    """t times the slope of log(t^p exp(-t(t-2r))) minus ``stated``, by default p - 2 t (t - r); 0 proves the formula.

    ``stated`` is a function of the symbols t, s and r. The slope is at most p - 2 s (s - r) for t >= s, as t (t - r)
    grows, so it is not positive for p <= 2 and s (s - r) >= 1 (``growth``).
    """
    t = sp.Symbol("t", positive=True)
    slope = sp.expand(t * sp.diff(power * sp.log(t) - t * (t - 2 * r), t))
    return sp.expand(slope - (power - 2 * t * (t - r) if stated is None else stated))


def growth() -> sp.Expr:
    """t (t - r) - s (s - r) for t = s + e, s = 2r + v, in nonnegative e and v: a sum of nonnegative terms."""
    e, v = sp.symbols("e v", nonnegative=True)
    return sp.expand(((s + e) * (s + e - r) - s * (s - r)).subs(s, 2 * r + v))


def growth_is() -> bool:
    """Whether ``growth`` is e^2 + 3 e r + 2 e v, as e (2s + e - r) with s = 2r + v gives."""
    e, v = sp.symbols("e v", nonnegative=True)
    return bool(sp.expand(growth() - (e**2 + 3 * e * r + 2 * e * v)) == 0)


def separation_follows(slope: int = 1) -> bool:
    """log(1/q) >= slope (1 - q) on (0, 1), and (1-q)^2 - (1-2q) is a square: for slope 1, s(s-r) > 1 follows.

    The chain is that of the module's text, from the first bound of the room with q = r/s.
    """
    q = sp.Symbol("q", positive=True)
    gap = -sp.log(q) - slope * (1 - q)
    tangent = gap.subs(q, 1) == 0 and sp.diff(gap, q).subs(q, 1) == 0 and sp.diff(gap, q, 2).is_positive
    p = sp.Symbol("p", real=True)
    return bool(tangent and sp.expand((slope * (1 - p)) ** 2 - (1 - 2 * p)).is_nonnegative)


def conclusions_follow(stmt: Room) -> bool:
    """Whether the stated condition gives what is stated.

    From w_j <= exp(-s_ij (s_ij - 2r)), ``|T(x) - rho_i| <= sum_j w_j s_ij`` and ``|JT| <= 2 sum_j w_j s_ij^2``: the
    stated exponent must not exceed s (s - 2r); r/s keeps the ball, 2/contract <= 1 contracts it.
    """
    exponent = sp.expand(s * (s - 2 * r) - s * (s - sp.Rational(stmt.inner.numerator, stmt.inner.denominator) * r))
    contracts = stmt.contract is not None and 2 / stmt.contract <= 1
    return bool(exponent.is_nonnegative and stmt.keep and contracts and stmt.factor >= 2 and stmt.reach >= 1)


def facing(sep: Fraction, radius: Fraction) -> tuple[arb, arb]:
    """For D = {0, s}: (T(r), T'(r)) at the point of the ball of 0 that faces the other pattern."""
    weight = 1 / (1 + to_arb(sep * (sep - 2 * radius)).exp())
    return weight * to_arb(sep), 2 * weight * (1 - weight) * to_arb(sep * sep)


PAIRS = tuple(
    (Fraction(a), Fraction(b))
    for a, b in (
        ("2", "9/10"),
        ("2", "1/1000"),
        ("2", "1/4"),
        ("3", "3/4"),
        ("2", "1/2"),
        ("9/5", "9/20"),
        ("3", "6/5"),
        ("11/5", "4/5"),
        ("3/2", "1/2"),
        ("2", "1/20"),
    )
)
"""Exact separations and radii, r < s/2, on both sides of the condition."""


def away(sep: Fraction, steps: int = 40) -> arb:
    """For D = {0, s}: a lower bound of the fixed point next to 0, to which the increasing T moves from 0."""
    x = arb(0)
    for _ in range(steps):
        x = to_arb(sep) / (1 + (to_arb(sep) * (to_arb(sep) - 2 * x)).exp())
    return x


def two_patterns_agree() -> bool:
    """Whether ``facing`` is the step and its slope, from the weights and the curvature, and ``away`` a fixed point.

    At an exact pair; the iterates have converged to 12 digits there.
    """
    sep, radius = Fraction(2), Fraction(1, 4)
    rows: Rows = ((Fraction(0),), (sep,))
    with precision(128):
        image, slope = facing(sep, radius)
        fixed = away(sep)
        return bool(
            (image - step([to_arb(radius)], rows)[0]).contains(0)
            and (slope - (1 - curvature_on_line(radius, rows) / 2)).contains(0)
            and abs(step([fixed], rows)[0] - fixed) < arb("1e-12")
        )


def loses(stmt: Room) -> str | None:
    """A pair (s, r) that meets the stated condition for d = 2 although a stated conclusion fails, in words, or None."""
    with precision(128):
        for sep, radius in PAIRS:
            if not stmt(to_arb(sep), to_arb(radius)) > 1:
                continue
            image, slope = facing(sep, radius)
            small = to_arb(sep) * (-to_arb(sep * (sep - 2 * radius))).exp()
            for name, value, bound in (
                ("T(r)", image, to_arb(radius)),
                ("T'(r)", slope, arb(1)),
                ("T'(r)", slope, to_arb(stmt.factor * sep) * small),
                ("the fixed point", away(sep), to_arb(stmt.reach) * small),
            ):
                if value > bound:
                    shown = f"{float(value.mid()):.6f}, more than {float(bound.mid()):.6f}"
                    return f"D={{0,{sep}}}, r={radius}: {name} is {shown}"
    return None


def fixed_equation_residual() -> sp.Expr:
    """T on the axis of the regular simplex: (d w_1 - 1)/(d-1) - m at s^2 = log((1+(d-1)m)/(1-m))/m; 0 proves it."""
    m, d = sp.symbols("m d", positive=True)
    ratio = (1 + (d - 1) * m) / (1 - m)  # exp(m s^2)
    weight = 1 / (1 + (d - 1) / ratio)
    return sp.simplify((d * weight - 1) / (d - 1) - m)


def axis_residual() -> sp.Expr:
    """d_j - d_1 - m s^2 on the axis, from R^2 = s^2 (d-1)/(2d) and (rho_1-c).(rho_j-c) = -R^2/(d-1); 0."""
    m, d, sep = sp.symbols("m d s", positive=True)
    size = sep**2 * (d - 1) / (2 * d)
    own = (1 - m) ** 2 * size
    other = m**2 * size + 2 * m * size / (d - 1) + size
    return sp.simplify(other - own - m * sep**2)


def least_gap(d: int, square_side: arb) -> arb:
    """The least of log(1+(d-1)m) - log(1-m) - s^2 m over m in (0, 1) beyond its first rise.

    The slope vanishes where s^2 (1+(d-1)m)(1-m) = d; the larger root is the minimum. The root is real for s^2 above
    4 (d-1)/d, as everywhere here.
    """
    a = arb(d - 1)
    inner = square(a - 1) - 4 * a * (d / square_side - 1)
    m = ((a - 1) + inner.sqrt()) / (2 * a)
    return (1 + a * m).log() - (1 - m).log() - square_side * m


def spinodal(d: int, steps: int = 60) -> tuple[Fraction, Fraction]:
    """An interval of s^2, certified at both ends, that holds the spinodal of the simplex with d >= 3 vertices."""
    low, high = Fraction(4 * (d - 1), d), Fraction(64)
    with precision(192):
        for _ in range(steps):
            middle = (low + high) / 2
            gap = least_gap(d, to_arb(middle))
            if gap > 0:
                low = middle
            elif gap < 0:
                high = middle
            else:
                break
    return low, high


def sufficient(d: int, steps: int = 60) -> tuple[Fraction, Fraction]:
    """An interval of s^2 that holds the root of exp(s^2-1)/(2 s^2) = d - 1 above 1, certified at both ends."""
    low, high = Fraction(1), Fraction(64)
    with precision(192):
        for _ in range(steps):
            middle = (low + high) / 2
            value = (to_arb(middle) - 1).exp() / (2 * to_arb(middle)) - (d - 1)
            if value > 0:
                high = middle
            elif value < 0:
                low = middle
            else:
                break
    return low, high


def tightness(d: int) -> tuple[Fraction, Fraction]:
    """Certified lower and upper bound of (sufficient s^2)/(spinodal s^2)."""
    need, enough = spinodal(d), sufficient(d)
    return enough[0] / need[1], enough[1] / need[0]


def floor_slope_sign(coefficient: int = 1) -> bool:
    """log(1+a m)/m falls in m > 0: its slope times m^2 is a m/(1+a m) - log(1+a m), 0 at m = 0 and falling.

    True when the slope of that is -coefficient a^2 m/(1+a m)^2, as it is for 1.

    So the spinodal exceeds its value at m = 1, log d, and enough - log d = 1 + log(2 s^2 (d-1)/d) grows like log log d.
    """
    m, a = sp.symbols("m a", positive=True)
    value = a * m / (1 + a * m) - sp.log(1 + a * m)
    slope = sp.diff(value, m) + coefficient * a**2 * m / (1 + a * m) ** 2
    return bool(value.subs(m, 0) == 0 and sp.simplify(slope) == 0)


def reach_of_center(parts: int = 2) -> sp.Expr:
    """R^2 - (s/parts)^2 for the distance R of a vertex from the center, at d = 3 + e: positive for parts = 2."""
    e, sep = sp.Symbol("e", nonnegative=True), sp.Symbol("s", positive=True)
    d = 3 + e
    return sp.factor(sp.together(sep**2 * (d - 1) / (2 * d) - (sep / parts) ** 2))


def reach_in_triangle() -> bool:
    """Whether ``reach_of_center`` at d = 3 is s^2/12, as R^2 = s^2/3 in an equilateral triangle, and at d = 4 s^2/8."""
    e, sep = sp.Symbol("e", nonnegative=True), sp.Symbol("s", positive=True)
    gap = reach_of_center()
    return bool(gap.subs(e, 0) == sep**2 / 12 and gap.subs(e, 1) == sep**2 / 8)


def log_range(d: int) -> arb:
    """log d, at the working precision."""
    return arb(d).log()


def center_curvature() -> sp.Expr:
    """Curvature of E at the center of the regular simplex, in its hyperplane: 2 - 4 Var with Var = s^2/(2d).

    The weights are equal, and the covariance is a multiple of the identity on d-1 dimensions, with trace R^2.
    """
    d, sep = sp.symbols("d s", positive=True)
    trace = sep**2 * (d - 1) / (2 * d)
    return sp.simplify(2 - 4 * trace / (d - 1))
