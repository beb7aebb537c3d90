"""The derivation: a start, and steps each of which is verified when the derivation is made.

Definitions (``where``) are put in before anything is decided. They must be definitions, never hopes, and are printed
above the lines. A step holds by a residual that vanishes, or by a certificate that it names; before either is tried it
is evaluated at exact points, which can refute it and never show it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from assocmem.theory.exact.derivation.certificates import Certificate, by_sign, facts_of
from assocmem.theory.exact.derivation.definitions import bad_definition
from assocmem.theory.exact.derivation.points import Point, Sample
from assocmem.theory.exact.derivation.sums import Definitions, plain, residual, undefined
from assocmem.theory.exact.derivation.typeset import RELATIONS, Lines, Shown, typeset

POINTS = 4
"""At how many points a step is tried."""


class Refused(ValueError):
    """A step that was not shown; the message says which, with a point where it is false if one was met."""


@dataclass(frozen=True)
class Step:
    """One line: how it relates to the line above, what it says, why, and ``by``, the certificate of an inequality.

    Attributes
    ----------
    relation : str
        One of ``=``, ``<=``, ``>=``, ``<``, ``>``: line above, relation, this line.
    expression : Expr
        What the line says.
    reason : str
        Why, in a few words of Markdown.
    """

    relation: str
    expression: sp.Expr
    reason: str
    by: Certificate = by_sign


@dataclass(frozen=True, repr=False)
class Derivation(Shown):
    """Lines that follow from each other, verified when the object is made.

    Attributes
    ----------
    name : str
        The id of the claim that it shows.
    start : Expr
        The first line.
    steps : tuple[Step, ...]
        The lines below it.
    where : mapping
        Definitions: symbol, or indexed name, to expression; printed above the lines.
    latex : mapping
        How symbols are written, and parts that are written short; the page says what these stand for.
    given : str
        What the first line is about, in words of Markdown.
    part : str
        Which part of the claim, where it needs several derivations.
    in_words : str
        What of the claim remains a written argument; printed below the lines.
    sample : callable, optional
        Draws values for names that are tied to each other.

    Raises
    ------
    Refused
        At the first line that is not shown, or may be undefined.
    ValueError
        For a relation that is none of these.
    """

    name: str
    start: sp.Expr
    steps: tuple[Step, ...]
    where: Definitions = field(default_factory=dict)
    latex: Mapping[sp.Expr, str] = field(default_factory=dict)
    given: str = ""
    part: str = ""
    in_words: str = ""
    sample: Sample | None = None

    def __post_init__(self) -> None:
        lines = (self.start, *(step.expression for step in self.steps))
        if fault := bad_definition(self.where, lines):
            raise Refused(f"{self.name}: {fault}")
        for line in lines:  # As written, too: what is put in may cancel.
            for part in (*undefined(plain(line)), *undefined(plain(line, self.where))):
                raise Refused(f"{self.name}: {part} in {line} may be undefined; give its symbols a sign")
        above = self.start
        for number, step in enumerate(self.steps, 1):
            if step.relation not in RELATIONS:
                raise ValueError(f"relation={step.relation!r} of line {number}; takes one of {tuple(RELATIONS)}")
            false = self.refutation(above, step)  # First: a point costs little, simplifying a false residual much.
            if false or not self._holds(above, step):
                raise Refused(f"{self.name}, line {number}: {above} {step.relation} {step.expression} not shown{false}")
            above = step.expression

    def _holds(self, above: sp.Expr, step: Step) -> bool:
        if step.relation == "=":
            return residual(above, step.expression, self.where) == 0 or (
                step.by is not by_sign
                and step.by(above, step.expression, self.where, False)
                and step.by(step.expression, above, self.where, False)
            )
        small, large = (above, step.expression) if step.relation[0] == "<" else (step.expression, above)
        return step.by(small, large, self.where, len(step.relation) == 1)

    def conclusion(self) -> tuple[sp.Expr, str, sp.Expr]:
        """First line, the relation that follows from all steps, last line.

        Raises
        ------
        Refused
            When the relations point both ways.
        """
        signs = {step.relation for step in self.steps} - {"="}
        if len({sign[0] for sign in signs}) > 1:
            raise Refused(f"{self.name}: {sorted(signs)} do not chain")
        strict = [sign for sign in signs if len(sign) == 1]
        return self.start, (strict or sorted(signs) or ["="])[0], self.steps[-1].expression

    def states(self, left: sp.Expr, relation: str, right: sp.Expr) -> bool:
        """Whether it concludes just this, up to the form of both sides: what a check compares a statement with."""
        start, shown, end = self.conclusion()
        return shown == relation and residual(start, left, self.where) == 0 == residual(end, right, self.where)

    def refutation(self, above: sp.Expr, step: Step) -> str:
        """A point at which the relation is certainly false, in words; empty when none was met, which proves nothing.

        Raises
        ------
        Refused
            For a function that cannot be evaluated.
        """
        for seed in range(POINTS):
            point = Point(self.where, random.Random(seed), self.sample)
            try:
                gap = point.value(step.expression) - point.value(above)
            except KeyError as unknown:
                raise Refused(f"{self.name}: {unknown.args[0]}") from None
            wrong = {
                "=": bool(gap < 0 or gap > 0),
                "<=": bool(gap < 0),
                ">=": bool(gap > 0),
                "<": bool(gap < 0 or gap == 0),
                ">": bool(gap > 0 or gap == 0),
            }
            if wrong[step.relation]:
                return f"; false at {point.words()}: right minus left is {gap.str(6, radius=False)}"
        return ""

    # -- shown ---------------------------------------------------------------------------------------------------------
    @property
    def label(self) -> str:
        """Name and part, as they stand in an address."""
        return "-".join(filter(None, (self.name, self.part))).lower().replace(".", "-").replace(" ", "-")

    def tex(self, expr: sp.Expr) -> str:
        """LaTeX in the book's own names."""
        return typeset(expr, self.latex)

    def lines(self) -> Lines:
        """What is shown: definitions, lines with relation, LaTeX, text and reason, and what remains words."""
        rows = [("", self.tex(self.start), str(self.start), self.given)]
        rows += [(step.relation, self.tex(step.expression), str(step.expression), step.reason) for step in self.steps]
        where = [(self.tex(key), self.tex(value)) for key, value in self.where.items()]
        for part, name in self.latex.items():
            if not isinstance(part, sp.Symbol):
                others = {other: words for other, words in self.latex.items() if other != part}
                where.append((name, typeset(part, others)))
        facts = [(self.tex(key), self.tex(value)) for key, value in self.facts().items()]
        as_text = [f"where {key} = {value}" for key, value in self.where.items()]
        as_text += [f"taken as given: {key} = {value}" for key, value in self.facts().items()]
        return Lines(self.label, where, rows, self.in_words, facts, as_text)

    def continued(self) -> Shown:
        """The same without its definitions, for a page that has them above."""
        return Continued(self)

    def facts(self) -> Definitions:
        """What certificates of steps take for granted beyond the definitions; printed with them."""
        return {key: value for step in self.steps for key, value in facts_of(step.by).items()}

    def as_dict(self) -> dict[str, Any]:
        """The derivation as plain data, for ``claims.json``."""
        shown = self.lines()
        return {
            "name": self.name,
            "part": self.part,
            "where": [f"{left} = {right}" for left, right in shown.where],
            "facts": [f"{left} = {right}" for left, right in shown.facts],
            "given": self.given,
            "lines": [{"relation": sign, "expression": tex, "reason": why} for sign, tex, _, why in shown.rows],
            "in_words": self.in_words,
        }


@dataclass(frozen=True, repr=False)
class Continued(Shown):
    """A derivation whose definitions stand above another one."""

    made: Derivation

    def lines(self) -> Lines:
        """Its lines."""
        shown = self.made.lines()
        return replace(shown, where=(), as_text=[words for words in shown.as_text if not words.startswith("where ")])
