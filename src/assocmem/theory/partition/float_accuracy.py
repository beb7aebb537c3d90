"""Where float64 formulas for log I_n(r) lose their digits: each way to call scipy, against certified balls.

The verdict on a value is "ok" within the error bound of ``assocmem.theory.exact.ball_integrals``
(``32 (1 + n + |log I|)`` units of 2^-53), else the size of the error as a power of ten, or what came out instead of a
number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction

import mpmath  # type: ignore[import-untyped]
import numpy as np
from flint import arb
from scipy import special

from assocmem.tables import Table
from assocmem.theory.exact.ball_integrals import log_ball_integral, paper_radius
from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_integral, certified_log_ball_volume

Formula = Callable[[float, float], float]
PAPER_SIZES = (10, 100, 1024, 1128, 1129, 1241, 10**4, 10**6)
"""Dimensions for the paper's radius: scipy's P is 0 from the fifth on, pi^(n/2) infinite from the sixth on."""
OTHER_POINTS = ((1, 40.0), (20, 27.0), (800, 30.6875), (1000, 40.0), (1300, 40.0), (10**4, 40.0))
"""Larger radii, where the confluent functions run into trouble."""


def product(n: float, r: float) -> float:
    """pi^(n/2) P(n/2, r^2), multiplied first."""
    return float(np.log(np.float64(math.pi) ** (n / 2) * special.gammainc(n / 2, r * r)))


def sum_of_logs(n: float, r: float) -> float:
    """(n/2) log pi + log P(n/2, r^2)."""
    return float(n / 2 * math.log(math.pi) + np.log(special.gammainc(n / 2, r * r)))


def naive_log_volume(n: float, r: float) -> float:
    """(n/2) log pi + n log r - log Gamma(n/2 + 1)."""
    return float(n / 2 * math.log(math.pi) + n * math.log(r) - special.gammaln(n / 2 + 1))


def alternating(n: float, r: float) -> float:
    """log V + log 1F1(n/2; n/2+1; -r^2)."""
    return naive_log_volume(n, r) + float(np.log(special.hyp1f1(n / 2, n / 2 + 1, -r * r)))


def positive_series(n: float, r: float) -> float:
    """log V - r^2 + log 1F1(1; n/2+1; r^2)."""
    return naive_log_volume(n, r) - r * r + float(np.log(special.hyp1f1(1.0, n / 2 + 1, r * r)))


def ours(n: float, r: float) -> float:
    """``assocmem.theory.exact.ball_integrals.log_ball_integral``."""
    return float(log_ball_integral(n, r))


FORMULAS: dict[str, Formula] = {
    "pi^(n/2) P": product,
    "log P": sum_of_logs,
    "1F1(-x)": alternating,
    "1F1(x)": positive_series,
    "ours": ours,
}


def verdict(formula: Formula, n: int, r: float) -> str:
    """ "ok", "1e-k" for the size of the error of log I, "-inf" (underflow), "inf" (overflow) or "nan"."""
    with np.errstate(all="ignore"):
        value = formula(float(n), r)
    if not math.isfinite(value):
        return str(value)
    with precision(256):
        error = abs(float((arb(value) - certified_log_ball_integral(n, Fraction(r), bits=256)).mid()))
    if error <= 32 * (1 + n + abs(value)) * 2.0**-53:
        return "ok"
    return f"1e{math.floor(math.log10(error))}"


HEADS = (r"$\pi^{n/2}P$", r"$\log P$", "$_1F_1(-x)$", "$_1F_1(x)$", "this book")
"""How a table names the formulas, in their order."""
SAID = {"-inf": r"$-\infty$", "inf": r"$\infty$", "nan": "no number"}
"""How it says what came out in place of a number."""


def table(points: Iterable[tuple[int, float]]) -> Table:
    """One row for each (n, r): the verdict on every formula."""
    rows = []
    for n, r in points:
        found = [verdict(formula, n, r) for formula in FORMULAS.values()]
        rows.append((f"{n:,}", f"{r:.3f}", *(SAID.get(word, word) for word in found)))
    return Table(("dimension", "radius", *HEADS), rows)


def at_paper_radius(sizes: Iterable[int] = PAPER_SIZES) -> Table:
    """The table along the paper's radius."""
    return table((n, float(paper_radius(n))) for n in sizes)


def thresholds() -> dict[str, int]:
    """First n at which, at the paper's radius, P is subnormal, P is 0, pi^(n/2) overflows, I itself is subnormal."""
    sizes = np.arange(1, 15000)
    mass = special.gammainc(sizes / 2, paper_radius(sizes) ** 2)
    with np.errstate(over="ignore"):
        whole = np.float64(math.pi) ** (sizes / 2)
    least = np.finfo(float).tiny
    own = log_ball_integral(sizes, paper_radius(sizes))
    firsts = (mass < least, mass == 0, np.isinf(whole), own < math.log(least))
    names = ("P subnormal", "P zero", "pi^(n/2) infinite", "I subnormal")
    return {name: int(sizes[np.argmax(flags)]) for name, flags in zip(names, firsts, strict=True)}


def by_mpmath(n: int, r: float, digits: int = 40) -> float:
    """log I by mpmath's incomplete gamma function, to so many digits: an evaluation that shares no code with Arb."""
    with mpmath.workdps(digits + int(math.log10(n + 1)) + 10):
        order, at = mpmath.mpf(n) / 2, mpmath.mpf(r) ** 2
        mass = mpmath.log(mpmath.gammainc(order, 0, at, regularized=True))
        return float(order * mpmath.log(mpmath.pi) + mass)


def volume_parts(n: int) -> tuple[float, float, float]:
    """(n/2) log pi + n log r, log Gamma(n/2 + 1) and their difference log V_n(r), at the paper's radius."""
    r = float(paper_radius(n))
    with precision(256):
        volume = certified_log_ball_volume(n, Fraction(r), bits=256)
        gamma = (arb(n) / 2 + 1).lgamma()
        first, second, difference = (float(ball.mid()) for ball in (volume + gamma, gamma, volume))
    return first, second, difference
