"""Checks of Table 2 and of what is said of reported losses (chapter 5).

A row is settled by what its source says: ``theory.cross_entropy.published_losses`` holds both, and notes what was read
and what is quoted from memory.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.cross_entropy import units
from assocmem.theory.cross_entropy.certified_laws import exact
from assocmem.theory.cross_entropy.fitted_laws import HOFFMANN
from assocmem.theory.cross_entropy.published_losses import BELOW_ONE, MASSIVETEXT, WEBTEXT2, below_one
from assocmem.theory.cross_entropy.table_two import (
    BILLION,
    TABLE_TWO,
    Row,
    SourceValue,
    agreement,
    disagreement,
    open_question,
)
from assocmem.theory.exact.certified import sign, to_arb

ROWS = tuple(TABLE_TWO.values())

TRANS, CHIN, PALM2, GPT2, MINICPM, NANO = ROWS
claim(
    "T2-TRANS",
    TRANS,
    mutants={"2.3 printed": replace(TRANS, loss=2.3), "losses on one set of texts only": replace(TRANS, elsewhere="")},
)
claim("T2-CHIN", CHIN, mutants={"1.9 printed": replace(CHIN, loss=1.9)})
claim("T2-PALM2", PALM2, mutants={"named as a run of the study": replace(PALM2, other_model="")})
claim("T2-GPT2", GPT2, mutants={"2.4 printed": replace(GPT2, loss=2.4)})
claim("T2-MINICPM", MINICPM, mutants={"1100 billion tokens": replace(MINICPM, tokens=1100 * BILLION)})
claim("T2-NANO", NANO, mutants={"2.6 printed": replace(NANO, loss=2.6)})


@check("T2-TRANS", kind="argument", scope="both laws that the source fits to its measurements")
@check("T2-CHIN", kind="argument", scope="the law that the source fits to its measurements")
@check("T2-PALM2", kind="argument", scope="the cited report, section 2")
@check("T2-GPT2", kind="argument", scope="the public results of the cited authors")
@check("T2-MINICPM", kind="argument", scope="the cited report, table 2")
@check("T2-NANO", kind="argument", scope="the cited report, from memory")
def as_the_source_says(stmt: Row) -> Finding:
    """The row against its source: the model it names, its number of tokens, and its loss to the printed digit."""
    wrong = disagreement(stmt)
    if wrong is not None:
        return Finding.fails(wrong)
    agreeing = [value for value, rounds, _ in agreement(stmt) if rounds]
    if not agreeing:
        return Finding.ill_defined(open_question(stmt) or "the source gives no loss for this row")
    best = agreeing[0]
    text = f"{best.what}: {float(best.value().mid()):.4g}"
    return Finding.holds(text) if best.condition is None else Finding.holds_if(best.condition, text)


OTHERS = tuple(row for row in ROWS if row is not CHIN)
claim(
    "T2-OTHERS",
    OTHERS,
    mutants={"the rows that agree with their sources": (GPT2, NANO)},
)


@check("T2-OTHERS", kind="argument", scope="the rows and their sources")
def five_rows(stmt: tuple[Row, ...]) -> Finding:
    """Every row must agree with its source; one that a source contradicts is enough against them all."""
    wrong = {row.model: disagreement(row) for row in stmt}
    bad = [f"{model}: {why}" for model, why in wrong.items() if why]
    if bad:
        return Finding.fails(f"{len(bad)} of {len(stmt)} rows differ from their sources. {'; '.join(bad)}")
    unsettled = [f"{row.model}: {why}" for row in stmt if (why := open_question(row))]
    if unsettled:
        return Finding.undecided("; ".join(unsettled))
    conditions = [v.condition for row in stmt for v, _, _ in agreement(row) if v.condition]
    if conditions:
        return Finding.holds_if("; ".join(conditions), "every row agrees with its source")
    return Finding.holds("every row agrees with its source")


claim("T2-L1", tuple(row.loss for row in ROWS), mutants={"one loss of 0.7": (2.5, 2.2, 0.7, 2.3, 2.4, 2.4)})


@check("T2-L1", kind="certified", scope="the six printed numbers")
def six_numbers(stmt: tuple[float, ...]) -> Finding:
    """Exact comparison of each number with 1."""
    small = [v for v in stmt if exact(v) <= 1]
    if small:
        return Finding.fails(f"{small[0]:g} does not exceed 1", margin="exact")
    return Finding.enumerated(f"the least of the {len(stmt)} numbers is {min(stmt):g}")


claim("T2", ROWS, mutants={"one loss of 0.7": (*ROWS[:5], replace(ROWS[5], loss=0.7, values=()))})


def _exceeds_one(value: SourceValue) -> bool:
    return sign(lambda: value.value() - 1) == 1


@check("T2", kind="argument", scope="the printed losses and the values of the sources")
def six_models(stmt: tuple[Row, ...]) -> Finding:
    """The printed losses, and every value that a source gives in place of one, must exceed 1."""
    for row in stmt:
        if exact(row.loss) <= 1 or not all(_exceeds_one(value) for value in row.values):
            return Finding.fails(f"{row.model}: not above 1", margin="exact")
    known = sum(bool(row.values) for row in stmt)
    text = f"printed losses above 1, and so are the sources' values where there are any ({known} rows)"
    return Finding.holds_if("in nats per token of each model's own tokenizer", text)


@check("T2", kind="certified", scope="two rows whose bytes per token are published")
def six_models_per_byte(stmt: tuple[Row, ...]) -> Finding:
    """The same losses per byte, exactly."""
    pairs = [(row, c) for row, c in ((stmt[0], WEBTEXT2), (stmt[1], MASSIVETEXT)) if c.per_byte(row.loss) < 1]
    if pairs:
        shown = ", ".join(f"{row.model} {float(c.per_byte(row.loss)):.2f}" for row, c in pairs)
        return Finding.fails(f"nats per byte: {shown}", margin="exact", outside=True)
    return Finding.survived("above 1 per byte too")


EMPIRICAL: dict[str, Any] = {"table": ROWS, "others": BELOW_ONE, "vocabulary": 2}
claim(
    "P4-EMP",
    EMPIRICAL,
    mutants={"one loss of 0.7 in the table": {**EMPIRICAL, "table": (*ROWS[:5], replace(ROWS[5], loss=0.7))}},
)


@check("P4-EMP", kind="argument", scope="Table 2, to which the sentence belongs")
def losses_of_the_table(stmt: Any) -> Finding:
    """The sentence follows the comparison in Table 2, whose losses all exceed 1."""
    small = [row.model for row in stmt["table"] if exact(row.loss) <= 1]
    if small:
        return Finding.fails(f"{', '.join(small)}: not above 1", margin="exact")
    return Finding.holds_if(
        "the losses are those of Table 2, each per token of its model's tokenizer",
        f"the least of the {len(stmt['table'])} is {min(row.loss for row in stmt['table']):g}",
    )


@check("P4-EMP", kind="certified", scope="published losses, in the unit in which they are reported")
def reported_below_one(stmt: Any) -> Finding:
    """Published values times log 2 against 1, first those whose unit is the model's own token."""
    below = sorted(below_one(stmt["others"]), key=lambda loss: not loss.own_tokens)
    if not below:
        return Finding.survived("no listed loss is below 1")
    own = sum(loss.own_tokens for loss in below)
    shown = "; ".join(f"{loss.model} on {loss.data} {float(loss.nats().mid()):.3f}" for loss in (below[0], below[-1]))
    text = f"{len(below)} below 1 nat, {own} of them per token of the model: {shown}"
    return Finding.fails(text, margin="certified", outside=True)


