"""The proof of Proposition 4 step by step: which energy each step uses, and whether one energy can serve both.

Step (a) puts E_t(rho) = 1/Z_t, step (b) puts the integral of exp(-E_t) equal to Z_t. For each reading the two numbers
are expressions in Z (the integral of exp(-g_t)) and M (the integral of exp(-exp(-g_t)/Z)).
Adding a constant to an energy changes neither its density nor its cross-entropy; that settles what can be arranged.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from assocmem.theory.cross_entropy.one_layer import OneLayer
from assocmem.theory.layers.stack import bowl, of_nearest

Z, M = sp.symbols("Z M", positive=True)
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
        return Steps(energy.subs(g, 0), M)
    constant = sp.simplify(sp.exp(-energy) / sp.exp(-g))
    if constant.has(g):
        raise ArithmeticError("exp(-E_t) is not a multiple of exp(-g_t)")
    return Steps(energy.subs(g, 0), sp.simplify(constant * Z))


def both_hold(reading: OneLayer) -> sp.Expr | bool:
    """The condition under which both steps hold: False for A and B, M = Z for the printed energy."""
    first, second = steps(reading).gaps()
    if sp.simplify(first) == 0:
        return sp.Eq(M, Z) if second != 0 else True
    if second == 0:
        return bool(sp.solveset(first, Z, sp.Interval.open(0, sp.oo)) != sp.S.EmptySet)
    roots = sp.solve(second, Z)
    return any(sp.simplify(first.subs(Z, root)) == 0 for root in roots)


def shift_residual() -> sp.Expr:
    """Loss of E + k minus loss of E: log(e^-k M) + (E(rho) + k) - log M - E(rho); 0."""
    at = sp.Symbol("e", real=True)
    return sp.simplify(sp.expand_log(sp.log(sp.exp(-k) * M) + at + k - sp.log(M) - at, force=True))


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
    energy = -sp.log(1 + q)
    return bool((1 / Z - energy).is_positive and energy.subs(q, 0) == 0 and sp.exp(-energy) == 1 + q)


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
    top = sp.limit(arranged_loss(), Z, sp.oo)
    return sp.Interval(Scalar().least(), top, right_open=True)


def nll_residual(share: sp.Expr, sign: int = 1) -> sp.Expr:
    """-sign * share * log(likelihood) minus the mean of -log p over d' samples; ``share`` is an expression in D = d'.

    By induction over the samples: ``first`` is the likelihood of all but the last one, whose logarithm is the sum of
    theirs, and p the density at the last. The mean is the integral of -log p against the empirical measure.
    """
    first, p, size = sp.symbols("P p D", positive=True)
    sum_of_logs = sp.log(first) + sp.log(p)
    return sp.factor(sp.expand_log(-sign * share * sp.log(first * p) + sum_of_logs / size, force=True))


def gibbs_residual(sign: int = 1) -> sp.Expr:
    """-log(exp(-E)/Z_theta) - (log Z_theta + sign * E); 0 for sign 1, at one sample and so for every mean."""
    energy = sp.Symbol("E", real=True)
    return sp.simplify(sp.expand_log(-sp.log(sp.exp(-energy) / Z), force=True) - (sp.log(Z) + sign * energy))


def step_b_left() -> sp.Expr:
    """log Z_theta + 1/Z_t - log l + c for Z_theta = (l/e^c) M, M the integral of exp(-E_t)."""
    layers, c = sp.Symbol("l", positive=True), sp.Symbol("c", real=True)
    left = sp.log(layers * sp.exp(-c) * M) + 1 / Z - sp.log(layers) + c
    return sp.simplify(sp.expand_log(left, force=True))


def constant_remainder_residual() -> tuple[sp.Expr, sp.Expr]:
    """With E_global = E_t - log l + c, constant c: exp(-E_global) / exp(-E_t) - l e^-c, and the shift of the loss."""
    layers, energy, c = sp.Symbol("l", positive=True), sp.Symbol("E", real=True), sp.Symbol("c", real=True)
    total = energy - sp.log(layers) + c
    ratio = sp.simplify(sp.exp(-total) / sp.exp(-energy) - layers * sp.exp(-c))
    shifted = sp.log(layers * sp.exp(-c) * M) + total - (sp.log(M) + energy)
    return ratio, sp.simplify(sp.expand_log(shifted, force=True))


def energy_at_patterns_step() -> tuple[sp.Expr, sp.Expr, bool]:
    """Printed energies at a pattern with a common Z: E_s = (1 - u_s)/Z, u_s >= 0, and u_s = 0 where layer s holds it.

    The sum of the exp(-E_s) is e^(-1/Z) times the sum T of the exp(u_s/Z): the first residual is 0 if one more layer
    keeps that. Then 1/Z - log l - E_global = log(T/l), the second residual. The last answer: one more layer adds more
    than 1 to T unless u = 0, so that T >= l, with equality only where every layer holds the pattern.
    """
    u, layers, sums = sp.Symbol("u", nonnegative=True), sp.Symbol("l", positive=True), sp.Symbol("T", positive=True)
    common = sp.exp(-1 / Z)
    step = sp.simplify(common * sums + sp.exp(-(1 - u) / Z) - common * (sums + sp.exp(u / Z)))
    total = -sp.log(common * sums)
    whole = sp.expand_log(1 / Z - sp.log(layers) - total - sp.log(sums / layers), force=True)
    one_more = sp.exp(u / Z)
    grows = bool(one_more.subs(u, 0) == 1 and sp.diff(one_more, u).is_positive)
    return step, sp.simplify(whole), grows


def sum_of_exponentials_step() -> sp.Expr:
    """exp(-E_global) minus the sum of the exp(-E_t), for one more layer beside layers whose sum is S; 0 for any l."""
    first, energy = sp.Symbol("S", positive=True), sp.Symbol("E", real=True)
    total = -sp.log(first + sp.exp(-energy))
    return sp.simplify(sp.exp(-total) - first - sp.exp(-energy))


def error_of_formula(reading: OneLayer) -> sp.Expr:
    """log Z + 1/Z minus the exact loss of one layer, in Z and M."""
    return sp.simplify(sp.log(Z) + 1 / Z - steps(reading).loss())


def divergence_residual(reverse: bool = False) -> sp.Expr:
    """Cross-entropy minus entropy minus divergence, the term of one label: -p log q + p log p - p log(p/q); 0.

    ``reverse`` puts the divergence of the predictions from the labels in its place.
    """
    p, q = sp.symbols("p q", positive=True)
    divergence = q * sp.log(q / p) if reverse else p * sp.log(p / q)
    return sp.simplify(sp.expand_log(-p * sp.log(q) + p * sp.log(p) - divergence, force=True))
