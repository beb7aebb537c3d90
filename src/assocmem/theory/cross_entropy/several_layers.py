"""The cross-entropy of several layers: how far it is from that of one layer, and how far two validation sets differ.

Let h = exp(g - E_global), with E_global under reading A. On the ball of a pattern of layer t the other layers add
exp(g - g_s) <= exp(-s(s - 2r)) each, with s the smallest distance of patterns and r <= s/2 the radius, if no pattern
lies in two layers; so 1 <= h <= 1 + (l-1) exp(-s(s-2r)), and at a pattern 1 <= h <= 1 + (l-1) exp(-s^2). Then

    L = log(integral of exp(-g) h) - mean of log h(rho).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import sympy as sp
from flint import arb

from assocmem.theory.cross_entropy.line import BITS, Line, line
from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_log_partition
from assocmem.theory.exact.distances import Distance
from assocmem.theory.layers.stack import HARD, SPLITS, Stack, held
from assocmem.theory.retrieval.density import EXACT_RATIO, exponent_gap


@dataclass(frozen=True)
class Spread:
    """Losses of two validation sets differ by at most log(1 + others (l-1) exp(-power delta)), reading A.

    delta is the smallest distance between patterns of different layers, none of which lies in two layers.
    """

    others: Fraction = Fraction(1)
    power: Fraction = Fraction(1)

    def bound(self, stack: Stack) -> arb:
        """A ball around the bound; 0 for one layer."""
        apart = [
            stack.distance(p, q)
            for t, first in enumerate(stack.layers)
            for u, second in enumerate(stack.layers)
            if t != u
            for p in first
            for q in second
        ]
        if not apart:
            return arb(0)
        nearest = apart[0]
        for distance in apart[1:]:
            nearest = nearest.min(distance)
        return (1 + to_arb(self.others) * (stack.count - 1) * (-to_arb(self.power) * nearest).exp()).log()


def spread_agrees(stmt: Spread) -> bool:
    """Whether the bounds for {0}, {1} and {0}, {1}, {4, 5} are log(1 + k e^-1), k = 1, 2, and one is nearly attained.

    For {0, 1}, {5} the energies at 0 and 1 differ by log(1 + e^-16) - log(1 + e^-25), which is within 1/1000 of the
    bound log(1 + e^-16).
    """
    with precision(BITS):
        for name, others in (("zero and one", 1), ("three layers", 2)):
            known = (1 + others * to_arb(stmt.others) * (-to_arb(stmt.power)).exp()).log()
            if not (Stack(SPLITS[name], "A").disjoint() and (stmt.bound(Stack(SPLITS[name], "A")) - known).contains(0)):
                return False
        stack = Stack(SPLITS["two in a layer"], "A")
        zero, one, _ = (stack.total(p) for p in stack.patterns())
        known = (1 + (-arb(16)).exp()).log()
        return bool((zero - one - known + (1 + (-arb(25)).exp()).log()).contains(0) and zero - one > known * 999 / 1000)


def broken_spread(stmt: Spread, distance: Distance) -> str | None:
    """Two patterns of a split whose energies certainly differ by more than the bound, in words."""
    for layers in SPLITS.values():
        stack = Stack(layers, "A", distance)
        if not stack.disjoint():
            continue
        for p in stack.patterns():
            for q in stack.patterns():
                if sign(lambda s=stack, p=p, q=q: s.total(p) - s.total(q) - stmt.bound(s), HARD) == 1:  # type: ignore[misc]
                    return f"{held(layers)}: the patterns {p[0]} and {q[0]}"
    return None


@dataclass(frozen=True)
class Together:
    """``|L - log count - log I(r)| <= log(1 + (m-1) exp(-exponent))``: reading A with m = l, reading C with m = d.

    ``count`` is the number of patterns of all layers, or that of the first layer, as Proposition 4 has it;
    ``squared`` replaces the exponent s(s - 2r) by s^2.
    """

    count: str = "all"
    squared: bool = False


LINES = (
    ("A", ("-1", "1"), "1/10"),
    ("A", ("-1", "1"), "1"),
    ("A", ("0 3", "10"), "1/2"),
    ("A", ("0", "1", "4 5"), "1/2"),
    ("C", ("-1", "1"), "1/2"),
    ("C", ("0 2 5",), "3/4"),
    ("A", ("0 1 2",), "1/2"),
)
"""Reading, layers on the line and radius, touching intervals among them."""


def together_bound(stmt: Together, layered: Line) -> arb:
    """A ball around log(1 + (m-1) exp(-exponent)) for layers on the line."""
    sep = min((b - a for a, b in pairwise(layered.patterns)), default=Fraction(1))
    terms = len(layered.layers) if layered.reading == "A" else len(layered.patterns)
    exponent = sep * sep if stmt.squared else sep * (sep - 2 * layered.radius)
    with precision(BITS):
        return (1 + (terms - 1) * (-to_arb(exponent)).exp()).log()


def together_agrees(stmt: Together) -> bool:
    """Whether two bounds are log(1 + e^(-18/5)) and log(1 + 2/e), as they are known to be.

    The layers {-1}, {1}, r = 1/10, and the patterns {0, 2, 5} under C, r = 3/4. Either has s = 2, so that the exponent
    s^2 would be 4 in both.
    """
    for (reading, layers, radius), others, exponent in ((LINES[0], 1, "18/5"), (LINES[5], 2, "1")):
        layered = line(*layers, radius=Fraction(radius), reading=reading)  # type: ignore[arg-type]
        with precision(BITS):
            known = (1 + others * (-to_arb(Fraction("4" if stmt.squared else exponent))).exp()).log()
            if not (together_bound(stmt, layered) - known).contains(0):
                return False
    return True


def together_excess(stmt: Together, layered: Line) -> arb:
    """``|L - log count - log I(r)|`` minus the bound, a ball."""
    sizes = {"all": len(layered.patterns), "first layer": len(layered.layers[0])}
    with precision(BITS):
        base = certified_log_partition(1, layered.radius, sizes[stmt.count], bits=BITS)
        return abs(layered.loss() - base) - together_bound(stmt, layered)


def broken_together(stmt: Together) -> str | None:
    """The first of ``LINES`` for which the bound certainly fails, in words."""
    for reading, layers, radius in LINES:
        layered = line(*layers, radius=Fraction(radius), reading=reading)  # type: ignore[arg-type]
        excess = together_excess(stmt, layered)
        if excess > arb("1e-30"):
            shown = ", ".join("{" + text.replace(" ", ", ") + "}" for text in layers)
            return f"reading {reading}, layers {shown}, r={radius}: off by {float(excess.mid()):.4f} more than allowed"
    return None


def deviation_holds() -> bool:
    """log of a mean of h minus a mean of log h, for h in [1, 1+eta], lies in [-log(1+eta), log(1+eta)].

    Both terms lie in [0, log(1+eta)]; the logarithm increases, and at 1 it is 0.
    """
    h = sp.Symbol("h", positive=True)
    return bool(sp.diff(sp.log(h), h).is_positive and sp.log(h).subs(h, 1) == 0)


def own_term_holds() -> bool:
    """g_s - g_t >= s(s - 2r) on the ball of a pattern of layer t, for the pattern of layer s at distance s + u: see
    ``assocmem.theory.retrieval.density.exponent_gap``, whose value for the exponent s(s - 2r) is >= 0.
    """
    return bool(exponent_gap(EXACT_RATIO.symbolic).is_nonnegative)


def spread_holds() -> bool:
    """-log(1 + v) with 0 <= v <= (l-1) e^-delta lies in [-log(1 + (l-1) e^-delta), 0], as does every mean of it."""
    v = sp.Symbol("v", nonnegative=True)
    energy = -sp.log(1 + v)
    return bool(sp.diff(energy, v).is_negative and energy.subs(v, 0) == 0 and sp.exp(-energy) == 1 + v)


def constants_of_steps() -> tuple[arb, arb]:
    """Layers {-1}, {1} under A, r = 1/2: the c of Z_theta = (l/e^c) M_1, and E_global - E_1 + log l at a pattern.

    The first by quadrature.
    """
    layered = line("-1", "1", radius=Fraction(1, 2))
    p = layered.patterns[0]
    with precision(BITS):
        log_count = arb(len(layered.layers)).log()
        display = log_count + layered.masses[0].log() - layered.log_partition()
        return display, layered.total_energy(p) - layered.energy(0, p) + log_count


@dataclass(frozen=True)
class Served:
    """``|L - log(integral of exp(-E_t)) - mean E_t(rho)| < share log l`` for a layer with 0 <= c < log l on Omega."""

    share: Fraction = Fraction(1)


SERVED = (line("0 3", "3", radius=Fraction(1, 2)), line("0 3 6", "3", "6", radius=Fraction(1)))
"""Layers under A of which the first holds the patterns of all others, and so serves at all points."""


def served_gap(layered: Line, validation: list[Fraction]) -> arb:
    """L - log(integral of exp(-E_1)) - mean E_1(rho), a ball."""
    with precision(BITS):
        own = sum((layered.energy(0, p) for p in validation), arb(0)) / len(validation)
        return layered.loss(validation) - layered.masses[0].log() - own


def broken_served(stmt: Served) -> str | None:
    """A validation set of one pattern for which the bound certainly fails, in words."""
    for layered in SERVED:
        for p in layered.patterns:
            gap = abs(served_gap(layered, [p])) - to_arb(stmt.share) * arb(len(layered.layers)).log()
            if gap > 0:
                return f"{len(layered.layers)} layers on the patterns {', '.join(map(str, layered.patterns))}, at {p}"
    return None


def served_holds() -> bool:
    """L - log(integral of exp(-E_t)) - mean E_t = log M + C, M the mean of e^-c on Omega, C the mean of c at patterns.

    With c in [0, log l): M in (1/l, 1], so the first term lies in (-log l, 0] and the second in [0, log l).
    """
    layers, mean, c, integral, energy = sp.symbols("l M C W E", positive=True)
    whole = sp.log(layers * mean * integral) + energy - sp.log(layers) + c
    rest = sp.simplify(sp.expand_log(whole - sp.log(integral) - energy - sp.log(mean) - c, force=True))
    return bool(rest == 0 and sp.diff(sp.exp(-c), c).is_negative and sp.exp(-sp.log(layers)) == 1 / layers)
