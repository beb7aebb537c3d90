"""The three models of Appendix G.1 as printed, their attention counted, and the heads by OpenELM's rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from assocmem.theory.balance.transformer_shapes import openelm
from assocmem.theory.balance.transformer_size import OUTPUT, QKV, Block

LAYERS, HEAD_DIM = 8, 64
MILLION = 10**6


@dataclass(frozen=True)
class Model:
    """A column of the first table: parameters in millions, width, key-value heads and query heads by layer."""

    parameters: Fraction
    width: int
    keys: tuple[int, ...]
    queries: tuple[int, ...]

    def attention(self) -> int:
        """Parameters of the matrices of attention by the printed heads, without biases and normalizations."""
        blocks = [
            Block(self.width, q * HEAD_DIM, k * HEAD_DIM, 0).counts()
            for q, k in zip(self.queries, self.keys, strict=True)
        ]
        return int(sum(block[QKV] + block[OUTPUT] for block in blocks))

    def share(self) -> Fraction:
        """Of its parameters, as printed."""
        return self.attention() / (self.parameters * MILLION)


FIRST, LAST = (3, 3, 3, 3, 4, 4, 4, 5), (3, 3, 3, 4, 4, 4, 5, 5)
MODELS = (
    Model(Fraction("39.95"), 954, FIRST, (6, 6, 6, 6, 8, 8, 8, 10)),
    Model(Fraction("60.26"), 1280, FIRST, (6, 6, 6, 6, 8, 8, 8, 10)),
    Model(Fraction("80.20"), 1440, LAST, (6, 6, 6, 8, 8, 8, 10, 10)),
)
"""Appendix G.1, first table."""


def rounded(value: Fraction, unit: int = 10) -> int:
    """The nearest multiple of the unit."""
    return round(value / unit) * unit


def heads_by_rule(width: int, groups: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Query and key-value heads by OpenELM's rules with multipliers 0.5 to 1.0, 8 layers, 64 columns a head.

    groups : query heads to one key head.
    """
    shape = openelm(LAYERS, width, groups=groups, head_dim=HEAD_DIM)
    return shape.heads, shape.kv_heads


def multipliers(model: Model) -> tuple[Fraction, Fraction]:
    """Query columns over the width in the first and in the last layer, by the printed heads."""
    return tuple(Fraction(q * HEAD_DIM, model.width) for q in (model.queries[0], model.queries[-1]))  # type: ignore[return-value]


def widths_with(keys: tuple[int, ...], groups: int, below: int = 4000) -> tuple[int, int, bool]:
    """Smallest and largest width for which the rules give these key-value heads, and whether all between do.

    Raises
    ------
    ValueError
        Where no width below the limit does.
    """
    found = list(_widths(keys, groups, below))
    if not found:
        raise ValueError(f"no width below {below} has the key-value heads {keys}")
    return found[0], found[-1], len(found) == found[-1] - found[0] + 1


def _widths(keys: tuple[int, ...], groups: int, below: int) -> Iterator[int]:
    """Heads do not fall with the width, so the last layer ends the search."""
    for width in range(HEAD_DIM, below):
        by_rule = heads_by_rule(width, groups)[1]
        if by_rule == keys:
            yield width
        if by_rule[-1] > keys[-1]:
            return
