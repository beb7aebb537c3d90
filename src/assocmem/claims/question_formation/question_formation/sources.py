"""Checks of what the paper takes from Murty et al. (2023): their settings and their inverted U (chapter 9)."""

from __future__ import annotations

from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.theory.cross_entropy import larger_models
from assocmem.theory.question_formation.sources import PRINTED, SCALING, differing, unsaid

STATED: dict[str, Any] = {"layers": (6, 10), "width": 512, "positions": 5000}
claim(
    "QF-SET",
    {"stated": STATED, "rest": "unsaid"},
    mutants={
        "the numbers that are printed, alone": {"stated": STATED, "rest": "left out"},
        "twelve layers": {"stated": STATED | {"layers": (6, 12)}, "rest": "unsaid"},
        "a width of 256": {"stated": STATED | {"width": 256}, "rest": "unsaid"},
    },
)


@check("QF-SET", kind="argument", scope="the released code of Murty et al. (read), and Appendix F.2")
def settings_of_the_code(stmt: Any) -> Finding:
    """Depths, width and the number of positions against the code; what is not printed cannot be compared."""
    wrong = differing(stmt["stated"])
    if wrong:
        return Finding.fails("; ".join(wrong), margin="exact")
    text = f"{', '.join(PRINTED)} are among those of the code"
    if stmt["rest"] == "left out":
        return Finding.holds(text)
    return Finding.holds_if(f"what is not printed was taken over as well: {', '.join(unsaid())}", text)


claim(
    "QF-U",
    {"scaling of": "unsaid", "laws": "do not explain it"},
    mutants={
        "of generalization, over depth": {"scaling of": SCALING["what"], "laws": "do not explain it"},
        "the laws explain it": {"scaling of": "unsaid", "laws": "explain it"},
    },
)


@check("QF-U", kind="symbolic", scope="Murty et al. (introduction, read); equation (1) and the law of Kaplan et al.")
def no_turn_in_the_laws(stmt: Any) -> Finding:
    """The finding is about an accuracy over depth; both laws fall in N throughout, so neither has a turn in it."""
    if not all(slope.is_negative for slope in larger_models.data_slopes()):
        return Finding.undecided("the signs of the slopes were not confirmed")
    if stmt["laws"] == "explain it":
        return Finding.fails("a loss that falls in N at fixed D has no best size", margin="exact")
    text = f"on {SCALING['data sets']} data sets it {SCALING['shape']} over {SCALING['over']}; both laws fall in N"
    if stmt["scaling of"] == SCALING["what"]:
        return Finding.holds(text)
    return Finding.holds_if(f"scaling over depth of the {SCALING['what']}", text)
