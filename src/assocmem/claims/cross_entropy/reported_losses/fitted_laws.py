"""Checks of equation (1), of its published constants and of the law of Kaplan et al. (chapter 5)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.cross_entropy import law_proofs
from assocmem.theory.cross_entropy.certified_laws import certified_kaplan_loss, certified_loss, exact, rounds_to
from assocmem.theory.cross_entropy.fitted_laws import (
    BESIROGLU,
    HOFFMANN,
    HOFFMANN_ROUNDED,
    KAPLAN,
    LAWS,
    PAPER_CHINCHILLA,
    FittedLaw,
)
from assocmem.theory.cross_entropy.law_proofs import D, N, equation_one, kaplan
from assocmem.theory.cross_entropy.published_losses import GPT2_TABLE, MASSIVETEXT
from assocmem.theory.exact.certified import sign, to_arb
from assocmem.theory.exact.residual import nonzero_point

CHINCHILLA = (70 * 10**9, 1400 * 10**9)
"""Parameters and tokens of the model of that name."""


def _reversed(table: Any) -> Any:
    return tuple(replace(row, values=row.values[::-1]) for row in table)


claim(
    "EQ1-UP",
    {"law": equation_one, "table": GPT2_TABLE},
    mutants={
        "the loss grows with the data": {"law": lambda n, d: equation_one(n, 1 / d), "table": GPT2_TABLE},
        "the four models in reverse order": {"law": equation_one, "table": _reversed(GPT2_TABLE)},
    },
)


@check("EQ1-UP", kind="symbolic", scope="all positive constants; eight published measures of four models")
def larger_is_better(stmt: Any) -> Finding:
    """Every fit of equation (1) has positive constants and falls in N and D; end to end, every measure improves."""
    positive = all(min(law.A, law.B, law.alpha, law.beta) > 0 for law in LAWS)
    if not (positive and law_proofs.falls(stmt["law"], N) and law_proofs.falls(stmt["law"], D)):
        return Finding.fails("the loss does not fall in both variables")
    worse = [row.task for row in stmt["table"] if sum(row.improvements()) <= 0]
    if worse:
        return Finding.fails(f"the largest model does worse than the smallest in {', '.join(worse)}", margin="exact")
    text = f"all {len(LAWS)} fits fall in N and D, and all {len(stmt['table'])} measures improve from 117M to 1542M"
    return Finding.holds_if("as a tendency, not at every step and in every task", text)


@check("EQ1-UP", kind="certified", scope="Table 3 of Radford et al. (2019), exact decimals")
def every_step(stmt: Any) -> Finding:
    """Each step in size of each measure."""
    bad = [(row.task, float(min(row.improvements()))) for row in stmt["table"] if min(row.improvements()) < 0]
    if bad:
        text = "; ".join(f"{task}: a step to a larger model changes it by {value:.2f}" for task, value in bad)
        return Finding.fails(text, margin="exact", outside=True)
    return Finding.survived("no step makes a measure worse")


claim(
    "EQ1",
    equation_one,
    mutants={
        "the two terms multiplied": lambda n, d: (
            law_proofs.E + law_proofs.A * law_proofs.B / n**law_proofs.alpha / d**law_proofs.beta
        ),
        "a reducible loss that grows with N": lambda n, d: equation_one(1 / n, d),
    },
)


@check("EQ1", kind="symbolic", scope="the laws of the three sources as transcribed here; all positive constants")
def three_analyses(stmt: Any) -> Finding:
    """Hoffmann et al. fit the formula itself; the other two laws must become it under their own conditions."""
    value = stmt(N, D)
    theirs = law_proofs.E + law_proofs.A * N**-law_proofs.alpha + law_proofs.B * D**-law_proofs.beta
    point = nonzero_point([value - theirs])
    if point is not None:
        return Finding.fails(f"not the formula of Hoffmann et al.: at {point[0]} they differ by {point[1]}")
    equal = law_proofs.same(value.subs(law_proofs.beta, law_proofs.alpha), law_proofs.gadre(N, D))
    once = sp.simplify(
        law_proofs.muennighoff().subs({law_proofs.R_N: 0, law_proofs.R_D: 0}) - stmt(law_proofs.U_N, law_proofs.U_D)
    )
    if equal == 0 and once == 0:
        return Finding.holds_if(
            "equal exponents in Gadre et al.; data not repeated and no excess parameters in Muennighoff et al.",
            "the fit of Hoffmann et al.; Gadre et al. set alpha = beta, Muennighoff et al. put effective N and D in",
        )
    return Finding.undecided("the laws could not be compared")


@check("EQ1", kind="symbolic", scope="each token seen twice, constant 1 for the worth of a repetition")
def repeated_data(stmt: Any) -> Finding:
    """The law of Muennighoff et al. on repeated data against the formula at the number of tokens seen."""
    at = {law_proofs.R_N: 0, law_proofs.R_D: 1, law_proofs.Q_D: 1}
    gap = law_proofs.muennighoff().subs(at) - stmt(law_proofs.U_N, 2 * law_proofs.U_D)
    point = nonzero_point([gap])
    if point is None:
        return Finding.survived("no difference found")
    return Finding.fails(f"on repeated data the law differs from (1), by {point[1]} at {point[0]}", outside=True)


claim(
    "EQ1-LIM",
    equation_one,
    mutants={
        "a term that does not fall with D": lambda n, d: (
            law_proofs.E + law_proofs.A / n**law_proofs.alpha + law_proofs.B
        ),
        "a term that grows with N": lambda n, d: (
            law_proofs.E + law_proofs.A * n**law_proofs.alpha + law_proofs.B / d**law_proofs.beta
        ),
    },
)


@check("EQ1-LIM", kind="symbolic", scope="all positive constants, N and D at any relative speed")
def limit_is_e(stmt: Any) -> Finding:
    """The law is a function of N plus one of D, so the repeated limit is the joint one."""
    limit = law_proofs.joint_limit(stmt)
    if limit is None:
        return Finding.undecided("not a sum of a function of N and one of D")
    if limit == law_proofs.E:
        return Finding.holds("the limit is E: each of the other terms tends to 0 by itself")
    return Finding.fails(f"the limit is {limit}")


PRINTED = {name: getattr(PAPER_CHINCHILLA, name) for name in ("alpha", "beta", "E", "A", "B")}
claim("CHIN-CONST", PRINTED, mutants={"E as the source prints it": PRINTED | {"E": 1.69}})


def _rounds(name: str) -> bool:
    """Whether the source's printed constant is its unrounded one, rounded."""
    return rounds_to(lambda: to_arb(exact(getattr(HOFFMANN, name))), getattr(HOFFMANN_ROUNDED, name)) is True


