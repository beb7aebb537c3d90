"""The Question-Formation experiment in the variables of the theory: what equation (14) and other values of Z give.

The loss of Proposition 4 is log Z + 1/Z. It falls for Z < 1 and rises for Z > 1, so an interval of Z confines it; at
Z = 1 alone it is 1. With the radius free, Z = d I_n(r) rises from 0 to d pi^(n/2), so exactly one radius has Z = 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import sympy as sp
from flint import arb

from assocmem.theory.balance.table_three import ROWS, ratio
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import (
    certified_log_ball_integral,
    certified_log_ball_volume,
    certified_log_partition,
    certified_paper_radius,
)
from assocmem.theory.exact.distances import PAPER, Distance
from assocmem.theory.partition.printed_integral import certified_printed_log_ball_integral

Reading = Literal["lower end", "printed form", "exact", "upper end"]
READINGS: tuple[Reading, ...] = ("lower end", "printed form", "exact", "upper end")
"""The two ends of equation (14), the closed form of equation (13) as printed, and the integral itself."""
LONGEST = 36
"""Tokens of the longest line with the end of line; ``assocmem.language.questions.facts`` counts them."""
MATRICES = 12
"""A = N/(l d_emb^2) of a block with attention and a feed-forward layer of four times the width."""
BITS = 192


@dataclass(frozen=True)
class Plateau:
    """F.2: the loss on Question-Formation should be about log Z + 1/Z, which the bounds of equation (14) confine."""

    loss: Fraction = Fraction(1)
    tokens: int = 5000
    width: int = 512
    data: int = 2_000_000

    @property
    def n(self) -> int:
        """Dimension of a sequence."""
        return self.tokens * self.width

    @property
    def d(self) -> Fraction:
        """Number of patterns, D/T_max."""
        return Fraction(self.data, self.tokens)

    def largest_partition(self) -> arb:
        """d V_n(r), the upper end of equation (14)."""
        return to_arb(self.d) * certified_log_ball_volume(self.n, certified_paper_radius(self.n)).exp()

    def least_loss(self) -> arb:
        """log z + 1/z at the upper end z; the least value of the formula on (0, z] while z < 1, where it falls."""
        z = self.largest_partition()
        return z.log() + 1 / z if z < 1 else arb(1)

    def mismatch(self, distance: Distance = PAPER) -> str | None:
        """The two numbers, if the formula's least value certainly exceeds the reported loss by a half of it."""
        least = self.least_loss()
        if least > to_arb(self.loss) * 3 / 2:
            return f"F.2: loss at least {float(least.mid()):.2f} by the formula, {self.loss} reported"
        return None


def log_partition(setting: Plateau, reading: Reading) -> arb:
    """log Z of d patterns at the radius of equation (14).

    Raises
    ------
    ValueError
        For another reading.
    """
    if reading not in READINGS:
        raise ValueError(f"reading must be one of {READINGS}, got {reading!r}")
    with precision(BITS):
        radius = certified_paper_radius(setting.n, bits=BITS)
        if reading == "exact":
            return certified_log_partition(setting.n, radius, setting.d, bits=BITS)
        if reading == "printed form":
            return to_arb(setting.d).log() + certified_printed_log_ball_integral(setting.n, radius, bits=BITS)
        upper = to_arb(setting.d).log() + certified_log_ball_volume(setting.n, radius, bits=BITS)
        return upper if reading == "upper end" else upper - radius


def formula(log_z: arb) -> arb:
    """log Z + 1/Z, the loss by Proposition 4."""
    with precision(BITS):
        return log_z + (-log_z).exp()


def magnitude(value: arb) -> str:
    """A positive number with four digits, or as a power of ten where it has more than four digits."""
    with precision(BITS):
        if value < 10**4:
            return f"{float(value.mid()):.4g}"
        return f"1e{int(float((value.log() / arb(10).log()).floor().mid()))}"


