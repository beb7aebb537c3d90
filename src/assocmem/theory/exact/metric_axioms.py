"""What a distance must do for equation (3): never be negative, and vanish exactly when its two points agree.

A distance is given as a function of two sympy vectors, so that an extender can put another in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy as sp

DistanceFunction = Callable[[Sequence[sp.Expr], Sequence[sp.Expr]], sp.Expr]


def squared_euclidean(x: Sequence[sp.Expr], y: Sequence[sp.Expr]) -> sp.Expr:
    """``|x - y|^2``."""
    return sum(((a - b) ** 2 for a, b in zip(x, y, strict=True)), sp.Integer(0))


def vanishes_exactly_on_equals(distance: DistanceFunction, n: int) -> tuple[bool, bool]:
    """(never negative, zero exactly where x = y) for a quadratic distance in n dimensions, by exact linear algebra.

    The form's matrix must be positive semidefinite, with the kernel {(v, v)} of dimension n.

    Raises
    ------
    ValueError
        When the distance is not a quadratic form.
    """
    x, y = sp.symbols(f"x1:{n + 1}", real=True), sp.symbols(f"y1:{n + 1}", real=True)
    z = [*x, *y]
    value = sp.expand(distance(x, y))
    matrix = sp.hessian(value, z) / 2
    form = (sp.Matrix([z]) * matrix * sp.Matrix(z))[0]
    if matrix.free_symbols or sp.expand(value - form) != 0:
        raise ValueError("distance must be a quadratic form in the coordinates of x and y")
    nonnegative = all(v >= 0 for v in matrix.eigenvals())
    kernel = matrix.nullspace()
    diagonal = all(all(v[i] == v[n + i] for i in range(n)) for v in kernel)
    return nonnegative, len(kernel) == n and diagonal


def triangle_excess(distance: DistanceFunction) -> sp.Expr:
    """d(0, 2) - d(0, 1) - d(1, 2) on the line: positive means that the triangle inequality fails."""
    zero, one, two = ([sp.Integer(k)] for k in (0, 1, 2))
    return sp.simplify(distance(zero, two) - distance(zero, one) - distance(one, two))
