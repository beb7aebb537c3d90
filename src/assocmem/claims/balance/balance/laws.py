"""Checks of the laws that Z = 1 forces at the paper's radius, in the exact and in the printed formulas (chapter 7)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance import dimension_bounds, laws, loss, size_conversion
from assocmem.theory.balance.dimension_bounds import Between
from assocmem.theory.balance.laws import PAPER, Law, ell
from assocmem.theory.balance.loss import Optimum
from assocmem.theory.balance.size_conversion import CORRECT, LogLaws

LOGARITHMS = (Fraction(4606, 1000), Fraction(10), Fraction(100), Fraction(10**4))
"""Values of log d, the first a little above log 100."""
HALF = sp.Rational(1, 2)


@dataclass(frozen=True)
class Solution:
    """The law at Z = 1 and what it says of n as a function of d."""

    law: Law
    between: Between


Z_SOL = Solution(laws.radial_law().at(PAPER), dimension_bounds.EXACT_BETWEEN)
claim(
    "Z-SOL",
    Z_SOL,
    mutants={
        "99/100 of kappa": replace(Z_SOL, law=replace(Z_SOL.law, slack=Z_SOL.law.slack * sp.Rational(99, 100))),
        "without log(1-2c)": replace(Z_SOL, law=replace(Z_SOL.law, offset=sp.Integer(0))),
        "the whole log(pi n)": replace(Z_SOL, law=replace(Z_SOL.law, power=sp.Integer(1))),
        "99/100 of c": replace(Z_SOL, law=replace(Z_SOL.law, rate=Z_SOL.law.rate * sp.Rational(99, 100))),
        "within 5": replace(Z_SOL, between=replace(Z_SOL.between, high=dimension_bounds.LEADING + 5)),
        "at least 1/100 above": replace(
            Z_SOL, between=replace(Z_SOL.between, low=dimension_bounds.LEADING + HALF / 50)
        ),
        "no log log d": replace(Z_SOL, between=replace(Z_SOL.between, low=ell / PAPER - dimension_bounds.CONSTANT)),
    },
)


def _proves(stmt: Between, proved: Between) -> bool:
    """The same formulas and range, or a part of them, and bounds that differ by nonnegative constants at most."""
    rooms = (sp.simplify(proved.low - stmt.low), sp.simplify(stmt.high - proved.high))
    return (
        set(stmt.formulas) <= set(proved.formulas)
        and stmt.first >= proved.first
        and all(room.is_nonnegative is True for room in rooms)
    )


@check("Z-SOL", kind="symbolic", scope="all real n > 0 for the law, all d >= 100 for the bounds")
def law_of_solution(stmt: Solution) -> Finding:
    """Stirling's bounds, the positive series of the ball integral and Jensen's inequality, put together."""
    limits = dimension_bounds.exact_bounds(stmt.between.first)
    if not (laws.monotone_steps() and laws.law_proved(stmt.law, PAPER) and limits is not None):
        return Finding.undecided("the steps do not give this law")
    if (
        dimension_bounds.leading_residual() != 0
        or dimension_bounds.leading_limit() != 0
        or not _proves(stmt.between, dimension_bounds.EXACT_BETWEEN)
    ):
        return Finding.undecided("the law does not give these bounds")
    high = float(limits[1].mid())
    return Finding.holds(
        f"all residuals are 0; the difference is below log(2)/(2c) = {high:.3f}", margin=f"{6 - high:.3f}"
    )


@check("Z-SOL", kind="certified", scope="n from 1/2 to a million, and log d from log 100 to 10^4")
def law_at_points(stmt: Solution) -> Finding:
    """n eps against its bounds at exact dimensions, and n against its bounds at exact log d."""
    hit = laws.law_violation(stmt.law)
    if hit is not None:
        return Finding.fails(f"n={hit[0]}: {hit[1]}", margin="certified")
    away = dimension_bounds.outside(stmt.between, LOGARITHMS)
    if away is not None:
        return Finding.fails(f"at {away[1]} n leaves the {away[2]} bound", margin="certified")
    return Finding.survived("the law and the bounds hold at all points")


TIGHT = (ell - sp.log(ell) - sp.Rational(19, 10)) ** 2 / PAPER
claim(
    "P5-LIT",
    dimension_bounds.LOG_SQUARE,
    mutants={
        "19/10 instead of 2": replace(dimension_bounds.LOG_SQUARE, low=TIGHT),
        "half the upper bound": replace(dimension_bounds.LOG_SQUARE, high=dimension_bounds.LOG_SQUARE.high / 2),
        "the exact ball integral": replace(dimension_bounds.LOG_SQUARE, formulas=("exact",)),
        "the right end of (14)": replace(dimension_bounds.LOG_SQUARE, formulas=("upper",)),
    },
)
claim(
    "P5-END",
    dimension_bounds.UPPER_END,
    mutants={
        "at least d^2/pi - 1/3": replace(dimension_bounds.UPPER_END, low=dimension_bounds.SQUARE - sp.Rational(1, 3)),
        "at most d^2/pi - 7/20": replace(dimension_bounds.UPPER_END, high=dimension_bounds.SQUARE - sp.Rational(7, 20)),
        "the left end of (14)": replace(dimension_bounds.UPPER_END, formulas=("lower",)),
    },
)


@check("P5-LIT", kind="symbolic", scope="all d >= 100")
def printed_law(stmt: Between) -> Finding:
    """With t = sqrt(cn), log d = t + log t + log(2 pi^2 e)/2 + eta with explicit bounds on eta."""
    if (
        laws.monotone_steps()
        and dimension_bounds.square_log_steps(stmt.first)
        and _proves(stmt, dimension_bounds.LOG_SQUARE)
    ):
        return Finding.holds("t < log d and t > log d - log log d - 2, for the printed form and for the left end")
    return Finding.undecided("the steps do not give these bounds")


@check("P5-END", kind="symbolic", scope="all d >= 3")
def upper_law(stmt: Between) -> Finding:
    """d^2/pi = n exp(2 mu), with Robbins' bounds on mu in real dimensions."""
    if (
        laws.monotone_steps()
        and dimension_bounds.upper_end_steps(stmt.first)
        and _proves(stmt, dimension_bounds.UPPER_END)
    ):
        return Finding.holds("8/25 < n (exp(2 mu) - 1) < 2/5 for n >= 1")
    return Finding.undecided("the steps do not give these bounds")


