"""What a loss per unit means: nats per token, per byte, per block; perplexity; terms that change no prediction.

A model gives a text the probability p_1 p_2 ... p_T, the product of the probabilities of its units given the units
before. Its loss is L = -(1/T) sum log p_i. The text's own -log p does not depend on how it is cut into units; L does.
Probabilities are given as a sequence in the order of the text; sympy expressions and numbers both serve.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp


def loss(probabilities: Sequence[Any]) -> Any:
    """-(1/T) sum log p_i in nats per unit.

    Raises
    ------
    ValueError
        For an empty text.
    """
    if not probabilities:
        raise ValueError("probabilities is empty; a loss needs at least one unit")
    return -sum(sp.log(p) for p in probabilities) / sp.Integer(len(probabilities))


def perplexity(probabilities: Sequence[Any]) -> Any:
    """exp of the loss: the geometric mean of 1/p_i."""
    return sp.exp(loss(probabilities))


def grouped(probabilities: Sequence[Any], size: int) -> list[Any]:
    """The same text and model in blocks of ``size`` units: a block has the product of its units' probabilities.

    Raises
    ------
    ValueError
        If the length is no multiple of ``size``.
    """
    if size < 1 or len(probabilities) % size:
        raise ValueError(f"size={size} does not divide the {len(probabilities)} units")
    return [sp.prod(probabilities[k : k + size]) for k in range(0, len(probabilities), size)]


def spread(probabilities: Sequence[Any], size: int) -> list[Any]:
    """The same text written with ``size`` symbols a unit, all but the first of which are determined: probability 1.

    Every code does this where a symbol follows from those before it: the second byte of most two-byte letters, a check
    digit, the padding of a fixed-length code.

    Raises
    ------
    ValueError
        For a size below 1.
    """
    if size < 1:
        raise ValueError(f"size={size} symbols cannot hold a unit; takes at least 1")
    return [q for p in probabilities for q in (p, *[sp.Integer(1)] * (size - 1))]


def cut_residuals() -> tuple[sp.Expr, sp.Expr]:
    """What the sum of -log p over a text changes by when two neighbors become one unit, and one unit becomes two.

    Both 0, with ``rest`` for the sum over all other units: the block has the product p q; a unit of probability p is
    spelled with a first symbol of probability q and a second of p/q, which is 1 where the second is determined.
    Every way of cutting a text is reached so from every other.
    """
    rest, p, q = sp.symbols("R p q", positive=True)
    merged = rest - sp.log(p * q) - (rest - sp.log(p) - sp.log(q))
    split = rest - sp.log(q) - sp.log(p / q) - (rest - sp.log(p))
    return sp.simplify(sp.expand_log(merged, force=True)), sp.simplify(sp.expand_log(split, force=True))


def shift_step() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """What a shift c of all logits does, by one more logit u beside others of sum Z and largest M; 0 thrice.

    The sum of exponentials grows by the factor e^c, the largest logit by c; so the cross-entropy log Z - u of a target
    of logit u stays.
    """
    u, c, top = sp.symbols("u c M", real=True)
    z = sp.Symbol("Z", positive=True)
    grown = sp.simplify(sp.exp(c) * z + sp.exp(u + c) - sp.exp(c) * (z + sp.exp(u)))
    largest = sp.simplify((sp.Max(top + c, u + c) - c - sp.Max(top, u)).rewrite(sp.Abs))
    kept = sp.simplify(sp.expand_log(sp.log(sp.exp(c) * z) - (u + c) - (sp.log(z) - u), force=True))
    return grown, largest, kept


def lagrange_step() -> tuple[sp.Expr, sp.Expr]:
    """Lagrange's identity by one more coordinate: A B - C^2 for A = sum w^2, B = sum h^2, C = sum w h gains a square.

    Adding the coordinates (w, h) adds w^2 B - 2 w h C + h^2 A, which is the sum over the earlier ones of
    (w h_i - h w_i)^2: the second residual is that of one of them. Both 0, so that C^2 <= A B in every dimension.
    """
    first, second, mixed, w, h, w_i, h_i = sp.symbols("A B C w h w_i h_i", real=True)
    gain = w**2 * second - 2 * w * h * mixed + h**2 * first
    after = (first + w**2) * (second + h**2) - (mixed + w * h) ** 2
    one = w**2 * h_i**2 - 2 * w * h * w_i * h_i + h**2 * w_i**2 - (w * h_i - h * w_i) ** 2
    return sp.expand(after - (first * second - mixed**2) - gain), sp.expand(one)


def per_byte(nats_per_token: Any, bytes_per_token: Any) -> Any:
    """Nats per byte of a loss in nats per token."""
    return nats_per_token / bytes_per_token


def vocabulary_form(counts: Sequence[Any], logs: Sequence[Any]) -> Any:
    """-sum over the vocabulary of the share of a token in the text times its log probability."""
    total = sum(counts)
    return -sum(c / total * g for c, g in zip(counts, logs, strict=True))


def token_form(counts: Sequence[Any], logs: Sequence[Any]) -> Any:
    """-(1/D) times the sum over the text of the log probabilities, where that of a token is the same at every place."""
    return -sum(c * g for c, g in zip(counts, logs, strict=True)) / sum(counts)


def cross_entropy(logits: Sequence[Any], target: int) -> Any:
    """-logit of the target plus log sum exp: the loss of softmax at one place."""
    return -logits[target] + log_partition(logits)


def log_partition(logits: Sequence[Any]) -> Any:
    """log Z = log sum exp of the logits."""
    return sp.log(sum(sp.exp(u) for u in logits))


def bounded_head(tokens: Any, rows: Any, norm: Any) -> Any:
    """log(1 + (V-1) e^(-2 R s)): the least loss at one place if the V rows of the head have norm at most R and the
    hidden vector, after its normalization, norm at most s.

    The logits are inner products, so no two of them differ by more than 2 R s (Cauchy-Schwarz), and the loss falls in
    each difference. It is attained by a row R e, all others -R e, and the hidden vector s e, ``|e| = 1``.
    """
    return sp.log(1 + (tokens - 1) * sp.exp(-2 * rows * norm))
