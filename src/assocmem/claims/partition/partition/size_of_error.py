"""Checks of how wrong equation (12) and the printed lower bound are: for which n and r, and by how much (chapter 6)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.distances import Distance
from assocmem.theory.partition import lower_bound_fails, printed_against_true
from assocmem.theory.partition.ball_bounds import fails
from assocmem.theory.partition.lower_bound_fails import Iff, Window
from assocmem.theory.partition.mean_weight import n, power
from assocmem.theory.partition.printed_against_true import GROWTH, Growth, Shape, c

IFF = Iff(2, Fraction(3))
claim(
    "X-SAND-WHEN",
    IFF,
    mutants={
        "n = 1 only": Iff(1, Fraction(3)),
        "n up to 3": Iff(3, Fraction(3)),
        "failing at r = 2": Iff(2, Fraction(2)),
    },
)


@check(
    "X-SAND-WHEN",
    kind="symbolic",
    scope="all n; n = 2 for all r; n = 3 at the stated radius, certified",
    in_words="that what falls with n settles n = 1 from n = 2, and all n > 3 from n = 3",
)
def exactly_two(stmt: Iff, distance: Distance) -> Finding:
    """The mean falls in n: what holds for n = 2 holds for n = 1, and what fails for n = 3 fails for all larger n."""
    if power(distance) == 1:
        return Finding.fails("e^-r <= e^-d on the ball of radius r of a norm, for every n", margin="exact")
    if power(distance) is None:
        return Finding.undecided("the distance is neither a norm nor the squared Euclidean one")
    after = stmt.largest + 1
    if after <= 2:
        holds = lower_bound_fails.plane_holds()
        return Finding.fails("n = 2: the bound holds for every r") if holds else Finding.undecided("n = 2 is open")
    if stmt.largest > 2 and fails(3, IFF.radius):
        return Finding.fails(f"n=3, r={IFF.radius}: the bound fails", margin="certified")
    if not fails(after, stmt.radius):
        return Finding.fails(f"n={after}, r={stmt.radius}: the bound holds", margin="certified")
    if lower_bound_fails.plane_holds():
        room = float(lower_bound_fails.plane_room().mid())
        return Finding.holds(f"n = 2: slack {room:.4f} beyond r = 1; n = 3 fails at r = {stmt.radius}")
    return Finding.undecided("n = 2 is open")


@check("X-SAND-WHEN", kind="certified", scope="n = 2 at r = 2 and n = 3 at r = 3, by slices")
def by_slices(stmt: Iff, distance: Distance) -> Finding:
    """The exact slacks, and the room that the proof leaves in the plane, against the ball cut into chords and disks."""
    if not distance.has("squared euclidean"):
        return Finding.undecided("the slices are those of the squared Euclidean distance")
    plane, space = (lower_bound_fails.sliced_slack(size, radius) for size, radius in ((2, 2), (3, 3)))
    for slack, size in ((plane, 2), (space, 3)):
        if not slack.overlaps(lower_bound_fails.certified_slack(size, size)):
            return Finding.fails(f"n=r={size}: the slack by slices is {float(slack.mid()):.6f}, not the exact one")
    if not lower_bound_fails.sliced_room().overlaps(lower_bound_fails.plane_room()):
        return Finding.fails("the room in the plane is not the one by slices")
    if (stmt.largest >= 3 and space < 0) or (stmt.largest < 2 and plane > 0):
        return Finding.fails(f"slack {float(plane.mid()):.6f} at n=r=2, {float(space.mid()):.6f} at n=r=3")
    return Finding.survived(f"slack {float(plane.mid()):.6f} at n=r=2, {float(space.mid()):.6f} at n=r=3")


WINDOW = Window(first=3, left=Fraction(1), inside=Fraction(3), bounded=True)
claim(
    "X-SAND-WINDOW",
    WINDOW,
    mutants={
        "from n = 2 on": replace(WINDOW, first=2),
        "around r = 2": replace(WINDOW, inside=Fraction(2)),
        "unbounded": replace(WINDOW, bounded=False),
        "from r = 3/2 on only": replace(WINDOW, left=Fraction(3, 2)),
    },
)


@check(
    "X-SAND-WINDOW",
    kind="symbolic",
    scope="all n >= 3 and all r > 0; the point inside, certified at the first n",
    in_words="from the signs of the slope to the shape of the slack; that what falls with n makes the intervals nest",
)
def one_interval(stmt: Window) -> Finding:
    """The slack rises, may fall once, and rises to a positive limit; the mean falls in n, so the intervals nest."""
    if not fails(stmt.first, stmt.inside):
        return Finding.fails(f"n={stmt.first}, r={stmt.inside}: the bound holds", margin="certified")
    if not stmt.bounded and not fails(stmt.first, Fraction(100)):
        return Finding.fails(f"n={stmt.first}, r=100: the bound holds again", margin="certified")
    if stmt.left > 1 and fails(128, (1 + stmt.left) / 2):
        return Finding.fails(f"n=128, r={(1 + stmt.left) / 2}: the bound fails", margin="certified")
    if stmt.left == 1 and lower_bound_fails.is_one_interval():
        return Finding.holds("Q' = r^(n-1) e^-r w with w first positive, at most once negative, then positive")
    return Finding.undecided("the signs of the slope were not confirmed")


@check("X-SAND-WINDOW", kind="certified", scope="n = 3, 4, 5, 10, 32, 128; 40 radii across each window")
def scanned(stmt: Window) -> Finding:
    """Along a grid of radii from 1 on, certified signs change at most twice, and not at the first radius."""
    for size in (3, 4, 5, 10, 32, 128):
        signs = [fails(size, 1 + Fraction(j * j * size, 200)) for j in range(41)]
        changes = sum(one != two for one, two in pairwise(signs))
        if signs[0] or signs[-1] or changes > 2:
            return Finding.fails(f"n={size}: {changes} changes of sign along the grid", margin="certified")
    return Finding.survived(f"one window at most for every n, from r = {stmt.left} on")


SHAPE = Shape(sp.Rational(1, 2), Fraction(1), printed_against_true.LIMIT)
claim(
    "X-EQ12-GAP",
    SHAPE,
    mutants={
        "too small up to r = 3/2": replace(SHAPE, below=Fraction(3, 2)),
        "the turn beyond 3/4": replace(SHAPE, turn=sp.Rational(3, 4)),
        "limit 2^(n-1)": replace(SHAPE, limit=printed_against_true.LIMIT / 2),
        "limit 1": replace(SHAPE, limit=sp.Integer(1)),
    },
)


@check(
    "X-EQ12-GAP",
    kind="symbolic",
    scope="all real n > 0; the limit beyond 1 for whole n",
    in_words="that h rises without bound, and from its one change of sign to the shape of the ratio",
)
def falls_then_rises(stmt: Shape) -> Finding:
    """The slope of the ratio has the sign of h, which falls up to r = 1/2 and then rises without bound; Legendre."""
    if printed_against_true.limit_residual(stmt.limit) != 0:
        exact = (2 * sp.gamma(n) / sp.gamma(n / 2)).subs(n, 2)
        stated = stmt.limit.subs(n, 2)
        if exact != stated:
            return Finding.fails(f"n=2, r -> oo: the ratio tends to {exact}, not {stated}", margin="exact")
    if stmt.below > 1:
        if printed_against_true.above_one(128, stmt.below):
            return Finding.fails(f"n=128, r={stmt.below}: the printed form is the larger one", margin="certified")
        return Finding.undecided("e^-t < e^(-t^2) only for t < 1")
    turn = Fraction(str(stmt.turn))
    later = Fraction(3, 5), Fraction(7, 10)
    if not printed_against_true.rises(1024, *later) or printed_against_true.rises(1024, *reversed(later)):
        raise ArithmeticError("the ratio does not rise beyond r = 1/2")
    before = (turn + Fraction(1, 2)) / 2
    up, down = (printed_against_true.rises(1024, *pair) for pair in ((before, turn), (turn, before)))
    if turn > Fraction(1, 2) and up and not down:
        return Finding.fails(f"n=1024: the ratio rises before r = {turn}", margin="certified")
    if (
        printed_against_true.shape_proved(stmt.turn)
        and printed_against_true.limit_residual(stmt.limit) == 0
        and printed_against_true.limit_above_one()
    ):
        return Finding.holds("h(0) = 0, h' = (2r-1) e^(r^2-r) G; L(1), L(2) > 1 and L(n+2) = 2(n+1) L(n)")
    return Finding.undecided("the identities were not confirmed")


@check("X-EQ12-GAP", kind="certified", scope="n = 1, 2, 10, 1024 at r = 1/10, 1 and 100")
def ratio_points(stmt: Shape) -> Finding:
    """Certified signs of log(printed/true)."""
    for size in (1, 2, 10, 1024):
        for radius, above in ((Fraction(1, 10), False), (Fraction(1), False), (Fraction(100), True)):
            if printed_against_true.above_one(size, radius) is not above:
                return Finding.fails(f"n={size}, r={radius}: the other way round", margin="certified")
    return Finding.survived("less up to r = 1, more at r = 100")


claim(
    "X-EQ12-SIZE",
    GROWTH,
    mutants={
        "exponent c n": replace(GROWTH, exponent=c * n),
        "exponent 99/100 of it": replace(GROWTH, exponent=sp.Rational(99, 100) * GROWTH.exponent),
        "lower end 0": replace(GROWTH, lower=sp.Integer(0), tends=sp.Integer(0)),
        "ends exchanged": Growth(GROWTH.exponent, GROWTH.upper, GROWTH.lower, GROWTH.tends),
    },
)


@check("X-EQ12-SIZE", kind="symbolic", scope="all n")
def growth(stmt: Growth) -> Finding:
    """Quotients of the proved bounds at (n, r) and at (n/2, r^2), with r^2 = c n < n/2 + 1, and their limits."""
    if printed_against_true.growth_proved(stmt):
        return Finding.holds("both ends tend to log(1 - 1/(pi e))", margin=f"{float(sp.N(stmt.tends)):.4f}")
    return Finding.undecided("the ends are not those of the proved bounds")


@check("X-EQ12-SIZE", kind="certified", scope="n = 1 to 10^6, eleven values on a logarithmic scale")
def growth_points(stmt: Growth) -> Finding:
    """Certified ratios in logarithms."""
    hit = printed_against_true.growth_violation(stmt)
    if hit is not None:
        return Finding.fails(hit, margin="certified")
    orders = printed_against_true.orders_of_magnitude(1024)
    if not printed_against_true.orders_within(GROWTH, 1024, orders):
        return Finding.fails(f"n=1024: 10^{orders:.2f} is not between the ends", margin="certified")
    return Finding.survived(f"inside at every n; 10^{orders:.2f} at n = 1024")
