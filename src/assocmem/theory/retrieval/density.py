"""The density of a layer: when it can be normalized, and how far exp(-E) and exp(-g) are apart on the balls.

On ``B_i = {|x - rho_i| <= r_i}`` with r_i <= s_i/2, s_i the distance to the nearest other pattern,
d_j - d_i = s_ij^2 - 2 <x-rho_i, rho_j-rho_i> >= s_ij (s_ij - 2 r_i) >= s_i (s_i - 2 r_i) >= 0: the own pattern is the
nearest, and exp(g-E) = 1 + sum_{j != i} exp(-(d_j-d_i)) lies in [1, 1 + eta], where
eta = (d-1) max_i exp(-s_i (s_i-2r_i)).
With h = exp(g-E) and m its mean under p_g, p_E/p_g = h/m, and the mean of ``|h-m|`` is at most 2 (m-1)(1+eta-m)/eta.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import acb, arb

from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.distances import Distance, Point, Rows

s, r, u, count = sp.symbols("s r u k", positive=True)
"""Smallest distance, radius, a distance s_ij = s + u beyond it, and d - 1."""


@dataclass(frozen=True)
class Ratio:
    """exp(g-E) <= 1 + eta, eta = (d-1) exp(-exponent(s, r)), on balls of radius r <= s/2; total variation by eta."""

    exponent: Callable[[arb, arb], arb]
    symbolic: sp.Expr
    variation: sp.Expr


def gap_exponent(sep: arb, radius: arb) -> arb:
    """s (s - 2r)."""
    return sep * (sep - 2 * radius)


_ROOT = sp.sqrt(1 + sp.Symbol("eta", positive=True))
VARIATION = (_ROOT - 1) / (_ROOT + 1)
EXACT_RATIO = Ratio(gap_exponent, s * (s - 2 * r), VARIATION)


def variation(eta: float) -> float:
    """``VARIATION`` at a number."""
    return float(VARIATION.subs(sp.Symbol("eta", positive=True), eta))


def exponent_gap(symbolic: sp.Expr) -> sp.Expr:
    """s_ij (s_ij - 2r) minus the stated exponent for s_ij = s + u and r = s/2 - v, expanded; >= 0 if it bounds."""
    v = sp.Symbol("v", nonnegative=True)
    larger = s + sp.Symbol("u", nonnegative=True)
    return sp.expand((larger * (larger - 2 * r) - symbolic).subs(r, s / 2 - v))


def slack(share: Fraction) -> sp.Expr:
    """s - 2 share s for the smallest distance s > 0: what is left between two balls of radius share * s."""
    return s - 2 * sp.Rational(share.numerator, share.denominator) * s


def own_slack(share: Fraction) -> sp.Expr:
    """(s_ij - r) - r for a distance s_ij = s + u, u >= 0, and r = share * s: how much nearer the own pattern is."""
    larger = s + sp.Symbol("u", nonnegative=True)
    return sp.expand(larger - 2 * sp.Rational(share.numerator, share.denominator) * s)


def simplex_ratio(d: int, short: Fraction = Fraction(1, 10**6)) -> arb:
    """How much exp(g-E) varies within one ball for the regular simplex of d vertices with s^2 = log d.

    Its value at rho_1 + t (rho_2 - rho_1), t = (1 - short)/2, a point of the ball of radius t s, over that at rho_1.
    There the squared distances from rho_1, rho_2 and the others are t^2, (1-t)^2 and 1 - t + t^2 times s^2.
    """
    square, t = arb(d).log(), (1 - short) / 2
    rim = 1 + (-square * to_arb(1 - 2 * t)).exp() + (d - 2) * (-square * to_arb(1 - t)).exp()
    return rim / (1 + (d - 1) * (-square).exp())


def simplex_ratio_in_coordinates(d: int, short: Fraction = Fraction(1, 10**6)) -> arb:
    """The same from the vertices (s/sqrt 2) e_i of R^d, distance by distance."""
    size, t = (arb(d).log() / 2).sqrt(), to_arb((1 - short) / 2)
    values = []
    for share in (t, arb(0)):
        point = [size * (1 - share), size * share, *[arb(0)] * (d - 2)]
        whole = sum((c * c for c in point), arb(0))
        squares = [whole - 2 * size * c + size * size for c in point]
        values.append(sum(((squares[0] - v).exp() for v in squares), arb(0)))
    return values[0] / values[1]


def facing_density_ratio(sep: Fraction, radius: Fraction) -> tuple[arb, arb]:
    """(p_E/p_g at the facing point r, eta) for D = {0, s} on the line: (1 + eta) Z_g/Z_E."""
    of_g, of_e = _pair_masses(sep, radius, -radius)
    eta = (-gap_exponent(to_arb(sep), to_arb(radius))).exp()
    return (1 + eta) * of_g / of_e, eta


def _pair_masses(sep: Fraction, radius: Fraction, low: Fraction) -> tuple[arb, arb]:
    """The integrals of exp(-g) and exp(-E) over [low, r] in the ball of 0, for D = {0, s}."""
    own = one_dimensional_mass(low, radius, [Fraction(0)])
    return own, one_dimensional_mass(low, radius, [Fraction(0), sep])


def pair_variation(sep: Fraction, radius: Fraction, cuts: int = 64) -> arb:
    """A lower bound of the total variation distance of p_E and p_g for D = {0, s}: the largest P_E - P_g of [x, r].

    Any set gives a lower bound; exact cuts x = r k / cuts, 0 <= k < cuts, are tried, in both balls alike.
    """
    whole_g, whole_e = _pair_masses(sep, radius, -radius)
    best = arb(0)
    for k in range(cuts):
        part_g, part_e = _pair_masses(sep, radius, radius * k / cuts)
        best = best.max(part_e / whole_e - part_g / whole_g)
    return best


def pair_agrees() -> bool:
    """Whether ratio and variation for s = 2.02, r = 1/2 are those of masses by quadrature."""
    sep, radius = Fraction("2.02"), Fraction(1, 2)
    with precision(128):
        ratio, eta = facing_density_ratio(sep, radius)
        gap = (-to_arb((sep - radius) ** 2 - radius**2)).exp() - eta
        whole_g, whole_e = (mass_by_quadrature(-radius, radius, rows) for rows in ([Fraction(0)], [Fraction(0), sep]))
        cuts = [radius * k / 64 for k in range(64)]
        parts = [[mass_by_quadrature(x, radius, rows) for rows in ([Fraction(0)], [Fraction(0), sep])] for x in cuts]
        best = max(float(e / whole_e - g / whole_g) for g, e in parts)
        off = abs(ratio - (1 + eta) * whole_g / whole_e) + abs(pair_variation(sep, radius) - arb(best))
    return bool(gap.contains(0) and off < arb("1e-12"))


def at_number(bound: sp.Expr, eta: arb) -> arb:
    """A bound in the symbol eta, built of sums, products, quotients and roots, at a ball."""
    return arb(sp.lambdify(sp.Symbol("eta", positive=True), bound, modules=[{"sqrt": lambda v: v.sqrt()}])(eta))


def total_probability(mass: sp.Expr) -> sp.Expr:
    """The integral of exp(-E)/Z where that of exp(-E) is Z: 1, or not a number for Z = 0 and Z = oo."""
    return mass / mass


def value_at_center(power: int) -> arb:
    """The density of exp(-power x^2) on [-1, 1] at 0: 1 over its integral, by the error function."""
    root = arb(power).sqrt()
    return root / (arb.pi().sqrt() * root.erf())


def split_share() -> sp.Expr:
    """Of the C(N, k) sets of k samples, the share that holds a given one: C(N-1, k-1)/C(N, k)."""
    size, held = sp.symbols("N k", positive=True, integer=True)
    share = sp.binomial(size - 1, held - 1) / sp.binomial(size, held)
    return sp.simplify(sp.gammasimp(share.rewrite(sp.gamma)))


def two_draws(weights: Sequence[Fraction]) -> list[Fraction]:
    """The probability of each sample to be among two drawn one after the other, with the given weights, exactly."""
    total = sum(weights, Fraction(0))
    return [
        own / total + sum((w / total * own / (total - w) for j, w in enumerate(weights) if j != i), Fraction(0))
        for i, own in enumerate(weights)
    ]


def exponent_gap_is() -> bool:
    """Whether the gap for the exponent s (s - 2r) is s u + u^2 + 2 u v, as (s+u)(u+2v) - 2sv gives."""
    more, v = sp.Symbol("u", nonnegative=True), sp.Symbol("v", nonnegative=True)
    return bool(sp.expand(exponent_gap(EXACT_RATIO.symbolic) - (s * more + more**2 + 2 * more * v)) == 0)


def facing_excess(stmt: Ratio, distance: Distance, sep: Fraction, radius: Fraction) -> arb:
    """exp(g-E) minus the stated bound for D = {0, s} at the point r, for any distance."""
    rows: Rows = ((Fraction(0),), (sep,))
    point = (radius,)
    with precision(256):
        ratio = (distance.nearest(point, rows) - distance.energy(point, rows)).exp()
        return ratio - 1 - (-stmt.exponent(to_arb(sep), to_arb(radius))).exp()


def deviation_residual(factor: int = 2) -> sp.Expr:
    """Mean of the chord of ``|h-m|`` minus factor (m-1)(1+eta-m)/eta; 0, for factor 2, bounds that of any h in [1,
    1+eta].

    ``|h-m|`` is convex in h, so it lies under the chord between its values m-1 at h=1 and 1+eta-m at h=1+eta; the mean
    of the chord at E h = m is 2(m-1)(1+eta-m)/eta.
    """
    eta, m = sp.symbols("eta m", positive=True)
    chord_at_mean = (m - 1) + (m - 1) / eta * ((1 + eta - m) - (m - 1))
    return sp.simplify(chord_at_mean - factor * (m - 1) * (1 + eta - m) / eta)


def variation_gap(bound: sp.Expr) -> sp.Expr:
    """The stated bound minus the largest (m-1)(1+eta-m)/(eta m) over m in [1, 1+eta], with eta = z^2 - 1, z >= 1.

    The derivative in m vanishes at m = z, where it falls from positive to negative.

    Raises
    ------
    ArithmeticError
        If the slope is not the one of the argument.
    """
    z, m = sp.symbols("z m", positive=True)
    eta = z**2 - 1
    value = (m - 1) * (1 + eta - m) / (eta * m)
    slope = sp.factor(sp.diff(value, m))
    if sp.simplify(slope - (z**2 - m**2) / (eta * m**2)) != 0:
        raise ArithmeticError("the slope is not the one of the argument")
    return sp.cancel(sp.together(bound.subs(sp.Symbol("eta", positive=True), eta) - value.subs(m, z)))


def disjoint_balls(distance: Distance, first: Point, second: Point, radius: arb) -> bool:
    """Whether {d(x, first) <= r} and {d(x, second) <= r} have certainly no common point.

    By the triangle inequality and symmetry, d(first, second) <= 2r at a common point; for the squared Euclidean
    distance the radii are the roots of r, so d(first, second) <= 4r. False where neither is granted.
    """
    apart = distance(first, second)
    if distance.has("squared euclidean"):
        return bool(4 * radius < apart)
    return distance.has("triangle", "symmetric") and bool(2 * radius < apart)


def common_point(distance: Distance, share: Fraction) -> Fraction | None:
    """A point of both balls of radius share * s around -1 and 1, s the distance of these two, or None met.

    Exact points on the line are tried. The squared Euclidean distance stands for its norm. So does a distance that is
    a multiple of it at the points tried, whose balls are Euclidean ones of another radius.
    """
    ends = ((Fraction(-1),), (Fraction(1),))
    grid = [Fraction(k, 20) for k in range(-40, 41)]
    unit = distance((Fraction(0),), (Fraction(1),))
    squares = all((distance((x,), end) - unit * to_arb((x - end[0]) ** 2)).contains(0) for x in grid for end in ends)
    apart = distance(*ends).min(distance(*ends[::-1]))
    radius = to_arb(share * share if squares else share) * apart
    if not apart > 0:
        return None
    for x in sorted(grid, key=abs):
        if all(distance((x,), end) <= radius for end in ends):
            return x
    return None


def in_ball(distance: Distance, rows: Rows, i: int, x: Point, radius: Fraction) -> bool:
    """Whether x certainly lies in the closed ball around rho_i whose radius is to d(rho_i, rho_j) as the stated to 4.

    ``rows`` are two patterns at Euclidean distance 4; the squared Euclidean distance stands for its norm.
    """
    if distance.has("squared euclidean"):
        return sum((a - b) ** 2 for a, b in zip(x, rows[i], strict=True)) <= radius * radius
    share = radius / 4
    return sign(lambda: to_arb(share) * distance(rows[i], rows[1 - i]) - distance(x, rows[i])) in (0, 1)


def own_is_nearest(distance: Distance, rows: Rows, i: int, x: Point) -> bool | None:
    """Whether no other pattern is nearer to x than rho_i; None where a comparison stays undecided."""
    others = [row for j, row in enumerate(rows) if j != i]
    answers = [_order(distance, x, rows[i], row) for row in others]
    return None if None in answers else all(a is not None and a >= 0 for a in answers)


def _order(distance: Distance, x: Point, first: Point, second: Point) -> int | None:
    return sign(lambda: distance(x, second) - distance(x, first))


def two_point_ratio(distance: Distance, rows: Rows, x: Point, y: Point) -> arb:
    """exp(g-E) at x minus exp(g-E) at y: different from 0, p_E and p_g are different densities."""
    values = [(distance.nearest(p, rows) - distance.energy(p, rows)).exp() for p in (x, y)]
    return values[0] - values[1]


def rim_difference(sep: Fraction, x: Fraction) -> arb:
    """The same for D = {0, s}, x next to 0 and y = 0, in closed form: e^(-s(s-2x)) - e^(-s^2)."""
    return (-to_arb(sep * (sep - 2 * x))).exp() - (-to_arb(sep * sep)).exp()


def one_dimensional_mass(low: Fraction, high: Fraction, rows: Sequence[Fraction]) -> arb:
    """The integral of exp(-E) over [low, high] for patterns on the line, by the error function; 0 for low = high."""
    total = arb(0)
    if low == high:
        return total
    for row in rows:
        total += arb.pi().sqrt() / 2 * (to_arb(high - row).erf() - to_arb(low - row).erf())
    return total


def mass_by_quadrature(low: Fraction, high: Fraction, rows: Sequence[Fraction]) -> arb:
    """The same integral by certified quadrature."""

    def value(z: acb, _: bool) -> acb:
        return sum(((-(z - acb(to_arb(row))) * (z - acb(to_arb(row)))).exp() for row in rows), acb(0))

    return acb.integral(value, acb(to_arb(low)), acb(to_arb(high))).real


def masses_agree() -> bool:
    """Whether the error function and quadrature give the same mass, off the middle of each pattern."""
    case = (Fraction(-1), Fraction(2), [Fraction(1, 3), Fraction(4)])
    gap = one_dimensional_mass(*case) - mass_by_quadrature(*case)
    return bool(gap.contains(0) and abs(gap) < arb("1e-20"))


def total_mass(n: int) -> sp.Expr:
    """The integral of ``exp(-|x|^2)`` over R^n: the n-th power of the one-dimensional one."""
    x = sp.Symbol("x", real=True)
    return sp.integrate(sp.exp(-(x**2)), (x, -sp.oo, sp.oo)) ** n


def largest_cosine_bound(tokens: int, dims: int) -> sp.Expr:
    """Welch's bound: among ``tokens`` unit vectors in ``dims`` < tokens dimensions some ``|cosine|`` is at
    least this.
    """
    return sp.sqrt(sp.Rational(tokens - dims, dims * (tokens - 1)))


def bound_is_attained() -> bool:
    """Three unit vectors in the plane at 120 degrees have the squared cosines of Welch's bound, exactly."""
    third = sp.Rational(2, 3) * sp.pi
    frame = [sp.Matrix([sp.cos(k * third), sp.sin(k * third)]) for k in range(3)]
    squares = {sp.simplify(frame[i].dot(frame[j]) ** 2) for i in range(3) for j in range(i)}
    return squares == {sp.simplify(largest_cosine_bound(3, 2) ** 2)}


def squared_cosine(x: Sequence[int], y: Sequence[int]) -> Fraction:
    """Exact squared cosine of two integer vectors."""
    inner = sum(a * b for a, b in zip(x, y, strict=True))
    return Fraction(inner * inner, sum(a * a for a in x) * sum(b * b for b in y))
