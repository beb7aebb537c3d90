"""Checks of Lemma 5, of the bounds on the ball integral that the paper draws from it, and of true ones (chapter 6)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.distances import Distance
from assocmem.theory.partition import ball_bounds, bound_proofs, closed_forms, mean_weight_series
from assocmem.theory.partition.ball_bounds import (
    FIRST_ORDER,
    PRINTED,
    PRINTED_LOWER,
    SECOND_ORDER,
    VOLUME,
    Bound,
    Bounds,
)
from assocmem.theory.partition.mean_weight import UNIT_VOLUME, a, certified_mean, n, power, r, x
from assocmem.theory.partition.mean_weight_series import SERIES, Series, k, m

LEMMA = {"lower": sp.exp(-r) * r**n / n, "upper": r**n / n}
"""Bounds on gamma(n, r) itself."""
HALF_N = n / 2
CLOSE = sp.Rational(99, 100)
NO_NORM = "the distance is neither a norm nor the squared Euclidean one"

claim(
    "L5-PROOF",
    {"lower": sp.exp(-r), "upper": sp.Integer(1), "integral": r**n / n},
    mutants={
        "the sides exchanged": {"lower": sp.Integer(1), "upper": sp.exp(-r), "integral": r**n / n},
        "e^(-r/2) below": {"lower": sp.exp(-r / 2), "upper": sp.Integer(1), "integral": r**n / n},
        "integral r^n": {"lower": sp.exp(-r), "upper": sp.Integer(1), "integral": r**n},
    },
)


@check("L5-PROOF", kind="symbolic", scope="all 0 <= x <= r and all n > 0")
def under_the_integral(stmt: Any) -> Finding:
    """With r = x + s: e^-x - e^-r = e^-x (1 - e^-s) >= 0 and 1 - e^-x >= 0; the integral of x^(n-1) is r^n/n."""
    sides = {side: bound_proofs.under_integral(stmt[side], side) for side in ("lower", "upper")}
    if False in sides.values():
        wrong = next(side for side, holds in sides.items() if holds is False)
        return Finding.fails(f"the {wrong} side fails at x = 1, r = 2 or near it", margin="exact")
    if sp.simplify(sp.diff(stmt["integral"], r) - r ** (n - 1)) != 0:
        return Finding.fails("the integral of x^(n-1) from 0 to r is r^n/n", margin="exact")
    if None in sides.values():
        return Finding.undecided("the sign of an exponent was not seen")
    return Finding.holds("both sides hold under the integral; integrating them gives Lemma 5")


claim(
    "L5",
    LEMMA,
    mutants={
        "r^n/(n+1) above": {**LEMMA, "upper": r**n / (n + 1)},
        "e^(-r/2)": {**LEMMA, "lower": sp.exp(-r / 2) * r**n / n},
        "the sides exchanged": {"lower": LEMMA["upper"], "upper": LEMMA["lower"]},
    },
)
claim("SAND-LOW", PRINTED_LOWER, mutants={"e^(-r^2)": Bounds((Bound(sp.exp(-(r**2))),))})
claim(
    "SAND-UP",
    VOLUME,
    mutants={
        "99/100 of the volume": Bounds(upper=(Bound(CLOSE),)),
        "e^(-r^2) V": Bounds(upper=(Bound(sp.exp(-(r**2))),)),
    },
)
claim(
    "SAND-FIX",
    FIRST_ORDER,
    mutants={
        "the printed lower bound": replace(FIRST_ORDER, lower=PRINTED_LOWER.lower),
        "99/100 of the mean square": replace(FIRST_ORDER, lower=(Bound(sp.exp(-CLOSE * n * r**2 / (n + 2))),)),
        "n + 4 for n + 2": replace(FIRST_ORDER, lower=(Bound(sp.exp(-n * r**2 / (n + 4))),)),
        "no condition on the last upper bound": replace(FIRST_ORDER, upper=(Bound(FIRST_ORDER.upper[2].value),)),
        "n + 3 for n + 2 in it": Bounds(upper=(Bound(sp.exp(-(r**2)) / (1 - 2 * r**2 / (n + 3)), n / 2 + 1 - r**2),)),
        "99/100 of the whole space": replace(FIRST_ORDER, upper=(Bound(CLOSE * FIRST_ORDER.upper[1].value),)),
        "the weaker lower bound called the sharper one": replace(FIRST_ORDER, lower=FIRST_ORDER.lower[::-1]),
    },
)
claim(
    "X-SAND-SHARP",
    SECOND_ORDER,
    mutants={
        "the sides exchanged": Bounds((SECOND_ORDER.upper[0],), (SECOND_ORDER.lower[0],)),
        "the lower one without its last term": Bounds(
            (Bound(sp.exp(-(r**2)) * (HALF_N + 1) * (HALF_N + 2) / ((HALF_N + 1 - r**2) ** 2 + HALF_N + 1)),)
        ),
        "a + 3 for a + 2 above": Bounds(
            upper=(
                Bound(
                    sp.exp(-(r**2)) * ((HALF_N + 1) * (HALF_N + 3) + r**2) / ((HALF_N + 1) * (HALF_N + 3 - r**2)),
                    HALF_N + 2 - r**2,
                ),
            )
        ),
    },
)


@check("L5", kind="symbolic", scope="all real n > 0 and r > 0")
def lemma_slope(stmt: Any) -> Finding:
    """The slack starts at 0, and its slope in r is an evident sign times r^(n-1) e^-r."""
    return _proved(ball_bounds.of_gamma(**stmt), 1)


@check("L5", kind="certified", scope="99 exact pairs, n = 1 to 1024 and r = 1/1000 to 100")
def lemma_points(stmt: Any) -> Finding:
    """Certified signs of both slacks, over gamma(n, r)."""
    return _compared(ball_bounds.of_gamma(**stmt), 1)


def _proved(stmt: Bounds, p: int) -> Finding:
    steps = bound_proofs.bounds_proof(stmt, p)
    if steps is None:
        return Finding.undecided("the sign of a slope was not seen")
    return Finding.holds("; ".join(steps))


def _rates(stmt: Bounds) -> list[sp.Expr]:
    """Logarithm of each lower bound over the one before, in a = n/2 and x = r^2."""
    pairs = pairwise(bound.at(2).value for bound in stmt.lower)
    return [sp.expand_log(sp.log(sharp / weak), force=True) for weak, sharp in pairs]


def _compared(stmt: Bounds, p: int) -> Finding:
    hit = ball_bounds.counterexample(stmt, p)
    if hit is None:
        return Finding.survived("no certain violation")
    return Finding.fails(str(hit), margin="certified")


@check(
    "SAND-LOW",
    "SAND-UP",
    "SAND-FIX",
    "X-SAND-SHARP",
    kind="symbolic",
    scope="all real n > 0 and r > 0; a norm itself in place of the squared distance",
)
def slope(stmt: Bounds, distance: Distance) -> Finding:
    """The slack starts (or ends) at 0, and its slope in x = r^p is an evident sign times x^(a-1) e^-x, a = n/p."""
    p = power(distance)
    if not all(bound_proofs.evident(rate) for rate in _rates(stmt)):
        return Finding.undecided("the lower bounds are not in the stated order")
    return Finding.undecided(NO_NORM) if p is None else _proved(stmt, p)


@check(
    "SAND-LOW",
    "SAND-UP",
    "SAND-FIX",
    "X-SAND-SHARP",
    kind="certified",
    scope="99 exact pairs, n = 1 to 1024, r = 1/1000 to 100, in the memory's own balls",
)
def exact_points(stmt: Bounds, distance: Distance) -> Finding:
    """Certified signs of all slacks, relative to the mean of exp(-d) over the ball."""
    p = power(distance)
    return Finding.undecided(NO_NORM) if p is None else _compared(stmt, p)


@check(
    "SAND-LOW",
    "SAND-UP",
    "SAND-FIX",
    "X-SAND-SHARP",
    kind="search",
    scope="20000 random pairs, n <= 200 and r <= 20, in float64",
)
def search(stmt: Bounds) -> Finding:
    """Largest logarithmic violation met; rounding of 1e-9 allowed."""
    excess = ball_bounds.worst(stmt)
    make = Finding.violated if excess > 1e-9 else Finding.survived
    return make("largest of log(lower/integral) and log(integral/upper)", margin=f"{max(excess, 0):.1g}")


@check("SAND-FIX", kind="symbolic", scope="all real n > 0 and r > 0")
def chain(stmt: Bounds) -> Finding:
    """Each lower bound is at most the next: the logarithm of their quotient has an evident sign."""
    for rate in _rates(stmt):
        if not bound_proofs.evident(rate):
            value = rate.subs({a: 1, x: 1})
            make = Finding.fails if value.is_negative else Finding.undecided
            return make(f"n=2, r=1: the next lower bound is e^({value}) times the one before")
    return Finding.survived("each lower bound is at most the next")


claim(
    "SAND-FORM",
    {"form": closed_forms.PRINTED, "bounds": replace(PRINTED, power=1)},
    mutants={
        "the corrected form": {"form": closed_forms.CORRECT, "bounds": replace(PRINTED, power=1)},
        "e^(-r/2) below": {
            "form": closed_forms.PRINTED,
            "bounds": Bounds((Bound(sp.exp(-r / 2)),), VOLUME.upper, power=1),
        },
        "99/100 of the volume": {
            "form": closed_forms.PRINTED,
            "bounds": Bounds(PRINTED_LOWER.lower, (Bound(CLOSE),), power=1),
        },
    },
)


@check("SAND-FORM", kind="symbolic", scope="all real n > 0 and r > 0")
def volume_times_lemma(stmt: Any) -> Finding:
    """The form is V_n(r) times n r^-n gamma(n, r), because 2 pi^(n/2)/(n Gamma(n/2)) = V_n(1); then Lemma 5."""
    form = stmt["form"]
    if (form.order, form.argument) != (n, r):
        hit = ball_bounds.counterexample(PRINTED, 2)
        if (form.order, form.argument) == (n / 2, r**2) and hit is not None:
            return Finding.fails(str(hit), margin="certified")
        return Finding.undecided("not an incomplete gamma function of n and r")
    same = sp.gammasimp(sp.simplify(form.factor / n / UNIT_VOLUME)) == 1
    hit = ball_bounds.counterexample(stmt["bounds"], 1)
    if hit is not None:
        return Finding.fails(str(hit), margin="certified")
    if same and bound_proofs.bounds_proof(stmt["bounds"], 1):
        return Finding.holds("2 pi^(n/2)/(n Gamma(n/2)) = V_n(1), and Lemma 5")
    return Finding.undecided("the factor is not that of the volume")


claim(
    "L5-SHARP",
    SERIES,
    mutants={
        "a + m + 2 in the rest": Series(SERIES.term, 1 / (1 - x / (a + m + 2))),
        "no rest": Series(SERIES.term, sp.Integer(0)),
        "terms x^k/(a)_k": Series(x**k * sp.gamma(a) / sp.gamma(a + k), SERIES.rest),
    },
)


@check(
    "L5-SHARP",
    kind="symbolic",
    scope="all real a > 0, x > 0 and all m >= 0; the induction step with m a symbol",
)
def any_order(stmt: Series) -> Finding:
    """m = 0 by its slope; M(a, x) = e^-x + x/(a+1) M(a+1, x) takes m at a+1 to m+1 at a."""
    base = stmt.base()
    if base and mean_weight_series.shift_holds() and stmt.step_residuals() == (0, 0, 0):
        return Finding.holds(base)
    return Finding.undecided("the induction does not close")


@check("L5-SHARP", kind="certified", scope="m = 0..5 at five exact points (a, x)")
def any_order_points(stmt: Series) -> Finding:
    """Both sides against certified means."""
    points = (("1", "1/2"), ("2", "2"), ("1/2", "3"), ("10", "9"), ("64", "40"))
    hit = mean_weight_series.violation(stmt, tuple((Fraction(o), Fraction(s)) for o, s in points), range(6))
    if hit is not None:
        return Finding.fails(hit, margin="certified")
    return Finding.survived("both sides hold at all points")


claim(
    "X-BALL-ANY",
    PRINTED,
    mutants={
        "e^(-r/2) below": Bounds((Bound(sp.exp(-r / 2)),), VOLUME.upper),
        "99/100 of the volume": Bounds(PRINTED_LOWER.lower, (Bound(CLOSE),)),
    },
)


@check(
    "X-BALL-ANY",
    kind="symbolic",
    scope="every distance that is nonnegative and measurable, all r",
    in_words="that a mean lies between the bounds of what it is the mean of",
)
def any_distance(stmt: Bounds, distance: Distance) -> Finding:
    """On {d < r} the integrand e^-d lies between e^-r and 1; so does its mean."""
    if not distance.has("nonnegative", "continuous"):
        return Finding.undecided("the distance is not granted to be nonnegative and continuous, hence measurable")
    if all(bound_proofs.under_integral(bound.value, side) for side, bound in stmt.sides()):
        return Finding.holds("e^-r <= e^-d <= 1 where 0 <= d < r")
    return Finding.undecided("the integrand is not between the stated bounds")


@check("X-BALL-ANY", kind="certified", scope="balls {d < r} of a norm or of its square, n = 1 to 1024")
def any_distance_points(stmt: Bounds, distance: Distance) -> Finding:
    """The same bounds at exact points, with r the radius as the distance measures it."""
    p = power(distance)
    if p is None:
        return Finding.undecided("no formula for the ball of this distance")
    hit = ball_bounds.counterexample(ball_bounds.in_distance(stmt, p), p)
    if hit is not None:
        return Finding.fails(f"{hit} (r: the p-th root, p={p})", margin="certified")
    return Finding.survived("no certain violation at 99 exact points")


FALLS = {"n": "falls", "r": "falls", "kernel": mean_weight_series.KERNEL}
claim(
    "X-BALL-DEC",
    FALLS,
    mutants={
        "rises with the dimension": FALLS | {"n": "rises"},
        "rises with the radius": FALLS | {"r": "rises"},
        "u^a for u^(1/a)": FALLS | {"kernel": sp.exp(-x * mean_weight_series.u**a)},
        "u^(1/(2a)) for u^(1/a)": FALLS | {"kernel": sp.exp(-x * mean_weight_series.u ** (1 / (2 * a)))},
    },
)


@check(
    "X-BALL-DEC",
    kind="symbolic",
    scope="every norm or its square, all real n > 0 and r > 0",
    in_words="that the mean over the ball is the integral over u, by scaling, and falls where its integrand does",
)
def decreasing(stmt: Any, distance: Distance) -> Finding:
    """The mean is the integral over 0 < u < 1 of exp(-r^p u^(p/n)), whose integrand falls in n and in r."""
    if power(distance) is None:
        return Finding.undecided(NO_NORM)
    if (stmt["n"], stmt["r"]) == ("falls", "falls") and mean_weight_series.falls(stmt["kernel"]):
        return Finding.holds("both derivatives of exp(-x u^(1/a)) are negative for 0 < u < 1")
    return Finding.undecided("the derivatives were not seen to be negative")


@check("X-BALL-DEC", kind="certified", scope="n = 1, 2, 3, 10, 100 at r = 1 and 2, in the memory's own balls")
def decreasing_points(stmt: Any, distance: Distance) -> Finding:
    """Certified means at growing n."""
    p = power(distance)
    if p is None:
        return Finding.undecided(NO_NORM)
    at_one, at_two = (ball_bounds.means((1, 2, 3, 10, 100), Fraction(radius), p) for radius in (1, 2))
    values = {
        "n": "falls" if all(first > second for first, second in pairwise(at_one)) else "rises",
        "r": "falls" if all(first > second for first, second in zip(at_one, at_two, strict=True)) else "rises",
    }
    shown = ", ".join(f"{float(value.mid()):.6f}" for value in at_one)
    for order in (Fraction(1, 2), Fraction(1)):
        gap = mean_weight_series.kernel_mean(stmt["kernel"], order) - certified_mean(order, 1)
        if not gap.contains(0):
            return Finding.fails(
                f"n/p={order}, r=1: the integral over u is off by {float(gap.mid()):.6f}", margin="certified"
            )
    wrong = [name for name in values if values[name] != stmt[name]]
    if wrong:
        return Finding.fails(f"it does not {stmt[wrong[0]][:-1]} with {wrong[0]}; at r=1: {shown}", margin="certified")
    return Finding.survived(f"at r=1: {shown}")
