"""Checks of what Appendix F.1 concludes from nearest-neighbor distances in GPT-2, as far as numbers decide it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import to_arb
from assocmem.theory.radius import at_gpt2, disjoint_balls, samples

if TYPE_CHECKING:
    from assocmem.experiments.records import Record

TASK = "gpt2-radius"
"""The run that would decide what is measured here; none has been made."""


def record(name: str = TASK) -> Record | None:
    """The record at the paper's sizes, else the local one, else None."""
    from assocmem.experiments.records import published

    for scale in ("paper", "local"):
        try:
            return published(name, scale)
        except FileNotFoundError:
            continue
    return None


# The sample.


@dataclass(frozen=True)
class Part:
    """Number of chunks, the printed share in percent, and what is known of the way in which they were drawn."""

    chunks: int
    percent: str
    drawn: str = "unsaid"
    documents: int = 8_013_769


claim(
    "F1-COV",
    Part(80_000, "1"),
    mutants={
        "documents drawn uniformly": Part(80_000, "1", "uniformly"),
        "1.3 percent": Part(80_000, "1.3"),
        "twice as many chunks": Part(160_000, "1"),
    },
)
claim(
    "F1-COV-SUB",
    Part(100_000, "1.3"),
    mutants={
        "1.2 percent, all of different documents": Part(100_000, "1.2", "uniformly"),
        "105K": Part(105_000, "1.3"),
    },
)


@check(
    "F1-COV", kind="symbolic", scope="documents drawn uniformly, with or without repetition; by Bonferroni's inequality"
)
def documents_of_chunks(stmt: Part) -> Finding:
    """The expected share of the documents, from below and above, against the printed one."""
    share = at_gpt2.documents_covered(stmt.chunks, stmt.documents)
    text = f"between {float(100 * share.low):.3f} and {float(100 * share.high):.3f} percent"
    if not share.prints_as(stmt.percent):
        return Finding.undecided(text)
    if stmt.drawn == "uniformly":
        return Finding.holds(text)
    return Finding.holds_if("documents are drawn uniformly", text)


@check("F1-COV", "F1-COV-SUB", kind="certified", scope="all ways to draw: a chunk lies in one document")
def most_documents(stmt: Part) -> Finding:
    """The largest possible share of the documents."""
    share = at_gpt2.documents_covered(stmt.chunks, stmt.documents)
    text = f"at most {float(100 * share.high):.3f} percent of the documents"
    if share.below(stmt.percent):
        return Finding.fails(text, margin="exact")
    if share.above(stmt.percent) and stmt.chunks <= stmt.documents:
        return Finding.fails(f"{text}, and so many if they are all different", margin="exact")
    return Finding.survived(text)


@dataclass(frozen=True)
class Tokens:
    """Number and length of chunks, the printed share in percent, and whose tokens are counted."""

    chunks: int
    percent: str
    of: str = "the tokens used for training"
    length: int = 256
    billions: int = 9


claim(
    "F1-COVTOK",
    Tokens(80_000, "0.2"),
    mutants={
        "of the tokens of OpenWebText": Tokens(80_000, "0.2", "OpenWebText"),
        "0.3 percent": Tokens(80_000, "0.3"),
        "chunks of 512 tokens": Tokens(80_000, "0.2", length=512),
    },
)
claim(
    "F1-COVTOK-SUB",
    Tokens(100_000, "0.25"),
    mutants={"0.3 percent, of OpenWebText": Tokens(100_000, "0.3", "OpenWebText"), "88K": Tokens(88_000, "0.25")},
)


@check("F1-COVTOK", "F1-COVTOK-SUB", kind="symbolic", scope="every total that prints as nine billion")
def tokens_of_chunks(stmt: Tokens) -> Finding:
    """The share of the tokens at both ends of what prints as 9B."""
    share = at_gpt2.tokens_covered(stmt.chunks, stmt.length, stmt.billions)
    text = f"between {float(100 * share.low):.3f} and {float(100 * share.high):.3f} percent"
    if share.below(stmt.percent) or share.above(stmt.percent):
        return Finding.fails(text, margin="exact")
    if not share.prints_as(stmt.percent):
        return Finding.undecided(text)
    if stmt.of == "OpenWebText":
        return Finding.holds(text)
    return Finding.holds_if("the tokens of OpenWebText stand for those of WebText", text)