@check("P4-EMP", kind="certified", scope="a Transformer whose head is zero, on any text")
def untrained_model(stmt: Any) -> Finding:
    """Equal logits over V tokens: the loss is log V on every text, before any training."""
    size = stmt["vocabulary"]
    value = sp.simplify(units.cross_entropy([sp.Integer(0)] * size, 0) - sp.log(size))
    if value == 0 and sign(lambda: 1 - to_arb(size).log()) == 1:
        text = f"with {size} tokens and a zero head the loss is log {size} < 1"
        return Finding.fails(text, margin="certified", outside=True)
    return Finding.survived(f"log {size} is at least 1")


claim(
    "T2-LARGEST",
    ROWS,
    mutants={
        "the 280 billion of Gopher in Chinchilla's family": (
            ROWS[0],
            replace(ROWS[1], largest_reported=280 * BILLION),
            *ROWS[2:],
        ),
        "the smaller Nanotron": (*ROWS[:5], replace(ROWS[5], parameters=BILLION)),
    },
)


@check("T2-LARGEST", kind="argument", scope="the models whose losses the six sources report")
def largest_with_a_loss(stmt: tuple[Row, ...]) -> Finding:
    """Each row against the largest model of its family whose loss the source reports, to the printed digits."""
    short = [row.model for row in stmt if 100 * row.largest_reported > 101 * row.parameters]
    if short:
        return Finding.fails(f"the source reports the loss of a larger model: {', '.join(short)}")
    return Finding.holds_if(
        "a family is the models whose losses its source reports (from memory for PaLM 2, MiniCPM and Nanotron)",
        f"no source reports the loss of a model more than 1 percent larger, in {len(stmt)} rows",
    )


@check("T2-LARGEST", kind="argument", scope="the families of the six rows, with a reported loss or without")
def larger_siblings(stmt: tuple[Row, ...]) -> Finding:
    """A row is not the largest of its family when its source describes a larger one, whatever it reports of it."""
    larger = [f"{row.model}: {row.larger}" for row in stmt if row.larger]
    if larger:
        return Finding.fails("; ".join(larger), outside=True)
    return Finding.survived("no larger model is on record here")


claim("T2-SHAPE", {"rows": ROWS, "shapes": 0}, mutants={"a table with shapes": {"rows": ROWS, "shapes": 6}})


@check("T2-SHAPE", kind="argument", scope="Table 2 as printed, and the fitted law of Hoffmann et al.")
def no_shapes(stmt: Any) -> Finding:
    """The table lists no shape; its spread of losses is what a large factor of compute makes."""
    if stmt["shapes"]:
        return Finding.undecided("the shapes would have to be compared at equal N and D")
    losses = [row.loss for row in stmt["rows"]]
    spread = [max(v) / min(v) for v in ([row.parameters for row in stmt["rows"]], [row.tokens for row in stmt["rows"]])]
    factor = HOFFMANN.compute_factor(max(losses), min(losses))
    text = (
        f"the table lists no depth, width or head; by the law of Hoffmann et al. going from {max(losses):g} to "
        f"{min(losses):g} takes {factor:.0f} times the compute; N and D vary by factors of {spread[0]:.0f} and "
        f"{spread[1]:.0f}"
    )
    return Finding.heuristic(text)
