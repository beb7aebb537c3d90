"""Checks of Section 5.1 up to the loss: target distribution, empirical measure, what the softmax has to do with it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.cross_entropy import target
from assocmem.theory.cross_entropy.discrete import gibbs_holds, two_labelings
from assocmem.theory.cross_entropy.line import line
from assocmem.theory.cross_entropy.proof_steps import (
    divergence_residual,
    gibbs_residual,
    nll_residual,
    shift_residual,
)
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


@check("CE-NLL", "EQ15-1", kind="symbolic", scope="any densities and any number of samples, by one more")
def mean_of_logarithms(stmt: Any) -> Finding:
    """-(1/d') log of the likelihood is the integral of -log p against the empirical measure."""
    rest = nll_residual(stmt["share"], stmt["sign"])
    if rest == 0:
        return Finding.holds("the logarithm of the product is the sum, by one more sample")
    return Finding.fails(f"samples of joint density P and one of density p: the sides differ by {rest}", margin="exact")


claim("EQ15-2", {"sign": 1}, mutants={"the energy with the other sign": {"sign": -1}})
claim("CE-LOGZ-FIX", {"sign": 1}, mutants={"the energy with the other sign": {"sign": -1}})


@check(
    "EQ15-2",
    "CE-LOGZ-FIX",
    kind="symbolic",
    scope="any energy with 0 < Z < oo, any distance, any validation patterns in Omega",
    in_words="the mean over the samples of what holds at each",
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


claim("CE-LOGZ", {"energy": 1}, mutants={"the logarithm alone": {"energy": 0}})


@check(
    "CE-LOGZ",
    kind="symbolic",
    scope="any energy, any distance",
    in_words="the mean over the samples of what holds at each",
)
def through_log_z(stmt: Any) -> Finding:
    """-log of exp(-E)/Z is log Z + E at every sample."""
    if gibbs_residual(stmt["energy"]) == 0:
        return Finding.holds("L = log Z + mean energy at the samples")
    return Finding.fails("the mean energy at the samples is missing, which need not be 0", margin="exact")


claim(
    "TARGET",
    "delta",
    mutants={"twice the unit mass": "2 delta", "a function": "the function that is 1 at 0 alone"},
)


@check(
    "TARGET",
    kind="symbolic",
    scope="the line; exact integrals",
    in_words="the sum over the patterns, and the product over the coordinates",
)
def masses_are_the_weights(stmt: str) -> Finding:
    """What stands for delta must have the integral 1, so that each pattern has the mass p_i."""
    mass = target.integrals()[stmt]
    if mass == 1:
        return Finding.holds("a point mass 1 at each pattern, weighted by p_i")
    return Finding.fails(f"the mass at a pattern would be {mass} p_i", margin="exact")


VANISHING = dict(zip(target.VANISHING, (1, 2, 0, 0), strict=True))
claim("X-DELTA", VANISHING, mutants={"all have the integral 1": dict.fromkeys(VANISHING, 1)})


@check("X-DELTA", kind="certified", scope="the four on the line; exact values off the origin and exact integrals")
def others_vanish(stmt: Any) -> Finding:
    """Each vanishes for x != 0; the integrals, exactly."""
    values = target.integrals()
    off = [f"{name}: {values[name]}, not {stated}" for name, stated in stmt.items() if values[name] != stated]
    if off:
        return Finding.fails("; ".join(off), margin="exact")
    return Finding.enumerated("zero for x != 0, with four integrals of which three are not 1")


claim("TARGET-FIX", {"distinct": True}, mutants={"patterns may coincide": {"distinct": False}})


@check(
    "TARGET-FIX",
    kind="symbolic",
    scope="any distinct patterns and weights (three, for symbols)",
    in_words="any number of patterns, each alike; a point has no volume, so there is no density",
)
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


@check("EQ11", kind="symbolic", scope="any d' <= d", in_words="a permutation picks distinct patterns")
def total_mass(stmt: Empirical) -> Finding:
    """d' shares make a probability measure, uniform on d' patterns."""
    mass = sp.simplify(stmt.total(SIZE, sp.Symbol("d", positive=True)))
    if mass == 1:
        return Finding.holds("mass 1, and sigma(1), ..., sigma(d') are distinct")
    return Finding.undecided(f"the mass is {mass}")


@check("EQ11", kind="certified", scope="every d' <= d <= 5")
def total_mass_cases(stmt: Empirical) -> Finding:
    """The total mass, exactly."""
    for patterns in range(1, 6):
        for chosen in range(1, patterns + 1):
            if stmt.total(chosen, patterns) != 1:
                mass = stmt.total(chosen, patterns)
                return Finding.fails(f"d'={chosen}, d={patterns}: total mass {mass}", margin="exact")
    return Finding.survived("total mass 1")


claim("SOFTMAX-DIM", {"entries": "n"}, mutants={"one entry a key": {"entries": "keys"}})


@check("SOFTMAX-DIM", kind="certified", scope="T = 2 tokens of width 2, all as keys; n = T d_emb as in Appendix A")
def entries(stmt: Any) -> Finding:
    """Entries of a row of the softmax, from the shapes of queries and keys, against n (or n + 1) entries."""
    size, n = target.softmax_entries(2, 2)
    if stmt["entries"] == "n" and size not in (n, n + 1):
        return Finding.fails(f"T=2, d_emb=2: the softmax has {size} entries, one a key, and n = {n}", margin="exact")
    return Finding.survived("one entry a key")


@check("SOFTMAX-DIM", kind="symbolic", scope="a row over three keys, for symbols", in_words="any number of keys")
def is_a_law(stmt: Any) -> Finding:
    """Rows of the softmax are positive and sum to 1 over the keys."""
    if stmt["entries"] == "keys" and target.softmax_is_a_law():
        return Finding.holds("a distribution over the keys")
    return Finding.undecided("a distribution over the keys, not over n things")


claim("SOFTMAX-OUT", {"goes on": "the softmax"}, mutants={"the mean of the values": {"goes on": "the mean"}})


@check("SOFTMAX-OUT", kind="certified", scope="two keys, two choices of values; exact")
def not_what_goes_on(stmt: Any) -> Finding:
    """Two attentions with one softmax and other values: what the next layer is given differs, being their mean."""
    proved = target.same_softmax_other_output() and target.output_is_the_mean()
    if stmt["goes on"] == "the softmax" and proved:
        return Finding.fails("one softmax, other values: another output", margin="exact")
    return Finding.survived("the weighted mean of the values goes on")


@check("SOFTMAX-OUT", kind="symbolic", scope="two keys, any weight and any values")
def mean_goes_on(stmt: Any) -> Finding:
    """The paper's formula for attention hands on the weighted mean of the values."""
    if stmt["goes on"] == "the mean" and target.output_is_the_mean():
        return Finding.holds("the weights times the values")
    return Finding.undecided("the formula for attention ends with the values")


claim("CE-SHAPE", {"output layer": "some"}, mutants={"whatever the output layer is": {"output layer": "every"}})


@check(
    "CE-SHAPE", kind="certified", scope="two keys with the values 0 and 1, two tokens, an output layer of one weight"
)
def loss_moves(stmt: Any) -> Finding:
    """The slope of the loss in the softmax weight w of the first key, for an output weight of 1 and of 0.

    With the output weight 1 the logit is 1 - w, and the slope the probability of the other token, 1/(1 + e^(1-w)).
    """
    slopes = [target.slope_in_the_weight(readout) for readout in (sp.Integer(1), sp.Integer(0))]
    other = 1 / (1 + sp.exp(1 - sp.Symbol("w", positive=True)))
    if stmt["output layer"] == "every" and slopes[1] == 0:
        return Finding.fails("with an output layer of zeros the loss is log 2 whatever the softmax is", margin="exact")
    if slopes[0].is_positive and sp.simplify(slopes[0] - other) == 0:
        return Finding.enumerated(f"with an output weight of 1 the loss has the slope {slopes[0]} in the weight w")
    return Finding.undecided("the slope was not confirmed")


claim(
    "CE-DIV",
    {"labels": "any", "reverse": False},
    mutants={
        "the labels held fixed": {"labels": "fixed", "reverse": False},
        "the divergence of the predictions from the labels": {"labels": "any", "reverse": True},
    },
)


@check(
    "CE-DIV",
    kind="symbolic",
    scope="any labels and predictions",
    in_words="the sum over the labels of what holds at each; 0 log 0 is 0",
)
def entropy_and_divergence(stmt: Any) -> Finding:
    """Term by term, cross-entropy is the entropy of the labels plus their divergence from the predictions."""
    rest = divergence_residual(stmt["reverse"])
    if rest != 0:
        return Finding.fails(f"a label of probability p, predicted with q: the terms differ by {rest}", margin="exact")
    if stmt["labels"] == "fixed":
        return Finding.holds("the entropy of the labels is a constant")
    return Finding.holds_if("the labels are held fixed", "then it is the divergence plus a constant, their entropy")


@check("CE-DIV", kind="certified", scope="a fair coin predicted perfectly, and a sure thing predicted with 3/4")
def other_labels(stmt: Any) -> Finding:
    """Two pairs of labels and predictions, the one with the larger loss having the smaller divergence."""
    if stmt["labels"] == "fixed":
        return Finding.survived("one set of labels")
    (loss, divergence), (less, more) = two_labelings()
    with precision(128):
        fair, hedged = arb(2).log(), (arb(4) / 3).log()
        known = all((found - value).contains(0) for found, value in ((loss, fair), (less, hedged), (more, hedged)))
    if not (known and divergence.contains(0)):
        return Finding.fails("the losses are not log 2 and log 4/3, or the divergences not 0 and log 4/3")
    if loss > less and more > 0:
        text = f"losses {float(loss.mid()):.4f} and {float(less.mid()):.4f}, divergences 0 and {float(more.mid()):.4f}"
        return Finding.fails(text, margin="certified", outside=True)
    return Finding.survived("the same order")


claim(
    "CE-SOFT",
    {"judged by": "the softmax of attention"},
    mutants={"judged by the predicted probabilities": {"judged by": "the predicted probabilities"}},
)


@check("CE-SOFT", kind="symbolic", scope="one key; two output tokens, any logit")
def same_softmax(stmt: Any) -> Finding:
    """One softmax of attention, every loss: with one key it is 1, and the output layer decides.

    The loss falls from infinity to 0 as the logit grows, and is log 2 for the logit 0.
    The target of Section 5.1 is a measure on R^n, the softmax one on keys: there is nothing to align.
    """
    if stmt["judged by"] == "the predicted probabilities" and gibbs_holds():
        return Finding.holds("L = H(p) + KL(p|q) for the predicted q, and KL = 0 only for q = p")
    scale = sp.Symbol("s", real=True)
    ends = [sp.limit(target.loss_of_one_key(scale), scale, end) for end in (-sp.oo, sp.oo)]
    if ends != [sp.oo, 0] or target.loss_of_one_key(sp.Integer(0)) != sp.log(2):
        return Finding.undecided("the loss of one key was not confirmed")
    return Finding.heuristic(f"the softmax stays (1) while the loss takes every value between {ends[1]} and {ends[0]}")
