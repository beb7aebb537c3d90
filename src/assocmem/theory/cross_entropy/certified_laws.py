"""Fitted losses as balls at the printed decimals, and whether a number rounds to what is printed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from flint import arb

from assocmem.theory.cross_entropy.fitted_laws import FittedLaw, KaplanLaw
from assocmem.theory.exact.certified import sign, to_arb


def exact(value: float) -> Fraction:
    """A decimal as it is printed, as a rational: 0.34 is 17/50, 6.4e13 an integer. NumPy's floats serve as well."""
    return Fraction(repr(float(value)))


def certified_loss(law: FittedLaw, N: int, D: int) -> arb:
    """The fitted loss at the printed decimals, as a ball at the working precision, in nats per token.

    Raises
    ------
    ValueError
        For N or D below 1.
    """
    if N < 1 or D < 1:
        raise ValueError(f"N={N}, D={D}; both count something and are at least 1")
    E, A, B, alpha, beta = (to_arb(exact(v)) for v in (law.E, law.A, law.B, law.alpha, law.beta))
    return E + A * (-alpha * arb(N).log()).exp() + B * (-beta * arb(D).log()).exp()


def certified_kaplan_loss(law: KaplanLaw, N: int, D: int) -> arb:
    """The law of Kaplan et al. at the printed decimals, as a ball, in nats per token.

    Raises
    ------
    ValueError
        For N or D below 1.
    """
    if N < 1 or D < 1:
        raise ValueError(f"N={N}, D={D}; both count something and are at least 1")
    N_c, D_c, alpha_N, alpha_D = (to_arb(exact(v)) for v in (law.N_c, law.D_c, law.alpha_N, law.alpha_D))
    inner = ((alpha_N / alpha_D) * (N_c / arb(N)).log()).exp() + D_c / arb(D)
    return (alpha_D * inner.log()).exp()


def certified_power_law(scale: float, count: int, exponent: float) -> arb:
    """(scale/count)^exponent at the printed decimals, as a ball: a law of one variable of Kaplan et al. (2020)."""
    return (to_arb(exact(exponent)) * (to_arb(exact(scale)) / arb(count)).log()).exp()


def lies_within(value: Callable[[], arb], middle: Fraction, half: Fraction) -> bool | None:
    """Whether a number lies in [middle - half, middle + half]. None: undecided."""
    below, above = sign(lambda: value() - to_arb(middle - half)), sign(lambda: to_arb(middle + half) - value())
    if below is None or above is None:
        return None
    return below >= 0 and above >= 0


def rounds_to(value: Callable[[], arb], printed: float) -> bool | None:
    """Whether a number rounds to a printed decimal: it lies within half a unit of its last place. None: undecided.

    The places are those of Python's shortest decimal (2.0 has one), so trailing zeros do not count.
    """
    middle = exact(printed)
    places = Decimal(repr(float(printed))).as_tuple().exponent
    return lies_within(value, middle, Fraction(10) ** int(places) / 2)
