"""Checks of Definition 1: what it leaves open, its radius, its centers, and the definition that this book uses."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies.critical_points import Landscape
from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.distances import NAMED, Distance
from assocmem.theory.retrieval import convergence, stored_and_retrieved
from assocmem.theory.retrieval.stored_and_retrieved import Interval, Reading

claim("DEF1", Reading(), mutants={"the step of E": Reading("E"), "the update of the MCHN": Reading("mchn")})


@check("DEF1", kind="certified", scope="D = {0, 2} on the line, the ball of radius 1/2 around 0; all critical points")
def single_meaning(stmt: Reading) -> Finding:
    """Whether the pattern is stored, by each map that the definition leaves open, from certified critical points."""
    answers = stored_and_retrieved.storage_answers(stmt)
    if len(set(answers.values())) > 1:
        yes = [name for name, stored in answers.items() if stored]
        return Finding.ill_defined(
            f"D={{0,2}}, radius 1/2: 0 is stored by {', '.join(yes)} and not by the other map; none is named"
        )
    return Finding.survived("one answer")


claim("DEF1-RET", {"near": "limit"}, mutants={"an iterate that is near": {"near": "iterate"}})


@check("DEF1-RET", kind="argument", scope="queries in the ball of a stored pattern; D = {0, 2}, start 1/4")
def limit_is_near_itself(stmt: Any) -> Finding:
    """All points of the ball converge to the fixed point, so the converged point is the fixed point.

    An iterate may be farther: after one step the query is not within 1/100 of the fixed point.
    """
    always = all(stored_and_retrieved.limit_near(Fraction(1, 10**k)) for k in (2, 8, 16))
    if stmt["near"] == "limit" and always:
        return Finding.empty(
            "queries in the ball of a stored pattern, of which the definition speaks",
            "each of them retrieves it, for every epsilon",
        )
    if not stored_and_retrieved.first_step_near(Fraction(1, 100)):
        return Finding.undecided("asked of an iterate it excludes something: one step from 1/4 is not within 1/100")
    return Finding.survived("the iterate is near")


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


WIDE = (Interval(Fraction(-1, 2), Fraction(9, 25)), Interval(Fraction(1, 2), Fraction(1, 100)))
SAFE = (Interval(Fraction(0), Fraction(1, 4)), Interval(Fraction(2), Fraction(1, 4)))
claim("DEF1-FIX", {"at once": True}, mutants={"asked of one pattern alone": {"at once": False}})


@check(
    "DEF1-FIX",
    kind="argument",
    scope="any n, any map; an example with D = {0, 2}",
    in_words="disjoint balls, each with a fixed point, hold different ones; and a point has one limit",
)
def own_fixed_points(stmt: Any) -> Finding:
    """Each ball holds its own fixed point, and the balls are disjoint; so it is for {0, 2} and balls of radius 1/2."""
    stored = stored_and_retrieved.stored_together(stored_and_retrieved.TWO, SAFE)
    each = stored_and_retrieved.fixed_points_in(stored_and_retrieved.TWO, SAFE) == len(SAFE)
    if stmt["at once"] and stored and each:
        return Finding.holds("disjoint balls hold different points")
    return Finding.undecided("a ball that stores nothing need not hold a fixed point")


@check("DEF1-FIX", kind="certified", scope="D = {-1/2, 1/2}, balls of radii 3/5 and 1/10; all critical points")
def one_fixed_point_for_two(stmt: Any) -> Finding:
    """Whether the patterns that count as stored leave a fixed point to each."""
    rows = stored_and_retrieved.NEAR
    alone = stored_and_retrieved.stored_alone(rows, WIDE, 0)
    counts = stored_and_retrieved.stored_together(rows, WIDE) if stmt["at once"] else alone
    fixed = stored_and_retrieved.fixed_points_in(rows, WIDE)
    if counts and fixed < len(rows):
        return Finding.fails(
            f"D={{-1/2,1/2}}: -1/2 counts as stored, and {fixed} of the two balls holds a fixed point",
            margin="certified",
        )
    return Finding.survived("the two patterns are not stored at once")


claim(
    "X-HOLE",
    {"patterns": stored_and_retrieved.NEAR, "balls": WIDE},
    mutants={
        "a ball that ends before the midpoint": {
            "patterns": stored_and_retrieved.NEAR,
            "balls": (Interval(Fraction(-1, 2), Fraction(81, 400)), WIDE[1]),
        },
        "patterns far apart": {
            "patterns": stored_and_retrieved.TWO,
            "balls": (Interval(Fraction(0), Fraction(36, 25)), Interval(Fraction(2), Fraction(1, 100))),
        },
    },
)


@check("X-HOLE", kind="certified", scope="the stated patterns and balls on the line; all critical points")
def stored_at_the_midpoint(stmt: Any) -> Finding:
    """Whether the first pattern counts as stored alone, with the exact middle of the two as the only fixed point."""
    rows, balls = stmt["patterns"], stmt["balls"]
    middle = (sum((row[0] for row in rows), Fraction(0)) / len(rows),)
    alone = stored_and_retrieved.stored_alone(rows, balls, 0)
    only = len(Landscape(rows).critical_points()) == 1 and convergence.stays_at(middle, rows)
    tangent = WIDE[0].meets(Interval(Fraction(1, 2), Fraction(4, 25)))  # radii 3/5 and 2/5, one apart
    apart = not WIDE[0].meets(Interval(Fraction(1, 2), Fraction(399, 1000) ** 2))
    if not (tangent and apart):
        return Finding.undecided("balls that touch are told wrongly from balls that do not")
    if alone and only and not stored_and_retrieved.stored_together(rows, balls):
        return Finding.enumerated(f"the first pattern counts as stored, with the fixed point {middle[0]}, the midpoint")
    return Finding.fails("the first pattern does not count as stored at the midpoint of the two", margin="certified")


_R, _Q, _EPS = sp.symbols("r q epsilon", positive=True)
claim(
    "X-STEPS",
    sp.log(2 * _R / _EPS) / sp.log(1 / _Q),
    mutants={
        "half as many steps": sp.log(2 * _R / _EPS) / (2 * sp.log(1 / _Q)),
        "the radius for the diameter": sp.log(_R / _EPS) / sp.log(1 / _Q),
    },
)


@check(
    "X-STEPS",
    kind="symbolic",
    scope="any n and any map",
    in_words="Banach's theorem: |f^m(x) - rho*| <= q^m |x - rho*| by induction on m",
)
def steps_suffice(stmt: sp.Expr) -> Finding:
    """q^m 2r = epsilon at the stated m."""
    if stored_and_retrieved.steps_residual(stmt) == 0:
        return Finding.holds("|f^m(x) - rho*| <= q^m |x - rho*| <= q^m 2r, which is epsilon at the stated m")
    return Finding.undecided("q^m 2r is not epsilon at the stated number of steps")


@check("X-STEPS", kind="certified", scope="the map x/2 on [0, 1] with center 1/2, radius 1/2, epsilon = 1/10")
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


@check(
    "WLOG-FIX",
    kind="symbolic",
    scope="any n, any map, any norm",
    in_words="the triangle inequality; balls inside disjoint ones are disjoint",
)
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
