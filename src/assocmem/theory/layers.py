"""Layers of a memory: what the energy of one layer may mean, and the global energy (equations 6 to 9 of the paper).

The paper prints E_t = exp(-g_t)/Z_t, which is a density. Three energies are consistent with the rest of its section:

    A: E_t = g_t        B: E_t = g_t + log Z_t = -log p_t        C: E_t = -log sum_{j in layer} exp(-d_j)

A `Stack` evaluates any of them, and E_global = -LSE(-E_1, ..., -E_l), in balls at exact points and for any distance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import sympy as sp
from flint import arb

from assocmem.theory.certified import lse, sign, to_arb
from assocmem.theory.memories import PAPER, Memory, Point, Rows

Reading = Literal["printed", "A", "B", "C"]
READINGS: tuple[Reading, ...] = ("printed", "A", "B", "C")
Layers = tuple[Rows, ...]
HARD = (128, 768)
"""Bits tried for signs at exact points."""


def rows(*points: str) -> Rows:
    """Exact patterns from texts such as "1/2" or "3 4", one text a pattern with its coordinates."""
    return tuple(tuple(Fraction(c) for c in point.split()) for point in points)


def of_nearest(reading: Reading, g: sp.Expr, z: sp.Expr) -> sp.Expr:
    """E_t as a function of g_t and Z_t. Raises ValueError for reading C, which needs all distances."""
    if reading == "C":
        raise ValueError("reading C is a function of all distances of the layer")
    return {"printed": sp.exp(-g) / z, "A": g, "B": g + sp.log(z)}[reading]


@dataclass(frozen=True)
class Stack:
    """Layers of exact patterns, the reading of their energies, the distance, and Z_t > 0 of each (1 if not given)."""

    layers: Layers
    reading: Reading = "A"
    memory: Memory = PAPER
    normalizers: tuple[Fraction, ...] = ()

    @property
    def count(self) -> int:
        """l, the number of layers."""
        return len(self.layers)

    def patterns(self) -> Rows:
        """All patterns, each once, in the order of the layers."""
        return tuple(dict.fromkeys(row for layer in self.layers for row in layer))

    def disjoint(self) -> bool:
        """Whether no pattern is held twice."""
        return sum(map(len, self.layers)) == len(self.patterns())

    def energies(self, x: Point) -> list[arb]:
        """Balls around E_1(x), ..., E_l(x) at the working precision."""
        scales = self.normalizers or (Fraction(1),) * self.count
        return [self._energy(x, layer, to_arb(z)) for layer, z in zip(self.layers, scales, strict=True)]

    def _energy(self, x: Point, layer: Rows, z: arb) -> arb:
        if self.reading == "C":
            return self.memory.energy(x, layer)
        g = self.memory.nearest(x, layer)
        if self.reading == "printed":
            return (-g).exp() / z
        return g if self.reading == "A" else g + z.log()

    def total(self, x: Point) -> arb:
        """A ball around E_global(x)."""
        return -lse([-e for e in self.energies(x)])

    def active(self, x: Point) -> int:
        """The layer of smallest energy (at ties, one of them), by the midpoints of the balls."""
        values = [float(e.mid()) for e in self.energies(x)]
        return values.index(min(values))


SPLITS: dict[str, Layers] = {
    "one layer": (rows("0"),),
    "one each": (rows("-1"), rows("1")),
    "zero and three": (rows("0"), rows("3")),
    "zero and one": (rows("0"), rows("1")),
    "far apart": (rows("0"), rows("20")),
    "two in a layer": (rows("0", "1"), rows("5")),
    "near pair": (rows("-1/4", "1/4"), rows("7")),
    "three layers": (rows("0"), rows("1"), rows("4", "5")),
    "plane": (rows("0 0", "3 4"), rows("1 0")),
    "same pattern": (rows("0"), rows("0")),
    "overlap": (rows("0", "3"), rows("3")),
}
"""Exact splits for checks: one layer, singletons, unequal sizes, three layers, two dimensions, and shared patterns."""

POINTS = tuple(Fraction(v) for v in ("0", "1/1000", "1/2", "1", "-1", "2", "10", "-10"))


def points(split: Layers) -> list[Point]:
    """Exact points beside a split, in its dimension."""
    n = len(split[0][0])
    return [(v, *(v / 3 for _ in range(n - 1))) for v in POINTS]


def stacks(memory: Memory = PAPER, readings: Sequence[Reading] = READINGS) -> Iterator[Stack]:
    """Every split under every reading, with equal and with unequal Z_t."""
    for split in SPLITS.values():
        for reading in readings:
            plain = Stack(split, reading, memory)
            yield plain
            if reading in ("printed", "B") and plain.count > 1:
                yield replace(plain, normalizers=tuple(Fraction(1 + 2 * t, 2) for t in range(plain.count)))


Slacks = Callable[[Stack, Point], Sequence[arb]]


def show(stack: Stack, *at: Point) -> str:
    """Layers, reading and points in words."""
    where = ", at " + ", ".join(word(x) for x in at) if at else ""
    return f"{held(stack.layers)}, reading {stack.reading}{where}"


def held(layers: Layers) -> str:
    """The patterns of each layer in words."""
    return "layers " + ", ".join("{" + ", ".join(word(row) for row in layer) + "}" for layer in layers)


def word(point: Point) -> str:
    """A point in words: its coordinate, or its coordinates in parentheses."""
    return str(point[0]) if len(point) == 1 else "(" + ", ".join(map(str, point)) + ")"


def negative(slacks: Slacks, over: Iterator[Stack]) -> str | None:
    """The first stack and point at which a slack is certainly negative, in words; None where there is no such."""
    for stack in over:
        for x in points(stack.layers):
            width = len(slacks(stack, x))
            for k in range(width):
                if sign(lambda s=stack, x=x, k=k: slacks(s, x)[k], HARD) == -1:  # type: ignore[misc]
                    return show(stack, x)
    return None


def union_residual() -> sp.Expr:
    """-log(e^-a + e^-b) + log(S + T) for a = -log S, b = -log T: 0 joins one more layer, by induction any number."""
    s, t = sp.symbols("S T", positive=True)
    joined = -sp.log(sp.exp(sp.log(s)) + sp.exp(sp.log(t)))
    return sp.simplify(joined + sp.log(s + t))


def multiplicity(stack: Stack, x: Point, power: int) -> arb:
    """-log sum over patterns of m^power exp(-d(x, rho)), m the number of layers that hold rho; a ball."""
    scores = []
    for row in stack.patterns():
        held = sum(layer.count(row) for layer in stack.layers)
        scores.append(to_arb(held).log() * power - stack.memory(x, row))
    return -lse(scores)


def mean_bound_holds() -> bool:
    """E_global <= mean E_t - log l: exp(-u) >= 1 - u, summed over u_t = E_t - mean, which sum to 0, is >= l.

    exp(-u) - 1 + u vanishes with its slope at 0 and is convex.
    """
    u = sp.Symbol("u", real=True)
    gap = sp.exp(-u) - 1 + u
    return bool(gap.subs(u, 0) == 0 and sp.diff(gap, u).subs(u, 0) == 0 and sp.diff(gap, u, 2).is_positive)
