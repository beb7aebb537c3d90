"""Checks of Appendix E's counts for GPT-2 medium, line by line, and of their sum (chapter 7).

What a line counts is said in words there; every reading of the words is tried, so that a line fails only if none fits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance import transformer_laws
from assocmem.theory.balance.transformer_laws import d, h, inner, l
from assocmem.theory.balance.transformer_shapes import MEDIUM, GptShape
from assocmem.theory.balance.transformer_size import (
    BIASES,
    BLOCKS,
    FEED_FORWARD,
    FINAL_NORM,
    NORMS,
    OUTPUT,
    QKV,
    WEIGHTS,
)

SIZES = {l: 24, d: 1024, h: 16}
MILLION = 10**6


@dataclass(frozen=True)
class Line:
    """A printed count: forms said to be equal, the number printed, d_FF in them, and the readings of what is counted.

    readings : name of the reading and the components that it counts; the name is the condition under which it holds.
    """

    forms: tuple[sp.Expr, ...]
    value: int
    readings: tuple[tuple[str, tuple[str, ...]], ...]
    inner: sp.Expr = 3 * d

    @property
    def closed(self) -> sp.Expr:
        """The last form, in l and d."""
        return sp.expand(self.forms[-1].subs(inner, self.inner))


ATTENTION = Line(
    (l * h * (3 * d * d / h), 3 * l * d**2),
    75_497_472,
    (("biases left out", (QKV,)), ("biases included", (QKV, BIASES[0]))),
)
DENSE = Line(
    (l * (d**2 + 2 * d), l * d**2 + 2 * l * d),
    25_214_976,
    (
        ("biases left out", (OUTPUT, NORMS[0])),
        ("biases of the normalizations included", (OUTPUT, *NORMS)),
        ("biases included", (OUTPUT, BIASES[1], *NORMS)),
    ),
)
FEED = Line(
    (l * (2 * d * inner + d + inner), 6 * l * d**2 + 4 * l * d),
    151_093_248,
    (("biases left out", (FEED_FORWARD,)), ("biases included", (FEED_FORWARD, BIASES[2]))),
)
PRINTED = {"attention": ATTENTION, "dense, norms": DENSE, "feed-forward": FEED}
"""The three lines of Appendix E."""
claim(
    "AppE-attn",
    ATTENTION,
    mutants={
        "with the output matrix": replace(ATTENTION, forms=(4 * l * d**2,), value=100_663_296),
        "another number": replace(ATTENTION, value=75_497_473),
        "queries and keys alone": replace(ATTENTION, forms=(2 * l * d**2,), value=50_331_648),
    },
)
claim(
    "AppE-dense",
    DENSE,
    mutants={
        "one normalization": replace(DENSE, forms=(l * (d**2 + d),), value=25_190_400),
        "another number": replace(DENSE, value=25_214_977),
    },
)
_WIDER = replace(FEED, inner=4 * d, forms=(FEED.forms[0], 8 * l * d**2 + 5 * l * d), value=201_449_472)
claim("AppE-ffn", FEED, mutants={"inner width 4d": replace(_WIDER, readings=_WIDER.readings[1:])})


@check(
    "AppE-attn", "AppE-dense", "AppE-ffn", kind="symbolic", scope="all l, d and n_h, then l = 24, d = 1024, n_h = 16"
)
def arithmetic(stmt: Line) -> Finding:
    """The forms of the line must be equal for all sizes, and the number must be their value."""
    forms = [form.subs(inner, stmt.inner) for form in stmt.forms]
    if any(sp.expand(form - forms[0]) != 0 for form in forms):
        return Finding.fails("the forms of the line differ")
    value = int(forms[-1].subs(SIZES))
    if value != stmt.value:
        return Finding.fails(f"the form gives {value:,}, printed is {stmt.value:,}", margin=value - stmt.value)
    return Finding.survived(f"the arithmetic of the line is right: {value:,}")


@check("AppE-attn", "AppE-dense", "AppE-ffn", kind="symbolic", scope="GPT-2 of any depth and width")
def counts_what_it_names(stmt: Line) -> Finding:
    """The line against the exact counts of a GPT-2 with d_FF = 4d, for all l and d, in every reading."""
    decoder = GptShape(l, d, h).decoder()
    exact = {name: sp.expand(decoder.count(*parts)) for name, parts in stmt.readings}
    right = stmt.value == int(stmt.closed.subs(SIZES))
    fitting = [name for name, count in exact.items() if right and sp.expand(count - stmt.closed) == 0]
    values = ", ".join(f"{name} {int(count.subs(SIZES)):,}" for name, count in exact.items())
    if len(fitting) == len(exact):
        return Finding.holds(f"the exact count: {values}")
    if fitting:
        return Finding.holds_if(fitting[0], f"exact counts: {values}; the printed one has {fitting[0]}")
    return Finding.fails(f"exact counts: {values}; printed {stmt.value:,}", margin=_distance(exact, stmt))


@check("AppE-attn", "AppE-dense", kind="certified", scope="l = 24, d = 1024")
def with_its_biases(stmt: Line) -> Finding:
    """The feed-forward line counts biases; with its own, this line is larger."""
    biased = MEDIUM.decoder().count(*stmt.readings[-1][1])
    if biased != stmt.value:
        text = f"with its biases the line is {biased:,}, {biased - stmt.value:,} more"
        return Finding.fails(text, margin=biased - stmt.value, outside=True)
    return Finding.survived("the line includes its biases")


@check("AppE-ffn", kind="symbolic", scope="all l, d and d_FF")
def right_for_any_inner_width(stmt: Line) -> Finding:
    """The first form with d_FF left free, against the exact count with that d_FF."""
    exact = GptShape(l, d, h, inner=inner).decoder().count(FEED_FORWARD, BIASES[2])
    if sp.expand(exact - stmt.forms[0]) == 0:
        value = int(exact.subs(SIZES).subs(inner, 4096))
        return Finding.survived(f"l(2 d d_FF + d + d_FF) is exact; with d_FF = 4096 it is {value:,}")
    return Finding.fails("the formula in d_FF is not the count of matrices and biases")


claim("AppE-dff", {"inner": 3072, "ratio": 3}, mutants={"the released width": {"inner": 4096, "ratio": 4}})


@check("AppE-dff", kind="certified", scope="24 layers, d = 1024, every d_FF")
def published_size_decides(stmt: Any) -> Finding:
    """The published 355M parameters, to the nearest million, leave only some d_FF."""
    allowed = transformer_laws.inner_widths(355 * MILLION)
    edges = (allowed[0] - 1, allowed[0], allowed[-1], allowed[-1] + 1)
    sizes = [GptShape(24, 1024, 16, inner=width).decoder().count() for width in edges]
    if [abs(2 * (size - 355 * MILLION)) < MILLION for size in sizes] != [False, True, True, False]:
        return Finding.undecided(f"355M was not seen to begin and to end at {allowed}")
    if stmt["inner"] not in allowed or stmt["inner"] != stmt["ratio"] * 1024:
        size = GptShape(24, 1024, 16, inner=stmt["inner"]).decoder().count()
        text = f"355M allows d_FF from {allowed[0]} to {allowed[-1]}; d_FF = {stmt['inner']} gives {size:,} parameters"
        return Finding.fails(text, margin=allowed[0] - stmt["inner"])
    return Finding.enumerated(f"d_FF = {stmt['inner']} is in the range {allowed[0]} to {allowed[-1]}, at 4d")


claim(
    "AppE-355M",
    {"millions": 355},
    mutants={"the count of the report's own table": {"millions": 345}, "with d_FF = 3d": {"millions": 304}},
)


@check("AppE-355M", kind="certified", scope="all parameters of the shape 24 x 1024, exact; all depths up to 100")
def rounds_to(stmt: Any) -> Finding:
    """The exact total, rounded to millions; 24 is the only depth at this width that gives it."""
    total = MEDIUM.decoder().count()
    depths = transformer_laws.depths(stmt["millions"] * MILLION, MEDIUM.width)
    if abs(2 * (total - stmt["millions"] * MILLION)) < MILLION and depths == [24]:
        return Finding.enumerated(f"{total:,}, which is {stmt['millions']}M; no other depth at width 1024 has that")
    return Finding.fails(f"the shape has {total:,} parameters", margin=total - stmt["millions"] * MILLION)


@dataclass(frozen=True)
class Sums:
    """What the printed lines add up to, with the words, with the positions too, and what is missing of the model."""

    lines: int = 251_805_696
    words: int = 303_268_864
    both: int = 304_317_440
    missing: int = 50_505_728


claim(
    "AppE-SUM",
    Sums(),
    mutants={
        "355M": Sums(both=354_823_168, missing=0),
        "without the positions": Sums(both=303_268_864),
        "the lines with their biases": Sums(lines=302_313_472),
    },
)


@check("AppE-SUM", kind="certified", scope="the printed lines, exact; embeddings of words, and of words and positions")
def adds_up(stmt: Sums) -> Finding:
    """The printed numbers, which are the exact counts with d_FF = 3d, and the tables of the model."""
    narrow, exact = GptShape(24, 1024, 16, inner=3072).decoder(), MEDIUM.decoder()
    lines = sum(line.value for line in PRINTED.values())
    counted = sum(
        narrow.count(*line.readings[index][1]) for line, index in zip(PRINTED.values(), (0, 0, 1), strict=True)
    )
    words = lines + exact.count("token embedding")
    both = words + exact.count("position embedding")
    sums = Sums(lines, words, both, exact.count() - both)
    if counted != lines:
        return Finding.undecided(f"the lines add up to {lines:,}, the counts with d_FF = 3d to {counted:,}")
    text = f"{lines:,}, with words {words:,}, with positions {both:,}; {sums.missing:,} are missing"
    return Finding.enumerated(text) if stmt == sums else Finding.fails(text)


EXACT = {
    "token embedding": 51_463_168,
    "position embedding": 1_048_576,
    QKV: 75_497_472,
    OUTPUT: 25_165_824,
    FEED_FORWARD: 201_326_592,
    "biases": 221_184,
    "block norms": 98_304,
    "final norm": 2_048,
}
claim(
    "AppE-FIX",
    EXACT,
    mutants={
        "d_FF = 3d": EXACT | {FEED_FORWARD: 150_994_944},
        "one normalization a block": EXACT | {"block norms": 49_152},
        "no biases": EXACT | {"biases": 0},
        "no final normalization": EXACT | {"final norm": 0},
        "no positions": EXACT | {"position embedding": 0},
        "one bias of the output matrices missing": EXACT | {"biases": 221_183},
    },
)


@check("AppE-FIX", kind="symbolic", scope="the shape 24 x 1024 x 16 with d_FF = 4096, 50257 words and 1024 positions")
def formulas_agree(stmt: dict[str, int]) -> Finding:
    """Every stated component against its formula."""
    return _against(stmt, MEDIUM.decoder().counts(), "the formula", enumerates=False)


@check("AppE-FIX", kind="certified", scope="all 292 tensors of the model that transformers builds from the shape")
def library_agrees(stmt: dict[str, int]) -> Finding:
    """Every stated component against the tensors of the library's model, built without weights."""
    # Imported here because transformers takes seconds to load and no other check needs it.
    from assocmem.language.models.parameter_counts import configuration, counted

    return _against(stmt, counted(configuration(MEDIUM)), "the model", enumerates=True)


