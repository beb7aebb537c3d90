"""Checks of how close the two energies are (chapter 2): Proposition 2 at every temperature, its proof, its reading."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import closeness
from assocmem.theory.energies.sandwich import facts_hold, quantities
from assocmem.theory.exact.certified import precision, sign, squared_norm, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.logsumexp.induction import mean_step, sum_step

SETS = tuple(
    tuple(tuple(Fraction(c) for c in row) for row in rows)
    for rows in (
        ((-1,), (1,)),
        ((0,), (3,)),
        ((0,),),
        ((5,), (5,)),
        ((-2,), (0,), (1,)),
        ((0, 0), (3, 4), (1, 0)),
        ((3, 4), (5, 0)),
    )
)
POINTS = tuple(Fraction(v) for v in ("0", "1", "-1", "1/2", "5", "-20"))
BETAS = tuple(Fraction(v) for v in ("1/100", "1", "2", "16", "1000"))

ORIGIN = ((Fraction(0),),)


def apart(distance: Distance) -> Finding:
    """One pattern, D = {0}: Delta = 0 and the MCHN side is x^2 at every temperature, so E, which is d, must be too."""
    for value in (Fraction(3), Fraction(1, 2)):

        def gap(value: Fraction = value) -> arb:
            return to_arb(value * value) - distance((value,), ORIGIN[0])

        if sign(gap) in (-1, 1):
            energy = f"{float(distance((value,), ORIGIN[0]).mid()):.4g}"
            text = f"D={{0}}, x={value}: Delta = 0, but 2 E_MCHN - log d = {value * value} and E = {energy}"
            return Finding.fails(text, margin="certified")
    return Finding.undecided("the proof completes a square, which this distance is not known to be")


claim(
    "P2-BETA",
    {"lower": 0, "upper": 1},
    mutants={
        "upper bound 0.99 Delta": {"lower": 0, "upper": Fraction(99, 100)},
        "sign flipped": {"lower": -1, "upper": 0},
    },
)


@check("P2-BETA", kind="symbolic", scope="all n (by coordinate), all d (by induction), all beta")
def every_temperature(stmt: Any, distance: Distance) -> Finding:
    """Completion of the square with beta, then a weighted mean of numbers in [exp(-beta Delta/2), 1]."""
    if not distance.has("squared euclidean"):
        return apart(distance)
    if closeness.square_residual() == 0 and mean_step() and stmt["lower"] <= 0 and stmt["upper"] >= 1:
        return Finding.holds("(2/beta) times minus the log of a mean of exp(-(beta/2)(xi^2 - |rho_i|^2))")
    return Finding.undecided("the mean lies in [exp(-beta Delta/2), 1], which gives the bounds 0 and Delta")


def _as_in_proposition_two(rows: closeness.Rows, x: tuple[Fraction, ...]) -> bool:
    """Whether gap and Delta at beta = 2 are those that the quantities of Propositions 1 to 3 give, to 50 digits."""
    with precision(512):
        gap, delta = closeness.gap(rows, x, Fraction(2))
        values = quantities(x, rows)
        off = gap - (values["M"] - values["log_d"] - values["E"])
        spread = to_arb(max(squared_norm(a) - squared_norm(b) for a in rows for b in rows))
        return bool(all(abs(v) < 1e-50 for v in (off, delta - spread, values["delta"] - spread)))


@check("P2-BETA", kind="certified", scope="exact adversarial points, beta from 1/100 to 1000")
def every_temperature_points(stmt: Any) -> Finding:
    """Certified signs of both slacks."""
    for rows in SETS:
        for beta in BETAS:
            for value in POINTS:
                x = (value, *([value / 3] * (len(rows[0]) - 1)))

                def low(rows: closeness.Rows = rows, x: Any = x, beta: Fraction = beta) -> arb:
                    gap, delta = closeness.gap(rows, x, beta)
                    return gap - to_arb(stmt["lower"]) * delta

                def high(rows: closeness.Rows = rows, x: Any = x, beta: Fraction = beta) -> arb:
                    gap, delta = closeness.gap(rows, x, beta)
                    return to_arb(stmt["upper"]) * delta - gap

                if beta == 2 and not _as_in_proposition_two(rows, x):
                    return Finding.fails(f"at x={value}, d={len(rows)} beta = 2 is not Proposition 2")
                if sign(low, (256, 4096)) == -1 or sign(high, (256, 4096)) == -1:
                    return Finding.fails(f"violated at x={value}, beta={beta}, d={len(rows)}", margin="certified")
    return Finding.survived(f"no certain violation at {len(SETS) * len(BETAS) * len(POINTS)} exact cases")


a = sp.Symbol("a", positive=True)
claim("P2-CLOSE", {"patterns": (sp.Integer(0), a)}, mutants={"patterns of equal norm": {"patterns": (-a, a)}})


def _far_to_the_left(first: int, second: int) -> bool:
    """Whether the limit is the certified gap at x = -60, to 50 digits."""
    with precision(1024):
        gap, _ = closeness.gap(((Fraction(first),), (Fraction(second),)), (Fraction(-60),), Fraction(2))
        return bool(abs(gap - int(closeness.limit_gap(sp.Integer(first), sp.Integer(second)))) < 1e-50)


@check("P2-CLOSE", kind="symbolic", scope="two patterns on the line, and Proposition 2 for all")
def as_close_as_norms(stmt: Any, distance: Distance) -> Finding:
    """The gap far to the left against the bound Delta of Proposition 2: reached, and unbounded over pattern sets."""
    if not distance.has("squared euclidean"):
        return apart(distance)
    if not all(_far_to_the_left(*pair) for pair in ((0, 3), (-1, 2), (1, 2))):
        return Finding.undecided("the limit is not the certified gap far to the left")
    gap = closeness.limit_gap(*stmt["patterns"])
    delta = sp.Max(*[v**2 for v in stmt["patterns"]]) - sp.Min(*[v**2 for v in stmt["patterns"]])
    if sp.simplify(gap - delta) != 0 or not facts_hold():
        return Finding.undecided(f"the gap tends to {gap}")
    if gap == 0:
        return Finding.holds("Delta = 0: the two are the same function")
    return Finding.holds_if("squared norms nearly equal", f"D={{0, a}}: the gap tends to Delta = {gap}, unbounded in a")


def _equal_norms(rows: closeness.Rows) -> bool:
    return len({squared_norm(row) for row in rows}) == 1


claim(
    "P2-CLOSE-FIX",
    _equal_norms,
    mutants={"equal first coordinates": lambda rows: len({row[0] for row in rows}) == 1, "always": lambda rows: True},
)


@check("P2-CLOSE-FIX", kind="symbolic", scope="all n, d, patterns, points and beta")
def equality(stmt: Any, distance: Distance) -> Finding:
    """A mean of numbers in (0, 1] with positive weights is 1 only if all are 1, that is all norms are xi."""
    if not distance.has("squared euclidean"):
        return apart(distance)
    w, s = sp.symbols("w s", positive=True)
    short = sp.simplify(1 - ((1 - w) * 1 + w * (1 / (1 + s))))  # one number 1/(1+s) < 1 with weight w in (0, 1)
    agrees = all(stmt(rows) == _equal_norms(rows) for rows in SETS)
    if short.is_positive and closeness.square_residual() == 0 and mean_step() and agrees:
        return Finding.holds(f"one norm below xi with weight w lowers the mean by at least {short} > 0")
    return Finding.undecided("the mean is 1 exactly for equal norms")


@check("P2-CLOSE-FIX", kind="certified", scope="exact pattern sets, with and without equal norms")
def equality_points(stmt: Any) -> Finding:
    """The gap is certainly positive at a point, or certainly below 1e-100, as the condition says."""
    for rows in SETS:
        with precision(1024):
            gap = closeness.gap(rows, tuple(Fraction(1, 2) for _ in rows[0]), Fraction(2))[0]
            small, positive = bool(abs(gap) < arb("1e-100")), bool(gap > arb("1e-100"))
        if small == positive or small != stmt(rows):
            return Finding.fails(f"{len(rows)} patterns: gap below 1e-100 {small}", margin="certified")
    return Finding.survived(f"gap below 1e-100 exactly for equal norms in {len(SETS)} sets")


claim("P2-PROOF", {"bars": True}, mutants={"without the bars in the last line": {"bars": False}})


@check("P2-PROOF", kind="symbolic", scope="all n, d, patterns and points")
def chain(stmt: Any, distance: Distance) -> Finding:
    """Completion of the square by coordinate, then the last line with v_i = |rho_i|^2 - xi^2 <= 0, max v_i = 0.

    Among numbers v_i <= 0 with largest 0 and smallest -delta, the largest |v_i| is delta, and the largest v_i is 0.
    """
    if not distance.has("squared euclidean"):
        return apart(distance)
    delta, below = sp.Symbol("delta", positive=True), sp.Symbol("u", nonnegative=True)
    # Any v in between is -delta + u with u in [0, delta], so |v| = delta - u <= delta, and the two ends are attained.
    between = sp.simplify(delta - (delta - below)).is_nonnegative
    ends = [sp.Integer(0), -delta]
    last = sp.Max(*[abs(v) for v in ends]) if stmt["bars"] else sp.Max(*ends)
    if closeness.square_residual() != 0 or not between:
        return Finding.undecided("the square was not completed")
    if sp.simplify(last - delta) == 0:
        return Finding.holds("each line holds; that all v_i are <= 0 is not used, which costs the one-sided bound")
    return Finding.fails(f"the last line gives {last} where the proposition needs max - min = delta", margin="exact")


n, k = sp.symbols("d k", integer=True, positive=True)
claim(
    "P1-SHARP",
    {"lower": n - k, "upper": sp.Integer(1)},
    mutants={
        "one term fewer in the lower bound": {"lower": n - k - 1, "upper": sp.Integer(1)},
        "two terms in the upper bound": {"lower": n - k, "upper": sp.Integer(2)},
    },
)


@check("P1-SHARP", kind="symbolic", scope="all d >= 2, 1 <= k < d ties, any gap")
def with_ties(stmt: Any, distance: Distance) -> Finding:
    """exp(g - E) is k plus d-k terms in (0, exp(-gap)], one of which is exp(-gap).

    This counts terms and uses nothing of the distance but that it is a real number.
    """
    rest = n - k
    lower_ok = sp.simplify(stmt["lower"] - rest).is_nonnegative
    upper_ok = (1 - stmt["upper"]).is_nonnegative
    if sum_step() and facts_hold(distance) and lower_ok and upper_ok:
        return Finding.holds("k + e^-gap <= exp(g - E) <= k + (d-k) e^-gap", margin="0 where the rest is equally far")
    return Finding.undecided("the count gives at least 1 and at most d - k terms of size exp(-gap)")


@check("P1-SHARP", kind="certified", scope="D = {0, 1, 4} and a plane set, points with one nearest pattern")
def without_ties_points(stmt: Any, distance: Distance) -> Finding:
    """Certified signs of both slacks where the nearest pattern is certainly alone, k = 1."""
    rows = ((Fraction(0),), (Fraction(1),), (Fraction(4),))
    plane = ((Fraction(0), Fraction(0)), (Fraction(2), Fraction(1)), (Fraction(-1), Fraction(3)))
    counts = [int(stmt[side].subs({n: 3, k: 1})) for side in ("lower", "upper")]
    for patterns, x in ((rows, (Fraction(1, 5),)), (rows, (Fraction(7),)), (plane, (Fraction(1, 3), Fraction(1)))):

        def slack(side: int, patterns: closeness.Rows = patterns, x: Any = x) -> arb:
            nearest, step, *_ = sorted(distance.all(x, patterns), key=lambda d: float(d.mid()))
            ratio = (nearest - distance.energy(x, patterns)).exp()
            bound = 1 + counts[side] * (nearest - step).exp()
            return bound - ratio if side == 0 else ratio - bound

        if any(sign(lambda s=s, i=i: s(i)) == -1 for s, i in ((slack, 0), (slack, 1))):  # type: ignore[misc]
            return Finding.fails(f"violated at x={', '.join(map(str, x))}", margin="certified")
    return Finding.survived("no certain violation at three exact points")


@check("P1-SHARP", kind="certified", scope="exact distances with k = 1, 2 ties, d = 3, 4")
def with_ties_points(stmt: Any) -> Finding:
    """Certified signs of both slacks for given sorted distances."""
    for distances in ((0, 1, 1), (0, 0, 2), (1, 2, 9), (0, 0, 1, 1), (0, 3, 3, 40)):
        g, ties = distances[0], distances.count(distances[0])
        step, size = distances[ties] - g, len(distances)
        counts = [int(stmt[side].subs({n: size, k: ties})) for side in ("lower", "upper")]

        def slack(
            side: int,
            distances: Any = distances,
            g: int = g,
            ties: int = ties,
            step: int = step,
            counts: list[int] = counts,
        ) -> arb:
            total = sum(((-arb(v - g)).exp() for v in distances), arb(0))
            bound = ties + counts[side] * (-arb(step)).exp()
            return bound - total if side == 0 else total - bound

        if sign(lambda s=slack: s(0)) == -1 or sign(lambda s=slack: s(1)) == -1:  # type: ignore[misc]
            return Finding.fails(f"violated at squared distances {distances}", margin="certified")
    return Finding.survived("no certain violation at five exact lists of distances")
