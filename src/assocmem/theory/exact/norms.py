"""Proofs of what is granted to the named metrics (``assocmem.theory.exact.distances.NAMED``), in every dimension.

A norm is built up coordinate by coordinate: ``N_{n+1}(v) = c(N_n(v_1..v_n), |v_{n+1}|)``, where the combiner c is a + b
for l1, max(a, b) for linf and sqrt(a^2 + b^2) for the Euclidean norm. Each c is a maximum of linear functions with
nonnegative slopes on the quadrant a, b >= 0, and positive off zero. A maximum of such functions is homogeneous, grows
with a and b, and obeys c(a+a', b+b') <= c(a,b) + c(a',b'). So if N_n is a norm, then

    ``N_{n+1}(v+w) <= c(N_n(v) + N_n(w), |v_{n+1}| + |w_{n+1}|) <= N_{n+1}(v) + N_{n+1}(w)``,

``N_{n+1}(tv) = |t| N_{n+1}(v)``, and N_{n+1}(v) = 0 only for v = 0; N_1 is the absolute value. A norm distance is never
negative, vanishes at equal points only, is symmetric, continuous, and obeys the triangle inequality.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from assocmem.theory.exact.distances import METRIC, Distance, DistanceFunction
from assocmem.theory.exact.metric_axioms import vanishes_exactly_on_equals

Combiner = Callable[[sp.Expr, sp.Expr], sp.Expr]
a, b, g = sp.symbols("a b g", nonnegative=True)
LARGEST_JOINED = 4
"""Dimensions up to which a distance is compared with its build-up; its code treats all coordinates alike."""


def plus(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """The combiner of l1."""
    return first + second


def larger(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """The combiner of linf."""
    return sp.Max(first, second)


def hypotenuse(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """The combiner of the Euclidean norm."""
    return sp.sqrt(first**2 + second**2)


COMBINERS: dict[str, Combiner] = {"l1": plus, "linf": larger, "euclidean": hypotenuse}


def is_linear(c: Combiner) -> bool:
    """c(a, b) is the one linear function a + b."""
    return bool(sp.expand(c(a, b) - (a + b)) == 0)


def is_larger(c: Combiner) -> bool:
    """c(a, b) is the maximum of the two linear functions a and b: it is the larger one in either order."""
    return bool(c(a + g, a) == a + g and c(b, b + g) == b + g)


def is_length(c: Combiner) -> bool:
    """c(a, b) is the maximum of p a + q b over p, q >= 0 with p^2 + q^2 = 1.

    c^2 - (p a + q b)^2 = (q a - p b)^2 >= 0 on that quarter of the circle, and it is 0 at p = a/c, q = b/c.
    """
    p = sp.Symbol("p", nonnegative=True)
    q = sp.sqrt(1 - p**2)
    return bool(sp.expand(c(a, b) ** 2 - (p * a + q * b) ** 2 - (q * a - p * b) ** 2) == 0)


SUPPORTED: dict[str, Callable[[Combiner], bool]] = {"l1": is_linear, "linf": is_larger, "euclidean": is_length}
"""For each named norm, the proof that its combiner is a maximum of linear functions with nonnegative slopes."""


def definite(c: Combiner) -> bool:
    """c(0, 0) = 0, and c is positive as soon as one of its arguments is."""
    p, q = sp.symbols("p q", positive=True)
    zero = sp.Integer(0)
    return bool(c(zero, zero) == 0 and all(v.is_positive for v in (c(p, zero), c(zero, q), c(p, q))))


def joins(distance: DistanceFunction, c: Combiner) -> bool:
    """d on n + 1 coordinates is c(d on the first n, ``|x_{n+1} - y_{n+1}|``), and ``|x - y|`` on one, symbolically."""
    x, y = (sp.symbols(f"{name}1:{LARGEST_JOINED + 1}", real=True) for name in "xy")
    if sp.simplify(distance(x[:1], y[:1]) - sp.Abs(x[0] - y[0])) != 0:
        return False
    for n in range(1, LARGEST_JOINED):
        built = c(distance(x[:n], y[:n]), sp.Abs(x[n] - y[n]))
        if sp.simplify(distance(x[: n + 1], y[: n + 1]) - built) != 0:
            return False
    return True


def is_norm(name: str, distance: DistanceFunction) -> bool:
    """Whether the distance is proved to be that of a norm, by the build-up that belongs to ``name``."""
    c = COMBINERS.get(name)
    return c is not None and SUPPORTED[name](c) and definite(c) and joins(distance, c)


def is_squared(distance: DistanceFunction) -> bool:
    """The distance is the sum over the coordinates of (x_c - y_c)^2, expanded in up to ``LARGEST_JOINED``
    dimensions.
    """
    x, y = (sp.symbols(f"{name}1:{LARGEST_JOINED + 1}", real=True) for name in "xy")
    sizes = range(1, LARGEST_JOINED + 1)
    return all(
        sp.expand(distance(x[:n], y[:n]) - sum((p - q) ** 2 for p, q in zip(x[:n], y[:n], strict=True))) == 0
        for n in sizes
    )


def proved(distance: Distance) -> frozenset[str]:
    """The properties that are proved here for a distance under its name; empty where no proof is known.

    A granted property that is not among them is granted without proof.
    """
    if distance.name in COMBINERS:
        if not is_norm(distance.name, distance.function):
            return frozenset()
        sum_of_parts = {"taxicab"} if COMBINERS[distance.name] is plus else set()
        return frozenset({*METRIC, "norm", "continuous", *sum_of_parts})
    if distance.name == "sqeuclidean" and is_squared(distance.function):
        nonnegative, separates = vanishes_exactly_on_equals(distance.function, 1)
        # Symmetry: (x_c - y_c)^2 = (y_c - x_c)^2 termwise; a polynomial is continuous.
        properties = {"squared euclidean", "continuous", "symmetric"}
        return frozenset(
            properties | ({"nonnegative"} if nonnegative else set()) | ({"separates"} if separates else set())
        )
    return frozenset()
