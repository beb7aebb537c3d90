"""Checks of the exact descent of one retrieval step and of the convergence of repeated retrieval (chapter 3)."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies.critical_points import Landscape
from assocmem.theory.exact.certified import precision, squared_norm, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.retrieval import attention, convergence, derivations, descent, layer_formulas
from assocmem.theory.retrieval.convergence import Budget, Rate
from assocmem.theory.retrieval.descent import Descent

HALF = Fraction(1, 2)

claim(
    "X-DESC",
    Descent(),
    mutants={
        "without the divergence": Descent(divergence=Fraction(0)),
        "half the squared step": Descent(moved=HALF),
        "divergence subtracted": Descent(divergence=Fraction(-1)),
    },
)
APART = ((Fraction(-3), Fraction(0)), (Fraction(3), Fraction(0)))
LIFTED, LOWER = (Fraction(0), Fraction(4)), (Fraction(0), Fraction(9, 4))


@check("X-DESC", kind="symbolic", scope="any d, n, patterns, x and beta > 0")
def step_descends(stmt: Descent, distance: Distance) -> Finding:
    """What any step gains, with the squared Euclidean distance and the weighted mean put in."""
    if not distance.has("squared euclidean"):
        return Finding.undecided("the weighted sum of the changes is |x-y|^2 only for the squared Euclidean distance")
    made = partial(derivations.retrieval_step, stmt.moved, stmt.divergence)
    text = "what any step gains, with the weighted mean and the squared distance put in"
    return Finding.attempt(text, derivations.any_step, derivations.mean_change_of_distances, made)


@check(
    "X-DESC", kind="certified", scope="exact points; for another memory, two points, each equally far from two patterns"
)
def step_descends_points(stmt: Descent, distance: Distance) -> Finding:
    """Left minus right side in Arb balls, the divergence from the weights alone."""
    if not distance.has("squared euclidean"):
        with precision(128):
            gap = descent.scale_free_gap(distance, LIFTED, LOWER, APART)
        if gap is not None and gap.is_finite() and not gap.contains(0):
            text = "D={(-3,0),(3,0)}, x=(0,4) and (0,9/4), Tx=(0,0): for no beta are both gains beta times |x-Tx|^2"
            return Finding.fails(text, margin="exact")
        return Finding.survived("no violation at the two points tried")
    hit = descent.nonzero_case(stmt)
    if hit is not None:
        return Finding.fails(f"exact case {hit[0] + 1}: off by {float(hit[1].mid()):.6f}", margin="certified")
    return Finding.survived(f"zero lies in the ball at {len(descent.EXACT)} exact points")


claim(
    "X-DESC-ANY",
    Descent(),
    mutants={
        "without the divergence": Descent(divergence=Fraction(0)),
        "twice the weighted change": Descent(moved=Fraction(2)),
    },
)


@check(
    "X-DESC-ANY",
    kind="symbolic",
    scope="any d, any distance, any two points, any beta > 0",
    in_words="that a weighted mean of nonnegative numbers, the divergence, is nonnegative",
)
def any_distance_descends(stmt: Descent, distance: Distance) -> Finding:
    """Only log w_i = beta(E - d_i) and sum w_i = 1 are used, so no property of the distance; KL >= 0 by Gibbs."""
    if not descent.real_valued(distance):
        return Finding.undecided("the distance of two exact points is no finite number")
    if not descent.gibbs_holds():
        return Finding.undecided("that a divergence is not negative was not confirmed")
    text = "linear in the distances; the rest is at least the change of the weighted sum of distances"
    return Finding.attempt(text, partial(derivations.any_step, stmt.moved, stmt.divergence))


@check("X-DESC-ANY", kind="certified", scope="exact pairs of points")
def any_distance_points(stmt: Descent, distance: Distance) -> Finding:
    """Left minus right side in Arb balls at unrelated exact points, in the memory asked for."""
    with precision(256):
        for x, rows, beta in descent.EXACT:
            y = tuple(c / 3 + 1 for c in x)
            gap = descent.pair_gap(stmt, distance, x, y, rows, beta)
            if not gap.is_finite():
                return Finding.undecided("the two sides could not be evaluated at an exact point")
            if not gap.contains(0):
                shown = ", ".join(map(str, x))
                return Finding.fails(f"x=({shown}): off by {float(gap.mid()):.6f}", margin="certified")
    return Finding.survived("zero lies in every ball")


claim(
    "X-CONV",
    Budget(),
    mutants={"E(x0) alone": Budget(patterns=Fraction(0)), "nine tenths of log d": Budget(patterns=Fraction(9, 10))},
)
MEANS = "that a weighted mean lies in the convex hull, and that T is continuous"


def _descends() -> bool:
    """E(x) - E(Tx) >= |x-Tx|^2, for any patterns."""
    return bool(descent.identity_residual(Descent()) == 0 and descent.step_residual() == 0 and descent.gibbs_holds())


@check("X-CONV", kind="symbolic", scope="any d, n, patterns and start; beta = 1", in_words=MEANS)
def budget(stmt: Budget) -> Finding:
    """Telescoped descent, and E >= g - log d >= -log d, so the steps tend to 0; weighted means stay in conv D."""
    if _descends() and stmt.patterns >= convergence.floor_needed():
        return Finding.holds("the squared steps sum to at most E(x0) + log d, so they tend to 0; T is continuous")
    return Finding.undecided("the stated bound is below the one that the descent gives")


@check("X-CONV", kind="certified", scope="six exact starts, one and five steps")
def budget_points(stmt: Budget) -> Finding:
    """The bound along certified trajectories; two equal patterns attain it at once."""
    hit = convergence.broken_budget(stmt, ("sum of squared steps",))
    if hit is None and not convergence.attained():
        return Finding.violated("two equal patterns do not attain the bound")
    return Finding.survived("the bound fails nowhere") if hit is None else Finding.fails(hit, margin="certified")


claim(
    "X-CONV-RATE",
    Budget(),
    mutants={"the rate 3.9": Budget(rate=Fraction(39, 10)), "the rate 1": Budget(rate=Fraction(1))},
)


@check("X-CONV-RATE", kind="symbolic", scope="any d, n, patterns and start; beta = 1")
def gradient_rate(stmt: Budget) -> Finding:
    """The least of m squared steps is at most their mean, and the gradient is twice the step."""
    rules = all(r == 0 for r in convergence.sum_rules())
    if _descends() and rules and stmt.rate >= convergence.gradient_factor():
        return Finding.holds("|grad E|^2 = 4 |x-Tx|^2, of which the least of m is at most (E(x0) + log d)/m")
    return Finding.undecided("the stated rate is below the one that the descent gives")


@check("X-CONV-RATE", kind="certified", scope="six exact starts, one and five steps")
def gradient_rate_points(stmt: Budget) -> Finding:
    """The bound along certified trajectories; one pattern attains the rate."""
    hit = convergence.broken_budget(stmt, ("least squared gradient",))
    if hit is None and not convergence.attained():
        return Finding.violated("one pattern does not attain the rate")
    return Finding.survived("the bound fails nowhere") if hit is None else Finding.fails(hit, margin="certified")


claim("X-LIMIT", {"descent": HALF}, mutants={"descent by the whole product": {"descent": Fraction(1)}})


@check(
    "X-LIMIT",
    kind="symbolic",
    scope="any d, n, patterns and start; beta = 1",
    in_words="that E is analytic, and Lojasiewicz's inequality with the theorem of Absil, Mahony and Andrews, cited",
)
def whole_sequence(stmt: Any) -> Finding:
    """Strong descent E(x)-E(Tx) >= c |grad E| |x-Tx| for the analytic E gives one limit.

    Absil, Mahony and Andrews (2005) prove that such a sequence with a limit point converges to it.
    """
    root = sp.sqrt(convergence.gradient_factor())  # |grad E| = root |step|
    if _descends() and all(r == 0 for r in convergence.sum_rules()) and stmt["descent"] * root <= 1:
        return Finding.holds("E(x) - E(Tx) >= |x-Tx|^2 = |grad E||x-Tx|/2")
    return Finding.undecided("a step of the argument was not confirmed")


@check("X-LIMIT", kind="certified", scope="one pattern")
def strong_descent_of_one_pattern(stmt: Any) -> Finding:
    """One pattern allows no larger constant than 1/2."""
    most = convergence.one_pattern_ratio()
    if stmt["descent"] > most:
        return Finding.fails(f"one pattern: E(x)-E(Tx) is {most} times the product", margin="exact")
    return Finding.survived(f"one pattern attains {most}")


claim(
    "X-LIMIT-RATE",
    Rate(),
    mutants={
        "once the covariance": Rate(slope=1),
        "the factor 19/10 lambda_max": Rate(factor=Fraction(19, 10)),
        "the factor itself, from every start": Rate(exact=True),
    },
)


@check(
    "X-LIMIT-RATE",
    kind="symbolic",
    scope="any d, n and patterns; beta = 1",
    in_words="that the norm of a symmetric matrix is its largest eigenvalue in size, and Taylor's formula at the limit",
)
def linear_rate(stmt: Rate) -> Finding:
    """JT = 2 Cov_w; the Hessian 2 (I - JT), positive definite, leaves all eigenvalues of JT below 1.

    Near the limit |Tx - x*| <= (|JT| + o(1)) |x - x*|.
    """
    slopes = (*convergence.sum_rules(), *convergence.step_slope_residuals(stmt.slope), convergence.gradient_residual())
    least = convergence.below_one(Fraction(2)) and not convergence.below_one(Fraction(2001, 1000))
    bounded = stmt.factor >= stmt.slope and least and convergence.below_one(stmt.factor) and not stmt.exact
    if all(r == 0 for r in slopes) and bounded:
        return Finding.holds("JT = 2 Cov_w, I - JT half the Hessian")
    return Finding.undecided("a step of the argument was not confirmed")


@check("X-LIMIT-RATE", kind="certified", scope="D = {-1, 1} at 0")
def slope_at_the_middle(stmt: Rate) -> Finding:
    """The slope of T at 0 is 2, twice the variance 1."""
    x = sp.Symbol("x", real=True)
    up, down = sp.exp(-((x - 1) ** 2)), sp.exp(-((x + 1) ** 2))
    slope = sp.simplify(sp.diff((up - down) / (up + down), x).subs(x, 0))
    if slope != stmt.slope:
        return Finding.fails(f"D={{-1,1}}: T'(0) = {slope}, the variance is 1", margin="exact")
    return Finding.survived("both agree")


@check("X-LIMIT-RATE", kind="certified", scope="two starts that converge to 0, after eight steps")
def shrinking_points(stmt: Rate) -> Finding:
    """How far one more step brings the iterate to its limit, against the stated multiple of the largest variance."""
    hit = convergence.broken_factor(stmt)
    with precision(256):
        agree = convergence.limits_agree()
    if hit is None and not agree:
        return Finding.violated("ratios and variances are not those of their closed forms")
    return Finding.survived("no ratio is above the bound") if hit is None else Finding.fails(hit, margin="certified")


RIDGE = ((Fraction(-1),), (Fraction(1),))
claim(
    "HOPF-LOCMIN",
    {"starts": "almost every", "ends": "minimum"},
    mutants={
        "from every start": {"starts": "every", "ends": "minimum"},
        "in a stored pattern": {"starts": "almost every", "ends": "pattern"},
    },
)
ALMOST = "from almost every start, if each critical point that is no minimum has a direction of negative curvature"


@check(
    "HOPF-LOCMIN",
    kind="symbolic",
    scope="the MCHN; any beta, n, d and patterns",
    condition=ALMOST,
    in_words="Lojasiewicz's inequality and the center-stable manifold theorem, cited; that Cov_p is definite on the "
    "span of the differences of the patterns, where the update is therefore a local diffeomorphism",
)
def ends_in_a_minimum(stmt: Any) -> Finding:
    """E(x) - E(f(x)) >= |x-f(x)|^2/2 = |grad E||x-f(x)|/2 gives one limit, and almost no start ends at a saddle.

    The derivative of f is beta Cov_p, and the Hessian I - beta Cov_p: where it bends down, f has an eigenvalue above
    1. Starts that converge to such a point lie in countably many preimages of manifolds of lower dimension.
    """
    steps = (
        *attention.mchn_rules(),
        attention.mchn_step_residual(),
        *attention.mchn_slope_residuals(),
        attention.mchn_descent_residual(),
        descent.identity_residual(Descent()),
    )
    if all(r == 0 for r in steps) and descent.gibbs_holds() and stmt == {"starts": "almost every", "ends": "minimum"}:
        return Finding.holds_if(
            ALMOST, "the iterates converge to a critical point, and almost never to a strict saddle"
        )
    return Finding.undecided("the argument is of minima and of almost every start")


@check("HOPF-LOCMIN", kind="certified", scope="the point between two patterns of equal norm; E, and the MCHN at beta 2")
def ends_on_a_ridge(stmt: Any) -> Finding:
    """A start that no step moves, with the sign of the curvature there for E and for the energy of the MCHN."""
    start = (Fraction(0),)
    with precision(128):
        curvature = convergence.curvature_on_line(start[0], RIDGE)
        at = [p.kind for p in Landscape(RIDGE, "mchn", Fraction(2)).critical_points() if p.x[0].contains(to_arb(0))]
        closed = convergence.curvature_agrees()
    equal_norms = len({squared_norm(row) for row in RIDGE}) == 1  # the two steps are then the same map
    if not (convergence.stays_at(start, RIDGE) and equal_norms and at == ["maximum"] and curvature < 0):
        return Finding.violated("the middle is not a maximum that stays")
    if not closed:
        return Finding.violated("the curvature is not that of its closed form")
    text = "D={-1, 1}: from 0 nothing moves, and E and the MCHN's energy at beta = 2 have a local maximum there"
    text = f"{text} (curvature {float(curvature.mid()):.6f})"
    return Finding.fails(text, margin="certified", outside=stmt["starts"] != "every")


@check("HOPF-LOCMIN", kind="certified", scope="the pattern 1 of {-1, 1}; the MCHN at beta 2")
def minimum_is_no_pattern(stmt: Any) -> Finding:
    """Whether the update moves the pattern 1: then it is no limit of any start."""
    with precision(128):
        moved = attention.update(
            (Fraction(1),), RIDGE, Fraction(2), attention.Scores(dot=Fraction(1), bias=Fraction(0))
        )[0]
    if stmt["ends"] == "pattern" and moved < 1:
        return Finding.fails(f"D={{-1, 1}}: from the pattern 1 the step leads to {float(moved.mid()):.6f}")
    return Finding.survived(f"the minimum next to 1 is no pattern: a step moves 1 to {float(moved.mid()):.6f}")


claim("X-RES", {"one side": True}, mutants={"for any patterns": {"one side": False}})


@check("X-RES", kind="symbolic", scope="any n, d, beta and patterns with u.rho > 0")
def residual_has_no_fixed_point(stmt: Any) -> Finding:
    """x + T(x) = x says T(x) = 0; but u.T(x) is a weighted mean of positive numbers, and one more keeps it positive."""
    if stmt["one side"] and layer_formulas.positive_sum_stays():
        return Finding.holds("u.T(x) > 0")
    return Finding.undecided("nothing is known of the signs")


@check("X-RES", kind="certified", scope="D = {1, 3} and D = {-1, 1} at x = 0")
def residual_points(stmt: Any) -> Finding:
    """T(0), exactly 0 for patterns on both sides."""
    origin = (Fraction(0),)
    if not stmt["one side"] and convergence.stays_at(origin, RIDGE):
        return Finding.fails("D={-1, 1}: T(0) = 0, so 0 is a fixed point of x + T(x)", margin="exact")
    with precision(128):
        moved = descent.step([to_arb(0)], ((Fraction(1),), (Fraction(3),)))[0]
    if not moved > 1:
        return Finding.fails("D={1, 3}: T(0) is not above 1", margin="certified")
    return Finding.survived(f"D={{1, 3}}: T(0) = {float(moved.mid()):.6f}")
