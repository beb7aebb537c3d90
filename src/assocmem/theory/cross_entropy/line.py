"""The cross-entropy of several layers on the line, certified, for every reading and for any norm or the square.

Omega is the union of the intervals [rho - r, rho + r] around all patterns. The exponentials exp(-E_t) are entire
between the points where the nearest pattern of a layer changes or a norm has its kink, so each piece is integrated
with a proved error. In one dimension every norm is ``k |x - y|``, with k the distance of 0 and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from flint import acb, arb

from assocmem.theory.cross_entropy.one_layer import Balls, certified_loss
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.distances import PAPER, Distance
from assocmem.theory.layers.stack import READINGS, Reading

BITS = 128
Piece = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Line:
    """Layers of exact patterns on the line, the radius of their intervals, the reading and the distance.

    Raises
    ------
    ValueError
        Where two intervals overlap, a layer is empty, or the distance is no norm and not the square.
    """

    layers: tuple[tuple[Fraction, ...], ...]
    radius: Fraction
    reading: Reading = "A"
    distance: Distance = PAPER

    def __post_init__(self) -> None:
        if not self.distance.by_length:
            raise ValueError(f"distance {self.distance.name!r} must be a norm or the squared Euclidean distance")
        if not (self.layers and all(self.layers)) or self.radius <= 0 or self.reading not in READINGS:
            raise ValueError("there must be a layer, each with a pattern; radius positive, reading one of READINGS")
        if any(b - a < 2 * self.radius for a, b in pairwise(self.patterns)):
            raise ValueError(f"radius={self.radius} makes intervals overlap; it must be at most half of every gap")

    @property
    def patterns(self) -> list[Fraction]:
        """All patterns, each once, in order."""
        return sorted({p for layer in self.layers for p in layer})

    def pieces(self) -> list[Piece]:
        """Omega, cut where the nearest pattern of some layer changes and at every pattern."""
        cuts = {*self.patterns, *((a + b) / 2 for layer in self.layers for a, b in pairwise(sorted(layer)))}
        out = []
        for p in self.patterns:
            low, high = p - self.radius, p + self.radius
            out += list(pairwise([low, *sorted(c for c in cuts if low < c < high), high]))
        return out

    def _distance(self, x: acb, p: Fraction, inside: Fraction) -> acb:
        """d(x, p) continued analytically from the side of p on which ``inside`` lies."""
        if self.distance.has("squared euclidean"):
            return (x - to_arb(p)) ** 2
        unit = self.distance((Fraction(0),), (Fraction(1),))
        return unit * (x - to_arb(p)) * (1 if inside >= p else -1)

    def _nearness(self, t: int, x: acb, inside: Fraction) -> acb:
        """exp(-g_t) at x, on the piece around ``inside``; under reading C the sum over the layer."""
        layer = self.layers[t]
        if self.reading == "C":
            return sum(((-self._distance(x, p, inside)).exp() for p in layer), acb(0))
        nearest = min(layer, key=lambda p: abs(inside - p))
        return (-self._distance(x, nearest, inside)).exp()

    @cached_property
    def normalizers(self) -> list[arb]:
        """Balls around Z_t, the integral over Omega of exp(-g_t) (under C, of the layer's sum)."""
        with precision(BITS):
            return [
                self._integrate(lambda x, inside, t=t: self._nearness(t, x, inside))  # type: ignore[misc]
                for t in range(len(self.layers))
            ]

    def _weight(self, t: int, x: acb, inside: Fraction) -> acb:
        """exp(-E_t) at x."""
        near = self._nearness(t, x, inside)
        if self.reading == "printed":
            return (-near / self.normalizers[t]).exp()
        return near / self.normalizers[t] if self.reading == "B" else near

    def _integrate(self, function: Callable[[acb, Fraction], acb]) -> arb:
        """The integral over Omega of a function that is analytic on each piece, named by a point inside it."""
        total = arb(0)
        for low, high in self.pieces():
            inside = (low + high) / 2
            total += acb.integral(lambda x, _, i=inside: function(x, i), to_arb(low), to_arb(high)).real
        return total

    @cached_property
    def masses(self) -> list[arb]:
        """Balls around the integrals over Omega of exp(-E_t), for each layer."""
        if self.reading in ("A", "C"):
            return self.normalizers
        with precision(BITS):
            return [
                self._integrate(lambda x, inside, t=t: self._weight(t, x, inside))  # type: ignore[misc]
                for t in range(len(self.layers))
            ]

    def energy(self, t: int, p: Fraction) -> arb:
        """A ball around E_t at a pattern p."""
        with precision(BITS):
            return -self._weight(t, acb(to_arb(p)), p).real.log()

    def total_energy(self, p: Fraction) -> arb:
        """A ball around E_global at a pattern p."""
        with precision(BITS):
            return -sum((self._weight(t, acb(to_arb(p)), p).real for t in range(len(self.layers))), arb(0)).log()

    def log_partition(self) -> arb:
        """A ball around log Z_theta, the log of the integral over Omega of exp(-E_global)."""
        with precision(BITS):
            return sum(self.masses, arb(0)).log()

    def loss(self, validation: Sequence[Fraction] | None = None) -> arb:
        """A ball around the cross-entropy of the validation patterns, all of them by default, in nats.

        Raises
        ------
        ValueError
            For no sample at all, or for one that is not a pattern (Assumption 2).
        """
        chosen = self.patterns if validation is None else list(validation)
        if not chosen or not set(chosen) <= set(self.patterns):
            raise ValueError(f"validation must hold some of the patterns and nothing else, got {chosen}")
        with precision(BITS):
            return self.log_partition() + sum((self.total_energy(p) for p in chosen), arb(0)) / len(chosen)

    def volume(self) -> Fraction:
        """``|Omega|``."""
        return 2 * self.radius * len(self.patterns)


def one_pattern(reading: Reading, distance: Distance, radius: Fraction) -> Line:
    """One layer with the one pattern 0 and a ball of the given radius on the line.

    Raises
    ------
    ArithmeticError
        For the square, if its loss is not log(sqrt(pi) erf r) under A, B and C, or as printed not that of a ball.
    """
    model = Line(((Fraction(0),),), radius, reading, distance)
    if distance.has("squared euclidean"):
        with precision(BITS):
            known = (arb.pi().sqrt() * to_arb(radius).erf()).log()
            if reading == "printed":
                known = certified_loss("printed", Balls(1, radius))
            if not (model.loss() - known).contains(0):
                raise ArithmeticError(f"the loss of reading {reading} at r={radius} is not {known}")
    return model


def line(*layers: str, radius: Fraction, reading: Reading = "A", distance: Distance = PAPER) -> Line:
    """Layers from texts such as "0 3", one text a layer."""
    return Line(tuple(tuple(Fraction(p) for p in text.split()) for text in layers), radius, reading, distance)