@check("CHIN-CONST", kind="argument", scope="equation 10 of arXiv 2203.15556, read; its TeX source, quoted")
def printed_constants(stmt: Any) -> Finding:
    """Each constant against the source's, and that against the unrounded one in its TeX source."""
    consistent = all(_rounds(name) for name in stmt)
    if not consistent:
        return Finding.undecided("the two transcriptions of the source contradict each other")
    wrong = [
        f"{k} = {v:g}, source {getattr(HOFFMANN_ROUNDED, k):g} (unrounded {getattr(HOFFMANN, k):g})"
        for k, v in stmt.items()
        if exact(v) != exact(getattr(HOFFMANN_ROUNDED, k))
    ]
    return Finding.fails("; ".join(wrong)) if wrong else Finding.holds("all five are those of the source")


claim(
    "CHIN-COR",
    {"E": 1.61, "unit": None},
    mutants={"a bound per byte": {"E": 1.61, "unit": "byte"}, "a limit below 1 per token": {"E": 0.9, "unit": "token"}},
)


@check("CHIN-COR", kind="argument", scope="the printed limit; bytes per token of MassiveText")
def limit_as_evidence(stmt: Any) -> Finding:
    """A limit below the bound refutes it; one above is what any law with such an E shows, and only in its own unit."""
    value = exact(stmt["E"]) if stmt["unit"] != "byte" else MASSIVETEXT.per_byte(stmt["E"])
    if stmt["unit"] is None:
        text = (
            f"every E of at least 1 agrees with L >= 1; {stmt['E']:g} nats per token are "
            f"{float(MASSIVETEXT.per_byte(stmt['E'])):.2f} per byte, and the proposition names no unit; "
            "its least value is 1, not that of any fit"
        )
        return Finding.heuristic(text)
    if value < 1:
        return Finding.fails(f"{float(value):.2f} nats per {stmt['unit']}, less than 1", margin="exact")
    return Finding.survived("the limit does not lie below 1")


