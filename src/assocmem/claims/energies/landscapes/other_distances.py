"""Checks of what metrics other than the squared distance store, and of the shape of their energy."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import other_distances, taxicab
from assocmem.theory.exact.certified import sign, to_arb
from assocmem.theory.exact.distances import NAMED, Point, Rows
from assocmem.theory.exact.residual import nonzero_point
from assocmem.theory.logsumexp.lemmas import lagrange_step

LINE = NAMED["l1"]


S = sp.Symbol("S", positive=True)
claim(
    "X-METRIC-STORE",
    {"bound": sp.Integer(1), "radius": sp.log(1 / S)},
    mutants={
        "twice the radius": {"bound": sp.Integer(1), "radius": 2 * sp.log(1 / S)},
        "99/100 of the radius": {"bound": sp.Integer(1), "radius": 99 * sp.log(1 / S) / 100},
        "S below 3/2": {"bound": sp.Rational(3, 2), "radius": sp.log(1 / S)},
        "the radius grows with S": {"bound": sp.Integer(1), "radius": sp.log(2 / S)},
    },
)
ONE_SIDED: tuple[Rows, ...] = tuple(
    tuple((Fraction(c),) for c in row)
    for row in (
        ("0", "1", "3/2"),
        ("0", "1/2", "1"),
        ("0", "1/4", "3/4"),
        ("0", "2", "9/4", "5"),
        ("0", "3"),
    )
)
"""Patterns on the line, all to the right of the first: the triangle inequality is an equality toward them."""


@check(
    "X-METRIC-STORE",
    kind="symbolic",
    scope="any metric, any number of patterns, any inverse temperature",
    in_words="the triangle inequality term by term, summed over the patterns",
)
def triangle_keeps(stmt: Any) -> Finding:
    """The gain factors into (1 - e^-t)(1 - S e^t); b d is a metric too. On the line the bound is attained.

    The factors are positive for 0 < t < log(1/S). With all other patterns to the right of the first and no nearer than
    t, E(t) - E(0) is exactly the logarithm of this ratio, so beyond log(1/S) the energy is lower.
    """
    if other_distances.gain_residual() != 0:
        return Finding.undecided("the gain did not factor")
    exact = sp.log(1 / S)
    if sp.simplify(sp.expand_log(stmt["radius"] - exact)) == 0 and stmt["bound"] == 1:
        return Finding.holds("E(x) > E(rho_i) for 0 < t < log(1/S); equality at log(1/S) on the line", margin="0 there")
    half = stmt["radius"].subs(S, sp.Rational(1, 2)) - sp.log(2)
    if stmt["bound"] == 1 and half.is_negative:
        return Finding.fails("at S = 1/2 the radius can be raised to log 2", margin=str(sp.N(-half, 4)))
    return Finding.undecided("the gain is positive for S < 1 up to log(1/S) and negative beyond")


@check("X-METRIC-STORE", kind="certified", scope="five exact one-sided sets on the line")
def one_sided_points(stmt: Any) -> Finding:
    """Certified order of E at points within the stated radius, wherever S is certainly below the stated bound."""
    for rows in ONE_SIDED:
        crowding = other_distances.crowding(LINE, rows, 0)
        crowd = float(crowding.mid())
        if not abs((-LINE.energy(rows[0], rows)).exp() - 1 - crowding) * 10**10 < 1:
            return Finding.violated("the crowding is not that of the energy at the pattern")
        if not crowd < float(stmt["bound"]):
            continue
        radius = Fraction(float(stmt["radius"].subs(S, sp.Float(crowd)))).limit_denominator(10**6)
        steps = [radius * k / 10 for k in (1, 5, 9)] if radius > 0 else [Fraction(1, 1000)]
        for step in steps:
            if sign(lambda: LINE.energy((step,), rows) - LINE.energy(rows[0], rows)) == -1:  # noqa: B023
                shown = ", ".join(str(row[0]) for row in rows)
                return Finding.fails(f"D={{{shown}}}: E({step}) < E(0) with S = {crowd:.4f}", margin="certified")
    return Finding.survived("no lower point within the radius")


r_half, beta = sp.symbols("r beta", positive=True)
claim(
    "X-NORM-BENDS",
    sp.log(sp.cosh(beta * r_half)) / beta,
    mutants={
        "twice the argument": sp.log(sp.cosh(2 * beta * r_half)) / beta,
        "sign flipped": -sp.log(sp.cosh(beta * r_half)) / beta,
        "that of the squared distance": 3 * beta * r_half**2,
    },
)


@check("X-NORM-BENDS", kind="symbolic", scope="two patterns, any norm, dimension and inverse temperature")
def bends_at_the_middle(stmt: sp.Expr) -> Finding:
    """From the distances r, r at the middle and 0, 2r at the patterns: (1/b) log cosh(b r), and cosh > 1."""
    exact = other_distances.two_pattern_excess(r_half, beta)
    point = nonzero_point([stmt - exact])
    if point is not None:
        return Finding.fails(f"at {point[0]} the stated excess is off by {point[1]}", margin=point[1])
    positive = (sp.cosh(r_half) - 1).rewrite(sp.exp)
    squared = sp.simplify(positive - (sp.exp(r_half / 2) - sp.exp(-r_half / 2)) ** 2 / 2)
    if other_distances.cosh_residual() == 0 and stmt == sp.log(sp.cosh(beta * r_half)) / beta and squared == 0:
        return Finding.holds("cosh(b r) - 1 is half a square, so the excess is positive for every r and b")
    return Finding.undecided("the stated excess was not recognized")


@check("X-NORM-BENDS", kind="certified", scope="l1, Euclidean and linf, two pairs in the plane, b = 1/8 and 3")
def bends_points(stmt: sp.Expr) -> Finding:
    """The excess computed from the distances against the stated formula."""
    zero = (Fraction(0), Fraction(0))
    for name, end, b in product(("l1", "euclidean", "linf"), ((3, 4), (1, 0)), (Fraction(1, 8), Fraction(3))):
        rows = (zero, tuple(Fraction(c) for c in end))
        excess = other_distances.midpoint_excess(NAMED[name].scaled(b), rows, *rows) / to_arb(b)
        size = {"l1": sum(end), "linf": max(end), "euclidean": 5 if end == (3, 4) else 1}[name]
        stated = sp.N(stmt.subs({r_half: sp.Rational(size, 2), beta: sp.Rational(b.numerator, b.denominator)}), 20)
        if not abs(excess - arb(str(stated))) < 1e-9:
            return Finding.fails(
                f"{name}, D={{0, {end}}}, b={b}: the excess is {float(excess.mid()):.6f}, not {stated}"
            )
    return Finding.survived("the formula agrees at twelve exact cases")


def _strictly(stmt: taxicab.Criterion) -> bool:
    """Whether the stated criterion is that both slopes are positive, on all nine pairs of signs."""
    return all(stmt(i, j) == (i > 0 and j > 0) for i, j in product((-1, 0, 1), repeat=2))


def ties_let_in(first: int, second: int) -> bool:
    """The criterion with <= for <."""
    return first >= 0 and second >= 0


def one_side(first: int, second: int) -> bool:
    """The criterion without its bars."""
    return first > 0


WEAKER = {"ties let in": ties_let_in, "one side only": one_side}
claim("X-LINE-MIN", taxicab.both_positive, mutants=WEAKER)
claim("X-L1-GRID", taxicab.both_positive, mutants=WEAKER)


@check(
    "X-LINE-MIN",
    kind="symbolic",
    scope="distinct patterns on the line, any inverse temperature",
    in_words="the slope as a weighted mean for more than three patterns; where E is strictly concave it has no minimum",
)
def concave_in_gaps(stmt: taxicab.Criterion) -> Finding:
    """E is strictly concave between neighbors and has slope 1 or -1 beyond, so a minimum is a pattern.

    It is one exactly if E rises to both sides. A slope 0 to a side does not suffice: E falls by strict concavity there.
    """
    left, right = sp.symbols("A B", positive=True)
    bent = sp.expand(taxicab.gap_curvature() + 4 * left * right) == 0
    if _strictly(stmt) and bent and taxicab.slope_residual() == 0:
        return Finding.holds("(A e^-x + B e^x)^2 E'' = -4AB < 0 between neighbors; the slopes at a pattern decide")
    # D = {0, log 3/2, log 3}: the others weigh 2/3 + 1/3 = 1, a tie; toward them the sum is e^-t + e^t > 2.
    t = sp.Symbol("t", positive=True)
    excess = sp.exp(-t) + sp.exp(t) * (sp.exp(-sp.log(sp.Rational(3, 2))) + sp.exp(-sp.log(3))) - 2
    if stmt(0, 1) and sp.expand(excess - (sp.exp(t / 2) - sp.exp(-t / 2)) ** 2) == 0:
        return Finding.fails("D={0, log 3/2, log 3}: a tie at 0, and E falls toward the others", margin="exact")
    return Finding.undecided("the argument gives the strict inequality on both sides")


@check(
    "X-L1-GRID",
    kind="symbolic",
    scope="any number of patterns, dimension and inverse temperature",
    in_words="the slope as a weighted mean for more than three patterns, and that E does not rise where it is concave",
)
def concave_in_boxes(stmt: taxicab.Criterion) -> Finding:
    """The slope along u is sum_c (A_c u_c + B_c |u_c|): positive for all u iff |A_c| < B_c for every c.

    Where it is not, E has a slope <= 0 along e_c or -e_c and, being concave on the boxes, does not rise there.
    """
    if _strictly(stmt) and lagrange_step() == 0 and taxicab.slope_residual() == 0:
        return Finding.holds("minus LSE of affine functions is concave, its slope is the weighted mean of theirs")
    return Finding.undecided("the argument gives the strict inequality in each coordinate")


SETS: dict[str, tuple[Rows, ...]] = {
    "X-LINE-MIN": tuple(
        tuple((Fraction(c),) for c in row)
        for row in (
            (0, 1),
            (0, "1/10", "1/5"),
            (0, "1/2", 1, "3/2", 2),
            (0, 10, "101/10", "102/10"),
        )
    ),
    "X-L1-GRID": tuple(
        tuple((Fraction(a), Fraction(b)) for a, b in row)
        for row in (
            ((0, 0), (1, 1)),
            ((0, 2), (2, 0), (-1, -1)),
            ((1, 0), (-1, 0), (0, 1), (0, -1)),
            ((0, 0), ("1.7", 0), ("0.85", "1.475")),
            ((0, 0), ("1/5", "1/10"), ("1/10", "1/5"), (3, 0)),
        )
    ),
}


def _rises(rows: Rows, x: Point, step: Fraction = Fraction(1, 1000)) -> bool:
    """Whether E is certainly higher at all points one small step away, along axes and diagonals."""
    for turn in product((-1, 0, 1), repeat=len(x)):
        there = tuple(c + step * t for c, t in zip(x, turn, strict=True))
        if any(turn) and sign(lambda: LINE.energy(there, rows) - LINE.energy(x, rows)) != 1:  # noqa: B023
            return False
    return True


@check(*SETS, kind="certified", scope="all grid points of exact sets, 1/1000 around them")
def criterion_and_energy(stmt: taxicab.Criterion, claim_id: str) -> Finding:
    """The stated criterion against certified values of E on all sides of each point of the grid."""
    count = 0
    for rows in SETS[claim_id]:
        for x in taxicab.grid(rows):
            count += 1
            if taxicab.is_minimum(rows, x, allows=stmt) != _rises(rows, x):
                shown = ", ".join(str(tuple(map(str, row))) for row in rows)
                return Finding.fails(f"D={{{shown}}}, x={tuple(map(str, x))}: criterion and energy disagree")
    return Finding.survived(f"criterion and certified energies agree at {count} points")


claim(
    "X-L1-SPURIOUS",
    {"metric": "l1", "radius": sp.log(3)},
    mutants={
        "radius log 4": {"metric": "l1", "radius": sp.log(4)},
        "the squared distance": {"metric": "sqeuclidean", "radius": sp.log(3)},
        "the largest coordinate": {"metric": "linf", "radius": sp.log(3)},
    },
)


@check("X-L1-SPURIOUS", kind="symbolic", scope="every a and b; b d is the taxicab distance of the patterns times b")
def middle_stays(stmt: Any) -> Finding:
    """Two identities: the sum of the four exponentials, and cosh s + e^-s - 2 = e^-s (e^s - 1)(e^s - 3)/2."""
    proved = all(residual == 0 for residual in taxicab.cross_residuals())
    if proved and stmt["metric"] == "l1" and sp.simplify(sp.log(3) - stmt["radius"]).is_nonnegative:
        return Finding.holds("the sum is largest in the middle while b(|x_1| + |x_2|) < log 3 and no |x_c| reaches a")
    return Finding.undecided("the identities give the radius log 3 for the taxicab distance")


@check("X-L1-SPURIOUS", kind="certified", scope="a = 1/2 and 5, b = 1, points within the stated radius")
def middle_points(stmt: Any) -> Finding:
    """Certified order of E in the middle and around it."""
    distance, middle = NAMED[stmt["metric"]], (Fraction(0), Fraction(0))
    for a in (Fraction(1, 2), Fraction(5)):
        rows = taxicab.cross(a)
        reach = min(a, Fraction(str(sp.N(stmt["radius"], 12)))) * Fraction(99, 100)
        for u, part in product(((2, 0), (0, -2), (1, 1)), (Fraction(1, 20), Fraction(1, 2))):
            x = tuple(reach * part * c for c in u)
            if sign(lambda: distance.energy(x, rows) - distance.energy(middle, rows)) == -1:  # noqa: B023
                shown = ", ".join(f"{float(c):.4f}" for c in x)
                return Finding.fails(f"a={a}: E is lower than in the middle at ({shown})", margin="certified")
    if stmt["metric"] == "l1" and len(taxicab.minima(taxicab.cross(Fraction(5)))) != 5:
        return Finding.violated("the four patterns and the middle are not the strict minima")
    return Finding.survived("the middle is lower than twelve points around it; with the four patterns there are five")