# What was measured.


@dataclass(frozen=True)
class Distances:
    """Mean and median of the nearest-neighbor distances of subsets of these shares, expected over random subsets."""

    values: tuple[Fraction, ...] = (Fraction(20),) * 4
    within: Fraction = Fraction(1, 2)
    shares: tuple[Fraction, ...] = tuple(Fraction(k, 4) for k in (1, 2, 3, 4))


claim(
    "F1-SUB",
    Distances(),
    mutants={"20, 22, 24 and 26": Distances(tuple(map(Fraction, (20, 22, 24, 26))))},
)


@check("F1-SUB", kind="measured", scope="GPT-2 medium on chunks of OpenWebText")
def recorded_distances(stmt: Distances) -> Finding:
    """Mean and median of each subset of a record against the stated value."""
    measured = record()
    if measured is None:
        return Finding.not_run("no record of distances between activations of GPT-2 medium")
    rows = [row for row in measured.summary["subsets"] if Fraction(str(row["share"])) in stmt.shares]
    off = max(
        abs(float(row[name]) - float(stmt.values[stmt.shares.index(Fraction(str(row["share"])))]))
        for row in rows
        for name in ("mean", "median")
    )
    text = f"{len(rows)} subsets, mean and median at most {off:.2f} from what is stated"
    if off > float(stmt.within):
        return Finding.not_reproduced(text)
    return Finding.reproduced(text) if measured.scale == "paper" else Finding.reproduced_in_part(text)


@check(
    "F1-SUB",
    kind="symbolic",
    scope="random subsets of any points",
    in_words="the expected mean is an integral of shares",
)
def cannot_rise(stmt: Distances) -> Finding:
    """Expected distances do not rise with the size of a random subset; no run is needed against values that do."""
    if samples.step() != 0:
        return Finding.undecided("the chance of a step was not confirmed")
    if any(later - earlier > 2 * stmt.within for earlier, later in pairwise(stmt.values)):
        return Finding.fails("expected distances do not rise with the size of a random subset")
    return Finding.survived("values that do not rise are possible")


# From distances to a radius.


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


# The radius of (14).


claim(
    "F1-7.74",
    {"n": 1024, "value": "7.74"},
    mutants={"7.75": {"n": 1024, "value": "7.75"}, "n of 256 tokens": {"n": 256 * 1024, "value": "7.74"}},
)


@check("F1-7.74", kind="certified", scope="one number, by its square and by its root")
def value_of_the_radius(stmt: Any) -> Finding:
    """n/(2 pi e) and its root in Arb balls."""
    value = float(at_gpt2.radius(stmt["n"]).mid())
    above = at_gpt2.next_digit(stmt["value"])
    if at_gpt2.prints_as(stmt["n"], stmt["value"]) and not at_gpt2.prints_as(stmt["n"], above):
        return Finding.enumerated(f"{value:.6f}", margin="certified")
    return Finding.fails(f"{value:.6f}", margin="certified")


claim(
    "F1-n",
    {"n": 1024, "width": 1024},
    mutants={
        "n of the 256 tokens of a chunk": {"n": 256 * 1024, "width": 1024},
        "n of T_max tokens": {"n": 1024 * 1024, "width": 1024},
    },
)


@check("F1-n", kind="certified", scope="the numbers of tokens that the text offers: 256 of a chunk and T_max = 1024")
def dimension_of_a_sequence(stmt: Any) -> Finding:
    """n = T d_emb for both, against the stated n."""
    sizes = {tokens: at_gpt2.dimension(tokens, stmt["width"]) for tokens in (at_gpt2.CHUNK, at_gpt2.CONTEXT)}
    shown = ", ".join(
        f"n = {n} for T = {tokens}, r = {float(at_gpt2.radius(n).mid()):.1f}" for tokens, n in sizes.items()
    )
    if stmt["n"] in sizes.values():
        return Finding.enumerated(shown)
    return Finding.fails(f"{shown}; not {stmt['n']}", margin="exact")


