"""The tiled pass itself: buffers, running sums, short lists, their proof, second looks. `streaming` tells the idea."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from assocmem.memory._tiled import epilogue, tiles
from assocmem.memory._tiled.precision import Precision, matmul_precision
from assocmem.memory._tiled.request import Job, Streamed
from assocmem.memory._tiled.rows import exact_dtype, strips
from assocmem.memory._tiled.select import (
    best,
    direct_sums,
    first_of_each,
    listed_distances,
    ordered,
    pair_distances,
    unique,
)

REFINE = True
"""Off only in the tests that show what exact distances are for."""

RESCUE = True
"""Off only in the tests that show what the second look is for."""


def log_sum(costs: Tensor, nearest: Tensor, beta: float, rest: Tensor | None = None) -> Tensor:
    """g - log(sum exp(-beta (costs - g)) + rest) / beta with g taken out, so that no beta overflows: (m,)."""
    total = relative_weights(costs, nearest, beta).sum(-1)
    return nearest.squeeze(-1) - torch.log(total if rest is None else total + rest) / beta


def relative_weights(costs: Tensor, nearest: Tensor, beta: float) -> Tensor:
    """exp(-beta (costs - nearest)), shape (r, K); what is absent has infinite costs, and some 1e-304 for its zero.

    The clamp keeps exp out of denormals, where it takes ten times as long; the nearest weighs 1 in any sum.
    """
    gaps = torch.where(torch.isinf(costs), math.inf, costs - nearest)
    return gaps.mul_(-beta).clamp_(min=-700.0).exp_()


class Pass:
    """Buffers and running state of one tiled pass."""

    def __init__(self, todo: Job) -> None:
        self.todo = todo
        m, n, device, dtype = len(todo.x), todo.rows.n, todo.x.device, todo.frame.dtype
        self.cols, self.height = self.shape()
        self.buffer = torch.empty(self.height * self.cols, dtype=dtype, device=device)
        # On a CPU the bias is one more column of the patterns, against a column of ones: a product with a bias would
        # first copy it into every row of the tile, which costs a third of the product itself at n = 64.
        self.joined = device.type == "cpu"
        self.tile = tiles.rows(self.cols, n, self.joined, dtype, device)
        self.kept = m * n <= tiles.KEEP
        self.queries = tiles.rows(m if self.kept else self.height, n, self.joined, dtype, device)
        self.queries[:, n:] = 1.0
        self.step = max(self.height, tiles.BLOCK // max(1, n))
        self.k = min(todo.listed, todo.rows.count)
        # Scores are multiplied by ``gain`` inside the product where beta is moderate; ``left`` is what then remains.
        beta = todo.beta / todo.frame.scale**2
        self.gain = beta if todo.soft and 1e-4 < beta < 1e4 else 1.0
        # Rounded to infinity or to 0 it would make nan of equal scores or of those that left the tile.
        self.left = min(max(beta / self.gain, torch.finfo(dtype).tiny), torch.finfo(dtype).max)
        self.unit = self.gain * todo.frame.scale**2
        self.floor = -600.0 if dtype == torch.float64 else -60.0
        lowest = torch.finfo(dtype).min / 8
        self.scores = torch.full((m, self.k), -math.inf, dtype=dtype, device=device)
        self.index = torch.full((m, self.k), -1, dtype=torch.int64, device=device)
        self.shift = torch.full((m,), lowest, dtype=dtype, device=device)
        self.rest = torch.zeros(m, dtype=exact_dtype(device), device=device)
        self.sums = torch.zeros(m, n, dtype=dtype, device=device) if "retrieval" in todo.want else None
        self.size, self.level = self.norms()
        self.poor = torch.zeros(m, dtype=torch.bool, device=device)
        self.radius = (
            0.0
            if todo.heights is None
            else float(
                todo.heights.abs().amax().sqrt() + torch.linalg.vector_norm(todo.frame.center.to(todo.heights.dtype))
            )
        )
        self.offset = 0.0 if todo.heights is None else float(todo.heights.mean())

    def shape(self) -> tuple[int, int]:
        """Columns and rows of a tile."""
        return tiles.tile_shape(len(self.todo.x), self.todo.rows.count, self.todo.rows.n, self.todo.x.device)

    def run(self) -> Streamed:
        m, d = len(self.todo.x), self.todo.rows.count
        for start in range(0, d, self.cols):
            stop = min(start + self.cols, d)
            patterns, bias = self.load(start, stop, self.todo.precision)
            for top in range(0, m, self.height):
                self.visit(slice(top, min(top + self.height, m)), patterns, bias, start)
        return self.finish()

    def norms(self) -> tuple[Tensor, Tensor]:
        """Of each query (m,), unscaled: distance from the center, and the square of that as the products see it."""
        todo, wide = self.todo, exact_dtype(self.todo.x.device)
        sizes, levels = [], []
        for top in range(0, len(todo.x), self.height):
            done = top if self.kept else 0
            for part in strips(todo.x[top : top + self.height]):
                x = todo.frame.apply(part, self.queries[done:, : todo.rows.n])
                sizes.append(torch.linalg.vector_norm(x, dim=-1, dtype=wide) / todo.frame.scale)
                if todo.precision == "ieee":
                    levels.append(sizes[-1].square())
                else:
                    rounded = torch.linalg.vector_norm(tiles.operand(x, todo.precision), dim=-1, dtype=wide)
                    levels.append((rounded / todo.frame.scale).square())
                done += len(part)
        return torch.cat(sizes), torch.cat(levels)

    def load(self, start: int, stop: int, precision: Precision) -> tuple[Tensor, Tensor]:
        """Patterns of a tile in the frame (t, n or n + 1), and the bias -gain |p|^2 of their scores (t,)."""
        n = self.todo.rows.n
        bias = torch.empty(stop - start, dtype=self.tile.dtype, device=self.tile.device)
        done = 0
        for part in strips(self.todo.rows.block(start, stop)):
            patterns = self.todo.frame.apply(part, self.tile[done:, :n])
            tiles.operand(patterns, precision)
            torch.linalg.vector_norm(patterns, dim=-1, out=bias[done : done + len(part)])
            done += len(part)
        bias.square_().neg_()
        if self.todo.heights is not None:
            heights = (self.todo.heights[start:stop] - self.offset) * self.todo.frame.scale**2
            bias -= heights.to(bias.dtype)
        if self.joined:
            torch.div(bias, 2, out=self.tile[: len(bias), n])
        return self.tile[: len(bias)], bias.mul_(self.gain)

    def ask(self, part: slice) -> Tensor:
        """Queries of a tile in the frame (r, n or n + 1): kept from `norms`, or framed again where they are many."""
        if self.kept:
            return self.queries[part]
        x = self.todo.frame.apply(self.todo.x[part], self.queries[:, : self.todo.rows.n])
        tiles.operand(x, self.todo.precision)
        return self.queries[: len(x)]

    def score(self, x: Tensor, patterns: Tensor, bias: Tensor) -> Tensor:
        """gain (2 x.p - |p|^2), shape (r, t), in the one buffer, for what `ask` and `load` returned."""
        out = self.buffer[: len(x) * len(patterns)].view(len(x), len(patterns))
        return torch.addmm(bias, x, patterns.T, alpha=2 * self.gain, beta=0 if self.joined else 1, out=out)

    def visit(self, part: slice, patterns: Tensor, bias: Tensor, start: int) -> None:
        """One tile: take its best into the list, add the rest to the running sums."""
        todo = self.todo
        tile = self.score(self.ask(part), patterns, bias)
        tiles.mask_self(tile, todo.own, part, start)
        values, at = best(tile, self.k, tiles.group(tile.shape[1], self.k, tile.device))
        if not todo.soft:
            self.merge(part, values, at + start, start == 0)
            return
        dropped = self.merge(part, values, at + start, start == 0)
        worst = self.scores[part].amin(-1)
        if self.negligible(part, worst):
            return
        if dropped is None:
            tile.scatter_(1, at, -math.inf)
        else:
            row, column = (self.index[part] >= start).nonzero(as_tuple=True)
            tile[row, self.index[part][row, column] - start] = -math.inf
        shift = torch.maximum(self.shift[part], worst)
        fade = torch.exp(((self.shift[part] - shift).to(self.rest.dtype) * self.left).clamp_(min=-700.0))
        self.shift[part] = shift
        self.rest[part] = self.rest[part] * fade + self.weigh(tile, shift)
        if self.sums is not None:
            self.sums[part].mul_(fade[:, None]).addmm_(tile, patterns[:, : todo.rows.n])
        if dropped is not None:
            self.restore(part, *dropped)

    def weigh(self, tile: Tensor, shift: Tensor) -> Tensor:
        """Sums of the weights exp(left (score - shift)) of each row (r,), which take the place of the scores.

        By strips that stay in a core's cache on a CPU; the clamp keeps exp out of denormals, 30 times slower there.
        """
        fused = None if self.sums is not None else epilogue.fused()
        if fused is not None:  # Nobody needs the weights themselves.
            return fused(tile, shift, tile.new_full((), self.left), self.floor)
        sums = []
        parts = strips(tile, tiles.STRIP)
        for strip, by in zip(parts, torch.split(shift, len(parts[0])), strict=True):
            strip.sub_(by[:, None])
            if self.left != 1.0:
                strip.mul_(self.left)
            sums.append(strip.clamp_(min=self.floor).exp_().sum(-1))
        return torch.cat(sums)

    def negligible(self, part: slice, worst: Tensor) -> bool:
        """Whether what is outside the lists weighs less than exp(-60) of the nearest, were scores off by a margin."""
        todo = self.todo
        best_yet = self.scores[part].amax(-1)
        reach = (self.level[part] - best_yet.to(self.size.dtype) / self.unit).clamp(min=0).sqrt()
        slack = todo.beta * self.margin(self.size[part], reach) * (1 if todo.precision == "ieee" else 64)
        return bool(((best_yet - worst) * self.left > 60 + 2 * slack).all())

    def merge(self, part: slice, values: Tensor, index: Tensor, first: bool) -> tuple[Tensor, Tensor] | None:
        """The best K of the list and the tile; returns the list as it was, with -inf for the scores that stay."""
        if first and self.k == values.shape[1]:
            self.scores[part], self.index[part] = values, index
            return None
        both, where = torch.cat([self.scores[part], values], 1), torch.cat([self.index[part], index], 1)
        self.scores[part], at = both.topk(self.k, sorted=False)
        self.index[part] = where.gather(1, at)
        both.scatter_(1, at, -math.inf)
        return both[:, : self.k], where[:, : self.k]

    def restore(self, part: slice, scores: Tensor, index: Tensor) -> None:
        """Candidates of earlier tiles that left the list belong to the rest."""
        weight = torch.exp((scores - self.shift[part, None]).mul_(self.left).clamp_(min=self.floor, max=0.0))
        weight = torch.where(torch.isinf(scores), 0.0, weight)
        self.rest[part] += weight.sum(-1)
        if self.sums is None:
            return
        for column in range(scores.shape[1]):
            rows = (weight[:, column] > 1e-30).nonzero().squeeze(-1)
            if len(rows):
                left = self.todo.frame.apply(self.todo.rows.take(index[rows, column]))
                self.sums[part].index_add_(0, rows, left.mul_(weight[rows, column, None]))

    def finish(self) -> Streamed:
        """Exact distances for the lists, query block by query block; once more for queries whose sums are in doubt."""
        m = len(self.todo.x)
        parts = [self.settle(slice(i, min(i + self.step, m))) for i in range(0, m, self.step)]

        def joined(name: str) -> Tensor | None:
            kept = [getattr(p, name) for p in parts]
            return None if kept[0] is None else torch.cat(kept)

        index, costs = joined("candidates"), joined("costs")
        assert index is not None
        assert costs is not None
        seen = Streamed(
            joined("energy"),
            joined("sq_distances"),
            joined("indices"),
            joined("retrieval"),
            index,
            costs,
            sum(p.rescued for p in parts),
            0,
        )
        return self.better(seen) if REFINE and RESCUE and bool(self.poor.any()) else seen

    def better(self, seen: Streamed) -> Streamed:
        """E and T of doubtful queries: IEEE products after TF32, float64 after float32, then direct differences."""
        todo = self.todo
        rows = self.poor.nonzero().squeeze(-1)
        own = None if todo.own is None else todo.own[rows]
        assert seen.energy is not None
        if todo.frame.dtype == torch.float64:  # There is no better product.
            value, mean = direct_sums(todo.x[rows], todo.rows, own, todo.heights, todo.beta)
            seen.energy[rows] = value
            if seen.retrieval is not None:
                seen.retrieval[rows] = mean.to(seen.retrieval.dtype)
            return replace(seen, redone=len(rows))
        again = replace(
            todo, x=todo.x[rows], own=own, want=todo.want - {"nearest"}, precision="ieee", k=max(1, self.k - 6)
        )  # No shorter a list than this pass had.
        if todo.precision == "ieee":
            again = replace(again, frame=todo.frame.wide())
        with matmul_precision(todo.x.device, "ieee"):
            found = Pass(again).run()
        assert found.energy is not None
        seen.energy[rows] = found.energy
        if seen.retrieval is not None and found.retrieval is not None:
            seen.retrieval[rows] = found.retrieval.to(seen.retrieval.dtype)
        return replace(seen, redone=len(rows) if todo.precision == "ieee" else found.redone)

    def hidden(self, part: slice, behind: Tensor, wrong: Tensor, margin: Tensor) -> Tensor:
        """Whether a large beta leaves all the weight to the nearest, and that may be missing from the list (r,).

        A wrong score then takes all weight from a pattern, so the sum over the rest says nothing of it.
        """
        potential = torch.log(self.rest[part]) + self.todo.beta * (margin - behind)
        return (self.todo.beta * wrong > 1) & (potential > math.log(1e-5))

    def doubtful(self, costs: Tensor, nearest: Tensor, rest: Tensor, energy: Tensor, wrong: Tensor) -> Tensor:
        """Whether the error seen on the list, taken for that of all scores, harms E by 5e-6 or T by 1e-4, relatively.

        Independent errors of terms of at most w that add up to r average to sqrt(w r) of one, not to r; what is not on
        the list weighs no more than the last on it. Duplicates err alike: w is as many times larger as a cost occurs
        on the list, and nothing averages where all of them are equal.
        """
        if self.todo.x.device.type == "mps":
            return torch.zeros_like(self.poor[: len(costs)])
        beta = self.todo.beta
        total = relative_weights(costs, nearest, beta).sum(-1) + rest
        harm = beta * wrong / 2

        def over(spread: Tensor) -> Tensor:
            error = harm * (4 * spread + rest * harm / 2) / total
            doubt = error > 5e-6 * (beta * energy).abs().clamp(min=1)
            return doubt | (error > 1e-4) if self.sums is not None else doubt

        doubt = over(rest)
        if not bool(doubt.any()):  # Not even if all erred alike; as a rule nobody need sort.
            return doubt
        last = relative_weights(torch.where(torch.isinf(costs), nearest, costs).amax(-1, keepdim=True), nearest, beta)
        kinds = 1 + (costs.sort(-1).values.diff(dim=-1) != 0).sum(-1)
        apart = torch.sqrt(rest * last.squeeze(-1) * costs.shape[-1] / kinds)
        return over(torch.where(kinds == 1, rest, torch.minimum(rest, apart)))

    def settle(self, part: slice) -> Streamed:
        """Refine the list of some queries, prove it complete or look again, and sum up."""
        todo, x, size, level = self.todo, self.todo.x[part], self.size[part], self.level[part]
        wide = size.dtype
        raw, order = self.scores[part].sort(-1, descending=True)
        index = torch.where(torch.isinf(raw), -1, self.index[part].gather(1, order))
        scores = raw.to(wide) / self.unit
        shift = self.shift[part].to(wide) / self.unit
        sure = min(todo.k, self.k) if "nearest" in todo.want else 1
        kth = scores[:, sure - 1]
        margin = self.margin(size, (level - kth).clamp(min=0).sqrt())
        need = index >= 0
        if todo.precision == "ieee" and todo.heights is None:
            near = scores >= (kth - 2 * margin)[:, None]
            if todo.soft:
                near |= scores >= (scores[:, 0] - margin - 25.0 / todo.beta)[:, None]
            need &= near
        distances = level[:, None] - scores
        wrong = torch.zeros_like(size)
        if REFINE:
            exact = listed_distances(x, todo.rows, index, need, sure)
            if todo.heights is not None:
                exact += torch.where(need, todo.heights[index.clamp(min=0)] - self.offset, 0.0)
            wrong = torch.where(need, (exact - distances).abs(), 0.0).amax(-1)
            margin = torch.maximum(margin, 4 * wrong)
            distances = torch.where(need, exact, distances)
        distances = torch.where(index < 0, math.inf, distances)
        found, indices, rescued = None, None, 0
        if "nearest" in todo.want:
            exact_only = torch.where(need, index, -1) if REFINE else index
            found, indices = ordered(distances, exact_only, todo.k)
            if REFINE and RESCUE:
                rival = torch.where(need | (index < 0), -math.inf, scores).amax(-1)
                if self.k < todo.rows.count:
                    rival = torch.maximum(rival, scores[:, -1])
                proved = (rival < level - found[:, -1] - margin) | torch.isinf(rival)
                rescued = int((~proved).sum())
                if rescued:
                    again = (~proved).nonzero().squeeze(-1)
                    found[again], indices[again] = self.rescue(
                        x[again], again + part.start, found[again], indices[again]
                    )
        energy = retrieval = None
        if todo.soft:
            nearest = distances.amin(-1, keepdim=True)
            behind = (level - shift)[:, None] - nearest
            far = torch.exp(-todo.beta * behind.clamp(min=0)).squeeze(-1)
            rest = self.rest[part] * torch.where(self.rest[part] > 0, far, 0.0)
            energy = log_sum(distances, nearest, todo.beta, rest)
            self.poor[part] = self.doubtful(distances, nearest, rest, energy, wrong)
            if x.device.type != "mps":
                self.poor[part] |= self.hidden(part, behind.squeeze(-1), wrong, margin)
            if todo.frame.dtype == torch.float64:  # Only beside an outlier so far out that not even this resolves gaps.
                reach = torch.where(torch.isinf(distances), nearest, distances).amax(-1) - nearest.squeeze(-1)
                self.poor[part] &= (reach > 0) & (wrong > 1e-6 * reach)
            energy += self.offset
            if self.sums is not None:
                retrieval = self.retrieve(part, index, distances, nearest, far, rest)
        return Streamed(energy, found, indices, retrieval, index, distances + self.offset, rescued, 0)

    def retrieve(
        self, part: slice, index: Tensor, distances: Tensor, nearest: Tensor, far: Tensor, rest: Tensor
    ) -> Tensor:
        """The weighted mean as nearest pattern + weighted differences: exactly that pattern when it has all weight."""
        todo, dtype = self.todo, self.todo.frame.dtype
        index = index.clamp(min=0)  # Any row serves where no pattern is left: shards give it weight 0.
        weight = relative_weights(distances, nearest, todo.beta)
        total = weight.sum(-1) + rest
        weight, share = weight / total[:, None], (rest / total)[:, None]
        base = todo.rows.take(index.gather(1, distances.argmin(-1, keepdim=True)).squeeze(-1)).to(dtype)
        out = torch.zeros_like(base)
        least = torch.finfo(dtype).eps / 64  # A smaller share of the weight is lost in rounding anyway.
        for column in range(index.shape[1]):
            rows = (weight[:, column] > least).nonzero().squeeze(-1)
            if len(rows):
                step = todo.rows.take(index[rows, column]).to(dtype).sub_(base[rows])
                out.index_add_(0, rows, step.mul_(weight[rows, column, None].to(dtype)))
        if float(share.max()) > least:
            assert self.sums is not None
            scale = (far / total / todo.frame.scale)[:, None].to(dtype)
            out += scale * self.sums[part] + share.to(dtype) * (todo.frame.center - base)
        return out.add_(base)

    def margin(self, size: Tensor, reach: Tensor) -> Tensor:
        """By how much a score of this query may be wrong against a pattern within ``reach``, unscaled (m,).

        Products: 4 sqrt(n) + 8 roundings of |x||p| (Higham and Mary 2019), never more than n + 8; then the frame's.
        """
        n, unit = self.todo.rows.n, torch.finfo(self.todo.frame.dtype).eps / 2
        rounds = min(4 * math.sqrt(n), n) + 8
        reach = reach.clamp(max=math.sqrt(torch.finfo(reach.dtype).max))  # Infinite where fewer than k are left.
        other = size * 1.01 + reach + self.radius
        return 2 * unit * (2 * rounds * size * other + 4 * (size + other).square())

    def rescue(self, x: Tensor, number: Tensor, distances: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        """All patterns that may be as near as the k-th found distance, by direct differences, with IEEE scores."""
        todo = self.todo
        steps = min(self.height, max(1, (1 << 20) // self.cols) if x.device.type == "cpu" else 512)
        queries = tiles.rows(min(steps, len(x)), todo.rows.n, self.joined, todo.frame.dtype, x.device)
        queries[:, todo.rows.n :] = 1.0
        with matmul_precision(x.device, "ieee"):
            for start in range(0, todo.rows.count, self.cols):
                patterns, bias = self.load(start, min(start + self.cols, todo.rows.count), "ieee")
                for top in range(0, len(x), steps):
                    part = slice(top, top + steps)
                    todo.frame.apply(x[part], queries[:, : todo.rows.n])
                    tile = self.score(queries[: len(x[part])], patterns, bias)
                    tiles.mask_self(tile, None if todo.own is None else todo.own[number], part, start)
                    size = self.size[number[part]]
                    kth = distances[part, -1]
                    bar = (size.square() - kth - self.margin(size, kth.sqrt())) * self.unit
                    bar = bar.to(tile.dtype).clamp_(min=torch.finfo(tile.dtype).min)
                    who, at = (tile >= bar[:, None]).nonzero(as_tuple=True)
                    at = at + start
                    exact = pair_distances(x[part], todo.rows, who, at)
                    keep = exact <= kth[who]
                    old = index[part] >= 0
                    seen, _ = old.nonzero(as_tuple=True)
                    pairs = torch.cat([seen, who[keep]])
                    values = torch.cat([distances[part][old], exact[keep]])
                    names = torch.cat([index[part][old], at[keep]])
                    distances[part], index[part] = first_of_each(*unique(pairs, values, names), len(kth), todo.k)
        return distances, index
