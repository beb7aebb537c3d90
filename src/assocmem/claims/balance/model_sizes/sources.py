"""Checks of what Appendix E and F.1 report of GPT-2 (data, task, batch, vocabulary, shape), against its sources.

The facts are those of Radford et al. (2019), sections 2.1, 2.3 and 3, of the released code and model card, and of
Radford et al. (2018), whose model GPT-2 "largely follows" by its own words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance import transformer_laws
from assocmem.theory.balance.transformer_laws import d, l, vocabulary
from assocmem.theory.balance.transformer_shapes import MEDIUM, GptShape

REPORT: dict[str, Any] = {
    "corpus": "WebText",
    "links": "outbound from Reddit",
    "gigabytes": 40,
    "objective": "next token",
    "causal": True,
    "batch": 512,
    "held-out perplexity": "still improves",
    "context": 1024,
    "bytes": 256,
    "merges": 50_000,
    "special tokens": 1,
}
"""What the sources state; the merges as in the released vocabulary file."""


def _differences(stmt: dict[str, Any]) -> list[str]:
    return [f"{key}: {stmt[key]}, in the source {REPORT[key]}" for key in stmt if stmt[key] != REPORT[key]]


DATA = {"corpus": "WebText", "links": "outbound from Reddit", "gigabytes": 40}
claim(
    "AppE-DATA",
    DATA,
    mutants={"another size": DATA | {"gigabytes": 4}, "another corpus": DATA | {"corpus": "OpenWebText"}},
)
BATCH = {"causal": True, "batch": 512, "held-out perplexity": "still improves"}
claim(
    "AppE-BATCH",
    BATCH,
    mutants={"the batch of GPT": BATCH | {"batch": 64}, "saturated": BATCH | {"held-out perplexity": "has converged"}},
)


@check("AppE-DATA", "AppE-BATCH", kind="argument", scope="Radford et al. (2019), sections 2.1, 2.3 and 3")
def as_in_the_report(stmt: dict[str, Any]) -> Finding:
    """Each stated fact against the report."""
    wrong = _differences(stmt)
    return Finding.fails("; ".join(wrong)) if wrong else Finding.holds("the report says so")


TASK = {"named": "next sentence prediction", "described as": "next token"}
claim(
    "AppE-NSP",
    TASK,
    mutants={
        "called by its name": TASK | {"named": "next token prediction"},
        "described as it is named": TASK | {"described as": "whether two sentences are adjacent"},
    },
)
OWN_SENSE = "NSP is read as the appendix describes it: predicting the next token"


@check("AppE-NSP", kind="argument", scope="Radford et al. (2019), section 2; Devlin et al. (2019), section 3.1")
def task_of_gpt2(stmt: dict[str, str]) -> Finding:
    """What is described is GPT-2's task; the name belongs to another one, of BERT."""
    if stmt["described as"] != REPORT["objective"]:
        return Finding.fails(f"GPT-2 predicts the {REPORT['objective']}, not {stmt['described as']}")
    if stmt["named"] == "next token prediction":
        return Finding.holds("the report factorizes the probability of a text over its tokens")
    return Finding.holds_if(OWN_SENSE, "the report factorizes the probability of a text over its tokens")


@check("AppE-NSP", kind="argument", scope="one prediction of each task; Devlin et al. (2019), section 3.1")
def outcomes(stmt: dict[str, str]) -> Finding:
    """Outcomes of one prediction: two for next sentence prediction, the vocabulary for the next token."""
    if stmt["named"] == "next sentence prediction":
        text = "next sentence prediction (BERT) has 2 outcomes, is or is not next; GPT-2 predicts one of 50257"
        return Finding.fails(text, margin="2 against 50257", outside=True)
    return Finding.survived("no other task has this name")


claim(
    "AppE-trunc",
    ("truncate", "segment"),
    mutants={"truncated in Section 3.1 too": ("truncate", "truncate"), "one rule": ("truncate",)},
)
DOCUMENTS, TOKENS = 8_013_769, 9 * 10**9


