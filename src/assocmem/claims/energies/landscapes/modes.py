"""Checks of the exact bimodality thresholds of both energies (chapter 2)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import modes
from assocmem.theory.energies.critical_points import Landscape
from assocmem.theory.energies.other_distances import gain_residual, is_certain_minimum, near_pair
from assocmem.theory.exact.distances import Distance

Rows = tuple[tuple[Fraction, ...], ...]
UNIT: tuple[Rows, ...] = (
    ((Fraction(0),), (Fraction(1),)),
    ((Fraction(0), Fraction(0)), (Fraction(3, 5), Fraction(4, 5))),
)
"""Pairs at distance 1 on the line and in the plane."""

claim(
    "X-MODES-E",
    {"threshold": 2},
    mutants={
        "threshold 2.02": {"threshold": sp.Rational(202, 100)},
        "threshold of the MCHN energy": {"threshold": 4},
        "threshold 1.98": {"threshold": sp.Rational(198, 100)},
    },
)


@check(
    "X-MODES-E",
    kind="symbolic",
    scope="two patterns, any dimension, any inverse temperature",
    in_words="an odd function, concave for t > 0 and negative at 1, has a positive root only if it rises at 0",
)
def distance_energy_threshold(stmt: Any, distance: Distance) -> Finding:
    """t = tanh(kappa t) has three roots iff kappa > 1; kappa = b s^2/2 by the scores' difference.

    A metric keeps both of any two distinct patterns, since exp(-d(rho_1, rho_2)) < 1.
    """
    if not distance.has("squared euclidean"):
        rows = near_pair(distance)
        if rows and gain_residual() == 0 and all(is_certain_minimum(distance, rows, i) for i in (0, 1)):
            text = f"D={{0, {rows[1][0]}}}, b=1: b s^2 < 2, but both patterns are strict minima, as in any metric"
            return Finding.fails(text, margin="certified")
        return Finding.undecided("the triangle inequality is not granted, and the critical points are not known")
    slope, tilt = modes.line_equation("E")
    if tilt != 0:
        return Finding.undecided("the line equation has a tilt")
    product = sp.Symbol("q", positive=True)
    (exact,) = sp.solve(slope.subs(modes.b, product / modes.s**2) - modes.untilted_threshold(), product)
    if exact == stmt["threshold"]:
        return Finding.holds(f"kappa = {slope}, so two minima iff b s^2 > {exact}", margin=f"0 at b s^2 = {exact}")
    return Finding.fails(f"kappa = {slope} passes 1 at b s^2 = {exact}, not {stmt['threshold']}", margin=str(exact))


@check("X-MODES-E", kind="certified", scope="b s^2 half a percent (n = 1) or five percent (n = 2) off the threshold")
def distance_energy_counts(stmt: Any) -> Finding:
    """Certified enumeration of all critical points on either side of the stated threshold."""
    for rows in UNIT:
        off = Fraction(1, 200) if len(rows[0]) == 1 else Fraction(1, 20)
        for factor, minima in ((1 - off, 1), (1 + off, 2)):
            beta = Fraction(str(stmt["threshold"])) * factor
            count = len(Landscape.of(rows, "E", beta).minima())
            if count != minima:
                return Finding.fails(f"D={rows}, b={beta}: {count} minima, stated {minima}", margin="certified")
    return Finding.survived("one minimum below, two above, in one and two dimensions")


CASES: tuple[tuple[tuple[tuple[str, ...], ...], str], ...] = (
    ((("1",), ("-1",)), "1.02"),
    ((("1",), ("-1",)), "0.98"),
    ((("2",), ("-1",)), "2.1"),
    ((("2",), ("-1",)), "3.5"),
    ((("0",), ("3",)), "4"),
    ((("0",), ("3",)), "40"),
    ((("2", "0"), ("0", "1.9")), "1"),
    ((("2", "0"), ("0", "1.5")), "1"),
)
"""Pairs of patterns and beta, on both sides of the fold."""

claim(
    "X-MODES-M",
    sp.sqrt(modes.kappa * (modes.kappa - 1)) - sp.acosh(sp.sqrt(modes.kappa)),
    mutants={
        "no allowance for the tilt": modes.kappa,
        "arcosh dropped": sp.sqrt(modes.kappa * (modes.kappa - 1)),
        "equal norms only": sp.Integer(0),
    },
)


@check(
    "X-MODES-M",
    kind="symbolic",
    scope="two patterns, any dimension, beta and norms",
    in_words="the left side rises, falls and rises again from -oo to oo, so it is met three times only inside the fold",
)
def tilted_fold(stmt: sp.Expr) -> Finding:
    """The fold of artanh(t) - kappa t = b0, and kappa, b0 from the scores' difference."""
    if any(r != 0 for r in modes.fold_residuals()):
        return Finding.undecided("the fold was not confirmed")
    k = sp.Symbol("k", positive=True)
    gap = sp.simplify(stmt.subs(modes.kappa, 1 + k) - modes.largest_tilt(1 + k))
    if gap == 0:
        slope, tilt = modes.line_equation("mchn")
        return Finding.holds(
            f"kappa = {slope}, tau = {tilt}; fold at |tau| = sqrt(kappa(kappa-1)) - arcosh sqrt(kappa)"
        )
    value = sp.N(gap.subs(k, 1), 8)
    return Finding.fails(f"at kappa = 2 the stated fold is off by {value}", margin=str(value))


