"""Checks of what is said of the Question-Formation data: its lines, size, vocabulary, lengths and grammar (chapter 9).

The package of language loads a model library, for which the command line must not wait: each check imports what it
counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.theory.question_formation import pumping

MILLION = 10**6
TRAIN = 100_000
"""Lines of question.train."""

claim(
    "QF-SRC",
    {"lines": "all"},
    mutants={"the lines with the task quest": {"lines": "quest"}, "the lines with the task decl": {"lines": "decl"}},
)


@check("QF-SRC", kind="symbolic", scope="every template of the grammar, its words numbered")
def questions_are_of_their_sentences(stmt: Any) -> Finding:
    """With the task quest the main auxiliary goes in front, all else stays, and a question mark ends the line."""
    from assocmem.language.questions.facts import moves_main_auxiliary, one_main_auxiliary
    from assocmem.language.questions.grammar import MEASURED, patterns

    if not one_main_auxiliary(MEASURED) or not all(map(moves_main_auxiliary, patterns(MEASURED))):
        return Finding.undecided("some template makes another question")
    text = f"{len(patterns(MEASURED))} templates: the question is the sentence with its main auxiliary in front"
    if stmt["lines"] == "quest":
        return Finding.holds(text)
    if stmt["lines"] == "decl":
        return Finding.undecided("the other lines are spoken of")
    return Finding.holds_if("the lines with the task quest are meant", text)


@check("QF-SRC", kind="certified", scope="the law of the grammar; counts of the published files")
def sentences_that_are_repeated(stmt: Any) -> Finding:
    """The lines with the task decl, whose target is the sentence again."""
    from assocmem.language.questions.facts import COUNTED, question_share
    from assocmem.language.questions.grammar import MEASURED

    if stmt["lines"] == "quest":
        return Finding.survived("the other lines are not spoken of")
    share = 1 - question_share(MEASURED)
    counts = ", ".join(f"{f.lines - f.questions} of {f.lines}" for f in COUNTED.values())
    text = f"{share} of the lines repeat the declarative sentence and hold no question; in the files {counts}"
    return Finding.fails(text, margin=str(share), outside=stmt["lines"] == "all")


@dataclass(frozen=True)
class Lines:
    """Last token of the target by task, share of the task quest, and whether long subjects occur in questions."""

    marks: tuple[str, str] = (".", "?")
    share: Fraction = Fraction(5, 12)
    withheld: bool = True


claim(
    "QF-SRC-FIX",
    Lines(),
    mutants={
        "half of the lines are questions": Lines(share=Fraction(1, 2)),
        "questions of all subjects": Lines(withheld=False),
        "question marks everywhere": Lines(marks=("?", "?")),
    },
)


@check("QF-SRC-FIX", kind="certified", scope="every template of the measured grammar")
def lines_of_both_tasks(stmt: Lines) -> Finding:
    """Targets by task, the share of questions, and the subjects that questions have."""
    from assocmem.language.questions.facts import moves_main_auxiliary, question_share
    from assocmem.language.questions.grammar import MEASURED, RELATIVE, patterns
    from assocmem.language.questions.pairs import target_of

    rows, words = patterns(MEASURED), ("w", "aux", "v")
    made = tuple(target_of(words, task, 1) for task in ("decl", "quest"))
    if made[0][:-1] != words or not all(map(moves_main_auxiliary, rows)):
        return Finding.fails("the targets are made in another way")
    if tuple(target[-1] for target in made) != stmt.marks:
        return Finding.fails(f"the targets end in {made[0][-1]} and {made[1][-1]}", margin="exact")
    if question_share(MEASURED) != stmt.share:
        return Finding.fails(f"{question_share(MEASURED)} of the lines are questions", margin="exact")
    hidden = not any(row.task == "quest" and row.subject in RELATIVE for row in rows)
    if hidden != stmt.withheld:
        return Finding.fails("no question has a relative clause in its subject", margin="exact")
    return Finding.enumerated(f"{len(rows)} templates, {stmt.share} of their weight in questions")


claim(
    "QF-D",
    {"tokens": 2 * MILLION, "of": "unsaid"},
    mutants={
        "question.train, to one digit": {"tokens": 2 * MILLION, "of": "train"},
        "all four files": {"tokens": 2 * MILLION, "of": "all"},
        "3M": {"tokens": 3 * MILLION, "of": "unsaid"},
    },
)


def _rounds(stated: int, exact: Fraction) -> bool:
    """Whether a number prints as stated when it is rounded to millions."""
    return abs(exact - stated) * 2 < MILLION


@check("QF-D", kind="symbolic", scope="expected tokens of 100,000 lines, repetitions allowed or refused")
def tokens_to_read(stmt: Any) -> Finding:
    """Expected words and marks of the training lines, with and without a token for the end of a line."""
    from assocmem.language.questions.entropy import expected_tokens, training_floor
    from assocmem.language.questions.grammar import MEASURED, patterns

    free = expected_tokens(patterns(MEASURED), 1)
    distinct = Fraction(training_floor(MEASURED, TRAIN).tokens)
    counts = [TRAIN * (mean + end) for mean in (free, distinct) for end in (0, 1)]
    shown = f"{float(min(counts)) / MILLION:.2f}M to {float(max(counts)) / MILLION:.2f}M"
    if not all(_rounds(stmt["tokens"], count) for count in counts):
        return Finding.fails(f"question.train has {shown} tokens", margin="exact")
    text = f"100,000 lines of {float(free):.2f} to {float(distinct):.2f} tokens are {shown}, by the way of counting"
    if stmt["of"] == "train":
        return Finding.holds(text)
    if stmt["of"] == "unsaid":
        return Finding.holds_if("question.train is meant, and one digit is given", text)
    return Finding.undecided("the other files are counted as well")


@check("QF-D", kind="certified", scope="all four files; dev and test as counted, train and gen as expected")
def tokens_of_all_files(stmt: Any) -> Finding:
    """Words and marks of training, development, test and generalization lines together."""
    from assocmem.language.questions.entropy import expected_tokens
    from assocmem.language.questions.facts import COUNTED
    from assocmem.language.questions.grammar import MEASURED, generalization_patterns, patterns

    total = TRAIN * expected_tokens(patterns(MEASURED), 1)
    total += 10_000 * expected_tokens(generalization_patterns(MEASURED), 1)
    total += COUNTED["question.dev"].tokens + COUNTED["question.test"].tokens
    if stmt["of"] != "train" and not _rounds(stmt["tokens"], total):
        text = f"the four files together have {float(total) / MILLION:.2f}M tokens"
        return Finding.fails(text, margin="exact", outside=stmt["of"] == "unsaid")
    return Finding.survived("the other files are not counted")


@dataclass(frozen=True)
class Language:
    """Whether sentences have a bounded length, and whether the copies are spoken of."""

    bounded: bool = True
    copied: bool = False


claim(
    "QF-CF",
    Language(),
    mutants={
        "sentences of any length": Language(bounded=False),
        "sentences of any length, each followed by itself": Language(bounded=False, copied=True),
    },
)


@check("QF-CF", kind="certified", scope="all sentences, by the rules and by the templates of the grammar")
def finitely_many(stmt: Language) -> Finding:
    """No rule calls itself, so the language is finite; rules and templates count the same number of sentences."""
    from assocmem.language.questions.facts import language_size, line_lengths, sentences_by_rules
    from assocmem.language.questions.grammar import MEASURED, patterns

    rules, by_patterns = sentences_by_rules(MEASURED), language_size(MEASURED, "decl")
    longest = max(len(row.slots) for row in patterns(MEASURED))
    if rules != by_patterns:
        return Finding.undecided(f"{rules} sentences by the rules, {by_patterns} by the templates")
    if not stmt.bounded:
        tokens = max(line_lengths(MEASURED))
        return Finding.fails(f"no sentence has more than {longest} words, no line more than {tokens} tokens")
    text = f"{rules:,} sentences of at most {longest} words: a finite language, hence regular, hence context-free"
    return Finding.enumerated(text)


@check("QF-CF", kind="argument", scope="the language of all ww, by Bar-Hillel's lemma; words a^p b^p a^p b^p, p <= 4")
def copies_are_not(stmt: Language) -> Finding:
    """Copies of sentences of any length would not be context-free: no split of a^p b^p a^p b^p can be pumped."""
    if not stmt.copied:
        return Finding.undecided("the sentences themselves are spoken of")
    if any(pumping.pumps(p) for p in (1, 2, 3, 4)):
        return Finding.undecided("a split can be pumped")
    return Finding.fails("no short middle part of a^p b^p a^p b^p can be repeated")


@dataclass(frozen=True)
class Words:
    """Number of tokens; whether the four marks and the tokens for end and padding are counted."""

    size: int = 68
    marks: bool = True
    ends: bool = False


claim(
    "QF-VOC",
    Words(),
    mutants={
        "with the end of a line and padding": Words(ends=True),
        "words proper, without marks and tasks": Words(marks=False),
        "one word less": Words(size=67),
    },
)


@check("QF-VOC", kind="certified", scope="all words of templates with positive weight")
def words_in_use(stmt: Words) -> Finding:
    """Words of all slots, the full stop, the question mark, and the two words for the task."""
    from assocmem.language.questions.grammar import MARKS, MEASURED, patterns, vocabulary

    used = {word for row in patterns(MEASURED) for slot in row.slots for word in slot}
    if used | set(MARKS) != set(vocabulary(MEASURED)):
        return Finding.undecided("some word of the vocabulary never occurs")
    size = len(used) + len(MARKS) * stmt.marks + 2 * stmt.ends
    if size != stmt.size:
        return Finding.fails(f"{size}, not {stmt.size}", margin="exact")
    return Finding.enumerated(f"{len(used)} words and {len(MARKS)} marks: {' '.join(MARKS)}")


@dataclass(frozen=True)
class Longest:
    """T_max, the largest number of tokens that a sequence may have, and the width."""

    length: int = 5000
    width: int = 512


claim("QF-T", Longest(), mutants={"T_max of 35": Longest(length=35), "T_max of 20": Longest(length=20)})


@check("QF-T", kind="certified", scope="all lines of the measured grammar, with the end of each line counted")
def lines_are_no_longer(stmt: Longest) -> Finding:
    """The longest line against T_max, which Section 3 defines as an upper bound on the tokens of a sequence."""
    from assocmem.language.questions.facts import line_lengths
    from assocmem.language.questions.grammar import MEASURED

    longest = max(line_lengths(MEASURED)) + 1
    if longest > stmt.length:
        return Finding.fails(f"a line may have {longest} tokens with its end", margin="exact")
    return Finding.enumerated(f"no line has more than {longest} tokens with its end")


@dataclass(frozen=True)
class Lengths:
    """Tokens of the shortest and the longest line, the largest of which T_max d is a multiple, and n for width 512."""

    shortest: int = 11
    longest: int = 35
    factor: int = 138
    dimension: int = 18_432


claim(
    "QF-T-FIX",
    Lengths(),
    mutants={
        "a longest line of 34": replace(Lengths(), longest=34),
        "T_max d only a hundredfold": replace(Lengths(), factor=100),
        "without the end of line": replace(Lengths(), dimension=17_920),
    },
)


@check("QF-T-FIX", kind="certified", scope="all lines of the measured grammar")
def all_lengths(stmt: Lengths) -> Finding:
    """Lengths of the templates; T_max over the longest line with its end; the dimension of such a line."""
    from assocmem.language.questions.facts import line_lengths
    from assocmem.language.questions.grammar import MEASURED

    lengths = line_lengths(MEASURED)
    longest = max(lengths) + 1
    exact = Lengths(min(lengths), max(lengths), Longest().length // longest, longest * Longest().width)
    if exact != stmt:
        return Finding.fails(f"lengths {exact.shortest} to {exact.longest}, factor {exact.factor}, n {exact.dimension}")
    return Finding.enumerated(f"{sum(lengths.values()):,} lines of {', '.join(map(str, lengths))} tokens")
