"""What Z = 1 asks of dimension and number of patterns, for the partition function, its closed form and its bounds.

All d balls have the paper's radius r(n) = sqrt(cn), c = 1/(2 pi e), so Z = d J(n) and Z = 1 means log d = -log J(n).
With a = n/2, q = 2c, a uniform U on (0, 1) and V = V_n(r(n)) = (a/e)^a / Gamma(a+1), the four formulas are

    exact    J = I_n(r), the ball integral                      = V E exp(-q a U^(1/a)),
    printed  J = 2 pi^a gamma(n, r)/Gamma(a), the paper's (12)  = V E exp(-sqrt(cn) U^(1/n)),
    upper    J = V,           the right end of the paper's (14),
    lower    J = V e^(-r),    its left end.

**Exactly one n for every d > 1.** The slope of log V in a is log a - psi(a+1) < 0, because log a is the mean of the
rising psi over (a, a+1). The slope of a U^(1/a) is U^(1/a) (1 - log(U)/a) > 0, and sqrt(cn) and U^(1/n) rise with n. So
every J falls strictly in real n > 0; it tends to 1 as n -> 0, and to 0 as n -> infinity, since V does.

Dimensions are real numbers here: between two integers lies the point at which Z passes 1.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from assocmem.theory.exact.ball_integrals import stirling_remainder
from assocmem.theory.exact.incomplete_gamma import Array

Formula = Literal["exact", "printed", "upper", "lower"]
FORMULAS: tuple[Formula, ...] = get_args(Formula)
C = 1 / (2 * math.pi * math.e)
"""r(n)^2 / n."""
_LARGEST = math.log(np.finfo(np.float64).max)
_FAR: dict[Formula, float] = {"exact": 1e100, "printed": 1e100, "upper": 300.0, "lower": 1e100}
"""Beyond this log d the leading term of n is n to a relative error below 1e-97."""


def check_formula(formula: str) -> None:
    """Refuse what is none of ``FORMULAS``.

    Raises
    ------
    ValueError
        For another formula.
    """
    if formula not in FORMULAS:
        raise ValueError(f"formula={formula!r} must be one of {FORMULAS}")


def known_side(n: object, d: object, log_d: object) -> str:
    """The name of the one argument that is not None.

    Raises
    ------
    TypeError
        Unless there is exactly one.
    """
    names = [name for name, value in (("n", n), ("d", d), ("log_d", log_d)) if value is not None]
    if len(names) != 1:
        raise TypeError(f"exactly one of n, d and log_d must be given, got {names or 'none'}")
    return names[0]


def _log_series(start: Array, x: Array) -> Array:
    """log sum_k x^k / ((s+1)...(s+k)); x/(s+1) stays below 1/8 for the arguments used here."""
    rest, term = np.zeros_like(x), np.ones_like(x)
    for k in range(1, 26):
        term = term * (x / (start + k))
        rest = rest + term
    return np.log1p(rest)


def log_patterns(n: npt.ArrayLike, formula: Formula = "exact") -> Array:
    """log d such that Z = 1 in dimension n (positive, real): float64 of its shape.

    The relative error is below 1e-13, for 1e-300 < n < 1/100 below 1e-10. Nothing large cancels, so n may be as large
    as float64 allows.

    Raises
    ------
    ValueError
        For another formula, and unless n is positive and finite.
    """
    check_formula(formula)
    n = np.asarray(n, dtype=np.float64)
    good = (n > 0) & np.isfinite(n)
    if not good.all():
        raise ValueError(f"n={n[~good].flat[0]} must be positive and finite")
    log_d = _minus_log_volume(n)
    root = np.sqrt(C * n)
    if formula == "exact":
        log_d = log_d + C * n - _log_series(n / 2, C * n)
    elif formula == "printed":
        log_d = log_d + root - _log_series(n, root)
    elif formula == "lower":
        log_d = log_d + root
    return log_d[()]


def _minus_log_volume(n: Array) -> Array:
    """log(pi n)/2 + the remainder of Stirling's formula; for tiny n, whose parts cancel, a - a log a + log Gamma."""
    a = np.clip(n / 2, 5e-324, 1.0)
    tiny = -np.euler_gamma * a + np.pi**2 / 12 * a**2 - a * np.log(a) + a
    return np.where(n < 1e-5, tiny, 0.5 * np.log(np.pi * n) + stirling_remainder(np.maximum(n / 2, 5e-6)))


