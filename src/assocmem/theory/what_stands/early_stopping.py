"""One weight that shows how stopping early and stopping late both harm: gradient flow toward a noisy target.

The flow w' = tau - w from 0 follows w(s) = tau (1 - e^-s) on the training loss (w - tau)^2 / 2. The test loss is
(w - 1)^2: the training target tau > 0 is off from the true weight 1 by noise. With c = 1 - 1/tau the slope of the test
loss is 2 tau^2 e^-s (c - e^-s), so it changes its sign where e^-s = c, at the time log(tau/(tau - 1)), if tau > 1.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import sympy as sp

time = sp.Symbol("s", nonnegative=True)
target = sp.Symbol("tau", positive=True)
turn = 1 - 1 / target
"""c, the value of e^-s at which the test loss turns."""


def weight() -> sp.Expr:
    """w(s), which solves w' = tau - w with w(0) = 0."""
    return target * (1 - sp.exp(-time))


def flow_residuals() -> tuple[sp.Expr, sp.Expr]:
    """w' - (tau - w) and w(0); zero."""
    w = weight()
    return sp.simplify(sp.diff(w, time) - (target - w)), w.subs(time, sp.Integer(0))


def slope_residual() -> sp.Expr:
    """The slope of the test loss minus 2 tau^2 e^-s (c - e^-s); zero."""
    decay = sp.exp(-time)
    return sp.simplify(sp.diff((weight() - 1) ** 2, time) - 2 * target**2 * decay * (turn - decay))


class Signs(NamedTuple):
    """Whether c - e^-s is certainly negative before the turn, positive after it, and negative where there is none."""

    before: bool
    after: bool
    without: bool


def signs() -> Signs:
    """The sign of c - e^-s for all tau and s: of it alone the slope has its sign.

    For tau > 1, c > 0: before the turn e^-s = c (1 + v), after it c/(1 + v), with v > 0. For tau = 1/(1 + a), a >= 0,
    c = -a, and e^-s is positive.
    """
    v, c, decay = sp.symbols("v c u", positive=True)
    a = sp.Symbol("a", nonnegative=True)
    pairs = (
        (c - c * (1 + v), -c * v),
        (c - c / (1 + v), c * v / (1 + v)),
        (turn.subs(target, 1 / (1 + a)) - decay, -(a + decay)),
    )
    before, after, without = (plain if sp.simplify(value - plain) == 0 else sp.nan for value, plain in pairs)
    return Signs(before.is_negative is True, after.is_positive is True, without.is_negative is True)


def losses(tau: Fraction | int) -> list[Fraction]:
    """The test loss at the start, at time log 2 and in the limit of infinite time, exactly."""
    return [(Fraction(tau) * (1 - decay) - 1) ** 2 for decay in (Fraction(1), Fraction(1, 2), Fraction(0))]
