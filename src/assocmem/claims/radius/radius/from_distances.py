"""What Appendix F.1 concludes from nearest-neighbor distances about a radius, and about larger samples."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.theory.radius import disjoint_balls, samples


@dataclass(frozen=True)
class Typical:
    """What is concluded from a mean and a median of 20: a typical radius, or a bound for equal disjoint balls."""

    distance: Fraction = Fraction(20)
    radius: Fraction = Fraction(10)
    balls: str = "typical"


claim(
    "F1-R10",
    Typical(),
    mutants={
        "equal disjoint balls have a radius below 10": Typical(balls="equal, from above"),
        "balls of which nothing is said": Typical(balls="none"),
    },
)


@check("F1-R10", kind="certified", scope="four points on the line, two of them near each other")
def smaller_balls(stmt: Typical) -> Finding:
    """Points with the stated mean and median whose equal disjoint balls are far smaller."""
    near = disjoint_balls.nearest_distances(disjoint_balls.CLOSE_PAIRS)
    bound = disjoint_balls.largest_equal_radius(disjoint_balls.CLOSE_PAIRS)
    values = {disjoint_balls.mean(near), disjoint_balls.middle(near)}
    if stmt.balls == "typical" and values == {stmt.distance} and 100 * bound < stmt.radius:
        return Finding.fails(
            f"mean and median are {stmt.distance}, equal disjoint balls have r < {bound}", margin="exact"
        )
    return Finding.survived(f"equal disjoint balls have r < {bound}")


@check("F1-R10", kind="certified", scope="three points on the line at equal distances")
def larger_balls(stmt: Typical) -> Finding:
    """Disjoint balls whose mean and median radius exceed half the distance, which is the same for all points."""
    points, radii = disjoint_balls.EQUALLY_SPACED, disjoint_balls.UNEQUAL_RADII
    apart = set(disjoint_balls.nearest_distances(points)) == {stmt.distance} and disjoint_balls.disjoint(points, radii)
    mean, middle = disjoint_balls.mean(radii), disjoint_balls.middle(radii)
    text = f"all distances {stmt.distance}, disjoint balls of mean radius {float(mean):.2f}, median {float(middle)}"
    if stmt.balls == "typical" and apart and min(mean, middle) > stmt.radius:
        return Finding.fails(text, margin="exact")
    return Finding.survived(text)


@check(
    "F1-R10",
    kind="symbolic",
    scope="equal balls in any normed space",
    in_words="the least of numbers is at most their mean",
)
def equal_balls(stmt: Typical) -> Finding:
    """What does follow: equal disjoint balls stay below half the least distance, hence below half the mean."""
    if stmt.balls != "equal, from above":
        return Finding.undecided("balls of other radii are spoken of")
    if disjoint_balls.left_over() == 0 and stmt.distance == 2 * stmt.radius:
        return Finding.holds("the radius is below half the least distance, which is at most half the mean")
    return Finding.undecided("another bound")


@dataclass(frozen=True)
class Sample:
    """A conclusion from a part of the points: which mean of which set is compared, and which balls are spoken of."""

    over: str = "the sample"
    balls: str = "equal"
    says: str = "the estimate may exceed the radius"


claim(
    "F1-OVER",
    Sample(),
    mutants={
        "the mean over all points": Sample(over="all points"),
        "the estimate is never larger": Sample(says="the estimate never exceeds the radius"),
    },
)


@check(
    "F1-OVER",
    kind="symbolic",
    scope="every finite set of points and every part of it",
    in_words="one point more at a time; the radius of equal disjoint balls by X-RAD-HALF",
)
def nearest_in_a_part(stmt: Sample) -> Finding:
    """A point more never raises the least distance, so those in a part are at least those in the whole."""
    if samples.added_point() != 0 or disjoint_balls.left_over() != 0:
        return Finding.undecided("a step was not confirmed")
    if stmt == Sample():
        return Finding.holds("min(a, b) <= a: half the mean over a sample exceeds the radius of equal disjoint balls")
    return Finding.undecided("something else is concluded")


@check("F1-OVER", kind="certified", scope="the sets {0, 1} and {0, 1, 100}")
def part_and_whole(stmt: Sample) -> Finding:
    """Half the mean distance of two points, among themselves, in the whole, and that of the whole."""
    part, whole = samples.estimate(samples.TWO, samples.THREE)
    larger = disjoint_balls.mean(disjoint_balls.nearest_distances(samples.THREE)) / 2
    radius = disjoint_balls.largest_equal_radius(samples.THREE)
    if stmt.over == "all points" and part < larger:
        return Finding.fails(f"half the mean is {part} for the part and {larger} for the whole", margin="exact")
    spread = samples.estimate(samples.THREE[1:], samples.THREE)[0]
    if stmt.says == "the estimate never exceeds the radius" and spread > radius:
        return Finding.fails(f"1 and 100 alone give {spread}; equal disjoint balls have r < {radius}", margin="exact")
    return Finding.survived(f"{part} for the part, {whole} for its points in the whole")


@dataclass(frozen=True)
class Actual:
    """A bound for the radius from a mean distance in a sample, for which balls, and where in them the vectors lie."""

    distance: Fraction = Fraction(20)
    bound: Fraction = Fraction(10)
    balls: str = "unsaid"
    vectors: str = "unsaid"


claim(
    "F1-OVER-10",
    Actual(),
    mutants={
        "balls of one radius around the vectors": Actual(balls="equal", vectors="centers"),
        "balls of unequal radii around the vectors": Actual(balls="unequal", vectors="centers"),
        "balls of one radius that hold the vectors": Actual(balls="equal", vectors="anywhere"),
        "smaller than 5": Actual(bound=Fraction(5)),
    },
)


@check("F1-OVER-10", kind="symbolic", scope="all samples of all sets of points", in_words="as for F1-OVER")
def below_ten(stmt: Actual) -> Finding:
    """Half a mean distance of 20 bounds equal disjoint balls around all points, of which the vectors are some."""
    if samples.added_point() != 0 or disjoint_balls.left_over() != 0 or 2 * stmt.bound < stmt.distance:
        return Finding.undecided("the bound does not follow")
    text = "half the mean over a sample exceeds the common radius"
    if (stmt.balls, stmt.vectors) == ("equal", "centers"):
        return Finding.holds(text)
    if (stmt.balls, stmt.vectors) == ("unsaid", "unsaid"):
        return Finding.holds_if("the balls have one radius and the measured vectors are their centers", text)
    return Finding.undecided("balls of unequal radii, or vectors beside their centers, are spoken of")


@check("F1-OVER-10", kind="certified", scope="two vectors on the line that are no centers")
def beside_the_centers(stmt: Actual) -> Finding:
    """Equal disjoint balls whose radius exceeds half the distance of two vectors that lie in them."""
    vectors, centers, radius = disjoint_balls.OFF_CENTER, disjoint_balls.CENTERS, disjoint_balls.WIDE
    near = disjoint_balls.nearest_distances(vectors)
    apart = disjoint_balls.disjoint(centers, (radius,) * 2) and disjoint_balls.held(vectors, centers, radius)
    text = f"vectors {near[0]} apart in disjoint balls of radius {radius} around {centers[0]} and {centers[1]}"
    if stmt.vectors != "centers" and apart and set(near) == {stmt.distance} and radius > stmt.bound:
        return Finding.fails(text, margin="exact", outside=stmt.vectors == "unsaid")
    return Finding.survived("the vectors are the centers")


@check("F1-OVER-10", kind="certified", scope="equally spaced points on the line")
def not_below_ten(stmt: Actual) -> Finding:
    """Disjoint balls, equal or not, with radii at or above the bound."""
    points, radii = disjoint_balls.EQUALLY_SPACED, disjoint_balls.UNEQUAL_RADII
    least = disjoint_balls.largest_equal_radius(points)
    if disjoint_balls.disjoint(points, (stmt.bound,) * 3) and 2 * least == stmt.distance:
        return Finding.fails(
            f"balls of radius {stmt.bound} around points {stmt.distance} apart are disjoint", margin="exact"
        )
    mean = disjoint_balls.mean(radii)
    if stmt.balls != "equal" and disjoint_balls.disjoint(points, radii) and mean > stmt.bound:
        text = f"disjoint balls of mean radius {float(mean):.2f} around points {stmt.distance} apart"
        return Finding.fails(text, margin="exact", outside=stmt.balls == "unsaid")
    return Finding.survived("balls of the radius of the bound meet")


claim(
    "F1-TREND",
    {"of": "unsaid"},
    mutants={
        "in expectation over random subsets": {"of": "random subsets"},
        "of one growing set": {"of": "one growing set"},
    },
)


@check(
    "F1-TREND",
    kind="symbolic",
    scope="random subsets of any points",
    in_words="the expected mean is an integral of shares",
)
def falls_for_all_points(stmt: Any) -> Finding:
    """The chance that all others are farther falls with each point more, whatever the points are."""
    if samples.step() != 0:
        return Finding.undecided("the chance of a step was not confirmed")
    text = (
        "the chance of a distance above a value falls by the factor 1 - i/(M-m): for GPT-2 as for every set of points"
    )
    if stmt["of"] == "random subsets":
        return Finding.holds(text)
    if stmt["of"] == "unsaid":
        return Finding.empty("in expectation over random subsets, which every set of points obeys", text)
    return Finding.undecided("one set is spoken of")


@check("F1-TREND", kind="certified", scope="the sets {0, 1} and {0, 1, 100}")
def rises_for_one_set(stmt: Any) -> Finding:
    """The mean over one growing set can rise."""
    means = [disjoint_balls.mean(disjoint_balls.nearest_distances(p)) for p in (samples.TWO, samples.THREE)]
    if stmt["of"] == "random subsets" or means[0] >= means[1]:
        return Finding.survived("random subsets are spoken of")
    text = f"the mean rises from {means[0]} to {means[1]} when 100 joins 0 and 1"
    return Finding.fails(text, margin="exact", outside=stmt["of"] == "unsaid")
