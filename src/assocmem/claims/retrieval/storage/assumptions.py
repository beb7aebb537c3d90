"""Checks of Assumptions 1-3, of what the paper infers from them, and of Remark 1 (chapter 3)."""

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

claim("ASM1", {"latent": "one space for all layers"}, mutants={"a map given": {"latent": None}})


@check("ASM1", kind="argument", scope="Assumption 1 as it stands")
def stored_assumed(stmt: Any) -> Finding:
    """An assumption: which space, which layer and which map turn samples into patterns is not said."""
    if stmt["latent"]:
        return Finding.heuristic("assumed, for one space R^n that all layers share; what would test it is not said")
    return Finding.undecided("a stated map would have to be examined")


claim("ASM2", {"held out": True}, mutants={"validation samples taken from the training set": {"held out": False}})


@check("ASM2", kind="argument", scope="distinct samples, an embedding that keeps them distinct")
def held_out_are_stored(stmt: Any) -> Finding:
    """Held-out samples are not training samples, so D~ and D are disjoint unless texts repeat."""
    training, held = {(1, 2), (1, 3)}, {(2, 3)}
    if stmt["held out"] and not held & training:
        return Finding.heuristic(
            "an assumption that samples of a held-out set meet only if they also occur in training"
        )
    return Finding.undecided("the validation samples are training samples")


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
    "ASM2-RANDOM",
    (Fraction(1), Fraction(1), Fraction(1)),
    mutants={"one sample drawn twice as often": (Fraction(2), Fraction(1), Fraction(1))},
)


@check("ASM2-RANDOM", kind="symbolic", scope="any number N of samples and any number k of them held out")
def same_law(stmt: Any) -> Finding:
    """Of all C(N,k) splits, C(N-1,k-1) hold a given sample out: each has probability k/N, in either part alike."""
    size, held = sp.symbols("N k", positive=True, integer=True)
    share = sp.simplify(sp.gammasimp((sp.binomial(size - 1, held - 1) / sp.binomial(size, held)).rewrite(sp.gamma)))
    if len(set(stmt)) > 1:
        return Finding.fails(
            f"weights {', '.join(map(str, stmt))}: not every sample is held out with the same probability"
        )
    if sp.simplify(share - held / size) == 0:
        return Finding.holds(f"each sample is held out with probability {share}; the same law, though not independent")
    return Finding.undecided("the share was not confirmed")


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


claim(
    "ASM3",
    {"patterns": ((Fraction(1, 2), Fraction(0)), (Fraction(0), Fraction(1, 2)))},
    mutants={"far apart": {"patterns": ((Fraction(2), Fraction(0)), (Fraction(0), Fraction(2)))}},
)


@check("ASM3", kind="certified", scope="two orthogonal patterns in the plane")
def uncorrelated_means_separated(stmt: Any) -> Finding:
    """Uncorrelated patterns whose energy has a single minimum: no balls around them can store both."""
    rows = stmt["patterns"]
    inner = sum(a * b for a, b in zip(*rows, strict=True))
    minima = len(Landscape(rows).minima())
    if inner == 0 and minima < len(rows):
        return Finding.fails(
            f"orthogonal patterns, yet E has {minima} minimum: no radii separate them", margin="certified"
        )
    return Finding.survived("each pattern has a minimum of its own")


claim("X-DISJOINT", {"radius": Fraction(1, 2)}, mutants={"three fifths of the distance": {"radius": Fraction(3, 5)}})


@check("X-DISJOINT", kind="symbolic", scope="any distinct patterns; Euclidean balls, or those of any metric")
def small_balls(stmt: Any, distance: Distance) -> Finding:
    """A common point x of two balls of radius r < q s gives s <= d(rho_i, x) + d(x, rho_j) <= 2r < 2qs.

    The squared Euclidean distance stands for its norm, as the balls of the statement are those of the norm.
    """
    if not (distance.has("triangle", "symmetric") or distance.has("squared euclidean")):
        return Finding.undecided("the argument needs the triangle inequality and symmetry")
    sep = sp.Symbol("s", positive=True)
    left_over = sep - 2 * sp.Rational(stmt["radius"].numerator, stmt["radius"].denominator) * sep
    if left_over.is_nonnegative:
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


claim("ASM3-QUAL", {"measure": None}, mutants={"no repeated sample": {"measure": "distinct"}})


@check("ASM3-QUAL", kind="argument", scope="the sentence as it stands")
def quality(stmt: Any) -> Finding:
    """No measure of quality is given; as printed the condition asks only that no two patterns are equal."""
    if stmt["measure"] is None:
        return Finding.heuristic(
            "without a measure of quality; distinct patterns have disjoint balls, good text or not"
        )
    return Finding.holds("distinct patterns have disjoint balls of small radius")


claim(
    "REM1",
    {"relaxation": None},
    mutants={"a stated relaxation": {"relaxation": "softmax weights of overlapping balls"}},
)


@check("REM1", kind="argument", scope="Remark 1 as it stands; equation (7) of Saha et al. was not at hand")
def relaxation(stmt: Any) -> Finding:
    """No relaxed definition is written down, so nothing follows from it."""
    if stmt["relaxation"] is None:
        return Finding.heuristic("announces a relaxation and states none; no later step uses it")
    return Finding.undecided("a stated relaxation would have to be examined")
