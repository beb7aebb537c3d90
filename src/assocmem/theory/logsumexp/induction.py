"""Two induction steps over the terms of a LogSumExp: a weighted mean stays in its interval, a sum of terms below 1 too.

They carry the facts on E and g, and those on layers, to any number of patterns.
"""

from __future__ import annotations

import sympy as sp


def mean_step() -> bool:
    """A mean in [lo, hi] joined by one more value in [lo, hi] stays there: the induction step over the patterns.

    With mass A and mean m = hi - p = lo + q, a further mass a with value hi - u = lo + v (p, q, u, v >= 0), the
    distances of the new mean to hi and lo are (A p + a u)/(A + a) and (A q + a v)/(A + a).
    """
    mass, more = sp.symbols("A a", positive=True)
    p, q, u, v, lo, hi = sp.symbols("p q u v lo hi", nonnegative=True)
    from_above = hi - (mass * (hi - p) + more * (hi - u)) / (mass + more)
    from_below = (mass * (lo + q) + more * (lo + v)) / (mass + more) - lo
    above, below = (mass * p + more * u) / (mass + more), (mass * q + more * v) / (mass + more)
    equal = sp.simplify(from_above - above) == 0 and sp.simplify(from_below - below) == 0
    return bool(equal and above.is_nonnegative and below.is_nonnegative)


def sum_step() -> bool:
    """A sum in [1, k] plus a term in (0, 1] lies in [1, k+1]: the induction step, with the base 1 for k = 1.

    Sum = 1 + q = k - p (p, q >= 0) and term = t = 1 - u (t > 0, u >= 0).
    """
    p, q, u = sp.symbols("p q u", nonnegative=True)
    k, t = sp.symbols("k t", positive=True)
    above = sp.expand(k + 1 - ((k - p) + (1 - u)))
    below = sp.expand((1 + q) + t - 1)
    expected = above - (p + u) == 0 and below - (q + t) == 0
    return bool(expected and above.is_nonnegative and below.is_positive)


def equality_step() -> bool:
    """That the sum of ``sum_step`` reaches k + 1 only where the one before it was k and the new term is 1.

    Its distance k + 1 - (sum + term) is p + u, two nonnegative numbers, and vanishes only with both.
    """
    p, u = sp.symbols("p u", nonnegative=True)
    k = sp.Symbol("k", positive=True)
    distance = sp.expand(k + 1 - ((k - p) + (1 - u)))
    parts = (p, u)
    return bool(distance == p + u and all(part.is_nonnegative for part in parts))
