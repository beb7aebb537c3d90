"""Checks of Section 5.1 up to the loss: target distribution, empirical measure, what the softmax has to do with it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.cross_entropy import target
from assocmem.theory.cross_entropy.discrete import gibbs_holds
from assocmem.theory.cross_entropy.line import line
from assocmem.theory.cross_entropy.proof_steps import gibbs_residual, nll_residual, shift_residual
from assocmem.theory.cross_entropy.target import Empirical
from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.distances import Distance

SIZE = sp.Symbol("D", positive=True)
MEAN = {"share": 1 / SIZE, "sign": 1}

OTHER_MEANS = {
    "not normalized": {"share": sp.Integer(1), "sign": 1},
    "without the minus sign": {"share": 1 / SIZE, "sign": -1},
}
claim("CE-NLL", MEAN, mutants=OTHER_MEANS)
claim("EQ15-1", MEAN, mutants=OTHER_MEANS)


@check(
    "CE-NLL",
    "EQ15-1",
    kind="symbolic",
    scope="any densities and any number of samples (two distinct, with multiplicities)",
)
def mean_of_logarithms(stmt: Any) -> Finding:
    """-(1/d') log of the likelihood is the integral of -log p against the empirical measure."""
    rest = nll_residual(stmt["share"], stmt["sign"])
    if rest == 0:
        return Finding.holds("the logarithm of the product is the sum; more distinct samples add terms alike")
    return Finding.fails(f"two distinct samples: the two sides differ by {rest}", margin="exact")


claim("EQ15-2", {"sign": 1}, mutants={"the energy with the other sign": {"sign": -1}})
claim("CE-LOGZ-FIX", {"sign": 1}, mutants={"the energy with the other sign": {"sign": -1}})


@check(
    "EQ15-2",
    "CE-LOGZ-FIX",
    kind="symbolic",
    scope="any energy with 0 < Z < oo, any distance, any validation patterns in Omega",
)
def gibbs(stmt: Any, distance: Distance) -> Finding:
    """-log of exp(-E)/Z is log Z + E at every sample; Omega holds the patterns, so its empirical mass is 1."""
    if gibbs_residual(stmt["sign"]) == 0 and shift_residual() == 0:
        return Finding.holds(f"for {distance.name} and any other distance; a constant added to E changes nothing")
    return Finding.fails("one sample: log Z - E is not -log p unless E = 0", margin="exact")


@check("EQ15-2", "CE-LOGZ-FIX", kind="certified", scope="layers {0, 3}, {10} on the line, radius 1/2, four readings")
def gibbs_line(stmt: Any, distance: Distance) -> Finding:
    """log Z_theta plus the mean energy against the mean of -log p_theta, p_theta by its weights."""
    for reading in ("printed", "A", "B", "C"):
        layered = line("0 3", "10", radius=Fraction(1, 2), reading=reading, distance=distance)
        with precision(128):
            energies = sum((layered.total_energy(p) for p in layered.patterns), arb(0)) / 3
            gap = layered.log_partition() + stmt["sign"] * energies - layered.loss()
        if not gap.contains(0):
            return Finding.fails(f"reading {reading}: off by {float(gap.mid()):.6f}", margin="certified")
    return Finding.survived("both sides agree within their balls")


claim(
    "CE-LOGZ",
    {"second half": "how attention weights depend on the patterns"},
    mutants={"only the first half": {"second half": None}},
)


@check("CE-LOGZ", kind="symbolic", scope="any energy, any distance")
def through_log_z(stmt: Any) -> Finding:
    """The first half is log Z plus the mean energy; no attention weight occurs in it."""
    if gibbs_residual() != 0:
        return Finding.undecided("log Z plus the mean energy was not confirmed")
    if stmt["second half"] is None:
        return Finding.holds("L = log Z + mean energy at the samples")
    return Finding.holds_if("the first half", "L = log Z + mean energy at the samples, in which no attention occurs")


claim("TARGET", {"delta": "vanishes for x != 0"}, mutants={"the unit point mass": {"delta": "unit point mass"}})


@check("TARGET", kind="symbolic", scope="the line; exact integrals")
def what_vanishes(stmt: Any) -> Finding:
    """What the name says determines the measure: total mass 1. What is said beside it does not."""
    if target.integrals()["delta"] != 1:
        return Finding.undecided("the unit mass was not confirmed")
    if stmt["delta"] == "unit point mass":
        return Finding.holds("a point mass 1 at each pattern, weighted by p_i")
    return Finding.holds_if("delta is the unit point mass, as its name says", "then the masses are the p_i")


@check("TARGET", kind="certified", scope="2 delta, its derivative and a function, all zero for x != 0; exact integrals")
def others_vanish(stmt: Any) -> Finding:
    """Other objects that vanish for x != 0 and have another integral."""
    values = target.integrals()
    other = {name: str(value) for name, value in values.items() if value != 1}
    if stmt["delta"] == "unit point mass" or not other:
        return Finding.survived("the unit mass excludes them")
    return Finding.fails(f"zero for x != 0 with integrals {other}", margin="exact", outside=True)


claim("TARGET-FIX", {"distinct": True}, mutants={"patterns may coincide": {"distinct": False}})


@check("TARGET-FIX", kind="symbolic", scope="any distinct patterns and weights")
def measure(stmt: Any) -> Finding:
    """The measure puts p_i on rho_i; distinct points keep their masses apart, and points have no volume."""
    weights = sp.symbols("p1:4", positive=True)
    masses = target.point_masses(("a", "b", "c"), weights)
    if stmt["distinct"] and list(masses.values()) == list(weights):
        return Finding.holds("mass p_i at rho_i, total mass 1; it has no density, since a point has volume 0")
    return Finding.undecided("equal patterns share a point")


@check("TARGET-FIX", kind="certified", scope="three patterns, two of them equal")
def shared_point(stmt: Any) -> Finding:
    """The mass of a point that two patterns share against p_1."""
    mass = target.point_masses(("a", "a", "b"), [Fraction(1, 3)] * 3)["a"]
    if not stmt["distinct"] and mass != Fraction(1, 3):
        return Finding.fails(f"two equal patterns of three: the point has mass {mass}, not 1/3", margin="exact")
    return Finding.survived("excluded")


claim("EQ11", Empirical(), mutants={"the share 1/d": Empirical("1/d")})


@check("EQ11", kind="symbolic", scope="any d' <= d; a permutation picks distinct patterns")
def total_mass(stmt: Empirical) -> Finding:
    """d' shares of 1/d' make a probability measure, uniform on d' patterns."""
    if stmt.share == "1/d'" and sp.simplify(SIZE * (1 / SIZE)) == 1:
        return Finding.holds("mass 1, and sigma(1), ..., sigma(d') are distinct")
    return Finding.undecided("the shares are not 1/d'")


@check("EQ11", kind="certified", scope="every d' <= d <= 5")
def total_mass_cases(stmt: Empirical) -> Finding:
    """The total mass, exactly."""
    for patterns in range(1, 6):
        for chosen in range(1, patterns + 1):
            if stmt.total(chosen, patterns) != 1:
                mass = stmt.total(chosen, patterns)
                return Finding.fails(f"d'={chosen}, d={patterns}: total mass {mass}", margin="exact")
    return Finding.survived("total mass 1")


claim(
    "SOFTMAX-DIM",
    {"entries": "n", "goes on": "the softmax"},
    mutants={"one entry a key; the mean of the values goes on": {"entries": "keys", "goes on": "the mean"}},
)


@check("SOFTMAX-DIM", kind="certified", scope="T = 2 tokens of width 2, all as keys; n = T d_emb as in Appendix A")
def entries(stmt: Any) -> Finding:
    """Entries of a row of the softmax, from the shapes of queries and keys, against n (or n + 1) entries."""
    size, n = target.softmax_entries(2, 2)
    if stmt["entries"] == "n" and size not in (n, n + 1):
        return Finding.fails(f"T=2, d_emb=2: the softmax has {size} entries, one a key, and n = {n}", margin="exact")
    return Finding.survived("one entry a key")


@check("SOFTMAX-DIM", kind="certified", scope="two keys, two choices of values; exact")
def not_what_goes_on(stmt: Any) -> Finding:
    """Two attentions with one softmax and other values: what the next layer is given differs."""
    if stmt["goes on"] == "the softmax" and target.same_softmax_other_output():
        return Finding.fails("one softmax, other values: another output, whatever n stands for", margin="exact")
    return Finding.survived("the weighted mean of the values goes on")


@check("SOFTMAX-DIM", kind="symbolic", scope="a row over three keys, for symbols")
def is_a_law(stmt: Any) -> Finding:
    """Rows of the softmax are positive and sum to 1 over the keys."""
    if stmt == {"entries": "keys", "goes on": "the mean"} and target.softmax_is_a_law():
        return Finding.holds("a distribution over the keys")
    return Finding.undecided("a distribution over the keys, not over n things")


claim(
    "CE-SOFT",
    {"judged by": "the softmax of attention"},
    mutants={"judged by the predicted probabilities": {"judged by": "the predicted probabilities"}},
)


@check("CE-SOFT", kind="symbolic", scope="one key; two output tokens, any logit")
def same_softmax(stmt: Any) -> Finding:
    """One softmax of attention, every loss: with one key it is 1, and the output layer decides.

    The target of Section 5.1 is a measure on R^n, the softmax one on keys: there is nothing to align.
    """
    if stmt["judged by"] == "the predicted probabilities" and gibbs_holds():
        return Finding.holds("L = H(p) + KL(p|q) for the predicted q, and KL = 0 only for q = p")
    scale = sp.Symbol("s", real=True)
    ends = [sp.limit(target.loss_of_one_key(scale), scale, end) for end in (-sp.oo, sp.oo)]
    return Finding.heuristic(f"the softmax stays (1) while the loss takes every value between {ends[1]} and {ends[0]}")
