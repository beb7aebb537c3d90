"""Sums over the patterns outside the short lists, tile by tile.

What is not listed is far, and only its sum of ``exp(beta (s - shift))`` is needed, with the K-th best score as the
shift; so scores (m, d) never exist at once, and extra memory grows with m + d.
"""

from __future__ import annotations

import torch
from torch import Tensor

from assocmem.memory._tiled import epilogue, tiles
from assocmem.memory._tiled.rows import exact_dtype, strips
from assocmem.memory._tiled.scores import Scorer


class FarWeights:
    """``total`` (m,) of the weights outside the lists, relative to ``shift`` (m,).

    Scores are multiplied by ``gain`` inside the product where beta is moderate; ``steepness`` is what then remains.
    Weights are at least exp(floor).
    """

    fusible = True
    """Whether nobody needs the weights themselves."""

    def __init__(self, scorer: Scorer) -> None:
        request, dtype = scorer.request, scorer.request.frame.dtype
        m, device = len(request.x), request.x.device
        # Rounded to infinity or to 0 it would make nan of equal scores or of those that left the tile.
        steepness = request.beta / request.frame.scale**2 / scorer.gain
        self.steepness = min(max(steepness, torch.finfo(dtype).tiny), torch.finfo(dtype).max)
        self.floor = -600.0 if dtype == torch.float64 else -60.0
        self.shift = torch.full((m,), torch.finfo(dtype).min / 8, dtype=dtype, device=device)
        self.total = torch.zeros(m, dtype=exact_dtype(device), device=device)

    def add(self, part: slice, tile: Tensor, worst: Tensor, patterns: Tensor) -> Tensor:
        """Add a tile without its listed patterns; weights take the place of scores. Returns how earlier sums fade."""
        del patterns
        shift = torch.maximum(self.shift[part], worst)
        fade = torch.exp(((self.shift[part] - shift).to(self.total.dtype) * self.steepness).clamp_(min=-700.0))
        self.shift[part] = shift
        self.total[part] = self.total[part] * fade + self._weigh(tile, shift)
        return fade

    def _weigh(self, tile: Tensor, shift: Tensor) -> Tensor:
        """Sums of the weights exp(steepness (score - shift)) of each row (r,), which take the place of the scores.

        By strips that stay in a core's cache on a CPU; the clamp keeps exp out of denormals, 30 times slower there.
        """
        fused = epilogue.fused() if self.fusible else None
        if fused is not None:
            return fused(tile, shift, tile.new_full((), self.steepness), self.floor)
        sums = []
        parts = strips(tile, tiles.STRIP)
        for strip, by in zip(parts, torch.split(shift, len(parts[0])), strict=True):
            strip.sub_(by[:, None])
            if self.steepness != 1.0:
                strip.mul_(self.steepness)
            sums.append(strip.clamp_(min=self.floor).exp_().sum(-1))
        return torch.cat(sums)

    def restore(self, part: slice, scores: Tensor, index: Tensor) -> Tensor:
        """Add candidates of earlier tiles that left the list (r, K); returns their weights."""
        del index
        exponents = (scores - self.shift[part, None]).mul_(self.steepness).clamp_(min=self.floor, max=0.0)
        weight = torch.where(torch.isinf(scores), 0.0, torch.exp(exponents))
        self.total[part] += weight.sum(-1)
        return weight


class FarPatterns(FarWeights):
    """The weights, and the sum (m, n) of the patterns in the frame with these weights."""

    fusible = False

    def __init__(self, scorer: Scorer) -> None:
        super().__init__(scorer)
        self.request = scorer.request
        x = self.request.x
        self.sums = torch.zeros(len(x), self.request.rows.n, dtype=self.request.frame.dtype, device=x.device)

    def add(self, part: slice, tile: Tensor, worst: Tensor, patterns: Tensor) -> Tensor:
        """Add a tile without its listed patterns, and its patterns (t, n or n + 1)."""
        fade = super().add(part, tile, worst, patterns)
        self.sums[part].mul_(fade[:, None]).addmm_(tile, patterns[:, : self.request.rows.n])
        return fade

    def restore(self, part: slice, scores: Tensor, index: Tensor) -> Tensor:
        """Add candidates of earlier tiles that left the list (r, K), and their patterns."""
        weight = super().restore(part, scores, index)
        for column in range(scores.shape[1]):
            rows = (weight[:, column] > 1e-30).nonzero().squeeze(-1)
            if len(rows):
                patterns = self.request.frame.apply(self.request.rows.take(index[rows, column]))
                self.sums[part].index_add_(0, rows, patterns.mul_(weight[rows, column, None]))
        return weight
