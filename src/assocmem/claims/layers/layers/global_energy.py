"""Checks of the global energy (chapter 4): equations 7 and 8, continuity, convexity, linear combinations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import sign, to_arb
from assocmem.theory.exact.distances import Distance, Point
from assocmem.theory.exact.residual import nonzero_point
from assocmem.theory.layers.majorization import pairs
from assocmem.theory.layers.stack import (
    HARD,
    Stack,
    bounded,
    deficit_holds,
    far_total,
    mean_bound_holds,
    mean_slope_residual,
    negative,
    rows,
    show,
    stacks,
)
from assocmem.theory.logsumexp.induction import mean_step, sum_step


@dataclass(frozen=True)
class Bounds:
    """min E_t - below * log l <= E_global, and E_global < min E_t; from ``from_l`` layers on.

    ``mean``: also E_global <= mean E_t - mean * log l. ``attained``: where the bounds other than < are equalities.
    """

    below: Fraction = Fraction(1)
    from_l: int = 1
    mean: Fraction | None = None
    attained: Literal["unsaid", "equal energies", "never", "always"] = "unsaid"


claim(
    "EQ8",
    Bounds(),
    mutants={"99/100 of log l": Bounds(below=Fraction(99, 100)), "from two layers on": Bounds(from_l=2)},
)
BOTH = Bounds(from_l=2, mean=Fraction(1), attained="equal energies")
claim(
    "EQ8-FIX",
    BOTH,
    mutants={
        "99/100 of log l": replace(BOTH, below=Fraction(99, 100)),
        "101/100 of log l below the mean": replace(BOTH, mean=Fraction(101, 100)),
        "one layer allowed": replace(BOTH, from_l=1),
        "the bounds are never attained": replace(BOTH, attained="never"),
        "the bounds are always attained": replace(BOTH, attained="always"),
    },
)


@check(
    "EQ8",
    "EQ8-FIX",
    kind="symbolic",
    scope="any number of layers (by induction), any layer energies, any distance",
    in_words="exp(-u) >= 1 - u is summed over the layers, whose u add to 0",
)
def sandwich(stmt: Bounds, distance: Distance) -> Finding:
    """exp(min - E_global) is 1 plus l-1 terms in (0, 1]; and exp(-u) >= 1 - u gives the bound by the mean."""
    mean_ok = stmt.mean is None or (stmt.mean <= 1 and mean_bound_holds())
    if not (sum_step() and stmt.below >= 1 and mean_ok):
        return Finding.undecided("the sum lies in (1, l], which gives log l")
    if stmt.attained in ("never", "always") or not deficit_holds():
        return Finding.undecided("l terms in (0, 1] sum to l, and all exp(-u) are 1 - u, iff all energies are equal")
    text = f"a sum of l terms in (0, 1], one of them 1, for {distance.name} and any other distance"
    return Finding.holds(text) if stmt.from_l >= 2 else Finding.holds_if("at least two layers", text)


@check("EQ8", "EQ8-FIX", kind="certified", scope="exact points beside eleven splits, every reading")
def sandwich_points(stmt: Bounds, distance: Distance) -> Finding:
    """Certified signs of the slacks; with one layer E_global = E_1, so that the strict bound fails."""

    def slacks(stack: Stack, x: Point) -> list[arb]:
        energies, whole = stack.energies(x), stack.total(x)
        size, least = arb(stack.count).log(), energies[stack.active(x)]
        out = [whole - least + to_arb(stmt.below) * size, least - whole]
        mean = sum(energies, arb(0)) / stack.count
        return out if stmt.mean is None else [*out, mean - to_arb(stmt.mean) * size - whole]

    hit = negative(slacks, (s for s in stacks(distance) if s.count >= 2))
    if hit is not None:
        return Finding.fails(hit, margin="certified")
    if stmt.from_l < 2:
        return Finding.fails("one layer: E_global = E_1 = min E_t, not smaller", margin="0", outside=True)
    return Finding.survived("no slack is certainly negative")


@check("EQ8-FIX", kind="symbolic", scope="two layers, the second of energy larger by u >= 0")
def attained(stmt: Bounds) -> Finding:
    """Both slacks at u = 0 and at u = 1."""
    u = sp.Symbol("u", nonnegative=True)
    whole = -sp.log(1 + sp.exp(-u))
    slacks = (whole + sp.log(2), u / 2 - sp.log(2) - whole)
    at_equal, elsewhere = ([sp.simplify(s.subs(u, v)) for s in slacks] for v in (0, 1))
    if stmt.attained == "never" and at_equal == [0, 0]:
        return Finding.fails("equal energies: both slacks are 0", margin="exact")
    if stmt.attained == "always" and all(s.is_positive for s in elsewhere):
        return Finding.fails(f"energies 0 and 1: the slacks are {elsewhere[0]} and {elsewhere[1]}", margin="exact")
    return Finding.survived("0 for equal energies, positive for energies 0 and 1")


claim("EQ7-CONT", Fraction(1), mutants={"nine tenths of the largest change of a layer": Fraction(9, 10)})


@check(
    "EQ7-CONT",
    kind="symbolic",
    scope="any number of layers (by induction) and patterns, every reading, 0 < Z_t < oo",
    in_words="E_t is continuous: a minimum, sum or exponential of finitely many distances, each continuous",
)
def continuous(stmt: Fraction, distance: Distance) -> Finding:
    """|E_global(x) - E_global(y)| <= stmt * max_t |E_t(x) - E_t(y)|: along a segment of energies the slope is a mean.

    So it is for one layer more, and a mean of changes lies between them.
    """
    if not distance.has("continuous"):
        return Finding.undecided("nothing is known of the continuity of the distance")
    if mean_slope_residual() == 0 and mean_step() and stmt >= 1:
        return Finding.holds("the change is a weighted mean of the changes of the layers")
    return Finding.undecided("a mean of the layers' changes gives the constant 1")


@check("EQ7-CONT", kind="certified", scope="exact pairs of points, eleven splits, every reading")
def continuous_pairs(stmt: Fraction, distance: Distance) -> Finding:
    """Certified signs of the slack in both directions."""
    for stack, y, x in pairs(distance):

        def slack(side: int, stack: Stack = stack, y: Point = y, x: Point = x) -> arb:
            largest = arb(0)
            for a, b in zip(stack.energies(x), stack.energies(y), strict=True):
                largest = largest.max(abs(a - b))
            return to_arb(stmt) * largest - side * (stack.total(x) - stack.total(y))

        if stack.count == 1 and stmt >= 1:
            continue  # an equality
        if any(sign(lambda s=s, f=slack: f(s), HARD) == -1 for s in (1, -1)):  # type: ignore[misc]
            return Finding.fails(show(stack, y, x), margin="certified")
    return Finding.survived("no slack is certainly negative")


claim(
    "EQ7-NC",
    {"reading": "printed", "convex": False},
    mutants={
        "E_t = g_t": {"reading": "A", "convex": False},
        "E_t = -log sum exp(-d)": {"reading": "C", "convex": False},
        "convex": {"reading": "printed", "convex": True},
    },
)


@check(
    "EQ7-NC",
    kind="symbolic",
    scope="any layers and patterns, Z_t > 0; d unbounded",
    in_words="a convex function on the whole space that has an upper bound is constant",
)
def never_convex(stmt: Any, distance: Distance) -> Finding:
    """With bounded energies that fall to a limit E_global is bounded and not constant, hence not convex."""
    if not (distance.has("norm") or distance.has("squared euclidean")):
        return Finding.undecided("nothing is known of the distance far away")
    if stmt["convex"] or stmt["reading"] == "C" or not bounded(stmt["reading"]):
        return Finding.undecided("only a function with an upper bound is convex only if constant")
    return Finding.holds("-log l < E_global <= min 1/Z_t, and it tends to -log l")


@check("EQ7-NC", kind="symbolic", scope="one layer with one pattern", in_words="a norm is convex")
def convex_for_one(stmt: Any, distance: Distance) -> Finding:
    """Under A, B or C one pattern gives the distance itself, up to a constant."""
    if stmt["reading"] == "printed" or stmt["convex"]:
        return Finding.undecided("not a statement that one pattern refutes")
    x = sp.Symbol("x", real=True)
    if distance.has("squared euclidean") and sp.diff(x**2, x, 2).is_positive:
        return Finding.fails("one layer, one pattern: E_global = |x-rho|^2 + constant is convex", margin="exact")
    if distance.has("norm"):
        return Finding.fails("one layer, one pattern: E_global = ||x-rho|| + constant is convex", margin="exact")
    return Finding.undecided("nothing is known of the convexity of the distance")


@check("EQ7-NC", kind="certified", scope="one layer {0}, Z = 1, at -1, 0, 1")
def midpoint(stmt: Any, distance: Distance) -> Finding:
    """The value at 0 against the mean of the values at -1 and 1."""
    stack = Stack((rows("0"),), stmt["reading"], distance)
    left, middle, right = ((Fraction(v),) for v in (-1, 0, 1))
    bulge = sign(lambda: stack.total(middle) - (stack.total(left) + stack.total(right)) / 2) == 1
    if bulge and stmt["convex"]:
        return Finding.fails("the value at 0 exceeds the mean of those at -1 and 1", margin="certified")
    return Finding.survived("not convex there" if bulge else "no violation of convexity there")


KINK = {"reading": "A", "distinct": 2, "falls": Fraction(2)}
"""Reading, how many distinct patterns a layer holds, and the fall of the slope of g_t in units of |v|^2."""
claim(
    "EQ7-NC-FIX",
    KINK,
    mutants={
        "one pattern a layer": {**KINK, "distinct": 1},
        "reading C": {**KINK, "reading": "C"},
        "half the fall of the slope": {**KINK, "falls": Fraction(1)},
        "a rise of the slope": {**KINK, "falls": Fraction(-2)},
    },
)


@check(
    "EQ7-NC-FIX",
    kind="symbolic",
    scope="any layers, one of which holds two distinct patterns, readings A and B",
    in_words="two patterns of the layer are nearest at some point, and no layer's minimum has a convex kink there",
)
def concave_kink(stmt: Any, distance: Distance) -> Finding:
    """Two one-sided slopes of g_t where two patterns are nearest differ by 2|v|^2, v = rho_j - rho_i, by coordinate.

    E_global'(x; v) + E_global'(x; -v) is the mean, with weights pi_t > 0, of these sums for the layers, none of which
    is positive, because a minimum of smooth functions has only concave kinks; convexity asks for a sum >= 0.
    """
    if stmt["reading"] == "C" or stmt["distinct"] < 2:
        return Finding.undecided("needs a kink of some g_t")
    if not distance.has("squared euclidean"):
        return Finding.undecided("the slopes are those of the squared Euclidean distance")
    x, a, b = sp.symbols("x a b", real=True)
    v = b - a
    slope_a, slope_b = (sp.diff((x - p) ** 2, x) * v for p in (a, b))
    jump = sp.expand(slope_a - slope_b - sp.Rational(stmt["falls"]) * v**2)
    off = nonzero_point([jump])
    if off is not None:
        return Finding.fails(f"the fall of the slope differs by {off[1]} at {off[0]}", margin="exact")
    if jump == 0 and stmt["falls"] > 0:
        return Finding.holds(
            f"between two patterns the nearest one changes; there the slope falls by {stmt['falls']}|v|^2 pi_t"
        )
    return Finding.undecided(f"residual {jump}")


@check("EQ7-NC-FIX", kind="symbolic", scope="one pattern; two patterns half a unit apart under C")
def convex_after_all(stmt: Any) -> Finding:
    """A layer that the altered statement speaks of and whose E_global has a positive second derivative."""
    x = sp.Symbol("x", real=True)
    if stmt["distinct"] < 2:
        return Finding.fails("one layer, one pattern: E_global = |x-rho|^2 has second derivative 2", margin="exact")
    if stmt["reading"] == "C":
        a = sp.Rational(1, 4)
        value = -sp.log(sp.exp(-((x - a) ** 2)) + sp.exp(-((x + a) ** 2)))
        closed = 2 - 4 * a**2 / sp.cosh(2 * a * x) ** 2  # at least 2 - 4 a^2 > 0
        residual = sp.simplify((sp.diff(value, x, 2) - closed).rewrite(sp.exp))
        if residual == 0 and (2 - 4 * a**2).is_positive:
            return Finding.fails("D = {-1/4, 1/4}: the second derivative is at least 7/4", margin="exact")
    return Finding.survived("not a statement that a smooth layer refutes")


claim(
    "EQ7-HAM",
    {"combine": "lse", "from_l": 1},
    mutants={
        "the sum of the layers' energies": {"combine": "sum", "from_l": 1},
        "from two layers on": {"combine": "lse", "from_l": 2},
    },
)
CURVED = {"curvature": Fraction(1), "from_l": 2}
"""The stated -(d^2 E_global/dE_t^2) in units of pi_t (1 - pi_t), and the smallest number of layers."""
claim(
    "EQ7-HAM-FIX",
    CURVED,
    mutants={
        "one layer allowed": {**CURVED, "from_l": 1},
        "affine": {**CURVED, "curvature": Fraction(0)},
        "twice the curvature": {**CURVED, "curvature": Fraction(2)},
        "convex": {**CURVED, "curvature": Fraction(-1)},
    },
)


@check("EQ7-HAM", kind="symbolic", scope="any number of layers, printed energies, d unbounded")
def no_combination(stmt: Any, distance: Distance) -> Finding:
    """Far away all printed energies vanish, and with them every linear combination, but E_global tends to -log l."""
    if not (distance.has("norm") or distance.has("squared euclidean")):
        return Finding.undecided("nothing is known of the distance far away")
    if stmt["combine"] == "sum":
        return Finding.fails("a sum is a linear combination", margin="exact")
    layers = sp.Symbol("k", integer=True, positive=True) + 1  # two or more
    far = far_total(layers)
    text = "far away E_global tends to -log l, and any linear combination of the printed energies to 0"
    if not far.is_negative:
        return Finding.undecided("the limit is not below 0")
    return Finding.holds(text) if stmt["from_l"] >= 2 else Finding.holds_if("at least two layers", text)


@check("EQ7-HAM", kind="symbolic", scope="one layer")
def one_is_its_own(stmt: Any) -> Finding:
    """With one layer E_global = E_1, a linear combination."""
    e = sp.Symbol("e", real=True)
    if stmt["from_l"] < 2 and sp.simplify(-sp.log(sp.exp(-e)) - e) == 0:
        return Finding.fails("l = 1: E_global = E_1", margin="exact", outside=True)
    return Finding.survived("the statement does not speak of one layer")


@check("EQ7-HAM-FIX", kind="symbolic", scope="any number of layers, as a function of their energies")
def not_affine(stmt: Any) -> Finding:
    """d^2 E_global/dE_1^2 = -pi_1 (1 - pi_1), with R > 0 the sum of exp(-E_t) over the other layers."""
    e, rest = sp.Symbol("e", real=True), sp.Symbol("R", positive=True)
    value = -sp.log(sp.exp(-e) + rest)
    share = sp.exp(-e) / (sp.exp(-e) + rest)
    bend = share * (1 - share)
    residual = sp.simplify(sp.diff(value, e, 2) + sp.Rational(stmt["curvature"]) * bend)
    off = nonzero_point([residual])
    if off is not None:
        return Finding.fails(f"the second derivative is off by {off[1]} at {off[0]}", margin="exact")
    if stmt["from_l"] < 2 and sp.simplify(sp.diff(-sp.log(sp.exp(-e)), e, 2)) == 0:
        return Finding.fails("one layer: the second derivative is 0, E_global = E_1", margin="exact")
    if residual == 0 and sp.simplify(bend).is_positive:
        return Finding.holds("the second derivative -pi_1(1-pi_1) is negative everywhere: affine on no open set")
    return Finding.undecided(f"residual {residual}")
