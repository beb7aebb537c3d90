"""Chapter 5, line by line: the scalar inequality, both steps of the proof at once, the printed chain, the true loss."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

import sympy as sp
from sympy.tensor.indexed import IndexedBase

from assocmem.theory.exact.derivation import Derivation, Line, Printed, Step, bowl, given, lemma, summed

ONE = Fraction(1)
i = sp.Symbol("i", integer=True)
samples = sp.Symbol("m", integer=True, positive=True)
z, Z, W, M, layers = sp.symbols("z Z W M l", positive=True)
Z_theta = sp.Symbol("Z_theta", positive=True)
L, e, v, c, shift = sp.symbols("L e v c k", real=True)
mass = IndexedBase("p", positive=True)
energy = IndexedBase("E_g", real=True)
target, model, a, b = (IndexedBase(name, positive=True) for name in "PQab")
ratio = IndexedBase("u", real=True)
loss, entropy, unseen = sp.Symbol("CE", real=True), sp.Symbol("H", real=True), sp.Symbol("r", nonnegative=True)
NAMES = {
    Z: "Z_t",
    Z_theta: r"Z_\theta",
    M: "M_t",
    e: r"E_t(\rho)",
    samples: "d'",
    energy.label: r"E_{\mathrm{global}}",
}


@cache
def scalar_inequality(
    bound: Fraction = Fraction(1), weight: Fraction = Fraction(1), strict: bool = False
) -> Derivation:
    """log z + weight/z >= bound, or >, for every positive number z; refused unless it is the true one, 1 and 1."""
    share = sp.Rational(weight)
    steps = (
        Step("=", sp.Add(share * sp.exp(v), -v, evaluate=False), "put $z=e^{-v}$"),
        Step(">" if strict else ">=", sp.Rational(bound), "the tangent of $e^v$ at $0$ is $1+v$", bowl(v)),
    )
    return Derivation("P4-SCALAR", sp.log(z) + share / z, steps, {z: sp.exp(-v)}, NAMES, "for $z>0$")


@cache
def both_steps() -> Derivation:
    """Where some constant k makes both steps of the proof true, the loss is log z + 1/z, and so at least 1."""
    names = {M: "M", e: "e"}
    steps = (
        Step("=", sp.log(sp.exp(-shift) * M) + (e + shift), "a constant $k$ added to the energy changes nothing"),
        Step("=", sp.log(z) + 1 / z, "step (a) asks $e+k=1/z$, step (b) asks $e^{-k}M=z$"),
        Step(">=", sp.Integer(1), "P4-SCALAR", lemma(scalar_inequality())),
    )
    where = {L: sp.log(M) + e, e: 1 / z - shift, M: z * sp.exp(shift)}
    given = "$L=\\log M+e$: energy $e$ at the patterns, $M=\\int_\\Omega e^{-E}$"
    words = (
        "the converse: where $L\\ge1$ there is a $z>0$ with $\\log z+1/z=L$, as this takes every value from $1$ on, "
        "and $k=1/z-e$ serves"
    )
    return Derivation("X-CE-BOTH", L, steps, where, names, given, in_words=words)


@cache
def printed_chain() -> Printed:
    """The chain of equation (15), as printed, of a loss over d' samples and l layers with a constant remainder c."""
    tangent = Derivation("P4-SCALAR", sp.log(Z) + 1 / Z, scalar_inequality().steps, {Z: sp.exp(-v)})
    lines = (
        Line(
            "=", sp.log(Z_theta) + sp.Sum(energy[i], (i, 1, samples)) / samples, "EQ15-2", "the density at each sample"
        ),
        Line(
            "=", sp.log(Z_theta) + 1 / Z - sp.log(layers) + c, "EQ15-a", "step (a): the energy at a pattern is $1/Z_t$"
        ),
        Line("=", sp.log(Z) + 1 / Z, "P4-WZ", "step (b): the integral of $e^{-E_t}$ is $Z_t$"),
        Line(">=", sp.Integer(1), "P4-SCALAR", "the scalar inequality", lemma(tangent)),
    )
    where = {
        mass[i]: sp.exp(-energy[i]) / Z_theta,
        energy[i]: e - sp.log(layers) + c,
        Z_theta: layers * sp.exp(-c) * M,
    }
    start = -sp.Sum(sp.log(mass[i]), (i, 1, samples)) / samples
    return Printed("EQ15", start, lines, where, NAMES, "the loss, by its definition")


