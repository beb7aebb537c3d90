"""A chain as an author printed it: it may be false, asserts nothing, and computes what each line misses.

Under each reading of a symbol that the text leaves open, a line of the chain is off from the line above by an
expression. Zero is a line that holds; anything else is what a proof would have to make up for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from assocmem.tables import Table
from assocmem.theory.exact.derivation.certificates import Certificate, by_sign
from assocmem.theory.exact.derivation.sums import Definitions, residual
from assocmem.theory.exact.derivation.typeset import RELATIONS, typeset


@dataclass(frozen=True)
class Line:
    """A printed line.

    Attributes
    ----------
    relation : str
        To the line above: ``=``, ``>=``, or ``~`` for an approximation, whose error is computed as that of ``=``.
    expression : Expr
        What it says.
    claim : str
        The id of the claim that judges it.
    reason : str
        The reason that is printed, in words of Markdown.
    """

    relation: str
    expression: sp.Expr
    claim: str
    reason: str
    by: Certificate = by_sign


@dataclass(frozen=True, repr=False)
class Printed:
    """A chain as printed.

    Attributes
    ----------
    name : str
        The id of the claim that it is.
    start : Expr
        The first line.
    lines : tuple[Line, ...]
        The lines below it.
    where : mapping
        Definitions, put in before a line is compared with the one above.
    latex : mapping
        How symbols are written.
    given : str
        What the first line is about.
    """

    name: str
    start: sp.Expr
    lines: tuple[Line, ...]
    where: Definitions = field(default_factory=dict)
    latex: Mapping[sp.Expr, str] = field(default_factory=dict)
    given: str = ""

    def gaps(self, reading: Definitions | None = None) -> list[sp.Expr | None]:
        """What each line misses: the line above minus it, under further definitions.

        Parameters
        ----------
        reading : mapping, optional
            What is put in for what the chain leaves open.

        Returns
        -------
        list of Expr or None
            0 for a line that holds; None for an inequality that is not shown.
        """
        where, out, above = {**self.where, **(reading or {})}, [], self.start
        for line in self.lines:
            if line.relation in ("=", "~"):
                out.append(sp.expand_log(residual(above, line.expression, where)))
            else:  # The inequality of a chain is one of numbers, and does not depend on the reading.
                out.append(sp.S.Zero if line.by(line.expression, above, {}, False) else None)
            above = line.expression
        return out

    def table(self, verdict: Callable[[str], str] = str) -> Table:
        """Each printed line with its reason, what it misses, and its verdict, by default the id of its claim."""
        put_in = "; ".join(f"${typeset(key, self.latex)}={typeset(to, self.latex)}$" for key, to in self.where.items())
        words = ", where ".join(filter(None, (self.given, put_in)))
        rows = [[f"${typeset(self.start, self.latex)}$<br>{words}", "", ""]]
        for line, gap in zip(self.lines, self.gaps(), strict=True):
            text = rf"$\quad {RELATIONS[line.relation]} {typeset(line.expression, self.latex)}$<br>{line.reason}"
            rows.append([text, self._missed(gap), verdict(line.claim)])
        return Table(("in our notation", "misses by", "verdict"), rows)

    def readings(self, choices: Mapping[str, Definitions], names: Mapping[int, str]) -> Table:
        """What the lines of the given numbers miss, under each reading."""
        gaps = {words: self.gaps(choice) for words, choice in choices.items()}
        rows = [[words, *(self._missed(of[number]) for number in names)] for words, of in gaps.items()]
        return Table(("reading", *(f"{name} misses by" for name in names.values())), rows)

    def _missed(self, gap: sp.Expr | None) -> str:
        if gap is None:
            return "not shown"
        return "✓" if gap == 0 else f"${typeset(sp.logcombine(gap, force=True), self.latex)}$"

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return self.table()._repr_mimebundle_()
