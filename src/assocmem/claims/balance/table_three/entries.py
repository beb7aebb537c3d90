"""Checks of the entries of Table 3: its sizes, arithmetic and windows, and the figure that shows it (chapter 7)."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance import table_three

FIRST, LAST = Fraction("167.06"), Fraction("333.17")

claim(
    "T3-8",
    {"count": 8, "range": (FIRST, LAST)},
    mutants={
        "twelve sizes": {"count": 12, "range": (FIRST, LAST)},
        "up to the largest D*": {"count": 8, "range": (FIRST, Fraction("309.37"))},
    },
)


@check("T3-8", kind="certified", scope="the twelve printed sizes")
def eight_sizes(stmt: Any) -> Finding:
    """The distinct sizes of the table, counted."""
    sizes = table_three.sizes()
    if (len(sizes), (sizes[0], sizes[-1])) == (stmt["count"], stmt["range"]):
        return Finding.enumerated(f"{len(sizes)} sizes from {float(sizes[0])} to {float(sizes[-1])} million")
    return Finding.fails(f"there are {len(sizes)} from {float(sizes[0])} to {float(sizes[-1])} million", margin="exact")


SIZES = tuple(map(Fraction, ("167.06", "190.38", "214.18", "237.98", "261.78", "285.57", "309.37", "333.17")))
"""The sizes as printed, in millions of tokens."""
claim("T3-UNIF", SIZES, mutants={"without the smallest size": SIZES[1:]})


@check("T3-UNIF", kind="certified", scope="the eight sizes as printed, and every number that prints as they do")
def uniform(stmt: Any) -> Finding:
    """Whether any equally spaced numbers print as the sizes do, in exact arithmetic."""
    bounds = table_three.equal_steps(stmt)
    if bounds is None:
        steps = ", ".join(f"{float(s):.2f}" for s in table_three.steps(stmt))
        off = table_three.distance_to_equal_steps(stmt)
        nearest = [table_three.equal_steps(stmt, off * part) is None for part in (Fraction(999, 1000), Fraction(1))]
        if nearest != [True, False]:
            return Finding.undecided("equal steps are not found at the stated distance, or before it")
        return Finding.fails(
            f"steps {steps}; the nearest equally spaced grid is {float(off):.3f} million away", margin="exact"
        )
    return Finding.enumerated(f"steps from {float(bounds[0]):.4f} to {float(bounds[1]):.4f} million print so")


UNIT = {
    "from": 1,
    "first": 8,
    "seventh": False,
    "off": Fraction("0.205"),
    "unit": (Fraction("261.775") / 11, Fraction("285.575") / 12),
}
claim(
    "T3-UNIF-FIX",
    UNIT,
    mutants={
        "all eight are multiples": {**UNIT, "from": 0, "first": 7},
        "multiples from the seventh on": {**UNIT, "first": 7},
        "167.06 is the seventh multiple": {**UNIT, "seventh": True},
        "nearer to a uniform grid": {**UNIT, "off": Fraction("0.2")},
        "the upper end from the lower end of a rounding interval": {
            **UNIT,
            "unit": (Fraction("261.775") / 11, Fraction("285.565") / 12),
        },
    },
)


@check("T3-UNIF-FIX", kind="certified", scope="the printed sizes with their rounding intervals")
def multiples(stmt: Any) -> Finding:
    """A common unit of seven sizes, its seventh multiple against the eighth, the nearest grid of equal steps."""
    sizes = table_three.sizes()
    unit = table_three.common_unit(sizes[stmt["from"] :], stmt["first"])
    if unit is None:
        return Finding.fails("no unit has the stated multiples", margin="exact")
    if unit != stmt["unit"]:
        return Finding.fails(f"the units run from {unit[0]} to {unit[1]}", margin="exact")
    seventh = 7 * unit[0] - table_three.HALF <= sizes[0] <= 7 * unit[1] + table_three.HALF
    off = table_three.distance_to_equal_steps(sizes)
    if seventh != stmt["seventh"] or off != stmt["off"]:
        return Finding.fails(f"seventh multiple printed as 167.06: {seventh}; distance {float(off)}", margin="exact")
    return Finding.enumerated(f"the unit lies between {float(unit[0]):.5f} and {float(unit[1]):.5f} million")


RATIOS = tuple(row.ratio for row in table_three.ROWS)
claim(
    "T3-ARITH",
    {"ratios": RATIOS, "power": 2},
    mutants={
        "N/D": {"ratios": RATIOS, "power": 1},
        "third ratio 8.39": {"ratios": (*RATIOS[:2], Fraction("8.39")), "power": 2},
    },
)


@check("T3-ARITH", kind="certified", scope="the printed N and D*, and all numbers that print as they do")
def ratios(stmt: Any) -> Finding:
    """N/D*^2 at all corners of the rounding intervals: monotone in both, so the corners bound it."""
    for row, printed in zip(table_three.ROWS, stmt["ratios"], strict=True):
        values = [table_three.ratio(row.size, row.star, stmt["power"])]
        values += table_three.ratio_range(row) if stmt["power"] == 2 else ()
        half = table_three.HALF
        corners = [(row.size + a, row.star + b) for a, b in product((-half, half), repeat=2)]
        extremes = [choose(size / star**2 * 10**4 for size, star in corners) for choose in (min, max)]
        if stmt["power"] == 2 and values[1:] != extremes:
            return Finding.undecided("the corners of the rounding intervals do not bound the ratio")
        if not all(table_three.prints_as(value, printed) for value in values):
            return Finding.fails(f"{float(values[0]):.4f} does not print as {float(printed)}", margin="exact")
    return Finding.enumerated("8.709, 8.793, 8.380; rounding of N and D* moves none of them to another last digit")


claim(
    "T3-WIN",
    {"place": 2, "shift": 2},
    mutants={"the second place": {"place": 1, "shift": 2}, "windows one step apart": {"place": 2, "shift": 1}},
)


@check("T3-WIN", kind="certified", scope="the printed table")
def windows(stmt: Any) -> Finding:
    """The place of D* in every row, and the windows as positions in the list of all sizes."""
    sizes = table_three.sizes()
    starts = [sizes.index(row.tokens[0]) for row in table_three.ROWS]
    runs = all(list(row.tokens) == sizes[k : k + 4] for row, k in zip(table_three.ROWS, starts, strict=True))
    places = {row.chosen for row in table_three.ROWS}
    if runs and places == {stmt["place"]} and starts == [stmt["shift"] * i for i in range(3)]:
        return Finding.enumerated("third of four everywhere; the windows start at the sizes 1, 3 and 5 of eight")
    return Finding.fails(f"places {sorted(places)}, windows start at {starts}, counted from 0", margin="exact")


WINDOW = {"rank": 2, "first": (3, 3, 3), "of": 64, "at most": Fraction(5, 100), "power": Fraction(1)}
claim(
    "X-T3-WINDOW",
    WINDOW,
    mutants={
        "the printed choice comes first": {**WINDOW, "rank": 1, "first": (2, 2, 2)},
        "both within 4 percent": {**WINDOW, "at most": Fraction(4, 100)},
        "every exponent above 1.01": {**WINDOW, "power": Fraction(101, 100)},
    },
)


@check("X-T3-WINDOW", kind="certified", scope="all 64 ways to highlight one size in each row")
def highlighted(stmt: Any) -> Finding:
    """Every way to highlight, ordered by how constant N/D^2 comes out, and the least exponent between the ends."""
    ranked = sorted(table_three.choices(), key=table_three.choice_spread)
    place = ranked.index((2, 2, 2)) + 1
    wide = table_three.choice_spread((2, 2, 2)) - 1
    first, last = table_three.ROWS[0], table_three.ROWS[-1]
    # The end exponent exceeds u/v for every choice if (N3/N1)^v > (D3/D1)^u at the widest ratio of sizes.
    u, v = stmt["power"].numerator, stmt["power"].denominator
    # That D3 > D1 for every choice keeps the exponent positive.
    apart = last.tokens[0] > first.tokens[-1]
    above = apart and (last.size / first.size) ** v > (last.tokens[-1] / first.tokens[0]) ** u
    text = f"rank {place} of {len(ranked)} after {ranked[0]}, spread {float(100 * wide):.2f} percent"
    agrees = (place, ranked[0], len(ranked)) == (stmt["rank"], stmt["first"], stmt["of"])
    if agrees and wide < stmt["at most"] and above:
        return Finding.enumerated(f"{text}; every exponent between the ends exceeds {stmt['power']}")
    return Finding.fails(f"{text}; all exponents above {float(stmt['power'])}: {above}", margin="exact")


claim("T3-12", {"models": 8}, mutants={"three models": {"models": 3}, "thirteen models": {"models": 13}})


@check("T3-12", kind="certified", scope="Table 3: models, pairs of a model and a size")
def figure_models(stmt: Any) -> Finding:
    """Counts of what the table presents as models, configurations or trained networks."""
    models, pairs = len(table_three.ROWS), sum(len(row.tokens) for row in table_three.ROWS)
    if stmt["models"] in (models, pairs):
        return Finding.enumerated(f"the table has {models} models and {pairs} pairs of a model and a size")
    if stmt["models"] > pairs:
        return Finding.fails(f"the table has no more than {pairs} pairs of a model and a size", margin="exact")
    return Finding.ill_defined(
        f"the table has {models} models in {pairs} pairs with a size, and {len(table_three.sizes())} sizes; "
        f"which {stmt['models']} of the pairs are meant is not said"
    )
