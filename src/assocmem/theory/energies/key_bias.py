"""The distance energy as a modern continuous Hopfield energy with a bias on each key.

    E(x) = ``|x|^2`` - log sum_i exp(2 rho_i.x - ``|rho_i|^2``),

for -``|x - rho_i|^2`` is 2 rho_i.x - ``|rho_i|^2`` - ``|x|^2``, and the last term comes out of the sum. Twice the
MCHN energy at beta = 2 is the same without the bias, plus the constants log d and the largest squared norm.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.energies.sandwich import Point
from assocmem.theory.exact.certified import squared_norm, to_arb


@dataclass(frozen=True)
class Biased:
    """quadratic ``|x|^2`` - log sum_i exp(scores rho_i.x + bias ``|rho_i|^2``)."""

    quadratic: Fraction = Fraction(1)
    scores: Fraction = Fraction(2)
    bias: Fraction = Fraction(-1)

    def exponent_residual(self) -> sp.Expr:
        """One coordinate of -(x - rho)^2 minus that of the exponent with the quadratic put back in; 0 for every n."""
        x, rho = sp.symbols("x rho", real=True)
        quadratic, scores, bias = (sp.Rational(v) for v in (self.quadratic, self.scores, self.bias))
        return sp.expand(-((x - rho) ** 2) - (scores * rho * x + bias * rho**2 - quadratic * x**2))

    def value(self, x: Point, rows: tuple[Point, ...]) -> arb:
        """A ball around it at an exact point, its terms added up as they stand, at the working precision."""
        total = arb(0)
        for row in rows:
            product = sum((a * b for a, b in zip(row, x, strict=True)), Fraction(0))
            total += to_arb(self.scores * product + self.bias * squared_norm(row)).exp()
        return to_arb(self.quadratic * squared_norm(x)) - total.log()
