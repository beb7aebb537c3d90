"""Losses of discrete data beside losses of densities: the floor of the one, and what a unit does to the other.

Over a countable set the cross-entropy of data p and model q is H(p) + KL(p|q) >= H(p) >= 0. For a density it depends
on the unit of the coordinates: under x -> s x in R^n it grows by n log s, so no constant bounds it in every unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_log_partition
from assocmem.theory.layers.stack import bowl

BITS = 128
Law = Mapping[str, Fraction]


def cross_entropy(data: Law, model: Law) -> arb:
    """A ball around -sum_x p(x) log q(x) in nats, for exact laws.

    Raises
    ------
    ValueError
        Where q(x) = 0 < p(x), or where the numbers are no probabilities with sum 1.
    """
    for name, law in (("data", data), ("model", model)):
        if sum(law.values()) != 1 or min(law.values()) < 0:
            raise ValueError(f"{name} must be nonnegative numbers with sum 1")
    missing = [x for x, p in data.items() if p > 0 and not model.get(x, 0) > 0]
    if missing:
        raise ValueError(f"model gives no probability to {missing}, which the data hold; the loss is infinite")
    with precision(BITS):
        return -sum((to_arb(p) * to_arb(model[x]).log() for x, p in data.items() if p > 0), arb(0))


def two_labelings() -> tuple[tuple[arb, arb], tuple[arb, arb]]:
    """Loss and divergence (loss minus entropy) of a fair coin predicted perfectly, and of a sure thing with 3/4."""
    coin = {"head": Fraction(1, 2), "tail": Fraction(1, 2)}
    sure, hedged = {"head": Fraction(1)}, {"head": Fraction(3, 4), "tail": Fraction(1, 4)}
    losses = [cross_entropy(coin, coin), cross_entropy(sure, hedged)]
    with precision(BITS):
        return (losses[0], losses[0] - cross_entropy(coin, coin)), (losses[1], losses[1] - cross_entropy(sure, sure))


def gibbs_holds() -> bool:
    """p log(p/q) - p + q = p (u - 1 + e^-u) >= 0 with q = p e^-u: summed over x, KL(p|q) >= 1 - sum q >= 0.

    Equality asks for u = 0 at every x with p(x) > 0, that is q = p.
    """
    p, u = sp.Symbol("p", positive=True), sp.Symbol("u", real=True)
    q = p * sp.exp(-u)
    term = sp.simplify(sp.expand_log(p * sp.log(p / q) - p + q, force=True) / p)
    return bowl(term, u)


def entropy_range() -> tuple[sp.Expr, sp.Expr]:
    """Entropy of one sequence of probability 1-a and d others of probability a/d each, as a -> 0 and at a = d/(d+1).

    Continuous in a between: every value from 0 to log(d+1) occurs.
    """
    a, d = sp.Symbol("a", positive=True), sp.Symbol("d", positive=True)
    entropy = -(1 - a) * sp.log(1 - a) - a * sp.log(a / d)
    top = sp.simplify(sp.expand_log(sp.simplify(entropy.subs(a, d / (d + 1))), force=True))
    return sp.limit(entropy, a, 0, "+"), top


@dataclass(frozen=True)
class Floor:
    """The least loss per token of data p on sequences of T tokens is factor H(p)/T^power, attained by q = p alone."""

    factor: Fraction = Fraction(1)
    power: int = 1


def broken_floor(stmt: Floor) -> str | None:
    """Equiprobable sequences of which some model certainly has less, or every model more, than stated; in words."""
    for count, tokens in ((2, 1), (2, 1024), (5, 3)):
        data = {f"sequence {k}": Fraction(1, count) for k in range(count)}
        tilted = {x: Fraction(k + 1) for k, x in enumerate(data)}
        other = {x: weight / sum(tilted.values()) for x, weight in tilted.items()}
        with precision(BITS):
            best, worse = cross_entropy(data, data) / tokens, cross_entropy(data, other) / tokens
            stated = to_arb(stmt.factor) * to_arb(count).log() / to_arb(tokens) ** stmt.power
        if best < stated or best > stated or not worse > stated:
            return f"{count} sequences of {tokens} tokens: the least loss is {float(best.mid()):.6f} nats per token"
    return None


@dataclass(frozen=True)
class Shift:
    """Under x -> s x the cross-entropy of a density on R^n grows by ``power`` n log s."""

    power: int = 1


def shift_residual(stmt: Shift) -> sp.Expr:
    """-log of the density s^-n p(y/s) minus (-log p + power n log s); the Jacobian is s^n, by one more coordinate.

    Raises
    ------
    ArithmeticError
        If one more coordinate does not give the Jacobian a factor s.
    """
    s, p, n = sp.symbols("s p n", positive=True)
    if sp.simplify(sp.Matrix.diag(s**n, s).det() - s ** (n + 1)) != 0:
        raise ArithmeticError("one more coordinate does not give the Jacobian a factor s")
    return sp.simplify(sp.expand_log(-sp.log(p / s**n) + sp.log(p) - stmt.power * n * sp.log(s), force=True))


def broken_shift(stmt: Shift) -> str | None:
    """A ball whose loss in another unit certainly differs from the stated one: the energy becomes ``|y|^2/s^2``."""
    for n, r, s in ((1, "1/2", "2"), (3, "1", "1/10"), (10, "2", "5")):
        radius, scale = Fraction(r), Fraction(s)
        with precision(BITS):
            before = certified_log_partition(n, radius, bits=BITS)
            after = certified_log_partition(n, scale * radius, beta=1 / scale**2, bits=BITS)
            gap = after - before - stmt.power * n * to_arb(scale).log()
        if not gap.contains(0):
            return f"n={n}, r={r}, s={s}: off by {float(gap.mid()):.4f}"
    return None


def chain_rule_residual() -> sp.Expr:
    """-log of a probability of a sequence minus the sum of -log p(next | earlier) over its tokens, by one more; 0.

    The sum over a sequence of probability ``before`` is -log of it, and its continuation has the probability ``after``.
    """
    before, after = sp.symbols("p q", positive=True)
    return sp.simplify(sp.expand_log(-sp.log(after) - (-sp.log(before) - sp.log(after / before)), force=True))
