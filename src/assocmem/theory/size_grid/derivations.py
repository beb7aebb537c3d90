"""Chapter 10, line by line: gaps between training and test losses, and the sizes of data that they ask for."""

from __future__ import annotations

from functools import cache

import sympy as sp

from assocmem.theory.exact.derivation import Derivation, Step
from assocmem.theory.size_grid.bounded_gap import BOUND, L0, R, ell, tau
from assocmem.theory.size_grid.exponential_families import D, N
from assocmem.theory.size_grid.least_squares import GAP, RATIO, n, p, sigma, u

test, train = sp.symbols("L_test L_train", real=True)
inverse, m, v, x, root = sp.symbols("I m v x w", positive=True)
NAMES = {test: r"L_{\mathrm{test}}", train: r"L_{\mathrm{train}}"}
ROOT = {sigma: (1 / x + 1 / (1 + x)) / 2, root: (2 * x**2 + 2 * x + 1) / (2 * x * (1 + x))}
"""The limit of the gap at n = (1+x) p, and what turns out to be the root of its square and 1."""


@cache
def mean_of_inverse() -> Derivation:
    """E[1/S] = 1/(2m) = 1/(k-2) for S of the chi-square law with k = 2m + 2 degrees of freedom."""
    y = sp.Symbol("y", positive=True)
    density = y**m * sp.exp(-y / 2) / (2 ** (m + 1) * sp.gamma(m + 1))
    steps = (Step("=", 1 / (2 * m), "$\\Gamma(m+1)=m\\,\\Gamma(m)$"),)
    start = sp.powsimp(sp.integrate(density / y, (y, 0, sp.oo)))
    about = "the mean of $1/S$, $S$ a sum of $k=2m+2$ squares of independent standard normal numbers"
    return Derivation("X-BAL-OLS", start, steps, {}, NAMES, about, part="inverse")


@cache
def gap_of_least_squares() -> Derivation:
    """The gap from the two losses, where a diagonal entry of the inverse of the Gram matrix has the mean 1/(k-2)."""
    return stated_gap(GAP)


def stated_gap(stated: sp.Expr) -> Derivation:
    """The derivation of a gap, which only the true one allows."""
    steps = (
        Step("=", u * (1 + p * inverse) - u * (1 - p / n), "the fit keeps $p$ of $n$ dimensions of the noise"),
        Step("=", u * (p * inverse + p / n), "the noise itself cancels"),
        Step("=", stated.subs(n - p - 1, v), "$I=\\frac1{k-2}$ with $k=n-p+1$, and $v=n-p-1$"),
    )
    where = {test: u * (1 + p * inverse), train: u * (1 - p / n), inverse: 1 / v, n: p + 1 + v}
    words = (
        "The training residual is the noise projected on the $n-p$ dimensions that the columns of $X$ leave, and the "
        "error of the weights has, given $X$, the covariance $u(X^\\top X)^{-1}$. With $X=Z\\Sigma^{1/2}$ the mean "
        "test loss is $u+u\\,\\mathbb E\\,\\mathrm{tr}(Z^\\top Z)^{-1}$, in which $\\Sigma$ is gone; and "
        "$1/(Z^\\top Z)^{-1}_{jj}$ is the squared distance of column $j$ from the span of the $p-1$ others, a sum of "
        "$n-p+1$ squares"
    )
    return Derivation("X-BAL-OLS", test - train, steps, where, NAMES, "$n>p+1$", part="gap", in_words=words)


@cache
def square_of_root() -> Derivation:
    """w^2 = sigma^2 + 1, where sigma is the limit of the gap at n = (1+x) p."""
    steps = (Step("=", sigma**2 + 1, "$(1+2x+2x^2)^2=(1+2x)^2+4x^2(1+x)^2$"),)
    return Derivation("X-BAL-OLS-SIZE", root**2, steps, ROOT, {}, "a positive number squared", part="square")


@cache
def ratio_solves() -> Derivation:
    """r(sigma) = 1 + x, where sigma is the limit of the gap at n = (1+x) p, and w the root of sigma^2 + 1."""
    steps = (Step("=", 1 + x, "one fraction"),)
    words = "$\\sigma$ falls from infinity to $0$ as $x$ rises from $0$, so that this is every $\\sigma>0$ once"
    about = "the ratio $r(\\sigma)$, in which $w=\\sqrt{\\sigma^2+1}$"
    start = RATIO.xreplace({sp.sqrt(sigma**2 + 1): root})
    return Derivation("X-BAL-OLS-SIZE", start, steps, ROOT, {}, about, part="root", in_words=words)


