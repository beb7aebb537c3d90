"""Checks of Table 3 with the tables of word vectors counted, and of the data that it gives a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance import exponent_interval
from assocmem.theory.exact.certified import precision
from assocmem.theory.size_grid import embeddings


@dataclass(frozen=True)
class Counted:
    """N in millions, slopes and ends of the exponents, with one and two tables of word vectors; decimals as text."""

    sizes: tuple[tuple[str, ...], ...] = (("87.90", "124.59", "152.57"), ("135.84", "188.92", "224.94"))
    slopes: tuple[str, str, str] = ("1.900", "1.508", "1.381")
    ends: tuple[tuple[str, str], ...] = (("1.136", "1.917"), ("1.039", "1.753"))
    square: bool = False


claim(
    "X-BAL-EMBED",
    Counted(),
    mutants={
        "the square passes": Counted(square=True),
        "the slope stays": Counted(slopes=("1.900",) * 3),
        "the ends stay": Counted(ends=(("1.435", "2.423"),) * 2),
        "without the second table": Counted(sizes=(("87.90", "124.59", "152.57"),) * 2),
    },
)


@check(
    "X-BAL-EMBED",
    kind="certified",
    scope="the three rows, one and two tables of 50,257 vectors, printed numbers as exact",
)
def with_tables_counted(stmt: Counted) -> Finding:
    """Exact sizes, and in certified balls slopes by least squares and ends of the exponents that pass the boxes."""
    sizes = tuple(tuple(f"{float(size):.2f}" for size in embeddings.counted(k)) for k in (1, 2))
    with precision(128):
        slopes = tuple(f"{float(embeddings.slope(k).mid()):.3f}" for k in (0, 1, 2))
    ends = tuple(tuple("none" if e is None else f"{float(e):.3f}" for e in embeddings.exponents(k)) for k in (1, 2))
    square = [
        exponent_interval.multiple_passes(exponent_interval.power(Fraction(2)), embeddings.boxes(k)) for k in (1, 2)
    ]
    shown = f"slopes {', '.join(slopes)}; exponents between {' and '.join(ends[0])}, and {' and '.join(ends[1])}"
    if (sizes, slopes, ends) == (stmt.sizes, stmt.slopes, stmt.ends) and square == [stmt.square] * 2:
        return Finding.enumerated(shown)
    return Finding.fails(shown, margin="certified")


@dataclass(frozen=True)
class Proportion:
    """D*/N of the rows, to three decimals, whether some D = c N passes all boxes, and which boxes D = 5 N does."""

    ratios: tuple[str, str, str] = ("5.361", "4.344", "3.857")
    common: bool = False
    five: tuple[bool, bool, bool] = (True, False, False)


claim(
    "X-BAL-AKAIKE-T3",
    Proportion(),
    mutants={
        "some factor passes": Proportion(common=True),
        "five passes everywhere": Proportion(five=(True,) * 3),
        "the sizes before": Proportion(ratios=("4.765", "3.949", "3.561")),
    },
)


@check("X-BAL-AKAIKE-T3", kind="certified", scope="the three rows of Table 3, printed numbers as exact")
def one_factor_for_all_rows(stmt: Proportion) -> Finding:
    """D*/N, and whether the intervals of D/N that the boxes leave have a common point."""
    spans = embeddings.data_a_parameter(0)
    ratios = tuple(f"{float(high):.3f}" for _, high in spans)
    common = max(low for low, _ in spans) < min(high for _, high in spans)
    five = tuple(low < 5 <= high for low, high in spans)
    shown = "; ".join(f"{float(low):.3f} < D/N <= {float(high):.3f}" for low, high in spans)
    if (ratios, common, five) == (stmt.ratios, stmt.common, stmt.five):
        return Finding.enumerated(shown)
    return Finding.fails(shown, margin="exact")
