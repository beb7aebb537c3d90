"""What the exact counts say of N = A l d^2: the constant A, who holds the majority, and the paper's own three models.

All formulas are the counts of ``transformer_size`` evaluated at symbols.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from assocmem.theory.balance.transformer_shapes import GptShape
from assocmem.theory.balance.transformer_size import BIASES, EMBEDDINGS, WEIGHTS, Block, Decoder, Whole

l, d, h = sp.symbols("l d h", positive=True)
"""Layers, width d_emb, heads."""
inner, vocabulary, context = sp.symbols("f V T", positive=True)
"""Inner width d_FF, vocabulary n_voc, context T_max."""
e, g, m = sp.symbols("e g m", positive=True)
"""Ratios of a block: query columns to d_emb, key heads to query heads, d_FF to d_emb."""
k = sp.Symbol("k", nonnegative=True)
"""Weights of each normalization of queries and keys (OpenELM: the head dimension; LLaMA: none)."""
GPT = GptShape(l, d, h, vocabulary=vocabulary, context=context)
"""A decoder of GPT-2's type, of any size."""
LAYERS = (*WEIGHTS, *BIASES)
"""The attention and feed-forward layers with their biases; normalizations belong to neither."""


def plain_constant() -> sp.Expr:
    """A of a stack of blocks like GPT-2's with d_FF = m d, as a function of m and d; GPT-2 itself has m = 4."""
    return _constant(Block(d, d, d, m * d, biases=True))


def gated_constant() -> sp.Expr:
    """A of a stack of blocks like LLaMA's, e d query and g e d key columns, d_FF = m d, head norms of k weights."""
    return _constant(Block(d, e * d, g * e * d, m * d, gated=True, head_norm=k))


def mean_residual(kinds: int = 3, weight: Fraction = Fraction(1)) -> sp.Expr:
    """A of a stack of unlike blocks (numbers l_t, ratios e_t, g_t, m_t) less the weighted mean of the blocks' own A.

    ``weight`` is that of each block of the first kind in the mean, 1 for the others.
    """
    numbers = sp.symbols(f"l1:{kinds + 1}", positive=True)
    ratios = [sp.symbols(f"e{t} g{t} m{t}", positive=True) for t in range(kinds)]
    blocks = [Block(d, a * d, b * a * d, c * d, gated=True) for a, b, c in ratios]
    own = [Decoder(((l, block),), vocabulary).constant() for block in blocks]
    counted = [numbers[0] * sp.Rational(weight.numerator, weight.denominator), *numbers[1:]]
    mean = sum(n * a for n, a in zip(counted, own, strict=True)) / sum(counted)
    return sp.simplify(Decoder(tuple(zip(numbers, blocks, strict=True)), vocabulary).constant() - mean)


def layers_majority() -> sp.Expr:
    """(Twice the attention and feed-forward layers, less all parameters)/d for GPT-2's type; majority if positive."""
    decoder = GPT.decoder()
    return sp.expand((2 * decoder.count(*LAYERS) - decoder.count()) / d)


def embedding_majority() -> sp.Expr:
    """(Twice the embeddings, less all parameters)/d for GPT-2's type; majority if positive."""
    decoder = GPT.decoder()
    return sp.expand((2 * decoder.count(*EMBEDDINGS) - decoder.count()) / d)


def least(symbol: sp.Symbol, known: dict[sp.Symbol, int], limit: int = 10**6) -> int:
    """The smallest number of layers or width at which the attention and feed-forward layers hold the majority.

    Raises
    ------
    ValueError
        If that takes more than ``limit``.
    """
    excess = layers_majority().subs(known)
    threshold = sp.solve(excess, symbol)[0]
    smallest = int(sp.floor(threshold)) + 1
    if smallest > limit:
        raise ValueError(f"{symbol}={smallest} exceeds limit={limit}")
    return smallest


def inner_widths(size: int, unit: int = 10**6) -> range:
    """Inner widths d_FF for which GPT-2 medium would have ``size`` parameters to the nearest ``unit``."""
    total = GptShape(24, 1024, 16, inner=inner).decoder().count()
    slope = int(sp.diff(total, inner))
    rest = int(total.subs(inner, 0))
    low, high = 2 * size - unit, 2 * size + unit
    return range(-((2 * rest - low) // (2 * slope)), -((2 * rest - high) // (2 * slope)))


def depths(size: int, width: int, unit: int = 10**6) -> list[int]:
    """Numbers of layers up to 100 with which a GPT-2 of this width has ``size`` parameters to the nearest ``unit``."""
    layers = range(1, 101)
    return [n for n in layers if abs(2 * (GptShape(n, width, 1).decoder().count() - size)) < unit]


@dataclass(frozen=True)
class Printed:
    """A model of which only l, d_emb and N, in millions to so many digits, are printed."""

    millions: str
    width: int
    layers: int = 8
    context: int = 1024

    @property
    def range(self) -> tuple[Fraction, Fraction]:
        """The smallest and the largest N that is printed so."""
        half = Fraction(10**6, 2 * 10 ** len(self.millions.partition(".")[2]))
        middle = Fraction(self.millions) * 10**6
        return middle - half, middle + half

    @property
    def constant(self) -> tuple[Fraction, Fraction]:
        """Bounds of A = N/(l d^2)."""
        low, high = self.range
        return low / (self.layers * self.width**2), high / (self.layers * self.width**2)

    @property
    def factor(self) -> tuple[Fraction, Fraction]:
        """Bounds of A l d/T_max = N/(d T_max), the factor of n in equation (2)."""
        low, high = self.range
        return low / (self.width * self.context), high / (self.width * self.context)


OWN_MODELS = {
    "Model 1": Printed("39.95", 954),
    "Model 2": Printed("60.26", 1280),
    "Model 3": Printed("80.20", 1440),
}
"""The three models that the paper trains (Appendix G.1 of the later version), as printed."""


def spread_of(bounds: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    """The least ratio of the largest to the smallest of numbers that are known by bounds; 1 if they may be equal."""
    return max(Fraction(1), max(low for low, _ in bounds) / min(high for _, high in bounds))


def growth(before: Decoder, after: Decoder, *components: str) -> Whole:
    """N/d^2 of one decoder over that of another: 1 where N is proportional to d^2."""
    part = components or LAYERS
    ratio = sp.sympify(after.count(*part)) / before.count(*part)
    return sp.simplify(ratio * sp.sympify(before.width) ** 2 / after.width**2)


def _constant(block: Block) -> sp.Expr:
    return sp.expand(Decoder(((l, block),), vocabulary).constant())