@cache
def above_at_the_ratio() -> Derivation:
    """The gap at n = r p = (1+x) p exceeds its limit, where p x = 1 + v."""
    steps = (
        Step(">", p / (1 + v) + p / n, "$v<1+v$"),
        Step("=", 1 / x + 1 / (1 + x), "$px=1+v$ and $n=(1+x)p$"),
    )
    where = {n: (1 + x) * p, x: (1 + v) / p}
    about = "twice the gap at $n=rp=(1+x)p$, if $v=n-p-1>0$"
    return Derivation("X-BAL-OLS-SIZE", p / v + p / n, steps, where, {}, about, part="above")


@cache
def below_one_pair_later() -> Derivation:
    """The gap at n = r p + 1 is below its limit."""
    steps = (
        Step("=", 1 / x + 1 / (1 + x + 1 / p), "divided by $p$"),
        Step("<", 1 / x + 1 / (1 + x), "$1+x<1+x+\\frac1p$"),
    )
    where = {n: (1 + x) * p + 1, v: x * p}
    words = (
        "The gap falls with $n$, so it equals $\\sigma$ at one real $n$ between $rp$ and $rp+1$, and the least whole "
        "number beyond that is at most one more"
    )
    about = "twice the gap at $n=rp+1$, where $v=n-p-1=xp$"
    return Derivation("X-BAL-OLS-SIZE", p / v + p / n, steps, where, {}, about, part="below", in_words=words)


@cache
def gap_of_families() -> Derivation:
    """Test less training loss of the member h: <h - eta, T' - mu>, and a term whose mean is 0; one coordinate."""
    constant, h, eta, mean, mu = sp.symbols("A h eta T mu", real=True)
    steps = (
        Step("=", h * (mean - mu), "$A(h)$ cancels"),
        Step("=", (h - eta) * (mean - mu) + eta * (mean - mu), "$h=(h-\\eta)+\\eta$"),
    )
    words = (
        "The last term has the mean $0$. As $\\sqrt D(\\bar T-\\mu)$ tends to a normal law of covariance $I$ of $T$, "
        "the derivative of $h$ at $\\mu$ is $I^{-1}$, and the product is at most a constant times "
        "$D\\lVert\\bar T-\\mu\\rVert^2$, whose mean is $\\mathrm{tr}\\,I$ for every $D$, $D$ times the gap tends to "
        "$\\mathrm{tr}\\,I^{-1}I=N$"
    )
    where = {test: constant - h * mu, train: constant - h * mean}
    names = {**NAMES, constant: "A(h)", mean: r"\bar T", eta: r"\eta", mu: r"\mu"}
    about = "one coordinate, with $\\bar T$ the mean of $T$ over the data and $\\mu$ its expectation"
    return Derivation("X-BAL-AKAIKE", test - train, steps, where, names, about, in_words=words)


@cache
def data_of_bits() -> Derivation:
    """b N log 2/D < sigma, where D exceeds (b log 2/sigma) N."""
    b = sp.Symbol("b", positive=True)
    steps = (Step("<", sigma, "$D>\\frac{b\\log2}\\sigma N$"),)
    words = (
        "Each of the $2^{bN}$ models gives the text a probability whose quotient by $V^{-D}$ has the mean $1$, so the "
        "largest of these has at most the mean $2^{bN}$, and by Jensen's inequality its logarithm, which is "
        "$D(\\log V-L_{\\mathrm{train}})$, at most $bN\\log2$"
    )
    where = {D: (b * N * sp.log(2) + v) / sigma}
    about = "the mean of $\\log V-L_{\\mathrm{train}}$ is at most"
    return Derivation("X-BAL-MEMORY", b * N * sp.log(2) / D, steps, where, {}, about, in_words=words)


