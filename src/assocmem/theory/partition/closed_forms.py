"""Closed forms of the ball integral by incomplete gamma functions, from polar coordinates, and their proofs.

A closed form C(r) of the integral of exp(-N(y)^p) over N(y) < r is proved by C(0) = 0 and C'(r) = n v r^(n-1) e^(-r^p):
the ball of radius t has the volume v t^n for every norm N, because it is t times the unit ball.
For the Euclidean norm n v = 2 pi^(n/2)/Gamma(n/2): the integral of exp(-||y||^2) over R^n is the n-th power of
sqrt(pi), and in polar coordinates it is n v Gamma(n/2)/2.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import acb, arb

from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.partition.mean_weight import n, r

t, v, p = sp.symbols("t v p", positive=True)
AREA = 2 * sp.pi ** (n / 2) / sp.gamma(n / 2)
"""A_(n-1), the area of the unit sphere in R^n."""
SPHERES = {1: sp.Integer(2), 2: 2 * sp.pi, 3: 4 * sp.pi}
"""Its value for the ends of an interval, the circle and the sphere."""


@dataclass(frozen=True)
class ClosedForm:
    """factor * gamma(order, argument): a candidate for an integral from 0 to r, as formulas in n and r."""

    factor: sp.Expr
    order: sp.Expr
    argument: sp.Expr

    @property
    def formula(self) -> sp.Expr:
        """The whole as one expression."""
        return self.factor * sp.lowergamma(self.order, self.argument)

    def slope_over(self, area: sp.Expr, power: sp.Expr | int) -> sp.Expr:
        """Derivative in r, over the integrand area r^(n-1) e^(-r^power): 1 if and only if the two agree."""
        made = sp.diff(self.formula, r) / (area * r ** (n - 1) * sp.exp(-(r**power)))
        return sp.simplify(sp.powsimp(sp.expand_power_base(sp.powdenest(made, force=True)), force=True))

    def starts_at_zero(self) -> bool:
        """gamma(order, argument) tends to 0 with r: the argument does, and the order is positive."""
        return bool(self.argument.subs(r, 0) == 0 and self.order.is_positive)

    def error(self, area: sp.Expr, power: int, dimension: int, radius: sp.Expr | int) -> sp.Expr:
        """Exact integral less this form at whole n and exact r; the integral is found by sympy from its definition."""
        return exact_integral(area, power, dimension, radius) - self.value(dimension, radius)

    def value(self, dimension: int, radius: sp.Expr | int) -> sp.Expr:
        """The form at whole n and exact r, written out."""
        return sp.simplify(sp.expand_func(self.formula.subs({n: dimension, r: sp.sympify(radius)})))

    def total(self) -> sp.Expr:
        """The limit r -> oo: gamma(order, oo) = Gamma(order)."""
        return sp.gammasimp(self.factor * sp.gamma(self.order))


PRINTED = ClosedForm(AREA, n, r)
CORRECT = ClosedForm(AREA / 2, n / 2, r**2)
PRINTED_RADIAL = ClosedForm(sp.Integer(1), n, r)
CORRECT_RADIAL = ClosedForm(sp.Rational(1, 2), n / 2, r**2)
ANY_NORM = ClosedForm(v * n / p, n / p, r**p)


def exact_integral(area: sp.Expr, power: int, dimension: int, radius: sp.Expr | int) -> sp.Expr:
    """The integral of area t^(n-1) e^(-t^power) from 0 to the radius (oo allowed), by sympy."""
    integrand = area.subs(n, dimension) * t ** (dimension - 1) * sp.exp(-(t**power))
    return sp.simplify(sp.integrate(integrand, (t, 0, radius)))


def substituted() -> sp.Expr:
    """t^(n-1) e^(-t^2) dt with t = sqrt(s), as a formula times ds."""
    s = sp.Symbol("s", positive=True)
    integrand = (t ** (n - 1) * sp.exp(-(t**2))).subs(t, sp.sqrt(s))
    return sp.powsimp(sp.simplify(integrand * sp.diff(sp.sqrt(s), s)))


def area_residual(area: sp.Expr) -> sp.Expr:
    """Mass of exp(-||y||^2) on R^n by polar coordinates with this area, over sqrt(pi)^n, less 1."""
    line = sp.integrate(sp.exp(-(t**2)), (t, -sp.oo, sp.oo))
    radial = sp.integrate(t ** (n - 1) * sp.exp(-(t**2)), (t, 0, sp.oo))
    return sp.gammasimp(sp.simplify(area * radial / line**n)) - 1


def moment(power: int) -> sp.Expr:
    """The integral of t^(n-1) e^(-t^power) over all t > 0."""
    return sp.simplify(sp.integrate(t ** (n - 1) * sp.exp(-(t**power)), (t, 0, sp.oo)))


def gamma_facts(power: sp.Expr, decay: sp.Expr) -> bool:
    """gamma(n, r) has the derivative r^power e^-decay and vanishes at 0; with Gamma(n, r) it adds up to Gamma(n).

    power and decay are formulas in n and t. The integral at 0 converges for power > -1, hence for every n > 0.
    """
    lower, upper = sp.lowergamma(n, r), sp.uppergamma(n, r)
    integrand = (t**power * sp.exp(-decay)).subs(t, r)
    slopes = sp.simplify(sp.diff(lower, r) / integrand) == 1 and sp.simplify(sp.diff(upper, r) / integrand) == -1
    starts = sp.lowergamma(n, 0) == 0 and sp.uppergamma(n, 0) == sp.gamma(n)
    return bool(slopes and starts and (power + 1).is_positive)


def sliced(dimension: int, radius: Fraction, bits: int = 128) -> arb:
    """A ball around the integral of exp(-||y||^2) over the disk or the ball (n = 2, 3), without polar coordinates.

    Slice n = 2 into chords and n = 3 into disks; with the first coordinate r sin(phi), the slice has radius r cos(phi).

    Raises
    ------
    ValueError
        For another dimension than 2 and 3.
    """
    if dimension not in (2, 3):
        raise ValueError(f"dimension={dimension} must be 2 or 3")
    with precision(bits):
        size, root = acb(to_arb(radius)), acb(arb.pi().sqrt())

        def slice_mass(rho: acb) -> acb:
            return root * rho.erf() if dimension == 2 else acb.pi() * (1 - (-rho * rho).exp())

        def integrand(phi: acb, _: bool) -> acb:
            sine, cosine = phi.sin(), phi.cos()
            return (-((size * sine) ** 2)).exp() * slice_mass(size * cosine) * size * cosine

        half = acb(arb.pi()) / 2
        return acb.integral(integrand, -half, half).real


def radial(area: sp.Expr, degree: sp.Expr, dimension: int, radius: Fraction, bits: int = 128) -> arb:
    """A ball around the integral of area t^degree e^(-t^2) from 0 to the radius, by quadrature; degree whole at n."""
    exponent = int(degree.subs(n, dimension))
    with precision(bits):
        whole = acb.integral(lambda z, _: z**exponent * (-z * z).exp(), acb(0), acb(to_arb(radius))).real
        return enclose(area, {n: dimension}) * whole


def unsquared_mass(radius: Fraction, bits: int = 128) -> arb:
    """A ball around the integral of exp(-||y||) over the ball in space, by disks.

    The disk at height z has radius sqrt(r^2 - z^2) and the mass 2 pi ((1+z) e^-z - (1+r) e^-r), z >= 0.
    """
    with precision(bits):
        size = acb(to_arb(radius))
        whole = acb.integral(lambda z, _: (1 + z) * (-z).exp() - (1 + size) * (-size).exp(), acb(0), size).real
        return 4 * arb.pi() * whole


def taxicab_mass(power: int, radius: Fraction, bits: int = 128) -> arb:
    """A ball around the integral of ``exp(-(|y_1|+|y_2|)^power)`` over ``|y_1|+|y_2| < r``, by chords; power 1 or 2.

    Raises
    ------
    ValueError
        For another power than 1 and 2.
    """
    if power not in (1, 2):
        raise ValueError(f"power={power} must be 1 or 2")
    with precision(bits):
        size, root = acb(to_arb(radius)), acb(arb.pi().sqrt())

        def chord(z: acb, _: bool) -> acb:
            if power == 1:
                return (-z).exp() - (-size).exp()
            return root / 2 * (size.erf() - z.erf())

        return 4 * acb.integral(chord, acb(0), size).real
