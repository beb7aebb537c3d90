"""Checks of Definition 1: what it leaves open, its radius, its centers, and the definition that this book uses."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.distances import NAMED, Distance
from assocmem.theory.retrieval import stored_and_retrieved
from assocmem.theory.retrieval.stored_and_retrieved import Interval, Reading

claim(
    "DEF1",
    Reading(retrieved="limit"),
    mutants={"the map, the radius and an iterate named": Reading("E", "r", "iterate")},
)


@check("DEF1", kind="certified", scope="D = {0, 2} and D = {0, 3/2} on the line, every critical point certified")
def single_meaning(stmt: Reading) -> Finding:
    """Three questions under every reading that the definition leaves open, each answered by exact computation."""
    answers = stored_and_retrieved.storage_answers(stmt)
    open_ones = [name for name, values in answers.items() if len(values) > 1]
    if open_ones:
        text = (
            f"whether patterns are {' and '.join(open_ones)} depends on the map and on the radius that the text "
            "leaves open; 'retrieved' asks, of a query in the ball, if the limit is near itself"
        )
        return Finding.ill_defined(text)
    return Finding.survived("one answer to each question")


claim(
    "DEF1-RAM",
    {"map": (True, False), "near": ("iterate", "limit")},
    mutants={"all clauses kept": {"map": (True, True), "near": ("iterate", "iterate")}},
)


@check(
    "DEF1-RAM", kind="argument", scope="Definition 1 of Ramsauer et al. (2020), from memory, against Definition 1 here"
)
def same_clauses(stmt: Any) -> Finding:
    """The earlier definition names its update rule, and asks that an iterate is near the fixed point."""
    if all(len(set(clause)) == 1 for clause in stmt.values()):
        return Finding.holds("the clauses agree")
    return Finding.holds_if(
        "the clause on storage, with the update rule added",
        "spheres, the single fixed point and disjointness agree; the rule is not named, and the limit is near itself",
    )


@check("DEF1-RAM", kind="certified", scope="D = {0, 2}, start 1/4, epsilon = 1/100")
def limit_is_no_iterate(stmt: Any) -> Finding:
    """The point after one step is farther than epsilon from the fixed point, though the limit is not."""
    earlier, here = stmt["near"]
    epsilon = Fraction(1, 100)
    if (
        earlier != here
        and stored_and_retrieved.limit_near(epsilon)
        and not stored_and_retrieved.first_step_near(epsilon)
    ):
        text = "D={0,2} from 1/4: one step does not retrieve to 1/100, while the limit does"
        return Finding.fails(text, margin="certified", outside=True)
    return Finding.survived("the two clauses are the same")


claim(
    "DEF1-BALL",
    {"point": Fraction(3), "radius": Fraction(4)},
    mutants={"radius 1 and a point outside both": {"point": Fraction(3), "radius": Fraction(1)}},
)


@check("DEF1-BALL", kind="certified", scope="pattern 0 on the line, the stated point and radius")
def same_ball(stmt: Any, distance: Distance) -> Finding:
    """Membership of an exact point in {d(x,0) <= r} and in {|x| < r}."""
    point, radius = (stmt["point"],), stmt["radius"]
    off = sign(lambda: to_arb(radius) - distance(point, (Fraction(0),)))
    if off is None:
        return Finding.undecided("membership could not be decided")
    if (off >= 0) != (abs(stmt["point"]) < radius):
        text = f"x={stmt['point']}, r={radius}: d(x,0) <= r is {off >= 0}, |x| < r is {abs(stmt['point']) < radius}"
        return Finding.fails(text, margin="exact")
    return Finding.survived("the point lies in both or in neither")


@check("DEF1-BALL", kind="symbolic", scope="any dimension")
def same_ball_always(stmt: Any, distance: Distance) -> Finding:
    """With d the Euclidean norm the two balls have the same interior; with its square the radius is the root of r."""
    if distance is NAMED["euclidean"]:
        return Finding.holds("d(x, rho) <= r is the closed ball of radius r")
    return Finding.undecided("the balls of this distance are others")


_R, _Q, _EPS = sp.symbols("r q epsilon", positive=True)
claim(
    "DEF1-FIX",
    stored_and_retrieved.steps_needed(),
    mutants={
        "half as many steps": stored_and_retrieved.steps_needed() / 2,
        "the radius for the diameter": sp.log(_R / _EPS) / sp.log(1 / _Q),
    },
)


@check("DEF1-FIX", kind="symbolic", scope="any n and any map; contraction by Banach's theorem")
def steps_suffice(stmt: sp.Expr) -> Finding:
    """Limits are unique, so a common point of two balls gives one fixed point; q^m 2r = epsilon at the stated m."""
    if stored_and_retrieved.steps_residual(stmt) == 0:
        return Finding.holds("|f^m(x) - rho*| <= q^m |x - rho*| <= q^m 2r, which is epsilon at the stated m")
    return Finding.undecided("q^m 2r is not epsilon at the stated number of steps")


@check("DEF1-FIX", kind="certified", scope="the map x/2 on [-1, 1] with center 1/2, radius 1/2, epsilon = 1/10")
def steps_suffice_for_halving(stmt: sp.Expr) -> Finding:
    """f(x) = x/2 sends B(1/2, 1/2) into itself, its fixed point 0 on the rim: from 1 exactly log2(1/epsilon) steps."""
    eps = sp.Rational(1, 10)
    steps = stmt.subs({_R: sp.Rational(1, 2), _Q: sp.Rational(1, 2), _EPS: eps})
    left = sp.N(sp.Rational(1, 2) ** steps - eps, 30)
    if left > sp.Float("1e-20"):
        return Finding.fails(
            f"f(x)=x/2 from 1: after the stated steps {sp.N(left, 6)} too far away", margin="certified"
        )
    return Finding.survived("near enough after the stated number of steps")


SPREAD = Interval(Fraction(-1, 4), Fraction(9, 100))
claim(
    "WLOG",
    {"patterns": stored_and_retrieved.CROWD, "which": 1, "ball": SPREAD},
    mutants={
        "two patterns": {
            "patterns": stored_and_retrieved.TWO,
            "which": 0,
            "ball": Interval(Fraction(0), Fraction(1, 4)),
        }
    },
)


@check("WLOG", kind="certified", scope="the stated patterns, pattern and ball on the line")
def centered_ball(stmt: Any) -> Finding:
    """A stored pattern that is nearer to another fixed point's side than to its own fixed point."""
    gaps = stored_and_retrieved.centered_gap(stmt["patterns"], stmt["which"], stmt["ball"])
    if gaps is None:
        return Finding.undecided("the stated ball does not store the pattern")
    home, other = gaps
    if home > other:
        return Finding.fails(
            f"pattern {stmt['patterns'][stmt['which']][0]} is stored, its fixed point {float(home.mid()):.4f} away; "
            f"a ball around it of that radius holds another fixed point, {float(other.mid()):.4f} away",
            margin="certified",
        )
    return Finding.survived("a ball around the pattern holds its fixed point and no other")