@cache
def densities_cross_once() -> Derivation:
    """The logarithmic derivative of f(y)^2/f(y/2)^2, without constants, where both densities are positive."""
    a, gap_above, gap_below = sp.symbols("a q v", positive=True)
    b = sp.Symbol("b", positive=True)
    steps = (
        Step("=", -b / (gap_above * (b + gap_above)) - a / (gap_below * (a + gap_below)), "two fractions at a time"),
        Step("<", sp.Integer(0), "all four are positive"),
    )
    start = 1 / (b + gap_above) - 1 / gap_above + 1 / (a + gap_below) - 1 / gap_below
    words = (
        "Half the slope of the test loss is the Laplace transform of a signed density, a positive multiple of $f(y)$ "
        "less $\\frac12(g+\\frac s2y)f(\\frac y2)$, where $f(y)=\\sqrt{(b-y)(y-a)}/(2\\pi gy)$. It is positive below "
        "$2a$, negative beyond $b$, and in between the quotient of its parts falls, so it changes its sign once, at "
        "some $c$; and $e^{ct}$ times the transform then rises strictly with $t$. So the test loss has one minimum"
    )
    about = "the slope of $\\log\\frac{(b-y)(y-a)}{(2b-y)(y-2a)}$, with $q=b-y>0$ and $v=y-2a>0$"
    return Derivation("X-BAL-OLS-STOP", start, steps, {}, {}, about, part="sign", in_words=words)


@cache
def stopped_below_the_end() -> Derivation:
    """The gap at the best time is at most that at the end: the test loss is lower there, the training loss higher."""
    last_test, last_train = sp.symbols("L_test^end L_train^end", real=True)
    better, ahead = sp.symbols("a b", nonnegative=True)
    steps = (
        Step("=", last_test - last_train - better - ahead, "each loss by that at the end"),
        Step("<=", last_test - last_train, "the test loss is least then, the training loss falls along the flow"),
    )
    names = {**NAMES, last_test: r"L_{\mathrm{test}}^\infty", last_train: r"L_{\mathrm{train}}^\infty"}
    where = {test: last_test - better, train: last_train + ahead}
    words = "The flow ends at the least squares fit, so the rule asks for no more data than it does at the end"
    about = "the gap of the mean losses at the best time, for $D>p+1$"
    return Derivation("X-BAL-OLS-STOP", test - train, steps, where, names, about, part="end", in_words=words)


@cache
def gap_below_the_threshold() -> Derivation:
    """G(D)^2 < sigma^2, where D exceeds 16 l^2 R^2 tau L0/sigma^2."""
    radius = sp.Symbol("B", positive=True)
    steps = (
        Step("=", BOUND**2, "$B^2=\\tau L_0$"),
        Step("<", sigma**2, "$D>16\\ell^2R^2\\tau L_0/\\sigma^2$"),
    )
    where = {radius: sp.sqrt(tau * L0), D: (16 * ell**2 * R**2 * tau * L0 + v) / sigma**2}
    words = (
        "By the Cauchy-Schwarz inequality $\\lVert w_t\\rVert^2\\le t\\int_0^t\\lVert\\nabla L\\rVert^2$, and the "
        "integral is what the training loss has fallen by, at most $L_0$, so that weights stay within $B$. Over "
        "these the mean of the largest gap to either side is at most $2\\ell BR/\\sqrt D$: symmetrization, the "
        "contraction of Ledoux and Talagrand, and $\\mathbb E\\lVert\\sum\\epsilon_i\\varphi_i\\rVert\\le R\\sqrt D$. "
        "At $w=0$ both losses are $L_0$, so neither largest gap is negative, and the larger is at most their sum"
    )
    about = "the square of $4\\ell BR/\\sqrt D$"
    start = 16 * ell**2 * radius**2 * R**2 / D
    names = {ell: r"\ell", tau: r"\tau", sigma: r"\sigma"}
    return Derivation("X-BAL-NOLAW", start, steps, where, names, about, in_words=words)


@cache
def stationary_data() -> Derivation:
    """The slope of the test error in the penalty vanishes where D = d2 - (u+B) d2'/B'."""
    bias, slope, freedom = sp.symbols("B b d_2", positive=True)
    falls = sp.Symbol("c", positive=True)
    best = freedom + (u + bias) * falls / slope
    steps = (Step("=", slope / D * (D - best), "so it vanishes at one $D$ alone"),)
    words = (
        "This is the slope in $\\kappa$ of the test error $(u+B)/(1-d_2/D)$, times $(1-d_2/D)^2$. The equivalents "
        "themselves, in which $D=d_1+D\\lambda/\\kappa$ defines $\\kappa$, are not derived here"
    )
    names = {slope: "B'", falls: "c"}
    about = "$B'(1-d_2/D)+(u+B)\\frac{d_2'}D$ with $d_2'=-c$"
    start = slope * (1 - freedom / D) - (u + bias) * falls / D
    return Derivation("X-BAL-RIDGE", start, steps, {}, names, about, in_words=words)
