"""The distance as a parameter: energies, layers and claims are built of it, and another can be tried.

A distance is a function of two sequences of n coordinates, best written with arithmetic and ``abs`` alone, such as

    def taxi(x, y): return sum(abs(a - b) for a, b in zip(x, y))

Handed exact fractions it gives exact numbers, handed sympy expressions formulas, handed tensors it broadcasts.
An inverse temperature is a scaled distance: ``beta * d`` is another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from math import isqrt
from typing import Any

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import soft_minimum, to_arb

Coordinates = Sequence[Any]
DistanceFunction = Callable[[Coordinates, Coordinates], Any]
Point = tuple[Fraction, ...]
Rows = tuple[Point, ...]

METRIC = ("nonnegative", "separates", "symmetric", "triangle")
"""What makes a distance a metric: d >= 0; d = 0 exactly at equal points; d(x,y) = d(y,x); d(x,z) <= d(x,y) + d(y,z)."""
PROPERTIES = (*METRIC, "norm", "continuous", "squared euclidean", "taxicab")
"""What a proof may use of a distance: those of ``METRIC``; ``d(x,y) = ||x-y||`` for a norm; continuous;
``d(x,y) = |x-y|^2``, the sum of the squared differences of the coordinates; d(x,y) = the sum of their absolute values.
"""


def sqeuclidean(x: Coordinates, y: Coordinates) -> Any:
    """``|x - y|^2``, the paper's choice from Section 4 on."""
    return sum((a - b) * (a - b) for a, b in zip(x, y, strict=True))


def l1(x: Coordinates, y: Coordinates) -> Any:
    """``sum_c |x_c - y_c|``."""
    return sum(abs(a - b) for a, b in zip(x, y, strict=True))


def euclidean(x: Coordinates, y: Coordinates) -> Any:
    """``|x - y|``. For exact points a ball at the working precision, or the exact root where it is rational."""
    return _root(sqeuclidean(x, y))


def linf(x: Coordinates, y: Coordinates) -> Any:
    """``max_c |x_c - y_c|``."""
    return reduce(_larger, [abs(a - b) for a, b in zip(x, y, strict=True)])


def cosine(x: Coordinates, y: Coordinates) -> Any:
    """``1 - <x, y> / (|x| |y|)``, one minus the cosine of the angle; not defined where x or y is 0."""
    product = sum(a * b for a, b in zip(x, y, strict=True))
    lengths = _root(sum(a * a for a in x) * sum(b * b for b in y))
    return 1 - (to_arb(Fraction(product)) if isinstance(lengths, arb) else product) / lengths


def _root(square: Any) -> Any:
    if isinstance(square, (int, Fraction)):
        exact = Fraction(square)
        root = Fraction(isqrt(exact.numerator), isqrt(exact.denominator))
        return root if root * root == exact else to_arb(exact).sqrt()
    return sp.sqrt(square) if isinstance(square, sp.Expr) else square**0.5


def _larger(a: Any, b: Any) -> Any:
    if isinstance(a, sp.Expr) or isinstance(b, sp.Expr):
        return sp.Max(a, b)
    return max(a, b) if isinstance(a, (int, Fraction)) else (a + b + abs(a - b)) / 2


class DistanceError(TypeError):
    """A distance that raised, or returned what is no exact number or ball; the message says what it must accept."""


class OutsideDomainError(ValueError):
    """A point at which a distance is not defined; a check that needs one leaves its claim undecided."""


@dataclass(frozen=True)
class Domain:
    """Where a distance is defined, for one that is not defined everywhere.

    Attributes
    ----------
    text : str
        In words or signs, such as "x != 0".
    holds : callable
        Whether a point, a sequence of coordinates, is in it.
    """

    text: str
    holds: Callable[[Coordinates], bool] = field(repr=False)


EXACT = (
    "floats are rounded, so nothing can be proved of them: compute with the coordinates as they come, in exact "
    "fractions (+, -, *, /, abs, max), write Fraction(1, 2) for 0.5, and flint.arb(...).sqrt(), .exp(), .log() where "
    "a root, an exponential or a logarithm is needed"
)
"""The way out for a distance that returns another number."""


