"""The entropy of question lines against other routes: enumeration, a closed form, samples, exact laws of few lines."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from flint import arb
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from assocmem.language.questions.entropy import (
    chain_rule,
    entropy_floor,
    memorization_floor,
    surprisal,
    training_floor,
    unseen_floor,
)
from assocmem.language.questions.grammar import (
    MEASURED,
    PUBLISHED,
    VARIANTS,
    Grammar,
    generalization_patterns,
    pattern_of,
    patterns,
    resized,
    vocabulary,
)
from assocmem.language.questions.pairs import PairStream, corpus
from assocmem.theory.exact.certified import precision, to_arb
from question_laws import TINY, F, Law, Sentence, entropy, grammars, line_law, pattern_law, same


@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # Shrinking is slow.
@given(grammars())
def test_law_and_entropy_are_those_of_the_enumerated_language(g: Grammar) -> None:
    law = line_law(g)
    assert pattern_law(patterns(g)) == law
    floor = entropy_floor(g)
    with precision(192):
        assert same(floor.line, entropy(law.values()))
        assert same(sum(chain_rule(g), arb(0)), floor.line)
        sentences: Law = {}
        for line, p in law.items():
            sentences[line[:-2]] = sentences.get(line[:-2], F(0)) + p
        assert same(floor.task, entropy(law.values()) - entropy(sentences.values()))
    lengths = {line: len(line) + g.copies * (len(line) - 1) for line in law}
    assert floor.tokens == sum(p * lengths[line] for line, p in law.items())
    assert float(floor.per_token().mid()) == pytest.approx(float(floor.line.mid()) / (float(floor.tokens) + 1))
    assert float(floor.per_token(eos=False).mid()) == pytest.approx(float(floor.line.mid()) / float(floor.tokens))


def test_entropy_of_each_token_is_that_of_the_enumerated_beginnings() -> None:
    law = line_law(TINY)
    by_place = chain_rule(TINY)
    with precision(192):
        for place in range(len(by_place)):
            shorter, longer = Counter[Sentence](), Counter[Sentence]()
            for line, p in law.items():
                if place < len(line):
                    shorter[line[:place]] += p  # type: ignore[assignment]
                    longer[line[: place + 1]] += p  # type: ignore[assignment]
            local = entropy(longer.values()) - entropy(shorter.values())  # type: ignore[arg-type]
            assert same(by_place[place], local), place


def by_hand(g: Grammar) -> float:
    """Entropy per line from the closed form of this grammar: classes counted by hand, no patterns, in floats."""
    d, n, v, p = (math.log(k) for k in (6, 26, 9, 8))  # n: number and noun together, both numbers alike
    two = math.log(2)  # an auxiliary or a relative pronoun
    phrase = [d + n, 2 * (d + n) + p, d + n + 2 * two + v, 2 * (d + n) + 2 * two + v, 2 * (d + n) + 2 * two + v]
    rest = [v, *(v + inside for inside in phrase)]
    free = float(sum(g.subject[:2]))
    scale = 1 / (1 + free) if g.withheld else 0.5  # Of a sentence with one task; with two, it counts twice.
    weights = [float(w) * scale * (2 if k < 2 or not g.withheld else 1) for k, w in enumerate(g.subject)]
    structure = -sum(w * math.log(w) for law in (weights, map(float, g.object)) for w in law if w)
    task = two * (sum(weights[:2]) if g.withheld else 1)
    words = sum(w * h for w, h in zip(weights, phrase, strict=True))
    return structure + task + words + two + sum(float(w) * h for w, h in zip(g.object, rest, strict=True))


@pytest.mark.parametrize("name", ["measured", "published", "nothing withheld", "three copies", "even structures"])
def test_entropy_of_the_full_grammar_is_the_closed_form(name: str) -> None:
    assert float(entropy_floor(VARIANTS[name]).line.mid()) == pytest.approx(by_hand(VARIANTS[name]), abs=1e-11)


def test_floors_of_the_full_grammars() -> None:
    line = entropy_floor(MEASURED)
    assert line.tokens == F(293, 14)
    assert entropy_floor(PUBLISHED).tokens == F(881, 45)
    assert float(line.line.rad()) < 1e-40
    below = {"two copies", "three copies", "two words"}
    above = {"no target", "128 words", "1024 words"}
    for name in below | above:
        floor = entropy_floor(VARIANTS[name]).per_token()
        assert bool(floor < to_arb(F(7, 10))) if name in below else bool(floor > to_arb(F(7, 5))), name
    for name in ("two words", "128 words", "1024 words"):
        assert entropy_floor(VARIANTS[name]).tokens == line.tokens


@settings(max_examples=6, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40))
def test_a_larger_lexicon_adds_its_logarithm_per_word(small: int, large: int) -> None:
    a, b = (entropy_floor(resized(MEASURED, size)) for size in (small, large))
    rows = patterns(MEASURED)
    open_words = (*MEASURED.nouns, MEASURED.intransitive, MEASURED.transitive)
    content = sum(r.weight * sum(slot in open_words for slot in r.slots) for r in rows)
    with precision(192):
        assert same(b.line - a.line, to_arb(content) * (arb(large) / arb(small)).log())
    assert len(vocabulary(resized(MEASURED, large))) == 24 + 4 * large
    assert len(vocabulary(resized(resized(MEASURED, small), large))) == 24 + 4 * large


@pytest.mark.parametrize(
    ("name", "split"), [("measured", "train"), ("published", "train"), ("measured", "generalization")]
)
def test_entropy_and_length_are_the_means_of_a_sample(name: str, split: str) -> None:
    g = VARIANTS[name]
    rows = patterns(g) if split == "train" else generalization_patterns(g)
    floor = entropy_floor(g, rows)
    sample = list(islice(PairStream(g, 5, split), 10_000))
    chance = {(*row.slots, row.task): math.log(row.count) - math.log(row.weight) for row in rows}
    if split == "train":
        nats = np.array([surprisal(g, pair) for pair in sample])
    else:
        slot = {word: words for words in g.classes().values() for word in words}
        slot |= {word: (word,) for words in g.auxiliaries for word in words}
        nats = np.array([chance[(*(slot[word] for word in pair.sentence), pair.task)] for pair in sample])
    tokens = np.array([len(pair.tokens) for pair in sample])
    for values, expected in ((nats, float(floor.line.mid())), (tokens, float(floor.tokens))):
        assert abs(values.mean() - expected) < 4 * values.std() / math.sqrt(len(values))


def test_memorized_lines_cost_which_one_comes_next() -> None:
    assert memorization_floor(100_000, F(449, 20)) == pytest.approx(math.log(100_000) / 23.45)
    assert memorization_floor(1, 10) == 0
    with pytest.raises(ValueError, match="lines must be at least 1"):
        memorization_floor(0, 10)
    for tokens in (0, F(-1, 2)):
        with pytest.raises(ValueError, match="tokens must be positive"):
            memorization_floor(10, tokens, eos=False)


def exact_training_law(p: np.ndarray, lines: int) -> np.ndarray:
    """Law of a random one of 2 or 3 lines, each drawn from what is left of p after those before it."""
    n = len(p)
    second = p[:, None] * p / (1 - p)[:, None]  # first y, second z
    second[np.arange(n), np.arange(n)] = 0
    total = p + second.sum(0)
    if lines == 3:
        reach = second / (1 - p[:, None] - p)
        total += p * (reach.sum() - reach.sum(0) - reach.sum(1))
    law: np.ndarray = total / lines
    return law


@pytest.mark.parametrize("lines", [2, 3])
def test_training_floor_adds_too_much_by_one_part_in_the_number_of_lines(lines: int) -> None:
    exact = exact_training_law(np.array([float(p) for p in line_law(TINY).values()]), lines)
    assert exact.sum() == pytest.approx(1, abs=1e-12)
    plain = float(entropy_floor(TINY).line.mid())
    added = training_floor(TINY, lines).entropy - plain
    true = float(-(exact * np.log(exact)).sum()) - plain
    assert true > 0
    assert added / true == pytest.approx(lines / (lines - 1), rel=0.05)


def test_refused_repetitions_move_the_floor_as_in_simulated_files() -> None:
    size, rows = 20_000, patterns(MEASURED)
    made = corpus(MEASURED, 3, {"train": size, "test": 4_000})
    laws = (training_floor(MEASURED, size), unseen_floor(MEASURED, size + 2_000))
    shares: tuple[Callable[[float, float], float], ...] = (
        lambda p, t: -math.expm1(-t * p),
        lambda p, t: p * math.exp(-t * p),
    )
    for part, law, share in zip((made.train, made.test), laws, shares, strict=True):
        each = {(r.slots, r.task): share(float(r.weight / r.count), law.draws) for r in rows}
        total = math.fsum(r.count * each[r.slots, r.task] for r in rows)
        drawn = [pattern_of(MEASURED, pair.sentence, pair.task) for pair in part]
        nats = np.array([math.log(total) - math.log(each[r.slots, r.task]) for r in drawn])
        tokens = np.array([len(pair.tokens) for pair in part])
        for values, expected in ((nats, law.entropy), (tokens, law.tokens)):
            assert abs(values.mean() - expected) < 4 * values.std() / math.sqrt(len(values))
        short = sum(r.count * each[r.slots, r.task] / total for r in rows if (r.subject, r.object) == ("plain", "none"))
        count = sum((r.subject, r.object) == ("plain", "none") for r in drawn)
        assert abs(count - len(part) * short) < 4 * math.sqrt(len(part) * short)
    assert laws[0].entropy > float(entropy_floor(MEASURED).line.mid()) + 0.2


def test_floor_of_the_published_size() -> None:
    train, test = training_floor(MEASURED, 100_000), unseen_floor(MEASURED, 101_000)
    assert train.draws > 100_000
    plain = entropy_floor(MEASURED)
    for law in (train, test):
        assert law.entropy > float(plain.line.mid())
        assert abs(law.per_token() - float(plain.per_token().mid())) < 0.005
        assert law.per_token(eos=False) == pytest.approx(law.entropy / law.tokens)
    rare = replace(TINY, object=(1 - F(1, 10**9), F(1, 10**9), F(0), F(0), F(0), F(0)))
    counts = {kind: sum(row.count for row in patterns(rare) if row.object == kind) for kind in ("none", "plain")}
    left = unseen_floor(rare, sum(counts.values()) - 1)  # Those that are not rare have come before, to the last bit.
    assert 0 < left.entropy <= math.log(counts["plain"])
    possible = sum(row.count for row in patterns(TINY))
    for wrong in (0, possible):
        with pytest.raises(ValueError, match="lines must lie between 0"):
            training_floor(TINY, wrong)


def test_ambiguous_patterns_are_refused() -> None:
    """Two patterns with a line in common would make the entropy of derivations larger than that of lines."""
    one = replace(patterns(TINY)[0], weight=F(1, 2))
    twice = replace(one, slots=(("the", "the"), *one.slots[1:]))
    for other in (one, replace(one, slots=(("a", "the"), *one.slots[1:])), twice):
        for route in (entropy_floor, chain_rule):
            with pytest.raises(ValueError, match="ambiguous patterns"):
                route(TINY, (one, other))


def test_weights_that_are_no_law_are_refused() -> None:
    rows = patterns(TINY)
    lower, higher = (replace(rows[k], weight=rows[k].weight + step) for k, step in ((0, -1), (1, 1)))
    for wrong in (rows[1:], (), (lower, higher, *rows[2:])):
        for route in (entropy_floor, chain_rule):
            with pytest.raises(ValueError, match=f"rows must have weights .* got {len(wrong)} that add up to"):
                route(TINY, wrong)
