"""Checks of what the energy's order says of nearness, and when minus LogSumExp is convex (chapter 2)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb

from assocmem.claims.model import Finding, check, formal, mutation
from assocmem.theory import energies as theory
from assocmem.theory.certified import lse, sign, to_arb

_SET = ((Fraction(0),), (Fraction(5),), (Fraction(51, 10),))
_NEAR, _FAR = (Fraction(1, 2),), (Fraction(113, 20),)

formal("EQ4-MONO", {"log_d_margin": 0})
mutation("EQ4-MONO", "nearer by more than log d", {"log_d_margin": 1})
formal("EQ4-MONO-FIX", {"log_d_margin": 1})
mutation("EQ4-MONO-FIX", "nearer by any amount", {"log_d_margin": 0})

for _name in ("EQ4-MONO", "EQ4-MONO-FIX"):

    @check(_name, kind="certified", scope="n = 1, D = {0, 5, 51/10}, x = 1/2, y = 113/20")
    def order(stmt: Any) -> Finding:
        """A lone pattern against a pair: the point nearer to a pattern has the larger energy."""
        margin = stmt["log_d_margin"]

        def premise() -> arb:
            a, b = theory.quantities(_NEAR, _SET), theory.quantities(_FAR, _SET)
            return b["g"] - a["g"] - margin * a["log_d"]

        def reversed_order() -> arb:
            return theory.quantities(_NEAR, _SET)["E"] - theory.quantities(_FAR, _SET)["E"]

        if sign(premise) == 1 and sign(reversed_order) == 1:
            return Finding.fails("g(x) < g(y) but E(x) > E(y)", margin=f"{float(reversed_order().mid()):.4f}")
        return Finding.survived("the premise does not hold at this pair")

    @check(_name, kind="symbolic", scope="all patterns and points, by Proposition 1 at both")
    def chain(stmt: Any) -> Finding:
        """E(x) <= g(x) < g(y) - m log d, and g(y) - log d <= E(y), which closes the chain for m = 1."""
        lower, upper = theory.LinearSandwich({"g": 1, "log_d": -stmt["log_d_margin"]}, {"E": 1}, {"g": 1}).slacks()
        if theory.facts_hold() and theory.certificate(lower) is not None and theory.certificate(upper) is not None:
            return Finding.holds("E(x) <= g(x) < g(y) - log d <= E(y)")
        return Finding.undecided("Proposition 1 does not close the chain with this margin")


formal("C-NLSE", {"patterns": 2})
mutation("C-NLSE", "one pattern only", {"patterns": 1})


@check("C-NLSE", kind="argument", scope="two or more distinct patterns")
def not_convex(stmt: Any) -> Finding:
    """A concave function that is not affine is not convex."""
    if stmt["patterns"] < 2:
        return Finding.undecided("with one pattern the function is affine")
    return Finding.holds_if(
        "at least two distinct patterns",
        "the Hessian is -beta Cov_p(rho): concave, and affine (so convex) only if all patterns coincide",
    )


@check("C-NLSE", kind="certified", scope="n = 1, D = {-1, 1}, beta = 1, and D = {1}")
def midpoint(stmt: Any) -> Finding:
    """The midpoint inequality of convexity at -1, 0, 1."""
    ends = [to_arb(1), to_arb(-1)] if stmt["patterns"] == 2 else [to_arb(0)]
    zero = [to_arb(0)] * stmt["patterns"]
    if sign(lambda: lse(ends) - lse(zero)) == 1:
        return Finding.survived("D={-1, 1}: f(0) = -log 2 exceeds (f(-1)+f(1))/2, so f is not convex")
    return Finding.fails("one pattern: f(x) = -rho.x is affine, hence convex")


formal("C-REG", {"norm_of": "input"})
mutation("C-REG", "norm of the patterns", {"norm_of": "patterns"})


@check("C-REG", kind="symbolic", scope="the definition of the MCHN energy")
def regularizer(stmt: Any) -> Finding:
    """Among the terms of the definition, which one holds a maximal norm, and of what."""
    if stmt["norm_of"] == "input":
        return Finding.fails(
            "the maximal norm is that of the patterns, max|rho_i|^2/2, a constant in x; the input enters as |x|^2/2 only",
            margin="exact",
        )
    return Finding.holds("log(d)/beta and max|rho_i|^2/2 are constants; only |x|^2/2 changes the shape")
