"""Energies and retrievals of a pass: exact on the lists, summed outside them, with the queries that are in doubt."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from assocmem.memory._tiled.far_sums import FarPatterns, FarWeights
from assocmem.memory._tiled.rows import exact_dtype
from assocmem.memory._tiled.scores import Scorer
from assocmem.memory._tiled.short_list import Refined
from assocmem.memory._tiled.soft import relative_weights, soft_minimum

FINE = 1e-10
"""The error of an energy, relative, or of a mean from which on it is in doubt for data in float64."""


class EnergySums:
    """Collects the energies of one block of queries after the other.

    ``far`` holds what is outside the lists; ``limit`` is the error of a weighted mean that is in doubt, if any.
    """

    limit = math.inf

    def __init__(self, scorer: Scorer, far: FarWeights | None = None) -> None:
        self.scorer = scorer
        self.far = FarWeights(scorer) if far is None else far
        self.blocks: list[Tensor] = []
        self.doubts: list[Tensor] = []

    def negligible(self, part: slice, best: Tensor, worst: Tensor) -> bool:
        """Whether what is outside the lists weighs less than exp(-60) of the nearest, were scores off by a margin."""
        scorer, request = self.scorer, self.scorer.request
        size, level = scorer.queries.size[part], scorer.queries.level[part]
        reach = (level - best.to(size.dtype) / scorer.unit).clamp(min=0).sqrt()
        slack = request.beta * scorer.margin(size, reach) * (1 if request.precision == "ieee" else 64)
        return bool(((best - worst) * self.far.steepness > 60 + 2 * slack).all())

    def add(self, lists: Refined) -> None:
        """The energies of some queries from their lists and from the sums outside them."""
        beta = self.scorer.request.beta
        least = lists.costs.amin(-1, keepdim=True)
        behind = lists.level - self.far.shift[lists.part].to(least.dtype) / self.scorer.unit - least.squeeze(-1)
        far = torch.exp(-beta * behind.clamp(min=0))
        total = self.far.total[lists.part]
        rest = total * torch.where(total > 0, far, 0.0)
        energy = soft_minimum(lists.costs, beta, rest)
        self.doubts.append(self._doubtful(lists, least, rest, energy, behind))
        self.blocks.append(energy + self.scorer.patterns.offset)
        self.add_mean(lists, least, far, rest)

    def add_mean(self, lists: Refined, least: Tensor, far: Tensor, rest: Tensor) -> None:
        """What else is collected: nothing."""

    def energy(self) -> Tensor:
        """(m,) in float64."""
        return torch.cat(self.blocks)

    def doubtful(self) -> Tensor:
        """The queries (q,) of which a better pass should be made."""
        plan, doubt = self.scorer.request.plan, torch.cat(self.doubts)
        if not (plan.refine and plan.second_look and bool(doubt.any())):
            return torch.empty(0, dtype=torch.int64, device=doubt.device)
        return doubt.nonzero().squeeze(-1)

    def _doubtful(self, lists: Refined, least: Tensor, rest: Tensor, energy: Tensor, behind: Tensor) -> Tensor:
        """Whether the energies of some queries may be wrong (r,)."""
        if self.scorer.request.x.device.type == "mps":
            return torch.zeros_like(rest, dtype=torch.bool)
        doubt = self._harmed(lists, least, rest, energy) | self._hidden(lists, behind)
        return doubt & least.squeeze(-1).isfinite()  # Where no pattern is left there is nothing to mend.

    def _hidden(self, lists: Refined, behind: Tensor) -> Tensor:
        """Whether a large beta leaves all the weight to the nearest, and that may be missing from the list (r,).

        A wrong score then takes all weight from a pattern, so the sum over the rest says nothing of it.
        """
        beta = self.scorer.request.beta
        potential = torch.log(self.far.total[lists.part]) + beta * (lists.margin - behind)
        return (beta * lists.wrong > 1) & (potential > math.log(1e-5))

    def _harmed(self, lists: Refined, least: Tensor, rest: Tensor, energy: Tensor) -> Tensor:
        """Whether the error seen on the list, taken for that of all scores, harms E by 5e-6 or T by ``limit`` (r,).

        Independent errors of terms of at most w that add up to r average to sqrt(w r) of one, not to r; what is not on
        the list weighs no more than the last on it. Duplicates err alike: w is as many times larger as a cost occurs
        on the list, and nothing averages where all of them are equal.
        """
        beta, costs = self.scorer.request.beta, lists.costs
        total = relative_weights(costs, least, beta).sum(-1) + rest
        # Where the list holds the nearest many times over, all of it has one error, which may be small by chance.
        alike = (costs == least).sum(-1) * 2 > costs.shape[-1]
        harm = beta * torch.where(alike, torch.maximum(lists.wrong, lists.margin / 8), lists.wrong) / 2

        fine = self.scorer.request.rows.dtype == torch.float64
        allowed, limit = (FINE, min(self.limit, FINE)) if fine else (5e-6, self.limit)

        def over(spread: Tensor) -> Tensor:
            error = harm * (4 * spread + rest * harm / 2) / total
            doubt = error > allowed * (beta * energy).abs().clamp(min=1)
            return doubt if math.isinf(self.limit) else doubt | (error > limit)

        doubt = over(rest)
        if not bool(doubt.any()):  # Not even if all erred alike; as a rule nobody need sort.
            return doubt
        last = relative_weights(torch.where(torch.isinf(costs), least, costs).amax(-1, keepdim=True), least, beta)
        kinds = 1 + (costs.sort(-1).values.diff(dim=-1) != 0).sum(-1)
        apart = torch.sqrt(rest * last.squeeze(-1) * costs.shape[-1] / kinds)
        return over(torch.where(kinds == 1, rest, torch.minimum(rest, apart)))


class RetrievalSums(EnergySums):
    """Collects energies and weighted means."""

    limit = 1e-4

    def __init__(self, scorer: Scorer) -> None:
        self.far_patterns = FarPatterns(scorer)
        self.means: list[Tensor] = []
        super().__init__(scorer, self.far_patterns)

    def retrieval(self) -> Tensor:
        """(m, n) in the working type, or in float64 where that was asked for."""
        return torch.cat(self.means)

    def add_mean(self, lists: Refined, least: Tensor, far: Tensor, rest: Tensor) -> None:
        """The weighted mean as nearest pattern + weighted differences: exactly that pattern when it has all weight."""
        request, dtype = self.scorer.request, self.scorer.request.frame.dtype
        index = lists.index.clamp(min=0)  # Any row serves where no pattern is left: shards give it weight 0.
        weight = relative_weights(lists.costs, least, request.beta)
        total = weight.sum(-1) + rest
        weight, share = weight / total[:, None], (rest / total)[:, None]
        base = request.rows.take(index.gather(1, lists.costs.argmin(-1, keepdim=True)).squeeze(-1)).to(dtype)
        out = torch.zeros_like(base)
        negligible = torch.finfo(dtype).eps / 64  # A smaller share of the weight is lost in rounding anyway.
        for column in range(index.shape[1]):
            rows = (weight[:, column] > negligible).nonzero().squeeze(-1)
            if len(rows):
                step = request.rows.take(index[rows, column]).to(dtype).sub_(base[rows])
                out.index_add_(0, rows, step.mul_(weight[rows, column, None].to(dtype)))
        if float(share.max()) > negligible:
            scale = (far / total / request.frame.scale)[:, None].to(dtype)
            out += scale * self.far_patterns.sums[lists.part] + share.to(dtype) * (request.frame.center - base)
        wide = exact_dtype(base.device)
        self.means.append(base.to(wide).add_(out) if request.wide_mean else out.add_(base))
