"""Checks of the sentences around equation (4), and of the one on the classical Hopfield network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import sandwich
from assocmem.theory.energies.key_bias import Biased
from assocmem.theory.energies.prior_art import (
    OfDistances,
    distance_energy,
    hopfield_fixed_points,
    single_flip_minima,
    summed_distances,
    universal_step,
)
from assocmem.theory.energies.sandwich import LinearSandwich
from assocmem.theory.exact.certified import precision, sign, squared_norm, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.exact.residual import nonzero_point
from assocmem.theory.logsumexp import any_number

Term = Callable[[sp.Expr], sp.Expr]
claim(
    "EQ4",
    lambda q: sp.exp(-q),
    mutants={"sign of the distance lost": lambda q: sp.exp(q), "half of each term": lambda q: sp.exp(-q) / 2},
)


@check("EQ4", kind="symbolic", scope="any number of patterns, whose distances are any real numbers")
def has_the_form(stmt: Term, distance: Distance) -> Finding:
    """-log of the sum of the stated terms is -LSE(-d_1, ..., -d_d).

    The distances enter as real numbers, so this is so for every distance.
    """
    if any_number.form_residual(stmt) == 0:
        form = "E = -LSE(-d_1, ..., -d_d)"
        return Finding.holds(form if distance.has("squared euclidean") else f"{form}, for d = {distance.name} too")
    return Finding.undecided("the term is not that of LogSumExp at minus the distance")


@check(
    "EQ4", kind="certified", scope="exact adversarial points: the stated sum against the energy that the book computes"
)
def is_the_energy(stmt: Term, distance: Distance) -> Finding:
    """-log of the sum of the stated terms, added up as they stand, against the energy of the theory."""
    q = sp.Symbol("q", real=True)
    with precision(512):
        for x, patterns in sandwich.CASES:
            values = distance.all(x, patterns)
            off = -sum((enclose(stmt(q), {q: v}) for v in values), arb(0)).log() - distance.energy(x, patterns)
            if not abs(off) < 1e-50:
                text = f"d={len(patterns)}, x=({', '.join(map(str, x))}): they differ by {float(off.mid()):.4g}"
                return Finding.fails(text, margin="certified")
    return Finding.survived(f"the two agree to 50 digits at {len(sandwich.CASES)} exact points")


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
        typed = enclose(distance_energy(exact[:2]) - distance_energy(exact[2:]), {})
        own = distance.energy(middle, rows) - distance.energy(other, rows)
        if not abs(typed - own) < 1e-9:
            return Finding.undecided("the energy of the theory is not that of equation (4)")
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


_ORIGIN = (Fraction(0),)
claim("EQ4-UHN", 1, mutants={"a step of the whole gradient": 2})


@check("EQ4-UHN", kind="symbolic", scope="every n (by coordinate) and any number of patterns (by induction)")
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
    residual = universal_step(sp.Rational(stmt, 2))
    if residual == 0:
        return Finding.holds("x - grad E/2 = M softmax(-d_1, ..., -d_d)", margin="residual 0")
    point = nonzero_point([residual])
    if point is None:
        return Finding.undecided("the residual was neither zero nor nonzero")
    return Finding.fails(f"x - {stmt}/2 grad E is off by {point[1]} at an exact point", margin=point[1])


claim(
    "EQ4-KEYBIAS",
    Biased(),
    mutants={
        "no bias": Biased(bias=Fraction(0)),
        "half of the quadratic": Biased(quadratic=Fraction(1, 2)),
        "the scores at beta = 1": Biased(scores=Fraction(1)),
        "sign of the bias flipped": Biased(bias=Fraction(1)),
    },
)


@check("EQ4-KEYBIAS", kind="symbolic", scope="every n (by coordinate) and any number of patterns")
def biased_keys(stmt: Biased) -> Finding:
    """-|x - rho|^2 = 2 rho.x - |rho|^2 - |x|^2, and -|x|^2 in all exponents comes out of LogSumExp."""
    if stmt.exponent_residual() == 0 and any_number.shift_residual() == 0:
        return Finding.holds(
            "the quadratic stands before the sum, the squared norm of each pattern is a bias on its score"
        )
    return Finding.undecided("the square is completed with 2 rho.x - |rho|^2 - |x|^2 only")


@check("EQ4-KEYBIAS", kind="certified", scope="exact adversarial points")
def biased_keys_points(stmt: Biased) -> Finding:
    """The stated form against E, and without its bias against twice the MCHN energy less its two constants."""
    unbiased = replace(stmt, bias=Fraction(0))
    with precision(512):
        for x, patterns in sandwich.CASES:
            values = sandwich.quantities(x, patterns)
            largest = max(squared_norm(row) for row in patterns)
            off = stmt.value(x, patterns) - values["E"]
            other = unbiased.value(x, patterns) + arb(len(patterns)).log() + to_arb(largest) - values["M"]
            if not (abs(off) < 1e-50 and abs(other) < 1e-50):
                text = f"d={len(patterns)}, x=({', '.join(map(str, x))}): off by {float(off.mid()):.4g}"
                return Finding.fails(f"{text}, without the bias by {float(other.mid()):.4g}", margin="certified")
    return Finding.survived(f"both agree to 50 digits at {len(sandwich.CASES)} exact points")


claim(
    "HOPF-FIX",
    {"n": 4, "patterns": ((1, 1, 1, 1),)},
    mutants={"the mirrored pattern stored too": {"n": 4, "patterns": ((1, 1, 1, 1), (-1, -1, -1, -1))}},
)


@check("HOPF-FIX", kind="certified", scope="all 16 states of n = 4, exact integers")
def fixed_points_are_patterns(stmt: Any) -> Finding:
    """Every state that no sign update changes, against the stored patterns.

    They are also the states whose energy no single flip lowers, which is computed from the patterns alone.
    """
    fixed = hopfield_fixed_points(stmt["patterns"])
    if fixed != single_flip_minima(stmt["patterns"]):
        return Finding.undecided("the fixed points are not the minima under single flips")
    extra = sorted(fixed - set(stmt["patterns"]))
    if extra:
        return Finding.fails(f"{extra[0]} is a fixed point and not a stored pattern", margin="exact")
    return Finding.enumerated(f"the {len(fixed)} fixed points are the stored patterns")
