"""How chapter 7 writes its derivations: the symbols, their names in LaTeX, and the order of factors and terms."""

from __future__ import annotations

import re
from dataclasses import dataclass

import sympy as sp

from assocmem.theory.exact.derivation import Derivation

A, layers, width, n, kappa, ratio, d = sp.symbols("A L d_emb n kappa sigma d", positive=True)
size, tokens, context = sp.symbols("N D T", positive=True)
c, mu, volume, ball = sp.symbols("c mu V I", positive=True)
log_d, log_tokens = sp.symbols("log_d log_D", positive=True)
log_context = sp.Symbol("log_T", nonnegative=True)
NAMES = {
    layers: r"\ell",
    width: r"d_{\mathrm{emb}}",
    context: r"T_{\max}",
    volume: "V_n",
    ball: "I_n",
    log_d: r"(\log d)",
    log_tokens: r"(\log D)",
    log_context: r"\log T_{\max}",
}
BARE = re.compile(r"\((\\log [dD])\)(?!\^)")
"""A logarithm in parentheses that no power needs."""
ROOTS = re.compile(r"\\sqrt\{([^{}]+)\} \\sqrt\{([^{}]+)\}")
"""The product of two roots, which is written as the root of the product."""


@dataclass(frozen=True, repr=False)
class Written(Derivation):
    """A derivation in the order in which a person writes: 2 pi e, one root, a logarithm without parentheses."""

    def tex(self, expr: sp.Expr) -> str:
        """LaTeX in the book's own names and order."""
        text = BARE.sub(r"\1", super().tex(expr)).replace(r"2 e \pi", r"2 \pi e")
        return ROOTS.sub(r"\\sqrt{\1 \2}", text)


def in_order_product(*factors: sp.Expr) -> sp.Expr:
    """A product that is shown in the order in which it is written."""
    return sp.Mul(*factors, evaluate=False)


def in_order_sum(*terms: sp.Expr) -> sp.Expr:
    """A sum that is shown in the order in which it is written."""
    return sp.Add(*terms, evaluate=False)
