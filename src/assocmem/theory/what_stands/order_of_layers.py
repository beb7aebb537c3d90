"""The global energy of layers on the line against the order in which the layers act, with E_t = g_t.

E_global = -log sum_t exp(-g_t) is a function of a sum, hence of the set of layers; what the layers put out is not.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.distances import Distance
from assocmem.theory.layers import steps

Layers = tuple[tuple[Fraction, ...], ...]
BITS = 128
START = Fraction(0)


def global_energy(x: Fraction, layers: Layers, distance: Distance) -> arb:
    """A ball around E_global at a point of the line."""
    nearest = [distance.nearest((x,), [(p,) for p in layer]) for layer in layers]
    return -sum(((-e).exp() for e in nearest), arb(0)).log()


class Seen(NamedTuple):
    """Whether E_global at 1 and the output change when two layers change places, and the two outputs."""

    energy: bool
    output: bool
    ends: tuple[Fraction, Fraction]


def order_seen(layers: Layers, distance: Distance, reach: Fraction | int) -> Seen:
    """What sees the order of two layers: from 0, with steps of at most ``reach``."""
    orders = (layers, layers[::-1])
    with precision(BITS):
        first, second = (global_energy(Fraction(1), order, distance) for order in orders)
    one, other = (steps.composed(START, order, Fraction(reach), "A")[-1] for order in orders)
    return Seen(not (first - second).contains(0), one != other, (one, other))


def rise(layers: Layers, distance: Distance, reach: Fraction | int) -> tuple[Fraction, arb]:
    """Where a pass from 0 with steps of at most ``reach`` ends, and by how much E_global is larger there."""
    with precision(BITS):
        output = steps.composed(START, layers, Fraction(reach), "A")[-1]
        return output, global_energy(output, layers, distance) - global_energy(START, layers, distance)


def rise_in_closed_form() -> arb:
    """log((1 + e^-9)/(e^-1 + e^-4)): the rise from 0 to 1 of the layers {0} and {3}, with the squared distance."""
    with precision(BITS):
        e = arb(1).exp()
        return ((1 + e**-9) / (1 / e + e**-4)).log()


def swap_residual() -> sp.Expr:
    """E_global minus itself after two neighbors changed places; zero. Swaps of neighbors give every order."""
    before, a, b, after = sp.symbols("R_1 E_t E_u R_2", real=True)  # R: the sums over the other layers
    first, second = (-sp.log(before + sp.exp(-e) + sp.exp(-f) + after) for e, f in ((a, b), (b, a)))
    return sp.simplify(first - second)