@check("AppE-trunc", kind="argument", scope="Appendix E and Section 3.1; a document of 2049 tokens, T_max = 1024")
def what_becomes_of_a_document(stmt: tuple[str, ...]) -> Finding:
    """Sequences made from one long document by each rule that the text gives for training."""
    number = {"truncate": 1, "segment": -(-2049 // 1024)}
    made = {number[rule] for rule in stmt}
    if len(made) > 1:
        lost = 1 - Fraction(1024 * DOCUMENTS, TOKENS)
        return Finding.ill_defined(
            f"2049 tokens make {' or '.join(map(str, sorted(made)))} sequences; of the 9B tokens of Appendix F.1 "
            f"truncation would drop at least {float(lost):.1%}; the report on GPT-2 states neither rule"
        )
    return Finding.survived("one rule")


@dataclass(frozen=True)
class Vocabulary:
    """Byte values, merges, special tokens, their sum as printed, and the parameters of the word table."""

    parts: tuple[int, int, int] = (256, 50_000, 1)
    printed: int = 50_257
    table: sp.Expr = vocabulary * d


claim(
    "AppE-VOC",
    Vocabulary(),
    mutants={
        "without the end of text": Vocabulary(printed=50_256),
        "words and positions": Vocabulary(table=(vocabulary + 1024) * d),
        "a separate output matrix": Vocabulary(table=2 * vocabulary * d),
    },
)


@check("AppE-VOC", kind="symbolic", scope="Radford et al. (2019), section 2.2, and the released files; any n_voc and d")
def words(stmt: Vocabulary) -> Finding:
    """Bytes, merges and the end of text make the vocabulary; the exact count of the word table."""
    if sum(stmt.parts) != stmt.printed or stmt.parts != tuple(REPORT[x] for x in ("bytes", "merges", "special tokens")):
        return Finding.fails(f"256 bytes, 50000 merges and 1 special token are 50257, not {stmt.printed}")
    exact = GptShape(l, d, 1, vocabulary=vocabulary).decoder().count("token embedding", "unembedding")
    if sp.expand(exact - stmt.table) != 0:
        return Finding.fails(f"words take {exact} parameters, not {stmt.table}")
    return Finding.holds("256 + 50000 + 1 = 50257; the table serves input and output and is counted once")


@dataclass(frozen=True)
class Shape:
    """Printed layers, width and heads; the kind of block, and whether the causal mask is part of the statement."""

    layers: int = 24
    width: int = 1024
    heads: int = 16
    masked: bool = False


claim(
    "AppE-enc",
    Shape(),
    mutants={
        "twelve layers": Shape(layers=12),
        "twelve heads": Shape(heads=12),
        "with a causal mask": replace(Shape(), masked=True),
    },
)
MASK = "encoder blocks with a causal mask, which makes them decoder blocks without cross-attention"


@check("AppE-enc", kind="argument", scope="the released configuration; depth also from the published 355M")
def shape_of_medium(stmt: Shape) -> Finding:
    """The configuration; of all depths at width 1024 only 24 gives 355M parameters; a block has no cross-attention."""
    known = (MEDIUM.layers, MEDIUM.width, MEDIUM.heads)
    if (stmt.layers, stmt.width, stmt.heads) != known or transformer_laws.depths(355 * 10**6, stmt.width) != [
        stmt.layers
    ]:
        return Finding.fails(f"GPT-2 medium has {known[0]} layers, width {known[1]} and {known[2]} heads")
    text = "24 layers of width 1024 with 16 heads of 64; a block holds self-attention and feed-forward matrices only"
    return Finding.holds(text) if stmt.masked else Finding.holds_if(MASK, text)


@check("AppE-enc", kind="certified", scope="one head with zero queries, the values 0, 0 and 0, 1")
def sees_the_future(stmt: Shape) -> Finding:
    """The output at the first of two tokens, without and with the mask, when the second token changes."""
    if stmt.masked:
        return Finding.survived("with the mask the first output stays")
    open_, masked = ([_first((0, second), known) for second in (0, 1)] for known in (2, 1))
    if open_[0] != open_[1] and masked[0] == masked[1]:
        text = f"without the mask the second token moves the first output from {open_[0]} to {open_[1]}, with it not"
        return Finding.fails(text, margin="exact", outside=True)
    return Finding.survived("the outputs agree")


def _first(values: tuple[int, ...], known: int) -> Fraction:
    return Fraction(sum(values[:known]), known)


DESCRIBED = {"WebText": True, "OpenWebText": False, "Question-Formation": False, "SPGC": False}
claim(
    "AppE-PREP",
    DESCRIBED,
    mutants={"all four": dict.fromkeys(DESCRIBED, True), "none": dict.fromkeys(DESCRIBED, False)},
)


@check("AppE-PREP", kind="argument", scope="Appendix E against the four datasets that the paper speaks of")
def described(stmt: dict[str, bool]) -> Finding:
    """Appendix E tells how GPT-2's text is tokenized and cut; it names no other dataset."""
    if not stmt["WebText"]:
        return Finding.fails("Appendix E would describe no dataset")
    if all(stmt.values()):
        return Finding.holds("every dataset is described")
    return Finding.holds_if("the dataset is GPT-2's", "Appendix E: byte-level tokens, at most T_max of a document")


@check("AppE-PREP", kind="argument", scope="the datasets of the three experiments")
def not_described(stmt: dict[str, bool]) -> Finding:
    """The datasets that the experiments use, and what is said of them in Appendix E."""
    missing = [name for name, there in stmt.items() if not there]
    if stmt["WebText"] and missing:
        text = f"Appendix E does not name {', '.join(missing)}"
        return Finding.fails(text, outside=True)
    return Finding.survived("nothing is missing, or nothing is there")
