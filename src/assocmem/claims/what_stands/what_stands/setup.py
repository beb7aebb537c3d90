"""Checks of what the paper says of its own experiments: support for the theory, passes over the data, sizes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance import table_three
from assocmem.theory.exact.distances import PAPER, Distance
from assocmem.theory.question_formation.experiment import Plateau
from assocmem.theory.what_stands import experiments_in_theory_variables
from assocmem.theory.what_stands.experiments_in_theory_variables import Experiment, Grid, Radius

REPORTED: tuple[Experiment, ...] = (
    Radius(distance=Fraction(20), tokens=256, width=1024),
    Plateau(loss=Fraction(1), tokens=5000, width=512, data=2_000_000),
    Grid(chosen=(2, 2, 2)),
)
BY_WIDTH: tuple[Experiment, ...] = (
    Radius(distance=Fraction(20), tokens=1, width=1024),
    Plateau(loss=Fraction(1), tokens=1, width=512, data=400),
    Grid(chosen=(2, 2, 2)),
)
"""The same with n = d_emb, against equation (2), and the 400 patterns of F.2 as before."""
GIVEN: tuple[Experiment, ...] = (
    Radius(distance=Fraction(248), tokens=256, width=1024),
    Plateau(loss=Fraction(5), tokens=5000, width=512, data=2_000_000),
    Grid(chosen=(0, 0, 0)),
)
claim("ABS-EXP", REPORTED, mutants={"numbers that the theory gives": GIVEN})


@check("ABS-EXP", kind="certified", scope="the printed numbers in the theory's variables n = T_max d_emb, d = D/T_max")
def own_numbers(stmt: Any, distance: Distance) -> Finding:
    """Each experiment against what Section 5 gives for it; of another distance only the rule of F.3 can be asked."""
    items = [item for item in stmt if distance is PAPER or isinstance(item, Grid)]
    if not all(item.purpose() for item in items if isinstance(item, Radius)):
        return Finding.undecided("balls of the predicted radius have not the volume for which it is chosen")
    expected = [item.expected(distance) for item in items if isinstance(item, Grid)]
    if any(choice is None or None in choice for choice in expected):
        return Finding.undecided("nothing is known of what the rule of F.3 would choose")
    mismatches = [text for text in (item.mismatch(distance) for item in items) if text]
    if mismatches:
        return Finding.fails("; ".join(mismatches), margin="certified")
    return Finding.survived("the numbers are those of the theory")


RUN = {"steps": 6000, "tokens per step": 491_520}
claim(
    "X-PASSES",
    {**RUN, "least": Fraction("8.85"), "most": Fraction("17.65")},
    mutants={
        "about once": {**RUN, "least": Fraction(1), "most": Fraction(2)},
        "in half the steps": {**RUN, "steps": 3000, "least": Fraction("8.85"), "most": Fraction("17.65")},
    },
)


@check("X-PASSES", kind="certified", scope="all sizes of data of Table 3, exact")
def passes_over_the_data(stmt: Any) -> Finding:
    """Drawn tokens over the size of the data, rounded to two places."""
    sizes = table_three.sizes()
    counts = [experiments_in_theory_variables.passes(d, stmt["steps"], stmt["tokens per step"]) for d in sizes]
    ends = round(min(counts), 2), round(max(counts), 2)
    text = f"{float(ends[0])} to {float(ends[1])} passes over {len(sizes)} sizes of data"
    return Finding.enumerated(text) if ends == (stmt["least"], stmt["most"]) else Finding.fails(text, margin="exact")


claim(
    "X-PER-TOKEN",
    {"per token": (Fraction("0.17"), Fraction("0.31")), "per sample": (172, 314)},
    mutants={
        "more parameters than tokens": {"per token": (1, 2), "per sample": (172, 314)},
        "fewer parameters than samples": {"per token": (Fraction("0.17"), Fraction("0.31")), "per sample": (0, 1)},
    },
)


@check("X-PER-TOKEN", kind="certified", scope="the twelve pairs of Table 3, exact")
def parameters_for_the_data(stmt: Any) -> Finding:
    """N over D, and over D/1024, rounded."""
    tokens = experiments_in_theory_variables.parameters_per_token()
    samples = experiments_in_theory_variables.parameters_per_sample()
    ends = (round(tokens[0], 2), round(tokens[-1], 2)), (round(samples[0]), round(samples[-1]))
    text = f"{float(ends[0][0])} to {float(ends[0][1])} a token, {ends[1][0]} to {ends[1][1]} a sample"
    if ends == (stmt["per token"], stmt["per sample"]):
        return Finding.enumerated(text)
    return Finding.fails(text, margin="exact")
