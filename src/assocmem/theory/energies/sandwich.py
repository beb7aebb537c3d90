"""Propositions 1-3: how far the distance energy E, the nearest distance g and the MCHN energy lie apart.

Every proposition is a sandwich of linear forms in five quantities at a point x:
``g`` (equation 3), ``E`` (equation 4), ``M`` = 2 E_MCHN at beta = 2, ``log_d`` and
``delta = max |rho|^2 - min |rho|^2``.
Four facts are proved termwise (``facts``); a sandwich is proved when each side is a nonnegative rational combination
of them, a certificate that is verified exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
import sympy as sp
from flint import arb
from jaxtyping import Float
from scipy.optimize import nnls

from assocmem.theory.exact import attack
from assocmem.theory.exact.certified import lse, precision, sign, squared_norm, to_arb
from assocmem.theory.exact.distances import PAPER, Distance
from assocmem.theory.logsumexp.induction import mean_step, sum_step

NAMES = ("g", "E", "M", "log_d", "delta")
Linear = Mapping[str, Fraction | int]
Point = tuple[Fraction, ...]

FACTS: dict[str, dict[str, int]] = {
    "E >= g - log d": {"E": 1, "g": -1, "log_d": 1},
    "g >= E": {"g": 1, "E": -1},
    "M - log d >= E": {"M": 1, "log_d": -1, "E": -1},
    "E + delta >= M - log d": {"E": 1, "delta": 1, "M": -1, "log_d": 1},
    "delta >= 0": {"delta": 1},
    "log d >= 0": {"log_d": 1},
}
"""Inequalities (left minus right >= 0) that hold for all patterns and points; proved by ``facts_hold``."""
UNTRUE: tuple[dict[str, int], ...] = (
    {"g": 1, "E": -1, "log_d": -1},
    {"E": 1, "g": -1},
    {"M": 1, "log_d": -1, "E": -1, "delta": -1},
    {"E": 1, "M": -1, "log_d": 1},
    {"delta": -1},
    {"log_d": -1},
)
"""The same the other way round, or with a term left out: each is negative at some corner."""


@dataclass(frozen=True)
class LinearSandwich:
    """lower <= middle <= upper, each a linear form in ``NAMES`` (absent names have coefficient 0)."""

    lower: Linear
    middle: Linear
    upper: Linear

    def slacks(self) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
        """middle - lower and upper - middle."""
        return _minus(self.middle, self.lower), _minus(self.upper, self.middle)


def _minus(a: Linear, b: Linear) -> dict[str, Fraction]:
    return {k: Fraction(a.get(k, 0)) - Fraction(b.get(k, 0)) for k in NAMES}


def facts_of(distance: Distance = PAPER) -> dict[str, dict[str, int]]:
    """The facts that are proved for a distance.

    Those on E and g count terms in (0, 1] and hold for any real numbers d(x, rho_i); those on M complete a square.
    """
    squared = distance.has("squared euclidean")
    return {name: fact for name, fact in FACTS.items() if squared or "M" not in fact}


def facts_hold(distance: Distance = PAPER) -> bool:
    """Derive ``facts_of`` for every n and d: completion of the square by coordinate, two inductions over the patterns.

    With ``xi^2 = max |rho|^2``: ``2 rho.x - |x|^2 - xi^2 = -|x-rho|^2 + (|rho|^2 - xi^2)``, hence
    exp(-(M - log d - E)) is the softmax-weighted mean of exp(v_i) with v_i in [-delta, 0]: it lies in
    [exp(-delta), 1]. And exp(g - E) is a sum of d terms in (0, 1] of which one is 1: it lies in [1, d].

    Raises
    ------
    ArithmeticError
        If a form of ``UNTRUE`` passes.
    """
    if any(holds(untrue) for untrue in UNTRUE):
        raise ArithmeticError("a linear form that is negative somewhere passes for nonnegative")
    completed = not distance.has("squared euclidean") or (square_residual() == 0 and mean_step())
    return bool(completed and sum_step() and all(holds(f) for f in facts_of(distance).values()))


def holds(slack: Linear) -> bool:
    """Whether a linear form in ``NAMES`` is nonnegative for all patterns and points, by the ranges that are proved.

    E = g - sigma with sigma = log of a sum in [1, d]; M = E + log d + mu with mu = -log of a mean in [exp(-delta), 1].
    The form becomes (sum of the coefficients of g, E, M) g + a sigma + b mu + c log d + e delta, which is nonnegative
    on sigma in [0, log d], mu in [0, delta], log d >= 0, delta >= 0 iff it is at the corners.
    """
    at = {name: Fraction(slack.get(name, 0)) for name in NAMES}
    if at["g"] + at["E"] + at["M"] != 0:
        return False
    sigma, mu = -at["E"] - at["M"], at["M"]
    return all(at["log_d"] + at["M"] + s >= 0 for s in (Fraction(0), sigma)) and all(
        at["delta"] + m >= 0 for m in (Fraction(0), mu)
    )


def square_residual() -> sp.Expr:
    """One coordinate of ``(2 rho.x - |x|^2) - (-|x-rho|^2 + |rho|^2)``; the sum of n zeros is zero, for every n."""
    x, rho = sp.symbols("x rho", real=True)
    return sp.expand((2 * rho * x - x**2) - (-((x - rho) ** 2) + rho**2))


def mchn_terms(dims: int = 2, patterns: int = 3) -> dict[str, sp.Expr]:
    """The MCHN energy term by term (Ramsauer et al., eq. 2): symbols x1.., r11.. (pattern, coordinate), d, beta."""
    x = sp.symbols(f"x1:{dims + 1}", real=True)
    rho = [sp.symbols(f"r{i}1:{i}{dims + 1}", real=True) for i in range(1, patterns + 1)]
    beta, d = sp.symbols("beta d", positive=True)
    scores = [sum(a * b for a, b in zip(row, x, strict=True)) for row in rho]
    return {
        "LogSumExp": -sp.log(sum(sp.exp(beta * v) for v in scores)) / beta,
        "quadratic": sum(c * c for c in x) / 2,
        "number": sp.log(d) / beta,
        "maximal norm": sp.Max(*[sum(c * c for c in row) for row in rho]) / 2,
    }


def certificate(slack: Linear, distance: Distance = PAPER) -> dict[str, Fraction] | None:
    """Nonnegative rational weights that write ``slack`` as a combination of ``facts_of``, verified exactly, or None."""
    facts = facts_of(distance)
    matrix = np.array([[fact.get(name, 0) for fact in facts.values()] for name in NAMES], dtype=float)
    weights, _ = nnls(matrix, np.array([float(slack.get(name, 0)) for name in NAMES]))
    exact = [Fraction(float(w)).limit_denominator(1000) for w in weights]
    for name in NAMES:
        total = sum((w * f.get(name, 0) for w, f in zip(exact, facts.values(), strict=True)), Fraction(0))
        if total != Fraction(slack.get(name, 0)):
            return None
    return {k: w for k, w in zip(facts, exact, strict=True) if w}


def log_count(patterns: tuple[Point, ...]) -> arb:
    """A ball around log d, the exact 0 for one pattern."""
    return to_arb(len(patterns)).log() if len(patterns) > 1 else arb(0)


def quantities(x: Point, patterns: tuple[Point, ...], distance: Distance = PAPER) -> dict[str, arb]:
    """Balls around the five quantities at an exact point, at the working precision; g and E of ``distance``."""
    norms = [squared_norm(p) for p in patterns]
    log_d = log_count(patterns)
    tilt = [to_arb(2 * sum((a * b for a, b in zip(p, x, strict=True)), Fraction(0))) for p in patterns]
    return {
        "g": distance.nearest(x, patterns),
        "E": distance.energy(x, patterns),
        "M": -lse(tilt) + to_arb(squared_norm(x) + max(norms)) + log_d,
        "log_d": log_d,
        "delta": to_arb(max(norms) - min(norms)),
    }


def linear_form(slack: Linear, x: Point, patterns: tuple[Point, ...], distance: Distance = PAPER) -> arb:
    """A ball around a linear form at an exact point, at the working precision."""
    values, total = quantities(x, patterns, distance), arb(0)
    for name in NAMES:
        total += to_arb(Fraction(slack.get(name, 0))) * values[name]
    return total


def certified_value(slack: Linear, x: Point, patterns: tuple[Point, ...], bits: int = 1024) -> arb:
    """A ball around a linear form at an exact point, computed with the given number of bits."""
    with precision(bits):
        return linear_form(slack, x, patterns)


def certified_sign(slack: Linear, x: Point, patterns: tuple[Point, ...], distance: Distance = PAPER) -> int | None:
    """Certified sign of a linear form at an exact point, or None where Arb cannot decide (exact ties)."""
    return sign(lambda: linear_form(slack, x, patterns, distance))


def _cases() -> list[tuple[Point, tuple[Point, ...]]]:
    sets = [
        ((-1,), (1,)),
        ((-1,), (0,)),
        ((0,), (3,)),
        ((-2,), (0,), (2,)),
        ((0,),),
        ((5,), (5,)),
        ((-2,), (0,), (1,)),
        ((1, 1), (1, -1), (-1, 1), (-1, -1)),
        ((0, 0), (3, 4), (1, 0)),
    ]
    values = tuple(Fraction(v) for v in ("0", "1", "-1", "1/2", "5", "-5", "-20"))
    out = []
    for rows in sets:
        patterns = tuple(tuple(Fraction(c) for c in row) for row in rows)
        points = product(values, repeat=len(rows[0])) if len(rows[0]) == 1 else [(v, v / 3) for v in values]
        out += [(tuple(Fraction(c) for c in x), patterns) for x in points]
    return out


CASES = _cases()
"""Exact adversarial points: one pattern, duplicates, equal norms, a zero pattern, far points, midpoints."""


def counterexample(stmt: LinearSandwich, distance: Distance = PAPER) -> tuple[str, Point, tuple[Point, ...]] | None:
    """The first adversarial case at which a bound is certainly violated, with the side that fails."""
    for x, patterns in CASES:
        for side, slack in zip(("lower", "upper"), stmt.slacks(), strict=True):
            if certified_sign(slack, x, patterns, distance) == -1:
                return side, x, patterns
    return None


SHAPES = ((1, 2), (1, 3), (2, 3))
"""(n, d) of the attacks."""


def quantities_float(x: Float[np.ndarray, " n"], patterns: Float[np.ndarray, "d n"]) -> dict[str, float]:
    """The five quantities in float64, for attacks."""
    dist, norm = ((x - patterns) ** 2).sum(1), (patterns**2).sum(1)
    log_d = float(np.log(len(patterns)))
    return {
        "g": float(dist.min()),
        "E": -attack.lse(-dist),
        "M": -attack.lse(2 * patterns @ x) + float(x @ x + norm.max()) + log_d,
        "log_d": log_d,
        "delta": float(norm.max() - norm.min()),
    }


def search(stmt: LinearSandwich) -> float:
    """Smallest slack met by descending it over the point and all patterns at once, ``SHAPES``, coordinates in
    [-6, 6].
    """
    sides = stmt.slacks()

    def slack_of(n: int, d: int) -> attack.Slack:
        def slack(z: attack.Vector) -> float:
            values = quantities_float(z[:n], z[n:].reshape(d, n))
            return min(sum(float(side[k]) * values[k] for k in NAMES) for side in sides)

        return slack

    return min(attack.worst(slack_of(n, d), n * (d + 1), count=6)[0] for n, d in SHAPES)


def midpoint_excess(r: Fraction, kind: str) -> arb:
    """f(0) - (f(-r) + f(r))/2 for D = {-r, r} in one dimension: positive refutes convexity.

    ``kind`` is "mchn" (beta = 1), "E" (equation 4) or "quadratic" (x^2/2 alone, which is convex).
    """
    square = Fraction(r) * Fraction(r)
    if kind == "quadratic":
        return -to_arb(square / 2)
    if kind == "E":
        zero, end = [-square, -square], [Fraction(0), -4 * square]
        return lse([to_arb(v) for v in end]) - lse([to_arb(v) for v in zero])
    zero, end = [Fraction(0), Fraction(0)], [square, -square]
    return lse([to_arb(v) for v in end]) - to_arb(square / 2) - lse([to_arb(v) for v in zero])
