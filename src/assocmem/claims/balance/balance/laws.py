"""Checks of the laws that Z = 1 forces at the paper's radius, in the exact and in the printed formulas (chapter 7)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance import derivations, dimension_bounds, laws, loss, size_conversion
from assocmem.theory.balance.dimension_bounds import Between
from assocmem.theory.balance.laws import PAPER, Law, ell
from assocmem.theory.balance.loss import Optimum
from assocmem.theory.balance.size_conversion import CORRECT, LogLaws
from assocmem.theory.exact.certified import to_arb

LOGARITHMS = (Fraction(4606, 1000), Fraction(10), Fraction(100), Fraction(10**4))
"""Values of log d, the first a little above log 100."""
HALF = sp.Rational(1, 2)


CONTINUOUS = (
    "that an integral falls in n where its integrand does, and that a continuous function takes what is between"
)


@dataclass(frozen=True)
class Solutions:
    """Z = 1 has exactly ``count`` real solutions n > 0 for each d > ``above``, and none for other d."""

    above: Fraction = Fraction(1)
    count: int = 1


claim(
    "Z-ONE",
    Solutions(),
    mutants={
        "for d = 1, too": Solutions(above=Fraction(1, 2)),
        "from d = 2 on": Solutions(above=Fraction(2)),
        "two solutions": Solutions(count=2),
    },
)


@check("Z-ONE", kind="symbolic", scope="all d and real n > 0", in_words=CONTINUOUS)
def one_solution(stmt: Solutions) -> Finding:
    """log d = -log I_n rises strictly in n, from 0 at n = 0 without bound: it takes each positive value once."""
    start, far = laws.ends(laws.radial_law().at(PAPER))
    if not (laws.monotone_steps() and laws.law_proved(laws.radial_law().at(PAPER), PAPER) and far == sp.oo):
        return Finding.undecided("the number of patterns was not seen to rise without bound")
    if stmt.count != 1:
        return Finding.fails(f"a function that rises strictly takes no value {stmt.count} times", margin="exact")
    if sp.exp(start) == sp.Rational(stmt.above.numerator, stmt.above.denominator):
        return Finding.holds("d = 1/I_n rises strictly from 1 to infinity")
    return Finding.fails(f"d tends to {sp.exp(start)} as n -> 0, so the solutions begin there", margin="exact")


@check("Z-ONE", kind="certified", scope="n from 10^-9 to a million")
def rising(stmt: Solutions) -> Finding:
    """Certified values of log d at growing n."""
    sizes = (Fraction(1, 10**9), Fraction(1, 1000), Fraction(1), Fraction(10), Fraction(1000), Fraction(10**6))
    values = [laws.certified_log_d(size) for size in sizes]
    if not all(0 < one < two for one, two in pairwise(values)):
        return Finding.fails("the values do not rise from 0 on")
    if values[0] > to_arb(Fraction(1, 10**6)):
        return Finding.fails("log d does not begin at 0")
    shown = ", ".join(f"{float(value.mid()):.4g}" for value in values)
    return Finding.survived(f"log d is {shown}")


Z_SOL = Law(PAPER, HALF, sp.log(1 - 2 * PAPER), sp.Rational(1, 6) + 4 * PAPER / (1 - 2 * PAPER) ** 2)
claim(
    "Z-SOL",
    Z_SOL,
    mutants={
        "0.99 of the constant": replace(Z_SOL, slack=Z_SOL.slack * sp.Rational(99, 100)),
        "without log(1-2c)": replace(Z_SOL, offset=sp.Integer(0)),
        "the whole log(pi n)": replace(Z_SOL, power=sp.Integer(1)),
        "99/100 of c": replace(Z_SOL, rate=Z_SOL.rate * sp.Rational(99, 100)),
    },
)
Z_DIM = Between(("exact",), dimension_bounds.LEADING, dimension_bounds.LEADING + 6, 100)
claim(
    "Z-DIM",
    Z_DIM,
    mutants={
        "within 5": replace(Z_DIM, high=dimension_bounds.LEADING + 5),
        "at least 1/100 above": replace(Z_DIM, low=dimension_bounds.LEADING + HALF / 50),
        "no log log d": replace(Z_DIM, low=ell / PAPER - dimension_bounds.CONSTANT),
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


@check(
    "Z-SOL",
    kind="symbolic",
    scope="all real n > 0",
    in_words="Jensen's inequality and the geometric series, from their terms to the sums",
)
def law_of_solution(stmt: Law) -> Finding:
    """Stirling's bounds, the positive series of the ball integral and Jensen's inequality, put together."""
    if laws.law_proved(stmt, PAPER):
        made = (derivations.factor_of_series(), derivations.term_of_series(), derivations.patterns_at_one())
        return Finding.derived("all residuals are 0, and every remainder has its sign", *made)
    return Finding.undecided("the steps do not give this law")


@check("Z-SOL", kind="certified", scope="n from 1/2 to a million; its kappa at a million")
def law_at_points(stmt: Law) -> Finding:
    """n eps against its bounds at exact dimensions; n eps near its bound at the last one, so that this is the least."""
    hit = laws.law_violation(stmt)
    if hit is not None:
        return Finding.fails(f"n={hit[0]}: {hit[1]}", margin="certified")
    room = laws.least_slack(stmt)
    shown = f"n eps is {float(room.mid()):.1e} below its bound at n = 10^6"
    return Finding.survived(shown) if room < to_arb(Fraction(1, 10**5)) else Finding.fails(shown)


@check(
    "Z-DIM",
    kind="symbolic",
    scope="all d >= 100",
    in_words="that log(1-u) <= -u; from the law to bounds that hold from one d on, as both sides rise",
)
def dimension_of_solution(stmt: Between) -> Finding:
    """The law solved for n: with u = log d - cn, n is above the leading terms by (log(ell/(cn))/2 - eps)/c."""
    limits = dimension_bounds.exact_bounds(stmt.first)
    if not (laws.monotone_steps() and laws.law_proved(laws.radial_law().at(PAPER), PAPER) and limits is not None):
        return Finding.undecided("the steps do not give these bounds")
    room = sp.expand(dimension_bounds.EXACT_BETWEEN.high - dimension_bounds.LEADING)
    if (
        not limits[1] < int(room)
        or dimension_bounds.leading_residual() != 0
        or dimension_bounds.leading_limit() != 0
        or not _proves(stmt, dimension_bounds.EXACT_BETWEEN)
    ):
        return Finding.undecided("the law does not give these bounds")
    high = float(limits[1].mid())
    return Finding.holds(
        f"all residuals are 0; the difference is below log(2)/(2c) = {high:.3f}", margin=f"{6 - high:.3f}"
    )


@check("Z-DIM", kind="certified", scope="log d from log 100 to 10^4")
def dimension_at_points(stmt: Between) -> Finding:
    """n against its bounds at exact log d."""
    away = dimension_bounds.outside(stmt, LOGARITHMS)
    if away is not None:
        return Finding.fails(f"at {away[1]} n leaves the {away[2]} bound", margin="certified")
    return Finding.survived("the bounds hold at all points")


TIGHT = (ell - sp.log(ell) - sp.Rational(19, 10)) ** 2 / PAPER
LOG_SQUARE = Between(("printed", "lower"), (ell - sp.log(ell) - 2) ** 2 / PAPER, ell**2 / PAPER, 100)
SQUARE = sp.exp(2 * ell) / sp.pi
UPPER_END = Between(("upper",), SQUARE - sp.Rational(2, 5), SQUARE - sp.Rational(8, 25), 3)
claim(
    "P5-LIT",
    LOG_SQUARE,
    mutants={
        "19/10 instead of 2": replace(LOG_SQUARE, low=TIGHT),
        "half the upper bound": replace(LOG_SQUARE, high=LOG_SQUARE.high / 2),
        "the exact ball integral": replace(LOG_SQUARE, formulas=("exact",)),
        "the right end of (14)": replace(LOG_SQUARE, formulas=("upper",)),
    },
)
claim(
    "P5-END",
    UPPER_END,
    mutants={
        "at least d^2/pi - 1/3": replace(UPPER_END, low=SQUARE - sp.Rational(1, 3)),
        "at most d^2/pi - 7/20": replace(UPPER_END, high=SQUARE - sp.Rational(7, 20)),
        "the left end of (14)": replace(UPPER_END, formulas=("lower",)),
    },
)


@check("P5-LIT", kind="symbolic", scope="all d >= 100", in_words=f"{CONTINUOUS}; that t rises with d")
def printed_law(stmt: Between) -> Finding:
    """With t = sqrt(cn), log d = t + log t + log(2 pi^2 e)/2 + eta with explicit bounds on eta."""
    if (
        laws.monotone_steps()
        and dimension_bounds.square_log_steps(stmt.first)
        and _proves(stmt, dimension_bounds.LOG_SQUARE)
    ):
        return Finding.holds("t < log d and t > log d - log log d - 2, for the printed form and for the left end")
    return Finding.undecided("the steps do not give these bounds")


@check("P5-END", kind="symbolic", scope="all d >= 3", in_words=f"{CONTINUOUS}; that e^y >= 1 + y + y^2/2")
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


@check(
    "P5-FIX",
    kind="symbolic",
    scope="all A, l, T_max and tau; log D to infinity",
    in_words="that n may be replaced by its leading terms, from which it differs by less than 6",
)
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
    text = f"the limits are {limits[0]} and {limits[1]}"
    return Finding.derived(text, derivations.context_fixed(), derivations.ratio_fixed())


OPTIMUM = Optimum("printed", within=1 / PAPER, first=2, share=1 / PAPER)
claim(
    "P5-PRINTED",
    OPTIMUM,
    mutants={
        "a quarter of the range": replace(OPTIMUM, within=1 / PAPER / 4),
        "the energy g": replace(OPTIMUM, reading="A"),
        "half the slope": replace(OPTIMUM, share=1 / PAPER / 2),
    },
)


@check(
    "P5-PRINTED",
    kind="symbolic",
    scope="all d >= 2 and n",
    in_words="Jensen's inequality, which puts the loss between the bounds; from these to where the least loss lies",
)
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
