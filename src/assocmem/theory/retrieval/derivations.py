"""Chapter 3, line by line: what one step of retrieval gains, for any distance and for the squared Euclidean one."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import sympy as sp
from sympy.tensor.indexed import IndexedBase

from assocmem.theory.exact.derivation import Derivation, Step, lemma

i, j, k = sp.symbols("i j k", integer=True)
n, d = sp.symbols("n d", integer=True, positive=True)
beta = sp.Symbol("beta", positive=True)
E, E_y, KL = sp.symbols("E E_y KL", real=True)
x, y, rho, a, b = (IndexedBase(name, real=True) for name in ("x", "y", "rho", "a", "b"))
w, u, p = (IndexedBase(name, positive=True) for name in ("w", "u", "p"))
NAMES = {E: "E(x)", E_y: "E(y)", KL: r"\mathrm{KL}(w\,\Vert\,u)"}

_AT_X, _AT_Y = sp.Sum(p[j], (j, 1, d)), sp.Sum(sp.exp(-beta * b[j]), (j, 1, d))
_WEIGHTS = {p[i]: sp.exp(-beta * a[i]), w[i]: p[i] / _AT_X}
_ANY = {
    **_WEIGHTS,
    E: -sp.log(_AT_X) / beta,
    E_y: -sp.log(_AT_Y) / beta,
    u[i]: sp.exp(-beta * b[i]) / _AT_Y,
    KL: sp.Sum(w[i] * (sp.log(w[i]) - sp.log(u[i])), (i, 1, d)),
}
_STEP = {
    a[i]: sp.Sum((x[k] - rho[i, k]) ** 2, (k, 1, n)),
    b[i]: sp.Sum((y[k] - rho[i, k]) ** 2, (k, 1, n)),
    y[k]: sp.Sum(p[j] * rho[j, k], (j, 1, d)) / _AT_X,
}
_CLOSER = sp.Sum(w[i] * (a[i] - b[i]), (i, 1, d))
_MOVED = sp.Sum((x[k] - y[k]) ** 2, (k, 1, n))


@cache
def any_step(moved: Fraction = Fraction(1), divergence: Fraction = Fraction(1)) -> Derivation:
    """E(x) - E(y) in the mean change of the distances and a divergence, for any two points and any distance.

    Refused for other factors than 1 and 1.
    """
    last = sp.Rational(moved) * _CLOSER + sp.Rational(divergence) * KL / beta
    logs = "$\\log w_i=\\beta(E(x)-a_i)$ and $\\log u_i=\\beta(E(y)-b_i)$"
    inner = a[i] - b[i] + sp.log(w[i]) / beta - sp.log(u[i]) / beta
    steps = (
        Step("=", sp.Sum(w[i] * (E - E_y), (i, 1, d)), "the weights sum to $1$"),
        Step("=", sp.Sum(w[i] * inner, (i, 1, d)), logs),
        Step("=", last, "the divergence, by its definition"),
    )
    given = "distances $a_i$ at $x$ and $b_i$ at $y$, any numbers; weights $w$ at $x$ and $u$ at $y$"
    return Derivation("X-DESC-ANY", E - E_y, steps, _ANY, NAMES, given, in_words="that a divergence is not negative")


@cache
def mean_change_of_distances() -> Derivation:
    """For squared distances and y = T(x), the mean change is the squared length of the step."""
    difference = sp.Sum((x[k] - y[k]) * (x[k] + y[k] - 2 * rho[i, k]), (k, 1, n))
    steps = (
        Step("=", sp.Sum(w[i] * difference, (i, 1, d)), "a difference of squares"),
        Step("=", _MOVED, "$\\sum_iw_i\\rho^i=y$, since $y=T(x)$"),
    )
    where = {w[i]: p[i] / _AT_X, **_STEP}
    given = "$a_i=\\lVert x-\\rho^i\\rVert^2$, $b_i=\\lVert y-\\rho^i\\rVert^2$, any weights $w_i=p_i/\\sum_jp_j$"
    return Derivation("X-DESC", _CLOSER, steps, where, NAMES, given, part="step")


@cache
def retrieval_step(moved: Fraction = Fraction(1), divergence: Fraction = Fraction(1)) -> Derivation:
    """``E(x) - E(T(x)) = |x - T(x)|^2 + KL/beta``; refused for other factors than 1 and 1."""
    last = sp.Rational(moved) * _MOVED + sp.Rational(divergence) * KL / beta
    steps = (
        Step("=", _CLOSER + KL / beta, "X-DESC-ANY", lemma(any_step())),
        Step("=", last, "the mean change, above", lemma(mean_change_of_distances())),
    )
    return Derivation("X-DESC", E - E_y, steps, {**_ANY, **_STEP}, NAMES, "one step, $y=T(x)$")
