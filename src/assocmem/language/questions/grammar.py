"""The grammar of the Question-Formation corpus as data, so that the entropy of a corpus made from it is exactly known.

A sentence is a subject, an auxiliary that agrees with it, and a verb with or without an object; subject and object are
noun phrases that carry at most one prepositional phrase or relative clause, whose own noun is bare. The language is
finite: it is the union of a few hundred patterns, each a row of slots filled independently and uniformly.
Source: McCoy, Frank & Linzen, Transactions of the ACL 8 (2020), 125-140, doi:10.1162/tacl_a_00304.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import count, islice
from math import prod

__all__ = [
    "KINDS",
    "MEASURED",
    "OBJECTS",
    "PUBLISHED",
    "RELATIVE",
    "VARIANTS",
    "Grammar",
    "Pattern",
    "generalization_patterns",
    "pattern_of",
    "patterns",
    "resized",
    "vocabulary",
]

Words = tuple[str, ...]
Weights = tuple[Fraction, ...]

KINDS = ("plain", "prepositional", "intransitive relative", "transitive relative", "object relative")
"""Noun phrases: the yak; it by the newt; it who does eat; it who does amuse the newt; it who the newt does amuse."""
OBJECTS = ("none", *KINDS)
"""What follows the main verb; it is intransitive where there is no object."""
RELATIVE = frozenset(KINDS[2:])
FULL_STOP, QUESTION_MARK = ".", "?"
DECLARATIVE, QUESTION = "decl", "quest"
MARKS = (FULL_STOP, QUESTION_MARK, DECLARATIVE, QUESTION)
SINGULAR, PLURAL = 0, 1


@dataclass(frozen=True)
class Grammar:
    """Words, weights, and what a line repeats. Within a class every word is equally likely.

    Attributes
    ----------
    determiners, intransitive, transitive, prepositions, relatives : Words
        Classes of words.
    nouns, auxiliaries : tuple of Words
        Singular and plural.
    subject, object : Weights
        Probabilities of ``KINDS`` and of ``OBJECTS``, exact, before anything is withheld.
    plural : Fraction
        Probability that a noun is plural.
    quest : Fraction
        Probability of the task ``quest``.
    withheld : bool
        Whether questions whose subject holds a relative clause never occur; the rest is scaled up.
    copies : int
        How often the target follows the task, 1 in the published files.

    Raises
    ------
    TypeError
        With the name of the field, for what is no grammar.
    ValueError
        The same, for words and numbers that make none.
    """

    determiners: Words
    nouns: tuple[Words, Words]
    auxiliaries: tuple[Words, Words]
    intransitive: Words
    transitive: Words
    prepositions: Words
    relatives: Words
    subject: Weights
    object: Weights
    plural: Fraction = Fraction(1, 2)
    quest: Fraction = Fraction(1, 2)
    withheld: bool = True
    copies: int = 1

    def __post_init__(self) -> None:
        for name in ("nouns", "auxiliaries"):
            _check_numbers(name, getattr(self, name))
        _check_words(self.classes())
        _check_law("subject", self.subject, len(KINDS))
        _check_law("object", self.object, len(OBJECTS))
        for name in ("plural", "quest"):
            _check_probability(name, getattr(self, name))
        if not isinstance(self.withheld, bool):
            raise TypeError(f"withheld must be a bool, got {self.withheld!r}")
        if isinstance(self.copies, bool) or not isinstance(self.copies, int):
            raise TypeError(f"copies must be an int, got {self.copies!r}")
        if self.copies < 0:
            raise ValueError(f"copies must not be negative, got {self.copies}")
        if self.withheld and self.quest == 1 and not any(self.subject[:2]):
            raise ValueError("subject holds a relative clause always, and quest=1: every line would be withheld")

    def classes(self) -> dict[str, Words]:
        """Each class of words under a name; no word is in two of them."""
        return {
            "determiners": self.determiners,
            "singular nouns": self.nouns[SINGULAR],
            "plural nouns": self.nouns[PLURAL],
            "singular auxiliaries": self.auxiliaries[SINGULAR],
            "plural auxiliaries": self.auxiliaries[PLURAL],
            "intransitive": self.intransitive,
            "transitive": self.transitive,
            "prepositions": self.prepositions,
            "relatives": self.relatives,
        }


@dataclass(frozen=True)
class Pattern:
    """All lines of one structure, one choice of numbers and one task.

    Attributes
    ----------
    subject, object : str
        One of ``KINDS``, one of ``OBJECTS``.
    task : str
        ``decl`` or ``quest``.
    slots : tuple of Words
        Each holds any of its words.
    main : int
        The slot of the main auxiliary.
    weight : Fraction
        Probability of the pattern, shared equally by its lines.
    """

    subject: str
    object: str
    task: str
    slots: tuple[Words, ...]
    main: int
    weight: Fraction

    @property
    def count(self) -> int:
        """How many sentences it has."""
        return prod(len(slot) for slot in self.slots)

    def sentence(self, index: int) -> Words:
        """One of the sentences without its full stop.

        Parameters
        ----------
        index : int
            Its place.

        Returns
        -------
        Words
            The words in order.

        Raises
        ------
        IndexError
            Outside 0 <= index < count.
        """
        if not 0 <= index < self.count:
            raise IndexError(f"index must lie in [0, {self.count}), got {index}")
        words = []
        for slot in reversed(self.slots):
            index, place = divmod(index, len(slot))
            words.append(slot[place])
        return tuple(reversed(words))


@lru_cache(maxsize=64)
def patterns(grammar: Grammar) -> tuple[Pattern, ...]:
    """The patterns of the training, development and test lines; their weights are positive and add up to 1."""
    rows = [p for p in _all_patterns(grammar) if p.weight and not (grammar.withheld and _is_withheld(p))]
    return _scaled(rows)


@lru_cache(maxsize=64)
def generalization_patterns(grammar: Grammar) -> tuple[Pattern, ...]:
    """The patterns of the lines on which the two rules for questions differ, as in the published file.

    Questions whose subject holds a relative clause and whose object holds none; the clause's auxiliary is another word
    than the main one, and of the same number.

    Parameters
    ----------
    grammar : Grammar
        Whether it withholds questions does not matter.

    Returns
    -------
    tuple of Pattern
        Their weights add up to 1.

    Raises
    ------
    ValueError
        Where the grammar has no such question.
    """
    rows = []
    for p in _all_patterns(replace(grammar, withheld=False, quest=Fraction(1))):
        if p.weight and p.subject in RELATIVE and p.object not in RELATIVE:
            rows += _auxiliaries_apart(grammar, p)
    if not rows:
        raise ValueError("the grammar has no question whose subject holds a relative clause with another auxiliary")
    return _scaled(rows)


def pattern_of(grammar: Grammar, sentence: Words, task: str) -> Pattern:
    """The one pattern of a grammar that a line belongs to.

    Parameters
    ----------
    grammar : Grammar
        Whose training lines count.
    sentence : Words
        Without its full stop.
    task : str
        ``decl`` or ``quest``.

    Returns
    -------
    Pattern
        One of ``patterns(grammar)``.

    Raises
    ------
    ValueError
        For a word outside the vocabulary and for what the grammar does not generate.
    """
    class_of, rows = _tables(grammar)
    unknown = [word for word in sentence if word not in class_of]
    if unknown:
        raise ValueError(f"the grammar has no word {unknown[0]!r}")
    pattern = rows.get((tuple(class_of[word] for word in sentence), task))
    if pattern is None:
        raise ValueError(f"the grammar has no {task!r} line of the sentence {' '.join(sentence)!r}")
    return pattern


def vocabulary(grammar: Grammar) -> Words:
    """All tokens of the lines in a fixed order: words by class, then ``. ? decl quest``; EOS is not among them."""
    return (*(word for words in grammar.classes().values() for word in words), *MARKS)


def resized(grammar: Grammar, size: int) -> Grammar:
    """The same grammar with another number of nouns and verbs; function words stay.

    New words are the old ones numbered, from 2 on, without the numbers whose words the grammar has already.

    Parameters
    ----------
    grammar : Grammar
        Whose words are taken.
    size : int
        Nouns of each number, and verbs of each sort.

    Returns
    -------
    Grammar
        With the same weights.

    Raises
    ------
    TypeError
        Unless size is an int.
    ValueError
        For size < 1.
    """
    if isinstance(size, bool) or not isinstance(size, int):
        raise TypeError(f"size must be an int, got {size!r}")
    if size < 1:
        raise ValueError(f"size must be at least 1, got {size}")
    taken = frozenset(vocabulary(grammar))
    return replace(
        grammar,
        nouns=(_stretched(grammar.nouns[SINGULAR], size, taken), _stretched(grammar.nouns[PLURAL], size, taken)),
        intransitive=_stretched(grammar.intransitive, size, taken),
        transitive=_stretched(grammar.transitive, size, taken),
    )


def _stretched(words: Words, size: int, taken: frozenset[str]) -> Words:
    numbered = (f"{word}_{number}" for number in count(2) for word in words)
    more = (word for word in numbered if word not in taken)
    return (*words[:size], *islice(more, max(0, size - len(words))))


def _check_numbers(name: str, classes: tuple[Words, Words]) -> None:
    if not isinstance(classes, tuple) or len(classes) != 2:
        raise TypeError(f"{name} must be a tuple of two, singular and plural, got {classes!r}")


def _check_words(classes: dict[str, Words]) -> None:
    class_of = dict.fromkeys(MARKS, "the marks")
    for name, words in classes.items():
        if not isinstance(words, tuple):
            raise TypeError(f"{name} must be a tuple of words, got {words!r}")
        if not words:
            raise ValueError(f"{name} must not be empty")
        for word in words:
            if not isinstance(word, str):
                raise TypeError(f"{name} must hold strings, got {word!r}")
            if not word or word.split() != [word]:
                raise ValueError(f"{name} must hold words without white space, got {word!r}")
            if word in class_of:
                raise ValueError(f"{word!r} is in {class_of[word]} and again in {name}: sentences would be ambiguous")
            class_of[word] = name


def _check_law(name: str, weights: Weights, size: int) -> None:
    if not isinstance(weights, tuple):
        raise TypeError(f"{name} must be a tuple of Fractions, got {weights!r}")
    if len(weights) != size:
        raise ValueError(f"{name} must have {size} weights, got {len(weights)}")
    for weight in weights:
        _check_probability(name, weight)
    if sum(weights) != 1:
        raise ValueError(f"{name} must add up to 1, got {sum(weights)}")


def _check_probability(name: str, value: Fraction) -> None:
    if not isinstance(value, Fraction):
        raise TypeError(f"{name} must be exact, a Fraction, got {value!r}")
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must lie in [0, 1], got {value}")


def _is_withheld(pattern: Pattern) -> bool:
    return pattern.task == QUESTION and pattern.subject in RELATIVE


def _scaled(rows: list[Pattern]) -> tuple[Pattern, ...]:
    total = sum(p.weight for p in rows)
    return tuple(replace(p, weight=p.weight / total) for p in rows)


def _phrases(grammar: Grammar, kind: str) -> Iterator[tuple[Fraction, int, tuple[Words, ...]]]:
    """Weight, number and slots of a noun phrase of a kind, for each number of its nouns."""
    chance = (1 - grammar.plural, grammar.plural)
    for number in (SINGULAR, PLURAL):
        head = (grammar.determiners, grammar.nouns[number])
        agreeing = (grammar.relatives, grammar.auxiliaries[number])
        if kind == "plain":
            yield chance[number], number, head
            continue
        if kind == "intransitive relative":
            yield chance[number], number, (*head, *agreeing, grammar.intransitive)
            continue
        for inner in (SINGULAR, PLURAL):
            noun = (grammar.determiners, grammar.nouns[inner])
            tail = {
                "prepositional": (grammar.prepositions, *noun),
                "transitive relative": (*agreeing, grammar.transitive, *noun),
                "object relative": (grammar.relatives, *noun, grammar.auxiliaries[inner], grammar.transitive),
            }[kind]
            yield chance[number] * chance[inner], number, (*head, *tail)


def _predicates(grammar: Grammar) -> Iterator[tuple[Fraction, str, tuple[Words, ...]]]:
    """Weight, object and slots of what follows the main auxiliary."""
    for kind, weight in zip(OBJECTS, grammar.object, strict=True):
        if kind == "none":
            yield weight, kind, (grammar.intransitive,)
            continue
        for chance, _, phrase in _phrases(grammar, kind):
            yield weight * chance, kind, (grammar.transitive, *phrase)


def _all_patterns(grammar: Grammar) -> Iterator[Pattern]:
    """Every pattern before anything is withheld."""
    tasks = ((DECLARATIVE, 1 - grammar.quest), (QUESTION, grammar.quest))
    for subject, weight in zip(KINDS, grammar.subject, strict=True):
        for chance, number, phrase in _phrases(grammar, subject):
            for rest, kind, predicate in _predicates(grammar):
                slots = (*phrase, grammar.auxiliaries[number], *predicate)
                for task, share in tasks:
                    yield Pattern(subject, kind, task, slots, len(phrase), weight * chance * rest * share)


def _auxiliaries_apart(grammar: Grammar, pattern: Pattern) -> list[Pattern]:
    """The part of a pattern where the auxiliary of the subject's clause is another word of the main one's class."""
    main = pattern.slots[pattern.main]
    clause = next(k for k in range(pattern.main) if pattern.slots[k] in grammar.auxiliaries)
    if pattern.slots[clause] != main or len(main) < 2:
        return []
    weight = pattern.weight * Fraction(len(main) - 1, len(main) ** 2)  # One word before, any other one after.
    parts = []
    for word in main:
        slots = list(pattern.slots)
        slots[clause], slots[pattern.main] = (word,), tuple(other for other in main if other != word)
        parts.append(replace(pattern, slots=tuple(slots), weight=weight))
    return parts


@lru_cache(maxsize=64)
def _tables(grammar: Grammar) -> tuple[dict[str, Words], dict[tuple[tuple[Words, ...], str], Pattern]]:
    class_of = {word: words for words in grammar.classes().values() for word in words}
    return class_of, {(p.slots, p.task): p for p in patterns(grammar)}


def _share(*parts: int) -> Weights:
    return tuple(Fraction(part, sum(parts)) for part in parts)


_SINGULAR_NOUNS = (
    "newt",
    "orangutan",
    "peacock",
    "quail",
    "raven",
    "salamander",
    "tyrannosaurus",
    "unicorn",
    "vulture",
    "walrus",
    "xylophone",
    "yak",
    "zebra",
)

PUBLISHED = Grammar(
    determiners=("the", "some", "my", "your", "our", "her"),
    nouns=(_SINGULAR_NOUNS, tuple(noun + ("es" if noun.endswith("s") else "s") for noun in _SINGULAR_NOUNS)),
    auxiliaries=(("does", "doesn't"), ("do", "don't")),
    intransitive=("giggle", "smile", "sleep", "swim", "wait", "move", "change", "read", "eat"),
    transitive=(
        "entertain",
        "amuse",
        "high_five",
        "applaud",
        "confuse",
        "admire",
        "accept",
        "remember",
        "comfort",
    ),
    prepositions=("around", "near", "with", "upon", "by", "behind", "above", "below"),
    relatives=("who", "that"),
    subject=_share(3, 3, 1, 1, 1),
    object=_share(9, 3, 3, 1, 1, 1),
)
"""The grammar file that its authors published (tommccoy1/rnn-hierarchical-biases, cfgs/question.gr).

