"""One weight that shows how stopping early and stopping late both harm: gradient flow toward a noisy target.

The flow w' = target - w from 0 follows w(s) = target (1 - e^-s) on the training loss (w - target)^2 / 2. The test loss
is (w - 1)^2: the training target is off from the true weight 1 by noise.
"""

from __future__ import annotations

import sympy as sp

time = sp.Symbol("s", nonnegative=True)

MOMENTS = (sp.Integer(0), sp.log(2), sp.oo)
"""The start, time log 2, and the end of training."""


def weight(target: int) -> sp.Expr:
    """w(s), which solves w' = target - w with w(0) = 0."""
    return target * (1 - sp.exp(-time))


def flow_residual(target: int) -> sp.Expr:
    """w' - (target - w); zero."""
    w = weight(target)
    return sp.simplify(sp.diff(w, time) - (target - w))


def losses(target: int) -> list[sp.Expr]:
    """The test loss (w - 1)^2 at the three moments."""
    return [sp.expand((weight(target).subs(time, moment) - 1) ** 2) for moment in MOMENTS]
