"""Checks of what is said of minus LogSumExp as an energy and of the terms that regularize it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import sandwich
from assocmem.theory.exact.certified import lse, sign, to_arb
from assocmem.theory.logsumexp import lemmas

claim(
    "C-NLSE",
    {"patterns": ((-1,), (1,))},
    mutants={"one pattern only": {"patterns": ((1,),)}, "the same pattern twice": {"patterns": ((1,), (1,))}},
)


@check("C-NLSE", kind="symbolic", scope="any patterns: the variance identity, by induction")
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
    if sign(lambda: sandwich.midpoint_excess(Fraction(2), stmt["used"])) == 1:
        return Finding.fails("E_MCHN, which the paper prefers, is not convex either: f(0) exceeds (f(-2)+f(2))/2")
    return Finding.survived("the energy used in its place shows no violation of convexity")


claim(
    "C-REG",
    {"maximal norm of": "x", "number of patterns": True},
    mutants={"norm of the patterns": {"maximal norm of": "rho", "number of patterns": True}},
)


@check("C-REG", kind="symbolic", scope="the definition of the MCHN energy, three patterns in the plane")
def regularizer(stmt: Any) -> Finding:
    """Which symbols the term with the maximal norm contains, read off the definition's terms."""
    terms = sandwich.mchn_terms()
    letters = {str(symbol)[0] for symbol in terms["maximal norm"].free_symbols}
    named = {"x": "x", "rho": "r"}[stmt["maximal norm of"]]
    counted = sp.Symbol("d", positive=True) in terms["number"].free_symbols
    if counted != stmt["number of patterns"]:
        return Finding.fails("the term log(d)/beta contains the number of patterns", margin="exact")
    if letters == {named}:
        return Finding.holds("log(d)/beta and max|rho_i|^2/2 are constants in x; only |x|^2/2 changes the shape")
    return Finding.holds_if(
        "'input' read as the stored patterns",
        "the maximal norm is that of the patterns; the query enters the regularizer as |x|^2/2 only",
    )
