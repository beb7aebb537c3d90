"""Scores of a tile: queries and patterns in the frame, their product in one buffer, and how wrong a score may be.

In the frame of `rows` a score is ``s = 2 x.p - |p|^2``, whose order is that of nearness.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from assocmem.memory._index.fitted import Fitted
from assocmem.memory._tiled import tiles
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.request import Request
from assocmem.memory._tiled.rows import Rows, exact_dtype, strips


class QueryBlocks:
    """Queries in the frame: all of them where they are few, else one block that is framed again when it is needed.

    ``size`` (m,) is each query's distance from the center, unscaled, and ``level`` the square of that as products see
    it. Factors have a column of ones behind them where ``joined``.
    """

    def __init__(self, request: Request, height: int, joined: bool) -> None:
        self.request = request
        m, n = len(request.x), request.rows.n
        self.framed = m * n <= request.plan.framed_limit
        self.room = tiles.rows(m if self.framed else height, n, joined, request.frame.dtype, request.x.device)
        self.room[:, n:] = 1.0
        self.size, self.level = self._norms(height)

    def _norms(self, height: int) -> tuple[Tensor, Tensor]:
        request, wide = self.request, exact_dtype(self.request.x.device)
        sizes, levels = [], []
        for top in range(0, len(request.x), height):
            done = top if self.framed else 0
            for part in strips(request.x[top : top + height]):
                x = request.frame.apply(part, self.room[done:, : request.rows.n])
                sizes.append(torch.linalg.vector_norm(x, dim=-1, dtype=wide) / request.frame.scale)
                if request.precision == "ieee":
                    levels.append(sizes[-1].square())
                else:
                    rounded = torch.linalg.vector_norm(tiles.operand(x, request.precision), dim=-1, dtype=wide)
                    levels.append((rounded / request.frame.scale).square())
                done += len(part)
        return torch.cat(sizes), torch.cat(levels)

    def block(self, part: slice) -> Tensor:
        """Queries of a tile in the frame (r, n or n + 1)."""
        if self.framed:
            return self.room[part]
        x = self.request.frame.apply(self.request.x[part], self.room[:, : self.request.rows.n])
        tiles.operand(x, self.request.precision)
        return self.room[: len(x)]


class PatternBlocks:
    """Patterns in the frame, a tile's at a time, with the bias of their scores.

    ``offset`` is the mean height, which is taken off before the frame scales heights and added at the end.
    """

    def __init__(self, request: Request, columns: int, joined: bool) -> None:
        self.request, self.joined = request, joined
        self.room = tiles.rows(columns, request.rows.n, joined, request.frame.dtype, request.x.device)
        self.offset = 0.0 if request.heights is None else float(request.heights.mean())
        self.held = self._held(request.rows)

    def _held(self, rows: Rows) -> tuple[Tensor, Tensor] | None:
        """What fitted rows hold for this frame, made here the first time."""
        plain = self.request.heights is None and self.request.precision == "ieee"
        if not (plain and isinstance(rows, Fitted) and rows.fits(self.request.frame)):
            return None
        if rows.ready is None:
            room = self.room
            self.room = tiles.rows(rows.count, rows.n, self.joined, room.dtype, room.device)
            rows.ready, self.room = self._load(0, rows.count, "ieee"), room
        return rows.ready

    def load(self, start: int, stop: int, precision: Precision) -> tuple[Tensor, Tensor]:
        """Patterns start..stop (t, n or n + 1), and the bias ``-|p|^2`` less heights (t,), for the caller to change."""
        if self.held is None:
            return self._load(start, stop, precision)
        patterns, bias = self.held
        return patterns[start:stop], bias[start:stop].clone()

    def _load(self, start: int, stop: int, precision: Precision) -> tuple[Tensor, Tensor]:
        request, n = self.request, self.request.rows.n
        bias = torch.empty(stop - start, dtype=self.room.dtype, device=self.room.device)
        done = 0
        for part in strips(request.rows.block(start, stop)):
            patterns = request.frame.apply(part, self.room[done:, :n])
            tiles.operand(patterns, precision)
            torch.linalg.vector_norm(patterns, dim=-1, out=bias[done : done + len(part)])
            done += len(part)
        bias.square_().neg_()
        if request.heights is not None:
            bias -= ((request.heights[start:stop] - self.offset) * request.frame.scale**2).to(bias.dtype)
        if self.joined:
            torch.div(bias, 2, out=self.room[: len(bias), n])
        return self.room[: len(bias)], bias


class Scorer:
    """The products of a pass, in one buffer.

    A score is multiplied by ``gain`` inside the product; ``unit`` is what a score of one unscaled unit then is.
    """

    def __init__(self, request: Request, *, soft: bool, shape: tuple[int, int] | None = None) -> None:
        self.request = request
        self.columns, self.height = shape or request.tile_shape()
        # On a CPU the bias is one more column of the patterns, against a column of ones: a product with a bias would
        # first copy it into every row of the tile, which costs a third of the product itself at n = 64.
        self.joined = request.x.device.type == "cpu"
        self.buffer = torch.empty(self.height * self.columns, dtype=request.frame.dtype, device=request.x.device)
        self.patterns = PatternBlocks(request, self.columns, self.joined)
        self.queries = QueryBlocks(request, self.height, self.joined)
        beta = request.beta / request.frame.scale**2
        self.gain = beta if soft and 1e-4 < beta < 1e4 else 1.0
        self.unit = self.gain * request.frame.scale**2
        self.radius = _height_radius(request)

    def parts(self) -> list[slice]:
        """Blocks of queries for what follows the products."""
        m, step = len(self.request.x), max(self.height, tiles.BLOCK // max(1, self.request.rows.n))
        return [slice(i, min(i + step, m)) for i in range(0, m, step)]

    def load(self, start: int, stop: int, precision: Precision) -> tuple[Tensor, Tensor]:
        """Patterns of a tile and the bias of their scores (t,), with the gain."""
        patterns, bias = self.patterns.load(start, stop, precision)
        return patterns, bias.mul_(self.gain)

    def product(self, x: Tensor, patterns: Tensor, bias: Tensor) -> Tensor:
        """``gain (2 x.p - |p|^2)``, shape (r, t), in the buffer, for a block of queries and what `load` returned."""
        out = self.tile(len(x), len(patterns))
        return torch.addmm(bias, x, patterns.T, alpha=2 * self.gain, beta=0 if self.joined else 1, out=out)

    def tile(self, height: int, columns: int) -> Tensor:
        """The buffer as a tile of this shape."""
        return self.buffer[: height * columns].view(height, columns)

    def score(self, part: slice, patterns: Tensor, bias: Tensor, start: int) -> Tensor:
        """The tile of some queries against patterns from ``start`` on, -inf where a query leaves a pattern out."""
        tile = self.product(self.queries.block(part), patterns, bias)
        tiles.mask_self(tile, self.request.own, part, start)
        return tile

    def margin(self, size: Tensor, reach: Tensor) -> Tensor:
        """By how much a score of a query may be wrong against a pattern within ``reach``, unscaled (m,).

        Products: 4 sqrt(n) + 8 roundings of ``|x||p|`` (Higham and Mary 2019), never more than n + 8; then the frame's.
        """
        n, unit = self.request.rows.n, torch.finfo(self.request.frame.dtype).eps / 2
        rounds = min(4 * math.sqrt(n), n) + 8
        reach = reach.clamp(max=math.sqrt(torch.finfo(reach.dtype).max))  # Infinite where fewer than k are left.
        other = size * 1.01 + reach + self.radius
        return 2 * unit * (2 * rounds * size * other + 4 * (size + other).square())


def _height_radius(request: Request) -> float:
    """How much farther out heights let a pattern be than its distance says."""
    if request.heights is None:
        return 0.0
    center = request.frame.center.to(request.heights.dtype)
    return float(request.heights.abs().amax().sqrt() + torch.linalg.vector_norm(center))
