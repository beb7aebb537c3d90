"""How a derivation is written: as a table of Markdown on the page and in JupyterLab, as LaTeX, and as text."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

RELATIONS = {"=": "=", "<=": r"\le", ">=": r"\ge", "<": "<", ">": ">", "~": r"\approx"}
"""The relations of a step, and how LaTeX writes them; ``~`` is printed by others, and no step of a derivation."""
SHORT_ARGUMENT = re.compile(r"\\log\{\\left\((\\?[A-Za-z]+(?:_\\?[A-Za-z]+)?|\d+)\s*\\right\)\}")


class Printer(LatexPrinter):  # type: ignore[misc]
    """LaTeX as people write it: 2 pi e in this order, and a sum over an index after the terms that it does not hold."""

    def _print_Add(self, expr: sp.Add, order: str | None = None) -> str:
        large = [term for term in expr.args if term.has(sp.Sum, sp.Integral, sp.Product) and not term.is_Function]
        rest = [term for term in expr.args if term not in large]
        if not (large and rest) or len(large) > 1:
            return str(super()._print_Add(expr, order))
        first = self._print(sp.Add(*rest)) if order != "none" else self._print(sp.Add(*rest, evaluate=False))
        last = self._print(large[0])
        return f"{first} {last}" if last.lstrip().startswith("-") else f"{first} + {last}"

    def _print_Mul(self, expr: sp.Mul) -> str:
        return str(super()._print_Mul(expr)).replace(r"e \pi", r"\pi e")


def typeset(expr: sp.Expr, names: Mapping[sp.Expr, str]) -> str:
    """LaTeX in the book's own names, also those of parts.

    The terms of an unevaluated sum and the factors of an unevaluated product keep their order.
    """
    parts = {part: sp.Symbol(name) for part, name in names.items() if not isinstance(part, sp.Symbol)}
    expr = expr.xreplace(parts) if parts else expr
    as_written = isinstance(expr, sp.Add | sp.Mul) and expr.args != expr.func(*expr.args).args
    shown = {symbol: name for symbol, name in names.items() if symbol not in parts}
    shown |= {symbol: symbol.name for symbol in parts.values()}
    text = Printer({"symbol_names": shown, "order": "none" if as_written else None}).doprint(expr)
    return SHORT_ARGUMENT.sub(r"\\log \1", text)  # log z needs no parentheses.


@dataclass(frozen=True)
class Lines:
    """What is shown of a derivation.

    Attributes
    ----------
    label : str
        Its name in an address.
    where : sequence of (LaTeX, LaTeX)
        Definitions.
    rows : sequence of (relation, LaTeX, text, reason)
        The lines, the first without a relation.
    in_words : str
        What remains a written argument.
    facts : sequence of (LaTeX, LaTeX)
        What certificates take for granted.
    as_text : sequence of str
        Definitions and facts for a terminal.
    """

    label: str
    where: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str, str, str, str]]
    in_words: str
    facts: Sequence[tuple[str, str]] = ()
    as_text: Sequence[str] = ()

    def markdown(self) -> str:
        """A table of three columns: a check mark with the line's own address, the line, the reason.

        A line with a check mark follows from the one above it: that was verified when the derivation was made.
        """
        out = []
        for word, pairs in (("Where", self.where), ("Taken as given", self.facts)):
            if pairs:
                out += [f"*{word}:* " + "; ".join(f"${left} = {right}$" for left, right in pairs) + ".", ""]
        out += ["| checked | line | because |", "|:--|:--|:--|"]
        for number, (relation, tex, _, reason) in enumerate(self.rows):
            place = f"{self.label}-line-{number}"
            mark = f'<a class="line" id="{place}" href="#{place}" title="This line, verified">✓</a>' if number else ""
            shown = rf"\quad {RELATIONS[relation]} {tex}" if number else tex
            bar = shown.replace("|", r"\vert ")
            out.append(f"| {mark} | $\\displaystyle {bar}$ | {reason} |")
        if self.in_words:
            out += ["", f"*Not checked by computer:* {self.in_words}."]
        return "\n".join(out) + "\n"

    def latex(self) -> str:
        """Aligned lines."""
        rows = [rf"& {RELATIONS.get(sign, '')} {tex} && \text{{{why}}}" for sign, tex, _, why in self.rows]
        return "$$\\begin{aligned}" + r"\\ ".join(rows) + "\\end{aligned}$$"

    def text(self) -> str:
        """Lines of text."""
        first, *rest = self.rows
        lines = [f"  {words}" for words in self.as_text]
        lines += [f"{first[2]}   [{first[3]}]" if first[3] else first[2]]
        lines += [f"  {sign} {text}   [checked: {why}]" for sign, _, text, why in rest]
        lines += [f"  in words: {self.in_words}"] if self.in_words else []
        return "\n".join(lines)


class Shown:
    """What has lines to show."""

    @abstractmethod
    def lines(self) -> Lines:
        """The lines."""

    def __repr__(self) -> str:
        return self.lines().text()

    def _repr_markdown_(self) -> str:
        return self.lines().markdown()

    def _repr_latex_(self) -> str:
        return self.lines().latex()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        shown = self.lines()
        return {"text/markdown": shown.markdown(), "text/latex": shown.latex(), "text/plain": shown.text()}
