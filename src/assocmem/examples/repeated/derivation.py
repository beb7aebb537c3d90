"""The derivation of the invented claim, with what it says as an argument, so that a false one is refused."""

from __future__ import annotations

import sympy as sp

from assocmem.theory.exact.derivation import Derivation, Step

i = sp.Symbol("i", integer=True)
k = sp.Symbol("k", integer=True, positive=True)
distance, energy = sp.symbols("d E", real=True)


def energy_of_copies(lowered: sp.Expr) -> Derivation:
    """The energy of k copies of a pattern at squared distance d is d less what is stated.

    Parameters
    ----------
    lowered : Expr
        By how much k copies lower the energy, in k.

    Returns
    -------
    Derivation
        From the sum over the copies to ``d - lowered``.

    Raises
    ------
    Refused
        For another amount than log k.
    """
    where = {energy: -sp.log(sp.Sum(sp.exp(-distance), (i, 1, k)))}
    steps = (
        Step("=", -sp.log(k * sp.exp(-distance)), "the sum has $k$ equal terms"),
        Step("=", distance - lowered, "the logarithm of a product"),
    )
    given = "the energy of a memory that holds one pattern $k$ times, with $d=\\lVert x-\\rho\\rVert^2$"
    return Derivation("EX-REPEAT", energy, steps, where, {energy: "E(x)"}, given)


__all__ = ["distance", "energy_of_copies", "k"]
