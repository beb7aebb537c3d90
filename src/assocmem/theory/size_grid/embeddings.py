"""Table 3 with the tables of word vectors counted as parameters: what the exponent of N in D* becomes.

The printed N leaves them out. A model of width w and V tokens has one table of V w numbers where input and output
share it (tied), two where they do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from flint import arb

from assocmem.theory.balance.exponent_interval import Box, LogQuotient, exponent_limits
from assocmem.theory.balance.table_three import MILLION, ROWS, Row
from assocmem.theory.exact.certified import to_arb

VOCABULARY = 50_257
"""Tokens of GPT-2's encoding, as Appendix G.1 prints it."""


def counted(tables: int, rows: Sequence[Row] = ROWS) -> tuple[Fraction, ...]:
    """N in millions of parameters with so many tables of word vectors."""
    return tuple(row.size + Fraction(tables * VOCABULARY * row.width, MILLION) for row in rows)


def boxes(tables: int, rows: Sequence[Row] = ROWS) -> tuple[Box, ...]:
    """The boxes (size before D*, D*] of the rows, at N with the tables counted."""
    return tuple(Box(size, row.before, row.star) for size, row in zip(counted(tables, rows), rows, strict=True))


def exponents(tables: int, rows: Sequence[Row] = ROWS) -> tuple[LogQuotient, LogQuotient | None]:
    """Open ends of the exponents p of the laws N = c D^p that pass through all boxes."""
    return exponent_limits(boxes(tables, rows))


def slope(tables: int, way: Literal["log N", "log D*"] = "log N", rows: Sequence[Row] = ROWS) -> arb:
    """The exponent by least squares of log N on log D*, or the reciprocal of that of log D* on log N."""
    x = [to_arb(row.star).log() for row in rows]
    y = [to_arb(size).log() for size in counted(tables, rows)]
    x, y = ([value - sum(values, arb(0)) / len(values) for value in values] for values in (x, y))
    across = sum((a * b for a, b in zip(x, y, strict=True)), arb(0))
    own = sum((a * a for a in x), arb(0)) if way == "log N" else sum((b * b for b in y), arb(0))
    return across / own if way == "log N" else own / across


def data_a_parameter(tables: int, rows: Sequence[Row] = ROWS) -> tuple[tuple[Fraction, Fraction], ...]:
    """Of each row the ends of D/N over its box: (size before D*)/N, excluded, and D*/N."""
    return tuple((box.above / box.size, box.upto / box.size) for box in boxes(tables, rows))
