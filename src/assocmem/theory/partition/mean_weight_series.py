"""Series of the mean weight M(a, x) of a ball: Kummer's function, Lemma 5 to any order, and how M falls in a and x.

The recurrence M(a, x) = e^-x + x/(a+1) M(a+1, x), that is gamma(a+1, x) = a gamma(a, x) - x^a e^-x, gives the positive
series M = e^-x sum_k x^k/((a+1)...(a+k)); cut off after m terms its rest is at most geometric.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import acb, arb

from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.partition.ball_bounds import Bound
from assocmem.theory.partition.bound_proofs import bound_proof
from assocmem.theory.partition.mean_weight import a, certified_mean, x

u, y = sp.symbols("u y", positive=True)
k, m = sp.symbols("k m", integer=True, nonnegative=True)
KERNEL = sp.exp(-x * u ** (1 / a))
"""M(a, x) is its integral over 0 < u < 1."""


@dataclass(frozen=True)
class Kummer:
    """M(a, x) = e^(-x decay) 1F1(top; bottom; sign x), with decay 0 or 1."""

    decay: int
    top: sp.Expr
    bottom: sp.Expr
    sign: int

    def coefficient(self, index: sp.Expr) -> sp.Expr:
        """Of x^index in the series."""
        rising = sp.gamma(self.top + index) / sp.gamma(self.top) * sp.gamma(self.bottom) / sp.gamma(self.bottom + index)
        return rising * sp.Integer(self.sign) ** index / sp.gamma(index + 1)

    def residual(self) -> tuple[sp.Expr, sp.Expr]:
        """c_0 - 1, and what keeps the series from solving x M' = a (e^-x - M), which M does; two zeros prove it.

        Without decay: (a+k) c_k = a (-1)^k/k!. With it, for e^x M: (a+k) c_k = c_(k-1).
        """
        j = sp.Symbol("j", integer=True, positive=True)
        wanted = self.coefficient(j - 1) if self.decay else a * sp.Integer(-1) ** j / sp.gamma(j + 1)
        ratio = sp.gammasimp(sp.simplify((a + j) * self.coefficient(j) / wanted)) - 1
        return sp.simplify(self.coefficient(sp.Integer(0)) - 1), ratio

    def ball(self, order: Fraction, at: Fraction, bits: int = 128) -> arb:
        """A ball around the form at exact a and x, by Arb's own confluent function."""
        with precision(bits + 64):
            where = {a: sp.Rational(order.numerator, order.denominator)}
            top, bottom = (sp.Rational(e.subs(where)) for e in (self.top, self.bottom))
            first, second = (to_arb(Fraction(int(e.p), int(e.q))) for e in (top, bottom))
            point = to_arb(at)
            return (-self.decay * point).exp() * (self.sign * point).hypgeom_1f1(first, second)


KUMMER = (Kummer(0, a, a + 1, -1), Kummer(1, sp.Integer(1), a + 1, 1))


def mean_equation_holds() -> bool:
    """x M' = a (e^-x - M) for M = a x^-a gamma(a, x), symbolically."""
    mean = a * x**-a * sp.lowergamma(a, x)
    return bool(sp.simplify(x * sp.diff(mean, x) - a * (sp.exp(-x) - mean)) == 0)


@dataclass(frozen=True)
class Series:
    """e^-x sum_{k<m} term <= M <= the same + e^-x term_m rest, for all m >= 0; the right side where x < a + m + 1."""

    term: sp.Expr
    rest: sp.Expr

    def step_residuals(self) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        """Zero if M(a) = e^-x + x/(a+1) M(a+1) takes the bounds for (m, a+1) to those for (m+1, a), and term_0 = 1."""
        shifted = x / (a + 1) * self.term.subs({k: k - 1, a: a + 1}, simultaneous=True)
        carried = self.rest.subs({m: m - 1, a: a + 1}, simultaneous=True)
        return (
            sp.simplify(sp.gammasimp(sp.simplify(shifted / self.term)) - 1),
            sp.simplify(carried - self.rest),
            sp.simplify(self.term.subs(k, 0) - 1),
        )

    def base(self) -> str | None:
        """The proof for m = 0: 0 <= M <= e^-x rest."""
        return bound_proof(Bound(sp.exp(-x) * self.rest.subs(m, 0), a + 1 - x), "upper")

    def bounds(self, terms: int) -> tuple[sp.Expr, sp.Expr]:
        """Both sides for a given m, in a and x."""
        lower = sum((self.term.subs(k, j) for j in range(terms)), sp.Integer(0))
        upper = lower + self.term.subs(k, terms) * self.rest.subs(m, terms)
        return sp.exp(-x) * lower, sp.exp(-x) * upper


SERIES = Series(x**k * sp.gamma(a + 1) / sp.gamma(a + 1 + k), 1 / (1 - x / (a + m + 1)))


def shift_holds() -> bool:
    """gamma(a+1, x) = a gamma(a, x) - x^a e^-x: equal derivatives, both sides 0 at x = 0."""
    gap = sp.lowergamma(a + 1, x) - a * sp.lowergamma(a, x) + x**a * sp.exp(-x)
    return bool(sp.simplify(sp.diff(gap, x)) == 0)


def falls(kernel: sp.Expr = KERNEL) -> bool:
    """The kernel at u = e^-y falls in a and in x for every y > 0, and its integral over 0 < u < 1 is M(a, x).

    The substitution u = w^a turns that integral into a times that of w^(a-1) e^(-xw) over 0 < w < 1.
    """
    w = sp.Symbol("w", positive=True)
    in_a, in_x = (sp.simplify(sp.diff(kernel, s).subs(u, sp.exp(-y))) for s in (a, x))
    turned = sp.powdenest(kernel.subs(u, w**a), force=True) * sp.diff(w**a, w)
    same = sp.simplify(turned / (a * w ** (a - 1) * sp.exp(-x * w)) - 1) == 0
    return bool(in_a.is_negative and in_x.is_negative and same)


def kernel_mean(kernel: sp.Expr, order: Fraction, bits: int = 128) -> arb:
    """A ball around the integral of the kernel over 0 < u < 1 at x = 1, by quadrature; order 1/2 or 1, u = w^2."""
    w = sp.Symbol("w", positive=True)
    at = sp.Rational(order.numerator, order.denominator)
    integrand = sp.powdenest(kernel.subs({a: at, x: 1}).subs(u, w**2), force=True) * 2 * w
    function = sp.lambdify(w, integrand, modules=[{"exp": acb.exp}])
    with precision(bits):
        return acb.integral(lambda z, _: function(z), acb(0), acb(1)).real


def violation(series: Series, points: tuple[tuple[Fraction, Fraction], ...], terms: range) -> str | None:
    """A point (a, x) and a number m of terms at which a side of ``Series`` certainly fails, in words, or None."""
    for order, at in points:
        where = {a: order, x: at}
        for count in terms:
            low, high = (enclose(side, where) for side in series.bounds(count))
            mean = certified_mean(order, at)
            if low > mean or (at < order + count + 1 and high < mean):
                shown = ", ".join(f"{float(value.mid()):.6g}" for value in (low, mean, high))
                return f"m={count}, a={order}, x={at}: lower, M, upper = {shown}"
    return None
