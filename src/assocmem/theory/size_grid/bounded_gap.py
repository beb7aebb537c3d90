"""Where the gap has a bound that is the same for all sizes of the model, and where it has none: no power law, or one.

Features have a norm of at most R, and the loss of a score is differentiable, not negative, l-Lipschitz, and L0 at the
score 0. The flow of the training loss from 0 has at the time t weights of a norm of at most sqrt(t L0), and over such
weights the mean of the largest gap is at most 4 l R sqrt(t L0/D).
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import to_arb
from assocmem.theory.size_grid.exponential_families import D, N
from assocmem.theory.size_grid.least_squares import GAP, n, p, u

R, ell, tau, L0 = sp.symbols("R ell tau L_0", positive=True)
"""Norm of the features, Lipschitz constant, time of training, loss at the score 0."""
BOUND = 4 * ell * R * sp.sqrt(tau * L0 / D)
"""G(D)."""

FINE = Fraction(1, 10**6)
"""Width of a bracket of a weight."""


def data_of_bound(threshold: Fraction) -> int:
    """The least D with G(D) below a threshold for the logistic loss, R = 1 and tau = 1, certified.

    G^2 falls with D and is 16 log 2/D, so that D is the least whole number above 16 log 2/threshold^2.

    Raises
    ------
    ArithmeticError
        Where that number stays undecided.
    """
    exact = 16 * arb.const_log2() / to_arb(threshold) ** 2
    least = int(exact.mid().floor().unique_fmpz()) + 1
    if not least - 1 < exact < least:
        raise ArithmeticError(f"threshold={threshold}: the least D stayed undecided")
    return least


def ratio_beyond(power: sp.Expr) -> sp.Expr:
    """The limit of N/D_0^p for a fixed D_0."""
    fixed = sp.Symbol("D_0", positive=True)
    return sp.limit(N / fixed**power, N, sp.oo)


def limit_of_bound(times: sp.Expr) -> sp.Expr:
    """The limit of G(D) where training lasts for tau_D."""
    return sp.limit(BOUND.subs(tau, times), D, sp.oo)


def gap_with_own_features(passes: Fraction) -> arb:
    """The gap at the time ``passes`` D, where each example is alone with its feature, in the limit of many features.

    The weight w of an example with the label y obeys y w' = 1/(D (1 + exp(y w))), so that exp(yw) + yw = 1 + t/D. A
    new example has a feature with weight 0 and the loss log 2. The equation is solved by halving, in fractions.
    """
    low, high = Fraction(0), 1 + passes
    while high - low > FINE:
        middle = (low + high) / 2
        below = to_arb(middle).exp() + to_arb(middle) < 1 + to_arb(passes)
        low, high = (middle, high) if below else (low, middle)
    weight = to_arb(low).union(to_arb(high))
    return arb.const_log2() - (1 + (-weight).exp()).log()


def gap_of_two_fewer() -> sp.Expr:
    """The gap of least squares with n - 2 weights and noise of variance 1: features of unit covariance."""
    return sp.factor(GAP.subs(u, 1).subs(p, n - 2))
