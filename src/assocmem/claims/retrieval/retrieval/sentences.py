"""Checks of the sentences of Section 3 on sequences, padding, n-gram models and the metric."""

from __future__ import annotations

from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.distances import METRIC, Distance
from assocmem.theory.exact.metric_axioms import DistanceFunction, squared_euclidean, triangle_excess
from assocmem.theory.exact.properties import attack
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
    if layer_formulas.coordinates(stmt["length"], width) == layer_formulas.coordinates(full, width):
        return Finding.holds("T d_emb coordinates")
    return Finding.holds_if("shorter sequences are padded to T_max", "then a sequence has n = T_max d_emb coordinates")


@check("S3-N", kind="certified", scope="t = 1, T = 2, d_emb = 3")
def too_short(stmt: Any) -> Finding:
    """Coordinates of one token against n."""
    length = {"t": 1, "T": 2}[stmt["length"].name]
    has, wanted = layer_formulas.coordinates(length, 3), layer_formulas.coordinates(2, 3)
    if has != wanted:
        return Finding.fails(f"one token of two has {has} coordinates, n = {wanted}", margin="exact", outside=True)
    return Finding.survived("full length")


claim("S3-METRIC", squared_euclidean, mutants={"the unsquared distance": lambda x, y: sp.sqrt(squared_euclidean(x, y))})


def _missing(distance: Distance) -> Finding:
    """A counterexample to one of the axioms, or undecided where none is met and some are not granted."""
    for name in METRIC:
        hit = attack(distance, name)
        if hit is not None:
            return Finding.fails(f"{name}: {hit.text}", margin="certified")
    return Finding.undecided(f"not granted and not refuted: {', '.join(n for n in METRIC if not distance.has(n))}")


@check("S3-METRIC", kind="symbolic", scope="three points on the line; for another distance, its granted properties")
def triangle_inequality(stmt: DistanceFunction, distance: Distance) -> Finding:
    """A metric needs d(0, 2) <= d(0, 1) + d(1, 2)."""
    if not distance.has("squared euclidean"):
        if distance.is_metric:
            return Finding.holds(f"the metric axioms hold for {distance.name}: {', '.join(METRIC)}")
        return _missing(distance)
    excess = triangle_excess(stmt)
    zero, one, two = ([sp.Integer(k)] for k in range(3))
    if sp.simplify(stmt(zero, one) + stmt(one, two) + excess - stmt(zero, two)) != 0:
        raise ArithmeticError("the excess is not that of the way through 1")
    if excess > 0:
        return Finding.fails(f"d(0, 2) exceeds d(0, 1) + d(1, 2) by {excess}", margin=str(excess))
    return Finding.survived("the triangle inequality holds at 0, 1, 2")


claim(
    "S3-PAD",
    {"may be": "less"},
    mutants={"may carry more": {"may be": "more"}, "always carries less": {"must be": "less"}},
)


@check(
    "S3-PAD",
    kind="symbolic",
    scope="any finite set of sequences, drawn uniformly, prefixes of any length",
    in_words="that a longer prefix splits groups of sequences one after the other",
)
def shorter_prefix(stmt: Any) -> Finding:
    """A longer prefix splits groups of sequences that share a shorter one, and splitting never lowers the entropy."""
    if not layer_formulas.refinement_gain():
        return Finding.undecided("the gain of a split was not confirmed")
    if stmt.get("may be") == "more":
        return Finding.fails("the entropy of the prefix does not fall with its length: no prefix carries more")
    short, long = (layer_formulas.prefix_information(("ab", "ac"), k) for k in (1, 2))
    if stmt.get("may be") == "less" and short == 0 and long == sp.log(2):
        return Finding.holds(f"never more; for ab and ac one token carries {short} nats, two carry {long}")
    return Finding.undecided("information grows by the splits only, of which there may be none")


@check("S3-PAD", kind="certified", scope="the sequences ab and cd")
def first_token_decides(stmt: Any) -> Finding:
    """Information of one token against that of both, in nats."""
    short, long = (layer_formulas.prefix_information(("ab", "cd"), k) for k in (1, 2))
    if "must be" in stmt and sp.simplify(short - long) == 0:
        return Finding.fails(f"ab, cd: one token carries {short} nats, two carry no more", margin="exact")
    if short != sp.log(2):
        return Finding.violated("one of two equally likely tokens carries log 2 nats")
    return Finding.survived(f"ab, cd: one token carries {short} nats, as much as both; only may is said")


claim("S3-NGRAM", {"window": 5}, mutants={"no window": {"window": None}})


@check("S3-NGRAM", kind="symbolic", scope="attention with zero queries over t tokens; any window shorter than t")
def any_window(stmt: Any) -> Finding:
    """Two sequences that differ in their first token alone have different outputs, by 1/t of the difference."""
    gap = layer_formulas.far_token_gap()
    seen = layer_formulas.uniform_attention((1, 0, 0, 0, 0)) - layer_formulas.uniform_attention((0, 0, 0, 0, 0))
    at_five = gap.subs(dict.fromkeys(gap.free_symbols, 5))
    if at_five != seen:
        raise ArithmeticError(f"over five tokens the formula says {at_five}, the example {seen}")
    if stmt["window"] is not None and gap.is_positive:
        return Finding.fails(f"a token before the window moves the output by {gap}: no window suffices", margin="exact")
    return Finding.undecided("without a window nothing is claimed")


@check("S3-NGRAM", kind="certified", scope="attention with zero queries, the stated window")
def window(stmt: Any) -> Finding:
    """Two sequences with the same last tokens and another first one: an n-gram model cannot tell them apart."""
    size = stmt["window"]
    if size is None:
        return Finding.undecided("without a window nothing is claimed")
    first, second = (layer_formulas.uniform_attention((token, *[0] * (size - 1))) for token in (0, 1))
    if first != second:
        return Finding.fails(f"same last {size - 1} tokens, outputs {first} and {second}", margin="exact")
    return Finding.survived("the outputs agree")
