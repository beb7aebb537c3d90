"""Every single altered step of a derivation, each of which must be refused: what the tests attack it with.

An alteration strengthens what a step says: its direction, its strictness, a constant, the sign or size of a term. One
that weakened it would be true, and would survive rightly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from assocmem.theory.exact.derivation.derivation import Derivation, Refused, Step

FLIPPED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<", "=": "<"}


def mutants(made: Derivation) -> Iterator[tuple[str, str | None]]:
    """A label for each altered step, and the text with which it was refused; None for one that was made."""
    for number, step in enumerate(made.steps):
        for label, altered in alterations(step):
            try:
                replace(made, steps=(*made.steps[:number], altered, *made.steps[number + 1 :]))
                text = None
            except Refused as refusal:
                text = str(refusal)
            yield f"line {number + 1}, {label}", text


def alterations(step: Step) -> Iterator[tuple[str, Step]]:
    """The altered forms of one step."""
    yield "direction", replace(step, relation=FLIPPED[step.relation])
    if step.relation in ("<=", ">="):
        yield "strict", replace(step, relation=step.relation[0])
    more = sp.Rational(-1, 100) if step.relation[0] == "<" else sp.Rational(1, 100)
    yield "a constant more", replace(step, expression=step.expression + more)
    for term in sp.Add.make_args(step.expression):
        if term != 0:
            share = -more if term.is_nonpositive else more
            yield f"sign of {term}", replace(step, expression=step.expression - 2 * term)
            yield f"{1 + share} of {term}", replace(step, expression=step.expression + share * term)
