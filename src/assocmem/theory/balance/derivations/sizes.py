"""From Z = 1 and equation (2) to sizes of models and data, by substitution; limits are said in words."""

from __future__ import annotations

from functools import cache

import sympy as sp

from assocmem.theory.balance.derivations.writing import (
    NAMES,
    A,
    Written,
    context,
    d,
    in_order_product,
    kappa,
    layers,
    log_context,
    log_d,
    log_tokens,
    n,
    ratio,
    size,
    tokens,
    width,
)
from assocmem.theory.exact.derivation import Derivation, Step

_SIZES = {size: A * layers * width**2, log_tokens: log_d + log_context}
_ABOUT = "$N=A\\ell d_{\\mathrm{emb}}^2$ and $D=T_{\\max}d$, with $d>1$ and $T_{\\max}\\ge1$"


@cache
def context_fixed() -> Derivation:
    """N/(log D)^2 as a constant and two squares, of n/log d and of log d/log D, the context fixed."""
    share = sp.Pow(log_d / (log_d + log_context), 2, evaluate=False)
    growth = sp.Pow(n / log_d, 2, evaluate=False)
    steps = (
        Step("=", A * layers * (n / context) ** 2 / log_tokens**2, "$n=T_{\\max}d_{\\mathrm{emb}}$"),
        Step("=", in_order_product(A * layers / context**2, growth, share), "$\\log D=\\log d+\\log T_{\\max}$"),
    )
    words = (
        "$\\frac n{\\log d}$ tends to $2\\pi e$ by Z-DIM, and as $T_{\\max}$ is fixed while $\\log d$ grows, "
        "the second factor tends to $1$"
    )
    where = {**_SIZES, width: n / context}
    return Written("P5-FIX", size / log_tokens**2, steps, where, NAMES, _ABOUT, part="context", in_words=words)


@cache
def ratio_fixed() -> Derivation:
    """N/log D as a constant, n/log d and log d/log D, where width and context keep a ratio."""
    last = in_order_product(A * layers * ratio, n / log_d, log_d / (log_d + log_context))
    steps = (
        Step("=", A * layers * ratio * n / log_tokens, "$n=T_{\\max}d_{\\mathrm{emb}}=d_{\\mathrm{emb}}^2/\\sigma$"),
        Step("=", last, "$\\log D=\\log d+\\log T_{\\max}$"),
    )
    words = (
        "$\\frac n{\\log d}$ tends to $2\\pi e$ by Z-DIM, and as $n=\\sigma T_{\\max}^2$, $\\log T_{\\max}$ is of the "
        "order of $\\log n$, hence of $\\log\\log d$, so that the second factor tends to $1$"
    )
    where = {**_SIZES, width: ratio * context, n: width * context}
    about = _ABOUT + ", $d_{\\mathrm{emb}}=\\sigma T_{\\max}$"
    return Written("P5-FIX", size / log_tokens, steps, where, NAMES, about, part="ratio", in_words=words)


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


@cache
def ratio_of_table_three() -> Derivation:
    """N/D^2 = (A l/T^4)(n/d)^2: at fixed depth and context a function of n/d alone."""
    last = in_order_product(A * layers / context**4, sp.Pow(n / d, 2, evaluate=False))
    steps = (
        Step("=", A * layers * width**2 / (context * d) ** 2, "equation (2), and $D=T_{\\max}d$"),
        Step("=", last, "$d_{\\mathrm{emb}}=n/T_{\\max}$"),
    )
    where = {size: A * layers * width**2, width: n / context, tokens: context * d}
    return Written("X-T3-OWN", size / tokens**2, steps, where, NAMES, "depth and context as in Table 3")
