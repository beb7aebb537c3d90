"""Small exact objects behind the sentences around equation (4): rival formulas, prior art, Hopfield's fixed points."""

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


def clam_energy(dist: Sequence[sp.Expr], beta: sp.Expr) -> sp.Expr:
    """The energy of Saha et al. (2023), section 3: ``-(1/beta) log sum exp(-beta |rho - v|^2)``."""
    return -(1 / beta) * sp.log(sum(sp.exp(-beta * v) for v in dist))


PRIOR_ART: tuple[tuple[str, int, OfDistances], ...] = (
    (
        "Saha et al., End-to-end Differentiable Clustering with Associative Memories",
        2023,
        lambda dist: clam_energy(dist, sp.Integer(1)),
    ),
)
"""Earlier publications of a distance-based LogSumExp energy: name, year, formula at inverse temperature 1."""

LETTERS = {
    "d": ("number of samples", "distance"),
    "D": ("number of tokens", "set of samples (calligraphic)", "set of patterns (calligraphic)"),
    "n": ("dimension of a pattern", "number of entries in the lemmas"),
}
"""Meanings of the letters that the paper overloads."""


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
