"""Chapter 5, line by line: the scalar inequality, both steps of the proof at once, the printed chain, the true loss."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

import sympy as sp
from sympy.tensor.indexed import IndexedBase

from assocmem.theory.exact.derivation import Derivation, Line, Printed, Step, bowl, given, lemma, summed

i, j = sp.symbols("i j", integer=True)
samples = sp.Symbol("m", integer=True, positive=True)
z, Z = sp.symbols("z Z", positive=True)
layers, M = sp.symbols("layers mass", positive=True)  # Spelled out, so that l is written before M_t.
Z_theta = sp.Symbol("Z_theta", positive=True)
L, v, c, shift = sp.symbols("L v c k", real=True)
at_pattern, mean = sp.symbols("E_at_a_pattern E_in_the_mean", real=True)
mass = IndexedBase("p", positive=True)
energy = IndexedBase("E_g", real=True)
target, model, a, b = (IndexedBase(name, positive=True) for name in "PQab")
ratio = IndexedBase("u", real=True)
loss, entropy, unseen = sp.Symbol("CE", real=True), sp.Symbol("H", real=True), sp.Symbol("r", nonnegative=True)
NAMES = {
    Z: "Z_t",
    Z_theta: r"Z_\theta",
    M: "M_t",
    layers: "l",
    at_pattern: r"E_t(\rho)",
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
    names = {M: "M", mean: r"\bar E"}
    steps = (
        Step("=", sp.log(sp.exp(-shift) * M) + (mean + shift), "a constant $k$ added to the energy changes nothing"),
        Step("=", sp.log(z) + 1 / z, "step (b) says $e^{-k}M=z$, and step (a) says $\\bar E+k=1/z$"),
        Step(">=", sp.Integer(1), "the scalar inequality (P4-SCALAR)", lemma(scalar_inequality())),
    )
    where = {L: sp.log(M) + mean, mean: 1 / z - shift, M: z * sp.exp(shift)}
    given = "the loss; $k$ and $z$ are supposed to make both steps true"
    words = (
        "the converse. Let $L\\ge1$. The function $\\log z+1/z$ is continuous, $1$ at $z=1$ and unbounded, so it is "
        "$L$ at some $z\\ge1$. Take $k=1/z-\\bar E$. Then $\\bar E+k=1/z$, and "
        "$e^{-k}M=e^{\\log M+\\bar E-1/z}=e^{L-1/z}=z$, so both steps hold"
    )
    return Derivation("X-CE-BOTH", L, steps, where, names, given, in_words=words)


@cache
def printed_chain() -> Printed:
    """The chain of equation (15) in our notation: the loss over d' samples, l layers, a constant remainder c."""
    tangent = Derivation("P4-SCALAR", sp.log(Z) + 1 / Z, scalar_inequality().steps, {Z: sp.exp(-v)})
    lines = (
        Line(
            "=", sp.log(Z_theta) + sp.Sum(energy[i], (i, 1, samples)) / samples, "EQ15-2", "the density at each sample"
        ),
        Line("=", sp.log(Z_theta) + 1 / Z - sp.log(layers) + c, "EQ15-a", "(a): the energy at a pattern is $1/Z_t$"),
        Line("~", sp.log(Z) + 1 / Z, "P4-WZ", "(b): the integral of $e^{-E_t}$ is $Z_t$"),
        Line(">=", sp.Integer(1), "P4-SCALAR", "the scalar inequality", lemma(tangent)),
    )
    where = {
        mass[i]: sp.exp(-energy[i]) / Z_theta,
        energy[i]: at_pattern - sp.log(layers) + c,
        Z_theta: layers * sp.exp(-c) * M,
    }
    start = -sp.Sum(sp.log(mass[i]), (i, 1, samples)) / samples
    return Printed("EQ15", start, lines, where, NAMES, "the loss, by its definition")


@cache
def readings() -> Mapping[str, Mapping[sp.Expr, sp.Expr]]:
    """What each reading of the layer energy has at a pattern, where g_t = 0, and as the integral of exp(-E_t).

    With the printed energy the integral has no shorter name, and stays what it is.
    """
    return {
        "printed: $E_t=e^{-g_t}/Z_t$": {at_pattern: 1 / Z},
        "A: $E_t=g_t$": {at_pattern: sp.Integer(0), M: Z},
        "B: $E_t=g_t+\\log Z_t$": {at_pattern: sp.log(Z), M: sp.Integer(1)},
    }


@cache
def loss_of_one_layer() -> Derivation:
    """L = log Z under A, and under B the same."""
    k = sp.Symbol("kappa", real=True)
    names = {**NAMES, k: r"\kappa"}
    steps = (
        Step("=", sp.log(M) + at_pattern, "$p_i=e^{-E_t(\\rho)}/M_t$ at every sample, with one energy $E_t(\\rho)$"),
        Step("=", sp.log(Z), "$E_t(\\rho)=\\kappa$, as $g_t=0$ there, and $M_t=e^{-\\kappa}Z_t$"),
    )
    where = {mass[i]: sp.exp(-at_pattern) / M, at_pattern: k, M: sp.exp(-k) * Z}
    given = "the loss with $E_t=g_t+\\kappa$: reading A is $\\kappa=0$, reading B is $\\kappa=\\log Z_t$"
    words = (
        "$g_t=0$ at every sample, because the samples are stored patterns. The bounds on $\\log Z_t$: "
        "$Z_t/\\lvert\\Omega\\rvert$ is the mean of $e^{-g_t}$ over $\\Omega$. It is below $1$, because $g_t>0$ off "
        "the patterns. By Jensen's inequality for the exponential it is above $e^{-m}$, where $m$ is the mean of $g_t$"
    )
    start = -sp.Sum(sp.log(mass[i]), (i, 1, samples)) / samples
    return Derivation("P4-FIX", start, steps, where, names, given, in_words=words)


@cache
def loss_at_least_entropy() -> Derivation:
    """CE - H >= 0 for any data on finitely many sequences, and any model, which may also give others probability."""
    all_seen, all_guessed = sp.Sum(a[j], (j, 1, samples)), sp.Sum(b[j], (j, 1, samples))
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
            "$-\\log(Q_i/P_i)\\ge1-Q_i/P_i$, the tangent of the exponential; multiply by $P_i$ and sum",
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
        "the same with infinitely many sequences, where the sums are series; the tangent is met at $Q_i=P_i$ alone, so "
        "$Q=P$ is the only model of least loss; divided by the number of tokens, this is a loss per token"
    )
    about = "data $P$ on $m$ sequences, in proportion to any $a_i>0$; a model $Q$, in proportion to any $b_i>0$"
    names = {samples: "m", loss: r"\mathrm{CE}"}
    return Derivation("X-CE-DISCRETE", loss - entropy, steps, where, names, about, in_words=words)
