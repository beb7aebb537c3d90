"""Small requests: all differences at once in float64, and every pattern is a candidate."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from assocmem.memory._tiled.request import Candidates, Energies, Neighbors, Request, Retrievals
from assocmem.memory._tiled.rows import exact_dtype
from assocmem.memory._tiled.select import PAIR_BLOCK, all_distances, ordered
from assocmem.memory._tiled.soft import soft_minimum


class AllPairs:
    """Squared distances (m, d), inf where a query leaves a pattern out, and the patterns' places (m, d), -1 there."""

    def __init__(self, request: Request) -> None:
        self.request = request
        m, d, device = len(request.x), request.rows.count, request.x.device
        empty = m == 0 or d == 0
        distances = (
            torch.empty(m, d, dtype=exact_dtype(device), device=device)
            if empty
            else all_distances(request.x, request.rows)
        )
        index = torch.arange(d, device=device).expand(m, d)
        if request.own is not None:
            itself = request.own[:, None] == index
            index, distances = torch.where(itself, -1, index), torch.where(itself, math.inf, distances)
        self.distances, self.index = distances, index
        self.costs = distances if request.heights is None else distances + request.heights

    def candidates(self) -> Candidates:
        """Every pattern."""
        return Candidates(self.index, self.costs)

    def neighbors(self) -> Neighbors:
        """The k nearest."""
        return Neighbors(*ordered(self.distances, self.index, self.request.k), self.candidates(), 0)

    def energies(self) -> Energies:
        """Energies, inf without a pattern."""
        return Energies(self._energy(), self.candidates(), 0)

    def retrievals(self) -> Retrievals:
        """Energies and weighted means, 0 without a pattern."""
        return Retrievals(self._energy(), self.candidates(), 0, self._mean())

    def _energy(self) -> Tensor:
        m, d = self.costs.shape
        if d == 0:
            return torch.full((m,), math.inf, dtype=self.costs.dtype, device=self.costs.device)
        return soft_minimum(self.costs, self.request.beta)

    def _mean(self) -> Tensor:
        """As nearest pattern + weighted differences in the frame: exactly that pattern when it has all weight."""
        request, dtype = self.request, self.request.frame.dtype
        if self.costs.numel() == 0:
            return torch.zeros(len(request.x), request.rows.n, dtype=dtype, device=request.x.device)
        weights = torch.softmax(-request.beta * (self.costs - self.costs.amin(-1, keepdim=True)), -1)
        patterns = request.rows.whole().to(weights.dtype)
        base = patterns[self.costs.argmin(-1)]
        step = max(1, PAIR_BLOCK * 8 // max(1, patterns.numel()))
        parts = zip(torch.split(weights, step), torch.split(base, step), strict=True)
        # By differences from the nearest, so that a pattern far away, which weighs nothing, takes no digits.
        shifted = torch.cat([(w[:, None] @ (patterns - near[:, None])).squeeze(1) for w, near in parts])
        most = weights.amax(-1, keepdim=True)  # nan where no pattern is left
        shifted = torch.where((most == 1) | most.isnan(), 0.0, shifted)
        mean = base + shifted
        return mean if request.wide_mean else mean.to(dtype)
