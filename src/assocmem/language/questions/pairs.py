"""Lines of the Question-Formation task from a grammar and a seed: a sentence, the task, and what the task makes of it.

A line is ``sentence . decl<TAB>sentence .`` or ``sentence . quest<TAB>question ?``; the question is the sentence with
its main auxiliary in front. Draws come from a hash of seed, stream and index, so that they are the same on every
machine, and any line of a stream can be had without those before it.
"""

from __future__ import annotations

import hashlib
import operator
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from math import lcm
from pathlib import Path

from assocmem.language.files import write_text
from assocmem.language.questions.grammar import (
    DECLARATIVE,
    FULL_STOP,
    QUESTION,
    QUESTION_MARK,
    Grammar,
    Words,
    generalization_patterns,
    pattern_of,
    patterns,
)

__all__ = ["SIZES", "Pair", "PairCorpus", "PairStream", "corpus", "read_pairs", "target_of", "write_pairs"]

SIZES = {"train": 100_000, "dev": 1_000, "test": 10_000, "generalization": 10_000}
"""Lines of the published files."""
PATIENCE = 100_000
"""Draws in a row that may all be repetitions before a corpus is given up."""


@dataclass(frozen=True)
class Pair:
    """One line.

    Attributes
    ----------
    sentence : Words
        Without its full stop.
    task : str
        ``decl`` or ``quest``.
    target : Words
        With its marks; empty without copies.
    """

    sentence: Words
    task: str
    target: Words

    @property
    def line(self) -> str:
        """The line of a file, without its end."""
        return f"{' '.join((*self.sentence, FULL_STOP, self.task))}\t{' '.join(self.target)}"

    @property
    def tokens(self) -> Words:
        """What a language model reads from left to right, without tokens for start and end."""
        return (*self.sentence, FULL_STOP, self.task, *self.target)


def target_of(sentence: Words, task: str, main: int, copies: int = 1) -> Words:
    """The sentence again, or its question: the word at ``main`` in front and a question mark at the end.

    Parameters
    ----------
    sentence : Words
        Without its full stop.
    task : str
        ``decl`` or ``quest``.
    main : int
        The place of the main auxiliary.
    copies : int
        How often the target stands.

    Returns
    -------
    Words
        With its marks.

    Raises
    ------
    ValueError
        For another task or a place that the sentence does not have.
    """
    if not 0 <= main < len(sentence):
        raise ValueError(f"main must be a place in a sentence of {len(sentence)} words, got {main}")
    if task == DECLARATIVE:
        return (*sentence, FULL_STOP) * copies
    if task == QUESTION:
        return (sentence[main], *sentence[:main], *sentence[main + 1 :], QUESTION_MARK) * copies
    raise ValueError(f"task must be {DECLARATIVE!r} or {QUESTION!r}, got {task!r}")


class PairStream:
    """An endless sequence of independent lines; ``stream[k]`` is line k, at the cost of that line alone.

    Lines may repeat. Streams of one seed and different grammars are not independent of each other: they use the same
    hashes.

    Parameters
    ----------
    grammar : Grammar
        Of the lines.
    seed : int
        Of the draws.
    split : str
        "train" (dev and test have the same law) or "generalization".

    Raises
    ------
    ValueError
        For another split.
    IndexError
        For a negative index.
    TypeError
        For a seed or index that is no int.
    """

    def __init__(self, grammar: Grammar, seed: int, split: str = "train") -> None:
        if split not in ("train", "generalization"):
            raise ValueError(f"split must be 'train' or 'generalization', got {split!r}")
        self.grammar, self.seed, self.split = grammar, _whole("seed", seed), split
        self.patterns = patterns(grammar) if split == "train" else generalization_patterns(grammar)
        self._unit = lcm(*(p.weight.denominator for p in self.patterns))
        self._ends = list(accumulate(int(p.weight * self._unit) for p in self.patterns))

    def __getitem__(self, index: int) -> Pair:
        """The line of an index, whatever was asked for before.

        Raises
        ------
        IndexError
            If the index is negative.
        """
        index = _whole("index", index)
        if index < 0:
            raise IndexError(f"index must not be negative, got {index}")
        pattern = self.patterns[bisect_right(self._ends, self._draw(index, "pattern", self._unit))]
        sentence = pattern.sentence(self._draw(index, "words", pattern.count))
        return Pair(sentence, pattern.task, target_of(sentence, pattern.task, pattern.main, self.grammar.copies))

    def __iter__(self) -> Iterator[Pair]:
        index = 0
        while True:
            yield self[index]
            index += 1

    def _draw(self, index: int, what: str, bound: int) -> int:
        """A whole number in [0, bound), each equally likely: the hash is refused where it would favor small ones."""
        attempt, whole = 0, 1 << 512
        while True:
            text = f"{self.seed}/{self.split}/{index}/{what}/{attempt}"
            value = int.from_bytes(hashlib.blake2b(text.encode()).digest(), "big")
            if value < whole - whole % bound:
                return value % bound
            attempt += 1


