"""Every critical point of an energy landscape, each with a proof that it exists, is alone in its box, and of its kind.

Both energies of the book have the gradient of a softmax-weighted mean: for

    score_i(x) = c rho_i.x - t_i,   w = softmax(score),   T(x) = sum_i w_i rho_i

the critical points are the solutions of x = T(x), and the Hessian has the inertia of I - c Cov_w(rho).
E_b has c = 2b, ``t_i = b |rho_i|^2``; the MCHN energy has c = beta, t_i = 0.
A weighted mean lies in the convex hull of the patterns, so the hull's bounding box holds every solution.
It is searched by bisection in Arb balls: a box is discarded when F(x) = x - T(x) cannot vanish on it, and settled when
Krawczyk's operator maps it into its own interior, which proves exactly one zero (Krawczyk 1969; Neumaier 1990, ch. 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Literal

import numpy as np
from flint import arb, ctx

from assocmem.theory.exact.certified import precision, soft_minimum, squared_norm, to_arb

Family = Literal["E", "mchn"]
Vector = list[arb]
Matrix = list[list[arb]]
BITS = (96, 384)
"""Working precisions in bits, the second for patterns far from the origin or very close together."""
SMALLEST = Fraction(1, 2**23)
"""A box that is still undecided at this width ends the search: the critical point is (nearly) degenerate."""


class UndecidedError(ArithmeticError):
    """A box could be neither discarded nor settled; a degenerate critical point lies in it or very near."""


@dataclass(frozen=True)
class CriticalPoint:
    """One certified critical point.

    ``x`` are balls that contain it, ``index`` is the number of negative eigenvalues of the Hessian (0: minimum),
    ``value`` is a ball around the energy in nats.
    """

    x: tuple[arb, ...]
    index: int
    value: arb

    @property
    def kind(self) -> str:
        """ "minimum", "saddle" or "maximum"."""
        if self.index == 0:
            return "minimum"
        return "maximum" if self.index == len(self.x) else "saddle"

    def floats(self) -> tuple[float, ...]:
        """The midpoint rounded to float64, whose spacing is coarser than the ball."""
        return tuple(float(c.mid()) for c in self.x)


@dataclass(frozen=True)
class Landscape:
    """An energy over exact rational patterns: ``family`` "E" (equation 4 with inverse temperature) or "mchn".

    Raises
    ------
    ValueError
        For no patterns, patterns of unequal dimensions, another family, or a beta that is not positive.
    """

    patterns: tuple[tuple[Fraction, ...], ...]
    family: Family = "E"
    beta: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if not self.patterns:
            raise ValueError("patterns must hold at least one pattern, got none")
        if len({len(p) for p in self.patterns}) != 1 or not self.patterns[0]:
            raise ValueError("patterns must all have the same positive number of coordinates")
        if self.family not in ("E", "mchn"):
            raise ValueError(f"family must be 'E' or 'mchn', got {self.family!r}")
        if self.beta <= 0:
            raise ValueError(f"beta must be positive, got {self.beta}")

    @classmethod
    def of(
        cls, rows: Sequence[Sequence[Fraction | int | str]], family: Family = "E", beta: Fraction | int | str = 1
    ) -> Landscape:
        """From rows of integers, fractions or decimal strings (kept exact)."""
        return cls(tuple(tuple(Fraction(c) for c in row) for row in rows), family, Fraction(beta))

    @property
    def slope(self) -> Fraction:
        """The factor c of the scores."""
        return 2 * self.beta if self.family == "E" else self.beta

    def weights(self, x: Vector) -> Vector:
        """Softmax weights on a box; differences of scores are linear in x, so each ball is nearly tight."""
        table = _table(self, ctx.prec)
        return [1 / sum(((offset + _dot(line, x)).exp() for offset, line in row), arb(1)) for row in table.exponents]

    def residual(self, x: Vector) -> Vector:
        """F(x) = x - T(x) on a box."""
        w, table = self.weights(x), _table(self, ctx.prec)
        return [c - _dot(w, column) for c, column in zip(x, table.columns, strict=True)]

    def jacobian(self, x: Vector) -> Matrix:
        """I - c Cov_w(rho) on a box, the covariance as a sum over pairs (each term has a sign)."""
        w, n = self.weights(x), len(x)
        out = [[arb(int(a == b)) for b in range(n)] for a in range(n)]
        for i, j, spread in _table(self, ctx.prec).pairs:
            mass = w[i] * w[j]
            for a, b in product(range(n), repeat=2):
                out[a][b] -= mass * spread[a][b]
        return out

    def value(self, x: Vector) -> arb:
        """The energy on a box, in nats."""
        beta, size = to_arb(self.beta), len(self.patterns)
        if self.family == "E":
            squares = [
                _dot(gap, gap) for gap in ([c - to_arb(v) for c, v in zip(x, p, strict=True)] for p in self.patterns)
            ]
            return soft_minimum(squares, beta)
        costs = [-_dot([to_arb(v) for v in p], x) for p in self.patterns]
        largest = to_arb(max(squared_norm(p) for p in self.patterns))
        return soft_minimum(costs, beta) + (_dot(x, x) + largest) / 2 + arb(size).log() / beta

    def critical_points(self) -> list[CriticalPoint]:
        """All critical points, sorted by energy; raises ``UndecidedError`` where one is degenerate."""
        try:
            return self._sorted(BITS[0])
        except UndecidedError:
            return self._sorted(BITS[1])

    def _sorted(self, bits: int) -> list[CriticalPoint]:
        with precision(bits):
            return sorted(self._search(), key=lambda p: (float(p.value.mid()), p.floats()))

    def minima(self) -> list[CriticalPoint]:
        """The memories: certified local minima."""
        return [point for point in self.critical_points() if point.index == 0]

    def _search(self) -> list[CriticalPoint]:
        # A margin that no symmetry of the patterns shares keeps zeros off the faces of the boxes.
        below, above = Fraction(248, 10000), Fraction(494, 10000)
        start = [(min(c) - below, max(c) + above) for c in zip(*self.patterns, strict=True)]
        stack, zeros = [start], list[tuple[Vector, Vector]]()
        while stack:
            box = stack.pop()
            if self._excluded([_interval(low, high) for low, high in box]):
                continue
            wide = [_interval(low - (high - low) / 8, high + (high - low) / 8) for low, high in box]
            image = self._krawczyk(wide)
            if image is not None:
                if not all(w.overlaps(k) for w, k in zip(wide, image, strict=True)):
                    continue  # every zero of the box would lie in the image
                if all(w.contains_interior(k) for w, k in zip(wide, image, strict=True)):
                    self._record(zeros, wide, self._refine(image))
                    continue
            widest = max(range(len(box)), key=lambda k: box[k][1] - box[k][0])
            low, high = box[widest]
            if high - low < SMALLEST:
                place = [float(a + b) / 2 for a, b in box]
                raise UndecidedError(f"undecided at x={place}: a critical point there is degenerate or nearly so")
            middle = (low + high) / 2
            for half in ((low, middle), (middle, high)):
                stack.append([half if k == widest else side for k, side in enumerate(box)])
        return [CriticalPoint(tuple(x), self._index(x), self.value(x)) for _, x in zeros]

    def _excluded(self, box: Vector) -> bool:
        plain = self.residual(box)
        return any(not f.contains(0) for f in plain)

    def _krawczyk(self, box: Vector) -> Vector | None:
        """K(X) = y - Y F(y) + (I - Y J(X))(X - y), y the exact midpoint of X, Y a float inverse of mid J(X)."""
        jac, n = self.jacobian(box), len(box)
        middle = np.array([[float(c.mid()) for c in row] for row in jac])
        if not np.isfinite(middle).all() or abs(np.linalg.det(middle)) < 1e-9:
            return None
        inverse = [[arb(float(v)) for v in row] for row in np.linalg.inv(middle)]
        mid = [b.mid() for b in box]
        at, step = self.residual(mid), [b - m for b, m in zip(box, mid, strict=True)]
        out = []
        for i in range(n):
            spread = arb(0)
            for k in range(n):
                product_ = _dot(inverse[i], [jac[j][k] for j in range(n)])
                spread += (int(i == k) - product_) * step[k]
            out.append(mid[i] - _dot(inverse[i], at) + spread)
        return out

    def _refine(self, box: Vector) -> Vector:
        for _ in range(12):
            image = self._krawczyk(box)
            if image is None:
                break
            box = [b.intersection(k) for b, k in zip(box, image, strict=True)]
        return box

    def _record(self, zeros: list[tuple[Vector, Vector]], region: Vector, x: Vector) -> None:
        for other_region, other in zeros:
            if all(a.overlaps(b) for a, b in zip(other, x, strict=True)):
                same = all(r.contains(c) for r, c in zip(other_region, x, strict=True))
                if not same:
                    raise UndecidedError("two enclosures overlap without sharing a region of uniqueness")
                return
        zeros.append((region, x))

    def _index(self, x: Vector) -> int:
        """Number of negative pivots of I - c Cov_w (Sylvester's law of inertia)."""
        matrix, negative = self.jacobian(x), 0
        n = len(matrix)
        for k in range(n):
            pivot = matrix[k][k]
            if pivot.contains(0):
                raise UndecidedError("the Hessian's inertia is undecided")
            negative += bool(pivot < 0)
            for i in range(k + 1, n):
                factor = matrix[i][k] / pivot
                for j in range(k, n):
                    matrix[i][j] -= factor * matrix[k][j]
        return negative


@dataclass(frozen=True)
class _Table:
    """Constants of a landscape as balls: exponents of weight ratios, pattern coordinates, c times pair differences."""

    exponents: tuple[tuple[tuple[arb, Vector], ...], ...]
    columns: tuple[Vector, ...]
    pairs: tuple[tuple[int, int, Matrix], ...]


@lru_cache(maxsize=64)
def _table(land: Landscape, bits: int) -> _Table:
    """The constants at one working precision (``bits`` is the current one, and part of the cache's key)."""
    slope, rows, size = land.slope, land.patterns, range(len(land.patterns))
    shift = [land.beta * squared_norm(p) if land.family == "E" else Fraction(0) for p in rows]
    exponents = tuple(
        tuple(
            (to_arb(shift[i] - shift[j]), [to_arb(slope * (b - a)) for a, b in zip(rows[i], rows[j], strict=True)])
            for j in size
            if j != i
        )
        for i in size
    )
    pairs = []
    for i in size:
        for j in range(i):
            gap = [a - b for a, b in zip(rows[i], rows[j], strict=True)]
            pairs.append((i, j, [[to_arb(slope * a * b) for b in gap] for a in gap]))
    return _Table(exponents, tuple([to_arb(c) for c in column] for column in zip(*rows, strict=True)), tuple(pairs))


def _interval(low: Fraction, high: Fraction) -> arb:
    """A ball that contains the exact interval: boxes are kept as rationals, so that halves cover their parent."""
    return to_arb(low).union(to_arb(high))


def _dot(a: Sequence[arb], b: Sequence[arb]) -> arb:
    total = arb(0)
    for p, q in zip(a, b, strict=True):
        total += p * q
    return total
