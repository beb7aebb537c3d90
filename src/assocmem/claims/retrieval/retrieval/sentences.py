"""Checks of the sentences of Section 3 on sequences, padding, n-gram models, memorization and the metric."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import sign
from assocmem.theory.exact.distances import Distance
from assocmem.theory.retrieval import layer_formulas

claim(
    "S3-N",
    {"length": sp.Symbol("t", positive=True)},
    mutants={"sequences of full length": {"length": sp.Symbol("T", positive=True)}},
)


@check("S3-N", kind="symbolic", scope="any length t <= T, any d_emb")
def flattened(stmt: Any) -> Finding:
    """t tokens have t d_emb coordinates: T d_emb only at full length or after padding."""
    full, width = sp.symbols("T d_emb", positive=True)
    if sp.simplify(stmt["length"] * width - full * width) == 0:
        return Finding.holds("T d_emb coordinates")
    return Finding.holds_if("shorter sequences are padded to T_max", "then a sequence has n = T_max d_emb coordinates")


@check("S3-N", kind="certified", scope="t = 1, T = 2, d_emb = 3")
def too_short(stmt: Any) -> Finding:
    """Coordinates of one token against n."""
    length = {"t": 1, "T": 2}[stmt["length"].name]
    if length * 3 != 2 * 3:
        return Finding.fails("one token of two has 3 coordinates, n = 6", margin="exact", outside=True)
    return Finding.survived("full length")


claim(
    "S3-METRIC",
    (Fraction(0), Fraction(1), Fraction(2)),
    mutants={"equal points": (Fraction(0), Fraction(0), Fraction(0))},
)


@check("S3-METRIC", kind="certified", scope="three points on the line")
def triangle(stmt: Any, distance: Distance) -> Finding:
    """The triangle inequality at the stated points, from the memory's distance."""
    a, b, c = ((v,) for v in stmt)
    if sign(lambda: distance(a, b) + distance(b, c) - distance(a, c)) == -1:
        far, way = distance(a, c), distance(a, b) + distance(b, c)
        return Finding.fails(f"d(0,2) = {float(far):g} exceeds d(0,1) + d(1,2) = {float(way):g}", margin="exact")
    return Finding.survived("the triangle inequality holds at these points")


@check("S3-METRIC", kind="symbolic", scope="any norm")
def metric(stmt: Any, distance: Distance) -> Finding:
    """The distance of a norm is a metric by the norm's own properties."""
    if distance.has("nonnegative", "separates", "symmetric", "triangle"):
        return Finding.holds("nonnegative, zero only at equal points, symmetric, with the triangle inequality")
    return Finding.undecided("a property of a metric is not granted")


claim(
    "S3-CLM",
    {"map to densities": None},
    mutants={"a stated map": {"map to densities": "softmax of the energies of all tokens"}},
)


@check("S3-CLM", kind="argument", scope="Sections 3.1, 4 and 5")
def same_model(stmt: Any) -> Finding:
    """The first half defines causal modeling; no map leads from p(next token) to a density on R^n, or back."""
    if stmt["map to densities"] is None:
        return Finding.heuristic("p(s_{t+1} | s_{<=t}) sums to 1 over a vocabulary, p(x) integrates to 1 over R^n")
    return Finding.undecided("a stated map would have to be examined")


claim("S3-PARTIAL", {"view": True}, mutants={"a theorem": {"view": False}})


@check("S3-PARTIAL", kind="argument", scope="the sentence as it stands")
def patterns_view(stmt: Any) -> Finding:
    """A way of looking at training; what would contradict it is not said."""
    return Finding.heuristic("a point of view") if stmt["view"] else Finding.undecided("a theorem would need a proof")


claim("S3-SUBSET", {"subset": (2, 3)}, mutants={"all samples": {"subset": (3,)}})


@check("S3-SUBSET", kind="certified", scope="three training samples; the sizes that a subset may have")
def subset_size(stmt: Any) -> Finding:
    """Proper or not: the number d of patterns against the number of samples, which Assumption 1 equates."""
    agrees = {size == 3 for size in stmt["subset"]}
    if len(agrees) > 1:
        return Finding.ill_defined("a proper subset of the samples contradicts Assumption 1, the whole set does not")
    return Finding.survived("one reading")


