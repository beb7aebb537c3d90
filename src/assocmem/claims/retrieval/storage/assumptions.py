"""Checks of Assumptions 2 and 3, of what the paper infers from them, and of what is true instead (chapter 3)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies.critical_points import Landscape
from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.distances import Distance, Rows
from assocmem.theory.retrieval import density

ZERO = (Fraction(0),)
PAIR: Rows = (ZERO, (Fraction(4),))

claim("ASM2-CONS", {"x": (Fraction(1),)}, mutants={"a latent that is a pattern": {"x": ZERO}})


@check("ASM2-CONS", kind="certified", scope="D = {0, 4}, r = 1, the stated latent")
def ball_means_pattern(stmt: Any, distance: Distance) -> Finding:
    """A point in the ball of 0 that is no pattern: what is assumed does not follow from what precedes it."""
    with precision(128):
        inside = distance(stmt["x"], ZERO) <= 1
        apart = distance.nearest(stmt["x"], PAIR) > 0
    if inside and apart:
        text = f"assumed, not implied: x={stmt['x'][0]} lies in the ball of 0 and is no pattern"
        return Finding.heuristic(text)
    return Finding.survived("the latent is a pattern, or not certainly in the ball")


claim(
    "X-RANDOM-SPLIT",
    (Fraction(1), Fraction(1), Fraction(1)),
    mutants={"one sample drawn twice as often": (Fraction(2), Fraction(1), Fraction(1))},
)


@check("X-RANDOM-SPLIT", kind="symbolic", scope="any number N of samples and any number k of them held out")
def same_law(stmt: Any) -> Finding:
    """Of all C(N,k) splits, C(N-1,k-1) hold a given sample out: each has probability k/N."""
    size, held = sp.symbols("N k", positive=True, integer=True)
    share = density.split_share()
    if len(set(stmt)) > 1:
        return Finding.undecided("samples that are drawn with weights of their own are not drawn uniformly")
    if sp.simplify(share - held / size) == 0:
        return Finding.holds(f"each sample is held out with probability {share}; the same law, though not independent")
    return Finding.undecided("the share was not confirmed")


@check("X-RANDOM-SPLIT", kind="certified", scope="as many samples as weights, two of them held out one after the other")
def counted_splits(stmt: Any) -> Finding:
    """The probability of each sample to be drawn first or second, by its weight among those left, exactly."""
    shares = density.two_draws(stmt)
    if len(set(shares)) > 1:
        shown = ", ".join(map(str, shares))
        return Finding.fails(
            f"weights {', '.join(map(str, stmt))}: held out with probabilities {shown}", margin="exact"
        )
    if sum(shares) != 2:
        return Finding.violated("the expected number of samples held out is not two")
    return Finding.survived(f"each of {len(stmt)} samples is held out with probability {shares[0]}")


claim("ASM3-CORR", {"measure": None}, mutants={"the cosine of one-hot texts": {"measure": "one-hot"}})
ONE_HOT, EMBEDDED = ((1, 0), (0, 1)), ((1, 0), (3, 4))
TOKEN_IDS, LATENT = ((1, 2), (2, 4)), ((1, 0), (0, 1))


@check("ASM3-CORR", kind="certified", scope="two tokens, squared cosines as fractions")
def correlation_falls(stmt: Any) -> Finding:
    """Squared cosines before and after an embedding, for one-hot codes and for token numbers.

    Welch's bound, attained by three vectors in the plane, is positive for more tokens than dimensions, such as GPT-2's.
    """
    one_hot = density.squared_cosine(*EMBEDDED) - density.squared_cosine(*ONE_HOT)
    numbered = density.squared_cosine(*LATENT) - density.squared_cosine(*TOKEN_IDS)
    if stmt["measure"] == "one-hot" and one_hot > 0:
        return Finding.fails(f"one-hot codes are orthogonal; embedded, the squared cosine is {one_hot}", margin="exact")
    if one_hot > 0 > numbered and density.largest_cosine_bound(50257, 1024) > 0 and density.bound_is_attained():
        return Finding.ill_defined("texts have no correlation before a code is chosen: one-hot codes have none to lose")
    return Finding.undecided("the readings agree")


CLOSE = ((Fraction(1, 2), Fraction(0)), (Fraction(0), Fraction(1, 2)))
FAR = ((Fraction(2), Fraction(0)), (Fraction(0), Fraction(2)))
claim(
    "ASM3",
    {"share": "any"},
    mutants={"radii of three fifths of the smallest distance": {"share": Fraction(3, 5)}},
)


@check("ASM3", kind="symbolic", scope="any n, d and distinct patterns; radii that nothing fixes")
def free_radii(stmt: Any) -> Finding:
    """With a third of the smallest distance as radius, s - 2r = s/3 > 0 is left between any two balls."""
    left_over = density.slack(Fraction(1, 3))
    if stmt["share"] == "any" and left_over.is_positive and density.slack(Fraction(51, 100)).is_negative:
        return Finding.empty(
            "radii that are free",
            "around distinct patterns there always are disjoint balls, so it excludes equal patterns and nothing else",
        )
    return Finding.undecided("the radii are fixed")


@check("ASM3", kind="certified", scope="the patterns -1 and 1, if the radii are a stated share of their distance")
def fixed_radii(stmt: Any, distance: Distance) -> Finding:
    """With radii that are fixed it says something, and a point in both balls may contradict it."""
    if stmt["share"] == "any":
        return Finding.undecided("no radius is stated")
    with precision(128):
        point = density.common_point(distance, stmt["share"])
    if point is not None:
        return Finding.fails(f"D={{-1,1}}: {point} lies in both balls of radius {stmt['share']} s", margin="exact")
    return Finding.survived("no point tried lies in both balls")


@check("ASM3", kind="certified", scope="two patterns in the plane, for the reading that every pattern is stored")
def separated_is_not_stored(stmt: Any) -> Finding:
    """Patterns with disjoint balls whose energy has a single minimum: if well separated meant stored, it would fail."""
    minima = len(Landscape(CLOSE).minima())
    if minima < len(CLOSE):
        text = f"(1/2,0), (0,1/2) have disjoint balls, and E has {minima} minimum: they are not both stored"
        return Finding.fails(text, margin="certified", outside=True)
    return Finding.survived("each pattern has a minimum of its own")


claim("ASM3-SO", {"patterns": CLOSE}, mutants={"far apart": {"patterns": FAR}})


@check("ASM3-SO", kind="certified", scope="two orthogonal patterns in the plane")
def uncorrelated_is_not_separated(stmt: Any) -> Finding:
    """Uncorrelated patterns whose energy has a single minimum: separation does not follow from what precedes it."""
    rows = stmt["patterns"]
    inner = sum(a * b for a, b in zip(*rows, strict=True))
    minima = len(Landscape(rows).minima())
    if inner == 0 and minima < len(rows):
        return Finding.fails(f"orthogonal patterns, yet E has {minima} minimum, and no balls store both", "certified")
    return Finding.survived("each pattern has a minimum of its own")


claim("X-DISJOINT", {"radius": Fraction(1, 2)}, mutants={"three fifths of the distance": {"radius": Fraction(3, 5)}})


@check("X-DISJOINT", kind="symbolic", scope="any distinct patterns; Euclidean balls, or those of any metric")
def small_balls(stmt: Any, distance: Distance) -> Finding:
    """A common point x of two balls of radius r < q s gives s <= d(rho_i, x) + d(x, rho_j) <= 2r < 2qs.

    The squared Euclidean distance stands for its norm, as the balls of the statement are those of the norm.
    """
    if not (distance.has("triangle", "symmetric") or distance.has("squared euclidean")):
        return Finding.undecided("the argument needs the triangle inequality and symmetry")
    left_over = density.slack(stmt["radius"])
    if left_over.is_nonnegative and density.slack(Fraction(51, 100)).is_negative:
        return Finding.holds("a common point would bring two patterns nearer than s, whether or not they are stored")
    return Finding.undecided(f"s - 2r may be as low as {left_over}")


@check("X-DISJOINT", kind="certified", scope="the patterns -1 and 1; 81 points on the line between -2 and 2")
def small_balls_points(stmt: Any, distance: Distance) -> Finding:
    """A point in both balls, whose radius is a hundredth of s below the stated share of s."""
    share = stmt["radius"] - Fraction(1, 100)
    with precision(128):
        point = density.common_point(distance, share)
    if point is not None:
        return Finding.fails(f"D={{-1,1}}: {point} lies in both balls of radius {share} s", margin="exact")
    return Finding.survived("no point tried lies in both balls")
