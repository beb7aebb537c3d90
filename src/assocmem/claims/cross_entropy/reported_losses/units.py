"""Checks on the unit of a loss, on perplexity, and on what auxiliary terms and normalization do to it (chapter 5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.cross_entropy import units
from assocmem.theory.exact.residual import nonzero_point

PROBABILITIES = sp.symbols("p1:7", positive=True)
LOGITS = sp.symbols("u1:4", real=True)
COUNTS = sp.symbols("c1:4", positive=True)
LOGS = sp.symbols("g1:4", real=True)


def _zero(expression: sp.Expr) -> bool:
    return bool(sp.simplify(sp.expand_log(expression, force=True)) == 0)


claim(
    "AppE-UNIT",
    {"sign": 1, "units per token": None},
    mutants={
        "the negative log-probability per token": {"sign": -1, "units per token": 1},
        "the log-probability per token": {"sign": 1, "units per token": 1},
    },
)


@check("AppE-UNIT", kind="symbolic", scope="six tokens of any probabilities, any number u of units per token")
def unit_of_the_loss(stmt: Any) -> Finding:
    """Minus the log-probability over the number of units is the cross-entropy per token over u."""
    u, tokens = sp.Symbol("u", positive=True), len(PROBABILITIES)
    log_probability = sum(sp.log(p) for p in PROBABILITIES)
    known = _zero(-log_probability / (tokens * u) - units.loss(PROBABILITIES) / u)
    if stmt["units per token"] is None:
        if known:
            return Finding.holds_if(
                "the negative log-probability, and the model's own token as the unit",
                "per another unit the loss is the cross-entropy per token over the units per token",
            )
        return Finding.undecided("the identity failed")
    claimed = stmt["sign"] * log_probability / (tokens * stmt["units per token"])
    point = nonzero_point([claimed - units.loss(PROBABILITIES)])
    if known and point is None:
        return Finding.holds("equal to the cross-entropy per token")
    return Finding.fails(f"off by {point[1] if point else '?'}", margin="exact")


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


@check("AppE-CE", kind="symbolic", scope="three tokens with any counts and probabilities; each token alike")
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


@check("AppE-PPL", kind="symbolic", scope="six tokens of any probabilities; natural logarithms")
def geometric_mean(stmt: Callable[[Sequence[Any]], Any]) -> Finding:
    """The exponential of the mean of -log p is the geometric mean of 1/p, which is what perplexity means."""
    mean = sp.prod([1 / p for p in PROBABILITIES]) ** sp.Rational(1, len(PROBABILITIES))
    ratio = sp.expand_log(sp.log(stmt(PROBABILITIES)) - sp.log(mean), force=True)
    if sp.simplify(ratio) == 0:
        return Finding.holds("exp of the cross-entropy in nats is the geometric mean of 1/p")
    point = nonzero_point([ratio])
    return Finding.fails(f"off by {point[1]} in the logarithm at {point[0]}" if point else "not equal", margin="exact")


m, b, S, T = sp.symbols("m b S T", positive=True)
RESCALED = {"block": m, "spread": 1 / m, "byte": 1 / b, "above 1 if S exceeds": sp.Integer(1)}
claim(
    "X-UNIT",
    RESCALED,
    mutants={
        "blocks leave the loss as it is": RESCALED | {"block": sp.Integer(1)},
        "longer codes leave the loss as it is": RESCALED | {"spread": sp.Integer(1)},
        "a byte has the loss of a token times b": RESCALED | {"byte": b},
        "every text has a unit with a loss above 1": RESCALED | {"above 1 if S exceeds": sp.Integer(0)},
    },
)


def _invariants() -> list[sp.Expr]:
    """What cutting and spelling add to -log p of six tokens: blocks of 1, 2, 3, 6 and codes of 1 to 4 symbols."""
    whole = sum(-sp.log(p) for p in PROBABILITIES)
    cuts = [units.grouped(PROBABILITIES, k) for k in (1, 2, 3, 6)]
    cuts += [units.spread(PROBABILITIES, k) for k in (1, 2, 3, 4)]
    return [sp.expand(sp.expand_log(units.loss(cut) * len(cut) - whole, force=True)) for cut in cuts]


@check("X-UNIT", kind="symbolic", scope="any -log p = S, any numbers T of tokens and b T of bytes, any m; blocks alike")
def units_rescale(stmt: dict[str, sp.Expr]) -> Finding:
    """The text keeps S = -log p, for a block has the product of its probabilities and a determined symbol has 1.

    Only the number of units changes: T/m blocks, m T symbols, b T bytes. The whole text in one block has the loss S,
    which is the largest of all, and a code of more than L symbols has L/m < 1.
    """
    if any(r != 0 for r in _invariants()):
        return Finding.undecided("the text's log-probability is not kept")
    base = S / T
    counts = {"block": T / m, "spread": m * T, "byte": b * T}
    residuals = [sp.simplify(S / count - stmt[name] * base) for name, count in counts.items()]
    if all(r == 0 for r in residuals):
        least = stmt["above 1 if S exceeds"]
        if least < 1:
            return Finding.fails(f"S = {(least + 1) / 2}: no unit is longer than the text, so no loss exceeds S < 1")
        return Finding.holds("S = -log p is kept over T/m, m T or b T units: losses m L, L/m, L/b; the largest is S")
    point = nonzero_point(residuals)
    return Finding.fails(f"off by {point[1]} at {point[0]}" if point else "not equal", margin="exact")


def smoothing(logits: Sequence[Any]) -> Any:
    """Mean of -log p over the vocabulary: a penalty of the predictions themselves."""
    return sum(units.cross_entropy(logits, k) for k in range(len(logits))) / len(logits)


TERMS = {"z-loss": units.z_loss, "max-z loss": lambda logits: sp.Max(*logits) ** 2}
claim("R2", TERMS, mutants={"a penalty of the predictions": {"label smoothing": smoothing}})


EXAMPLE = [sp.Integer(0), sp.Rational(1, 2), sp.Integer(2)]


def _removable(term: Callable[[Sequence[Any]], Any]) -> bool:
    """Whether a shift of all logits, by -log Z or by -max, makes the term 0; a shift changes no prediction."""
    shifts = (-units.log_partition(EXAMPLE), -sp.Max(*EXAMPLE))
    return any(sp.simplify(term([u + c for u in EXAMPLE])) == 0 for c in shifts)


def _fixed(term: Callable[[Sequence[Any]], Any]) -> bool:
    """Whether no shift changes the term, and it is not 0."""
    c = sp.Symbol("c", real=True)
    shifted = sp.expand_log(sp.factor_terms(sp.expand(term([u + c for u in EXAMPLE]))), force=True)
    return bool(sp.simplify(shifted - sp.expand_log(term(EXAMPLE), force=True)) == 0 and sp.N(term(EXAMPLE)) > 0)


@check("R2", kind="symbolic", scope="the two terms of the cited models, at logits (0, 1/2, 2)")
def terms_can_vanish(stmt: dict[str, Any]) -> Finding:
    """A term that a shift of the logits makes 0 changes no bound of the cross-entropy."""
    positive = [name for name, term in stmt.items() if not _removable(term)]
    if positive and all(_fixed(stmt[name]) for name in positive):
        return Finding.holds(
            f"{', '.join(positive)}: positive, and no shift changes it, so a reported sum must contain it"
        )
    if positive:
        return Finding.undecided(f"{', '.join(positive)}: neither removed nor fixed by the shifts tried here")
    return Finding.heuristic(
        f"an advice; {' and '.join(stmt)} vanish under a shift of the logits that leaves every prediction, so a law of "
        "the cross-entropy needs no such term, and a law of the reported sum only if the sum is what is reported"
    )


def _to_log_z(logits: Sequence[Any]) -> Any:
    return -units.log_partition(logits)


claim(
    "X-ZLOSS",
    _to_log_z,
    mutants={"no shift": lambda logits: sp.Integer(0), "a shift to mean 0": lambda logits: -sum(logits) / len(logits)},
)


@check("X-ZLOSS", kind="symbolic", scope="three logits and any shift; each logit alike")
def shift_removes_z_loss(stmt: Callable[[Sequence[Any]], Any]) -> Finding:
    """A shift c leaves the cross-entropy and adds c to log Z; the term is (log Z + c)^2, which is 0 for one c only.

    So the sum is CE + k (log Z + c)^2 with k > 0: at least CE, and equal to it exactly at that c.
    """
    c = sp.Symbol("c", real=True)
    shifted = [u + c for u in LOGITS]
    grown = sp.exp(units.log_partition(shifted)) - sp.exp(c) * sp.exp(units.log_partition(LOGITS))
    changed = sp.exp(units.cross_entropy(shifted, 0)) - sp.exp(units.cross_entropy(LOGITS, 0))
    square = units.z_loss(LOGITS) - units.log_partition(LOGITS) ** 2
    if any(sp.simplify(sp.expand(r)) != 0 for r in (grown, changed, square)):
        return Finding.undecided("the cross-entropy or log Z does not shift as claimed")
    left = units.log_partition(LOGITS) + stmt(LOGITS)
    if sp.simplify(left) == 0:
        return Finding.holds("log Z(u + c) = log Z(u) + c, and the target's logit rises by c too")
    point = nonzero_point([left])
    return Finding.fails(f"the term is not 0: log Z is {point[1]} at {point[0]}" if point else "not 0", margin="exact")


claim(
    "R2-LN",
    {"norm of the rows at most": None},
    mutants={"a head with rows of norm at most 1": {"norm of the rows at most": 1}},
)
R, s = sp.symbols("R s", positive=True)


@check("R2-LN", kind="symbolic", scope="a head over any number of tokens, hidden vectors of bounded norm")
def normalization_alone(stmt: Any) -> Finding:
    """Normalization bounds the hidden vector; the least loss at a place is positive only if the head is bounded too."""
    bound = stmt["norm of the rows at most"]
    least = units.bounded_head(50257, R, 1)
    if bound is not None:
        value = least.subs(R, bound)
        return (
            Finding.holds(f"the loss is at least {sp.N(value, 4)} for hidden vectors of norm 1")
            if value > 0
            else (Finding.undecided("no positive bound"))
        )
    if sp.limit(least, R, sp.oo) == 0:
        return Finding.heuristic(
            "the remark names no mechanism; normalization bounds the hidden vector and leaves the head free, and then "
            "the loss at a place has the infimum 0"
        )
    return Finding.undecided("the infimum is not known")


claim(
    "X-LN",
    units.bounded_head,
    mutants={
        "logits that differ by at most R s": lambda V, r, h: units.bounded_head(V, r, h / 2),
        "logits that differ by at most 3 R s": lambda V, r, h: units.bounded_head(V, r, 3 * h / 2),
        "V other tokens in place of V - 1": lambda V, r, h: units.bounded_head(V + 1, r, h),
    },
)


@check("X-LN", kind="symbolic", scope="inner products in three dimensions, pairs of coordinates alike; any V, R, s")
def least_loss_of_a_bounded_head(stmt: Callable[[Any, Any, Any], Any]) -> Finding:
    """Cauchy-Schwarz bounds each difference of logits by 2 R s; the claimed bound must be the value attained there.

    The loss, log of the sum of exp(u_k - u_t), falls in each difference u_t - u_k, so it is least where all of them are
    2 R s; the sum then has one term 1 and V - 1 equal ones. The bound falls to 0 as R grows.
    """
    w, h = sp.symbols("w1:4", real=True), sp.symbols("h1:4", real=True)
    pairs = sum((w[i] * h[j] - w[j] * h[i]) ** 2 for i in range(3) for j in range(i + 1, 3))
    inner = sum(p * q for p, q in zip(w, h, strict=True))
    schwarz = sp.expand(sum(p**2 for p in w) * sum(q**2 for q in h) - inner**2 - pairs)
    falls = sp.diff(sp.log(1 + sp.exp(-LOGITS[0]) + S), LOGITS[0])
    V = sp.Symbol("V", integer=True, positive=True)
    attained = sp.exp(-R * s) * (sp.exp(R * s) + (V - 1) * sp.exp(-R * s))
    spelled = sp.exp(units.cross_entropy([R * s, *[-R * s] * 4], 0)) - attained.subs(V, 5)
    gap = sp.simplify(sp.expand(attained - sp.exp(stmt(V, R, s))))
    sound = schwarz == 0 and falls.is_negative and sp.simplify(sp.expand(spelled)) == 0
    if sound and gap == 0 and sp.limit(stmt(V, R, s), R, sp.oo) == 0:
        return Finding.holds("no difference of logits exceeds 2 R s, and R e, -R e, ..., -R e with s e attain it")
    point = nonzero_point([gap])
    return Finding.fails(f"the extreme head is off by {point[1]}" if point else "unequal", margin="exact")
