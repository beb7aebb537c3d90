"""Checks of what loss the Question-Formation data allow: exact entropies, their range, and what any model is held to.

Each check imports the grammar when it runs; the package of language loads a model library.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import sqrt
from statistics import fmean, stdev
from typing import Any

from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.cross_entropy.discrete import gibbs_holds
from assocmem.theory.exact.certified import precision, to_arb

DRAWS = 1000


def prints_as(value: arb, text: str) -> bool:
    """Whether a number certainly rounds to the printed decimal."""
    stated = Fraction(text)
    half = Fraction(1, 2 * 10 ** len(text.partition(".")[2]))
    return bool(value > to_arb(stated - half)) and bool(value < to_arb(stated + half))


@dataclass(frozen=True)
class Entropy:
    """Printed entropies of a line, its three parts and a predicted token, for a grammar, a unit and an end of line."""

    grammar: str = "measured"
    eos: bool = True
    unit: str = "nat"
    line: str = "21.757865"
    parts: tuple[str, str, str] = ("4.576000", "0.577623", "16.604242")
    token: str = "0.992215"


claim(
    "X-QF-ENTROPY",
    Entropy(),
    mutants={
        "the end of a line is not predicted": Entropy(eos=False),
        "the weights of the grammar file": Entropy(grammar="published"),
        "questions of all subjects": Entropy(grammar="nothing withheld"),
        "in bits": Entropy(unit="bit"),
    },
)


@check("X-QF-ENTROPY", kind="certified", scope="all lines of the grammar, two orders of summation")
def exact_entropy(stmt: Entropy) -> Finding:
    """By templates, H(w) + sum w log c, and by the chain rule from token to token; both in Arb balls."""
    from assocmem.language.questions.entropy import BITS, chain_rule, entropy_floor
    from assocmem.language.questions.grammar import VARIANTS

    law = VARIANTS[stmt.grammar]
    floor = entropy_floor(law)
    with precision(BITS):
        unit = arb(2).log() if stmt.unit == "bit" else arb(1)
        by_tokens = sum(chain_rule(law), arb(0))
        values = [v / unit for v in (floor.line, by_tokens, floor.structure, floor.task, floor.words)]
        token = floor.per_token(eos=stmt.eos) / unit
        agree = all(prints_as(v, text) for v, text in zip(values, (stmt.line, stmt.line, *stmt.parts), strict=True))
        if not (agree and prints_as(token, stmt.token)):
            shown = f"{float(values[0].mid()):.6f} a line, {float(token.mid()):.6f} a token"
            return Finding.fails(f"{shown}, in {stmt.unit}s", margin="certified")
    text = f"{stmt.line} nats a line, {stmt.token} a token; by templates and by tokens alike"
    return Finding.enumerated(text, margin=f"{float(floor.line.rad()):.0e}")


@check("X-QF-ENTROPY", kind="search", scope=f"{DRAWS} generated lines")
def sampled_entropy(stmt: Entropy) -> Finding:
    """The mean of -log p over generated lines, within five of its standard errors."""
    from assocmem.language.questions.entropy import surprisal
    from assocmem.language.questions.grammar import VARIANTS
    from assocmem.language.questions.pairs import PairStream

    law = VARIANTS[stmt.grammar]
    stream = PairStream(law, seed=0)
    values = [surprisal(law, stream[k]) for k in range(DRAWS)]
    error = abs(fmean(values) - float(stmt.line)) / (stdev(values) / sqrt(DRAWS))
    text = f"{DRAWS} lines: mean surprisal {fmean(values):.2f} nats"
    return Finding.survived(text, margin=f"{error:.1f} standard errors") if error < 5 else Finding.violated(text)


claim(
    "X-QF-CHAIN",
    {"determined from": "target", "share": Fraction(1, 2)},
    mutants={
        "the task is determined as well": {"determined from": "task", "share": Fraction(1, 2)},
        "a third of the tokens": {"determined from": "target", "share": Fraction(1, 3)},
    },
)


@check("X-QF-CHAIN", kind="certified", scope="all lines of the measured grammar")
def determined_tokens(stmt: Any) -> Finding:
    """The entropies of the tokens up to the task add up to that of the line; expected tokens after it."""
    from assocmem.language.questions.entropy import BITS, chain_rule, entropy_floor
    from assocmem.language.questions.facts import carrying_tokens
    from assocmem.language.questions.grammar import MEASURED

    floor = entropy_floor(MEASURED)
    if stmt["determined from"] == "task" and floor.task > 0:
        return Finding.fails(f"the task has {float(floor.task.mid()):.4f} nats", margin="certified")
    with precision(BITS):
        rest = sum(chain_rule(MEASURED), arb(0)) - floor.line
    if not (rest.contains(0) and rest.rad() < arb(2) ** -100):
        return Finding.fails("something is left for the target", margin="certified")
    free, determined = carrying_tokens(MEASURED)
    share = determined / (free + determined)
    if share != stmt["share"]:
        return Finding.fails(f"{share} of the predicted tokens", margin="exact")
    return Finding.enumerated(f"{determined} of {free + determined} expected tokens are determined, and carry nothing")


@dataclass(frozen=True)
class Copies:
    """Floors for 0, 1, ... copies of the target; predicted tokens besides the copies; words of a sentence."""

    floors: tuple[str, ...] = ("1.818568", "0.992215", "0.682217", "0.519812")
    beside: int = 2
    words: Fraction = Fraction(251, 28)


claim(
    "X-QF-COPIES",
    Copies(),
    mutants={
        "without the task and the end of the line": Copies(beside=0),
        "nine words a sentence": Copies(words=Fraction(9)),
        "copies that do not matter": Copies(floors=("0.992215",) * 4),
    },
)


@check("X-QF-COPIES", kind="certified", scope="all k by the formula; the stated ones also by the templates")
def floors_of_copies(stmt: Copies) -> Finding:
    """H/((k+1)(w+1) + 2) against the floor of each such grammar."""
    from assocmem.language.questions import facts
    from assocmem.language.questions.entropy import BITS, entropy_floor
    from assocmem.language.questions.grammar import MEASURED

    words, line = facts.carrying_tokens(MEASURED)[0] - 2, entropy_floor(MEASURED).line
    if words != stmt.words:
        return Finding.fails(f"w = {words}", margin="exact")
    for copies, text in enumerate(stmt.floors):
        floor = entropy_floor(replace(MEASURED, copies=copies))
        predicted = (copies + 1) * (words + 1) + stmt.beside
        if floor.tokens + 1 != predicted:
            return Finding.fails(f"{copies} copies: {floor.tokens + 1} predicted tokens", margin="exact")
        with precision(BITS):
            same = (floor.per_token() - line / to_arb(predicted)).contains(0)
        if not same or not prints_as(floor.per_token(), text):
            return Finding.fails(f"{copies} copies: another floor", margin="certified")
    return Finding.enumerated("one entropy on ever more tokens: the floor tends to 0")


@dataclass(frozen=True)
class Range:
    """Floors for some sizes of a class, and the expected number of nouns and verbs of a sentence."""

    sizes: tuple[tuple[int, str], ...] = ((2, "0.674917"), (128, "1.434970"))
    content: Fraction = Fraction(10_099, 2520)


SAME = tuple((size, "0.992215") for size, _ in Range().sizes)
claim(
    "X-QF-RANGE",
    Range(),
    mutants={
        "four nouns and verbs a sentence": Range(content=Fraction(4)),
        "a vocabulary that does not matter": Range(sizes=SAME),
    },
)


@check("X-QF-RANGE", kind="certified", scope="all s by the formula; the stated ones also by the templates")
def floors_of_vocabularies(stmt: Range) -> Finding:
    """(H_1 + c log s)/(t + 1) against the floor of each such grammar."""
    from assocmem.language.questions import facts
    from assocmem.language.questions.entropy import BITS, entropy_floor
    from assocmem.language.questions.grammar import MEASURED, resized

    content = facts.content_words(MEASURED)
    if content != stmt.content:
        return Finding.fails(f"c = {content}", margin="exact")
    wrong = []
    for size, text in stmt.sizes:
        exact = entropy_floor(resized(MEASURED, size)).per_token()
        with precision(BITS):
            gap = exact - facts.floor_of_size(MEASURED, size)
        same = gap.contains(0) and gap.rad() < arb(2) ** -100
        wrong += [f"{size} words"] * (not (same and prints_as(exact, text)))
    if wrong:
        return Finding.fails(f"another floor: {', '.join(wrong)}", margin="certified")
    return Finding.enumerated("c log s grows without bound, on as many tokens: no constant is the floor")


@dataclass(frozen=True)
class Gibbs:
    """Loss per token is at least factor times the floor; which models attain it."""

    factor: Fraction = Fraction(1)
    attained: str = "the law alone"


claim(
    "X-QF-GIBBS",
    Gibbs(),
    mutants={
        "one percent more": Gibbs(factor=Fraction(101, 100)),
        "never attained": Gibbs(attained="never"),
        "attained by another model too": Gibbs(attained="others too"),
    },
)


@check(
    "X-QF-GIBBS",
    kind="symbolic",
    scope="every probability on the lines, by whichever model; the measured law",
    in_words="terms that are never negative are summed over the lines",
)
def any_model(stmt: Gibbs) -> Finding:
    """Gibbs' inequality with its case of equality, over the expected predicted tokens, which no model moves."""
    from assocmem.language.questions.entropy import entropy_floor
    from assocmem.language.questions.grammar import MEASURED

    floor = entropy_floor(MEASURED)
    if not gibbs_holds() or not floor.line > 0:
        return Finding.undecided("the inequality was not confirmed")
    if stmt.factor > 1 or stmt.attained == "never":
        return Finding.fails("the law itself is a model, and its loss is the floor", margin="exact")
    if stmt.attained != "the law alone":
        return Finding.fails("equality asks for q = p on every line of positive probability", margin="exact")
    if stmt.factor < 1:
        return Finding.fails("no model comes so low", margin="exact")
    line = float(floor.line.mid())
    return Finding.holds(f"at least {line:.4f} nats on {floor.tokens + 1} expected tokens, for every model")


