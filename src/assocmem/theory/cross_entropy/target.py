"""The target of the loss: what "zero off the origin" leaves open, and the empirical measure of distinct patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import sympy as sp

from assocmem.theory.retrieval.layer_formulas import row_sums_residual, weights

x = sp.Symbol("x", real=True)
VANISHING: dict[str, sp.Expr] = {
    "delta": sp.DiracDelta(x),
    "2 delta": 2 * sp.DiracDelta(x),
    "the derivative of delta": sp.DiracDelta(x, 1),
    "the function that is 1 at 0 alone": sp.Piecewise((1, sp.Eq(x, 0)), (0, True)),
}
"""Four objects on the line that vanish for x != 0."""


def integrals() -> dict[str, sp.Expr]:
    """The integral of each of ``VANISHING``, all of which are 0 at x = 1 and x = -1/2.

    Raises
    ------
    ArithmeticError
        If one of the two does not vanish off the origin.
    """
    for name, thing in VANISHING.items():
        if any(thing.subs(x, at) != 0 for at in (1, -sp.Rational(1, 2))):
            raise ArithmeticError(f"{name} does not vanish off the origin")
    return {name: sp.integrate(thing, (x, -sp.oo, sp.oo)) for name, thing in VANISHING.items()}


def point_masses(patterns: Sequence[str], weights_: Sequence[Fraction]) -> dict[str, Fraction]:
    """The measure sum_i p_i delta(x - rho_i): the mass of each point, patterns given by name."""
    out: dict[str, Fraction] = {}
    for pattern, weight in zip(patterns, weights_, strict=True):
        out[pattern] = out.get(pattern, Fraction(0)) + weight
    return out


Share = Literal["1/d'", "1/d"]


@dataclass(frozen=True)
class Empirical:
    """d' distinct patterns out of d, each with the stated share."""

    share: Share = "1/d'"

    def total(self, chosen: sp.Expr | int, patterns: sp.Expr | int) -> sp.Expr:
        """The mass of the whole measure for d' = chosen out of d = patterns, numbers or symbols."""
        return sp.sympify(chosen) * (1 / sp.sympify(chosen if self.share == "1/d'" else patterns))


def softmax_entries(tokens: int, width: int) -> tuple[int, int]:
    """Entries of one row of the softmax of attention over all tokens, and n = tokens * width, from the shapes."""
    queries, keys = sp.zeros(tokens, width), sp.zeros(tokens, width)
    return weights(queries, keys).cols, tokens * width


def same_softmax_other_output() -> bool:
    """Whether the softmax (1/2, 1/2) over two keys gives 0 with the values 0, 0 and 1/2 with 0, 1.

    So the softmax alone is not what goes on.
    """
    attention = weights(sp.Matrix([[0]]), sp.Matrix([[0], [1]]))
    outputs = [attention * sp.Matrix(values) for values in ([[0], [0]], [[0], [1]])]
    return [output[0, 0] for output in outputs] == [0, sp.Rational(1, 2)]


def output_is_the_mean() -> bool:
    """Whether attention over two keys of values v_1, v_2 gives w v_1 + (1 - w) v_2, w the softmax of the first."""
    score, first, second = sp.symbols("s v_1 v_2", real=True)
    attention = weights(sp.Matrix([[1]]), sp.Matrix([[score], [0]]))
    output = (attention * sp.Matrix([[first], [second]]))[0, 0]
    mean = attention[0, 0] * first + (1 - attention[0, 0]) * second
    return bool(sp.simplify(output - mean) == 0)


def slope_in_the_weight(readout: sp.Expr) -> sp.Expr:
    """Derivative of a token's loss in the softmax weight w of the first of two keys, with the values 0 and 1.

    The output layer multiplies what attention hands on, 1 - w, by ``readout`` and sets it against a logit of 0.
    """
    weight = sp.Symbol("w", positive=True)
    handed_on = (sp.Matrix([[weight, 1 - weight]]) * sp.Matrix([[0], [1]]))[0, 0]
    logit = readout * handed_on
    return sp.simplify(sp.diff(sp.log(sp.exp(logit) + 1) - logit, weight))


def softmax_is_a_law() -> bool:
    """Whether each row of the softmax sums to 1, for symbols; its entries are quotients of exponentials, positive."""
    return all(entry == 0 for entry in row_sums_residual())


def loss_of_one_key(scale: sp.Expr) -> sp.Expr:
    """Loss of a token of two, from logits (scale, 0) times the softmax of attention over one key, which is 1."""
    attention = weights(sp.Matrix([[0]]), sp.Matrix([[0]]))[0, 0]
    logits = sp.Matrix([[scale * attention, 0]])
    return sp.simplify(-sp.log(sp.exp(logits[0]) / (sp.exp(logits[0]) + sp.exp(logits[1]))))
