"""Checks of the sentences around equation (4), of the letters of Table 1 and of the notation."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import sandwich, sign_capacity
from assocmem.theory.energies.prior_art import (
    LETTERS,
    PRIOR_ART,
    OfDistances,
    clam_energy,
    distance_energy,
    hopfield_fixed_points,
    summed_distances,
    universal_residuals,
)
from assocmem.theory.energies.sandwich import LinearSandwich
from assocmem.theory.exact.certified import sign, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.exact.residual import nonzero_point

q = sp.Symbol("q", nonnegative=True)
claim("EQ4", sp.exp(-q), mutants={"sign of the distance lost": sp.exp(q), "half of each term": sp.exp(-q) / 2})


@check("EQ4", kind="symbolic", scope="every d: E is minus the log of the sum of the stated term over the distances")
def has_the_form(stmt: sp.Expr, distance: Distance) -> Finding:
    """Each term is exp of minus its distance, so E = -LSE(-d_1, ..., -d_d); it falls with the distance.

    The distances enter as real numbers, so this is so for every memory.
    """
    point = nonzero_point([stmt - sp.exp(-q)])
    if point is not None:
        return Finding.fails(f"the term at q={point[0].get('q', '-')} is off by {point[1]}", margin=point[1])
    if sp.simplify(stmt - sp.exp(-q)) == 0 and sp.diff(stmt, q).is_negative:
        form = "E = -LSE(-d_1, ..., -d_d); exp(-d_i) is largest where d_i is smallest"
        return Finding.holds(form if distance.has("squared euclidean") else f"{form}, for d = {distance.name} too")
    return Finding.undecided("the term was not recognized")


claim("EQ4-SUM", summed_distances, mutants={"equation (4) itself": distance_energy})


@check("EQ4-SUM", kind="certified", scope="D = {-2, 2} on the line, at 0 and 2, then at 0 and 3")
def sums_distances(stmt: OfDistances, distance: Distance) -> Finding:
    """The order of two points under the stated function against their order under E, whose sign Arb certifies."""
    rows = ((Fraction(-2),), (Fraction(2),))
    middle = (Fraction(0),)
    for other in ((Fraction(2),), (Fraction(3),)):
        fits = [distance.function(place, row) for place in (middle, other) for row in rows]
        if not all(isinstance(v, (int, Fraction)) for v in fits):
            return Finding.undecided("the distances between these points are not exact numbers")
        exact = [sp.Rational(Fraction(v)) for v in fits]
        summed = [stmt(exact[:2]), stmt(exact[2:])]
        falls = sign(lambda o=other: distance.energy(middle, rows) - distance.energy(o, rows)) == 1  # type: ignore[misc]
        if falls and all(v.is_Rational for v in summed) and summed[0] < summed[1]:
            text = f"D={{-2, 2}}: the sum of distances is {summed[0]} at 0 and {summed[1]} at {other[0]}"
            return Finding.fails(f"{text}, E the other way round", margin="exact")
    return Finding.survived("no reversal of these points")


@check("EQ4-SUM", kind="symbolic", scope="two distances")
def is_the_sum(stmt: OfDistances) -> Finding:
    """Whether the stated function is E for all values of the distances."""
    dist = sp.symbols("q1 q2", nonnegative=True)
    if sp.simplify(stmt(dist) - distance_energy(dist)) == 0:
        return Finding.holds("the stated function is E")
    return Finding.undecided("the stated function is not E")


claim(
    "EQ4-SMOOTH",
    LinearSandwich({"g": 1, "log_d": -1}, {"E": 1}, {"g": 1}),
    mutants={"within 0.99 log d": LinearSandwich({"g": 1, "log_d": Fraction(-99, 100)}, {"E": 1}, {"g": 1})},
)


@check("EQ4-SMOOTH", kind="argument", scope="all n, d, patterns and points")
def smooth_surrogate(stmt: LinearSandwich, distance: Distance) -> Finding:
    """Analytic (log of a positive sum of exponentials of polynomials) and within log d of g, by Proposition 1.

    A norm is not smooth at 0: at rho_1 the one-sided slopes of d_1 along u and -u add up to 2||u||, those of the other
    distances, which are convex, to at least 0. So the slopes of E add up to at least 2 w_1 ||u|| > 0: a kink.
    """
    if not distance.has("squared euclidean"):
        if distance.has("norm"):
            return Finding.fails("a norm gives E a kink at every pattern, so E is not smooth", margin="exact")
        return Finding.undecided("E is within log d of g; whether the distance is smooth is not granted")
    if sandwich.facts_hold() and all(sandwich.certificate(s) is not None for s in stmt.slacks()):
        return Finding.holds("0 <= g - E <= log d, and E is analytic where g has kinks")
    return Finding.undecided("Proposition 1 gives log d")


@check("EQ4-SMOOTH", kind="certified", scope="exact adversarial points")
def smooth_surrogate_points(stmt: LinearSandwich, distance: Distance) -> Finding:
    """Certified signs of both slacks."""
    hit = sandwich.counterexample(stmt, distance)
    return Finding.survived("no certain violation") if hit is None else Finding.fails(f"the {hit[0]} bound fails")


claim(
    "EQ4-CITE",
    clam_energy,
    mutants={
        "without the factor 1/beta": lambda dist, beta: beta * clam_energy(dist, beta),
        "half the inverse temperature": lambda dist, beta: clam_energy(dist, beta / 2),
    },
)


@check("EQ4-CITE", kind="argument", scope="the energy of Saha et al. (2023), section 3, as transcribed here; any beta")
def same_as_clam(stmt: Any) -> Finding:
    """At beta = 1 the cited energy must be equation (4), and at every beta E_beta of this book."""
    beta, dist = sp.Symbol("beta", positive=True), sp.symbols("q1:4", nonnegative=True)
    own = -sp.log(sum(sp.exp(-beta * v) for v in dist)) / beta
    if sp.simplify(stmt(dist, beta) - own) == 0:
        return Finding.holds("the formulas agree for every beta; beta = 1 is equation (4)")
    point = nonzero_point([stmt(dist, beta) - own])
    if point is None:
        return Finding.undecided("the formulas could not be compared")
    return Finding.fails(f"at {point[0]} the formulas differ by {point[1]}", margin=point[1])


_ORIGIN = (Fraction(0),)
claim("EQ4-UHN", 1, mutants={"a step of the whole gradient": 2})


@check("EQ4-UHN", kind="symbolic", scope="three patterns in the plane; each coordinate and any d alike")
def is_universal(stmt: int, distance: Distance) -> Finding:
    """x minus (stmt/2) grad E is projection(separation(similarity)): patterns, softmax, minus the squared distance.

    With D = {0} the projection is 0, so E must have the slope 2x/stmt on the line, and E(4) - E(2) = 12/stmt.
    """
    if not distance.has("squared euclidean"):
        ends = (Fraction(4),), (Fraction(2),)
        if sign(lambda: distance(ends[0], _ORIGIN) - distance(ends[1], _ORIGIN) - to_arb(Fraction(12, stmt))) in (
            -1,
            1,
        ):
            return Finding.fails("D={0}: E(4) - E(2) is not 12, so x - grad E/2 is not the stored pattern 0 everywhere")
        return Finding.undecided("the gradient of E is not known for this distance")
    residuals = universal_residuals(sp.Rational(stmt, 2))
    if all(r == 0 for r in residuals):
        return Finding.holds("x - grad E/2 = M softmax(-d_1, ..., -d_d)", margin="residual 0")
    point = nonzero_point(residuals)
    if point is None:
        return Finding.undecided("the residual was neither zero nor nonzero")
    return Finding.fails(f"x - {stmt}/2 grad E is off by {point[1]} at an exact point", margin=point[1])


claim(
    "EQ4-NEW",
    {"energy": distance_energy, "year": 2024},
    mutants={
        "published before the prior art": {"energy": distance_energy, "year": 2022},
        "another energy": {"energy": summed_distances, "year": 2024},
    },
)


@check("EQ4-NEW", kind="argument", scope="published energies with their years")
def prior_art(stmt: Any) -> Finding:
    """An energy is not new when an earlier publication has the same formula."""
    dist = sp.symbols("q1:4", nonnegative=True)
    for name, year, energy in PRIOR_ART:
        if year < stmt["year"] and sp.simplify(energy(dist) - stmt["energy"](dist)) == 0:
            return Finding.fails(f"the same formula stands in {name} ({year})")
    return Finding.undecided("no listed publication is earlier and equal")


claim(
    "HOPF-FIX",
    {"n": 4, "patterns": ((1, 1, 1, 1),)},
    mutants={"the mirrored pattern stored too": {"n": 4, "patterns": ((1, 1, 1, 1), (-1, -1, -1, -1))}},
)


@check("HOPF-FIX", kind="certified", scope="all 16 states of n = 4, exact integers")
def fixed_points_are_patterns(stmt: Any) -> Finding:
    """Every state that no sign update changes, against the stored patterns."""
    fixed = hopfield_fixed_points(stmt["patterns"])
    extra = sorted(fixed - set(stmt["patterns"]))
    if extra:
        return Finding.fails(f"{extra[0]} is a fixed point and not a stored pattern", margin="exact")
    return Finding.enumerated(f"the {len(fixed)} fixed points are the stored patterns")


claim("T1-DOM", {"hopfield 1982": (0, 1)}, mutants={"no recoding needed": {"hopfield 1982": (-1, 1)}})


@check("T1-DOM", kind="symbolic", scope="a pair of units; a quadratic energy is a sum over pairs")
def recoded(stmt: Any) -> Finding:
    """A quadratic energy over {0, 1} is one over {-1, 1} plus a linear term and a constant (V = (1 + x)/2)."""
    if stmt["hopfield 1982"] == (-1, 1):
        return Finding.holds("the domains are as printed")
    if sign_capacity.binary_units_shift() == 0:
        return Finding.holds_if(
            "units recoded by V = (1 + x)/2",
            "Hopfield (1982) has units 0 and 1; recoding leaves the couplings over 4 and adds thresholds",
        )
    return Finding.undecided("the recoding failed")


claim(
    "T1-CAPTION",
    {"summed": "n", "patterns": "d"},
    mutants={"the sum of row 2 over the d patterns": {"summed": "d", "patterns": "d"}},
)


@check("T1-CAPTION", kind="argument", scope="the letters of the caption in the four rows")
def letters_fit(stmt: Any) -> Finding:
    """Rows 1, 3 and 4 use W, M and d as the caption says; row 2 must sum over the patterns."""
    if stmt["summed"] == stmt["patterns"]:
        return Finding.holds("every row uses the letters as the caption says")
    text = f"row 2 sums to {stmt['summed']}, though there are {stmt['patterns']} patterns"
    return Finding.holds_if("rows 1, 3 and 4", text)


@check("T1-CAPTION", kind="certified", scope="n = 1, d = 2, rho = (1, -1), F(z) = z^3, x = 1")
def symbols_fit(stmt: Any) -> Finding:
    """Row 2 summed to the stated letter against the sum over all patterns, at an exact example."""
    sizes, overlaps = {"n": 1, "d": 2}, (1, -1)
    printed = -sum(z**3 for z in overlaps[: sizes[stmt["summed"]]])
    whole = -sum(z**3 for z in overlaps[: sizes[stmt["patterns"]]])
    if printed != whole:
        text = f"row 2: summing to {stmt['summed']} = 1 gives {printed}, over both patterns {whole}"
        return Finding.fails(text, margin="exact", outside=True)
    return Finding.survived("the sum of row 2 runs over the patterns")


claim(
    "MCHN-REG",
    {"layers": 1, "quantity": None},
    mutants={"a stated quantity": {"layers": 1, "quantity": "share of the energy's range"}},
)


@check("MCHN-REG", kind="argument", scope="the sentence as it stands")
def relies_heavily(stmt: Any) -> Finding:
    """The sentence names no quantity that could be large or small; the constants among the terms move no minimum."""
    x = sp.symbols("x1 x2", real=True)
    constant = [k for k, v in sandwich.mchn_terms().items() if all(sp.diff(v, c) == 0 for c in x)]
    if stmt["quantity"] is None and len(constant) == 2:
        return Finding.heuristic(f"without a measure of 'heavily'; of its terms {' and '.join(constant)} move nothing")
    return Finding.undecided("a stated quantity would have to be computed")


claim("NOT-RHO", ("rho_i", "rho^i"), mutants={"one notation": ("rho^i",)})
claim("NOT-R", {"radius of the sphere": 0}, mutants={"used once": {"radius of the sphere": 1}})
claim(
    "NOT-D",
    LETTERS,
    mutants={"one meaning each": {letter: meanings[:1] for letter, meanings in LETTERS.items()}},
)


@check("NOT-RHO", kind="argument", scope="both versions")
def one_notation(stmt: Any) -> Finding:
    """How many notations stand for the i-th pattern."""
    if len(stmt) > 1:
        return Finding.fails(f"{len(stmt)} notations: {', '.join(stmt)}; this book writes rho^i")
    return Finding.holds("one notation")


@check("NOT-R", kind="argument", scope="both versions")
def used_symbol(stmt: Any) -> Finding:
    """How many formulas outside the table of notation use the symbol."""
    if not all(stmt.values()):
        return Finding.fails("no formula of either version uses it; the radii in use are those of the balls, r_i")
    return Finding.holds("it is used")


@check("NOT-D", kind="argument", scope="both versions")
def one_meaning(stmt: Any) -> Finding:
    """How many meanings each letter has."""
    crowded = [f"{letter}: {', '.join(meanings)}" for letter, meanings in stmt.items() if len(meanings) > 1]
    return Finding.fails("; ".join(crowded)) if crowded else Finding.holds("one meaning each")