def allows_one(setting: Plateau) -> bool | None:
    """Whether equation (14) leaves room for Z = 1, the only place where the formula is 1; None if undecided."""
    low, high = log_partition(setting, "lower end"), log_partition(setting, "upper end")
    if low < 0 and high > 0:
        return True
    return False if low > 0 or high < 0 else None


def by_logarithm(u: sp.Expr) -> sp.Expr:
    """The formula in u = log Z: u + e^-u."""
    return u + sp.exp(-u)


def scalar_steps() -> bool:
    """d/du (u + e^-u) = 1 - e^-u for u = log Z: negative below 0, positive above, so the formula is least at Z = 1."""
    v = sp.Symbol("v", positive=True)
    u = sp.Symbol("u", real=True)
    slope = sp.diff(by_logarithm(u), u)
    falls = (sp.exp(-v) * slope.subs(u, -v)).simplify() - (sp.exp(-v) - 1)
    rises = slope.subs(u, v) - (1 - sp.exp(-v))
    return bool(sp.simplify(falls) == 0 and sp.simplify(rises) == 0 and by_logarithm(u).subs(u, 0) == 1)


def takes_all_above() -> bool:
    """u + e^-u, continuous with the value 1 at u = 0, has no upper bound: it takes every value from 1 on."""
    u = sp.Symbol("u", real=True)
    value = by_logarithm(u)
    return bool(value.subs(u, 0) == 1 and sp.limit(value, u, sp.oo) == sp.oo)


def by_depth(first: int, second: int) -> tuple[Fraction, bool]:
    """N of the second depth over that of the first by equation (2), for every A; whether depth enters n or d.

    Raises
    ------
    ArithmeticError
        If the formula for N is not what ``block_parameters`` counts.
    """
    a, layers, width, length, data = sp.symbols("A l d_emb T_max D", positive=True)
    size = a * layers * width**2
    if size.subs({a: MATRICES, layers: first, width: Plateau().width}) != block_parameters(first):
        raise ArithmeticError("A l d_emb^2 and the count of block_parameters differ")
    quotient = sp.simplify(size.subs(layers, second) / size.subs(layers, first))
    return Fraction(int(quotient.p), int(quotient.q)), (length * width).has(layers) or (data / length).has(layers)


def log_partition_at(setting: Plateau, radius: Fraction) -> arb:
    """log Z of the integral itself at any radius, certified."""
    return certified_log_partition(setting.n, radius, setting.d, bits=BITS)


@dataclass(frozen=True)
class UnitRadius:
    """The radius with d I_n(r) = 1, between ``low`` and ``low + unit``."""

    low: Fraction
    unit: Fraction

    def loss_beside(self, setting: Plateau, share: Fraction) -> tuple[arb, arb]:
        """The formula at the radius made smaller and larger by this share of it; certified, the balls being wide."""
        losses = []
        for end, factor in ((self.low, 1 - share), (self.low + self.unit, 1 + share)):
            losses.append(formula(log_partition_at(setting, end * factor)))
        return losses[0], losses[1]


def unit_radius(setting: Plateau, digits: int = 6) -> UnitRadius:
    """Encloses the one r with Z = 1 to so many decimals, by halving; Z rises with r."""
    unit = Fraction(1, 10**digits)
    low, high = 1, int(2 * 10**digits * setting.n**0.5)
    while high - low > 1:
        middle = (low + high) // 2
        below = certified_log_ball_integral(setting.n, middle * unit) + to_arb(setting.d).log() < 0
        low, high = (middle, high) if below else (low, middle)
    return UnitRadius(low * unit, unit)


def block_parameters(layers: int, width: int = Plateau().width, matrices: int = MATRICES) -> int:
    """N = A l d_emb^2: what the blocks of a model hold, without embeddings."""
    return matrices * layers * width**2


def against_table(layers: int, tokens: int = Plateau().data) -> Fraction:
    """N/D^2 of a model, over the largest of the three ratios of Table 3 (in 10^-10 parameters per squared token)."""
    largest = max(ratio(row.size, row.star) for row in ROWS)
    return Fraction(block_parameters(layers), tokens**2) * 10**10 / largest
