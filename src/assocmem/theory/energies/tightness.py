"""When the bounds of the corrected Proposition 3 are equalities, and when they are only approached.

With g the nearest squared distance, M = 2 E_MCHN at beta = 2, xi^2 the largest squared norm, and
v_i = ``|rho_i|^2`` - xi^2 <= 0:

    d exp(g - M) = sum_i exp(v_i) exp(-(d_i - g)).

The second factors lie in (0, 1] and are 1 for all i exactly where x is equally far from all patterns: so g - M is at
most ``level``, and ``level`` is 0 exactly if all v_i are. From below, the term of a nearest pattern i is exp(v_i) >=
exp(-delta) and the others are positive, so for d >= 2 the lower bound is never an equality. It is approached along a
ray on which all other distances grow faster than that of a pattern of least norm; there is one exactly if that pattern
occurs once and is a vertex of the convex hull. If it is a mean of others with weights w_j, then sum_j w_j (d_j - d_i)
is a number V <= delta, whatever x, so some term beside it is at least exp(-delta) exp(-delta).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product

import sympy as sp
from flint import arb

from assocmem.theory.energies.sandwich import Point, quantities
from assocmem.theory.exact.certified import squared_distance, squared_norm, to_arb

Rows = tuple[Point, ...]


def weighted_step() -> bool:
    """One more term w t with w > 0, t = 1 - u in (0, 1]: sum w - sum w t grows by w u >= 0; it is 0 only if all u are.

    That is the induction over the patterns: the distance p of the sums before becomes p + w u, which vanishes only with
    both.
    """
    p, u = sp.symbols("p u", nonnegative=True)
    total, weight = sp.symbols("W w", positive=True)
    distance = sp.expand(total + weight - ((total - p) + weight * (1 - u)))
    parts = (p, weight * u)
    return bool(sp.expand(distance - sum(parts)) == 0 and all(part.is_nonnegative for part in parts))


def ray_residual() -> sp.Expr:
    """One coordinate of d_j - d_i - (``|rho_j|^2`` - ``|rho_i|^2``) - 2 x.(rho_i - rho_j): the gap is affine in x."""
    x, one, other = sp.symbols("x r s", real=True)
    return sp.expand((x - other) ** 2 - (x - one) ** 2 - (other**2 - one**2) - 2 * x * (one - other))


def ray_limit() -> sp.Expr:
    """The limit of exp(-(d_j - d_i)) = exp(-(c + 2 s t)) along a ray with slope s > 0."""
    c, t = sp.Symbol("c", real=True), sp.Symbol("t", real=True)
    slope = sp.Symbol("s", positive=True)
    return sp.limit(sp.exp(-(c + 2 * slope * t)), t, sp.oo)


def second_term_residual() -> sp.Expr:
    """log(exp(-delta) + exp(-delta) exp(-delta)) + delta - log(1 + exp(-delta)): the distance that is left at least."""
    delta = sp.Symbol("delta", nonnegative=True)
    two = sp.exp(-delta) + sp.exp(-delta) * sp.exp(-delta)
    return sp.simplify(sp.expand_log(sp.log(sp.factor(two)), force=True) + delta - sp.log(1 + sp.exp(-delta)))


def equal_norms(rows: Rows) -> bool:
    """Whether all patterns have the same norm, exactly."""
    return len({squared_norm(row) for row in rows}) == 1


def equally_far(rows: Rows, x: Point) -> bool:
    """Whether x is equally far from all patterns, exactly."""
    return len({squared_distance(x, row) for row in rows}) == 1


def level(rows: Rows) -> arb:
    """log of the mean of exp(``|rho_i|^2`` - xi^2), at the working precision."""
    norms = [squared_norm(row) for row in rows]
    total = sum((to_arb(v - max(norms)).exp() for v in norms), arb(0))
    return (total / len(rows)).log()


def is_mean_of(point: Point, others: Sequence[Point]) -> bool:
    """Whether a point lies in the convex hull of others: exactly, over their affinely independent subsets."""
    target = sp.Matrix([*map(sp.Rational, point), 1])
    for size in range(1, min(len(others), len(point) + 1) + 1):
        for subset in combinations(others, size):
            matrix = sp.Matrix([[sp.Rational(row[c]) for row in subset] for c in range(len(point))] + [[1] * size])
            if matrix.rank() == size:
                weights = (matrix.T * matrix).LUsolve(matrix.T * target)
                if matrix * weights == target and all(w >= 0 for w in weights):
                    return True
    return False


def lone_least_vertex(rows: Rows) -> bool:
    """Whether some pattern of least norm occurs once and is a vertex of the convex hull of all."""
    least = min(squared_norm(row) for row in rows)
    return any(
        squared_norm(row) == least and not is_mean_of(row, [*rows[:i], *rows[i + 1 :]]) for i, row in enumerate(rows)
    )


def distance_left(rows: Rows) -> arb:
    """How far g - M stays above -delta - log d at least where it does not approach it.

    log(1 + exp(-delta)) where a pattern of least norm is nearest, the gap to the next squared norm elsewhere.
    """
    norms = sorted({squared_norm(row) for row in rows})
    left = (1 + to_arb(norms[0] - norms[-1]).exp()).log()
    return left if len(norms) == 1 else left.min(to_arb(norms[1] - norms[0]))


def above_floor(rows: Rows, x: Point) -> arb:
    """g - M + delta + log d at an exact point, at the working precision."""
    values = quantities(x, rows)
    return values["g"] - values["M"] + values["delta"] + values["log_d"]


def far_points(size: int, reach: int = 40) -> list[Point]:
    """Points far away in every direction of a small grid."""
    steps = product(range(-2, 3), repeat=size)
    return [tuple(Fraction(reach * c) for c in step) for step in steps if any(step)]