def log_dimension(log_d: npt.ArrayLike, formula: Formula = "exact") -> Array:
    """log n such that Z = 1 for d = exp(log_d) > 1, also where n itself would overflow; float64 of its shape.

    The absolute error is below 1e-12 (1e-9 where n < 1/100).

    Raises
    ------
    ValueError
        Unless log_d is positive and finite.
    """
    check_formula(formula)
    target = np.asarray(log_d, dtype=np.float64)
    if not ((target > 0) & np.isfinite(target)).all():
        raise ValueError("d must be greater than 1 and finite: Z = 1 with one pattern would need n = 0")
    near = np.minimum(target, _FAR[formula])
    low, high = np.full_like(near, -745.0), np.minimum(2 * near + 2, _LARGEST)
    for _ in range(64):  # halves an interval shorter than 1500 down to the spacing of float64
        middle = (low + high) / 2
        below = log_patterns(np.maximum(np.exp(middle), 5e-324), formula) < near
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(target > _FAR[formula], _leading_log_dimension(target, formula), high)[()]


def _leading_log_dimension(log_d: Array, formula: Formula) -> Array:
    """log of d^2/pi, of (log d)^2/c or of (log d)/c, the leading term of n."""
    if formula == "upper":
        return np.asarray(2 * log_d - math.log(math.pi))
    return np.asarray((1 if formula == "exact" else 2) * np.log(log_d) - math.log(C))


def solve_balance(
    *,
    n: npt.ArrayLike | None = None,
    d: npt.ArrayLike | None = None,
    log_d: npt.ArrayLike | None = None,
    formula: Formula = "exact",
) -> Array:
    """Solve Z = 1 at the paper's radius, whichever side is given (see the module for the formulas).

    Arrays are solved entry by entry in float64, within 1e-12 relative (1e-9 where n < 1/100).

    Parameters
    ----------
    n : array_like, optional
        Dimension, positive and real.
    d, log_d : array_like, optional
        Number of patterns > 1, or its natural logarithm where it overflows.
    formula : Formula
        "exact", "printed", "upper" or "lower".

    Returns
    -------
    Array
        Where ``n`` is given, log d, the natural logarithm of the number of patterns; else the dimension n.

    Raises
    ------
    TypeError
        Unless exactly one of ``n``, ``d`` and ``log_d`` is given.
    ValueError
        For values out of range.
    OverflowError
        Where d or n exceeds float64 (then give log_d, or use ``log_dimension``).
    """
    side = known_side(n, d, log_d)
    if n is not None:
        return log_patterns(n, formula)
    if side == "d":
        log_d = _log_of(d)
    assert log_d is not None
    logarithm = np.asarray(log_dimension(log_d, formula))
    if (logarithm > _LARGEST).any():
        raise OverflowError("n exceeds float64 for this log_d; log_dimension returns its logarithm")
    return np.exp(logarithm)[()]


def _log_of(d: npt.ArrayLike | None) -> Array:
    """log d in float64; -inf or nan for what is no number of patterns, OverflowError for what float64 cannot hold."""
    try:
        count = np.asarray(d, dtype=np.float64)
    except OverflowError:
        raise OverflowError("d exceeds float64; give its logarithm, log_d") from None
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.log(count))


def local_exponent(n: npt.ArrayLike, formula: Formula = "exact", step: float = 1e-4) -> Array:
    """d log n / d log d along the solutions of Z = 1, at dimension n: the p of n ~ d^p there (central difference)."""
    n = np.asarray(n, dtype=np.float64)
    rise = np.log(log_patterns(n * np.exp(step), formula)) - np.log(log_patterns(n * np.exp(-step), formula))
    return (2 * step / (rise * log_patterns(n, formula)))[()]
