"""Checks on the unit of a loss, on perplexity, and on what auxiliary terms and normalization do to it (chapter 5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.cross_entropy import units
from assocmem.theory.exact.residual import nonzero_point

PROBABILITIES = sp.symbols("p1:7", positive=True)
m, b, S, T = sp.symbols("m b S T", positive=True)
COUNTS = sp.symbols("c1:4", positive=True)
LOGS = sp.symbols("g1:4", real=True)


claim(
    "AppE-UNIT",
    {"sign": 1, "units per token": None},
    mutants={
        "the negative log-probability per token": {"sign": -1, "units per token": 1},
        "the log-probability per token": {"sign": 1, "units per token": 1},
    },
)


@check(
    "AppE-UNIT", kind="symbolic", scope="a text of T tokens and any log-probability -S, any number u of units per token"
)
def unit_of_the_loss(stmt: Any) -> Finding:
    """Minus the log-probability over the number of units is the cross-entropy per token over u."""
    u, per_token = sp.Symbol("u", positive=True), S / T
    kept = units.cut_residuals() == (0, 0) and sp.simplify(S / (T * u) - units.per_byte(per_token, u)) == 0
    if not kept:
        return Finding.undecided("the text's log-probability is not kept")
    if stmt["units per token"] is None:
        return Finding.holds_if(
            "the negative log-probability, and the model's own token as the unit",
            "per another unit the loss is the cross-entropy per token over the units per token",
        )
    point = nonzero_point([stmt["sign"] * -S / (T * stmt["units per token"]) - per_token])
    if point is None:
        return Finding.holds("equal to the cross-entropy per token")
    return Finding.fails(f"off by {point[1]} at {point[0]}", margin="exact")


@check("AppE-UNIT", kind="symbolic", scope="one token of three bytes with probability 1/10")
def another_unit(stmt: Any) -> Finding:
    """Per token and per byte the same text of the same model has two losses, one on either side of 1."""
    if stmt["units per token"] is not None:
        return Finding.survived("the unit is fixed")
    per_token = units.loss([sp.Rational(1, 10)])
    per_byte = units.per_byte(per_token, 3)
    if (per_token > 1) == sp.true and (per_byte < 1) == sp.true:
        return Finding.fails(f"{sp.N(per_token, 4)} nats per token, {sp.N(per_byte, 4)} per byte", outside=True)
    return Finding.survived("both lie on the same side")


def squared_shares(counts: Sequence[Any], logs: Sequence[Any]) -> Any:
    """The printed sum with its index read as an expectation over the data: the share of a token enters twice."""
    return -sum((c / sum(counts)) ** 2 * g for c, g in zip(counts, logs, strict=True))


claim(
    "AppE-CE",
    units.vocabulary_form,
    mutants={
        "the share of a token entering twice": squared_shares,
        "without the minus sign": lambda counts, logs: -units.vocabulary_form(counts, logs),
    },
)


@check(
    "AppE-CE",
    kind="symbolic",
    scope="three tokens with any counts and probabilities",
    in_words="any number of tokens, whose terms are collected alike",
)
def sum_over_the_vocabulary(stmt: Callable[..., Any]) -> Finding:
    """Collecting the equal terms of the sum over the text gives the sum over the vocabulary."""
    residual = sp.simplify(stmt(COUNTS, LOGS) - units.token_form(COUNTS, LOGS))
    if residual == 0:
        return Finding.holds_if(
            "a token's probability does not depend on its context, or the sum runs over pairs of context and token",
            "equal terms collected: the counts over D are the shares",
        )
    point = nonzero_point([residual])
    return Finding.fails(f"off by {point[1]} at {point[0]}" if point else "not equal", margin="exact")


@check("AppE-CE", kind="symbolic", scope="one token twice, with probabilities 1/2 and 1/4")
def context_matters(stmt: Callable[..., Any]) -> Finding:
    """A causal model gives the same token different probabilities; no single one is its mean and gives the loss."""
    text = [sp.Rational(1, 2), sp.Rational(1, 4)]
    gap = units.loss(text) - stmt([2], [sp.log(sum(text) / 2)])
    point = nonzero_point([gap])
    if point is None:
        return Finding.survived("no difference")
    return Finding.fails(f"with the mean probability the sum is {point[1]} too small", margin="exact", outside=True)


claim(
    "AppE-PPL",
    units.perplexity,
    mutants={
        "the arithmetic mean of 1/p": lambda p: sum(1 / q for q in p) / len(p),
        "a power of 2 with nats": lambda p: sp.Integer(2) ** units.loss(p),
    },
)


@check(
    "AppE-PPL",
    kind="symbolic",
    scope="six tokens of any probabilities; natural logarithms",
    in_words="any number of tokens, whose terms are collected alike",
)
def geometric_mean(stmt: Callable[[Sequence[Any]], Any]) -> Finding:
    """The exponential of the mean of -log p is the geometric mean of 1/p, which is what perplexity means."""
    mean = sp.prod([1 / p for p in PROBABILITIES]) ** sp.Rational(1, len(PROBABILITIES))
    ratio = sp.expand_log(sp.log(stmt(PROBABILITIES)) - sp.log(mean), force=True)
    if sp.simplify(ratio) == 0:
        return Finding.holds("exp of the cross-entropy in nats is the geometric mean of 1/p")
    point = nonzero_point([ratio])
    return Finding.fails(f"off by {point[1]} in the logarithm at {point[0]}" if point else "not equal", margin="exact")


RESCALED = {"block": m, "spread": 1 / m, "byte": 1 / b}
claim(
    "X-UNIT",
    RESCALED,
    mutants={
        "blocks leave the loss as it is": RESCALED | {"block": sp.Integer(1)},
        "longer codes leave the loss as it is": RESCALED | {"spread": sp.Integer(1)},
        "a byte has the loss of a token times b": RESCALED | {"byte": b},
    },
)


@check(
    "X-UNIT",
    kind="symbolic",
    scope="any text, any cut; any -log p = S, numbers T of tokens and b T of bytes, and m",
    in_words="every way of cutting a text is reached by joining two units or splitting one, again and again",
)
def units_rescale(stmt: dict[str, sp.Expr]) -> Finding:
    """Joining two units and splitting one keeps S = -log p; only the number of units changes.

    There are T/m blocks, m T symbols, b T bytes.
    """
    if units.cut_residuals() != (0, 0):
        return Finding.undecided("the text's log-probability is not kept")
    counts = {"block": T / m, "spread": m * T, "byte": b * T}
    residuals = [sp.simplify(S / count - stmt[name] * S / T) for name, count in counts.items()]
    if all(r == 0 for r in residuals):
        return Finding.holds("S = -log p is kept over T/m, m T or b T units: losses m L, L/m, L/b")
    point = nonzero_point(residuals)
    return Finding.fails(f"off by {point[1]} at {point[0]}" if point else "not equal", margin="exact")


@check(
    "X-UNIT", kind="certified", scope="six tokens of probability 1/4, in blocks of 2 and written with 2 symbols a token"
)
def units_rescale_text(stmt: dict[str, sp.Expr]) -> Finding:
    """The losses of a text that is cut, against the stated multiples of its loss per token."""
    text = [sp.Rational(1, 4)] * 6
    cuts = {"block": units.grouped(text, 2), "spread": units.spread(text, 2)}
    for name, cut in cuts.items():
        gap = sp.simplify(units.loss(cut) - stmt[name].subs(m, 2) * units.loss(text))
        if gap != 0:
            return Finding.fails(f"{name}: off by {gap}", margin="exact")
    return Finding.survived("twice and half the loss per token")


claim("X-UNIT-ONE", sp.Integer(1), mutants={"every text": sp.Integer(0), "only if p < e^-2": sp.Integer(2)})


@check(
    "X-UNIT-ONE",
    kind="symbolic",
    scope="any text of -log p = S > 0",
    in_words="a text can be written with as many determined symbols as one likes, and in one block",
)
def units_around_one(stmt: sp.Expr) -> Finding:
    """S over k units falls in k: it is largest, S, for one unit, and tends to 0. So one exceeds 1 iff S does."""
    k = sp.Symbol("k", positive=True)
    loss = S / k
    largest = loss.subs(k, 1)
    if units.cut_residuals() != (0, 0) or not sp.diff(loss, k).is_negative or sp.limit(loss, k, sp.oo) != 0:
        return Finding.undecided("the losses of the units were not confirmed")
    between = (stmt + 1) / 2
    if stmt != 1:
        word = "no unit" if largest.subs(S, between) < 1 else "a unit"
        return Finding.fails(f"S = {between}: {word} has a loss above 1", margin="exact")
    return Finding.holds(f"the largest loss is {largest}, in one block; the losses fall to 0 with more units")


LOG_Z = sp.Symbol("z", real=True)
claim("X-ZLOSS", -LOG_Z, mutants={"no shift": sp.Integer(0), "half of it": -LOG_Z / 2})


@check("X-ZLOSS", kind="symbolic", scope="any number of logits, by one more; any shift")
def shift_removes_z_loss(stmt: sp.Expr) -> Finding:
    """A shift c leaves the cross-entropy and adds c to log Z = z and to the largest logit; c = -z makes the term 0.

    So the sum is CE + k (z + c)^2 with k > 0: at least CE, and equal to it exactly at that c.
    """
    if units.shift_step() != (0, 0, 0):
        return Finding.undecided("the cross-entropy, log Z or the largest logit does not shift as claimed")
    left = LOG_Z + stmt
    if sp.simplify(left) == 0:
        return Finding.holds("log Z(u + c) = log Z(u) + c, the largest logit rises by c, and so does the target's")
    point = nonzero_point([left])
    return Finding.fails(f"the term is not 0: log Z is {point[1]} at {point[0]}" if point else "not 0", margin="exact")


R, s = sp.symbols("R s", positive=True)
claim(
    "X-LN",
    units.bounded_head,
    mutants={
        "logits that differ by at most R s": lambda V, r, h: units.bounded_head(V, r, h / 2),
        "logits that differ by at most 3 R s": lambda V, r, h: units.bounded_head(V, r, 3 * h / 2),
        "V other tokens in place of V - 1": lambda V, r, h: units.bounded_head(V + 1, r, h),
    },
)


@check(
    "X-LN",
    kind="symbolic",
    scope="any dimension, by one more coordinate; any V, R, s",
    in_words="the loss is least where all differences are largest, as it falls in each",
)
def least_loss_of_a_bounded_head(stmt: Callable[[Any, Any, Any], Any]) -> Finding:
    """Cauchy-Schwarz bounds each difference of logits by 2 R s; the claimed bound must be the value attained there.

    The loss, log of the sum of exp(u_k - u_t), falls in each difference u_t - u_k, so it is least where all of them are
    2 R s; the sum then has one term 1 and V - 1 equal ones. The bound falls to 0 as R grows.
    """
    others, difference = sp.Symbol("S", positive=True), sp.Symbol("u", real=True)
    falls = sp.diff(sp.log(1 + sp.exp(-difference) + others), difference)
    V = sp.Symbol("V", integer=True, positive=True)
    attained = sp.exp(-R * s) * (sp.exp(R * s) + (V - 1) * sp.exp(-R * s))
    spelled = sp.exp(units.cross_entropy([R * s, *[-R * s] * 4], 0)) - attained.subs(V, 5)
    gap = sp.simplify(sp.expand(attained - sp.exp(stmt(V, R, s))))
    sound = units.lagrange_step() == (0, 0) and falls.is_negative and sp.simplify(sp.expand(spelled)) == 0
    if sound and gap == 0 and sp.limit(stmt(V, R, s), R, sp.oo) == 0:
        return Finding.holds("no difference of logits exceeds 2 R s, and R e, -R e, ..., -R e with s e attain it")
    point = nonzero_point([gap])
    return Finding.fails(f"the extreme head is off by {point[1]}" if point else "unequal", margin="exact")