claim(
    "S3-PAD",
    {"may be": "less"},
    mutants={"may carry more": {"may be": "more"}, "always carries less": {"must be": "less"}},
)


@check("S3-PAD", kind="symbolic", scope="any finite set of sequences, drawn uniformly, prefixes of any length")
def shorter_prefix(stmt: Any) -> Finding:
    """A longer prefix splits groups of sequences that share a shorter one, and splitting never lowers the entropy."""
    if not layer_formulas.refinement_gain():
        return Finding.undecided("the gain of a split was not confirmed")
    if stmt.get("may be") == "more":
        return Finding.fails("the entropy of the prefix does not fall with its length: no prefix carries more")
    short, long = (layer_formulas.prefix_information(("ab", "ac"), k) for k in (1, 2))
    if stmt.get("may be") == "less" and (long - short).is_positive:
        return Finding.holds(f"never more; for ab and ac one token carries {short} nats, two carry {long}")
    return Finding.undecided("information grows by the splits only, of which there may be none")


@check("S3-PAD", kind="certified", scope="the sequences ab and cd")
def first_token_decides(stmt: Any) -> Finding:
    """Information of one token against that of both, in nats."""
    short, long = (layer_formulas.prefix_information(("ab", "cd"), k) for k in (1, 2))
    if "must be" in stmt and sp.simplify(short - long) == 0:
        return Finding.fails(f"ab, cd: one token carries {short} nats, two carry no more", margin="exact")
    return Finding.survived(f"ab, cd: one token carries {short} nats, as much as both; only may is said")


claim("S3-NGRAM", {"window": 5}, mutants={"no window": {"window": None}})


@check("S3-NGRAM", kind="certified", scope="attention with zero queries, the stated window; every window alike")
def window(stmt: Any) -> Finding:
    """Two sequences with the same last tokens and another first one: an n-gram model cannot tell them apart.

    The cited works (from memory) show the converse, that Transformers can represent n-gram models, and study how well
    they learn them.
    """
    size = stmt["window"]
    if size is None:
        return Finding.undecided("without a window nothing is claimed")
    first, second = (layer_formulas.uniform_attention((token, *[0] * (size - 1))) for token in (0, 1))
    if first != second:
        return Finding.fails(f"same last {size - 1} tokens, outputs {first} and {second}", margin="exact")
    return Finding.survived("the outputs agree")


claim("S3-NGRAM-SO", {"measure": None}, mutants={"a stated share": {"measure": "share of positions"}})


@check("S3-NGRAM-SO", kind="argument", scope="a model with a window of n tokens, sequences of T tokens")
def few_affected(stmt: Any) -> Finding:
    """In an n-gram model the first n-1 positions of every sequence lack context, a share (n-1)/T of positions."""
    if stmt["measure"] is None:
        return Finding.heuristic(
            "premise refuted; even then every sequence, not few, has n-1 positions that lack context"
        )
    return Finding.undecided("a stated share would have to be computed")


claim("MEM-SIZE", {"organized": "by similarity of context"}, mutants={"the first half": {"organized": None}})


@check("MEM-SIZE", kind="argument", scope="Carlini et al. (2022), Tirumala et al. (2022), from memory")
def larger_memorizes_more(stmt: Any) -> Finding:
    """Both find more (and faster) verbatim memorization in larger models; no organization of it is measured."""
    if stmt["organized"] is None:
        return Finding.holds("both sources report it for the model families they study")
    return Finding.holds_if("the first half, for the families studied", "the sources do not measure an organization")


claim("MEM-WHAT", {"cause shown": False}, mutants={"a cause shown": {"cause shown": True}})


@check("MEM-WHAT", kind="argument", scope="Hsia et al. (2024), Chang and Bergen (2022, 2024), from memory")
def memorization_teaches(stmt: Any) -> Finding:
    """They study the use of context, how words are acquired, and survey behavior; none isolates a cause."""
    if not stmt["cause shown"]:
        return Finding.heuristic(
            "that models know these things is reported; that memorization is why is an interpretation"
        )
    return Finding.undecided("a shown cause would have to be examined")
