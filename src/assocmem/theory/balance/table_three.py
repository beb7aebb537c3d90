"""Table 3 of the paper as exact data, with the intervals that its rounding leaves, and what arithmetic says of it.

Sizes are in millions, as printed: N of parameters in the Transformer layers, D of training tokens. An entry printed
with two decimals stands for every number within half of the last digit. Widths, depth and context: Appendix G.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise, product

MILLION = 10**6
HALF = Fraction(1, 200)
"""Half of the last printed digit."""
THRESHOLD = Fraction(4, 100)
"""sigma^2, the bound on the mean squared error."""
CONTEXT = 1024
"""T_max in tokens."""
LAYERS = 8

Interval = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Row:
    """One model of Table 3: the sizes of data tried, the printed errors, and which size is highlighted."""

    size: Fraction
    tokens: tuple[Fraction, ...]
    errors: tuple[Fraction, ...]
    chosen: int
    ratio: Fraction
    width: int

    @property
    def star(self) -> Fraction:
        """D*, the highlighted size of the data in millions of tokens."""
        return self.tokens[self.chosen]

    @property
    def before(self) -> Fraction:
        """The largest size tried below D*.

        Raises
        ------
        ValueError
            Where D* is the smallest size tried.
        """
        if self.chosen == 0:
            raise ValueError(f"no size was tried below D*={float(self.star)}")
        return self.tokens[self.chosen - 1]

    @property
    def dimension(self) -> int:
        """n = T_max d_emb, the dimension of a sequence in the theory."""
        return CONTEXT * self.width

    @property
    def samples(self) -> Fraction:
        """d = D*/T_max, the number of sequences."""
        return self.star * MILLION / CONTEXT


def _row(size: str, tokens: str, errors: str, ratio: str, width: int) -> Row:
    first, second = (tuple(Fraction(word) for word in text.split()) for text in (tokens, errors))
    return Row(Fraction(size), first, second, 2, Fraction(ratio), width)


ROWS = (
    _row("39.95", "167.06 190.38 214.18 237.98", "0.07 0.05 0.04 0.04", "8.71", 954),
    _row("60.26", "214.18 237.98 261.78 285.57", "0.05 0.04 0.02 0.02", "8.79", 1280),
    _row("80.20", "261.78 285.57 309.37 333.17", "0.05 0.04 0.02 0.02", "8.38", 1440),
)
"""Table 3 as printed; the last column is N/D*^2 in units of 10^-10 per token."""


def sizes(rows: Sequence[Row] = ROWS) -> list[Fraction]:
    """The distinct sizes of data, ascending."""
    return sorted({tokens for row in rows for tokens in row.tokens})


def steps(values: Sequence[Fraction]) -> list[Fraction]:
    """Differences of neighbors."""
    return [b - a for a, b in pairwise(values)]


def ratio(size: Fraction, tokens: Fraction, power: int = 2) -> Fraction:
    """N/D^power in units of 10^-10 for power 2 (N and D in millions)."""
    return size / tokens**power * 10**4


def ratio_range(row: Row) -> Interval:
    """Smallest and largest N/D*^2, in units of 10^-10, over all N and D* that print as the row does."""
    low, high = ((row.size - s * HALF, row.star + s * HALF) for s in (1, -1))
    return ratio(*low), ratio(*high)


def prints_as(value: Fraction, printed: Fraction, half: Fraction = HALF) -> bool:
    """Whether a value lies strictly within half of the last digit of the printed one."""
    return abs(value - printed) < half


def spread(values: Sequence[Fraction]) -> Fraction:
    """Largest over smallest."""
    return max(values) / min(values)


def column(index: int, rows: Sequence[Row] = ROWS) -> list[Fraction]:
    """N/D^2 in every row if D* were the ``index``-th of the four sizes, counted from 0."""
    return [ratio(row.size, row.tokens[index]) for row in rows]


def choices(rows: Sequence[Row] = ROWS) -> list[tuple[int, ...]]:
    """Every way to highlight one size in each row."""
    return list(product(*(range(len(row.tokens)) for row in rows)))


def choice_spread(choice: Sequence[int], rows: Sequence[Row] = ROWS) -> Fraction:
    """How far N/D^2 varies over the rows for one way to highlight."""
    return spread([ratio(row.size, row.tokens[k]) for row, k in zip(rows, choice, strict=True)])


# Equal steps.


def equal_steps(values: Sequence[Fraction], half: Fraction = HALF) -> Interval | None:
    """All steps h for which some a + k h lies within ``half`` of the k-th value, for every k; None if there is none.

    Intervals on a line that meet in pairs have a common point, so it is enough to look at pairs of values.
    """
    pairs = list(combinations(range(len(values)), 2))
    low = max((values[j] - values[i] - 2 * half) / (j - i) for i, j in pairs)
    high = min((values[j] - values[i] + 2 * half) / (j - i) for i, j in pairs)
    return (low, high) if low <= high else None


def distance_to_equal_steps(values: Sequence[Fraction]) -> Fraction:
    """The smallest ``half`` for which ``equal_steps`` finds one: the distance to the nearest equally spaced grid."""
    pairs = list(combinations(range(len(values)), 2))
    slopes = [((values[j] - values[i]) / (j - i), Fraction(1, j - i)) for i, j in pairs]
    return max((a - b) / (2 * (u + v)) for a, u in slopes for b, v in slopes)


def common_unit(values: Sequence[Fraction], first: int, half: Fraction = HALF) -> Interval | None:
    """All h for which first*h, (first+1)*h, ... lie within ``half`` of the values; None if there is none."""
    low = max((value - half) / k for k, value in enumerate(values, start=first))
    high = min((value + half) / k for k, value in enumerate(values, start=first))
    return (low, high) if low <= high else None


# The variables of the theory.


def own_ratios(power: int, rows: Sequence[Row] = ROWS) -> list[Fraction]:
    """n/d^power in every row."""
    return [row.dimension / row.samples**power for row in rows]


def shape(row: Row) -> Fraction:
    """A l d_emb/T_max, which turns n into N by equation (2): N/n."""
    return row.size * MILLION / row.dimension