@cache
def readings() -> Mapping[str, Mapping[sp.Expr, sp.Expr]]:
    """The energy at a pattern (where g_t = 0) and the integral of exp(-energy), under each reading of the layer energy.

    W is the integral of exp(-exp(-g_t)/Z_t).
    """
    return {
        "printed: $E_t=e^{-g_t}/Z_t$": {e: 1 / Z, M: W},
        "A: $E_t=g_t$": {e: sp.Integer(0), M: Z},
        "B: $E_t=g_t+\\log Z_t$": {e: sp.log(Z), M: sp.Integer(1)},
    }


@cache
def loss_of_one_layer() -> Derivation:
    """L = log Z under A, and under B the same."""
    k = sp.Symbol("kappa", real=True)
    names = {**NAMES, k: r"\kappa", M: "M"}
    steps = (
        Step("=", sp.log(M) + e, "one layer: the energy at every sample is $e$"),
        Step("=", sp.log(Z), "$e=\\kappa$ where $g_t=0$, and $M=e^{-\\kappa}Z_t$"),
    )
    where = {mass[i]: sp.exp(-e) / M, e: k, M: sp.exp(-k) * Z}
    given = "the energy $g_t+\\kappa$: reading A is $\\kappa=0$, reading B is $\\kappa=\\log Z_t$"
    words = "that $g_t=0$ at every sample, each being a stored pattern; the two bounds of $\\log Z_t$"
    start = -sp.Sum(sp.log(mass[i]), (i, 1, samples)) / samples
    return Derivation("P4-FIX", start, steps, where, names, given, in_words=words)


@cache
def loss_at_least_entropy() -> Derivation:
    """CE - H >= 0 for any data on finitely many sequences, and any model, which may also give others probability."""
    all_seen, all_guessed = sp.Sum(a[i], (i, 1, samples)), sp.Sum(b[i], (i, 1, samples))
    where = {
        target[i]: a[i] / all_seen,
        model[i]: b[i] / (all_guessed + unseen),
        loss: -sp.Sum(target[i] * sp.log(model[i]), (i, 1, samples)),
        entropy: -sp.Sum(target[i] * sp.log(target[i]), (i, 1, samples)),
    }
    difference = target[i] * (sp.log(target[i]) - sp.log(model[i]))
    terms = sp.Sum(difference - target[i] + model[i], (i, 1, samples))
    tangent = given({model[i]: target[i] * sp.exp(-ratio[i])}, bowl(ratio[i]))
    steps = (
        Step("=", sp.Sum(difference, (i, 1, samples)), "both, by their definitions"),
        Step(
            ">=",
            sp.Sum(target[i] - model[i], (i, 1, samples)),
            "with $Q_i=P_ie^{-u_i}$: $u\\ge1-e^{-u}$, the tangent at $0$",
            summed(terms, tangent),
        ),
        Step(
            "=",
            unseen / (all_guessed + unseen),
            "$\\sum_iP_i=1$; the model keeps $r/(r+\\sum_jb_j)$ for what is not data",
        ),
        Step(">=", sp.Integer(0), "neither $r$ nor a $b_j$ is negative"),
    )
    words = (
        "infinitely many sequences, as the sum of what holds at each; that the tangent is met at $u_i=0$ alone, so "
        "that $Q=P$ is the only model of least loss; the division by the number of tokens"
    )
    about = "data $P$ on $m$ sequences, in proportion to any $a_i>0$; a model $Q$, in proportion to any $b_i>0$"
    return Derivation("X-CE-DISCRETE", loss - entropy, steps, where, {samples: "m"}, about, in_words=words)
