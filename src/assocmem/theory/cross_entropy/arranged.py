"""Which models a constant can help: both steps of the proof at once, tried on stacks of layers, with a proved error.

A constant k added to the energy changes no loss. Where E + k has the mean 1/z at the validation patterns and
exp(-(E+k)) the integral z, the loss is log z + 1/z. So k exists if and only if the loss is at least 1, and then
1/z = -W(-exp(-L)) with Lambert's function W, on its branch through 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from assocmem.theory.cross_entropy.line import BITS, Line, line
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.layers.stack import Reading

STACKS: tuple[tuple[Reading, tuple[str, ...]], ...] = (
    ("printed", ("0", "1")),
    ("printed", ("0", "2", "4")),
    ("printed", ("0 3 6", "9")),
    ("A", ("0 3",)),
    ("A", ("0", "2", "4")),
    ("B", ("0 3 6", "9")),
    ("C", ("0 3 6", "9 12")),
)
"""Readings and layers on the line, with intervals of radius 1/2: losses below and above 1, equal and unequal energies
at the patterns."""


@dataclass(frozen=True)
class Arranged:
    """A constant k with E + k = 1/z at the patterns and exp(-(E+k)) of integral z exists if and only if L >= least.

    "At the patterns" means in the mean, or, with ``of`` "least", in the smallest value.
    """

    least: Fraction = Fraction(1)
    of: str = "mean"


def at_patterns(stmt: Arranged, layered: Line) -> arb:
    """A ball around the mean, or the smallest value, of E_global at the patterns."""
    with precision(BITS):
        energies = [layered.total_energy(p) for p in layered.patterns]
        return sum(energies, arb(0)) / len(energies) if stmt.of == "mean" else min(energies, key=lambda e: e.mid())


def arranged_holds(stmt: Arranged, layered: Line) -> bool:
    """Whether the constant does what is asked, up to proved errors; there is none for a loss below 1."""
    with precision(BITS):
        value, integral = at_patterns(stmt, layered), layered.log_partition().exp()
        inverse = -(-(-integral.log() - value).exp()).lambertw()
        shift = inverse - value
        gap = (-shift).exp() * integral - 1 / inverse
        return bool(gap.is_finite() and gap.contains(0))


def broken_arranged(stmt: Arranged) -> str | None:
    """A stack of ``STACKS`` for which the statement certainly fails, in words."""
    for reading, texts in STACKS:
        layered = line(*texts, radius=Fraction(1, 2), reading=reading)
        with precision(BITS):
            loss, reached = layered.loss(), layered.log_partition() + at_patterns(stmt, layered)
            stated, possible = bool(loss > to_arb(stmt.least)), bool(reached > 1)
        shown = ", ".join("{" + text.replace(" ", ", ") + "}" for text in texts)
        if stated != possible:
            can = "some constant does it" if possible else "no constant does it"
            return f"reading {reading}, layers {shown}: L = {float(loss.mid()):.4f}, and {can}"
        if possible and not arranged_holds(stmt, layered):
            return f"reading {reading}, layers {shown}: the constant misses the integral"
    return None