@dataclass(frozen=True)
class _Named:
    """A distance that puts its name to its errors, and keeps exact points to its domain."""

    name: str
    function: DistanceFunction
    domain: Domain | None = None

    def __call__(self, x: Coordinates, y: Coordinates) -> Any:
        if self.domain is not None:
            for point in (x, y):
                if not _covers(self.domain, point):
                    shown = ", ".join(str(c) for c in point)
                    raise OutsideDomainError(f"it is defined for {self.domain.text} only, not at ({shown})")
        try:
            return self.function(x, y)
        except (DistanceError, OutsideDomainError):
            raise
        except Exception as error:
            raise DistanceError(
                f"distance {self.name!r} must accept two sequences of n coordinates for every n = 1, 2, 3, ...; "
                f"for n = {len(x)} it raised {type(error).__name__}: {error}"
            ) from error


def _covers(domain: Domain, point: Coordinates) -> bool:
    """Whether an exact point is in a domain; a point of formulas or tensors stands for any that is."""
    return not all(isinstance(c, (int, Fraction)) for c in point) or bool(domain.holds(point))


def _times(beta: Fraction, value: Any) -> Any:
    """beta * value, exact for an exact number, a ball, a formula or a tensor for these."""
    if isinstance(value, (int, Fraction)):
        return beta * value
    if isinstance(value, arb):
        return to_arb(beta) * value
    return (sp.Rational(beta.numerator, beta.denominator) if isinstance(value, sp.Expr) else float(beta)) * value


