"""Checks of Lemmas 1-4, their corrected forms, and what the paper says of softmax (chapter 1)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import lse, precision, to_arb
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.logsumexp import any_number, derivations, induction, lemmas
from assocmem.theory.logsumexp.lemmas import LARGEST_EXPANDED, Sandwich

# L1: the curvature identity with the sign of its square.
claim("L1", {"sign": 1}, mutants={"concave instead of convex": {"sign": -1}})


@check(
    "L1",
    kind="symbolic",
    scope="all n: the curvature with n as a symbol, Lagrange's identity by induction over one more entry",
)
def l1_curvature(stmt: Any) -> Finding:
    """Lagrange's identity writes the curvature along v as a sum of squares with positive weights."""
    residuals = [lemmas.lagrange_residual(n, stmt["sign"]) for n in range(2, LARGEST_EXPANDED + 1)]
    if all(r == 0 for r in residuals) and _convex():
        text = "v'Hv = sum over i<j of p_i p_j (v_i-v_j)^2 >= 0, and 0 only for v in span(1): convex, never strictly"
        return replace(Finding.derived(text, derivations.curvature_is_a_variance()), margin="0 along v = (1,...,1)")
    a, v = sp.symbols("a1:3"), sp.symbols("v1:3")
    value = residuals[0].subs({a[0]: 1, a[1]: 1, v[0]: 1, v[1]: -1})
    return Finding.fails(f"at n=2, a=(1,1), v=(1,-1) the identity misses by {value}", margin=str(value))


def _convex() -> bool:
    """The curvature is (A C - B^2)/A^2, and A C - B^2 grows by a sum of squares with each entry."""
    return bool(any_number.curvature_residual() == 0 and lemmas.lagrange_step() == 0)


def _printed(stmt: Sandwich) -> dict[str, Any]:
    """Other ranges and bounds than the printed ones, which let n = 1 in."""
    return {
        "printed range cut down to n >= 2": replace(stmt, from_n=2),
        "log n replaced by 0.99 log n": replace(stmt, b=Fraction(99, 100)),
    }


def _corrected(stmt: Sandwich) -> dict[str, Any]:
    """Other ranges and bounds than the true ones."""
    return {
        "log n dropped": replace(stmt, b=Fraction(0)),
        "log n replaced by 0.99 log n": replace(stmt, b=Fraction(99, 100)),
        "n = 1 let in": replace(stmt, from_n=1),
        "lower bound raised by 1/1000": replace(stmt, a=Fraction(1, 1000)),
        "equality wherever two entries are equal": replace(stmt, attained="first two entries equal"),
        "never an equality": replace(stmt, attained="never"),
    }


MAXIMUM, MINIMUM = Sandwich(), Sandwich(mirrored=True)
MAXIMUM_FIX = Sandwich(from_n=2, attained="all entries equal")
MINIMUM_FIX = replace(MAXIMUM_FIX, mirrored=True)
claim("L2", MAXIMUM, mutants=_printed(MAXIMUM))
claim("L3", MINIMUM, mutants=_printed(MINIMUM))
claim("L2-FIX", MAXIMUM_FIX, mutants=_corrected(MAXIMUM_FIX))
claim("L3-FIX", MINIMUM_FIX, mutants=_corrected(MINIMUM_FIX))


def _bounds(stmt: Sandwich) -> Finding:
    fits = stmt.a == 0 and stmt.b == 1 and stmt.strict_lower and stmt.attained in (None, "all entries equal")
    counted = any_number.shift_residual() == 0 and induction.sum_step() and induction.equality_step()
    if not (fits and counted):
        return Finding.undecided("the count gives a = 0 (strict) and b = 1, with equality for equal entries only")
    text = "exp(LSE - max) = 1 + sum of n-1 terms, each in (0, 1]: above 1, at most n"
    margin = "upper 0 iff all entries are equal; lower infimum 0, not attained"
    found = Finding.holds(text, margin)
    if stmt.from_n < 2:
        found = Finding.holds_if("n >= 2", text + "; for n = 1 the sum is empty and LSE(x) = x", margin)
    return replace(found, derivations=(derivations.lse_at_least_maximum(), derivations.lse_at_most_log_n_above()))


