"""Checks of the exact descent of one retrieval step and of the convergence of repeated retrieval (chapter 3)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies.critical_points import Landscape
from assocmem.theory.exact.certified import precision, squared_norm, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.retrieval import convergence, descent
from assocmem.theory.retrieval.convergence import Budget, Limit
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
    """The weights' logarithms, the sum over any number of patterns, and the square by coordinate."""
    if not distance.has("squared euclidean"):
        return Finding.undecided("the weighted sum of the changes is |x-y|^2 only for the squared Euclidean distance")
    steps = (descent.log_weight_residual(), descent.identity_residual(stmt), descent.step_residual())
    if all(r == 0 for r in steps):
        return Finding.holds("E(x) - E(Tx) = |x-Tx|^2 + KL/beta, term by term", margin="residual 0")
    return Finding.undecided(f"left minus right: {steps[1]}")


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


@check("X-DESC-ANY", kind="symbolic", scope="any d, any distance, any two points, any beta > 0")
def any_distance_descends(stmt: Descent, distance: Distance) -> Finding:
    """Only log w_i = beta(E - d_i) and sum w_i = 1 are used, so no property of the distance; KL >= 0 by Gibbs."""
    if not descent.real_valued(distance):
        return Finding.undecided("the distance of two exact points is no finite number")
    residual = descent.identity_residual(stmt)
    if descent.log_weight_residual() == 0 and residual == 0 and descent.gibbs_holds():
        return Finding.holds(
            "linear in the distances; the rest is at least the change of the weighted sum of distances"
        )
    return Finding.undecided(f"left minus right: {residual}")


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
    mutants={"E(x0) alone": Budget(patterns=Fraction(0)), "the rate 3.9": Budget(rate=Fraction(39, 10))},
)


@check("X-CONV", kind="symbolic", scope="any d, n, patterns and start; beta = 1")
def budget(stmt: Budget) -> Finding:
    """Telescoped descent; E >= g - log d >= -log d; the gradient is twice the step; weighted means stay in conv D."""
    descends = descent.identity_residual(Descent()) == 0 and descent.step_residual() == 0 and descent.gibbs_holds()
    enough = stmt.patterns >= convergence.floor_needed() and stmt.rate >= convergence.gradient_factor()
    if descends and enough:
        return Finding.holds("the squared steps sum to at most E(x0) + log d, so they tend to 0; T is continuous")
    return Finding.undecided("the stated bounds are below those that the descent gives")


@check("X-CONV", kind="certified", scope="six exact starts, one and five steps")
def budget_points(stmt: Budget) -> Finding:
    """Both bounds along certified trajectories; one pattern attains the rate."""
    hit = convergence.broken_budget(stmt)
    return Finding.survived("no bound certainly fails") if hit is None else Finding.fails(hit, margin="certified")


claim(
    "X-LIMIT",
    Limit(),
    mutants={
        "descent by the whole product": Limit(descent=Fraction(1)),
        "once the covariance": Limit(slope=1),
        "the factor 19/10 lambda_max": Limit(factor=Fraction(19, 10)),
        "the factor itself, from every start": Limit(exact=True),
    },
)


@check("X-LIMIT", kind="symbolic", scope="any d, n, patterns and start; beta = 1; Lojasiewicz's inequality is cited")
def whole_sequence(stmt: Limit) -> Finding:
    """Strong descent E(x)-E(Tx) >= c |grad E| |x-Tx| for the analytic E gives one limit; the slope there is 2 Cov_w.

    Absil, Mahony and Andrews (2005) prove that such a sequence with a limit point converges to it. Near the limit
    |Tx - x*| <= (|JT| + o(1)) |x - x*|, and the norm of the symmetric JT is its largest eigenvalue. As grad E is
    2 (x - T(x)), the Hessian is 2 (I - JT): positive definite, it leaves all eigenvalues of JT below 1.
    """
    descends = descent.identity_residual(Descent()) == 0 and descent.step_residual() == 0 and descent.gibbs_holds()
    root = sp.sqrt(convergence.gradient_factor())  # |grad E| = root |step|
    slopes = (*convergence.step_slope_residuals(stmt.slope), *convergence.gradient_residuals())
    bounded = stmt.factor >= stmt.slope and convergence.below_one(stmt.factor) and not stmt.exact
    if descends and stmt.descent * root <= 1 and all(r == 0 for r in slopes) and bounded:
        return Finding.holds("E(x) - E(Tx) >= |x-Tx|^2 = |grad E||x-Tx|/2; JT = 2 Cov_w, I - JT half the Hessian")
    return Finding.undecided("a step of the argument was not confirmed")


@check("X-LIMIT", kind="certified", scope="one pattern; D = {-1, 1} at 0")
def whole_sequence_points(stmt: Limit) -> Finding:
    """One pattern allows no larger constant than 1/2; the slope of T at 0 is 2, twice the variance 1."""
    most = convergence.one_pattern_ratio()
    if stmt.descent > most:
        return Finding.fails(f"one pattern: E(x)-E(Tx) is {most} times the product", margin="exact")
    x = sp.Symbol("x", real=True)
    up, down = sp.exp(-((x - 1) ** 2)), sp.exp(-((x + 1) ** 2))
    slope = sp.simplify(sp.diff((up - down) / (up + down), x).subs(x, 0))
    if slope != stmt.slope:
        return Finding.fails(f"D={{-1,1}}: T'(0) = {slope}, the variance is 1", margin="exact")
    return Finding.survived("both agree")


@check("X-LIMIT", kind="certified", scope="two starts that converge to 0, after eight steps")
def shrinking_points(stmt: Limit) -> Finding:
    """How far one more step brings the iterate to its limit, against the stated multiple of the largest variance."""
    hit = convergence.broken_factor(stmt)
    return Finding.survived("no ratio is above the bound") if hit is None else Finding.fails(hit, margin="certified")


claim(
    "HOPF-LOCMIN",
    {"patterns": ((Fraction(-1),), (Fraction(1),)), "start": (Fraction(0),)},
    mutants={
        "patterns so near that the middle is the only minimum": {
            "patterns": ((-HALF,), (HALF,)),
            "start": (Fraction(0),),
        }
    },
)


@check("HOPF-LOCMIN", kind="certified", scope="the point between two patterns of equal norm; E, and the MCHN at beta 2")
def ends_in_minimum(stmt: Any) -> Finding:
    """A start that no step moves, with the sign of the curvature there for E and for the energy of the MCHN."""
    rows, start = stmt["patterns"], stmt["start"]
    with precision(128):
        curvature = convergence.curvature_on_line(start[0], rows)
        at = [
            p.kind for p in Landscape(rows, "mchn", Fraction(2)).critical_points() if p.x[0].contains(to_arb(start[0]))
        ]
    equal_norms = len({squared_norm(row) for row in rows}) == 1  # the two steps are then the same map
    if convergence.stays_at(start, rows) and equal_norms and at == ["maximum"] and curvature < 0:
        shown = ", ".join(str(r[0]) for r in rows)
        text = f"D={{{shown}}}: from {start[0]} nothing moves, and the MCHN's energy and E have a maximum there"
        return Finding.fails(f"{text} (curvature {float(curvature.mid()):.6f})", margin="certified")
    return Finding.survived("the start is not a maximum that stays")
