"""Checks of when the bounds of the corrected Proposition 3 are equalities, and when they are only approached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import sandwich, tightness
from assocmem.theory.energies.sandwich import Point
from assocmem.theory.energies.tightness import Rows
from assocmem.theory.exact.certified import precision
from assocmem.theory.logsumexp import induction

SETS: tuple[Rows, ...] = tuple(
    tuple(tuple(Fraction(c) for c in row) for row in rows)
    for rows in (
        ((0,), (3,)),
        ((-1,), (1,)),
        ((5,), (5,)),
        ((-2,), (0,), (2,)),
        ((-2,), (0,), (1,)),
        ((0,), (0,), (3,)),
        ((0, 0), (3, 4), (1, 0)),
        ((3, 4), (5, 0)),
        ((1, 1), (1, -1), (-1, 1), (-1, -1)),
        ((1, 1), (1, -1), (-1, 1), (-1, -1), (0, 0)),
        ((0, 3), (-3, -2), (3, -2), (0, 0)),
        ((1,), (1,), ("11/10",)),
    )
)
MET = (SETS[2], SETS[-1])
"""Sets for which the stated distance to the lower bound is nearly met: equal patterns, and a gap between the norms."""
VALUES = tuple(Fraction(v) for v in ("0", "3/2", "1", "-1/2", "-20"))
BITS, ZERO = 4096, 1e-100


def _points(size: int) -> list[Point]:
    return [(value, *([value / 3] * (size - 1))) for value in VALUES]


@dataclass(frozen=True)
class Ceiling:
    """g - M <= level <= 0, an equality on the left exactly where ``touched``, on the right exactly if ``zero``."""

    level: Callable[[Rows], arb] = tightness.level
    touched: Callable[[Rows, Point], bool] = tightness.equally_far
    zero: Callable[[Rows], bool] = tightness.equal_norms


claim(
    "P3-UP",
    Ceiling(),
    mutants={
        "0 in place of the mean": Ceiling(level=lambda rows: arb(0)),
        "touched everywhere": Ceiling(touched=lambda rows, x: True),
        "touched by equal norms": Ceiling(touched=lambda rows, x: tightness.equal_norms(rows)),
        "0 for two patterns": Ceiling(zero=lambda rows: len(rows) == 2),
    },
)


@check("P3-UP", kind="symbolic", scope="all n (by coordinate), all d (by induction), all patterns and points")
def ceiling(stmt: Ceiling) -> Finding:
    """d exp(g - M) is the sum of exp(v_i) t_i with t_i = exp(-(d_i - g)) in (0, 1] and v_i = |rho_i|^2 - xi^2 <= 0.

    It is at most the sum of exp(v_i), and is that only where all t_i are 1; the sum of exp(v_i) is at most d, and is
    that only if all v_i are 0.
    """
    completed = sandwich.square_residual() == 0
    counted = tightness.weighted_step() and induction.sum_step() and induction.equality_step()
    if completed and counted and stmt == Ceiling():
        return Finding.holds(
            "equal on the left where all t_i = 1, on the right where all |rho_i| = xi", margin="0 there"
        )
    return Finding.undecided("the count gives the mean of exp(v_i), equal distances and equal norms")


@check("P3-UP", kind="certified", scope="twelve exact sets of patterns, five points each")
def ceiling_points(stmt: Ceiling) -> Finding:
    """Both slacks are certainly positive, or zero to a hundred digits, as the statement says."""
    with precision(BITS):
        for rows in SETS:
            level = stmt.level(rows)
            if not (level < ZERO and (abs(level) < ZERO) == stmt.zero(rows)):
                return Finding.fails(f"{len(rows)} patterns: the level is {float(level.mid()):.4g}", margin="certified")
            for x in _points(len(rows[0])):
                values = sandwich.quantities(x, rows)
                slack = level - values["g"] + values["M"]
                if not (slack > -ZERO and (abs(slack) < ZERO) == stmt.touched(rows, x)):
                    text = f"{len(rows)} patterns, x=({', '.join(map(str, x))}): the slack is {float(slack.mid()):.4g}"
                    return Finding.fails(text, margin="certified")
    return Finding.survived(f"as stated at {len(SETS) * len(VALUES)} exact points")


@dataclass(frozen=True)
class Floor:
    """For d >= 2, g - M > -delta - log d: approached for the sets ``approached``, else ``left`` away at least."""

    approached: Callable[[Rows], bool] = tightness.lone_least_vertex
    left: Callable[[Rows], arb] = tightness.distance_left


def _any_vertex(rows: Rows) -> bool:
    return any(not tightness.is_mean_of(row, [*rows[:i], *rows[i + 1 :]]) for i, row in enumerate(rows))


claim(
    "P3-LOW",
    Floor(),
    mutants={
        "always approached": Floor(approached=lambda rows: True),
        "never approached": Floor(approached=lambda rows: False),
        "for any vertex that occurs once": Floor(approached=_any_vertex),
        "twice as far away": Floor(left=lambda rows: 2 * tightness.distance_left(rows)),
    },
)


@check(
    "P3-LOW",
    kind="symbolic",
    scope="all n (by coordinate), all d >= 2, all patterns and points",
    in_words="a point that is no vertex of a convex hull is a mean of the others; some term is at least the mean",
)
def floor(stmt: Floor) -> Finding:
    """The gap d_j - d_i is affine in x: along a ray on which all gaps grow, the other terms vanish.

    For a pattern that is a mean of the others (or occurs twice) the mean of the gaps is a constant, at most delta, so a
    second term is at least exp(-2 delta). Where a pattern of larger norm is nearest, its own term is larger.
    """
    affine = tightness.ray_residual() == 0 and tightness.ray_limit() == 0
    if sandwich.square_residual() == 0 and affine and tightness.second_term_residual() == 0 and stmt == Floor():
        return Finding.holds(
            "d exp(g - M) = exp(v_i) + positive terms, all of which vanish along a ray or one does not"
        )
    return Finding.undecided("the ray exists for a vertex of least norm that occurs once")


@check(
    "P3-LOW", kind="certified", scope="twelve exact sets of patterns; points near, and far in all directions of a grid"
)
def floor_points(stmt: Floor) -> Finding:
    """The distance to the bound is certainly positive; below 1e-30 at a far point, or as large as stated everywhere."""
    with precision(BITS):
        for rows in SETS:
            size = len(rows[0])
            gaps = [tightness.above_floor(rows, x) for x in [*_points(size), *tightness.far_points(size)]]
            near = any(gap < 1e-30 for gap in gaps)
            if not all(gap > 0 for gap in gaps):
                return Finding.fails(f"{len(rows)} patterns: the bound is reached", margin="certified")
            if near != stmt.approached(rows):
                word = "approached" if near else f"{float(tightness.distance_left(rows).mid()):.4g} away at least"
                return Finding.fails(
                    f"{len(rows)} patterns, the first {rows[0]}: the bound is {word}", margin="certified"
                )
            if not near and not all(gap > stmt.left(rows) - ZERO for gap in gaps):
                return Finding.fails(f"{len(rows)} patterns: nearer to the bound than stated", margin="certified")
            if rows in MET and not any(gap < stmt.left(rows) + 1e-3 for gap in gaps):
                return Finding.fails(f"{len(rows)} patterns: farther from the bound than stated", margin="certified")
    return Finding.survived(f"as stated for {len(SETS)} sets of patterns")
