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
    """What one more layer adds to exp(-E_global) under C, minus what the sum of m^power exp(-d) says that it adds.

    For one pattern at distance d that m of the layers before hold, and that the new layer holds, too; the other terms
    are whatever they are. The step of an induction over the layers, pattern by pattern: a layer that does not hold the
    pattern leaves m as it is, and with one layer both are the same sum. 0 for power 1; for power 0, each pattern once,
    what a shared pattern adds.
    """
    d, held_by = sp.Symbol("d", real=True), sp.Symbol("m", positive=True)
    before, own = sp.symbols("S R", positive=True)  # the other terms of the layers before, and of the new one
    joined = -sp.log(held_by**power * sp.exp(-d) + before)
    layer = -sp.log(sp.exp(-d) + own)
    whole = -sp.log(sp.exp(-joined) + sp.exp(-layer))
    stated = -sp.log((held_by + 1) ** power * sp.exp(-d) + before + own)
    return sp.factor(sp.expand(sp.simplify(sp.exp(-whole) - sp.exp(-stated))))


def left_out(shared: bool) -> sp.Expr:
    """exp(-E) - exp(-E_global) under A when one more layer is joined to layers for which it is q >= 0.

    The layer's nearest pattern has the term p and the rest of its patterns the sum r, all of them >= 0. ``shared``: its
    nearest pattern lies in a layer before, so that E has counted it. One layer leaves out the rest of its patterns.
    """
    nearest, kept = sp.symbols("p S", positive=True)
    before, rest = sp.symbols("q r", nonnegative=True)
    energy = kept + before + rest + (0 if shared else nearest)
    return sp.expand(energy - (kept + nearest))


Total = Literal["l", "1", "sum"]


def normalizer_residuals(reading: Reading, total: Total) -> tuple[sp.Expr, sp.Expr]:
    """The integral of exp(-E_t) minus what one layer, and one layer more, add to the stated Z_theta; (0, 0) proves it.

    exp(-E_global) is the sum of exp(-E_t), and exp(-g_t) integrates to Z_t: an induction over the layers. ``total`` is
    the stated constant: as many as layers, 1, or the sum of Z_t.
    """
    g, z = sp.symbols("g Z", positive=True)
    each = sp.simplify(sp.exp(-of_nearest(reading, g, z)) / sp.exp(-g)) * z
    first, more = {"l": (1, 1), "1": (1, 0), "sum": (z, z)}[total]
    return sp.expand(each - first), sp.expand(each - more)


def mean_slope_residual() -> sp.Expr:
    """Slope of E_global along a segment of energies when one more layer is joined, minus a mean of two slopes.

    The layers before have the joined energy G(s), whatever it is, the new one a + s v: the step of an induction, by
    which the slope is a weighted mean of the layers' changes, with weights that add to 1.
    """
    s, a, v = sp.symbols("s a v", real=True)
    before, own = sp.Function("G")(s), a + s * v
    share = sp.exp(-own) / (sp.exp(-own) + sp.exp(-before))
    slope = sp.diff(-sp.log(sp.exp(-before) + sp.exp(-own)), s)
    return sp.simplify(slope - (share * v + (1 - share) * sp.diff(before, s)))


def last_part(spare: bool) -> sp.Expr:
    """The size of the last layer when d = l + b patterns are dealt one to each other layer and it takes the rest.

    b >= 0, so that it holds a pattern. Without ``spare`` d = l - 1 - b, too few for one each, and nothing is left.
    """
    layers, more = sp.Symbol("l", positive=True), sp.Symbol("b", nonnegative=True)
    patterns = layers + more if spare else layers - 1 - more
    return sp.expand(patterns - (layers - 1))


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


def deficit_holds() -> bool:
    """Whether a sum of terms in (0, 1] is as large as their number only if all are 1: one term more, by induction.

    k + 1 minus a sum k - p of k terms and one more term 1 - u is not negative, and 0 only where p and u are.
    """
    terms = sp.Symbol("k", positive=True)
    p, u = sp.symbols("p u", nonnegative=True)
    lacks = sp.expand(terms + 1 - ((terms - p) + (1 - u)))
    grows = sp.diff(lacks, p).is_positive and sp.diff(lacks, u).is_positive
    return bool(lacks.subs({p: 0, u: 0}) == 0 and lacks.is_nonnegative and grows)


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
