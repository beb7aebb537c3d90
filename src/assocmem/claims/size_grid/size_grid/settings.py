"""Checks of the grid of model and data sizes: what its printed settings say by arithmetic, and what needs runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance import table_three
from assocmem.theory.size_grid import configurations, tokens

if TYPE_CHECKING:
    from assocmem.experiments.records import Record

RUNS, GRID, WORDS = "openelm-five-runs", "openelm-grid", "gutenberg-tokens"
"""The runs that would decide what is measured here; none has been made."""
A_STEP = 491_520
"""Tokens per iteration, as printed."""


def record(name: str) -> Record | None:
    """The record at the paper's sizes, else the local one, else None."""
    from assocmem.experiments.records import published

    for scale in ("paper", "local"):
        try:
            return published(name, scale)
        except FileNotFoundError:
            continue
    return None


def judged(measured: Record, agrees: bool, text: str) -> Finding:
    """What a record shows: at the paper's sizes all of it, at smaller ones a part."""
    if not agrees:
        return Finding.not_reproduced(text)
    return Finding.reproduced(text) if measured.scale == "paper" else Finding.reproduced_in_part(text)


# Models and data.


claim(
    "F3-N",
    (40, 60, 80),
    mutants={"60, 80 and 100": (60, 80, 100), "40, 50 and 80": (40, 50, 80)},
)


@check("F3-N", kind="certified", scope="the three numbers of Appendix G.1")
def about(stmt: tuple[int, ...]) -> Finding:
    """The printed numbers of parameters, rounded to ten million, and how far they lie from that."""
    printed = [model.parameters for model in configurations.MODELS]
    rounded = tuple(map(configurations.rounded, printed))
    if rounded != stmt:
        return Finding.fails(f"the tables have {', '.join(str(float(n)) for n in printed)}", margin="exact")
    off = max(abs(n / r - 1) for n, r in zip(printed, rounded, strict=True))
    return Finding.enumerated(f"within {float(100 * off):.2f} percent")


@dataclass(frozen=True)
class HeldOut:
    """The share held out, and of what: of each proportion, of all words, or unsaid."""

    share: Fraction = Fraction(5, 100)
    of: str = "unsaid"


claim(
    "F3-VAL",
    HeldOut(),
    mutants={
        "of each proportion": HeldOut(of="each proportion"),
        "of all words": HeldOut(of="all words"),
        "of nothing": HeldOut(share=Fraction(0)),
    },
)


@check("F3-VAL", kind="certified", scope="the eight printed sizes as parts of one text")
def validation_sets(stmt: HeldOut) -> Finding:
    """How many pairs of sizes share validation tokens, if the last part of each proportion or of all is held out."""
    sizes = table_three.sizes()
    pairs = len(sizes) * (len(sizes) - 1) // 2
    each = tokens.overlapping([tokens.last_part(size, stmt.share) for size in sizes])
    of_all = tokens.overlapping([tokens.last_part(sizes[-1], stmt.share)] * len(sizes))
    shared = {"each proportion": {each}, "all words": {of_all}, "unsaid": {each, of_all}}[stmt.of]
    inside = all(
        tokens.last_part(small, stmt.share)[1] <= tokens.last_part(large, stmt.share)[0]
        for small, large in pairwise(sizes)
    )
    whole = sizes[-1] / Fraction(7, 10)
    off = max(abs(size / whole - Fraction(k, 20)) for k, size in enumerate(sizes, start=7))
    if len(shared) == 1:
        return Finding.enumerated(f"{shared.pop()} of {pairs} pairs share validation tokens")
    return Finding.ill_defined(
        f"held out of each proportion, {each} of {pairs} pairs of sizes share validation tokens, and each set is "
        f"trained on at the next size: {inside}; held out of all words, {of_all} pairs do; "
        f"the sizes are 7 to 14 twentieths of {float(whole):.2f}M tokens, within {float(100 * off):.2f} percent of it"
    )


@dataclass(frozen=True)
class Words:
    """Words, the largest and the smallest number of tokens in millions, and a bound on tokens a word."""

    words: int = 180
    sizes: tuple[Fraction, Fraction] = (Fraction("167.06"), Fraction("333.17"))
    most: Fraction | None = None


claim("F3-TOK", Words(), mutants={"at most 1.8 tokens a word": Words(most=Fraction(18, 10))})


