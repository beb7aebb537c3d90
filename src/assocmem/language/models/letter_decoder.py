"""A decoder so small that thousands of them can be trained on one core: what the size grid counts parameters of.

Two norms, attention and a feed-forward layer of four widths in a block, no biases, rotary positions, and logits from
the token table, so that the blocks hold 12 width^2 weights each beside the norms.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["LetterDecoder"]

DEVIATION = 0.02


class _Block(nn.Module):
    """Attention and feed-forward layer, each behind a norm and added to its input."""

    def __init__(self, width: int, heads: int, dropout: float, layers: int) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.before, self.between = nn.RMSNorm(width, eps=1e-6), nn.RMSNorm(width, eps=1e-6)
        self.attend = nn.Linear(width, 3 * width, bias=False)
        self.join = nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)
        for matrix in (self.attend, self.join, self.up, self.down):
            nn.init.normal_(matrix.weight, std=matrix.in_features**-0.5)
        for matrix in (self.join, self.down):
            nn.init.normal_(matrix.weight, std=(2 * layers * matrix.in_features) ** -0.5)

    def forward(self, x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
        rows, length, width = x.shape
        parts = self.attend(self.before(x)).view(rows, length, 3, self.heads, width // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        queries, keys = (_turned(one, cosines, sines) for one in (queries, keys))
        drop = self.dropout if self.training else 0.0
        seen = F.scaled_dot_product_attention(queries, keys, values, is_causal=True, dropout_p=drop)
        x = x + self._dropped(self.join(seen.transpose(1, 2).reshape(rows, length, width)))
        return x + self._dropped(self.down(F.silu(self.up(self.between(x)))))

    def _dropped(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.dropout, self.training) if self.dropout else x


class LetterDecoder(nn.Module):
    """The decoder; torch's random numbers give its weights.

    Parameters
    ----------
    vocabulary : int
        Number of ids.
    width, layers, heads : int
        Model width, blocks, and heads, which divide the width into an even number of columns.
    context : int
        The most ids in a row.
    dropout : float
        Of attention weights and of what each part adds, in training only.

    Raises
    ------
    ValueError
        Where the heads do not divide the width so.
    """

    def __init__(
        self, vocabulary: int, width: int, *, layers: int = 2, heads: int = 1, context: int = 64, dropout: float = 0.0
    ) -> None:
        super().__init__()
        if width % (2 * heads):
            raise ValueError(f"width must be a multiple of twice the heads={heads}, got {width}")
        self.table = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.table.weight, std=DEVIATION)
        self.blocks = nn.ModuleList(_Block(width, heads, dropout, layers) for _ in range(layers))
        self.last = nn.RMSNorm(width, eps=1e-6)
        half = width // heads // 2
        angles = torch.arange(context)[:, None] * 10_000.0 ** (-torch.arange(half) / half)
        self.register_buffer("cosines", angles.cos(), persistent=False)
        self.register_buffer("sines", angles.sin(), persistent=False)

    @property
    def counts(self) -> dict[str, int]:
        """Weights by kind: ``blocks`` (matrices of the blocks alone), ``norms`` and ``table``."""
        blocks = sum(p.numel() for name, p in self.blocks.named_parameters() if p.ndim == 2)
        norms = sum(p.numel() for p in self.parameters() if p.ndim == 1)
        return {"blocks": blocks, "norms": norms, "table": self.table.weight.numel()}

    def forward(self, ids: Int[Tensor, "rows length"]) -> Float[Tensor, "rows length vocabulary"]:
        """Logits of the next id at every place.

        Parameters
        ----------
        ids : Int[Tensor, "rows length"]
            At most ``context`` a row.

        Returns
        -------
        Float[Tensor, "rows length vocabulary"]
            In nats.
        """
        x = self.table(ids)
        cosines, sines = self.cosines[: ids.shape[1]], self.sines[: ids.shape[1]]  # type: ignore[index]
        for block in self.blocks:
            x = block(x, cosines, sines)
        return F.linear(self.last(x), self.table.weight)

    def nats(self, rows: Int[Tensor, "rows length"]) -> Float[Tensor, ""]:
        """Mean loss of every id of a row but the first.

        Parameters
        ----------
        rows : Int[Tensor, "rows length"]
            At most ``context + 1`` ids each.

        Returns
        -------
        Float[Tensor, ""]
            In nats per id.
        """
        logits = self(rows[:, :-1])
        return F.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())


def _turned(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Pairs of columns turned by the angle of their place."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cosines - second * sines, first * sines + second * cosines), dim=-1)