A third of all noun phrases of each sort, the three relative clauses equal; half of all main verbs have no object."""

MEASURED = replace(PUBLISHED, subject=_share(50, 20, 7, 7, 14), object=_share(20, 21, 21, 14, 7, 7))
"""The same words with the structural weights of the published train, dev and test files, which differ from the above.

Simple fractions within the sampling error of the first 20,000 train lines, dev and test (their data/question.*). Lines
of a plain subject and no object are left out of the estimate: the files hold each line once, and use those up."""

VARIANTS = {
    "measured": MEASURED,
    "published": PUBLISHED,
    "nothing withheld": replace(MEASURED, withheld=False),
    "no target": replace(MEASURED, copies=0),
    "two copies": replace(MEASURED, copies=2),
    "three copies": replace(MEASURED, copies=3),
    "two words": resized(MEASURED, 2),
    "128 words": resized(MEASURED, 128),
    "1024 words": resized(MEASURED, 1024),
    "one structure": replace(MEASURED, subject=_share(1, 0, 0, 0, 0), object=_share(0, 1, 0, 0, 0, 0)),
    "even structures": replace(MEASURED, subject=_share(1, 1, 1, 1, 1), object=_share(1, 1, 1, 1, 1, 1)),
}
"""Grammars that differ from the measured one in a single respect, whose floors lie on both sides of 1 nat per token.

Copies of the target, nouns and verbs per class, and structures are what is changed; words means words of a class."""
