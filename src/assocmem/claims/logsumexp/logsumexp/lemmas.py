"""Checks of Lemmas 1-4, their corrected forms, and what the paper says of softmax (chapter 1)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.logsumexp import lemmas
from assocmem.theory.logsumexp.lemmas import LARGEST_EXPANDED, Sandwich

# L1: the curvature identity with the sign of its square.
claim("L1", {"sign": 1}, mutants={"concave instead of convex": {"sign": -1}})


@check(
    "L1",
    kind="symbolic",
    scope="all n: expanded for n <= 6, and by induction over one more entry",
)
def l1_curvature(stmt: Any) -> Finding:
    """Lagrange's identity writes the curvature along v as a sum of squares with positive weights."""
    residuals = [lemmas.lagrange_residual(n, stmt["sign"]) for n in range(2, LARGEST_EXPANDED + 1)]
    if all(r == 0 for r in residuals) and lemmas.lagrange_step() == 0:
        return Finding.holds(
            "v'Hv = sum over i<j of p_i p_j (v_i-v_j)^2 >= 0, and 0 only for v in span(1): convex, never strictly",
            margin="0 along v = (1,...,1)",
        )
    a, v = sp.symbols("a1:3"), sp.symbols("v1:3")
    value = residuals[0].subs({a[0]: 1, a[1]: 1, v[0]: 1, v[1]: -1})
    return Finding.fails(f"at n=2, a=(1,1), v=(1,-1) the identity misses by {value}", margin=str(value))


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
    }


MAXIMUM, MINIMUM = Sandwich(), Sandwich(mirrored=True)
MAXIMUM_FIX, MINIMUM_FIX = Sandwich(from_n=2), Sandwich(from_n=2, mirrored=True)
claim("L2", MAXIMUM, mutants=_printed(MAXIMUM))
claim("L3", MINIMUM, mutants=_printed(MINIMUM))
claim("L2-FIX", MAXIMUM_FIX, mutants=_corrected(MAXIMUM_FIX))
claim("L3-FIX", MINIMUM_FIX, mutants=_corrected(MINIMUM_FIX))


def _bounds(stmt: Sandwich) -> Finding:
    low, high = lemmas.two_argument_step()
    gap = next(iter(low.free_symbols))
    positive = sp.Symbol("q", positive=True)  # q = exp(-gap) in (0, 1]
    growth = sp.expand(sp.exp(low.subs(sp.exp(-gap), positive)) - 1)
    rest = sp.simplify(high.subs(gap, 0))
    fits = stmt.a == 0 and stmt.b == 1 and stmt.strict_lower
    if growth != positive or rest != 0 or not fits:
        return Finding.undecided("the induction proves a = 0 (strict) and b = 1 only")
    counted = all(
        sp.Poly(lemmas.ratio_bounds(n)[0] - 1).coeffs() == [1] * (n - 1) for n in range(2, LARGEST_EXPANDED + 1)
    )
    if not counted:
        return Finding.undecided("the termwise count failed")
    text = "exp(LSE - max) = 1 + sum of n-1 terms, each in (0, 1]: above 1, at most n"
    margin = "upper 0 iff all entries are equal; lower infimum 0, not attained"
    if stmt.from_n >= 2:
        return Finding.holds(text, margin)
    return Finding.holds_if("n >= 2", text + "; for n = 1 the sum is empty and LSE(x) = x", margin)


def _attack(stmt: Sandwich) -> Finding:
    for x in stmt.points():
        low, up = stmt.gaps(x)
        if low is None or up is None:
            continue
        if low < 0 or up < 0 or (stmt.strict_lower and low == 0):
            shown = tuple(str(v) for v in x)
            side = "upper" if up < 0 else "lower"
            text = f"the {side} bound fails at n={len(x)}, x=({', '.join(shown)})"
            return Finding.fails(text, margin="exact", outside=len(x) == 1)
    return Finding.survived("both bounds certified at the adversarial points", margin="0 at equal entries")


def _search(stmt: Sandwich) -> Finding:
    slack = lemmas.worst_slack(float(stmt.a), float(stmt.b))
    if slack < -1e-12:
        return Finding.violated("descent from 9 seeded starts for each n", margin=slack)
    return Finding.survived("descent from 9 seeded starts for each n; float64 rounding 1e-12 allowed", margin=slack)


@check("L2", "L2-FIX", "L3", "L3-FIX", kind="symbolic", scope="all n, by the termwise count")
def sandwich_proof(stmt: Sandwich) -> Finding:
    """exp(LSE - max) is 1 plus n-1 terms in (0, 1]."""
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


