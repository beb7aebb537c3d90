"""Checks of the lines of the paper's own proofs of Lemmas 1-4 in Appendix C."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision, sign
from assocmem.theory.logsumexp import any_number, induction, proof_steps
from assocmem.theory.logsumexp.lemmas import Sandwich

claim("LSE-DEF", 1, mutants={"beta = 2": 2})


@check("LSE-DEF", kind="symbolic", scope="any number of entries")
def one_function(stmt: int) -> Finding:
    """The two definitions at the given inverse temperature."""
    if any_number.scaled_residual(stmt) == 0:
        return Finding.holds("substituting beta = 1 gives the second definition", margin="residual 0")
    at = proof_steps.scaled_at_zero(stmt)
    return Finding.fails(f"at beta = {stmt}, y = (0, 0) they differ by {at}", margin=str(sp.N(at, 6)))


POINTS = ((0, 0), (1, -1), (3, 0), (0, 40), (-2, 5))
claim(
    "L1-PROOF",
    lambda t: (t, 1 - t),
    mutants={
        "exponents exchanged": lambda t: (1 - t, t),
        "exponents that add up to 0.99": lambda t: (t * Fraction(99, 100), (1 - t) * Fraction(99, 100)),
    },
)


@check("L1-PROOF", kind="symbolic", scope="any number of terms, all t in [0, 1]")
def holder(stmt: proof_steps.Exponents) -> Finding:
    """Hoelder's inequality for finite sums, term by term from the tangent inequality."""
    t = Fraction(1, 3)
    usual = stmt(t) == (t, 1 - t) and stmt(Fraction(3, 4)) == (Fraction(3, 4), Fraction(1, 4))
    if usual and proof_steps.tangent_inequality() and proof_steps.holder_terms_residual() == 0:
        return Finding.holds("sum a^t b^(1-t) <= t sum a + (1-t) sum b = 1 for weights a, b that add up to 1")
    return Finding.undecided("the argument needs the exponents t and 1 - t")


@check("L1-PROOF", kind="certified", scope="exact pairs of points, t in {0, 1/3, 1/2, 9/10, 1}")
def holder_points(stmt: proof_steps.Exponents) -> Finding:
    """Certified sign of the gap between the logarithms of the two sides, which is 0 at equal points."""
    for t in (Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(9, 10), Fraction(1)):
        for x in POINTS:
            for y in POINTS:
                a, b = ([Fraction(v) for v in row] for row in (x, y))
                with precision(128):
                    gap = proof_steps.holder_gap(a, b, t, stmt)
                    if x == y and not abs(gap) < 1e-30:
                        text = f"at x=y={x}, t={t} the two sides differ by {float(gap.mid()):.4g}"
                        return Finding.fails(text, margin="certified")
                if sign(lambda a=a, b=b, t=t: proof_steps.holder_gap(a, b, t, stmt)) == -1:  # type: ignore[misc]
                    return Finding.fails(f"violated at x={x}, y={y}, t={t}", margin="certified")
    return Finding.survived("no certain violation at 125 exact cases")


claim("L4-PROOF", 1, mutants={"sign of the derivative flipped": -1, "derivative halved": sp.Rational(1, 2)})


@check("L4-PROOF", kind="symbolic", scope="any number of entries")
def mean_value(stmt: Any) -> Finding:
    """The derivative along the segment is a weighted mean of the differences; a mean is at most the largest."""
    if any_number.segment_residual(stmt) == 0 and induction.mean_step():
        return Finding.holds("f'(s) is the softmax-weighted mean of x_i - y_i, hence at most max|x_i - y_i|")
    x1, x2, y1, y2 = sp.symbols("x1 x2 y1 y2", real=True)
    value = sp.simplify(proof_steps.segment_residual(2, stmt).subs({x1: 1, x2: 1, y1: 0, y2: 0}))
    return Finding.fails(f"at x=(1,1), y=(0,0) the derivative misses by {value}", margin=str(value))


claim(
    "L3-SMOOTH",
    Sandwich(strict_lower=False, mirrored=True),
    mutants={"error at most 0.9 log n": Sandwich(b=Fraction(9, 10), strict_lower=False, mirrored=True)},
)


@check("L3-SMOOTH", kind="argument", scope="all n")
def smooth_minimum(stmt: Sandwich) -> Finding:
    """Analytic: exp, a positive sum, log. Within log n of the minimum: Lemma 3 with <= in place of <."""
    if any_number.shift_residual() == 0 and induction.sum_step() and stmt.b >= 1:
        return Finding.holds("the error lies in [0, log n], and log n is reached at equal entries", margin="0")
    return Finding.undecided("the count gives the error log n")


@check("L3-SMOOTH", kind="certified", scope="exact adversarial points")
def smooth_minimum_points(stmt: Sandwich) -> Finding:
    """Certified signs of the error and of its distance to the bound."""
    for x in stmt.points():
        low, up = stmt.gaps(x)
        if low == -1 or up == -1:
            return Finding.fails(f"violated at x=({', '.join(map(str, x))})", margin="certified")
    return Finding.survived("the error is certified in [0, b log n] at every point")


claim("L2-PROOF", Sandwich(), mutants={"n >= 2": Sandwich(from_n=2), "0.99 log n": Sandwich(b=Fraction(99, 100))})


@check("L2-PROOF", kind="symbolic", scope="all n, by induction over one more entry")
def exponentiated(stmt: Sandwich) -> Finding:
    """exp is increasing, so the two displays and Lemma 2 stand or fall together; the sum is 1 plus n-1 terms."""
    counted = any_number.shift_residual() == 0 and induction.sum_step()
    if not counted or stmt.a != 0 or stmt.b != 1:
        return Finding.undecided("the count gives b = 1")
    text = "sum exp(x_i) = exp(max) (1 + n-1 terms in (0, 1])"
    return Finding.holds(text) if stmt.from_n >= 2 else Finding.holds_if("n >= 2", text + "; n = 1 gives equality")


@check("L2-PROOF", kind="certified", scope="exact adversarial points")
def exponentiated_points(stmt: Sandwich) -> Finding:
    """Certified signs of both gaps."""
    for x in stmt.points():
        low, up = stmt.gaps(x)
        if low == -1 or up == -1 or (stmt.strict_lower and low == 0):
            text = f"fails at n={len(x)}, x=({', '.join(map(str, x))})"
            return Finding.fails(text, margin="exact", outside=len(x) == 1)
    return Finding.survived("both gaps certified at every point")
