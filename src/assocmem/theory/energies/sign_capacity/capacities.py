"""Storage capacities: what each energy can hold, and how a row of Table 1 compares with it.

Throughout, d patterns are drawn independently and uniformly from {-1,1}^n. A bit of a pattern is *stable* when flipping
it raises the energy, and a pattern is *stored* when all its bits are: it is a strict minimum under single flips.
The table does not say which success its capacities count, so there are three readings, from weak to strong, each with a
fixed eps < 1/2: "bit" (a given bit of a given pattern is stable with probability at least 1 - eps), "pattern" (a given
pattern is stored with probability at least 1 - eps), "all" (so are all d patterns at once). The capacity is
Theta(f) if d <= c f succeeds and d >= C f does not, for some constants c and C and all large n.

The proofs are those of the modules beside this one; ``bracket`` puts them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import sympy as sp

from assocmem.theory.energies.sign_capacity.exponential_memory import (
    crowd_rate,
    exponential_law,
    exponential_reduction,
    neighbor_scale,
)
from assocmem.theory.energies.sign_capacity.flip_law import FlipLaw
from assocmem.theory.energies.sign_capacity.growth import Relation, compare, log_limit
from assocmem.theory.energies.sign_capacity.memories import Network, d, n
from assocmem.theory.energies.sign_capacity.polynomial_memory import POWERS, leading_law, leading_mismatch, power_law
from assocmem.theory.exact.certified import sign
from assocmem.theory.exact.enclose import enclose

Reading = Literal["bit", "pattern", "all"]
READINGS: tuple[Reading, ...] = ("bit", "pattern", "all")


def spread_vanishes(law: FlipLaw) -> bool:
    """K/s -> 0, the condition under which s is the capacity in the reading "bit"."""
    return bool(log_limit(law.fourth, law.variance * law.signal**2) == -sp.oo)


def bit_law(network: Network) -> FlipLaw:
    """The law of one bit: exact for the quadratic and the exponential energy, its leading terms for powers.

    Raises
    ------
    ArithmeticError
        If the leading law of the powers differs from the exact polynomials.
    """
    if network == "quadratic":
        return power_law(2)
    if network == "exponential":
        return exponential_law()
    law = leading_law()
    if any(gap != 0 for power in POWERS for gap in leading_mismatch(power, law)):
        raise ArithmeticError("the leading law of the powers differs from the exact polynomials")
    return law


@cache
def bracket(network: Network, reading: Reading) -> tuple[sp.Expr, sp.Expr]:
    """Orders of growth between which the capacity is proved to lie; equal where it is known up to a constant.

    Raises
    ------
    ArithmeticError
        If a condition of the proof (see the module's text) is not confirmed.
    """
    law = bit_law(network)
    if not spread_vanishes(law):
        raise ArithmeticError(f"K/s does not vanish for network={network!r}")
    scale = sp.powsimp(sp.simplify(law.signal**2 / law.variance))
    if reading == "bit":
        return scale, scale
    if network == "quadratic":
        return n / sp.log(n), scale
    if network == "exponential" and reading == "all":
        if exponential_reduction() != 0 or sign(lambda: enclose(crowd_rate(neighbor_scale()), {})) != -1:
            raise ArithmeticError("far patterns are not negligible")
        return neighbor_scale(), neighbor_scale()
    return (scale / n if reading == "pattern" else sp.sqrt(scale / n)), scale


@dataclass(frozen=True)
class Capacity:
    """A row of Table 1: the capacity of a network is O, Omega or Theta of ``growth`` in n (and the degree r).

    ``reading`` is None where the statement does not say which success it counts; ``terms`` is the number of patterns
    that the energy sums, ``diagonal`` whether the weights keep the diagonal of the outer products, and ``image`` the
    printed energy as a function of the network's own.
    """

    network: Network
    relation: Relation
    growth: sp.Expr
    reading: Reading | None = None
    terms: sp.Expr = d
    diagonal: bool = False
    image: sp.Expr | None = None

    def verdicts(self) -> dict[Reading, bool | None]:
        """For each reading the statement allows: true, false or open."""
        names = READINGS if self.reading is None else (self.reading,)
        return {name: compare(self.relation, self.growth, *bracket(self.network, name)) for name in names}