@dataclass(frozen=True)
class Corroborates:
    """A radius taken from the experiment, the n of (14), and the tokens of a sequence; what agreement means."""

    radius: Fraction = Fraction(10)
    n: int = 1024
    tokens: int = 256
    agreement: str = "a volume of order one"


claim(
    "F1-20",
    Corroborates(),
    mutants={
        "a radius of 123.9 and the n of (2)": Corroborates(Fraction("123.9"), 256 * 1024),
        "the radius 7.74, one token as a sample": Corroborates(Fraction("7.743"), tokens=1),
        "of the same order, one token as a sample": Corroborates(tokens=1, agreement="within a factor of ten"),
    },
)


@check("F1-20", "F1-SIG", kind="certified", scope="the n of (2) for a chunk, and the stated radius within a half")
def not_the_radius(stmt: Corroborates) -> Finding:
    """The radius of (14) with n = T d_emb against the one from the experiment."""
    n = at_gpt2.dimension(stmt.tokens)
    factor = at_gpt2.radius(n) / to_arb(stmt.radius + Fraction(1, 2))
    own = f"{float(at_gpt2.radius(n).mid()):.1f}"
    text = (
        f"for {stmt.tokens} tokens (14) has the radius {own}, of sequences; {float(stmt.radius):g} is of one position"
    )
    if factor > 11 and stmt.n < n:
        return Finding.fails(text, margin="certified")
    return Finding.survived("the radius is near")


@check("F1-20", "F1-SIG", kind="certified", scope="the stated n; the stated radius")
def not_of_order_one(stmt: Corroborates) -> Finding:
    """The volume of the ball of the stated radius, which is to be of order one."""
    power = at_gpt2.log10_volume(stmt.n, stmt.radius)
    text = f"the ball of radius {float(stmt.radius):g} has a volume of 10^{float(power.mid()):.1f}"
    if stmt.agreement == "a volume of order one" and power > 111:
        return Finding.fails(text, margin="certified")
    return Finding.survived(text)


claim(
    "F1-SIG",
    Corroborates(),
    mutants={
        "a radius of 123.9 and the n of (2)": Corroborates(Fraction("123.9"), 256 * 1024),
        "the radius 7.74, one token as a sample": Corroborates(Fraction("7.743"), tokens=1),
    },
)


@dataclass(frozen=True)
class Match:
    """Distances between these, against 2 sqrt(n/(2 pi e)) for sequences of so many tokens, within a share of it."""

    between: tuple[Fraction, Fraction] = (Fraction(39, 2), Fraction(41, 2))
    tokens: tuple[int, ...] = (256, 1024)
    within: Fraction = Fraction(1, 4)


claim(
    "F1-MAG",
    Match(),
    mutants={
        "one token as a sample, within a third": Match(tokens=(1,), within=Fraction(1, 3)),
        "distances near 248, 256 tokens": Match((Fraction(247), Fraction(249)), (256,)),
    },
)


@check("F1-MAG", kind="certified", scope="n = T d_emb for both T, and n = d_emb; all distances that round to 20")
def matches(stmt: Match) -> Finding:
    """Distances relative to the doubled radius, with the n of (2) and with one token as a sample."""
    low, high = 1 - stmt.within, 1 + stmt.within
    quotients = {t: [at_gpt2.relative(x, at_gpt2.dimension(t)) for x in stmt.between] for t in (*stmt.tokens, 1)}
    shown = "; ".join(f"T = {t}: {float(a.mid()):.3f} to {float(b.mid()):.3f}" for t, (a, b) in quotients.items())
    near = {t: bool(a > to_arb(low)) and bool(b < to_arb(high)) for t, (a, b) in quotients.items()}
    if all(near[t] for t in stmt.tokens):
        return Finding.enumerated(f"relative to the doubled radius: {shown}")
    return Finding.fails(f"relative to the doubled radius: {shown}", margin="certified")


