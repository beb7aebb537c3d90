"""Checks of what is said of minus LogSumExp as an energy and of the terms that regularize it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import regularization, sandwich
from assocmem.theory.exact.certified import lse, precision, sign, to_arb
from assocmem.theory.logsumexp import lemmas
from assocmem.theory.logsumexp.induction import sum_step

claim(
    "C-NLSE",
    {"patterns": ((-1,), (1,))},
    mutants={"one pattern only": {"patterns": ((1,),)}, "the same pattern twice": {"patterns": ((1,), (1,))}},
)


@check(
    "C-NLSE",
    kind="symbolic",
    scope="any patterns: the variance identity, by induction",
    in_words="that the second derivative of LSE is beta times the variance under its softmax",
)
def not_convex(stmt: Any) -> Finding:
    """Minus LSE has curvature -beta Var_p(u.rho): never positive, zero in all directions only for equal patterns."""
    if lemmas.lagrange_step() != 0 or len(set(stmt["patterns"])) < 2:
        return Finding.undecided("with all patterns equal the function is affine, hence convex")
    return Finding.holds_if(
        "at least two distinct patterns",
        "its second derivative along u is -beta sum_{i<j} p_i p_j (u.rho_i - u.rho_j)^2: concave, and strictly so "
        "along the difference of two patterns",
    )


@check("C-NLSE", kind="certified", scope="the stated patterns on the line, beta = 1, at -1, 0, 1")
def midpoint(stmt: Any) -> Finding:
    """The midpoint inequality of convexity, f = -LSE(M'x)."""
    patterns = [Fraction(p[0]) for p in stmt["patterns"]]

    def excess() -> arb:
        zero, left, right = (lse([to_arb(p * x) for p in patterns]) for x in (Fraction(0), Fraction(-1), Fraction(1)))
        return (left + right) / 2 - zero

    if sign(excess) == 1:
        gap = f"{float(excess().mid()):.4f}"
        return Finding.survived("f(0) exceeds (f(-1)+f(1))/2, so f is not convex", margin=gap)
    if len(set(patterns)) == 1:  # then LSE(p x, ..., p x) = p x + log d exactly
        return Finding.fails("all patterns are equal: f is affine, hence convex", margin="exact", outside=True)
    return Finding.undecided("the sign of the excess is undecided")


claim("C-NLSE-USE", {"used": "mchn"}, mutants={"the quadratic alone": {"used": "quadratic"}})


@check("C-NLSE-USE", kind="certified", scope="n = 1, D = {-2, 2}")
def used_instead(stmt: Any) -> Finding:
    """If not being convex ruled an energy out, the energy used in its place would have to be convex."""
    excess = sandwich.midpoint_excess(Fraction(2), stmt["used"])
    if not excess.overlaps(regularization.excess_by_hand(stmt["used"], Fraction(2))):
        return Finding.undecided("the excess is not that of the closed form")
    if excess > 0:
        return Finding.fails("E_MCHN, which the paper prefers, is not convex either: f(0) exceeds (f(-2)+f(2))/2")
    return Finding.survived("the energy used in its place shows no violation of convexity")


def some_not_zero(rows: regularization.Rows) -> bool:
    """Whether some pattern is not zero."""
    return any(any(row) for row in rows)


claim(
    "X-NLSE-BELOW",
    some_not_zero,
    mutants={
        "only if no pattern is zero": lambda rows: all(any(row) for row in rows),
        "always": lambda rows: True,
        "only of patterns that differ": lambda rows: len(set(rows)) > 1,
    },
)
FALLING: tuple[regularization.Rows, ...] = tuple(
    tuple(tuple(Fraction(c) for c in row) for row in rows)
    for rows in (((0,),), ((0,), (0,)), ((1,), (1,)), ((0,), ("-1/100",)), ((0, 0), (0, "1/2")), ((1, 2), (-1, -2)))
)
"""Exact patterns, all zero, all equal and mixed."""


@check("X-NLSE-BELOW", kind="symbolic", scope="any number of patterns, dimension and inverse temperature")
def falls_along_a_pattern(stmt: Any) -> Finding:
    """LSE is at least each score, since a sum with a term 1 is at least 1; at t rho_i that score is t |rho_i|^2."""
    t, square = sp.symbols("t q", positive=True)
    least = sp.limit(-t * square, t, sp.oo)
    as_stated = all(stmt(rows) == some_not_zero(rows) for rows in FALLING)
    if sum_step() and least == -sp.oo and as_stated:
        return Finding.holds("-LSE(t rho_i) <= -t |rho_i|^2 without bound; for zero patterns it is -log(d)/beta")
    return Finding.undecided("the argument gives: unbounded exactly if some pattern is not zero")


@check("X-NLSE-BELOW", kind="certified", scope="six exact sets, beta = 1")
def fall_at_points(stmt: Any) -> Finding:
    """Whether -LSE reaches -1000 along some pattern, in certified balls."""
    for rows in FALLING:
        with precision(128):
            falls = regularization.nlse_falls(rows)
            constant = regularization.nlse(rows, (Fraction(5),) * len(rows[0])) + arb(len(rows)).log()
        if not any(any(row) for row in rows) and not abs(constant) * 10**30 < 1:
            return Finding.violated(f"for {len(rows)} zero patterns it is not -log d")
        if falls != stmt(rows):
            shown = ", ".join("(" + ", ".join(map(str, row)) + ")" for row in rows)
            return Finding.fails(f"D={{{shown}}}: {'reaches' if falls else 'does not reach'} -1000", margin="certified")
    return Finding.survived("reached exactly where some pattern is not zero")


claim(
    "C-REG",
    {"maximal norm of": "rho", "number of patterns": True},
    mutants={
        "norm of the query": {"maximal norm of": "x", "number of patterns": True},
        "no number of patterns": {"maximal norm of": "rho", "number of patterns": False},
    },
)


@check(
    "C-REG",
    kind="symbolic",
    scope="the definition of the MCHN energy, three patterns in the plane",
    in_words="that other numbers of patterns and dimensions have the same terms",
)
def regularizer(stmt: Any) -> Finding:
    """Which symbols the terms contain, read off the definition."""
    terms = sandwich.mchn_terms()
    letters = {str(symbol)[0] for symbol in terms["maximal norm"].free_symbols}
    named = {"x": "x", "rho": "r"}[stmt["maximal norm of"]]
    counted = sp.Symbol("d", positive=True) in terms["number"].free_symbols
    if counted != stmt["number of patterns"]:
        return Finding.fails("the term log(d)/beta contains the number of patterns", margin="exact")
    if letters == {named}:
        return Finding.holds("log(d)/beta and max|rho_i|^2/2 are constants in x; only |x|^2/2 changes the shape")
    return Finding.fails("the maximal norm is that of the patterns; the query enters as |x|^2/2 only", margin="exact")