claim("WLOG-FIX", _R - sp.Symbol("gap", nonnegative=True), mutants={"the whole radius": _R})
_GAP = sp.Symbol("gap", nonnegative=True)


@check("WLOG-FIX", kind="symbolic", scope="any n, any map, any norm")
def centered_inside(stmt: sp.Expr) -> Finding:
    """|x - c| <= |x - rho| + |rho - c| <= R + gap: at most r, so B(rho, R) lies in B(c, r) and inherits its limit."""
    if (_R - _GAP - stmt).is_nonnegative:
        return Finding.holds(
            "B(rho, R) lies in B(c, r): its points converge to rho*, which it holds if |rho*-rho| <= R"
        )
    return Finding.undecided("the stated radius may leave the ball")


@check("WLOG-FIX", kind="certified", scope="D = {0, 2}, the ball with center -1 and radius 19/10")
def centered_inside_example(stmt: sp.Expr) -> Finding:
    """The ball of the stated radius around the pattern 0, which holds the fixed point, must store it."""
    center, reach = Fraction(-1), Fraction(19, 10)
    size = sp.Rational(stmt.subs({_R: sp.Rational(19, 10), _GAP: sp.Integer(1)}))
    radius = Fraction(int(size.p), int(size.q))
    gaps = stored_and_retrieved.centered_gap(stored_and_retrieved.TWO, 0, Interval(center, reach * reach))
    if gaps is None:
        return Finding.undecided("the example's ball does not store the pattern")
    with precision(128):
        holds_it = gaps[0] < to_arb(radius)
    if not holds_it:
        return Finding.undecided("no radius is left: the ball around the pattern does not hold the fixed point")
    if not stored_and_retrieved.stored(stored_and_retrieved.TWO, Interval(Fraction(0), radius * radius)):
        return Finding.fails(
            f"radius {radius} around 0 holds the fixed point but not its basin alone", margin="certified"
        )
    text = f"the fixed point is {float(gaps[0].mid()):.4f} away, and the ball of radius {radius} stores the pattern"
    return Finding.survived(text)
