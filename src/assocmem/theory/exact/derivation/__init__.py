"""Derivations as objects: lines joined by relations, each verified when made; shown, cited and attacked as one."""

from __future__ import annotations

from assocmem.theory.exact.derivation.alterations import mutants
from assocmem.theory.exact.derivation.certificates import (
    bowl,
    by_sign,
    given,
    growing,
    no_negative_term,
    summed,
    termwise,
)
from assocmem.theory.exact.derivation.derivation import Derivation, Refused, Step
from assocmem.theory.exact.derivation.lemmas import lemma
from assocmem.theory.exact.derivation.printed import Line, Printed
from assocmem.theory.exact.derivation.sums import residual
from assocmem.theory.exact.derivation.typeset import InOrder

__all__ = [
    "Derivation",
    "InOrder",
    "Line",
    "Printed",
    "Refused",
    "Step",
    "bowl",
    "by_sign",
    "given",
    "growing",
    "lemma",
    "mutants",
    "no_negative_term",
    "residual",
    "summed",
    "termwise",
]
