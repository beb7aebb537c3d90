"""Exact mathematics of the book: sympy derivations and Arb-certified numbers, without torch.

The names below are meant to be called from elsewhere: the partition function of balls and the balance Z = 1, each for
arrays of floats and, as ``certified_...``, as an Arb ball that contains the exact value.
"""

from __future__ import annotations

from assocmem.theory.balance.certified_solution import certified_solve_balance
from assocmem.theory.balance.solution import solve_balance
from assocmem.theory.exact.ball_integrals import log_ball_integral, log_ball_volume, log_partition, paper_radius
from assocmem.theory.exact.certified_ball_integrals import (
    certified_log_ball_integral,
    certified_log_ball_volume,
    certified_log_partition,
    certified_paper_radius,
)

__all__ = [
    "certified_log_ball_integral",
    "certified_log_ball_volume",
    "certified_log_partition",
    "certified_paper_radius",
    "certified_solve_balance",
    "log_ball_integral",
    "log_ball_volume",
    "log_partition",
    "paper_radius",
    "solve_balance",
]
