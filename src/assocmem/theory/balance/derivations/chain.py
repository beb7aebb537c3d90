"""The paper's steps from Z = 1 to N = O(D^2), in our notation, and the factor that each of them leaves out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import sympy as sp

from assocmem.tables import Table
from assocmem.theory.balance.derivations.writing import NAMES, A, context, d, kappa, layers, n, tokens, width
from assocmem.theory.exact.derivation import Line, Printed
from assocmem.theory.exact.derivation.sums import define
from assocmem.theory.exact.derivation.typeset import typeset


@cache
def printed_chain() -> Printed:
    """From Z = 1 to N = O(D^2) as the text goes, in our notation, where n is as large as (14) allows."""
    factor = A * layers * width / context
    lines = (
        Line("=", factor * n, "EQ2-ID", r"(2): $N\approx Ald_{\mathrm{emb}}^2=\frac{Ald_{\mathrm{emb}}}{T_{\max}}n$"),
        Line("=", kappa * factor * d**2, "P5-END", r"(14), right end: $1=Z_t\le d\,V_n$"),
        Line("=", kappa * factor * tokens**2 / context**2, "EQ2-D", r"(2): $D\approx T_{\max}d$"),
        Line("=", tokens**2, "EQ2-CONV", '"we need $N=O(D^2)$"'),
    )
    where = {width: n / context, n: kappa * d**2, d: tokens / context}
    start = A * layers * width**2
    return Printed("P5-Z1", start, lines, where, NAMES, "the parameters $N$, where $n$ is as large as (14) allows")


def off_by(chain: Printed) -> list[sp.Expr]:
    """By which factor each line of a chain is smaller than the line above it; 1 for a line that holds."""
    lines = [chain.start, *(line.expression for line in chain.lines)]
    return [sp.simplify(define(up / down, chain.where)) for up, down in pairwise(lines)]


def chain_table(verdict: Callable[[str], str]) -> Table:
    """The paper's steps, the same in our notation, the factor that a step drops, and the verdict of its claim."""
    chain = printed_chain()
    rows = [["", f"${typeset(chain.start, chain.latex)}$", "", ""]]
    for line, factor in zip(chain.lines, off_by(chain), strict=True):
        shown = "none" if factor == 1 else f"${typeset(factor, chain.latex)}$"
        rows.append([line.reason, f"$={typeset(line.expression, chain.latex)}$", shown, verdict(line.claim)])
    return Table(("the paper's step", "in our notation", "factor dropped", "verdict"), rows)