@check("F3-TOK", kind="measured", scope="the first 180M words of the corpus, GPT-2 encoding")
def words_to_tokens(stmt: Words) -> Finding:
    """Tokens of all words of a record against the largest size."""
    measured = record(WORDS)
    if measured is None:
        return Finding.not_run("no record of the corpus in GPT-2 encoding")
    made = Fraction(str(measured.summary["millions"]))
    return judged(measured, abs(made - stmt.sizes[1]) < Fraction(1, 100), f"{float(made):.2f} million tokens")


@check("F3-TOK", kind="certified", scope="the printed numbers")
def enough_tokens(stmt: Words) -> Finding:
    """What the largest size asks of each word, against a bound."""
    least = tokens.tokens_a_word(stmt.sizes[1], stmt.words)
    if stmt.most is not None and least > stmt.most:
        return Finding.fails(f"the largest size asks for {float(least):.3f} tokens a word", margin="exact")
    return Finding.undecided(f"the largest size asks for {float(least):.3f} tokens a word")


@dataclass(frozen=True)
class Least:
    """Least tokens a word, to three decimals rounded down: all words, and without the last twentieth."""

    all_words: Fraction = Fraction("1.850")
    held_out: Fraction = Fraction("1.948")


claim(
    "X-GRID-WORD",
    Least(),
    mutants={
        "1.86": Least(all_words=Fraction("1.86")),
        "as many with 5 percent held out": Least(held_out=Fraction("1.850")),
    },
)


@check("X-GRID-WORD", kind="certified", scope="the printed numbers")
def least_tokens(stmt: Least) -> Finding:
    """Exact quotients, and the largest decimals below them."""
    unit, largest = Fraction(1, 1000), table_three.sizes()[-1]
    exact = (tokens.tokens_a_word(largest, 180), tokens.tokens_a_word(largest, 180, Fraction(1, 20)))
    if all(0 <= value - bound < unit for value, bound in zip(exact, (stmt.all_words, stmt.held_out), strict=True)):
        return Finding.enumerated(f"{float(exact[0]):.4f} and {float(exact[1]):.4f}")
    return Finding.fails(f"{float(exact[0]):.4f} and {float(exact[1]):.4f}", margin="exact")


@dataclass(frozen=True)
class Crossing:
    """Bounds of the share of chunks that cross the end of a book, by the mean length of books; tokens of a chunk."""

    bounds: tuple[tuple[int, Fraction], ...] = ((60_000, Fraction(1, 58)), (10_240, Fraction(1, 10)))
    context: int = 1024


claim(
    "X-GRID-BOOK",
    Crossing(),
    mutants={
        "less than a sixtieth": Crossing(((60_000, Fraction(1, 60)),)),
        "books of 5,000 tokens": Crossing(((5_000, Fraction(1, 10)),)),
        "chunks of 2048 tokens": Crossing(context=2048),
    },
)


@check("X-GRID-BOOK", kind="symbolic", scope="every K and B", in_words="at most T - 1 starts cross a given end")
def few_chunks_cross(stmt: Crossing) -> Finding:
    """(T-1)(K-1)/(KB-T+1) <= (T-1)/(B-1) for all K >= 1 and B >= T, and many books come near that."""
    if not tokens.bound_in_books():
        return Finding.undecided("the bound was not confirmed")
    for length, bound in stmt.bounds:
        limit = Fraction(stmt.context - 1, length - 1)
        many = tokens.most_crossing(10**9, length, stmt.context)
        if limit >= bound:
            return Finding.fails(f"for many books of {length} tokens the bound is {float(many):.4f}", margin="exact")
    return Finding.holds(f"below {', '.join(str(bound) for _, bound in stmt.bounds)} for any number of books")