def _attack(stmt: Sandwich) -> Finding:
    for x in stmt.points():
        low, up = stmt.gaps(x)
        if low is None or up is None:
            continue
        shown = f"n={len(x)}, x=({', '.join(str(v) for v in x)})"
        if low < 0 or up < 0 or (stmt.strict_lower and low == 0):
            side = "upper" if up < 0 else "lower"
            return Finding.fails(f"the {side} bound fails at {shown}", margin="exact", outside=len(x) == 1)
        if stmt.attained is not None and (up == 0) != lemmas.ATTAINED[stmt.attained](x):
            return Finding.fails(
                f"the bound with log n is {'' if up == 0 else 'not '}attained at {shown}", margin="exact"
            )
    return Finding.survived("both bounds certified at the adversarial points", margin="0 at equal entries")


def _search(stmt: Sandwich) -> Finding:
    slack = lemmas.worst_slack(float(stmt.a), float(stmt.b))
    if slack < -1e-12:
        return Finding.violated("descent from 9 seeded starts for each n", margin=slack)
    return Finding.survived("descent from 9 seeded starts for each n; float64 rounding 1e-12 allowed", margin=slack)


@check("L2", "L2-FIX", "L3", "L3-FIX", kind="symbolic", scope="all n, by induction over one more entry")
def sandwich_proof(stmt: Sandwich) -> Finding:
    """Taking the maximum from all entries takes it from LSE, so exp(LSE - max) is 1 plus n-1 terms in (0, 1].

    It is n only if every term is 1, that is if all entries are the maximum. Lemma 3 is Lemma 2 at -x.
    """
    return _bounds(stmt)


@check("L2", "L2-FIX", "L3", "L3-FIX", kind="certified", scope="exact adversarial points, Arb at up to 4096 bits")
def sandwich_certified(stmt: Sandwich) -> Finding:
    """Certified signs of both gaps at tight, degenerate and far points."""
    return _attack(stmt)


@check("L2", "L2-FIX", "L3", "L3-FIX", kind="search", scope="descent of the slack from seeded starts, n in {2, 3, 5}")
def sandwich_search(stmt: Sandwich) -> Finding:
    """Smallest gap met by descending it."""
    return _search(stmt)


# L4 and its signed sharpening.
claim("L4", {"constant": Fraction(1)}, mutants={"Lipschitz constant 0.99": {"constant": Fraction(99, 100)}})
claim(
    "L4-FIX",
    {"constant": Fraction(1), "signed": True},
    mutants={
        "difference scaled by 1.01": {"constant": Fraction(101, 100), "signed": True},
        "sign of the difference flipped": {"constant": Fraction(-1), "signed": True},
    },
)


@check("L4", kind="symbolic", scope="all n: LSE rises with each entry and shifts with all of them")
def l4_translation(stmt: Any) -> Finding:
    """x <= y + m with m = max|x-y| gives LSE(x) <= LSE(y) + m, and the roles may be exchanged."""
    if any_number.shift_residual() != 0 or not any_number.rises_with_each_entry():
        return Finding.undecided("LSE was not seen to rise and to shift")
    if stmt["constant"] < 1:
        return Finding.fails("x = y + (1,...,1): the difference is 1 and the sup norm is 1", margin="exact")
    if stmt["constant"] > 1:
        return Finding.undecided("the argument gives the constant 1")
    return Finding.holds("equality iff x - y is a multiple of (1,...,1) up to sign", margin="0 at x = y + c")


@check("L4", kind="search", scope="descent over x and y from seeded starts, n in {1, 2, 4}")
def l4_search(stmt: Any) -> Finding:
    """Smallest slack of the Lipschitz bound met by descending it."""
    slack = lemmas.lipschitz_slack(float(stmt["constant"]))
    make = Finding.violated if slack < -1e-12 else Finding.survived
    return make("descent from 9 seeded starts for each n", margin=slack)