def _shift(n: int) -> sp.Expr:
    """LSE(x + c) - LSE(x) - c for symbolic x and c: zero is translation equivariance."""
    x, c = sp.symbols(f"x1:{n + 1}", real=True), sp.Symbol("c", real=True)
    lifted = sum(sp.exp(v + c) for v in x)
    return sp.simplify(sp.expand(lifted) * sp.exp(-c) / sum(sp.exp(v) for v in x)) - 1


@check("L4", kind="symbolic", scope="all n: monotone and translation-equivariant, no calculus")
def l4_translation(stmt: Any) -> Finding:
    """x <= y + m with m = max|x-y| gives LSE(x) <= LSE(y) + m, and the roles may be exchanged."""
    if any(_shift(n) != 0 for n in range(1, 5)):
        return Finding.undecided("translation equivariance failed")
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
    convex = all(lemmas.lagrange_residual(n) == 0 for n in range(2, LARGEST_EXPANDED + 1))
    slope = all(r == 0 for n in range(1, 4) for r in lemmas.gradient_residuals(n, sp.Rational(stmt["constant"])))
    if convex and slope:
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


@check("C-SM", kind="symbolic", scope="n <= 4 by sympy; all n by the quotient rule, term by term")
def c_sm_gradient(stmt: Any) -> Finding:
    """The derivative of LSE(beta, y) with respect to y is softmax(beta y)."""
    residuals = [r for n in range(1, 5) for r in lemmas.gradient_residuals(n, stmt["scale"])]
    if all(r == 0 for r in residuals):
        return Finding.holds("d LSE(beta, y)/d y_i = exp(beta y_i) / sum exp(beta y_j); the chain rule adds M for M'x")
    return Finding.fails(f"at n=1 the gradient is 1 and the statement gives {stmt['scale']}", margin="exact")


claim(
    "C-SM-INT",
    {"integrand_over_layers": None},
    mutants={"an integrand over layers is named": {"integrand_over_layers": "softmax of layer t"}},
)


@check("C-SM-INT", kind="argument", scope="the sentence as written")
def c_sm_integration(stmt: Any) -> Finding:
    """Being a gradient in y says nothing about an integral along the layer index."""
    if stmt["integrand_over_layers"] is None:
        return Finding.heuristic(
            "softmax is a gradient with respect to the scores y; no function of the layer index is defined "
            "whose integral the Transformer would compute, so nothing here can hold or fail"
        )
    return Finding.undecided("an integrand is named, so the sentence would have to be judged as mathematics")


claim(
    "C-JEM",
    {"sign": 1, "corresponds": True},
    mutants={
        "energy is minus LogSumExp of the logits": {"sign": -1, "corresponds": True},
        "energy is twice LogSumExp": {"sign": 2, "corresponds": True},
    },
)
claim(
    "C-JEM-FIX",
    {"sign": -1, "corresponds": False},
    mutants={
        "energy is plus LogSumExp of the logits": {"sign": 1, "corresponds": False},
        "energy is half of minus LogSumExp": {"sign": -sp.Rational(1, 2), "corresponds": False},
    },
)


def _joint_energy(stmt: Any) -> Finding:
    f = sp.symbols("f1:4", real=True)
    marginal = sum(sp.exp(v) for v in f)  # sum over classes y of exp(f_y) = Z p(x)
    energy = stmt["sign"] * sp.log(marginal)
    if sp.simplify(sp.exp(-energy) - marginal) == 0:
        return Finding.holds("exp(-E) = sum_y exp(f_y) exactly when E = -LSE(f)", margin="residual 0")
    if stmt["corresponds"] and sp.simplify(sp.exp(energy) - marginal) == 0:
        return Finding.holds_if("up to the sign", "it is minus LSE whose exp(-E) is the sum over classes of exp(f_y)")
    return Finding.undecided("neither sign gives the marginal")


@check("C-JEM", "C-JEM-FIX", kind="symbolic", scope="three classes; any number by the same sum")
def joint_energy(stmt: Any) -> Finding:
    """The energy of x must satisfy exp(-E(x)) proportional to the sum over classes of exp(logit)."""
    return _joint_energy(stmt)


@check("C-JEM", "C-JEM-FIX", kind="certified", scope="three zero logits, whose marginal is 3")
def joint_energy_at_zero(stmt: Any) -> Finding:
    """Exact value of exp(-E) at zero logits: 3 to the power of minus the stated factor, against 3."""
    value = sp.Integer(3) ** (-sp.sympify(stmt["sign"]))
    if value == 3:
        return Finding.survived("exp(-E) = 3 at three zero logits")
    text = f"logits f=(0,0,0): exp(-E) = {value} but the unnormalized density is 3"
    return Finding.fails(text, margin="exact", outside=stmt["sign"] == 1)