claim(
    "KAP-EQ",
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


@check("KAP-EQ", kind="symbolic", scope="equation 1.5 of Kaplan et al. and the three principles of their section 4.1")
def law_of_kaplan(stmt: Any) -> Finding:
    """Both limits must be the authors' laws of one variable, with a finite slope in 1/D, and the formula theirs."""
    broken = [name for name, residual in law_proofs.kaplan_consequences(stmt).items() if residual != 0]
    if broken:
        return Finding.fails(f"not as in Kaplan et al.: {', '.join(broken)}")
    if sp.simplify(stmt(N, D) - kaplan(N, D)) == 0:
        return Finding.holds(
            "equation 1.5, for the test loss with early stopping; both limits are equations 1.1 and 1.2"
        )
    return Finding.undecided("another formula with the same limits")


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


claim(
    "T2-CHIN-FIT",
    {"law": PAPER_CHINCHILLA, "at": CHINCHILLA, "printed": 2.2},
    mutants={
        "1.9 printed": {"law": PAPER_CHINCHILLA, "at": CHINCHILLA, "printed": 1.9},
        "at 4 billion parameters and 80 billion tokens": {
            "law": PAPER_CHINCHILLA,
            "at": (4 * 10**9, 80 * 10**9),
            "printed": 2.2,
        },
    },
)


@check("T2-CHIN-FIT", kind="certified", scope="the printed constants and numbers as exact decimals")
def value_of_the_fit(stmt: Any) -> Finding:
    """A ball around the value of (1) must lie within half a unit of the printed number's last place."""
    value = certified_loss(stmt["law"], *stmt["at"])
    if rounds_to(lambda: certified_loss(stmt["law"], *stmt["at"]), stmt["printed"]):
        return Finding.enumerated(f"the value {float(value.mid()):.4f} rounds to {stmt['printed']:g}")
    return Finding.fails(f"the value is {float(value.mid()):.4f}, not {stmt['printed']:g}", margin="certified")


claim(
    "X-CHIN-VALUE",
    {"laws": LAWS, "low": Fraction(185, 100), "high": Fraction(203, 100), "printed": 2.2},
    mutants={"all below 1.9": {"laws": LAWS, "low": Fraction(185, 100), "high": Fraction(19, 10), "printed": 2.2}},
)


def _side(law: FittedLaw, bound: Fraction) -> int | None:
    """Certified sign of the law's value at Chinchilla's N and D minus a bound."""
    return sign(lambda: certified_loss(law, *CHINCHILLA) - to_arb(bound))


@check("X-CHIN-VALUE", kind="certified", scope="five published sets of constants, exact decimals")
def values_of_all_fits(stmt: Any) -> Finding:
    """Every fit's value at Chinchilla's N and D between the bounds, none rounding to the printed loss."""
    sides = [(_side(law, stmt["low"]), _side(law, stmt["high"])) for law in stmt["laws"]]
    for law, (low, high) in zip(stmt["laws"], sides, strict=True):
        if low == -1 or high == 1:
            return Finding.fails(f"{law.name} gives {float(certified_loss(law, *CHINCHILLA).mid()):.3f}")
    if all(pair == (1, -1) for pair in sides) and stmt["high"] < exact(stmt["printed"]) - Fraction(1, 20):
        return Finding.enumerated(f"{len(sides)} fits, all between {float(stmt['low'])} and {float(stmt['high'])}")
    return Finding.undecided("a comparison stayed open")


OPTIMUM: dict[str, Any] = {**law_proofs.compute_optimum(), "relatives": law_proofs.relatives()}
claim(
    "X-EXPONENT",
    OPTIMUM,
    mutants={
        "the exponents exchanged": OPTIMUM | {"p": law_proofs.x / law_proofs.y},
        "the shares exchanged": OPTIMUM | {"share": law_proofs.x / (law_proofs.x + law_proofs.y)},
        "the constant inverted": OPTIMUM | {"G": 1 / OPTIMUM["G"]},
        "Kaplan's exponents taken apart": OPTIMUM
        | {"relatives": law_proofs.relatives() | {"Kaplan et al.": (law_proofs.alpha_N, law_proofs.alpha_D)}},
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
