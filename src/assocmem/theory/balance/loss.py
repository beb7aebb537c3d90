"""Which dimension makes the cross-entropy smallest, under each reading of the layer's energy, at the paper's radius.

**Readings A and B**, L = log Z = log d - f(n) with f = -log J of ``balance``: f rises strictly from 0 to infinity, so
the loss falls without bound as n grows. It has no least value, and Z = 1 is only where L = 0.

**The energy as printed**, E = exp(-g)/Z, L = log W + 1/Z. With ``|Omega| = dV``, Jensen's inequality (the mean of E
over Omega is ``1/|Omega|``) and E >= exp(-r^2)/Z give

    ``log|Omega| + 1/Z - 1/|Omega| <= L <= log|Omega| + (1 - exp(-r^2))/Z``.

Let y = V^-2. Since ``Z = |Omega| e^(-cn) S`` with S < 1/(1-2c), the left side is, for cn >= log d, more than
log d - log(y)/2 + sqrt(y) (1 - 2c - 1/d). With t = 1 - 2c - 1/d the least value of sqrt(y) t - log(y)/2 over y > 0 is
1 + log t, which is positive for d >= 2. So L > log d for every n >= 2 pi e log d, while L < log d at n = 1: the least
loss over the dimensions exists, and is attained below 2 pi e log d. Where Z = 1, ``|Omega| > 1`` and L > 0.

The first inequality also gives L > log d + log V_n, and the second, with ``Z >= |Omega| exp(-cn)``,
L <= log d + log V_n + (e^(cn) - 1)/(d V_n). With cn = alpha log d, alpha < 1, the last term tends to 0; every
n <= beta log d/c with beta < alpha has log V_n larger, in the limit by at least log(alpha/beta)/2. So the least loss
lies beyond beta log d/c for every beta < 1, if d is large enough: its dimension is asymptotic to 2 pi e log d.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import sympy as sp
from flint import arb

from assocmem.theory.balance.laws import PAPER, ell, monotone_steps, radial_law, stirling_steps
from assocmem.theory.cross_entropy.one_layer import BITS, Balls, OneLayer, certified_loss
from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_volume, certified_paper_radius
from assocmem.theory.exact.enclose import enclose


@dataclass(frozen=True)
class Optimum:
    """A least loss over the dimensions is attained, only at n < ``within`` log d, for all d >= first.

    Its dimension divided by log d tends to ``share``.
    """

    reading: OneLayer
    within: sp.Expr
    first: int
    share: sp.Expr


def balls(n: int, d: int) -> Balls:
    """d balls of the paper's radius."""
    return Balls(n, certified_paper_radius(n, bits=2 * BITS), d)


def loss(reading: OneLayer, n: int, d: int) -> arb:
    """The exact cross-entropy at the paper's radius."""
    return certified_loss(reading, balls(n, d))


t = sp.Symbol("t", positive=True)


def least_value() -> sp.Expr:
    """min over y > 0 of sqrt(y) t - log(y)/2, which is 1 + log t; nan where the step fails."""
    root = sp.Symbol("s", positive=True)
    gap = root * t - sp.log(root)
    (at,) = sp.solve(sp.diff(gap, root), root)
    convex = sp.simplify(sp.diff(gap, root, 2)).is_positive
    return sp.expand_log(sp.simplify(gap.subs(root, at))) if convex else sp.nan


def optimum_steps(stmt: Optimum) -> bool:
    """1 + log t > 0 for d >= first, and L < log d at n = 1, from the upper bound there; ``within`` is at least 1/c.

    At d = first both bounds are held against certified losses: L(1), and L at the first n beyond log(first)/c.
    """
    with precision(BITS):
        c, edge = enclose(PAPER, {}), arb(stmt.first).log()
        slack = enclose(radial_law().at(PAPER).offset, {}).exp() - arb(1) / stmt.first  # t; S < exp(-offset)
        if not slack > 0:
            return False
        lower, beyond = edge + enclose(least_value(), {t: slack}), math.ceil(float((edge / c).mid()))
        size = 1
        volume = certified_log_ball_volume(size, certified_paper_radius(size)).exp()  # |Omega|/d
        upper = edge + volume.log() + ((c * size).exp() - 1) / (volume * stmt.first)  # as Z >= e^(-cn) |Omega|
        sides = edge < lower < loss("printed", beyond, stmt.first) and loss("printed", size, stmt.first) < upper < edge
    return bool(sides and sp.simplify(stmt.within * PAPER) >= 1)


@cache
def optimum_share() -> sp.Expr:
    """The limit of n/log d at the least loss: the steps of the module's last paragraph, with alpha = 1/(1+v).

    nan where a step fails. beta = alpha/(1+w); log V_n = -log(pi n)/2 - mu, 0 < mu < 1/(6n), falls in n.
    """
    v, w = sp.symbols("v w", positive=True)
    high, low = (ell / PAPER / (1 + v), ell / PAPER / ((1 + v) * (1 + w)))
    last = sp.factor(PAPER * high - ell) + sp.expand_log(sp.log(sp.pi * high), force=True) / 2  # log of the last term
    gain = sp.simplify(sp.expand_log(sp.log(high / low), force=True) - sp.log(1 + w))  # 0: log(alpha/beta)
    remainders = sp.limit(1 / low, ell, sp.oo)  # of mu at both ends
    steps = sp.limit(last, ell, sp.oo) == -sp.oo and gain == 0 and remainders == 0
    return 1 / PAPER if steps and stirling_steps() and monotone_steps() else sp.nan


def optimum_fault(stmt: Optimum, counts: Sequence[int] = (2, 10, 100)) -> str | None:
    """A d for which some larger dimension certainly has less loss than every n < within log d."""
    for d in counts:
        if d < stmt.first:
            continue
        with precision(BITS):
            edge = enclose(stmt.within, {}) * arb(d).log()
            inside = list(range(1, math.ceil(float(edge.mid()))))
            least = [loss(stmt.reading, n, d) for n in inside]
            for n in (len(inside) + 1, len(inside) + 2, len(inside) + 5):
                value = loss(stmt.reading, n, d)
                if all(value < other for other in least):
                    return f"d={d}: L at n={n} is below L at every n up to {len(inside)}"
    return None
