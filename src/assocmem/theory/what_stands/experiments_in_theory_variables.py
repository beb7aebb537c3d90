"""The paper's three experiments in the variables of its theory: what Section 5 says of the numbers that are reported.

The theory's n is T_max d_emb and its d is D/T_max (equation (2)). All inputs are printed in the paper; nothing is run.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from assocmem.theory.balance.table_rule import first_below, theory_gap
from assocmem.theory.balance.table_three import CONTEXT, MILLION, ROWS
from assocmem.theory.exact.certified import to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_volume, certified_paper_radius
from assocmem.theory.exact.distances import PAPER, Distance
from assocmem.theory.question_formation.experiment import Plateau

PATTERNS = 5
"""Stored patterns of which each in turn is held out."""


@dataclass(frozen=True)
class Radius:
    """F.1: sequences of so many tokens should be about 2 sqrt(n/(2 pi e)) apart; activations were measured.

    The activations are those at one position, so that with more than one token their distance is a lower bound only.
    """

    distance: Fraction
    tokens: int
    width: int

    @property
    def n(self) -> int:
        """Dimension of a sequence."""
        return self.tokens * self.width

    def predicted(self) -> arb:
        """Twice the radius of equation (14)."""
        return 2 * certified_paper_radius(self.n)

    def purpose(self) -> bool:
        """Whether the balls whose diameter is predicted have the volume that the radius is chosen for.

        By Stirling's formula log V_n(sqrt(n/(2 pi e))) + log(pi n)/2 lies between -1/n and 0.
        """
        excess = certified_log_ball_volume(self.n, self.predicted() / 2) + (arb.pi() * self.n).log() / 2
        return bool(excess < 0 and excess * self.n > -1)

    def mismatch(self, distance: Distance = PAPER) -> str | None:
        """The two numbers, if their ratio certainly exceeds 2."""
        ratio = self.predicted() / to_arb(self.distance)
        if ratio > 2 or 1 / ratio > 2:
            what = "" if self.tokens == 1 else " of sequences"
            where = "" if self.tokens == 1 else " at one position, which bounds that from below only"
            return f"F.1: distance {float(self.predicted().mid()):.1f}{what} predicted, {self.distance} reported{where}"
        return None


@dataclass(frozen=True)
class Grid:
    """F.3: the data size that the rule chooses in each row of Table 3, the first whose squared gap is below sigma^2."""

    chosen: tuple[int | None, ...] = tuple(row.chosen for row in ROWS)

    def expected(self, distance: Distance = PAPER) -> tuple[int | None, ...] | None:
        """What the rule gives for the theory's gap, if that is 0, as where all patterns have g = 0; else None."""
        if not all(theory_gap(distance, PATTERNS, (held_out,)) == 0 for held_out in range(PATTERNS)):
            return None
        return tuple(first_below([Fraction(0) for _ in row.tokens]) for row in ROWS)

    def mismatch(self, distance: Distance = PAPER) -> str | None:
        """What is chosen against what the rule gives in the theory."""
        expected = self.expected(distance)
        if expected is None or expected == self.chosen:
            return None
        sizes = ", ".join("none" if k is None else f"{float(ROWS[i].tokens[k]):.2f}" for i, k in enumerate(expected))
        return f"F.3: both losses are equal in the theory, so its rule would choose {sizes} million tokens"


Experiment = Radius | Plateau | Grid


def passes(tokens: Fraction, steps: int, tokens_per_step: int) -> Fraction:
    """How often data of this many million tokens are drawn in so many steps."""
    return Fraction(steps * tokens_per_step, MILLION) / tokens


def parameters_per_token() -> list[Fraction]:
    """N/D of the twelve pairs of Table 3, ascending."""
    return sorted(row.size / tokens for row in ROWS for tokens in row.tokens)


def parameters_per_sample() -> list[Fraction]:
    """N over the number of sequences of the context's length, ascending."""
    return [CONTEXT * share for share in parameters_per_token()]
