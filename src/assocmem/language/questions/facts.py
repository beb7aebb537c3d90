"""What the Question-Formation lines are, counted exactly from their grammar: lengths, tasks, near neighbors, copies.

Counts run over the patterns of the grammar and multiply class sizes, so that no line is ever listed. Beside them stand
counts of the published files, which the tests repeat where the files are at hand.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from assocmem.language.questions.entropy import BITS, entropy_floor, expected_tokens, line_tokens
from assocmem.language.questions.grammar import (
    FULL_STOP,
    KINDS,
    OBJECTS,
    PLURAL,
    QUESTION,
    QUESTION_MARK,
    SINGULAR,
    Grammar,
    Pattern,
    Words,
    pattern_of,
    patterns,
    resized,
)
from assocmem.language.questions.pairs import Pair, PairStream, target_of
from assocmem.theory.exact.certified import precision, to_arb

__all__ = [
    "COUNTED",
    "File",
    "carrying_tokens",
    "content_words",
    "fewest_tokens",
    "floor_of_copies",
    "floor_of_size",
    "language_size",
    "line_lengths",
    "memorized",
    "moves_main_auxiliary",
    "near_line",
    "neighbor_pairs",
    "neighbors_keep_the_main_place",
    "one_main_auxiliary",
    "question_share",
    "sentences_by_rules",
    "token_surprisals",
]


@dataclass(frozen=True)
class File:
    """Counts of a published file.

    Attributes
    ----------
    lines, questions : int
        How many there are.
    tokens : int
        Words and marks of all lines.
    longest : int
        Tokens of the longest line.
    """

    lines: int
    tokens: int
    questions: int
    longest: int


COUNTED = {
    "first 20,000 lines of question.train": File(20_000, 423_932, 8_285, 35),
    "question.dev": File(1_000, 22_448, 406, 35),
    "question.test": File(10_000, 223_748, 4_034, 35),
}
"""All of question.train was not at hand."""


def question_share(grammar: Grammar) -> Fraction:
    """Probability that a line has the task quest."""
    return sum((row.weight for row in patterns(grammar) if row.task == QUESTION), Fraction(0))


def line_lengths(grammar: Grammar) -> dict[int, int]:
    """How many different lines have so many tokens (EOS not counted), in ascending order of tokens."""
    lines: Counter[int] = Counter()
    for row in patterns(grammar):
        lines[line_tokens(len(row.slots), grammar.copies)] += row.count
    return dict(sorted(lines.items()))


def language_size(grammar: Grammar, task: str | None = None) -> int:
    """Number of different lines, or of those with one task."""
    return sum(row.count for row in patterns(grammar) if task in (None, row.task))


def fewest_tokens(grammar: Grammar, lines: int) -> Fraction:
    """The least mean number of tokens that so many different lines can have: the shortest ones are taken first.

    Parameters
    ----------
    grammar : Grammar
        Of the lines.
    lines : int
        How many are taken.

    Returns
    -------
    Fraction
        Tokens of a line, EOS not counted.

    Raises
    ------
    ValueError
        Unless 0 < lines <= all lines of the language.
    """
    if not 0 < lines <= language_size(grammar):
        raise ValueError(f"lines must lie between 1 and {language_size(grammar)}, got {lines}")
    left, total = lines, 0
    for tokens, available in line_lengths(grammar).items():
        taken = min(left, available)
        total, left = total + taken * tokens, left - taken
    return Fraction(total, lines)


def sentences_by_rules(grammar: Grammar) -> int:
    """Number of sentences, counted by the rules of the grammar instead of its patterns; no rule calls itself."""
    numbers = [k for k, chance in ((SINGULAR, 1 - grammar.plural), (PLURAL, grammar.plural)) if chance]
    bare = {k: len(grammar.determiners) * len(grammar.nouns[k]) for k in numbers}
    clause = {k: bare[k] * len(grammar.auxiliaries[k]) for k in numbers}
    any_noun, relatives, transitive = sum(bare.values()), len(grammar.relatives), len(grammar.transitive)

    def phrases(number: int, weights: dict[str, Fraction]) -> int:
        tails = {
            "plain": 1,
            "prepositional": len(grammar.prepositions) * any_noun,
            "intransitive relative": relatives * len(grammar.auxiliaries[number]) * len(grammar.intransitive),
            "transitive relative": relatives * len(grammar.auxiliaries[number]) * transitive * any_noun,
            "object relative": relatives * sum(clause.values()) * transitive,
        }
        return bare[number] * sum(tails[kind] for kind in KINDS if weights[kind])

    subject, object_ = (
        dict(zip(names, weights, strict=True))
        for names, weights in ((KINDS, grammar.subject), (OBJECTS, grammar.object))
    )
    predicates = len(grammar.intransitive) * bool(object_["none"])
    predicates += transitive * sum(phrases(k, object_) for k in numbers)
    return sum(phrases(k, subject) * len(grammar.auxiliaries[k]) for k in numbers) * predicates


def one_main_auxiliary(grammar: Grammar) -> bool:
    """Whether the place that each pattern calls its main one holds an auxiliary of the grammar."""
    return all(row.slots[row.main] in grammar.auxiliaries for row in patterns(grammar))


def moves_main_auxiliary(row: Pattern) -> bool:
    """Whether quest puts the main auxiliary in front, keeps all other words in order, and ends with a question mark.

    The words are numbered in place of being named, so that one look covers all lines of the pattern.
    """
    words = tuple(map(str, range(len(row.slots))))
    rest = (word for word in words if word != words[row.main])
    return target_of(words, QUESTION, row.main) == (words[row.main], *rest, QUESTION_MARK)


def neighbor_pairs(grammar: Grammar) -> int:
    """Number of pairs of lines of the same task whose sentences differ in exactly one word.

    Within a pattern any other word of the slot will do; two patterns contribute where they agree in all slots but one,
    since words of different classes differ. Such pairs of lines differ in 1 + copies places.
    """
    inside, apart = 0, 0
    alike: dict[tuple[str, int, tuple[Words, ...]], list[tuple[int, int]]] = defaultdict(list)
    for row in patterns(grammar):
        for place, slot in enumerate(row.slots):
            inside += row.count * (len(slot) - 1)
            others = (*row.slots[:place], *row.slots[place + 1 :])
            alike[row.task, place, others].append((row.count // len(slot), len(slot)))
    for group in alike.values():
        sizes = [size for _, size in group]
        apart += group[0][0] * (sum(sizes) ** 2 - sum(size**2 for size in sizes)) // 2
    return inside // 2 + apart


def neighbors_keep_the_main_place(grammar: Grammar) -> bool:
    """Whether sentences that differ in one word always have their main auxiliary in the same place.

    Then their targets differ in one word of each copy as well.
    """
    mains: dict[tuple[int, tuple[Words, ...]], set[int]] = defaultdict(set)
    for row in patterns(grammar):
        for place in range(len(row.slots)):
            mains[place, (*row.slots[:place], *row.slots[place + 1 :])].add(row.main)
    return all(len(places) == 1 for places in mains.values())


def near_line(grammar: Grammar, seed: int = 0) -> tuple[Words, Words]:
    """A generated line, and another line of the language: one noun is replaced, in both its places.

    Parameters
    ----------
    grammar : Grammar
        Of the lines.
    seed : int
        Of the line.

    Returns
    -------
    tuple of Words
        The tokens of both.

    Raises
    ------
    ValueError
        Where the class of that noun has a single word.
    """
    pair = PairStream(grammar, seed)[0]
    old = pair.sentence[1]
    others = [word for words in grammar.nouns if old in words for word in words if word != old]
    if not others:
        raise ValueError(f"nouns must have another word beside {old!r}")
    sentence = (pair.sentence[0], others[0], *pair.sentence[2:])
    main = pattern_of(grammar, sentence, pair.task).main
    near = Pair(sentence, pair.task, target_of(sentence, pair.task, main, grammar.copies))
    return pair.tokens, near.tokens


def token_surprisals(grammar: Grammar, pair: Pair) -> list[float]:
    """The surprisal of each token of a line where those before it are known.

    Parameters
    ----------
    grammar : Grammar
        Whose law counts.
    pair : Pair
        The line.

    Returns
    -------
    list of float
        Nats of each token and of the end of line; 0 throughout the target and at the end. Their sum is the surprisal of
        the line.

    Raises
    ------
    ValueError
        For a line that the grammar does not generate.
    """
    pattern_of(grammar, pair.sentence, pair.task)
    tokens = (*pair.sentence, FULL_STOP, pair.task)
    alive = [((*row.slots, (FULL_STOP,), (row.task,)), row.weight) for row in patterns(grammar)]
    surprisals, before = [], Fraction(1)
    for place, token in enumerate(tokens):
        alive = [(slots, p / len(slots[place])) for slots, p in alive if place < len(slots) and token in slots[place]]
        now = sum((p for _, p in alive), Fraction(0))
        surprisals.append(math.log(before) - math.log(now))
        before = now
    return surprisals + [0.0] * (len(pair.target) + 1)


def carrying_tokens(grammar: Grammar) -> tuple[Fraction, Fraction]:
    """Expected tokens of a line up to the task, and from the target to the end of the line, which is counted."""
    first = expected_tokens(patterns(grammar), 0)
    return first, expected_tokens(patterns(grammar), grammar.copies) - first + 1


def content_words(grammar: Grammar) -> Fraction:
    """Expected number of nouns and verbs (auxiliaries apart) of a sentence: the slots that ``resized`` changes."""
    classes = {*grammar.nouns, grammar.intransitive, grammar.transitive}
    return sum((row.weight * sum(slot in classes for slot in row.slots) for row in patterns(grammar)), Fraction(0))


def floor_of_copies(grammar: Grammar, copies: int) -> arb:
    """The floor if the target stands ``copies`` times: ``H/((copies + 1)(w + 1) + 2)`` with w words in a sentence.

    Parameters
    ----------
    grammar : Grammar
        Of the lines.
    copies : int
        Of the target, in place of the grammar's.

    Returns
    -------
    arb
        Nats per predicted token.

    Raises
    ------
    ValueError
        For copies < 0.
    """
    if copies < 0:
        raise ValueError(f"copies must not be negative, got {copies}")
    words = expected_tokens(patterns(grammar), 0) - 2
    with precision(BITS):
        return entropy_floor(grammar).line / to_arb((copies + 1) * (words + 1) + 2)


def floor_of_size(grammar: Grammar, size: int) -> arb:
    """The floor with ``size`` words in each class of nouns and verbs: ``(H_1 + c log size)/(tokens + 1)``.

    ``H_1`` is the entropy of a line with one word in each, c the expected number of these words in a sentence.

    Parameters
    ----------
    grammar : Grammar
        Of the lines.
    size : int
        Words of each class, in place of the grammar's.

    Returns
    -------
    arb
        Nats per predicted token.

    Raises
    ------
    ValueError
        For size < 1.
    """
    if size < 1:
        raise ValueError(f"size must be at least 1, got {size}")
    least = entropy_floor(resized(grammar, 1))
    with precision(BITS):
        return (least.line + to_arb(content_words(grammar)) * arb(size).log()) / to_arb(least.tokens + 1)


def memorized(lines: int, tokens: Fraction) -> arb:
    """The certified form of the memorization floor, ``log(lines)/(tokens + 1)``.

    Parameters
    ----------
    lines : int
        How many different ones are known by heart.
    tokens : Fraction
        Of a line on average, EOS not counted.

    Returns
    -------
    arb
        Nats per predicted token.

    Raises
    ------
    ValueError
        For lines < 1.
    """
    if lines < 1:
        raise ValueError(f"lines must be at least 1, got {lines}")
    with precision(BITS):
        return arb(lines).log() / to_arb(tokens + 1)
