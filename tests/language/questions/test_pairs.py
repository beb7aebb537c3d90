"""Lines of questions: their words and targets, streams that are the same everywhere, corpora, files."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from assocmem.language.questions import pairs as question_pairs
from assocmem.language.questions.entropy import (
    line_tokens,
)
from assocmem.language.questions.grammar import (
    MEASURED,
    RELATIVE,
    VARIANTS,
    Grammar,
    Pattern,
    generalization_patterns,
    pattern_of,
    patterns,
    resized,
    vocabulary,
)
from assocmem.language.questions.pairs import (
    Pair,
    PairCorpus,
    PairStream,
    corpus,
    read_pairs,
    target_of,
    write_pairs,
)
from question_laws import TINY, F, Sentence


class Reader:
    """A reader of sentences by recursive descent, written apart from the patterns; it finds the main auxiliary."""

    def __init__(self, g: Grammar, words: Sentence) -> None:
        self.g, self.words, self.place = g, words, 0

    def take(self, *classes: tuple[str, ...]) -> int:
        """Which of the classes the next word is in."""
        word = self.words[self.place]
        self.place += 1
        return next(k for k, class_ in enumerate(classes) if word in class_)

    def sees(self, class_: tuple[str, ...]) -> bool:
        return self.place < len(self.words) and self.words[self.place] in class_

    def noun(self) -> int:
        self.take(self.g.determiners)
        return self.take(*self.g.nouns)

    def phrase(self) -> int:
        number = self.noun()
        if self.sees(self.g.prepositions):
            self.place += 1
            self.noun()
        elif self.sees(self.g.relatives):
            self.place += 1
            if self.sees(self.g.determiners):
                self.take(self.g.auxiliaries[self.noun()])
                self.take(self.g.transitive)
            else:
                self.take(self.g.auxiliaries[number])
                if self.take(self.g.intransitive, self.g.transitive):
                    self.noun()
        return number

    def main(self) -> int:
        """The place of the main auxiliary; StopIteration or IndexError for what is no sentence."""
        number = self.phrase()
        place = self.place
        self.take(self.g.auxiliaries[number])
        if self.take(self.g.intransitive, self.g.transitive):
            self.phrase()
        assert self.place == len(self.words)
        return place


variant = st.sampled_from(sorted(VARIANTS))


@settings(max_examples=150, deadline=None)
@given(variant, st.sampled_from(["train", "generalization"]), st.integers(0, 2**64), st.integers(0, 10**9))
def test_lines_agree_and_questions_front_the_main_auxiliary(name: str, split: str, seed: int, index: int) -> None:
    g = VARIANTS[name]
    if split == "generalization" and name == "one structure":
        return
    pair = PairStream(g, seed, split)[index]
    main = Reader(g, pair.sentence).main()
    relative = pair.sentence[2] in g.relatives
    assert set(pair.tokens) <= set(vocabulary(g))
    assert len(pair.tokens) == line_tokens(len(pair.sentence), g.copies)
    auxiliary = pair.sentence[main]
    if pair.task == "decl":
        assert pair.target == (*pair.sentence, ".") * g.copies
    else:
        rest = [word for place, word in enumerate(pair.sentence) if place != main]
        assert pair.target == (auxiliary, *rest, "?") * g.copies
    if split == "generalization":
        first = next(word for word in pair.sentence if word in (*g.auxiliaries[0], *g.auxiliaries[1]))
        assert relative
        assert pair.task == "quest"
        assert first != auxiliary
        assert any({first, auxiliary} <= set(pair_) for pair_ in g.auxiliaries)
        assert not set(pair.sentence[main:]) & set(g.relatives)
    else:
        assert not (g.withheld and relative and pair.task == "quest")
        row = pattern_of(g, pair.sentence, pair.task)
        assert row.main == main
        assert (row.subject in RELATIVE) == relative
        assert (row.object == "none") == (pair.sentence[main + 1] in g.intransitive)


@settings(max_examples=25, deadline=None)
@given(variant, st.integers(0, 1000))
def test_files_hold_the_lines_that_were_written(tmp_path_factory: pytest.TempPathFactory, name: str, seed: int) -> None:
    path = tmp_path_factory.mktemp("pairs") / "question.train"
    pairs = list(islice(PairStream(VARIANTS[name], seed), 5))
    write_pairs(path, pairs)
    assert read_pairs(path, VARIANTS[name]) == pairs
    assert path.read_bytes().count(b"\n") == 5
    assert sorted(path.parent.iterdir()) == [path]


PINNED = "2e4119c3193fced0dd066a16a99477a1cbe2fd61c9b9a9e238951b35d1a10c93"
"""The sha256 of the first 200 lines of seed 7."""


def test_a_stream_is_the_same_everywhere_and_at_every_place() -> None:
    stream = PairStream(MEASURED, 7)
    first = list(islice(stream, 200))
    assert [stream[k] for k in (199, 0, 57)] == [first[199], first[0], first[57]]
    text = "\n".join(pair.line for pair in first)
    assert hashlib.sha256(text.encode()).hexdigest() == PINNED
    assert first != list(islice(PairStream(MEASURED, 8), 200))
    with pytest.raises(IndexError, match="index must not be negative"):
        stream[-1]
    with pytest.raises(ValueError, match="split must be"):
        PairStream(MEASURED, 7, "test")
    assert PairStream(MEASURED, np.int64(7))[np.int64(57)] == first[57]  # type: ignore[arg-type,index]
    with pytest.raises(TypeError, match=r"seed must be an int, got 7\.0"):
        PairStream(MEASURED, 7.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"index must be an int, got 1\.0"):
        stream[1.0]  # type: ignore[index]


def test_draws_are_uniform_and_refuse_the_uneven_rest_of_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = PairStream(TINY, 0)
    counts = Counter(stream._draw(k, "x", 3) for k in range(3_000))
    assert chisquare([counts[k] for k in range(3)]).pvalue > 1e-4

    class Largest:
        """A hash whose first answer is the largest number there is."""

        def __init__(self, text: bytes) -> None:
            self.text = text

        def digest(self) -> bytes:
            return (b"\xff" * 64) if self.text.endswith(b"/0") else (5).to_bytes(64, "big")

    monkeypatch.setattr(hashlib, "blake2b", Largest)
    assert stream._draw(0, "x", 3) == 2  # 2^512 - 1 is in the rest after the last multiple of 3; then 5 mod 3.
    assert stream._draw(0, "x", 4) == 3  # 4 divides 2^512; nothing is refused.


def test_patterns_are_chosen_by_exactly_their_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    g = replace(TINY, subject=(F(1, 3), F(2, 3), F(0), F(0), F(0)), object=(F(4, 7), F(3, 7), F(0), F(0), F(0), F(0)))
    stream = PairStream(g, 0)
    assert stream._unit < 1000
    counts: Counter[Pattern] = Counter()
    for value in range(stream._unit):
        monkeypatch.setattr(stream, "_draw", lambda _, what, __, value=value: value if what == "pattern" else 0)
        counts[pattern_of(g, stream[0].sentence, stream[0].task)] += 1
    assert counts == {row: row.weight * stream._unit for row in patterns(g)}


def test_only_repetitions_in_a_row_end_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question_pairs, "PATIENCE", 300)
    assert len(corpus(TINY, 0, {"train": 400}).train) == 400


def test_parts_of_a_corpus_are_new_lines_of_one_stream() -> None:
    made = corpus(TINY, 1, {"train": 300, "dev": 40, "test": 60, "generalization": 20})
    lines = [*made.train, *made.dev, *made.test]
    assert [len(part) for part in (made.train, made.dev, made.test, made.generalization)] == [300, 40, 60, 20]
    assert len(set(lines)) == 400
    assert list(dict.fromkeys(islice(PairStream(TINY, 1), 3_000)))[:400] == lines
    assert len(set(made.generalization)) == 20
    assert corpus(TINY, 1, {"train": 5}) == PairCorpus(made.train[:5], (), (), ())


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"train": 10**9}, "train wants 1000000000 lines"),
        ({"train": 1, "generalization": 10**9}, "too few sentences"),
        ({"train": -1}, "sizes must give"),
        ({"training": 1}, "sizes must give"),
    ],
)
def test_a_corpus_that_cannot_be_made_is_refused(sizes: dict[str, int], message: str) -> None:
    few = replace(TINY, subject=(F(1), F(0), F(0), F(0), F(0)))
    with pytest.raises(ValueError, match=message if "gener" not in sizes else "no question"):
        corpus(few if "generalization" not in sizes else TINY, 0, sizes)


def test_a_line_that_hardly_ever_comes_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question_pairs, "PATIENCE", 200)
    rare = replace(TINY, object=(1 - F(1, 10**9), F(1, 10**9), F(0), F(0), F(0), F(0)))
    with pytest.raises(ValueError, match="too few sentences"):
        corpus(rare, 0, {"train": sum(row.count for row in patterns(rare))})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a cat does nap . decl", "must have one tab, has 0"),
        ("a cat does nap . decl\ta\tb", "must have one tab, has 2"),
        ("a cat does nap decl\ta cat does nap .", "must end in"),
        ("a cat does nap . ask\ta cat does nap .", "must end in"),
        ("a cat  does nap . decl\ta cat does nap .", "no word ''"),
        ("a bat does nap . decl\ta bat does nap .", "no word 'bat'"),
        ("a cat do nap . decl\ta cat do nap .", "no 'decl' line of the sentence 'a cat do nap'"),
        ("a cat who does nap does nap . quest\tdoes a cat who does nap nap ?", "no 'quest' line"),
        ("a cat does nap . decl\tdoes a cat nap ?", "the target is not what 'decl' makes"),
        ("a cat does nap . quest\tdoes a cat nap .", "the target is not what 'quest' makes"),
        ("a cat does nap . decl\t", "the target is not"),
    ],
)
def test_wrong_lines_are_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "question.dev"
    path.write_text(f"a cat does nap . decl\ta cat does nap .\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"question.dev, line 2: .*{message}"):
        read_pairs(path, TINY)


def test_bytes_that_are_no_text_are_named_and_an_empty_file_has_no_line(tmp_path: Path) -> None:
    path = tmp_path / "question.test"
    write_pairs(path, [])
    assert read_pairs(path, TINY) == []
    path.write_bytes(b"a cat does nap . decl\ta cat does nap .\na c\xe4t does nap . decl\t\n")
    with pytest.raises(ValueError, match=r"question.test, line 2: .*0xe4"):
        read_pairs(path, TINY)
    path.write_bytes(b"a cat does nap . decl\ta cat does nap .")
    assert len(read_pairs(path, TINY)) == 1
    path.write_bytes(b"\n")
    with pytest.raises(ValueError, match=r"question.test, line 1: must have one tab"):
        read_pairs(path, TINY)


def test_a_broken_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "question.dev"
    write_pairs(path, [PairStream(TINY, 0)[0]])
    before = path.read_bytes()

    def broken() -> Iterator[Pair]:
        yield PairStream(TINY, 0)[1]
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        write_pairs(path, broken())
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_other_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="task must be"):
        target_of(("a", "cat"), "ask", 0)
    with pytest.raises(ValueError, match="main must be a place"):
        target_of(("a", "cat"), "quest", 2)
    with pytest.raises(ValueError, match="size must be at least 1"):
        resized(TINY, 0)
    with pytest.raises(TypeError, match="size must be an int"):
        resized(TINY, 1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="size of train must be an int"):
        corpus(TINY, 0, {"train": 2.5})  # type: ignore[dict-item]
    with pytest.raises(IndexError, match="index must lie in"):
        patterns(TINY)[0].sentence(patterns(TINY)[0].count)
    with pytest.raises(ValueError, match="no question whose subject"):
        generalization_patterns(VARIANTS["one structure"])
