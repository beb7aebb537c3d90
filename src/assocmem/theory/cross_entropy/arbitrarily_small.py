"""Models whose exact cross-entropy is as small as one likes, in every dimension, printed and under A and B."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from assocmem.theory.cross_entropy.bounds import tangent_bowl
from assocmem.theory.cross_entropy.one_layer import BITS, Balls, certified_loss
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_volume


@dataclass(frozen=True)
class Small:
    """Models of small loss in R^n for 0 < r <= 1/2, patterns 2r apart or farther.

    A and B with one pattern: L < n log(near r). Printed with d = ceil(r^2/V_n(r)) patterns: L < log(rim r) + e^(r^2).
    """

    near: Fraction = Fraction(2)
    rim: Fraction = Fraction(3)


def enough(n: int, r: Fraction) -> int:
    """ceil(r^2 / V_n(r)): then ``r^2 <= |Omega| < r^2 + V_n(r)``.

    Raises
    ------
    ArithmeticError
        If r^2/V_n(r) is too near to an integer to be rounded up.
    """
    with precision(4 * BITS):
        ratio = (2 * to_arb(r).log() - certified_log_ball_volume(n, r, bits=4 * BITS)).exp()
        count = ratio.ceil().unique_fmpz()
    if count is None:
        raise ArithmeticError(f"r^2/V_n(r) is too near to an integer at n={n}, r={r}")
    return int(count)


def broken_small(stmt: Small, sizes: Iterable[int], radii: Iterable[Fraction]) -> str | None:
    """The first n and r at which a stated model certainly has no smaller loss than stated, in words."""
    for n in sizes:
        for r in radii:
            with precision(BITS):
                near = n * to_arb(stmt.near * r).log() - certified_loss("A", Balls(n, r))
                few = Balls(n, r, enough(n, r))
                rim = to_arb(stmt.rim * r).log() + to_arb(r * r).exp() - certified_loss("printed", few)
            for reading, slack in (("A", near), ("printed", rim)):
                if slack <= 0:
                    return f"reading {reading}: the loss is not below the bound at n={n}, r={r}"
    return None


def small_steps_hold() -> bool:
    """The steps of the proof for every n: V_n(r) <= (2r)^n <= 2r (the ball lies in a cube), and with ``u = |Omega|``

    log u + (e^m-1)/u <= log(r^2 + 2r) + (e^m-1)/m for u in [m, m + 2r], m = r^2, where (e^m-1)/m <= e^m because
    e^-m >= 1 - m, and r^2 + 2r <= 3r for r <= 1.
    """
    r, q = sp.symbols("r q", positive=True)
    cube = sp.expand((3 * r - (r**2 + 2 * r)).subs(r, 1 / (1 + q)))
    return bool(tangent_bowl() and sp.simplify(cube * (1 + q) ** 2 - q) == 0)
