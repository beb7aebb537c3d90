"""Checks of what the text says of storage capacities outside Table 1 (chapter 2)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import sign_capacity, sphere_capacity

claim(
    "T1-HIGHER",
    {"power": sign_capacity.r},
    mutants={
        "powers from 3 on": {"power": sign_capacity.r + 1},
        "the quadratic memory alone": {"power": sp.Integer(2)},
    },
)


@check("T1-HIGHER", kind="symbolic", scope="powers r to leading order, r = 3..6 exactly, and the exponential memory")
def higher(stmt: Any) -> Finding:
    """Orders of growth against that of the quadratic memory: n^(r-1) against n, an exponential against n."""
    quadratic = sign_capacity.power_law(2).scale
    first = [sign_capacity.power_law(p).scale for p in sign_capacity.POWERS if p > 2]
    grows = all(sp.limit(scale / quadratic, sign_capacity.n, sp.oo) == sp.oo for scale in first)
    grows &= sp.limit(sign_capacity.exponential_law().scale / quadratic, sign_capacity.n, sp.oo) == sp.oo
    if not grows:
        return Finding.undecided("the higher orders do not grow faster")
    # The order of growth for every r: the exponent of n in the leading scale, minus 1 for the quadratic memory.
    scale = sign_capacity.leading_law().scale
    excess = sp.simplify(sign_capacity.n * sp.diff(sp.log(scale), sign_capacity.n)) - 1
    if sp.simplify(excess - (sign_capacity.r - 2)) != 0:
        return Finding.undecided("the leading scale does not grow like n^(r-1)")
    smallest = sp.sympify(stmt["power"]).subs(sign_capacity.r, 2)
    if smallest >= 3:
        return Finding.holds("n^(r-1) exceeds n for r >= 3, and the exponential memory exceeds both")
    if stmt["power"] == 2:
        return Finding.fails("for r = 2 the orders are equal: n against n", margin="0")
    return Finding.holds_if("r >= 3", "n^(r-1) against n: equal for r = 2, larger from r = 3 on")


claim("MCHN-CAP", {"beta K^2": sp.Integer(1)}, mutants={"all patterns at the origin": {"beta K^2": sp.Integer(0)}})


@check(
    "MCHN-CAP",
    kind="symbolic",
    scope="random patterns on a sphere of radius K sqrt(n-1), all large n",
    in_words="the proof of T1-row4-FIX, whose steps are checked there",
)
def exponential_room(stmt: Any) -> Finding:
    """Some t in (0, 1) with log(1/(1-t^2)) < 2 beta K^2 (1-t) gives a base c > 1."""
    if stmt["beta K^2"] == 0:
        return Finding.fails("all patterns coincide at the origin: no two have disjoint balls")
    t = sp.Rational(1, 2)
    while t > 0 and sp.N(-sp.log(1 - t**2) - 2 * stmt["beta K^2"] * (1 - t)) >= 0:
        t = t / 2
    if t > 0 and sphere_capacity.storage_lemma_holds():
        return Finding.holds(f"t = {t} gives the base c = {1 / (1 - t**2)} > 1: exponentially many are stored")
    return Finding.undecided("no t in (0, 1) satisfies the condition")
