"""Checks of the lines of the paper's own proofs in Appendix C and of what follows from what (chapters 1 and 2)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims.model import Finding, check, formal, mutation
from assocmem.theory import energies, logsumexp, proof_steps
from assocmem.theory.certified import sign
from assocmem.theory.energies import LinearSandwich
from assocmem.theory.logsumexp import Sandwich

formal("LSE-DEF", 1)
mutation("LSE-DEF", "beta = 2", 2)


@check("LSE-DEF", kind="symbolic", scope="n <= 4 by sympy; any n by the same substitution")
def one_function(stmt: int) -> Finding:
    """The two definitions at the given inverse temperature."""
    residuals = [proof_steps.scaled(stmt, n) for n in range(1, 5)]
    if all(r == 0 for r in residuals):
        return Finding.holds("substituting beta = 1 gives the second definition", margin="residual 0")
    at = residuals[1].subs(dict.fromkeys(residuals[1].free_symbols, 0))
    return Finding.fails(f"at beta = {stmt}, y = (0, 0) they differ by {sp.simplify(at)}", margin=str(sp.N(at, 6)))


POINTS = ((0, 0), (1, -1), (3, 0), (0, 40), (-2, 5))
formal("L1-PROOF", lambda t: (t, 1 - t))
mutation("L1-PROOF", "exponents exchanged", lambda t: (1 - t, t))
mutation("L1-PROOF", "exponents that add up to 0.99", lambda t: (t * Fraction(99, 100), (1 - t) * Fraction(99, 100)))


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
    """Certified sign of the gap between the logarithms of the two sides."""
    for t in (Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(9, 10), Fraction(1)):
        for x in POINTS:
            for y in POINTS:
                a, b = ([Fraction(v) for v in row] for row in (x, y))
                if sign(lambda a=a, b=b, t=t: proof_steps.holder_gap(a, b, t, stmt)) == -1:  # type: ignore[misc]
                    return Finding.fails(f"violated at x={x}, y={y}, t={t}", margin="certified")
    return Finding.survived("no certain violation at 125 exact cases")


formal("L4-PROOF", 1)
mutation("L4-PROOF", "sign of the derivative flipped", -1)
mutation("L4-PROOF", "derivative halved", sp.Rational(1, 2))


@check("L4-PROOF", kind="symbolic", scope="n <= 4 by sympy; any n by the chain rule, term by term")
def mean_value(stmt: Any) -> Finding:
    """The derivative along the segment is a weighted mean of the differences; a mean is at most the largest."""
    residuals = [proof_steps.segment_residual(n, stmt) for n in (2, 3, 4)]
    if all(r == 0 for r in residuals) and energies.mean_step():
        return Finding.holds("f'(s) is the softmax-weighted mean of x_i - y_i, hence at most max|x_i - y_i|")
    x1, x2, y1, y2 = sp.symbols("x1 x2 y1 y2", real=True)
    value = sp.simplify(residuals[0].subs({x1: 1, x2: 1, y1: 0, y2: 0}))
    return Finding.fails(f"at x=(1,1), y=(0,0) the derivative misses by {value}", margin=str(value))


formal("L3-SMOOTH", Sandwich(strict_lower=False, mirrored=True))
mutation("L3-SMOOTH", "error at most 0.9 log n", Sandwich(b=Fraction(9, 10), strict_lower=False, mirrored=True))


@check("L3-SMOOTH", kind="argument", scope="all n")
def smooth_minimum(stmt: Sandwich) -> Finding:
    """Analytic: exp, a positive sum, log. Within log n of the minimum: Lemma 3 with <= in place of <."""
    rest = [logsumexp.ratio_bounds(n)[1] for n in range(2, 7)]
    count = [part.subs(dict.fromkeys(part.free_symbols, 1)) for part in rest]
    if all(c == 0 for c in count) and stmt.b >= 1:
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


_LEMMA3 = Sandwich(mirrored=True)
formal("P1-PROOF", {"bound": LinearSandwich({"g": 1, "log_d": -1}, {"E": 1}, {"g": 1}), "lemma": _LEMMA3})
mutation(
    "P1-PROOF",
    "Proposition 1 with 0.9 log d",
    {"bound": LinearSandwich({"g": 1, "log_d": Fraction(-9, 10)}, {"E": 1}, {"g": 1}), "lemma": _LEMMA3},
)


@check("P1-PROOF", kind="symbolic", scope="all d, by substituting x_i = d(x, rho_i)")
def from_lemma_three(stmt: Any) -> Finding:
    """Lemma 3 at x_i = d_i reads g - log d <= E < g, and its < holds for d >= 2 only (Lemma 3 fails at n = 1)."""
    first, second = sp.symbols("d1 d2", nonnegative=True)
    energy = -sp.log(sp.exp(-first) + sp.exp(-second))
    same = sp.simplify(energy + sp.log(sum(sp.exp(v) for v in (-first, -second))))
    single = stmt["lemma"].gaps((Fraction(0),))
    provable = all(energies.certificate(slack) is not None for slack in stmt["bound"].slacks())
    if same == 0 and provable and single[0] == 0:
        return Finding.holds_if("d >= 2", "for d = 1 Lemma 3 is false, while Proposition 1 holds with E = g")
    return Finding.undecided("the substitution gives g - log d <= E <= g")


@check("P1-PROOF", kind="certified", scope="exact adversarial points")
def proposition_one_points(stmt: Any) -> Finding:
    """Certified signs of both slacks of the bound that the substitution gives."""
    hit = energies.counterexample(stmt["bound"])
    return Finding.survived("no certain violation") if hit is None else Finding.fails(f"the {hit[0]} bound fails")


_GAP = {"g": 1, "M": -1}
formal("P3-DIRECT", LinearSandwich({"delta": -1}, _GAP, {"delta": 1, "log_d": 1}))
mutation("P3-DIRECT", "the bounds that do follow", LinearSandwich({"delta": -1, "log_d": -1}, _GAP, {"delta": 1}))


@check("P3-DIRECT", kind="symbolic", scope="Propositions 1 and 2 as printed, all n and d")
def follows(stmt: LinearSandwich) -> Finding:
    """Both sides as nonnegative combinations of the proved facts, which include Propositions 1 and 2."""
    found = [energies.certificate(slack) for slack in stmt.slacks()]
    if all(item is not None for item in found):
        return Finding.holds("P1 and P2 add up to these bounds")
    return Finding.undecided("no nonnegative combination gives both sides")


@check("P3-DIRECT", kind="certified", scope="exact adversarial points, where Propositions 1 and 2 hold")
def does_not_follow(stmt: LinearSandwich) -> Finding:
    """A point at which the conclusion fails while both premises, being proved, hold."""
    hit = energies.counterexample(stmt)
    if hit is None:
        return Finding.survived("no certain violation at the exact points")
    side, x, patterns = hit
    shown = ", ".join(str(p[0]) for p in patterns)
    return Finding.fails(f"the {side} bound fails at D={{{shown}}}, x={x[0]}", margin="certified")


for _name in ("L2-PROOF",):
    formal(_name, Sandwich())
    mutation(_name, "n >= 2", Sandwich(from_n=2))
    mutation(_name, "0.99 log n", Sandwich(b=Fraction(99, 100)))

    @check(_name, kind="symbolic", scope="all n, by the termwise count")
    def exponentiated(stmt: Sandwich) -> Finding:
        """exp is increasing, so the two displays and Lemma 2 stand or fall together; the sum is 1 plus n-1 terms."""
        low, _ = logsumexp.two_argument_step()
        counted = all(sp.Poly(logsumexp.ratio_bounds(n)[0] - 1).coeffs() == [1] * (n - 1) for n in range(2, 7))
        if not counted or stmt.a != 0 or stmt.b != 1 or not sp.exp(low).subs(low.free_symbols.pop(), 0).is_positive:
            return Finding.undecided("the count gives b = 1")
        text = "sum exp(x_i) = exp(max) (1 + n-1 terms in (0, 1])"
        return Finding.holds(text) if stmt.from_n >= 2 else Finding.holds_if("n >= 2", text + "; n = 1 gives equality")

    @check(_name, kind="certified", scope="exact adversarial points")
    def exponentiated_points(stmt: Sandwich) -> Finding:
        """Certified signs of both gaps."""
        for x in stmt.points():
            low, up = stmt.gaps(x)
            if low == -1 or up == -1 or (stmt.strict_lower and low == 0):
                text = f"fails at n={len(x)}, x=({', '.join(map(str, x))})"
                return Finding.fails(text, margin="exact", outside=len(x) == 1)
        return Finding.survived("both gaps certified at every point")
