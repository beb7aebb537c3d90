"""Checks of equation (1), of its published constants and of the law of Kaplan et al. (chapter 5)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.cross_entropy import law_proofs
from assocmem.theory.cross_entropy.certified_laws import (
    certified_kaplan_loss,
    certified_loss,
    certified_power_law,
    exact,
    lies_within,
    rounds_to,
)
from assocmem.theory.cross_entropy.fitted_laws import (
    BESIROGLU,
    HOFFMANN,
    KAPLAN,
    KAPLAN_SEPARATE,
    LAWS,
    PAPER_CHINCHILLA,
    FittedLaw,
)
from assocmem.theory.cross_entropy.law_proofs import D, N, a, b, equation_one, kaplan, x, y
from assocmem.theory.exact.certified import sign
from assocmem.theory.exact.residual import nonzero_point

CHINCHILLA = (70 * 10**9, 1400 * 10**9)
"""Parameters and tokens of the model of that name."""
CONSTANTS = ("E", "A", "B", "alpha", "beta")


claim(
    "X-EQ1-KIN",
    equation_one,
    mutants={
        "the two terms multiplied": lambda n, d: (
            law_proofs.E + law_proofs.A * law_proofs.B / n**law_proofs.alpha / d**law_proofs.beta
        ),
        "a reducible loss that grows with N": lambda n, d: equation_one(1 / n, d),
    },
)


@check("X-EQ1-KIN", kind="symbolic", scope="all positive constants; both laws as the statement has them")
def relatives_of_equation_one(stmt: Any) -> Finding:
    """Each law less equation (1) under its own condition; and the worth of data that are seen twice."""
    once = {law_proofs.R_N: 0, law_proofs.R_D: 0}
    residuals = [
        law_proofs.same(stmt(N, D).subs(law_proofs.beta, law_proofs.alpha), law_proofs.gadre(N, D)),
        sp.simplify(law_proofs.muennighoff().subs(once) - stmt(law_proofs.U_N, law_proofs.U_D)),
    ]
    if all(r == 0 for r in residuals) and law_proofs.repetition_is_worth_less():
        return Finding.holds("equal with alpha = beta, and where nothing is repeated; more for data seen twice")
    point = nonzero_point([r for r in residuals if r != 0])
    if point is None:
        return Finding.undecided("the laws could not be compared")
    return Finding.fails(f"a law differs from it by {point[1]} at {point[0]}", margin="exact")


@check("X-EQ1-KIN", kind="symbolic", scope="each token seen twice, constant 1 for the worth of a repetition")
def repeated_data(stmt: Any) -> Finding:
    """The law for repeated data against the formula at the number of tokens seen, at one point."""
    at = {law_proofs.R_N: 0, law_proofs.R_D: 1, law_proofs.Q_D: 1}
    gap = law_proofs.muennighoff().subs(at) - equation_one(law_proofs.U_N, 2 * law_proofs.U_D)
    point = nonzero_point([gap])
    if point is None or not float(point[1]) > 0:
        return Finding.fails("data seen twice are worth as much as new ones", margin="exact")
    return Finding.survived(f"more by {point[1]} at {point[0]}")


LIMIT: dict[str, Any] = {"law": equation_one, "limit": 1.61}
claim(
    "EQ1-LIM",
    LIMIT,
    mutants={
        "a term that does not fall with D": LIMIT
        | {"law": lambda n, d: law_proofs.E + law_proofs.A / n**law_proofs.alpha + law_proofs.B},
        "a term that grows with N": LIMIT
        | {"law": lambda n, d: law_proofs.E + law_proofs.A * n**law_proofs.alpha + law_proofs.B / d**law_proofs.beta},
        "the limit 1": LIMIT | {"limit": 1.0},
    },
)


@check(
    "EQ1-LIM",
    kind="symbolic",
    scope="the printed constants, N and D at any relative speed",
    in_words="the law is a function of N plus one of D, so that the repeated limit is the joint one",
)
def limit_is_e(stmt: Any) -> Finding:
    """The joint limit for all positive constants, at the printed ones."""
    limit = law_proofs.joint_limit(stmt["law"])
    if limit is None:
        return Finding.undecided("not a sum of a function of N and one of D")
    constants = {getattr(law_proofs, name): sp.Rational(exact(getattr(PAPER_CHINCHILLA, name))) for name in CONSTANTS}
    value = limit.subs(constants)
    if value == sp.Rational(exact(stmt["limit"])):
        return Finding.holds("the limit is E: each of the other terms tends to 0 by itself")
    return Finding.fails(f"the limit is {limit}, which is {value}", margin="exact")


claim(
    "X-KAP-LIM",
    kaplan,
    mutants={
        "the inner exponent inverted": lambda n, d: (
            ((law_proofs.N_c / n) ** (law_proofs.alpha_D / law_proofs.alpha_N) + law_proofs.D_c / d)
            ** law_proofs.alpha_D
        ),
        "a sum of the two power laws": lambda n, d: (
            (law_proofs.N_c / n) ** law_proofs.alpha_N + (law_proofs.D_c / d) ** law_proofs.alpha_D
        ),
    },
)


@check("X-KAP-LIM", kind="symbolic", scope="all positive constants; the slope for the fitted exponents")
def limits_of_kaplan(stmt: Any) -> Finding:
    """Both limits must be power laws of one variable, with a finite slope in 1/D."""
    broken = [name for name, residual in law_proofs.kaplan_consequences(stmt).items() if residual != 0]
    if broken:
        return Finding.fails(f"not a power law, or no slope: {', '.join(broken)}")
    return Finding.holds("both limits are the power laws of one variable")


claim(
    "KAP-SMALL",
    kaplan,
    mutants={
        "a penalty on parameters per token": lambda n, d: kaplan(n, d) + n / d,
        "the loss grows with N": lambda n, d: kaplan(1 / n, d),
    },
)


@check("KAP-SMALL", kind="symbolic", scope="all positive constants, N and D")
def same_data(stmt: Any) -> Finding:
    """On the same data the law must put every larger model below every smaller one."""
    if law_proofs.falls(stmt, N):
        return Finding.holds_if(
            "the models are trained on the same data",
            "at fixed D the derivative in N is negative: a smaller model never does better there",
        )
    return Finding.fails("at fixed D the law does not fall in N everywhere: it lets smaller models do better")


PAIR = ((6 * 10**9, 28 * 10**9), (60 * 10**9, 28 * 10**8))
"""Two models of equal compute 6 N D: parameters and tokens."""


@check("KAP-SMALL", kind="certified", scope="two models of equal compute, 6N*D = 1.008e21")
def same_compute(stmt: Any) -> Finding:
    """At equal compute the smaller model sees more data: the law's values for two models, certified."""
    if sp.simplify(stmt(N, D) - kaplan(N, D)) != 0:
        return Finding.survived("the constants belong to another law")
    if sign(lambda: certified_kaplan_loss(KAPLAN, *PAIR[1]) - certified_kaplan_loss(KAPLAN, *PAIR[0])) == 1:
        low, high = (float(certified_kaplan_loss(KAPLAN, *pair).mid()) for pair in PAIR)
        text = f"6B parameters: {low:.2f}; 60B: {high:.2f}, at equal compute"
        return Finding.fails(text, margin="certified", outside=True)
    return Finding.survived("the smaller model is not better")


