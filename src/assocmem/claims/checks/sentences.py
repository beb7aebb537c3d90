"""Checks of the sentences around equation (4), of Figure 1's captions and of the notation (chapter 2)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims.model import Finding, check, formal, mutation
from assocmem.theory import convexity, energies, sentences
from assocmem.theory import figure_one as figure
from assocmem.theory.certified import squared_distance, to_arb
from assocmem.theory.critical_points import Landscape
from assocmem.theory.energies import LinearSandwich

formal("EQ4", sentences.distance_energy)
mutation("EQ4", "sign of the distance lost", lambda dist: -sp.log(sum(sp.exp(v) for v in dist)))
mutation("EQ4", "mean instead of sum", lambda dist: -sp.log(sum(sp.exp(-v) for v in dist) / len(dist)))


@check("EQ4", kind="symbolic", scope="d <= 4 distances by sympy; any d by the same substitution")
def has_the_form(stmt: sentences.OfDistances) -> Finding:
    """E = -LSE(-d_1, ..., -d_d), and its largest term belongs to the nearest pattern."""
    for d in range(1, 5):
        dist = sp.symbols(f"q1:{d + 1}", nonnegative=True)
        residual = sp.simplify(stmt(dist) + sp.log(sum(sp.exp(-v) for v in dist)))
        if residual != 0:
            return Finding.fails(f"d = {d}: off by {residual}", margin=str(residual))
    return Finding.holds("E = -LSE(-d_1, ..., -d_d); exp(-d_i) is largest where d_i is smallest")


formal("EQ4-SUM", sentences.summed_distances)
mutation("EQ4-SUM", "equation (4) itself", sentences.distance_energy)


@check("EQ4-SUM", kind="certified", scope="D = {-2, 2} on the line, at 0 and 2")
def sums_distances(stmt: sentences.OfDistances) -> Finding:
    """The order of the two points under the sum of distances against their order under E."""
    at_middle, at_pattern = (4, 4), (0, 16)
    summed = [stmt([sp.Integer(v) for v in dist]) for dist in (at_middle, at_pattern)]
    energy = [sentences.distance_energy([sp.Integer(v) for v in dist]) for dist in (at_middle, at_pattern)]
    if (sp.N(summed[0] - summed[1], 30) > 0) != (sp.N(energy[0] - energy[1], 30) > 0):
        return Finding.fails(
            f"the sum of distances is {summed[0]} at 0 and {summed[1]} at the pattern 2, E the other way round",
            margin="exact",
        )
    return Finding.survived("both order the two points alike")


@check("EQ4-SUM", kind="symbolic", scope="two distances")
def is_the_sum(stmt: sentences.OfDistances) -> Finding:
    """Whether the stated function is E for all distances."""
    dist = sp.symbols("q1 q2", nonnegative=True)
    if sp.simplify(stmt(dist) - sentences.distance_energy(dist)) == 0:
        return Finding.holds("the stated function is E")
    return Finding.undecided("the stated function is not E")


formal("EQ4-SMOOTH", LinearSandwich({"g": 1, "log_d": -1}, {"E": 1}, {"g": 1}))
mutation("EQ4-SMOOTH", "within 0.99 log d", LinearSandwich({"g": 1, "log_d": Fraction(-99, 100)}, {"E": 1}, {"g": 1}))


@check("EQ4-SMOOTH", kind="argument", scope="all n, d, patterns and points")
def smooth_surrogate(stmt: LinearSandwich) -> Finding:
    """Analytic (log of a positive sum of exponentials of polynomials) and within log d of g, by Proposition 1."""
    if energies.facts_hold() and all(energies.certificate(s) is not None for s in stmt.slacks()):
        return Finding.holds("0 <= g - E <= log d, and E is analytic where g has kinks")
    return Finding.undecided("Proposition 1 gives log d")


formal("EQ4-CITE", sentences.clam_energy)
mutation("EQ4-CITE", "without the factor 1/beta", lambda dist, beta: beta * sentences.clam_energy(dist, beta))
mutation("EQ4-CITE", "half the inverse temperature", lambda dist, beta: sentences.clam_energy(dist, beta / 2))


@check("EQ4-CITE", kind="symbolic", scope="the energy of Saha et al. (2023), any inverse temperature")
def same_as_clam(stmt: Any) -> Finding:
    """At beta = 1 the cited energy must be equation (4), and at every beta E_beta of this book."""
    beta, dist = sp.Symbol("beta", positive=True), sp.symbols("q1:4", nonnegative=True)
    own = -sp.log(sum(sp.exp(-beta * v) for v in dist)) / beta
    if sp.simplify(stmt(dist, beta) - own) == 0:
        return Finding.holds("the formulas agree for every beta; beta = 1 is equation (4)")
    return Finding.fails("the formulas differ", margin="symbolic")


formal("EQ4-UHN", 1)
mutation("EQ4-UHN", "a step of the whole gradient", 2)


@check("EQ4-UHN", kind="symbolic", scope="three patterns in the plane; each coordinate and any d alike")
def is_universal(stmt: int) -> Finding:
    """x minus (stmt/2) grad E is projection(separation(similarity)): patterns, softmax, minus the squared distance."""
    if all(r == 0 for r in sentences.universal_residuals(sp.Rational(stmt, 2))):
        return Finding.holds("x - grad E/2 = M softmax(-d_1, ..., -d_d)", margin="residual 0")
    return Finding.fails(f"x - {stmt}/2 grad E is not the softmax-weighted mean of the patterns", margin="symbolic")


formal("EQ4-NEW", {"energy": sentences.distance_energy, "year": 2024})
mutation("EQ4-NEW", "published before the prior art", {"energy": sentences.distance_energy, "year": 2022})
mutation("EQ4-NEW", "another energy", {"energy": sentences.summed_distances, "year": 2024})


@check("EQ4-NEW", kind="argument", scope="published energies with their years")
def prior_art(stmt: Any) -> Finding:
    """An energy is not new when an earlier publication has the same formula."""
    dist = sp.symbols("q1:4", nonnegative=True)
    for name, year, energy in sentences.PRIOR_ART:
        if year < stmt["year"] and sp.simplify(energy(dist) - stmt["energy"](dist)) == 0:
            return Finding.fails(f"the same formula stands in {name} ({year})")
    return Finding.undecided("no listed publication is earlier and equal")


formal("APPROX-NN", {"family": "mchn", "patterns": ((0,), (2,)), "query": Fraction(1, 2)})
mutation("APPROX-NN", "patterns of equal norm", {"family": "mchn", "patterns": ((-2,), (2,)), "query": Fraction(1, 2)})
mutation("APPROX-NN", "the distance energy", {"family": "E", "patterns": ((0,), (2,)), "query": Fraction(1, 2)})


@check("APPROX-NN", kind="certified", scope="n = 1, D = {0, 2}, beta = 2, query 1/2")
def search_finds_nearest(stmt: Any) -> Finding:
    """Descending from a query must not end nearer to another pattern than to the nearest one.

    On the line a descent ends at the first critical point in the direction in which the energy falls.
    """
    land = Landscape.of(stmt["patterns"], stmt["family"], 2)
    query, rows = stmt["query"], land.patterns
    nearest = min(rows, key=lambda row: squared_distance(row, (query,)))
    slope = land.residual([to_arb(query)])[0]
    ahead = [p for p in land.critical_points() if (p.x[0] - to_arb(query)) * slope < 0]
    end = min(ahead, key=lambda p: abs(float(p.x[0].mid()) - float(query)))
    gaps = {row: abs(end.x[0] - to_arb(row[0])) for row in rows}
    if any(gaps[row] < gaps[nearest] for row in rows if row != nearest):
        return Finding.fails(
            f"from {query}, nearest to {nearest[0]}, the descent ends at {end.floats()[0]:.4f}", margin="certified"
        )
    return Finding.survived(f"the descent from {query} ends at {end.floats()[0]:.4f}, next to its nearest pattern")


formal("FIG1-NLSE", {"patterns": figure.PLANE})
_SMALL = tuple(tuple(c / 10 for c in p) for p in figure.PLANE)
mutation("FIG1-NLSE", "the patterns ten times closer", {"patterns": _SMALL})


@check("FIG1-NLSE", kind="certified", scope="the figure's three patterns, beta = 1")
def repaired(stmt: Any) -> Finding:
    """Minus LSE is not convex there; adding the regularizer must leave a convex energy, which has no two minima."""
    rows = stmt["patterns"]
    minima = len(Landscape(rows, "mchn").minima())
    if minima > 1:
        return Finding.fails(f"the regularized energy has {minima} minima, so it is not convex", margin="certified")
    largest = max(squared_distance(p, q) for p in rows for q in rows)
    if convexity.popoviciu_residual() == 0 and largest <= convexity.diameter_threshold("mchn"):
        return Finding.enumerated("diameter squared at most 4: the regularized energy is convex")
    return Finding.undecided("one minimum, but convexity is not shown")


formal("FIG1-1D", (energies.LinearSandwich({"g": 1, "log_d": -1}, {"E": 1}, {"g": 1}),
                   energies.LinearSandwich({"delta": -1}, {"M": 1, "log_d": -1, "E": -1}, {"delta": 1})))  # fmt: skip
mutation(
    "FIG1-1D",
    "half of log d",
    (energies.LinearSandwich({"g": 1, "log_d": Fraction(-1, 2)}, {"E": 1}, {"g": 1}),
     energies.LinearSandwich({"delta": -1}, {"M": 1, "log_d": -1, "E": -1}, {"delta": 1})),
)  # fmt: skip


@check("FIG1-1D", kind="symbolic", scope="both propositions, hence these patterns")
def curves_obey(stmt: Any) -> Finding:
    """Both sandwiches as nonnegative combinations of the proved facts."""
    if energies.facts_hold() and all(energies.certificate(s) is not None for one in stmt for s in one.slacks()):
        return Finding.holds("the curves at beta = 2 obey Proposition 2, and E and g obey Proposition 1")
    return Finding.undecided("not a combination of the facts")


@check("FIG1-1D", kind="certified", scope="D = {-2, 0, 1}, x from -3 to 3 in steps of 1/8")
def curves_obey_points(stmt: Any) -> Finding:
    """Certified signs of all four slacks along the figure."""
    for k in range(-24, 25):
        x = (Fraction(k, 8),)
        for one in stmt:
            if any(energies.certified_sign(slack, x, figure.LINE) == -1 for slack in one.slacks()):
                return Finding.fails(f"violated at x={x[0]}", margin="certified")
    return Finding.survived("no certain violation at 49 points")


formal("HOPF-FIX", {"n": 4, "patterns": ((1, 1, 1, 1),)})
mutation("HOPF-FIX", "the mirrored pattern stored too", {"n": 4, "patterns": ((1, 1, 1, 1), (-1, -1, -1, -1))})


@check("HOPF-FIX", kind="certified", scope="all 16 states of n = 4, exact integers")
def fixed_points_are_patterns(stmt: Any) -> Finding:
    """Every state that no sign update changes, against the stored patterns."""
    fixed = sentences.hopfield_fixed_points(stmt["patterns"])
    extra = sorted(fixed - set(stmt["patterns"]))
    if extra:
        return Finding.fails(f"{extra[0]} is a fixed point and not a stored pattern", margin="exact")
    return Finding.enumerated(f"the {len(fixed)} fixed points are the stored patterns")


formal("T1-DOM", {"hopfield 1982": (0, 1)})
mutation("T1-DOM", "no recoding needed", {"hopfield 1982": (-1, 1)})


@check("T1-DOM", kind="symbolic", scope="quadratic energies of three units; any number alike")
def recoded(stmt: Any) -> Finding:
    """A quadratic energy over {0, 1} is one over {-1, 1} plus a linear term and a constant (V = (1 + x)/2)."""
    if stmt["hopfield 1982"] == (-1, 1):
        return Finding.holds("the domains are as printed")
    if sentences.recoding_residual() == 0:
        return Finding.holds_if(
            "units recoded by V = (1 + x)/2",
            "Hopfield (1982) has units 0 and 1; recoding leaves the couplings over 4 and adds thresholds",
        )
    return Finding.undecided("the recoding failed")


formal("T1-CAPTION", {"summed": "n", "patterns": "d"})
mutation("T1-CAPTION", "the sum of row 2 over the d patterns", {"summed": "d", "patterns": "d"})


@check("T1-CAPTION", kind="certified", scope="n = 1, d = 2, rho = (1, -1), F(z) = z^3, x = 1")
def symbols_fit(stmt: Any) -> Finding:
    """Row 2 summed to the caption's letter against the sum over all patterns, at an exact example."""
    sizes, overlaps = {"n": 1, "d": 2}, (1, -1)
    printed = -sum(z**3 for z in overlaps[: sizes[stmt["summed"]]])
    whole = -sum(z**3 for z in overlaps[: sizes[stmt["patterns"]]])
    if printed != whole:
        text = f"summing to {stmt['summed']} = 1 gives {printed}, over both patterns {whole}"
        return Finding.fails(text, margin="exact")
    return Finding.enumerated("the sum of row 2 runs over the patterns")


formal("MCHN-REG", {"layers": 1, "quantity": None})
mutation("MCHN-REG", "a stated quantity", {"layers": 1, "quantity": "share of the energy's range"})


@check("MCHN-REG", kind="argument", scope="the sentence as it stands")
def relies_heavily(stmt: Any) -> Finding:
    """The sentence names no quantity that could be large or small; the constants among the terms move no minimum."""
    x = sp.symbols("x1 x2", real=True)
    constant = [k for k, v in energies.mchn_terms().items() if all(sp.diff(v, c) == 0 for c in x)]
    if stmt["quantity"] is None and len(constant) == 2:
        return Finding.heuristic(f"without a measure of 'heavily'; of its terms {' and '.join(constant)} move nothing")
    return Finding.undecided("a stated quantity would have to be computed")


formal("NOT-RHO", ("rho_i", "rho^i"))
mutation("NOT-RHO", "one notation", ("rho^i",))
formal("NOT-R", {"radius of the sphere": 0})
mutation("NOT-R", "used once", {"radius of the sphere": 1})
formal("NOT-D", sentences.LETTERS)
mutation("NOT-D", "one meaning each", {letter: meanings[:1] for letter, meanings in sentences.LETTERS.items()})


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


