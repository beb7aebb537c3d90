"""Propositions 1-3: how far the distance energy E, the nearest distance g and the MCHN energy lie apart.

Every proposition is a sandwich of linear forms in five quantities at a point x:
``g`` (equation 3), ``E`` (equation 4), ``M`` = 2 E_MCHN at beta = 2, ``log_d`` and
``delta`` = max |rho|^2 - min |rho|^2.
Four facts are proved termwise (`facts`); a sandwich is proved when each side is a nonnegative rational combination
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
from scipy.optimize import nnls

from assocmem.theory.certified import lse, sign, squared_distance, squared_norm, to_arb

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
"""Inequalities (left minus right >= 0) that hold for all patterns and points; proved by `facts_hold`."""


@dataclass(frozen=True)
class LinearSandwich:
    """lower <= middle <= upper, each a linear form in `NAMES` (absent names have coefficient 0)."""

    lower: Linear
    middle: Linear
    upper: Linear

    def slacks(self) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
        """middle - lower and upper - middle."""
        return _minus(self.middle, self.lower), _minus(self.upper, self.middle)


def _minus(a: Linear, b: Linear) -> dict[str, Fraction]:
    return {k: Fraction(a.get(k, 0)) - Fraction(b.get(k, 0)) for k in NAMES}


def facts_hold(dims: int = 3, patterns: int = 4) -> bool:
    """Derive the facts: completion of the square, then two sums of terms with known ranges.

    With xi^2 = max |rho|^2: 2 rho.x - |x|^2 - xi^2 = -|x-rho|^2 + (|rho|^2 - xi^2), hence
    exp(-(M - log d - E)) is the softmax-weighted mean of exp(v_i) with v_i in [-delta, 0]: it lies in
    [exp(-delta), 1]. And exp(g - E) is a sum of d terms in (0, 1] of which one is 1: it lies in [1, d].
    """
    x, rho = sp.symbols(f"x1:{dims + 1}"), sp.symbols(f"r1:{dims + 1}")
    xi2 = sp.Symbol("xi2")
    dot = sum(a * b for a, b in zip(x, rho, strict=True))
    nx, nr = sum(a * a for a in x), sum(b * b for b in rho)
    dist = sum((a - b) ** 2 for a, b in zip(x, rho, strict=True))
    square = sp.expand((2 * dot - nx - xi2) - (-dist + nr - xi2)) == 0
    # Weighted mean of factors f_i = 1/(1+s_i), s_i >= 0: 1 - mean has nonnegative coefficients over a positive sum.
    a, s = sp.symbols(f"a1:{patterns + 1}", positive=True), sp.symbols(f"s1:{patterns + 1}", nonnegative=True)
    gap = sp.expand(sum(a) - sum(p * (1 - q) for p, q in zip(a, s, strict=True)))
    mean = all(c > 0 for c in sp.Poly(gap, *a, *s).coeffs())
    t = sp.symbols(f"t2:{patterns + 1}", positive=True)
    count = sp.Poly(1 + sum(t), *t).coeffs() == [1] * patterns
    return bool(square and mean and count)


def certificate(slack: Linear) -> dict[str, Fraction] | None:
    """Nonnegative rational weights that write ``slack`` as a combination of `FACTS`, verified exactly, or None."""
    matrix = np.array([[fact.get(name, 0) for fact in FACTS.values()] for name in NAMES], dtype=float)
    weights, _ = nnls(matrix, np.array([float(slack.get(name, 0)) for name in NAMES]))
    exact = [Fraction(float(w)).limit_denominator(1000) for w in weights]
    for name in NAMES:
        total = sum((w * f.get(name, 0) for w, f in zip(exact, FACTS.values(), strict=True)), Fraction(0))
        if total != Fraction(slack.get(name, 0)):
            return None
    return {k: w for k, w in zip(FACTS, exact, strict=True) if w}


def quantities(x: Point, patterns: tuple[Point, ...]) -> dict[str, arb]:
    """Balls around the five quantities at an exact point, at the working precision."""
    norms = [squared_norm(p) for p in patterns]
    dists = [squared_distance(x, p) for p in patterns]
    log_d = to_arb(len(patterns)).log() if len(patterns) > 1 else arb(0)
    tilt = [to_arb(2 * sum((a * b for a, b in zip(p, x, strict=True)), Fraction(0))) for p in patterns]
    return {
        "g": to_arb(min(dists)),
        "E": -lse([to_arb(-d) for d in dists]),
        "M": -lse(tilt) + to_arb(squared_norm(x) + max(norms)) + log_d,
        "log_d": log_d,
        "delta": to_arb(max(norms) - min(norms)),
    }


def certified_sign(slack: Linear, x: Point, patterns: tuple[Point, ...]) -> int | None:
    """Certified sign of a linear form at an exact point, or None where Arb cannot decide (exact ties)."""

    def value() -> arb:
        found = quantities(x, patterns)
        total = arb(0)
        for name in NAMES:
            total += to_arb(Fraction(slack.get(name, 0))) * found[name]
        return total

    return sign(value)


def _cases() -> list[tuple[Point, tuple[Point, ...]]]:
    sets = [((-1,), (1,)), ((-1,), (0,)), ((0,), (3,)), ((-2,), (0,), (2,)), ((0,),), ((5,), (5,)),
            ((-2,), (0,), (1,)), ((1, 1), (1, -1), (-1, 1), (-1, -1)), ((0, 0), (3, 4), (1, 0))]  # fmt: skip
    values = tuple(Fraction(v) for v in ("0", "1", "-1", "1/2", "5", "-5", "-20"))
    out = []
    for rows in sets:
        patterns = tuple(tuple(Fraction(c) for c in row) for row in rows)
        points = product(values, repeat=len(rows[0])) if len(rows[0]) == 1 else [(v, v / 3) for v in values]
        out += [(tuple(Fraction(c) for c in x), patterns) for x in points]
    return out


CASES = _cases()
"""Exact adversarial points: one pattern, duplicates, equal norms, a zero pattern, far points, midpoints."""


def counterexample(stmt: LinearSandwich) -> tuple[str, Point, tuple[Point, ...]] | None:
    """The first adversarial case at which a bound is certainly violated, with the side that fails."""
    for x, patterns in CASES:
        for side, slack in zip(("lower", "upper"), stmt.slacks(), strict=True):
            if certified_sign(slack, x, patterns) == -1:
                return side, x, patterns
    return None


def search(stmt: LinearSandwich, seed: int = 0, rounds: int = 400) -> float:
    """Smallest slack met by a seeded attack with small integer patterns in one to three dimensions (float64)."""
    rng = np.random.default_rng(seed)
    worst = np.inf
    for _ in range(rounds):
        n, d = int(rng.integers(1, 4)), int(rng.integers(1, 6))
        patterns, x = rng.integers(-3, 4, (d, n)).astype(float), rng.integers(-5, 6, n).astype(float)
        dist, norm = ((x - patterns) ** 2).sum(1), (patterns**2).sum(1)
        found = {
            "g": dist.min(),
            "E": -np.logaddexp.reduce(-dist),
            "M": -np.logaddexp.reduce(2 * patterns @ x) + x @ x + norm.max() + np.log(d),
            "log_d": np.log(d),
            "delta": norm.max() - norm.min(),
        }
        for slack in stmt.slacks():
            worst = min(worst, float(sum(float(slack[k]) * found[k] for k in NAMES)))
    return float(worst)


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