TRANSFORMER = (3 * 10**9 // 2, 22 * 10**9)
"""Parameters and tokens of the largest model of Kaplan et al."""
FOUR_PLACES = Fraction(1, 2 * 10**4)
BY_KAPLAN: dict[str, Any] = {"N and D": Fraction("2.3125"), "N alone": Fraction("2.3036"), "printed": 2.5}
claim(
    "X-TRANS-VALUE",
    BY_KAPLAN,
    mutants={
        "2.3 printed": BY_KAPLAN | {"printed": 2.3},
        "2.3124 by N and D": BY_KAPLAN | {"N and D": Fraction("2.3124")},
    },
)


@check("X-TRANS-VALUE", kind="certified", scope="the constants of both fits as exact decimals")
def values_of_kaplans_laws(stmt: Any) -> Finding:
    """Both values to four places, and whether one rounds to the printed loss."""
    values: dict[str, Callable[[], arb]] = {
        "N and D": lambda: certified_kaplan_loss(KAPLAN, *TRANSFORMER),
        "N alone": lambda: certified_power_law(KAPLAN_SEPARATE.N_c, TRANSFORMER[0], KAPLAN_SEPARATE.alpha_N),
    }
    shown = ", ".join(f"{name} {float(value().mid()):.4f}" for name, value in values.items())
    off = [name for name, value in values.items() if not lies_within(value, stmt[name], FOUR_PLACES)]
    if off or any(rounds_to(value, stmt["printed"]) for value in values.values()):
        return Finding.fails(f"not as stated: {shown}", margin="certified")
    return Finding.enumerated(shown)


VALUES = tuple(map(Fraction, ("1.8566", "1.9366", "1.9208", "1.9739", "2.0241")))
BY_LAW: dict[str, Any] = {"values": tuple(zip(LAWS, VALUES, strict=True)), "printed": 2.2}
claim(
    "X-CHIN-VALUE",
    BY_LAW,
    mutants={
        "1.9 printed": BY_LAW | {"printed": 1.9},
        "1.8567 with the printed constants": BY_LAW
        | {"values": ((LAWS[0], Fraction("1.8567")), *BY_LAW["values"][1:])},
    },
)


@check("X-CHIN-VALUE", kind="certified", scope="five published sets of constants, exact decimals")
def values_of_all_fits(stmt: Any) -> Finding:
    """Every fit's value at Chinchilla's N and D to four places, none rounding to the printed loss."""
    shown = []
    for law, stated in stmt["values"]:

        def value(law: FittedLaw = law) -> arb:
            return certified_loss(law, *CHINCHILLA)

        shown.append(f"{law.name}: {float(value().mid()):.4f}")
        if not lies_within(value, stated, FOUR_PLACES) or rounds_to(value, stmt["printed"]):
            return Finding.fails(f"not as stated, {shown[-1]}", margin="certified")
    return Finding.enumerated("; ".join(shown))


RELATIVES = {
    "equation (1)": (law_proofs.alpha, law_proofs.beta),
    "Kaplan et al.": (law_proofs.alpha_N / law_proofs.alpha_D, sp.Integer(1)),
}
"""The exponents x and y of the inner sum of both laws."""
OPTIMUM: dict[str, Any] = {
    "G": (a * x / (b * y)) ** (1 / (x + y)),
    "share": y / (x + y),
    "p": y / x,
    "relatives": RELATIVES,
}
"""Of a N^-x + b D^-y at C = 6 N D: the constant of N*, its power of C/6, and its power of D*."""
claim(
    "X-EXPONENT",
    OPTIMUM,
    mutants={
        "the exponents exchanged": OPTIMUM | {"p": x / y},
        "the shares exchanged": OPTIMUM | {"share": x / (x + y)},
        "the constant inverted": OPTIMUM | {"G": 1 / OPTIMUM["G"]},
        "Kaplan's exponents taken apart": OPTIMUM
        | {"relatives": RELATIVES | {"Kaplan et al.": (law_proofs.alpha_N, law_proofs.alpha_D)}},
    },
)


@check("X-EXPONENT", kind="symbolic", scope="all positive a, b, x, y and budgets, all increasing F")
def compute_optimum(stmt: Any) -> Finding:
    """The inner sum is strictly convex in log N; the claimed N* must be its critical point, and a power of D*.

    Both named laws must be an increasing function of such a sum, with the claimed exponents.
    """
    residuals = law_proofs.optimum_residuals(stmt) + law_proofs.relative_residuals(stmt["relatives"])
    if all(r == 0 for r in residuals):
        if law_proofs.curvature_is_positive():
            return Finding.holds("strictly convex in log N, with the claimed critical point", margin="residuals 0")
        return Finding.undecided("the curvature's sign is not known")
    point = nonzero_point(residuals)
    if point is None:
        return Finding.undecided("the residuals were neither zero nor nonzero")
    return Finding.fails(f"a residual is {point[1]} at {point[0]}", margin=point[1])


REFIT = {"E": BESIROGLU.E, "error": 0.035, "width": 1.96, "outside": (1.0, PAPER_CHINCHILLA.E, HOFFMANN.E)}
claim(
    "X-REFIT",
    REFIT,
    mutants={
        "an error ten times larger": REFIT | {"error": 0.35},
        "a value inside called outside": REFIT | {"outside": (1.0, 1.85)},
    },
)


@check("X-REFIT", kind="certified", scope="the printed estimate, with the largest error that rounds to 0.03")
def interval_of_the_limit(stmt: Any) -> Finding:
    """The interval of width 1.96 standard errors to either side, in exact decimals."""
    half = exact(stmt["width"]) * exact(stmt["error"])
    low, high = exact(stmt["E"]) - half, exact(stmt["E"]) + half
    inside = [v for v in stmt["outside"] if low <= exact(v) <= high]
    shown = f"[{float(low):.3f}, {float(high):.3f}]"
    if inside:
        return Finding.fails(f"{inside[0]:g} lies in {shown}", margin="exact")
    return Finding.enumerated(f"{shown} contains none of {', '.join(f'{v:g}' for v in stmt['outside'])}")
