"""Why a distance of activations and sqrt(n/(2 pi e)) cannot be compared: one has a unit, the other has none.

The last normalization has a gain, which the matrix of the head can undo, so no output of a model fixes the unit. Where
the gain is one, the normalization itself makes all vectors as long as sqrt(n), and with them every distance.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb
from sympy.tensor.indexed import IndexedBase

from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.derivation import Derivation, Step

k = sp.Symbol("k", integer=True)
n = sp.Symbol("n", integer=True, positive=True)
c = sp.Symbol("c", positive=True)
u = sp.Symbol("u", real=True)
x, y, h, a, m, b = (IndexedBase(name, real=True) for name in "xyhamb")
BITS = 128
ORIGIN, FIVE_AWAY = (Fraction(0), Fraction(0)), (Fraction(3), Fraction(4))


@cache
def scaled_distance(power: int = 2) -> Derivation:
    """The squared distance of c x and c y is c^2 times that of x and y; refused for another power."""
    steps = (Step("=", c**power * sp.Sum((x[k] - y[k]) ** 2, (k, 1, n)), "the factor taken out"),)
    start = sp.Sum((c * x[k] - c * y[k]) ** 2, (k, 1, n))
    return Derivation("X-RAD-SCALE", start, steps, given="$c>0$, any vectors", part="distance")


@cache
def same_output(power: int = -1) -> Derivation:
    """A row of the head times what the norm gives, with gain and shift times c and the row times c^power."""
    normed = m[k] * h[k] + b[k]
    start = sp.Sum(c**power * a[k] * (c * m[k] * h[k] + c * b[k]), (k, 1, n))
    steps = (Step("=", sp.Sum(a[k] * normed, (k, 1, n)), "the factors cancel"),)
    given = "$a$ a row of the head, $h$ what is normalized, $m$ gain and $b$ shift of the norm"
    return Derivation("X-RAD-SCALE", start, steps, given=given, part="output")


def scaled(points: tuple[tuple[Fraction, ...], ...], factor: Fraction) -> Fraction:
    """The squared distance of two points, each times the factor."""
    first, second = points
    return sum((factor * (p - q) * factor * (p - q) for p, q in zip(first, second, strict=True)), Fraction(0))


@cache
def cosine_of_prediction(part: Fraction = Fraction(1)) -> Derivation:
    """2n(1-u) for u = 1 - part/(pi e), against the square of 2 sqrt(n/(2 pi e)); refused for other parts than 1."""
    steps = (Step("=", 2 * n / (sp.pi * sp.E), "which is the square of $2\\sqrt{n/(2\\pi e)}$"),)
    given = "two vectors of squared length $n$ with the cosine $u$"
    return Derivation("X-RAD-COS", 2 * n * (1 - u), steps, {u: 1 - sp.Rational(part) / (sp.pi * sp.E)}, given=given)


@cache
def distance_by_cosine() -> Derivation:
    """``|x-y|^2`` in lengths and inner product, which is 2n(1-u) for squared lengths n and the inner product n u."""
    start = sp.Sum((x[k] - y[k]) ** 2, (k, 1, n))
    apart = sp.Sum(x[k] ** 2, (k, 1, n)) + sp.Sum(y[k] ** 2, (k, 1, n)) - 2 * sp.Sum(x[k] * y[k], (k, 1, n))
    return Derivation("X-RAD-COS", start, (Step("=", apart, "the square multiplied out"),), part="distance")


def cosine() -> arb:
    """1 - 1/(pi e), certified."""
    with precision(BITS):
        return arb(1) - (arb.pi() * arb(1).exp()) ** -1


def squared_distance(dimension: int, u: arb) -> arb:
    """2 n (1 - u): of two vectors of squared length n with this cosine."""
    with precision(BITS):
        return 2 * arb(dimension) * (1 - u)