@dataclass(frozen=True)
class Memorized:
    """The largest loss per token that a file of so many different lines can have when it is known by heart."""

    lines: int = 100_000
    most: str = "0.729804"
    eos: bool = True


claim(
    "X-QF-MEM",
    Memorized(),
    mutants={
        "without the end of the line": Memorized(eos=False),
        "ten times the lines": Memorized(lines=10**6),
        "always below a half": Memorized(most="0.500000"),
    },
)


@check("X-QF-MEM", kind="certified", scope="every file of so many different lines of the measured grammar")
def known_by_heart(stmt: Memorized) -> Finding:
    """log(lines)/(tokens + 1), largest for the file of the shortest lines; against the entropy of the grammar."""
    from assocmem.language.questions.entropy import BITS, entropy_floor
    from assocmem.language.questions.facts import fewest_tokens, memorized
    from assocmem.language.questions.grammar import MEASURED

    tokens = fewest_tokens(MEASURED, stmt.lines)
    floor = memorized(stmt.lines, tokens if stmt.eos else tokens - 1)
    with precision(BITS):
        gap = entropy_floor(MEASURED).per_token() - floor
    if not prints_as(floor, stmt.most) or not gap > to_arb(Fraction(1, 4)):
        return Finding.fails(f"the file of the shortest lines has {float(floor.mid()):.6f}", margin="certified")
    text = f"at most {stmt.most}, {float(gap.mid()):.3f} below the entropy per token"
    return Finding.enumerated(text, margin="certified")
