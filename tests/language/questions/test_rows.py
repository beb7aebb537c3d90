"""Rows of the Question-Formation task: words to ids and back, what is refused, and how many tokens are predicted."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer

from assocmem.language.questions.entropy import entropy_floor
from assocmem.language.questions.grammar import PUBLISHED, VARIANTS, Grammar, patterns, vocabulary
from assocmem.language.questions.pairs import Pair, PairStream, corpus, target_of, write_pairs
from assocmem.language.questions.rows import END, PAD, QuestionRows, word_tokenizer

ALL = pytest.mark.parametrize("grammar", VARIANTS.values(), ids=VARIANTS)
ONE = Pair(("the", "yak", "does", "eat"), "decl", ("the", "yak", "does", "eat", "."))


def lines(grammar: Grammar, count: int = 30) -> list[Pair]:
    return [PairStream(grammar, 5)[k] for k in range(count)]


@ALL
def test_ids_are_those_of_the_vocabulary_after_pad_and_end(grammar: Grammar) -> None:
    tokenizer = word_tokenizer(grammar)
    expected = [PAD, END, *vocabulary(grammar)]
    assert tokenizer.convert_ids_to_tokens(range(len(tokenizer))) == expected
    assert (tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id) == (0, 1, 1)
    assert tokenizer.unk_token is None


def test_the_published_grammar_has_70_ids() -> None:
    assert len(word_tokenizer(PUBLISHED)) == len(word_tokenizer(PUBLISHED).get_vocab()) == 70


@ALL
def test_rows_and_words_are_two_forms_of_one_line(grammar: Grammar) -> None:
    tokenizer, pairs = word_tokenizer(grammar), lines(grammar)
    for pair, row in zip(pairs, QuestionRows(pairs, grammar).rows, strict=True):
        words = list(pair.tokens)
        assert row.tolist() == [1, *tokenizer(pair.line)["input_ids"], 1]
        assert tokenizer.convert_ids_to_tokens(row.tolist()) == [END, *words, END]
        assert tokenizer.decode(row, skip_special_tokens=True).split(" ") == words


def test_rows_are_int64_and_their_own_labels() -> None:
    rows = QuestionRows([ONE, *lines(PUBLISHED)], PUBLISHED)
    assert len(rows) == 31
    ids = {word: number for number, word in enumerate(vocabulary(PUBLISHED), start=2)}
    expected = torch.tensor([1, *(ids[word] for word in (*ONE.sentence, ".", "decl", *ONE.target)), 1])
    first = rows[0]
    assert set(first) == {"input_ids", "labels"}
    assert first["input_ids"].dtype == torch.int64
    assert torch.equal(first["input_ids"], expected)
    assert torch.equal(first["labels"], expected)


def test_without_a_target_a_row_ends_after_the_task() -> None:
    grammar = VARIANTS["no target"]
    pair = lines(grammar)[0]
    row = QuestionRows([pair], grammar)
    assert pair.target == ()
    assert len(row.rows[0]) == len(pair.sentence) + 4
    assert row.predicted == len(pair.sentence) + 3


@ALL
def test_as_many_tokens_are_predicted_as_the_floor_counts(grammar: Grammar) -> None:
    """Exactly: a line's length depends on its pattern alone."""
    total = Fraction(0)
    for pattern in patterns(grammar):
        sentence = pattern.sentence(0)
        pair = Pair(sentence, pattern.task, target_of(sentence, pattern.task, pattern.main, grammar.copies))
        total += pattern.weight * Fraction(QuestionRows([pair], grammar).predicted)
    assert total == entropy_floor(grammar).tokens + 1


def test_predicted_is_the_mean_over_rows() -> None:
    pairs = [ONE, replace(ONE, target=())]
    assert QuestionRows(pairs, PUBLISHED).predicted == (12 + 7) / 2


def test_a_word_that_the_grammar_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2: the grammar has no word 'gnu'"):
        QuestionRows([ONE, replace(ONE, sentence=("the", "gnu", "does", "eat"))], PUBLISHED)
    with pytest.raises(ValueError, match="line 1: the grammar has no word 'eats'"):
        QuestionRows([replace(ONE, target=("eats",))], PUBLISHED)
    for mark in (PAD, END):
        with pytest.raises(ValueError, match=f"no word '{mark}'"):
            QuestionRows([replace(ONE, target=(mark,))], PUBLISHED)


@pytest.mark.parametrize("text", ["the gnu does eat .", "The yak", "yak.", "<unk>", "gnu"])
def test_the_tokenizer_refuses_words_that_it_does_not_know(text: str) -> None:
    with pytest.raises(Exception, match=r"Missing \[UNK\] token"):
        word_tokenizer(PUBLISHED)(text)


@pytest.mark.parametrize("word", [PAD, END, f"a{END}", f"{PAD}b"])
def test_a_grammar_with_the_marks_among_its_words_is_refused(word: str) -> None:
    grammar = replace(PUBLISHED, prepositions=("by", word))
    for make in (word_tokenizer, lambda grammar: QuestionRows([ONE], grammar)):
        with pytest.raises(ValueError, match="grammar must have no word with"):
            make(grammar)


def test_unk_may_be_a_word() -> None:
    tokenizer = word_tokenizer(replace(PUBLISHED, prepositions=("<unk>",)))
    assert tokenizer.convert_ids_to_tokens(tokenizer("<unk>")["input_ids"]) == ["<unk>"]
    with pytest.raises(Exception, match="UNK"):
        tokenizer("gnu")


def test_no_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="pairs must hold at least one line"):
        QuestionRows([], PUBLISHED)


def test_rows_are_identified_by_the_hash_of_their_file(tmp_path: Path) -> None:
    pairs = corpus(PUBLISHED, 3, {"train": 20}).train
    write_pairs(tmp_path / "question.train", pairs)
    digest = hashlib.sha256((tmp_path / "question.train").read_bytes()).hexdigest()
    assert QuestionRows(pairs, PUBLISHED).identity == {"lines": 20, "sha256": digest}
    assert QuestionRows(pairs[::-1], PUBLISHED).identity["sha256"] != digest


def test_a_saved_tokenizer_returns_equal(tmp_path: Path) -> None:
    tokenizer = word_tokenizer(PUBLISHED)
    tokenizer.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path, trust_remote_code=False, local_files_only=True)
    assert again.get_vocab() == tokenizer.get_vocab()
    assert again(ONE.line)["input_ids"] == tokenizer(ONE.line)["input_ids"]
    assert (again.pad_token_id, again.eos_token_id) == (0, 1)
    with pytest.raises(Exception, match="UNK"):
        again("gnu")