AT_POINTS = {"P5-LIT": LOGARITHMS, "P5-END": (Fraction(11, 10), Fraction(2), Fraction(5), Fraction(20))}
"""Values of log d at which the bounds are compared."""


@check(*AT_POINTS, kind="certified", scope="exact values of log d")
def bounds_at_points(stmt: Between, claim_id: str) -> Finding:
    """log d at the stated bounds on n, on the right side of the given log d."""
    values = AT_POINTS[claim_id]
    away = dimension_bounds.outside(stmt, values)
    if away is None:
        return Finding.survived(f"the bounds hold at {len(values)} values of log d")
    return Finding.fails(f"{away[0]}, {away[1]}: n leaves the {away[2]} bound", margin="certified")


claim(
    "P5-FIX",
    CORRECT,
    mutants={
        "a square with the ratio fixed": LogLaws(CORRECT.width, (2, CORRECT.both[1])),
        "one logarithm with the context fixed": LogLaws((1, CORRECT.width[1]), CORRECT.both),
        "the constant of the right end": LogLaws((2, CORRECT.width[1] / sp.pi), CORRECT.both),
    },
)


@check("P5-FIX", kind="symbolic", scope="all A, l, T_max and tau; log D to infinity")
def size_law(stmt: LogLaws) -> Finding:
    """Limits of N over powers of log D, from 0 < n - (2 pi e log d - pi e log log d - C) < 6."""
    limits = size_conversion.log_limits(stmt)
    wrong = [
        f"{got}, not {want}"
        for got, (_, want) in zip(limits, (stmt.width, stmt.both), strict=True)
        if sp.simplify(got - want) != 0
    ]
    if wrong:
        return Finding.fails(f"the limit is {wrong[0]}", margin="exact")
    if dimension_bounds.exact_bounds(100) is None:
        return Finding.undecided("the law of n was not proved")
    return Finding.holds(f"the limits are {limits[0]} and {limits[1]}")


claim(
    "P5-PRINTED",
    Optimum(),
    mutants={
        "a quarter of the range": Optimum(within=1 / PAPER / 4),
        "the energy g": Optimum(reading="A"),
        "half the slope": Optimum(share=1 / PAPER / 2),
    },
)


@check("P5-PRINTED", kind="symbolic", scope="all d >= 2 and n >= 1")
def optimum_exists(stmt: Optimum) -> Finding:
    """Jensen's bound keeps the loss above log d from n = 2 pi e log d on; one dimension has less than log d.

    For alpha < 1 the loss at n = 2 pi e alpha log d is log d + log V_n up to what vanishes, less than at all smaller n.
    """
    share = loss.optimum_share()
    if stmt.reading != "printed" or share is sp.nan or not loss.optimum_steps(stmt):
        return Finding.undecided("the bounds do not give this")
    if sp.simplify(stmt.share - share) != 0:
        return Finding.fails(f"n/log d tends to {share}, not {stmt.share}", margin="exact")
    return Finding.holds("L(1) < log d < L(n) for all n >= 2 pi e log d, and n/log d tends to 2 pi e")


@check("P5-PRINTED", kind="certified", scope="d = 2, 10, 100; all n below the stated bound and three above it")
def optimum_at_points(stmt: Optimum) -> Finding:
    """Losses by quadrature with a proved error."""
    hit = loss.optimum_fault(stmt)
    return Finding.survived("the least loss lies below the bound") if hit is None else Finding.fails(hit, "certified")
