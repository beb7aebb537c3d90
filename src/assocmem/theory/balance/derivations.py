"""Chapter 7, line by line: what Z = 1 asks, and from there to sizes of models and data, by substitution alone.

What is not finite algebra, the bounds on Stirling's remainder and on a series, and n for a given d, is said in words.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from assocmem.theory.exact.derivation import Derivation, InOrder, Line, Printed, Step, growing

A, layers, width, n, kappa, tau, d = sp.symbols("A l d_emb n kappa tau d", positive=True)
size, tokens, context = sp.symbols("N D T", positive=True)
c, u, p, mu, rest, K = sp.symbols("c u p mu s K", positive=True)
volume, ball, series, ratio, epsilon = sp.symbols("V I S q epsilon", positive=True)
log_d, log_tokens = sp.symbols("log_d log_D", positive=True)
log_context = sp.Symbol("log_T", nonnegative=True)
_LOGS = {log_d: r"\log d", log_tokens: r"(\log D)", log_context: r"\log T_{\max}"}
NAMES = InOrder(
    {
        A: "A",
        layers: "l",
        kappa: r"\kappa",
        K: "K",
        c: "c",
        tau: r"\tau",
        context: r"T_{\max}",
        width: r"d_{\mathrm{emb}}",
        n: "n",
        d: "d",
        tokens: "D",
        size: "N",
        volume: "V_n",
        ball: "I_n",
        **_LOGS,
    }
)
a, b = sp.symbols("a b", positive=True)
_FACTORS = {a: n / (2 * sp.pi * sp.E * log_d), b: log_d / (log_d + log_context)}
_BOTH_TO_ONE = (
    "that $a$ and $b$ tend to $1$: $a$ by Z-DIM, $b$ as $d$ outgrows $T_{\\max}$, of which a power is at "
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
            sp.Mul(A * layers, sp.Pow(2 * sp.pi * sp.E / context, 2, evaluate=False), a**2, b**2, evaluate=False),
            "$\\log D=\\log d+\\log T_{\\max}$",
        ),
    )
    where = {**_SIZES, **_FACTORS, width: n / context}
    start = size / log_tokens**2
    return Derivation("P5-FIX", start, steps, where, NAMES, _ABOUT, part="context", in_words=_BOTH_TO_ONE)


@cache
def ratio_fixed() -> Derivation:
    """N/log D in its limit and two factors that tend to 1, where width and context keep a ratio."""
    steps = (
        Step("=", A * layers * tau * n / log_tokens, "$n=T_{\\max}d_{\\mathrm{emb}}=d_{\\mathrm{emb}}^2/\\tau$"),
        Step(
            "=", sp.Mul(2 * sp.pi * sp.E, A * layers * tau, a, b, evaluate=False), "$\\log D=\\log d+\\log T_{\\max}$"
        ),
    )
    where = {**_SIZES, **_FACTORS, width: tau * context, n: width * context}
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
def ratio_of_table_three() -> Derivation:
    """N/D^2 = (A l/T^4)(n/d)^2: at fixed depth and context a function of n/d alone."""
    steps = (
        Step("=", A * layers * width**2 / (context * d) ** 2, "equation (2), and $D=T_{\\max}d$"),
        Step(
            "=",
            sp.Mul(A * layers / context**4, sp.Pow(n / d, 2, evaluate=False), evaluate=False),
            "$d_{\\mathrm{emb}}=n/T_{\\max}$",
        ),
    )
    where = {size: A * layers * width**2, width: n / context, tokens: context * d}
    return Derivation("X-T3-OWN", size / tokens**2, steps, where, NAMES, "depth and context as in Table 3")


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
def patterns_at_one() -> Derivation:
    """log d = cn + log(pi n)/2 + log(1-2c) + eps at Z = 1, with a ball's integral as its volume times e^(-cn) S."""
    root = sp.log(sp.pi * n) / 2
    steps = (
        Step(
            "=", _sum(c * n, -sp.log(volume), -sp.log(series)), "$I_n=V_ne^{-cn}S$: volume, least weight, a series $S$"
        ),
        Step("=", _sum(c * n, root, mu, -sp.log(series)), "Stirling's formula, $V_n=e^{-\\mu}/\\sqrt{\\pi n}$"),
        Step("=", _sum(c * n, root, sp.log(u), epsilon), "$S=e^{-s}/u$, and $\\epsilon=\\mu+s$"),
    )
    where = {
        d: 1 / ball,
        ball: volume * sp.exp(-c * n) * series,
        volume: sp.exp(-mu) / sp.sqrt(sp.pi * n),
        series: sp.exp(-rest) / u,
        epsilon: mu + rest,
        u: 1 - 2 * c,
        c: 1 / (2 * sp.pi * sp.E),
    }
    words = (
        "$0<\\mu<\\frac1{6n}$, by Stirling's formula and Robbins' bounds, and $0<s<\\frac{4c}{(1-2c)^2n}$, "
        "by the series of $S$ and Jensen's inequality; together $0<\\epsilon<\\frac\\kappa n$"
    )
    return Derivation("Z-SOL", sp.log(d), steps, where, NAMES, "$Z=dI_n=1$", in_words=words)


def _sum(*terms: sp.Expr) -> sp.Expr:
    """A sum that is shown in the order in which it is written."""
    return sp.Add(*terms, evaluate=False)


@cache
def any_power() -> Derivation:
    """pi n/d^p < 1, and = e^(-p mu), where balls of the radius r_p have volume 1 together: any exponent p."""
    rounding = (sp.pi * n) ** ((sp.Rational(1, 2) - 1 / p) / n)
    steps = (
        Step("=", sp.pi * n * (volume * ratio**n) ** p, "$d\\,V_n(r_p)=1$, and $V_n(r_p)=V_n(r)q^n$ with $q=r_p/r$"),
        Step("=", sp.exp(-p * mu), "$V_n(r)=e^{-\\mu}/\\sqrt{\\pi n}$, Stirling's formula at the paper's radius $r$"),
        Step("<", sp.Integer(1), "$\\mu>0$", growing(mu)),
    )
    where = {d: 1 / (volume * ratio**n), ratio: rounding, volume: sp.exp(-mu) / sp.sqrt(sp.pi * n)}
    words = "$\\mu<\\frac1{6n}$, so that the ratio tends to $1$; that $r_p/r\\to1$"
    return Derivation("P5-ART", sp.pi * n / d**p, steps, where, NAMES, "any exponent $p>0$", in_words=words)


@cache
def printed_chain() -> Printed:
    """From Z = 1 to N = O(D^2) as the text goes, with constants kappa and K for what each O hides."""
    factor = A * layers * width / context
    lines = (
        Line("=", factor * n, "EQ2-ID", "equation (2), $n=T_{\\max}d_{\\mathrm{emb}}$"),
        Line("=", kappa * factor * d**2, "P5-END", "$n=\\kappa d^2$, the right end of (14) where $Z_t=1$"),
        Line("=", kappa * factor * tokens**2 / context**2, "EQ2-D", "$d=D/T_{\\max}$"),
        Line("=", K * tokens**2, "EQ2-CONV", "what stands before $D^2$ counts as a constant $K$, so $N=O(D^2)$"),
    )
    where = {width: n / context, n: kappa * d**2, d: tokens / context}
    start = A * layers * width**2
    return Printed("P5-Z1", start, lines, where, NAMES, "the parameters $N$, where $n$ is as large as (14) allows")
