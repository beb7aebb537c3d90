"""Chapter 7, line by line: from the dimension that Z = 1 forces to sizes of models and data, by substitution alone.

What n is for a number d of patterns is not finite algebra; it enters as ``n`` itself, and what is known of it is said.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from assocmem.theory.exact.derivation import Derivation, Step

A, layers, width, n, kappa, tau, d = sp.symbols("A l d_emb n kappa tau d", positive=True)
size, tokens, context = sp.symbols("N D T", positive=True)
log_d, log_tokens = sp.symbols("log_d log_D", positive=True)
log_context = sp.Symbol("log_T", nonnegative=True)
_LOGS = {log_d: r"\log d", log_tokens: r"\log D", log_context: r"\log T_{\max}"}
NAMES = {width: r"d_{\mathrm{emb}}", context: r"T_{\max}", **_LOGS}
_LEADING = n / (2 * sp.pi * sp.E * log_d)
_SHARE = log_d / (log_d + log_context)
_BOTH_TO_ONE = (
    "that both factors tend to $1$: the first by Z-DIM, the second as $d$ outgrows $T_{\\max}$, of which a power is at "
    "most of the order of $n$"
)
_SIZES = {size: A * layers * width**2, log_tokens: log_d + log_context}
_ABOUT = "$N=Ald_{\\mathrm{emb}}^2$ and $D=T_{\\max}d$, with $d>1$ and $T_{\\max}\\ge1$"


@cache
def context_fixed() -> Derivation:
    """N/(log D)^2 in its limit and two factors that tend to 1, the context fixed."""
    steps = (
        Step("=", A * layers * (n / context) ** 2 / log_tokens**2, "$n=T_{\\max}d_{\\mathrm{emb}}$"),
        Step(
            "=",
            A * layers * (2 * sp.pi * sp.E / context) ** 2 * _LEADING**2 * _SHARE**2,
            "$\\log D=\\log d+\\log T_{\\max}$",
        ),
    )
    where = {**_SIZES, width: n / context}
    start = size / log_tokens**2
    return Derivation("P5-FIX", start, steps, where, NAMES, _ABOUT, part="context", in_words=_BOTH_TO_ONE)


@cache
def ratio_fixed() -> Derivation:
    """N/log D in its limit and two factors that tend to 1, where width and context keep a ratio."""
    steps = (
        Step("=", A * layers * tau * n / log_tokens, "$n=T_{\\max}d_{\\mathrm{emb}}=d_{\\mathrm{emb}}^2/\\tau$"),
        Step("=", 2 * sp.pi * sp.E * A * layers * tau * _LEADING * _SHARE, "$\\log D=\\log d+\\log T_{\\max}$"),
    )
    where = {**_SIZES, width: tau * context, n: width * context}
    about = _ABOUT + ", $d_{\\mathrm{emb}}=\\tau T_{\\max}$"
    return Derivation("P5-FIX", size / log_tokens, steps, where, NAMES, about, part="ratio", in_words=_BOTH_TO_ONE)


@cache
def square_with_width_alone() -> Derivation:
    """N = A l kappa^2 D^4/T^6 where n = kappa d^2 and the width alone grows: the fourth power of D, not the second."""
    steps = (
        Step("=", A * layers * (n / context) ** 2, "$n=T_{\\max}d_{\\mathrm{emb}}$"),
        Step("=", A * layers * kappa**2 * d**4 / context**2, "$n=\\kappa d^2$, the right end of (14)"),
        Step("=", A * layers * kappa**2 * tokens**4 / context**6, "$d=D/T_{\\max}$"),
    )
    where = {size: A * layers * width**2, width: n / context, n: kappa * d**2, d: tokens / context}
    return Derivation("EQ2-CONV-FIX", size, steps, where, NAMES, "equation (2)", part="width")


@cache
def square_with_width_and_context_alike() -> Derivation:
    """N = A l sqrt(kappa) D where n = kappa d^2 and width and context are equal: a proportion."""
    steps = (
        Step("=", A * layers * context**2, "$d_{\\mathrm{emb}}=T_{\\max}$"),
        Step("=", A * layers * sp.sqrt(kappa) * d * context, "$T_{\\max}^2=n=\\kappa d^2$, one factor put in"),
        Step("=", A * layers * sp.sqrt(kappa) * tokens, "$D=T_{\\max}d$"),
    )
    where = {size: A * layers * width**2, tokens: context * d, width: context, context: sp.sqrt(kappa) * d}
    return Derivation("EQ2-CONV-FIX", size, steps, where, NAMES, "equation (2)", part="alike")
