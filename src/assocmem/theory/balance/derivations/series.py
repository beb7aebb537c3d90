"""What Z = 1 asks of dimension and number of patterns: a ball's integral as its volume, its least weight and a series.

Stirling's formula, and the sums over the terms of the series, are said in words under the lines.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from assocmem.theory.balance.derivations.writing import NAMES, Written, ball, c, d, in_order_sum, mu, n, volume
from assocmem.theory.exact.derivation import Derivation, Step, growing, termwise
from assocmem.theory.exact.derivation.sums import Definitions, define

u, p, nu, series, rounding, epsilon, radius = sp.symbols("u p nu S q epsilon r", positive=True)
j, k = sp.symbols("j k", positive=True, integer=True)


@cache
def factor_of_series() -> Derivation:
    """Each factor of the terms of S is below 2c, where r^2 = cn."""
    steps = (
        Step("=", 2 * c * n / (n + 2 * j), "$r^2=cn$"),
        Step("<", 2 * c, "$n<n+2j$"),
    )
    words = "So the $k$-th term of $S$ is at most $(2c)^k$, and $S<\\sum_k(2c)^k=\\frac1{1-2c}$"
    about = "a factor in a term of $S$, $j\\ge1$"
    where = {radius: sp.sqrt(c * n)}
    start = 2 * radius**2 / (n + 2 * j)
    return Written("Z-SOL", start, steps, where, NAMES, about, part="factor", in_words=words)


def _counted(small: sp.Expr, large: sp.Expr, where: Definitions, strict: bool) -> bool:
    """The two sides are equal once their finite sums are carried out."""
    return not strict and sp.simplify(define(large - small, where).doit()) == 0


@cache
def term_of_series() -> Derivation:
    """log p_k >= -k(k+1)/n, where a term of S is (2c)^k p_k."""
    logs, linear = sp.Sum(sp.log(1 + 2 * j / n), (j, 1, k)), sp.Sum(2 * j / n, (j, 1, k))
    steps = (
        Step(">=", -linear, "$\\log(1+y)\\le y$", termwise(logs, linear, growing(j), lambda total: -total)),
        Step("=", -k * (k + 1) / n, "$1+2+\\dots+k=\\frac12k(k+1)$", _counted),
    )
    words = (
        "The weights $(1-2c)(2c)^k$ have the sum $1$ and give $k(k+1)$ the mean $\\frac{4c}{(1-2c)^2}$, "
        "so by Jensen's inequality $\\log((1-2c)S)\\ge\\sum_k(1-2c)(2c)^k\\log p_k>-\\frac{4c}{(1-2c)^2n}$"
    )
    about = "$\\log p_k$ with $p_k=\\prod_{j\\le k}\\frac n{n+2j}$, $k\\ge1$"
    return Written("Z-SOL", -logs, steps, {}, NAMES, about, part="term", in_words=words)


@cache
def patterns_at_one() -> Derivation:
    """log d = cn + log(pi n)/2 + log(1-2c) + eps at Z = 1, with a ball's integral as its volume times e^(-cn) S."""
    root = sp.log(sp.pi * n) / 2
    steps = (
        Step("=", in_order_sum(c * n, -sp.log(volume), -sp.log(series)), "$I_n=V_ne^{-cn}S$"),
        Step("=", in_order_sum(c * n, root, mu, -sp.log(series)), "$V_n=e^{-\\mu}/\\sqrt{\\pi n}$, Stirling's formula"),
        Step("=", in_order_sum(c * n, root, sp.log(u), epsilon), "$S=e^{-\\nu}/(1-2c)$, and $\\epsilon=\\mu+\\nu$"),
    )
    where = {
        d: 1 / ball,
        ball: volume * sp.exp(-c * n) * series,
        volume: sp.exp(-mu) / sp.sqrt(sp.pi * n),
        series: sp.exp(-nu) / u,
        epsilon: mu + nu,
        u: 1 - 2 * c,
        c: 1 / (2 * sp.pi * sp.E),
    }
    words = (
        "$0<\\mu<\\frac1{6n}$ by Robbins' bounds of Stirling's formula, and $0<\\nu<\\frac{4c}{(1-2c)^2n}$ by the "
        "two bounds of $S$, so that $\\epsilon$ lies between $0$ and the sum of the two"
    )
    return Written("Z-SOL", sp.log(d), steps, where, NAMES, "$Z=dI_n=1$", in_words=words)


@cache
def any_power() -> Derivation:
    """pi n/d^p < 1, and = e^(-p mu), where balls of the radius r_p have volume 1 together: any exponent p."""
    rounded = (sp.pi * n) ** ((sp.Rational(1, 2) - 1 / p) / n)
    steps = (
        Step("=", sp.pi * n * (volume * rounding**n) ** p, "$d\\,V_n(r_p)=1$, and $V_n(r_p)=V_n(r)q^n$ with $q=r_p/r$"),
        Step("=", sp.exp(-p * mu), "$V_n(r)=e^{-\\mu}/\\sqrt{\\pi n}$, Stirling's formula at the paper's radius $r$"),
        Step("<", sp.Integer(1), "$\\mu>0$", growing(mu)),
    )
    where = {d: 1 / (volume * rounding**n), rounding: rounded, volume: sp.exp(-mu) / sp.sqrt(sp.pi * n)}
    words = (
        "As $\\mu<\\frac1{6n}$, the ratio tends to $1$, and so does $q$, whose logarithm is "
        "$(\\frac12-\\frac1p)\\frac{\\log(\\pi n)}n$"
    )
    return Written("P5-ART", sp.pi * n / d**p, steps, where, NAMES, "any exponent $p>0$", in_words=words)
