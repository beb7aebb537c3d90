"""The proof of Proposition 4 step by step: which energy each step uses, and whether one energy can serve both.

Step (a) puts E_t(rho) = 1/Z_t, step (b) puts the integral of exp(-E_t) equal to Z_t. For each reading the two numbers
are expressions in Z (the integral of exp(-g_t)) and W (the integral of exp(-exp(-g_t)/Z)).
Adding a constant to an energy changes neither its density nor its cross-entropy; that settles what can be arranged.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from assocmem.theory.cross_entropy.one_layer import OneLayer
from assocmem.theory.layers.stack import bowl, of_nearest

Z, W = sp.symbols("Z W", positive=True)
v, k = sp.symbols("v k", real=True)


@dataclass(frozen=True)
class Steps:
    """What one layer under one reading has: the energy at its patterns, and the integral of exp(-energy)."""

    at_patterns: sp.Expr
    integral: sp.Expr

    def loss(self) -> sp.Expr:
        """The exact cross-entropy, log(integral) + energy at the patterns."""
        return sp.simplify(sp.log(self.integral) + self.at_patterns)

    def gaps(self) -> tuple[sp.Expr, sp.Expr]:
        """What is missing in step (a) and in step (b): both vanish where the step holds."""
        return self.at_patterns - 1 / Z, self.integral - Z


def steps(reading: OneLayer) -> Steps:
    """Both numbers for one layer, from E_t as a function of g_t and Z_t.

    exp(-E_t) is exp(-g_t) times a constant under A and B, so its integral is Z times that constant.

    Raises
    ------
    ArithmeticError
        If exp(-E_t) is not a multiple of exp(-g_t).
    """
    g = sp.Symbol("g", nonnegative=True)
    energy = of_nearest(reading, g, Z)
    if reading == "printed":
        return Steps(energy.subs(g, 0), W)
    constant = sp.simplify(sp.exp(-energy) / sp.exp(-g))
    if constant.has(g):
        raise ArithmeticError("exp(-E_t) is not a multiple of exp(-g_t)")
    return Steps(energy.subs(g, 0), sp.simplify(constant * Z))


def both_hold(reading: OneLayer) -> sp.Expr | bool:
    """The condition under which both steps hold: False for A and B, W = Z for the printed energy."""
    first, second = steps(reading).gaps()
    if sp.simplify(first) == 0:
        return sp.Eq(W, Z) if second != 0 else True
    if second == 0:
        return bool(sp.solveset(first, Z, sp.Interval.open(0, sp.oo)) != sp.S.EmptySet)
    roots = sp.solve(second, Z)
    return any(sp.simplify(first.subs(Z, root)) == 0 for root in roots)


def shift_residual() -> sp.Expr:
    """Loss of E + k minus loss of E: log(e^-k W) + (E(rho) + k) - log W - E(rho); 0."""
    at = sp.Symbol("e", real=True)
    return sp.simplify(sp.expand_log(sp.log(sp.exp(-k) * W) + at + k - sp.log(W) - at, force=True))


def arranged_residuals() -> tuple[sp.Expr, sp.Expr]:
    """An energy with e at the patterns and exp(L - e) for its integral, L = log z + 1/z, moved by k = 1/z - e.

    Returns what is missing in step (a) and in step (b) then, with z for Z_t; both 0, for any e and z > 0. Conversely,
    an energy that has 1/z and z for these numbers has the loss log z + 1/z, and so has the energy it was moved from.
    """
    at = sp.Symbol("e", real=True)
    by = 1 / Z - at
    moved = Steps(at + by, sp.exp(-by) * sp.exp(sp.log(Z) + 1 / Z - at))
    first, second = moved.gaps()
    return sp.simplify(first), sp.simplify(second)


def arranged_loss() -> sp.Expr:
    """Loss of an energy that has 1/z at the patterns and z as the integral of exp(-energy)."""
    return Steps(1 / Z, Z).loss()


def sum_lacks_first_step() -> bool:
    """Under C the energy at a pattern is -log(1 + q), q >= 0 from the other patterns: at most 0, so not 1/Z_t."""
    q = sp.Symbol("q", nonnegative=True)
    return bool((1 / Z + sp.log(1 + q)).is_positive)


@dataclass(frozen=True)
class Scalar:
    """log z + weight/z >= bound for all z > 0, or > if strict."""

    bound: Fraction = Fraction(1)
    weight: Fraction = Fraction(1)
    strict: bool = False

    def least(self) -> sp.Expr:
        """The minimum over z > 0, at z = weight: with z = weight e^-v the rest e^v - 1 - v is a bowl.

        Raises
        ------
        ArithmeticError
            If what is left of the expression is no bowl.
        """
        weight = sp.Rational(self.weight)
        value = (sp.log(Z) + weight / Z).subs(Z, weight * sp.exp(-v))
        least = 1 + sp.log(weight)
        rest = sp.simplify(sp.expand_log(value, force=True) - least)
        if not bowl(rest, v):
            raise ArithmeticError("the rest is no bowl")
        return least

    def holds(self) -> bool:
        """Whether the inequality holds, from the exact minimum."""
        slack = sp.simplify(self.least() - sp.Rational(self.bound))
        return bool(slack > 0 if self.strict else slack >= 0)


def range_of_formula() -> sp.Interval:
    """All values of log z + 1/z over z > 0: a continuous function with minimum 1 at z = 1 and no upper bound."""
    top = sp.limit(sp.log(Z) + 1 / Z, Z, sp.oo)
    return sp.Interval(Scalar().least(), top, right_open=True)


def nll_residual(share: sp.Expr, sign: int = 1) -> sp.Expr:
    """-sign * share * log(likelihood) minus the mean of -log p over d' samples with multiplicities m_1, m_2.

    The mean is the integral of -log p against the empirical measure; ``share`` is an expression in d', the symbol D.
    """
    m1, m2, p1, p2 = sp.symbols("m_1 m_2 p_1 p_2", positive=True)
    size = sp.Symbol("D", positive=True)
    likelihood = p1**m1 * p2**m2
    mean = -(m1 * sp.log(p1) + m2 * sp.log(p2)) / (m1 + m2)
    stated = -sign * share.subs(size, m1 + m2) * sp.log(likelihood)
    return sp.factor(sp.expand_log(stated - mean, force=True))


def gibbs_residual(sign: int = 1) -> sp.Expr:
    """-log(exp(-E)/Z_theta) - (log Z_theta + sign * E); 0 for sign 1, at one sample and so for every mean."""
    energy = sp.Symbol("E", real=True)
    return sp.simplify(sp.expand_log(-sp.log(sp.exp(-energy) / Z), force=True) - (sp.log(Z) + sign * energy))


def constant_remainder_residual() -> tuple[sp.Expr, sp.Expr]:
    """With E_global = E_t - log l + c, constant c: exp(-E_global) / exp(-E_t) - l e^-c, and the shift of the loss."""
    layers, energy, c = sp.Symbol("l", positive=True), sp.Symbol("E", real=True), sp.Symbol("c", real=True)
    total = energy - sp.log(layers) + c
    ratio = sp.simplify(sp.exp(-total) / sp.exp(-energy) - layers * sp.exp(-c))
    shifted = sp.log(layers * sp.exp(-c) * W) + total - (sp.log(W) + energy)
    return ratio, sp.simplify(sp.expand_log(shifted, force=True))


def energy_at_patterns_step(energies: int) -> tuple[sp.Expr, sp.Expr]:
    """Printed energies at a pattern with a common Z: E_s = (1 - u_s)/Z, u_s >= 0, and u_s = 0 where layer s holds it.

    Returns 1/Z - log l - E_global, as the logarithm of a mean of exp(u_s/Z), and its value at u = 0: the first is
    log(mean of terms >= 1), hence >= 0 with equality only at u = 0.
    """
    gaps = sp.symbols(f"u1:{energies + 1}", nonnegative=True)
    total = -sp.log(sum(sp.exp(-(1 - u) / Z) for u in gaps))
    mean = sum(sp.exp(u / Z) for u in gaps) / energies
    residual = sp.simplify(sp.exp(1 / Z - sp.log(energies) - total) - mean)
    return residual, mean.subs(dict.fromkeys(gaps, 0))