def _against(stmt: dict[str, int], counts: dict[str, int], witness: str, *, enumerates: bool) -> Finding:
    exact = {name: count for name, count in counts.items() if not name.endswith(": biases")}
    exact["biases"] = sum(counts[name] for name in BIASES)
    for weights, biases in (NORMS, FINAL_NORM):
        exact[weights] += counts[biases]
    for name, count in exact.items():
        if stmt.get(name, 0) != count:
            return Finding.fails(f"{name}: {witness} has {count:,}, stated are {stmt.get(name, 0):,}")
    text = f"all components agree; together {sum(stmt.values()):,}"
    return Finding.enumerated(text) if enumerates else Finding.survived(text)


def _distance(exact: dict[str, sp.Expr], stmt: Line) -> int:
    return min((int(count.subs(SIZES)) - stmt.value for count in exact.values()), key=abs)


claim("AppE-A", {"A": 10}, mutants={"twelve": {"A": 12}})


@check("AppE-A", kind="certified", scope="GPT-2 medium; N as weights, as weights and biases, or as all of the blocks")
def constant_of_medium(stmt: Any) -> Finding:
    """N/(l d^2) in every reading of N, against the stated number; a tenth of it is allowed for the approximation."""
    decoder = MEDIUM.decoder()
    constants = [decoder.constant(*parts) for parts in (WEIGHTS, (*WEIGHTS, *BIASES), BLOCKS)]
    if all(abs(value - stmt["A"]) > sp.Rational(stmt["A"], 10) for value in constants):
        shown = ", ".join(f"{float(value):.4f}" for value in constants)
        return Finding.fails(f"A is {shown} as more is counted", margin=f"{float(constants[0] - stmt['A']):.4g}")
    return Finding.enumerated(f"A is between {float(constants[0]):.4f} and {float(constants[-1]):.4f}")


@check("AppE-A", kind="certified", scope="a GPT-2 of 24 layers, d = 1024 and d_FF = 3d")
def constant_of_the_lines(stmt: Any) -> Finding:
    """What the counts give with the inner width of Appendix E, whether or not it is that of the model."""
    narrow = GptShape(24, 1024, 16, inner=3072).decoder()
    return Finding.survived(f"with d_FF = 3d the weights give A = {float(narrow.constant(*WEIGHTS)):.4f}")