@check("X-MODES-M", kind="certified", scope="eight exact pattern pairs in one and two dimensions")
def tilted_counts(stmt: sp.Expr) -> Finding:
    """The stated fold against the certified number of minima."""
    slope, tilt = modes.line_equation("mchn")
    for rows, beta in CASES:
        land = Landscape.of(rows, "mchn", beta)
        first, second = land.patterns
        norms = [sum(c * c for c in p) for p in land.patterns]
        distance = sum((a - b) ** 2 for a, b in zip(first, second, strict=True))
        at = {
            modes.b: sp.Rational(beta),
            modes.s: sp.sqrt(sp.Rational(distance)),
            modes.n1: sp.Rational(norms[0]),
            modes.n2: sp.Rational(norms[1]),
        }
        k, b0 = slope.subs(at), abs(tilt.subs(at))
        stated = 2 if k > 1 and sp.N(b0 - stmt.subs(modes.kappa, k), 30) < 0 else 1
        count = len(land.minima())
        if count != stated:
            return Finding.fails(f"D={rows}, beta={beta}: {count} minima, stated {stated}", margin="certified")
    return Finding.survived(f"{len(CASES)} certified counts agree")


claim(
    "X-ZERO",
    {"second": 0},
    mutants={"patterns -a and a": {"second": -1}, "patterns -a/2 and a": {"second": sp.Rational(-1, 2)}},
)


@check("X-ZERO", kind="symbolic", scope="every a and beta, any dimension")
def zero_pattern(stmt: Any) -> Finding:
    """|b0| = kappa is larger than sqrt(kappa(kappa-1)), hence larger than the fold."""
    a, slope_tilt = sp.Symbol("a", positive=True), modes.line_equation("mchn")
    at = {modes.s: a - stmt["second"] * a, modes.n1: a**2, modes.n2: (stmt["second"] * a) ** 2}
    k, b0 = (sp.simplify(e.subs(at)) for e in slope_tilt)
    if sp.simplify(b0 - k) == 0 and modes.zero_pattern_gap() == modes.kappa:
        return Finding.holds("|tau| = kappa, and kappa^2 - kappa(kappa-1) = kappa > 0: no fold is reached")
    return Finding.undecided(f"|tau|/kappa = {sp.simplify(b0 / k)}: the argument needs 1")


@check("X-ZERO", kind="certified", scope="n = 1, a in {2/5, 2, 5}, beta in {1, 4, 16}")
def zero_pattern_counts(stmt: Any) -> Finding:
    """Certified number of minima of the MCHN energy."""
    for a in (Fraction(2, 5), Fraction(2), Fraction(5)):
        for beta in (1, 4, 16):
            rows = [[a * Fraction(str(stmt["second"]))], [a]]
            if len(Landscape.of(rows, "mchn", beta).minima()) != 1:
                return Finding.fails(f"D={{{rows[0][0]}, {a}}}, beta={beta}: two minima", margin="certified")
    return Finding.survived("one minimum in all nine cases")