# Theorems.


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


@dataclass(frozen=True)
class Shares:
    """Percentages to three decimals: documents of 80K and 100K chunks, tokens of 80K and 100K chunks."""

    documents: tuple[tuple[str, str], ...] = (("0.993", "0.998"), ("1.240", "1.248"))
    tokens: tuple[tuple[str, str], ...] = (("0.216", "0.241"), ("0.269", "0.301"))


claim(
    "X-RAD-SHARE",
    Shares(),
    mutants={
        "every chunk in its own document": Shares(documents=(("0.998", "0.998"), ("1.248", "1.248"))),
        "of ten billion tokens": Shares(tokens=(("0.195", "0.216"), ("0.244", "0.269"))),
    },
)


@check("X-RAD-SHARE", kind="certified", scope="80,000 and 100,000 chunks of 256 tokens")
def shares_in_numbers(stmt: Shares) -> Finding:
    """Both ends of each share, rounded to three decimals."""
    sizes = (80_000, 100_000)
    documents = tuple(_shown(at_gpt2.documents_covered(chunks, Part(0, "").documents)) for chunks in sizes)
    tokens = tuple(_shown(at_gpt2.tokens_covered(chunks, 256, 9)) for chunks in sizes)
    text = f"documents {documents}, tokens {tokens}, in percent"
    same = documents == stmt.documents and tokens == stmt.tokens
    return Finding.enumerated(text) if same else Finding.fails(text, margin="exact")


def _shown(share: at_gpt2.Share) -> tuple[str, str]:
    low, high = share.percent()
    return f"{float(low):.3f}", f"{float(high):.3f}"


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


@dataclass(frozen=True)
class Constant:
    """The least dimension in which so many times the points change distances by at most this share."""

    factor: int = 4
    share: Fraction = Fraction(1, 20)
    dimension: int = 28


claim(
    "X-RAD-DIM",
    Constant(),
    mutants={"27": replace(Constant(), dimension=27), "a tenth": replace(Constant(), share=Fraction(1, 10))},
)


@check("X-RAD-DIM", kind="certified", scope="all k: (19/20)^k falls with k; k = 2 apart")
def least_dimension(stmt: Constant) -> Finding:
    """Exact powers at the stated dimension, below it, and for k = 2 with a half."""
    at, before = (samples.stays_within(stmt.factor, stmt.share, k) for k in (stmt.dimension, stmt.dimension - 1))
    half = samples.stays_within(stmt.factor, Fraction(1, 2), 2)
    tight = samples.stays_within(stmt.factor, Fraction(1, 2) - Fraction(1, 10**6), 2)
    if at and not before and half and not tight:
        return Finding.enumerated(f"{stmt.dimension}: (1 - {stmt.share})^k {stmt.factor} <= 1 from there on")
    return Finding.fails(f"true at {stmt.dimension}: {at}; below it: {before}", margin="exact")


@dataclass(frozen=True)
class Doubled:
    """2 sqrt(n/(2 pi e)) to three decimals, and what a distance around 20 is of it, for three n."""

    values: tuple[tuple[int, str], ...] = ((1024, "15.486"), (262_144, "247.778"), (1_048_576, "495.556"))
    between: tuple[Fraction, Fraction] = (Fraction(39, 2), Fraction(41, 2))
    first: tuple[Fraction, Fraction] = (Fraction(5, 4), Fraction(133, 100))
    most: tuple[Fraction, Fraction] = (Fraction(1, 12), Fraction(1, 24))


claim(
    "X-RAD-N",
    Doubled(),
    mutants={
        "half of it": Doubled(values=((1024, "7.743"), *Doubled().values[1:])),
        "within a quarter": Doubled(first=(Fraction(3, 4), Fraction(5, 4))),
        "less than a thirteenth": Doubled(most=(Fraction(1, 13), Fraction(1, 24))),
    },
)


