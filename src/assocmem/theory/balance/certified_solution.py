"""The balance Z = 1 in Arb: balls that contain log d for a dimension, or the dimension for d."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from flint import arb

from assocmem.theory.balance.solution import Formula, check_formula, known_side, log_dimension
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import (
    Real,
    certified_log_ball_integral,
    certified_log_ball_volume,
    certified_paper_radius,
    extra_bits,
    positive,
)
from assocmem.theory.partition.printed_integral import certified_printed_log_ball_integral


def certified_log_patterns(n: Real, formula: Formula = "exact", *, bits: int = 128) -> arb:
    """A ball that contains log d at Z = 1 in dimension n > 0 (an int, a Fraction, or a ball)."""
    check_formula(formula)
    bits += _bits_near_zero(positive("n", n))
    with precision(bits + extra_bits(n)):
        radius = certified_paper_radius(n, bits=bits + extra_bits(n))
        if formula == "exact":
            return -certified_log_ball_integral(n, radius, bits=bits)
        if formula == "printed":
            return -certified_printed_log_ball_integral(n, radius, bits=bits)
        volume = -certified_log_ball_volume(n, radius, bits=bits)
        return volume + radius if formula == "lower" else volume


def _bits_near_zero(n: arb) -> int:
    """Bits that 1 + n costs when a small log d is the difference from 1."""
    return max(0, math.ceil(-float((n.mid().log() / math.log(2)).mid()))) if n < 1 else 0


def _secant(residual: Callable[[arb], arb], first: arb, steps: int = 40) -> arb:
    """A point near a zero, without any claim: the secant method on midpoints, as far as the working precision goes."""
    older, newer = first, (first * (1 + arb(2) ** -20)).mid()
    f_older, f_newer = residual(older).mid(), residual(newer).mid()
    for _ in range(steps):
        slope = f_newer - f_older
        if slope == 0 or newer == older:
            break
        step = (f_newer * (newer - older) / slope).mid()
        older, f_older, newer = newer, f_newer, (newer - step).mid()
        f_newer = residual(newer).mid()
    return newer


def certified_solve_balance(
    *,
    n: Real | None = None,
    d: Real | None = None,
    log_d: Real | None = None,
    formula: Formula = "exact",
    bits: int = 128,
) -> arb:
    """The certified form of ``solve_balance``: a ball that contains log d for a given n, or n for a given d or log d.

    The one n is enclosed by two exact points at which log d lies certainly below and certainly above (J is monotone).
    Scalars: int, Fraction, or a ball (whose width the answer inherits).

    Raises
    ------
    TypeError
        Unless exactly one of ``n``, ``d`` and ``log_d`` is given.
    ValueError
        For values out of range.
    ArithmeticError
        When a given ball is so wide that its two sides cannot be told apart.
    """
    side = known_side(n, d, log_d)
    if n is not None:
        return certified_log_patterns(n, formula, bits=bits)
    check_formula(formula)
    with precision(bits + 64):
        target = _certified_log_of(d) if side == "d" else positive("log_d", log_d)
        if not target > 0:
            raise ValueError("d must be certainly greater than 1: Z = 1 with one pattern would need n = 0")
        guess = arb(float(log_dimension(float(target.mid()), formula))).exp().mid()
    with precision(bits + extra_bits(guess)):
        target = _certified_log_of(d) if side == "d" else positive("log_d", log_d)
        return _enclosed(target, guess, formula, bits)


def _certified_log_of(d: Real | None) -> arb:
    """log d; for an exact number d by its difference from 1, which keeps its digits where d is next to 1."""
    count = positive("d", d)
    if d is None or isinstance(d, arb):
        return count.log()
    return to_arb(Fraction(int(d.numerator), int(d.denominator)) - 1).log1p()


def _enclosed(target: arb, guess: arb, formula: Formula, bits: int) -> arb:
    """The n whose log d is ``target``, between two exact points around a refined guess."""
    root = _secant(lambda size: certified_log_patterns(size, formula, bits=bits) - target, guess)
    for exponent in range(bits - 8, 4, -4):
        reach = (root * arb(2) ** -exponent).mid()
        low, high = (root - reach).mid(), (root + reach).mid()
        below = certified_log_patterns(low, formula, bits=bits) < target
        if below and certified_log_patterns(high, formula, bits=bits) > target:
            return low.union(high)
    raise ArithmeticError("the root could not be enclosed: the number of patterns is known too loosely")
