"""Disjoint balls and nearest distances of random subsets: what is true of all points, with examples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.theory.radius import disjoint_balls, samples


@dataclass(frozen=True)
class Half:
    """Sum of radii below a multiple of the distance; which distance bounds equal balls; whether small ones fit."""

    factor: Fraction = Fraction(1)
    bound: str = "half the least"
    smallest: Fraction = Fraction(0)


claim(
    "X-RAD-HALF",
    Half(),
    mutants={
        "half the distance": Half(factor=Fraction(1, 2)),
        "half the mean": Half(bound="half the mean"),
        "none below a hundredth": Half(smallest=Fraction(1, 100)),
    },
)


@check(
    "X-RAD-HALF",
    kind="symbolic",
    scope="all points of a normed space, by the segment between two of them",
    in_words="that a common point excludes it: the triangle inequality",
)
def disjoint_if_and_only_if(stmt: Half) -> Finding:
    """The point of the segment at t = r/s lies in both balls exactly if the radii add up to the distance."""
    if disjoint_balls.common_point() != (0, 0) or disjoint_balls.left_over() != 0:
        return Finding.undecided("the common point was not confirmed")
    if stmt == Half():
        return Finding.holds("z = x + t(y - x) lies at t s and (1 - t) s from the centers")
    return Finding.undecided("something else is stated")


@check("X-RAD-HALF", kind="certified", scope="three sets of points on the line, balls by their ends")
def by_ends(stmt: Half) -> Finding:
    """Disjointness read off the ends of intervals, against the condition on the radii, just below and at its bound."""
    sets = (disjoint_balls.CLOSE_PAIRS, disjoint_balls.EQUALLY_SPACED, samples.THREE)
    for points in sets:
        least = disjoint_balls.largest_equal_radius(points)
        below, at = (stmt.factor * least * share for share in (Fraction(999, 1000), Fraction(1)))
        for r, expected in ((below, True), (at, False)):
            equal = (r,) * len(points)
            ways = {disjoint_balls.disjoint(points, equal), disjoint_balls.by_sums(points, equal)}
            if ways != {expected}:
                return Finding.fails(f"balls of radius {r} around {', '.join(map(str, points))}", margin="exact")
        mean = disjoint_balls.mean(disjoint_balls.nearest_distances(points)) / 2
        if (
            stmt.bound == "half the mean"
            and mean > least
            and not disjoint_balls.disjoint(points, (least,) * len(points))
        ):
            return Finding.fails(f"half the mean is {mean}, but balls of radius {least} meet", margin="exact")
        small = (stmt.smallest / 2,) * len(points)
        if stmt.smallest > 0 and disjoint_balls.disjoint(points, small):
            return Finding.fails(f"balls of radius {small[0]} are disjoint", margin="exact")
    unequal = (disjoint_balls.EQUALLY_SPACED, disjoint_balls.UNEQUAL_RADII)
    if disjoint_balls.disjoint(*unequal) != disjoint_balls.by_sums(*unequal):
        return Finding.fails("ends and sums disagree", margin="exact")
    return Finding.survived("ends and sums agree")


@dataclass(frozen=True)
class Examples:
    """Points with their nearest distances, half the least distance; radii around the second; means of two more sets.

    Last, two points beside the centers of balls, with these centers and their radius.
    """

    close: tuple[str, ...] = ("0", "1/10", "1000", "10399/10")
    near: tuple[str, ...] = ("1/10", "1/10", "399/10", "399/10")
    bound: Fraction = Fraction(1, 20)
    spaced: tuple[int, ...] = (-20, 0, 20)
    radii: tuple[str, ...] = ("199/10", "1/20", "199/10")
    mean: Fraction = Fraction(797, 60)
    growing: tuple[Fraction, Fraction] = (Fraction(1), Fraction(101, 3))
    part: tuple[Fraction, Fraction] = (Fraction(99, 2), Fraction(25))
    beside: tuple[str, ...] = ("11/2", "51/2")
    wide: tuple[int, ...] = (0, 31, 15)


claim(
    "X-RAD-EX",
    Examples(),
    mutants={
        "equal balls up to 10": replace(Examples(), bound=Fraction(10)),
        "a mean radius of 10": replace(Examples(), mean=Fraction(10)),
        "a mean that falls": replace(Examples(), growing=(Fraction(1), Fraction(2, 3))),
        "a radius of 10 around the centers": replace(Examples(), wide=(0, 31, 10)),
    },
)


@check("X-RAD-EX", kind="certified", scope="six sets of points on the line")
def examples_in_numbers(stmt: Examples) -> Finding:
    """Points, distances, bounds and means in exact arithmetic."""
    close, spaced, radii = disjoint_balls.CLOSE_PAIRS, disjoint_balls.EQUALLY_SPACED, disjoint_balls.UNEQUAL_RADII
    near = disjoint_balls.nearest_distances(close)
    growing = [disjoint_balls.mean(disjoint_balls.nearest_distances(p)) for p in (samples.TWO, samples.THREE)]
    beside, centers, wide = disjoint_balls.OFF_CENTER, disjoint_balls.CENTERS, disjoint_balls.WIDE
    facts: dict[str, tuple[Any, Any]] = {
        "points": ((close, spaced), (tuple(map(Fraction, stmt.close)), stmt.spaced)),
        "two and three": ((samples.TWO, samples.THREE), ((0, 1), (0, 1, 100))),
        "distances": (near, list(map(Fraction, stmt.near))),
        "mean and median": ((disjoint_balls.mean(near), disjoint_balls.middle(near)), (20, 20)),
        "bound": (disjoint_balls.largest_equal_radius(close), stmt.bound),
        "equal distances": (set(disjoint_balls.nearest_distances(spaced)), {20}),
        "radii": (radii, tuple(map(Fraction, stmt.radii))),
        "disjoint": (disjoint_balls.disjoint(spaced, radii), True),
        "mean radius": (disjoint_balls.mean(radii), stmt.mean),
        "means": (tuple(growing), stmt.growing),
        "vectors and balls": ((beside, (*centers, wide)), (tuple(map(Fraction, stmt.beside)), stmt.wide)),
        "apart": (set(disjoint_balls.nearest_distances(beside)), {20}),
        "balls apart": (disjoint_balls.disjoint(centers, (wide, wide)), True),
        "in the balls": (disjoint_balls.held(beside, centers, wide), True),
        "part": (samples.estimate(samples.THREE[1:], samples.THREE), stmt.part),
    }
    wrong = [f"{name}: {exact}" for name, (exact, stated) in facts.items() if exact != stated]
    if wrong:
        return Finding.fails("; ".join(wrong), margin="exact")
    return Finding.enumerated(f"equal balls below {stmt.bound}; unequal ones of mean radius {float(stmt.mean):.2f}")


POINTS = tuple(Fraction(x) for x in (0, 1, 3, 4, 9, 20))
"""On the line; distances tie."""


@dataclass(frozen=True)
class Falls:
    """The factor by which one point more multiplies the chance: 1 - share i/(M-m)."""

    share: Fraction = Fraction(1)


claim("X-RAD-TREND", Falls(), mutants={"no change": Falls(Fraction(0)), "twice the change": Falls(Fraction(2))})


@check("X-RAD-TREND", kind="symbolic", scope="all M, m and i", in_words="the expected mean is an integral of shares")
def chance_of_a_step(stmt: Falls) -> Finding:
    """The quotient of two quotients of binomial coefficients."""
    if samples.step() == 0 and stmt == Falls():
        return Finding.holds("the quotient of the chances is 1 - i/(M-m), at most 1")
    return Finding.undecided("another factor")


@check("X-RAD-TREND", kind="certified", scope="six points on the line, all subsets of all sizes")
def subsets_enumerated(stmt: Falls) -> Finding:
    """The formula against all subsets, the factor for one more point, and the expected mean, which falls."""
    total, value = len(POINTS), Fraction(2)
    for size in range(2, total + 1):
        if samples.counted_farther(POINTS, size, value) != samples.expected_farther(POINTS, size, value):
            return Finding.fails(f"other chances in subsets of {size}", margin="exact")
    for size in range(2, total):
        chances = [samples.farther(total, count, 1) for count in (size, size + 1)]
        if chances[1] != chances[0] * (1 - stmt.share / (total - size)):
            return Finding.fails(f"from {chances[0]} to {chances[1]} at {size} of {total} points", margin="exact")
    means = [samples.expected_mean(POINTS, size) for size in range(2, total + 1)]
    if any(later >= earlier for earlier, later in pairwise(means)):
        return Finding.fails("the expected mean rises", margin="exact")
    return Finding.survived(f"expected means fall from {float(means[0]):.3f} to {float(means[-1]):.3f}")