@check("X-RAD-N", kind="certified", scope="n = d_emb, 256 d_emb and 1024 d_emb; distances from 19.5 to 20.5")
def doubled_radii(stmt: Doubled) -> Finding:
    """Values by squares and roots, and the quotients at both ends."""
    low, high = at_gpt2.OBSERVED
    wrong = [text for n, text in stmt.values if not at_gpt2.prints_as(n, text, factor=2)]
    wrong += [text for n, text in stmt.values if at_gpt2.prints_as(n, at_gpt2.next_digit(text), factor=2)]
    wrong += ["another distance"] * (stmt.between != at_gpt2.OBSERVED)
    if [n for n, _ in stmt.values] != [at_gpt2.dimension(t) for t in (1, at_gpt2.CHUNK, at_gpt2.CONTEXT)]:
        wrong += ["another n"]
    first, *others = (n for n, _ in stmt.values)
    inside = at_gpt2.relative(low, first) > to_arb(stmt.first[0]) and at_gpt2.relative(high, first) < to_arb(
        stmt.first[1]
    )
    below = [bool(at_gpt2.relative(high, n) < to_arb(most)) for n, most in zip(others, stmt.most, strict=True)]
    if wrong or not inside or not all(below):
        return Finding.fails(f"not so: {', '.join(wrong) or 'a quotient'}", margin="certified")
    return Finding.enumerated(", ".join(f"{text} for n = {n}" for n, text in stmt.values), margin="certified")


@dataclass(frozen=True)
class Volume:
    """Bounds of V_n(r): for r = 10, 9.75 and sqrt(n/(2 pi e)) in 1024 dimensions, and for r = 10 in 262,144."""

    ten: tuple[Fraction, int] = (Fraction(99, 100), 112)
    smaller: int = 100
    own: tuple[int, int] = (57, 56)
    chunk: int = -286_534


claim(
    "X-RAD-VOL",
    Volume(),
    mutants={
        "of order one": Volume(ten=(Fraction(1, 10), 1)),
        "9.75 of order one": Volume(smaller=200),
        "the radius of unit volume": Volume(own=(2, 1)),
        "a larger power": Volume(chunk=-286_535),
    },
)


@check("X-RAD-VOL", kind="certified", scope="four balls; even dimensions by (pi r^2)^m/m! as well")
def volumes_of_balls(stmt: Volume) -> Finding:
    """Logarithms of volumes by the Gamma function and by factorials, against the stated bounds."""
    n, large = at_gpt2.dimension(1), at_gpt2.dimension(at_gpt2.CHUNK)
    share, power = stmt.ten
    own = (-_log10(stmt.own[0]), -_log10(stmt.own[1]))
    bounds: list[tuple[arb, arb, arb | None, arb]] = [
        (
            at_gpt2.log10_volume(n, Fraction(10)),
            _log10(share) + power,
            arb(power),
            at_gpt2.log10_even_volume(n, Fraction(100)),
        ),
        (
            at_gpt2.log10_volume(n, Fraction(39, 4)),
            arb(stmt.smaller),
            None,
            at_gpt2.log10_even_volume(n, Fraction(39, 4) ** 2),
        ),
        (at_gpt2.log10_volume(n, at_gpt2.radius(n)), *own, at_gpt2.log10_even_volume(n, at_gpt2.squared_radius(n))),
        (
            at_gpt2.log10_volume(large, Fraction(10)),
            arb(stmt.chunk - 1),
            arb(stmt.chunk),
            at_gpt2.log10_even_volume(large, Fraction(100)),
        ),
    ]
    inside = [bool(v > a) and (b is None or bool(v < b)) and bool(v.overlaps(again)) for v, a, b, again in bounds]
    shown = ", ".join(f"10^{float(v.mid()):.2f}" for v, *_ in bounds)
    return Finding.enumerated(shown, margin="certified") if all(inside) else Finding.fails(shown, margin="certified")


def _log10(value: Fraction | int) -> arb:
    return to_arb(value).log() / arb(10).log()
