"""How many parameters a decoder has, component by component: exact integers, or formulas when sizes are symbols.

The paper estimates the parameters N of a Transformer as A l d^2 (equation (2), Appendix E). Here every matrix, bias and
normalization is counted, for blocks with grouped keys, gated feed-forward layers and widths that differ by layer.
The same code takes sympy symbols, so the formulas are not a second copy of the counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

Whole = Any
"""A natural number, or a sympy expression that stands for one."""

QKV, OUTPUT, FEED_FORWARD = "queries, keys, values", "attention output", "feed-forward"
WEIGHTS = (QKV, OUTPUT, FEED_FORWARD)
BIASES = tuple(f"{name}: biases" for name in WEIGHTS)
NORMS = ("block norms", "block norms: biases")
FINAL_NORM = ("final norm", "final norm: biases")
BLOCKS = (*WEIGHTS, *BIASES, *NORMS)
EMBEDDINGS = ("token embedding", "position embedding", "unembedding")
COMPONENTS = (*EMBEDDINGS, *BLOCKS, *FINAL_NORM)
"""All components; those of ``BLOCKS`` are summed over the layers."""


@dataclass(frozen=True)
class Block:
    """One block: attention, then a feed-forward layer, each behind a normalization.

    width : d_emb.
    queries, keys : columns of all query heads together, and of all key heads (as many again for the values).
    inner : width d_FF of the feed-forward layer. gated : three matrices (SwiGLU) instead of two.
    biases : in every matrix and normalization (LayerNorm), as in GPT-2; without, normalizations have weights only.
    head_norm : weights of each of two normalizations of queries and keys; 0 for none.
    """

    width: Whole
    queries: Whole
    keys: Whole
    inner: Whole
    gated: bool = False
    biases: bool = False
    head_norm: Whole = 0

    def counts(self) -> dict[str, Whole]:
        """Parameters of one block by component of ``BLOCKS``."""
        columns = self.queries + 2 * self.keys
        up = 2 if self.gated else 1
        out = {
            QKV: self.width * columns,
            OUTPUT: self.queries * self.width,
            FEED_FORWARD: (up + 1) * self.width * self.inner,
            NORMS[0]: 2 * self.width + 2 * self.head_norm,
        }
        names, biases = (*BIASES, NORMS[1]), (columns, self.width, up * self.inner + self.width, 2 * self.width)
        return out | {name: count if self.biases else 0 for name, count in zip(names, biases, strict=True)}


@dataclass(frozen=True)
class Decoder:
    """A decoder: pairs (number of layers, their block), and what lies outside the blocks.

    vocabulary, positions : rows of the token table and of a trained table of positions (0 for rotary positions).
    tied : whether the token table also yields the logits, so that there is no separate unembedding.
    """

    stack: tuple[tuple[Whole, Block], ...]
    vocabulary: Whole
    positions: Whole = 0
    tied: bool = True

    @property
    def width(self) -> Whole:
        """d_emb, the same in every layer."""
        return self.stack[0][1].width

    @property
    def layers(self) -> Whole:
        """The number l of layers."""
        return sum(number for number, _ in self.stack)

    def counts(self) -> dict[str, Whole]:
        """Parameters by component, in the order of ``COMPONENTS``."""
        out: dict[str, Whole] = dict.fromkeys(COMPONENTS, 0)
        out["token embedding"] = self.vocabulary * self.width
        out["position embedding"] = self.positions * self.width
        out["unembedding"] = 0 if self.tied else self.vocabulary * self.width
        out[FINAL_NORM[0]] = self.width
        out[FINAL_NORM[1]] = self.width if self.stack[0][1].biases else 0
        for number, block in self.stack:
            for name, count in block.counts().items():
                out[name] += number * count
        return out

    def count(self, *components: str) -> Whole:
        """Parameters of the named components together; of the whole decoder without names.

        Raises
        ------
        KeyError
            For a name that is not in ``COMPONENTS``.
        """
        counts = self.counts()
        return sum(counts[name] for name in components or COMPONENTS)

    def constant(self, *components: str) -> sp.Expr:
        """A = N/(l d_emb^2), exact, with N the named components, by default all of the blocks."""
        return sp.sympify(self.count(*(components or BLOCKS))) / (self.layers * self.width**2)

    def share(self, *components: str) -> sp.Expr:
        """Exact share of the named components in all parameters."""
        return sp.sympify(self.count(*components)) / self.count()