@check("X-GRID-BOOK", kind="certified", scope="seven books of 6 to 31 tokens, chunks of 6, start by start")
def starts_counted(stmt: Crossing) -> Finding:
    """Chunks that cross an end, counted; books at least as long as a chunk reach the bound."""
    lengths, context = (7, 31, 12, 9, 22, 6, 11), 6
    crossing = tokens.crossing_starts(lengths, context)
    share = Fraction(crossing, sum(lengths) - context + 1)
    most = tokens.most_crossing(len(lengths), sum(lengths) // len(lengths), context)
    if share != most:
        return Finding.fails(f"{crossing} chunks cross, a share of {share}, not {most}", margin="exact")
    return Finding.survived(
        f"{crossing} of {sum(lengths) - context + 1} chunks cross an end, as many as the bound allows"
    )


# Configurations.


@dataclass(frozen=True)
class Iteration:
    """Tokens per iteration, batch size, context, and how many batches an iteration holds."""

    tokens: int = A_STEP
    batch: int = 12
    context: int = 1024
    batches: int | str = "unsaid"


claim(
    "G1-HYP",
    Iteration(),
    mutants={
        "40 batches": Iteration(batches=40),
        "one batch": Iteration(batches=1),
        "a batch size of 13": Iteration(batch=13),
    },
)


@check("G1-HYP", kind="symbolic", scope="three printed numbers, exactly")
def batches_of_an_iteration(stmt: Iteration) -> Finding:
    """Tokens per iteration over those of a batch of full sequences."""
    count = tokens.batches(stmt.tokens, stmt.batch, stmt.context)
    if count.denominator > 1:
        return Finding.fails(f"an iteration would hold {float(count):.3f} batches", margin="exact")
    if stmt.batches == "unsaid":
        return Finding.holds_if(
            f"an iteration holds {count} batches", f"{stmt.tokens} = {count} {stmt.batch} {stmt.context}"
        )
    if stmt.batches == count:
        return Finding.holds(f"{count} batches of {stmt.batch} sequences of {stmt.context} tokens")
    return Finding.fails(
        f"{stmt.batches} batches hold {stmt.tokens / count * int(stmt.batches)} tokens", margin="exact"
    )


@check("G1-HYP", kind="certified", scope="one batch an iteration")
def one_batch(stmt: Iteration) -> Finding:
    """With one batch an iteration has other tokens."""
    count = tokens.batches(stmt.tokens, stmt.batch, stmt.context)
    if stmt.batches == "unsaid" and count != 1:
        return Finding.fails(f"one batch has {stmt.batch * stmt.context} tokens", margin="exact", outside=True)
    return Finding.survived("another number of batches is stated")


@dataclass(frozen=True)
class Attention:
    """Parameters of attention, and their share of the printed total in percent, to one decimal."""

    counts: tuple[int, ...] = (10_623_744, 14_254_080, 17_141_760)
    percent: tuple[str, ...] = ("26.6", "23.7", "21.4")


claim(
    "X-GRID-ATT",
    Attention(),
    mutants={
        "without the values": Attention(counts=(8_853_120, 11_878_400, 14_284_800)),
        "a third of each": Attention(percent=("33.3",) * 3),
    },
)


@check("X-GRID-ATT", kind="certified", scope="three models; by components, and as 384 heads times width")
def attention_of_the_heads(stmt: Attention) -> Finding:
    """Matrices of queries, keys, values and output, counted twice, and their shares."""
    models = configurations.MODELS
    counts = tuple(model.attention() for model in models)
    again = tuple(6 * configurations.HEAD_DIM * sum(model.keys) * model.width for model in models)
    percent = tuple(f"{float(100 * model.share()):.1f}" for model in models)
    shown = "; ".join(f"{count:,} ({share} percent)" for count, share in zip(counts, percent, strict=True))
    if counts == again == stmt.counts and percent == stmt.percent:
        return Finding.enumerated(shown)
    return Finding.fails(shown, margin="exact")


@dataclass(frozen=True)
class Rule:
    """Widths for which the rules give the printed lists, by query heads to a key head; the models' multipliers."""

    widths: Mapping[int, tuple[tuple[int, int], tuple[int, int]]]
    own: bool = False
    multipliers: tuple[tuple[str, str], ...] = (("0.40", "0.67"), ("0.30", "0.50"), ("0.27", "0.44"))


RULE = Rule({2: ((569, 600), (612, 661)), 4: ((1138, 1201), (1224, 1322))})
claim(
    "X-GRID-HEADS",
    RULE,
    mutants={
        "of a printed width": Rule({2: ((954, 1280), (612, 661)), 4: RULE.widths[4]}),
        "some model has its own list": replace(RULE, own=True),
        "the printed multipliers": replace(RULE, multipliers=(("0.50", "1.00"),) * 3),
    },
)


@check(
    "X-GRID-HEADS",
    kind="certified",
    scope="all widths from 64 to 4000 whose last layer has no more heads; two and four queries a key",
)
def heads_of_the_rules(stmt: Rule) -> Finding:
    """Every width with the printed lists, the lists at the printed widths, and the multipliers of the printed heads."""
    lists = (configurations.FIRST, configurations.LAST)
    found = {groups: tuple(configurations.widths_with(keys, groups) for keys in lists) for groups in (2, 4)}
    ends = {groups: tuple(part[:2] for part in parts) for groups, parts in found.items()}
    if ends != stmt.widths or not all(part[2] for parts in found.values() for part in parts):
        return Finding.fails(f"the widths are {ends}", margin="exact")
    own = any(
        configurations.heads_by_rule(model.width, groups)[1] == model.keys
        for model in configurations.MODELS
        for groups in found
    )
    if own != stmt.own:
        return Finding.fails("no model has the heads of the rules", margin="exact")
    exact = tuple(
        tuple(f"{float(m):.2f}" for m in configurations.multipliers(model)) for model in configurations.MODELS
    )
    if exact != stmt.multipliers:
        return Finding.fails(f"multipliers {exact}", margin="exact")
    by_rule = "; ".join(str(configurations.heads_by_rule(m.width, 2)[0]) for m in configurations.MODELS)
    return Finding.enumerated(f"query heads by the rules, two to a key: {by_rule}")


# Runs.


@dataclass(frozen=True)
class Runs:
    """Independent runs, how many different curves they show, and how their least validation losses agree."""

    runs: int = 5
    curves: int = 5
    decimals: int | None = None
    apart: Fraction = Fraction(0)


claim("G2-RUNS", Runs(), mutants={"six curves": Runs(curves=6)})
claim(
    "G2-2ND",
    Runs(decimals=2),
    mutants={"they agree to the second decimal, two hundredths apart": Runs(decimals=2, apart=Fraction(2, 100))},
)


@check("G2-RUNS", kind="measured", scope="five runs of Model 1")
def curves_differ(stmt: Runs) -> Finding:
    """Different curves of validation loss in a record."""
    measured = record(RUNS)
    if measured is None:
        return Finding.not_run("no record of runs of Model 1")
    curves = {tuple(run["validation"]) for run in measured.summary["runs"]}
    return judged(measured, len(curves) == stmt.curves, f"{len(curves)} different curves")


@check("G2-2ND", kind="measured", scope="five runs of Model 1")
def minima_agree(stmt: Runs) -> Finding:
    """Least validation losses of a record, rounded to two decimals."""
    measured = record(RUNS)
    if measured is None:
        return Finding.not_run("no record of runs of Model 1")
    least = [min(run["validation"]) for run in measured.summary["runs"]]
    rounded = {f"{loss:.2f}" for loss in least}
    return judged(measured, len(rounded) == 1, f"least validation losses {', '.join(f'{loss:.4f}' for loss in least)}")


@check("G2-RUNS", "G2-2ND", kind="certified", scope="every outcome of runs")
def possible(stmt: Runs) -> Finding:
    """What no runs can show: more curves than runs, and numbers that agree farther apart than their last decimal."""
    if stmt.curves > stmt.runs:
        return Finding.fails(f"{stmt.runs} runs have at most {stmt.runs} curves", margin="exact")
    if stmt.decimals is not None and stmt.apart > tokens.largest_gap(stmt.decimals):
        return Finding.fails(f"such numbers are at most {tokens.largest_gap(stmt.decimals)} apart", margin="exact")
    return Finding.undecided("runs have to show it")


@dataclass(frozen=True)
class Step:
    """At which step the least validation loss is reached, and within how many passes over the data."""

    step: int = 6000
    passes: int | None = None


claim("G2-6000", Step(), mutants={"within five passes": Step(passes=5)})


@check("G2-6000", kind="measured", scope="five runs of Model 1")
def step_of_the_minimum(stmt: Step) -> Finding:
    """The step of the least validation loss of each run of a record, against the stated one and a tenth."""
    measured = record(RUNS)
    if measured is None:
        return Finding.not_run("no record of runs of Model 1")
    reached = [int(run["best_step"]) for run in measured.summary["runs"]]
    near = all(abs(step - stmt.step) * 10 <= stmt.step for step in reached)
    return judged(measured, near, f"reached at steps {', '.join(map(str, reached))}")


@check("G2-6000", kind="certified", scope="every size of Table 3, at the printed tokens per iteration")
def passes_to_the_minimum(stmt: Step) -> Finding:
    """Passes over the largest size in so many steps."""
    fewest = tokens.passes(stmt.step, A_STEP, table_three.sizes()[-1] * table_three.MILLION)
    if stmt.passes is not None and fewest > stmt.passes:
        return Finding.fails(f"the largest size is read {float(fewest):.1f} times", margin="exact")
    return Finding.undecided(f"the largest size is read {float(fewest):.1f} times")


@dataclass(frozen=True)
class Passes:
    """Tokens of so many steps, and passes over the ends of the first row and over the largest size, to one decimal."""

    total: int = 2_949_120_000
    passes: tuple[str, str, str] = ("17.7", "12.4", "8.9")


claim(
    "X-GRID-PASSES",
    Passes(),
    mutants={
        "twelve thousand steps": Passes(total=5_898_240_000),
        "a single pass": Passes(passes=("1.0", "1.0", "1.0")),
    },
)


@check("X-GRID-PASSES", kind="certified", scope="the printed numbers")
def passes_over_the_data(stmt: Passes) -> Finding:
    """Exact quotients, rounded."""
    row = table_three.ROWS[0].tokens
    data = (row[0], row[-1], table_three.sizes()[-1])
    shown = tuple(f"{float(tokens.passes(6000, A_STEP, size * table_three.MILLION)):.1f}" for size in data)
    total = tokens.passes(6000, A_STEP, Fraction(1))
    if total == stmt.total and shown == stmt.passes:
        return Finding.enumerated(f"{', '.join(shown)} passes")
    return Finding.fails(f"{total} tokens, {', '.join(shown)} passes", margin="exact")


# Table 3.


@dataclass(frozen=True)
class Printed:
    """A row of Table 3 without its errors; the number of its model in Appendix G.1."""

    model: int
    size: str
    tokens: tuple[str, ...]
    star: str
    ratio: str


ROWS = (
    Printed(0, "39.95", ("167.06", "190.38", "214.18", "237.98"), "214.18", "8.71"),
    Printed(1, "60.26", ("214.18", "237.98", "261.78", "285.57"), "261.78", "8.79"),
    Printed(2, "80.20", ("261.78", "285.57", "309.37", "333.17"), "309.37", "8.38"),
)
for _row, _name in zip(ROWS, ("T3-ROW1", "T3-ROW2", "T3-ROW3"), strict=True):
    claim(
        _name,
        _row,
        mutants={
            "the next model": replace(_row, model=(_row.model + 1) % 3),
            "the fourth size highlighted": replace(_row, star=_row.tokens[3]),
            "a size left out": replace(_row, tokens=(*_row.tokens[:3], "400.00")),
        },
    )


@check("T3-ROW1", "T3-ROW2", "T3-ROW3", kind="certified", scope="one row, against Appendix G.1 and the other rows")
def row_agrees(stmt: Printed) -> Finding:
    """N against Appendix G.1, the sizes as neighbors among the eight, and the ratio by exact arithmetic."""
    size, ratio = Fraction(stmt.size), Fraction(stmt.ratio)
    own, sizes = tuple(map(Fraction, stmt.tokens)), table_three.sizes()
    start = sizes.index(own[0])
    if configurations.MODELS[stmt.model].parameters != size:
        return Finding.fails(f"Appendix G.1 has {float(configurations.MODELS[stmt.model].parameters)}", margin="exact")
    if tuple(sizes[start : start + 4]) != own or Fraction(stmt.star) not in own:
        return Finding.fails("the sizes are no neighbors among the eight", margin="exact")
    exact = table_three.ratio(size, Fraction(stmt.star))
    if not table_three.prints_as(exact, ratio):
        return Finding.fails(f"the ratio is {float(exact):.3f}", margin="exact")
    return Finding.enumerated(
        f"Model {stmt.model + 1}, sizes {start + 1} to {start + 4} of eight, ratio {float(exact):.3f}"
    )


ERRORS = tuple(tuple(row.errors) for row in table_three.ROWS)
claim("T3-ERR", ERRORS, mutants={"an error below zero": (*ERRORS[:2], (*ERRORS[2][:3], -ERRORS[2][3]))})


@check("T3-ERR", kind="measured", scope="twelve runs")
def errors_of_runs(stmt: tuple[tuple[Fraction, ...], ...]) -> Finding:
    """Errors of a record, row by row, against the printed ones."""
    measured = record(GRID)
    if measured is None:
        return Finding.not_run("no record of the twelve runs")
    made = [error for row in measured.summary["errors"] for error in row]
    printed = [error for row in stmt for error in row]
    off = max(abs(float(a) - float(b)) for a, b in zip(made, printed, strict=True))
    return judged(measured, off <= 0.005, f"{len(made)} errors, at most {off:.3f} from the printed ones")


@check("T3-ERR", kind="certified", scope="every mean of squares")
def no_error_is_negative(stmt: tuple[tuple[Fraction, ...], ...]) -> Finding:
    """A mean of squares is never negative."""
    least = min(error for row in stmt for error in row)
    if least < 0:
        return Finding.fails(f"{float(least)} is no mean of squares", margin="exact")
    return Finding.undecided("runs have to show them")
