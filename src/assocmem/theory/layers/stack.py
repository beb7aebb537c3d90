"""Layers of a memory: what the energy of one layer may mean, and the global energy (equations 6 to 9 of the paper).

The paper prints E_t = exp(-g_t)/Z_t, which is a density. Three energies are consistent with the rest of its section:

    A: E_t = g_t        B: E_t = g_t + log Z_t = -log p_t        C: E_t = -log sum_{j in layer} exp(-d_j)

A ``Stack`` evaluates any of them, and E_global = -LSE(-E_1, ..., -E_l), in balls at exact points and for any distance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import sign, soft_minimum, to_arb
from assocmem.theory.exact.distances import PAPER, Distance, Point, Rows

Reading = Literal["printed", "A", "B", "C"]
READINGS: tuple[Reading, ...] = ("printed", "A", "B", "C")
Layers = tuple[Rows, ...]
HARD = (128, 768)
"""Bits tried for signs at exact points."""


def rows(*points: str) -> Rows:
    """Exact patterns from texts such as "1/2" or "3 4", one text a pattern with its coordinates."""
    return tuple(tuple(Fraction(c) for c in point.split()) for point in points)


def of_nearest(reading: Reading, g: sp.Expr, z: sp.Expr) -> sp.Expr:
    """E_t as a function of g_t and Z_t.

    Raises
    ------
    ValueError
        For reading C, which needs all distances.
    """
    if reading == "C":
        raise ValueError("reading C is a function of all distances of the layer")
    return {"printed": sp.exp(-g) / z, "A": g, "B": g + sp.log(z)}[reading]


@dataclass(frozen=True)
class Stack:
    """Layers of exact patterns, the reading of their energies, the distance, and Z_t > 0 of each (1 if not given)."""

    layers: Layers
    reading: Reading = "A"
    distance: Distance = PAPER
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
            return self.distance.energy(x, layer)
        g = self.distance.nearest(x, layer)
        if self.reading == "printed":
            return (-g).exp() / z
        return g if self.reading == "A" else g + z.log()

    def total(self, x: Point) -> arb:
        """A ball around E_global(x)."""
        return soft_minimum(self.energies(x))

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


def stacks(distance: Distance = PAPER, readings: Sequence[Reading] = READINGS) -> Iterator[Stack]:
    """Every split under every reading, with equal and with unequal Z_t."""
    for split in SPLITS.values():
        for reading in readings:
            plain = Stack(split, reading, distance)
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


def union_residual(power: int = 1) -> sp.Expr:
    """exp(-E_global) minus the sum of m^power exp(-d), for two layers under C that share the pattern at distance d.

    Each holds one more pattern, or any number joined to one term. 0 for power 1, and by induction for any number of
    layers; for power 0, each pattern once, what a shared pattern adds.
    """
    shared, first, second = sp.symbols("d d_1 d_2", real=True)
    energies = [-sp.log(sp.exp(-shared) + sp.exp(-own)) for own in (first, second)]
    whole = -sp.log(sum(sp.exp(-e) for e in energies))
    stated = -sp.log(2**power * sp.exp(-shared) + sp.exp(-first) + sp.exp(-second))
    return sp.simplify(sp.exp(-whole) - sp.exp(-stated))


def left_out(shared: bool) -> sp.Expr:
    """exp(-E) - exp(-E_global) under A for two layers, from their nearest terms and the rest of each, all >= 0.

    ``shared``: the nearest pattern of both is the same one, which E counts once.
    """
    first, second = sp.symbols("p_1 p_2", positive=True)
    rests = sum(sp.symbols("r_1 r_2", nonnegative=True))
    if shared:
        return sp.expand((first + rests) - (first + first))
    return sp.expand((first + second + rests) - (first + second))


def multiplicity(stack: Stack, x: Point, power: int) -> arb:
    """-log sum over patterns of m^power exp(-d(x, rho)), m the number of layers that hold rho; a ball."""
    costs = []
    for row in stack.patterns():
        held = sum(row in layer for layer in stack.layers)
        costs.append(stack.distance(x, row) - to_arb(held).log() * power)
    return soft_minimum(costs)


def bowl(gap: sp.Expr, u: sp.Symbol) -> bool:
    """Whether an expression vanishes with its slope at u = 0 and is strictly convex: then it is > 0 elsewhere."""
    slopes = sp.diff(gap, u).subs(u, 0), sp.diff(gap, u, 2)
    return bool(gap.subs(u, 0) == 0 and slopes[0] == 0 and slopes[1].is_positive)


def mean_bound_holds() -> bool:
    """E_global <= mean E_t - log l: exp(-u) >= 1 - u, summed over u_t = E_t - mean, which sum to 0, is >= l.

    Equality asks for exp(-u_t) = 1 - u_t for every t, hence u_t = 0.
    """
    u = sp.Symbol("u", real=True)
    return bowl(sp.exp(-u) - 1 + u, u)


def deficit() -> sp.Expr:
    """k + 1 minus a sum k - p of k terms and one more term 1 - u below 1: positive, so k + 1 asks for terms 1 alone."""
    terms, p, u = sp.Symbol("k", positive=True), sp.Symbol("p", nonnegative=True), sp.Symbol("u", positive=True)
    return sp.expand(terms + 1 - ((terms - p) + (1 - u)))


def ends(reading: Reading) -> tuple[sp.Expr, sp.Expr]:
    """E_t at a pattern and its limit far away; in between it is monotone in g_t.

    Raises
    ------
    ValueError
        For reading C.
    """
    g, z = sp.Symbol("g", nonnegative=True), sp.Symbol("Z", positive=True)
    energy = of_nearest(reading, g, z)
    return energy.subs(g, 0), sp.limit(energy, g, sp.oo)


def bounded(reading: Reading) -> bool:
    """Whether E_t takes values in (far, near] with finite ends far < near: it is bounded and not constant.

    Then min E_t - log l <= E_global <= min E_t bounds E_global, which lies above its limit far away.
    """
    near, far = ends(reading)
    g, z = sp.Symbol("g", nonnegative=True), sp.Symbol("Z", positive=True)
    falls = sp.diff(of_nearest(reading, g, z), g).is_negative
    return bool(near.is_finite and far.is_finite and falls and (near - far).is_positive)


def far_total(count: sp.Expr | int) -> sp.Expr:
    """Limit of the printed E_global far from all patterns of ``count`` layers."""
    return -sp.log(count * sp.exp(-ends("printed")[1]))