@dataclass(frozen=True)
class Distance:
    """A distance with its name and the properties that proofs may use; those of a user's are unknown unless stated.

    ``function`` takes two sequences of Fraction and returns an int, a Fraction or an Arb ball, in every dimension; what
    it raises comes out as a ``DistanceError`` with its name. Where it is not defined everywhere, ``domain`` says where:
    patterns and queries are then points of the domain, and no property can be granted that moves a point out of it.

    Raises
    ------
    ValueError
        For a property outside ``PROPERTIES``; with a domain, outside ``METRIC``.
    """

    name: str
    function: DistanceFunction = field(repr=False)
    properties: frozenset[str] = frozenset()
    domain: Domain | None = None

    def __repr__(self) -> str:
        """The name and the properties in order of the alphabet, so that it is the same in every process."""
        known = "{" + ", ".join(map(repr, sorted(self.properties))) + "}"
        where = "" if self.domain is None else f", domain={self.domain!r}"
        return f"Distance(name={self.name!r}, properties={known}{where})"

    def __post_init__(self) -> None:
        object.__setattr__(self, "properties", frozenset(self.properties))
        if self.domain is not None and set(self.properties) - set(METRIC):
            raise ValueError(
                f"properties of a distance on the domain {self.domain.text} must be among {METRIC}, got "
                f"{sorted(self.properties)}"
            )
        unknown = set(self.properties) - set(PROPERTIES)
        if unknown:
            raise ValueError(f"properties must be among {PROPERTIES}, got {sorted(unknown)}")
        if not isinstance(self.function, _Named):
            object.__setattr__(self, "function", _Named(self.name, self.function, self.domain))

    def has(self, *names: str) -> bool:
        """Whether all the named properties are granted.

        Raises
        ------
        ValueError
            For an unknown name.
        """
        if not set(names) <= set(PROPERTIES):
            raise ValueError(f"names must be among {PROPERTIES}, got {names}")
        return set(names) <= self.properties

    @property
    def by_length(self) -> bool:
        """Whether the distance grows with the length of x - y, without bound: a norm, or the squared Euclidean one."""
        return self.has("norm") or self.has("squared euclidean")

    @property
    def is_metric(self) -> bool:
        """Whether the four properties of a metric are granted."""
        return self.has(*METRIC)

    def scaled(self, beta: Fraction | int) -> Distance:
        """The distance ``beta * d``, that of another temperature; being a metric or a norm is inherited.

        Exact numbers stay exact, formulas stay formulas and tensors tensors. Its energy divided by beta is
        -(1/beta) log sum_i exp(-beta d(x, rho_i)).

        Raises
        ------
        ValueError
            Unless beta > 0.
        """
        if beta <= 0:
            raise ValueError(f"beta must be positive, got {beta}")
        if beta == 1:
            return self

        def scaled(x: Coordinates, y: Coordinates) -> Any:
            return _times(Fraction(beta), self.function(x, y))

        return Distance(
            f"{beta} * {self.name}", scaled, self.properties - {"squared euclidean", "taxicab"}, self.domain
        )

    def __call__(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> arb:
        """A ball around the distance of two exact points, at the working precision; exact where the distance is.

        Raises
        ------
        DistanceError
            Where the distance raises, or returns another kind of number; the message says how to write it.
        OutsideDomainError
            Where it is not defined.
        """
        value = self.function([Fraction(c) for c in x], [Fraction(c) for c in y])
        if isinstance(value, arb):
            return value
        if isinstance(value, (int, Fraction)):
            return to_arb(value)
        got = type(value).__name__
        raise DistanceError(f"distance {self.name!r} must return an int, a Fraction or an arb, got {got}; {EXACT}")

    def covers(self, point: Coordinates) -> bool:
        """Whether a point is in the domain."""
        return self.domain is None or _covers(self.domain, [Fraction(c) for c in point])

    def all(self, x: Sequence[Fraction], rows: Sequence[Sequence[Fraction]]) -> list[arb]:
        """Balls around the distances of x from each row."""
        return [self(x, row) for row in rows]

    def energy(self, x: Sequence[Fraction], rows: Sequence[Sequence[Fraction]]) -> arb:
        """A ball around E(x) = -log sum_i exp(-d(x, rho_i)), at the working precision."""
        return soft_minimum(self.all(x, rows))

    def nearest(self, x: Sequence[Fraction], rows: Sequence[Sequence[Fraction]]) -> arb:
        """A ball around g(x) = min_i d(x, rho_i)."""
        least, *others = self.all(x, rows)
        for other in others:
            least = least.min(other)
        return least


_NORM = frozenset({"nonnegative", "separates", "symmetric", "triangle", "norm", "continuous"})
PAPER = Distance(
    "sqeuclidean", sqeuclidean, frozenset({"nonnegative", "separates", "symmetric", "continuous", "squared euclidean"})
)
"""The paper's distance."""
NAMED = {
    m.name: m
    for m in (
        PAPER,
        Distance("l1", l1, _NORM | {"taxicab"}),
        Distance("euclidean", euclidean, _NORM),
        Distance("linf", linf, _NORM),
    )
}
"""The named metrics and the paper's distance; ``assocmem.theory.exact.norms`` proves what is granted to each, and the
tests compare the two."""


COSINE = Distance("cosine", cosine, frozenset({"nonnegative", "symmetric"}), Domain("x != 0", any))
"""The cosine distance, on the points at which it is defined; it does not separate x from 2x, and is no metric."""
ON_A_DOMAIN = {COSINE.name: COSINE}
"""Named distances that are not defined everywhere."""


def as_distance(metric: str | DistanceFunction | Distance) -> Distance:
    """The distance of a named metric or of a user's callable (with no property granted).

    Raises
    ------
    ValueError
        For an unknown name.
    TypeError
        For anything that is neither.
    """
    if isinstance(metric, Distance):
        return metric
    if isinstance(metric, str):
        named = NAMED | ON_A_DOMAIN
        if metric not in named:
            raise ValueError(f"metric must be one of {tuple(named)} or a callable of two points, got {metric!r}")
        return named[metric]
    if callable(metric):
        return Distance(getattr(metric, "__name__", "callable"), metric)
    raise TypeError(f"metric must be a name or a callable of two points, got {type(metric).__name__}")
