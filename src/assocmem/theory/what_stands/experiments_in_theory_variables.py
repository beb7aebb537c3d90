"""The paper's three experiments in the variables of its theory: what Section 5 says of the numbers that are reported.

The theory's n is T_max d_emb and its d is D/T_max (equation (2)). All inputs are printed in the paper; nothing is run.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from assocmem.theory.balance.table_rule import first_below, theory_gap
from assocmem.theory.balance.table_three import MILLION, ROWS
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_paper_radius
from assocmem.theory.exact.distances import PAPER, Distance
from assocmem.theory.question_formation.experiment import Plateau


@dataclass(frozen=True)
class Radius:
    """F.1: the distance between nearest activations of GPT-2 medium should be about 2 sqrt(n/(2 pi e))."""

    distance: Fraction = Fraction(20)
    tokens: int = 256
    width: int = 1024

    @property
    def n(self) -> int:
        """Dimension of a sequence."""
        return self.tokens * self.width

    def predicted(self) -> arb:
        """Twice the radius of equation (14)."""
        return 2 * certified_paper_radius(self.n)

    def mismatch(self, distance: Distance = PAPER) -> str | None:
        """The two numbers, if their ratio certainly exceeds 2."""
        ratio = self.predicted() / to_arb(self.distance)
        if ratio > 2 or ratio < arb(0.5):
            return f"F.1: distance {float(self.predicted().mid()):.1f} predicted, {self.distance} reported"
        return None


@dataclass(frozen=True)
class Grid:
    """F.3: the data size that the rule chooses in each row of Table 3, the first whose squared gap is below sigma^2."""

    chosen: tuple[int, ...] = tuple(row.chosen for row in ROWS)

    def mismatch(self, distance: Distance = PAPER) -> str | None:
        """What is chosen against what the rule gives for the theory's gap, which is 0 where every pattern has g = 0."""
        if not all(theory_gap(distance, 5, (held_out,)) == 0 for held_out in range(5)):
            return None
        expected = tuple(first_below([Fraction(0)] * len(row.tokens)) for row in ROWS)
        if expected != self.chosen:
            return "F.3: training and validation loss agree in the theory, so its rule would choose every first size"
        return None


Experiment = Radius | Plateau | Grid
REPORTED: tuple[Experiment, ...] = (Radius(), Plateau(), Grid())
BY_WIDTH: tuple[Experiment, ...] = (Radius(tokens=1), Plateau(tokens=1, data=400), Grid())
"""The same with n = d_emb, against equation (2), and the 400 patterns of F.2 as before."""


def predicted() -> tuple[Experiment, ...]:
    """The three experiments with numbers that the theory would give."""
    with precision(64):
        distance = Fraction(round(float(Radius().predicted().mid())))
        loss = Fraction(round(float(Plateau().least_loss().mid())))
    return Radius(distance), Plateau(loss), Grid((0, 0, 0))


TOKENS_PER_STEP, BEST_STEP = 491_520, 6000
"""Tokens in a step, and the step of the least validation loss (Appendix G)."""


def passes(tokens: Fraction) -> Fraction:
    """How often data of this many million tokens have been drawn up to the step of the least validation loss."""
    return Fraction(TOKENS_PER_STEP * BEST_STEP, MILLION) / tokens