def _whole(name: str, value: int) -> int:
    """A whole number as an int of Python, so that its digits, which are hashed, are the same for every kind of it."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an int, got {value!r}") from None


@dataclass(frozen=True)
class PairCorpus:
    """The four parts of a corpus, each without repetitions.

    Attributes
    ----------
    train, dev, test : tuple of Pair
        No line of one is in another of them.
    generalization : tuple of Pair
        Lines on which the two rules for questions differ.
    """

    train: tuple[Pair, ...]
    dev: tuple[Pair, ...]
    test: tuple[Pair, ...]
    generalization: tuple[Pair, ...]


def corpus(grammar: Grammar, seed: int, sizes: dict[str, int] | None = None) -> PairCorpus:
    """Train, then dev, then test are the next lines of one stream that have not come before, as in the published files.

    A repetition is the same sentence with the same task. How the published files were made is not said; this comes
    close, but theirs have fewer of the shortest sentences in test (60 of 10,000, about 100 here), and their
    generalization file is evened out by kind of clause.

    Parameters
    ----------
    grammar : Grammar
        Of the lines.
    seed : int
        Of the stream.
    sizes : dict of int or None
        Lines of each part, those of the published files by default; parts that it leaves out are empty.

    Returns
    -------
    PairCorpus
        The parts.

    Raises
    ------
    ValueError
        For unknown parts, negative sizes, and sizes that the language cannot fill.
    TypeError
        For a seed or size that is no int.
    """
    wanted = SIZES if sizes is None else sizes
    unknown = sorted(set(wanted) - set(SIZES))
    if unknown or any(_whole(f"size of {name}", size) < 0 for name, size in wanted.items()):
        raise ValueError(f"sizes must give numbers of lines for {', '.join(SIZES)}, got {wanted}")
    fresh = _distinct(PairStream(grammar, seed))
    parts = {name: _take(fresh, wanted.get(name, 0), name) for name in ("train", "dev", "test")}
    name, parts["generalization"] = "generalization", ()
    if wanted.get(name, 0):
        parts[name] = _take(_distinct(PairStream(grammar, seed, name)), wanted[name], name)
    return PairCorpus(**parts)


def _distinct(stream: PairStream) -> Iterator[Pair]:
    """Each line where it comes first; ends when the language is used up or ``PATIENCE`` draws brought nothing new."""
    possible, drawn, idle = sum(p.count for p in stream.patterns), set[Pair](), 0
    for pair in stream:
        idle += 1
        if pair not in drawn:
            drawn.add(pair)
            idle = 0
            yield pair
        if len(drawn) == possible or idle == PATIENCE:
            return


def _take(lines: Iterator[Pair], count: int, name: str) -> tuple[Pair, ...]:
    taken = tuple(pair for _, pair in zip(range(count), lines, strict=False))
    if len(taken) < count:
        raise ValueError(f"{name} wants {count} lines, but only {len(taken)} new ones were found: too few sentences")
    return taken


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Write lines to a file as UTF-8, which appears whole or not at all.

    Parameters
    ----------
    path : Path
        Where it goes, in place of a file of that name.
    pairs : iterable of Pair
        One line each.

    Raises
    ------
    OSError
        Where it cannot be written; nothing is left then.
    """
    write_text(path, "".join(f"{pair.line}\n" for pair in pairs))


def read_pairs(path: Path, grammar: Grammar) -> list[Pair]:
    """Read the lines of a file, each checked against the grammar: its words, its structure, its task and its target.

    Parameters
    ----------
    path : Path
        A file as :func:`~assocmem.language.questions.pairs.write_pairs` makes it.
    grammar : Grammar
        Of the lines; those for generalization need one with ``withheld=False``.

    Returns
    -------
    list of Pair
        In the order of the file.

    Raises
    ------
    ValueError
        That names the file, the line and what is wrong with it.
    OSError
        Where the file cannot be read.
    """
    lines, pairs = path.read_bytes().split(b"\n"), []
    if not lines[-1]:
        lines.pop()  # After the end of the last line there is nothing.
    for number, line in enumerate(lines, start=1):
        try:
            pairs.append(_parsed(line.decode(), grammar))
        except ValueError as error:
            raise ValueError(f"{path.name}, line {number}: {error}") from error
    return pairs


def _parsed(line: str, grammar: Grammar) -> Pair:
    source, *rest = line.split("\t")
    if len(rest) != 1:
        raise ValueError(f"must have one tab, has {len(rest)}")
    words = tuple(source.split(" "))
    if len(words) < 3 or words[-2] != FULL_STOP or words[-1] not in (DECLARATIVE, QUESTION):
        raise ValueError(f"the source must end in ' . decl' or ' . quest', got {source!r}")
    sentence, task = words[:-2], words[-1]
    main = pattern_of(grammar, sentence, task).main
    pair = Pair(sentence, task, tuple(rest[0].split(" ")) if rest[0] else ())
    if pair != replace(pair, target=target_of(sentence, task, main, grammar.copies)):
        raise ValueError(f"the target is not what {task!r} makes of the sentence {' '.join(sentence)!r}: {rest[0]!r}")
    return pair