@check("L4-FIX", kind="symbolic", scope="all n: gradient inequality of a convex function at both ends")
def l4_fix_gradient(stmt: Any) -> Finding:
    """Convexity (L1) and the gradient (C-SM) bound the difference from both sides."""
    if _convex() and any_number.gradient_residual(sp.Rational(stmt["constant"])) == 0:
        return Finding.holds(
            "f(x)-f(y) >= <grad f(y), x-y> and <= <grad f(x), x-y>, with grad f = softmax",
            margin="0 at x = y + c",
        )
    return Finding.fails("at y=(0,0), x=(1,1): the difference is 1 and both means are 1", margin="exact")


@check("L4-FIX", kind="search", scope="descent over x and y from seeded starts, n in {1, 2, 4}")
def l4_fix_search(stmt: Any) -> Finding:
    """Smallest slack of the signed bounds met by descending it."""
    slack = lemmas.lipschitz_slack(float(stmt["constant"]), signed=True)
    make = Finding.violated if slack < -1e-12 else Finding.survived
    return make("descent from 9 seeded starts for each n", margin=slack)


claim(
    "C-SM",
    {"scale": 1},
    mutants={"gradient is minus softmax": {"scale": -1}, "gradient is twice softmax": {"scale": 2}},
)


@check("C-SM", kind="symbolic", scope="any number of entries: one of them, and the others as one number")
def c_sm_gradient(stmt: Any) -> Finding:
    """The derivative of LSE(beta, y) with respect to y is softmax(beta y)."""
    if any_number.gradient_residual(stmt["scale"]) == 0:
        return Finding.holds("d LSE(beta, y)/d y_i = exp(beta y_i) / sum exp(beta y_j); the chain rule adds M for M'x")
    return Finding.fails(f"at n=1 the gradient is 1 and the statement gives {stmt['scale']}", margin="exact")


claim("C-JEM", 1, mutants={"energy is twice LogSumExp, up to the sign": 2, "half of it": sp.Rational(1, 2)})
claim(
    "C-JEM-FIX",
    -1,
    mutants={"energy is plus LogSumExp of the logits": 1, "half of minus LogSumExp": -sp.Rational(1, 2)},
)


@check("C-JEM", "C-JEM-FIX", kind="symbolic", scope="any number of classes")
def joint_energy(stmt: Any, claim_id: str) -> Finding:
    """The energy of x must satisfy exp(-E(x)) proportional to the sum over classes of exp(logit).

    A correspondence leaves the sign of the energy open.
    """
    factors = (stmt,) if claim_id == "C-JEM-FIX" else (stmt, -stmt)
    if any(any_number.marginal_residual(factor) == 0 for factor in factors):
        return Finding.holds("exp(-E) = sum_y exp(f_y) exactly when E = -LSE(f)", margin="residual 0")
    return Finding.undecided("the sum over classes is exp(-E) for E = -LSE(f)")


@check("C-JEM", "C-JEM-FIX", kind="certified", scope="three zero logits, whose marginal is 3")
def joint_energy_at_zero(stmt: Any, claim_id: str) -> Finding:
    """Certified value of exp(-E) at three zero logits against the sum of their exponentials."""
    factors = (stmt,) if claim_id == "C-JEM-FIX" else (stmt, -stmt)
    with precision(128):
        zeros = [to_arb(0)] * 3
        values = [(enclose(sp.sympify(-factor), {}) * lse(zeros)).exp() for factor in factors]
        exact = any(abs(value - len(zeros)) < 1e-20 for value in values)
    if exact:
        return Finding.survived("exp(-E) = 3 at three zero logits")
    shown = " or ".join(f"{float(value.mid()):.4g}" for value in values)
    return Finding.fails(f"logits f=(0,0,0): exp(-E) = {shown} but the unnormalized density is 3", margin="certified")
