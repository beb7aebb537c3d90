"""Small exact objects behind the sentences around equation (4): its sum, its step, and Hopfield's fixed points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import sympy as sp

OfDistances = Callable[[Sequence[sp.Expr]], sp.Expr]


def distance_energy(dist: Sequence[sp.Expr]) -> sp.Expr:
    """Equation (4) as a function of the squared distances."""
    return -sp.log(sum(sp.exp(-v) for v in dist))


def summed_distances(dist: Sequence[sp.Expr]) -> sp.Expr:
    """What summing up the negative distances would give, with the sign of an energy."""
    return -sum(-v for v in dist)


def universal_residuals(step: sp.Expr) -> list[sp.Expr]:
    """x - step * grad E minus the softmax-weighted mean of three patterns in the plane, by coordinate."""
    x = sp.symbols("x1 x2", real=True)
    rows = [sp.symbols(f"r{i}1 r{i}2", real=True) for i in (1, 2, 3)]
    terms = [sp.exp(-sum((a - b) ** 2 for a, b in zip(x, row, strict=True))) for row in rows]
    energy = -sp.log(sum(terms))
    out = []
    for k, coordinate in enumerate(x):
        mean = sum(w * row[k] for w, row in zip(terms, rows, strict=True)) / sum(terms)
        out.append(sp.simplify(coordinate - step * sp.diff(energy, coordinate) - mean))
    return out


def universal_step(step: sp.Expr | int) -> sp.Expr:
    """x - step * dE/dx minus the softmax-weighted mean of the patterns, in one coordinate, for any number of patterns.

    A is the sum of the weights exp(-d_i), B that of the weights times the patterns' coordinate; the others of
    a pattern give its weight a factor k. One pattern has
    A' = 2 (B - x A), and that stays so when a weight w of a pattern r is added, which is verified; E' = -A'/A.

    Raises
    ------
    ArithmeticError
        If the induction step fails.
    """
    x, r, mean = sp.symbols("x r B", real=True)
    total, others = sp.symbols("A k", positive=True)
    weight = others * sp.exp(-((x - r) ** 2))
    slope = 2 * (mean - x * total)
    more = 2 * ((mean + r * weight) - x * (total + weight))
    if sp.simplify(slope + sp.diff(weight, x) - more) != 0:
        raise ArithmeticError("the slope of the sum of weights is not 2 (B - x A)")
    return sp.simplify(x + step * slope / total - mean / total)


def single_flip_minima(patterns: Sequence[tuple[int, ...]]) -> set[tuple[int, ...]]:
    """States whose Hopfield energy -(1/2) sum_p (p.x)^2 no change of one unit lowers.

    The energy of Hebb's couplings with zero diagonal, up to a constant: a second way to the fixed points.
    """

    def energy(state: tuple[int, ...]) -> int:
        return -sum(sum(a * b for a, b in zip(p, state, strict=True)) ** 2 for p in patterns)

    def flipped(state: tuple[int, ...], k: int) -> tuple[int, ...]:
        return (*state[:k], -state[k], *state[k + 1 :])

    n = len(patterns[0])
    states = product((-1, 1), repeat=n)
    return {state for state in states if all(energy(flipped(state, k)) >= energy(state) for k in range(n))}


def hopfield_fixed_points(patterns: Sequence[tuple[int, ...]]) -> set[tuple[int, ...]]:
    """States of a Hopfield network (Hebb's couplings, zero diagonal) that no update x_i <- sign((Wx)_i) changes.

    A zero field keeps the unit as it is.
    """
    n = len(patterns[0])
    weight = [[0 if i == j else sum(p[i] * p[j] for p in patterns) for j in range(n)] for i in range(n)]
    fixed = set()
    for state in product((-1, 1), repeat=n):
        fields = [sum(w * s for w, s in zip(row, state, strict=True)) for row in weight]
        if all(f * s >= 0 for f, s in zip(fields, state, strict=True)):
            fixed.add(state)
    return fixed
