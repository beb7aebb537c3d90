"""Question-Formation lines and their entropy against other routes: a context-free grammar, enumeration, real files.

The real files are read where ASSOCMEM_QUESTION_FORMATION names the folder of question.dev, question.test and
question.train20k (the first 20,000 lines of question.train); those tests are skipped without it.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice, product
from pathlib import Path

import numpy as np
import pytest
from flint import arb
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, chisquare

from assocmem.language.questions import pairs as question_pairs
from assocmem.language.questions.entropy import (
    chain_rule,
    entropy_floor,
    line_tokens,
    memorization_floor,
    surprisal,
    training_floor,
    unseen_floor,
)
from assocmem.language.questions.grammar import (
    MEASURED,
    PUBLISHED,
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
from assocmem.language.questions.pairs import Corpus, Pair, PairStream, corpus, read_pairs, target_of, write_pairs
from assocmem.theory.exact.certified import precision, to_arb

F = Fraction
Sentence = tuple[str, ...]
Law = dict[Sentence, Fraction]

TINY = Grammar(
    determiners=("a",),
    nouns=(("cat",), ("cats",)),
    auxiliaries=(("does", "doesn't"), ("do", "don't")),
    intransitive=("nap",),
    transitive=("see",),
    prepositions=("by",),
    relatives=("who",),
    subject=(F(1, 2), F(1, 5), F(1, 10), F(1, 20), F(3, 20)),
    object=(F(1, 3), F(1, 6), F(1, 4), F(1, 8), F(1, 16), F(1, 16)),
)


# A second route to the law: a context-free grammar with one rule per line, expanded without any thought.


def rules(g: Grammar) -> dict[str, list[tuple[Fraction, tuple[str, ...]]]]:
    """Weighted rules; a symbol without any is a word. _s and _p mark the number."""
    found: dict[str, list[tuple[Fraction, tuple[str, ...]]]] = {}
    number = {"s": 1 - g.plural, "p": g.plural}

    def words(symbol: str, class_: tuple[str, ...]) -> None:
        found[symbol] = [(F(1, len(class_)), (word,)) for word in class_]

    words("DET", g.determiners)
    words("VI", g.intransitive)
    words("VT", g.transitive)
    words("PREP", g.prepositions)
    words("REL", g.relatives)
    for k, n in enumerate("sp"):
        words(f"N_{n}", g.nouns[k])
        words(f"AUX_{n}", g.auxiliaries[k])
        agreeing = ("REL", f"AUX_{n}")
        tails = [(), ("PREP", "DET", "N"), (*agreeing, "VI"), (*agreeing, "VT", "DET", "N"), ("REL", "OBJREL")]
        for role, weights in (("SUBJ", g.subject), ("OBJ", g.object[1:])):
            total = sum(weights)
            if total:
                rows = zip(weights, tails, strict=True)
                found[f"{role}_{n}"] = [(w / total, ("DET", f"N_{n}", *tail)) for w, tail in rows]
        found[f"CLAUSE_{n}"] = [(F(1), (f"SUBJ_{n}", f"AUX_{n}", "VP"))]
    found["N"] = [(p, (f"N_{n}",)) for n, p in number.items()]
    found["OBJREL"] = [(p, ("DET", f"N_{n}", f"AUX_{n}", "VT")) for n, p in number.items()]
    found["S"] = [(p, (f"CLAUSE_{n}",)) for n, p in number.items()]
    with_object = [((1 - g.object[0]) * p, ("VT", f"OBJ_{n}")) for n, p in number.items() if g.object[0] < 1]
    found["VP"] = [(g.object[0], ("VI",)), *with_object]
    return found


def expand(symbol: str, g: dict[str, list[tuple[Fraction, tuple[str, ...]]]], known: dict[str, Law]) -> Law:
    """All strings of a symbol with their probabilities, added up over derivations."""
    if symbol not in g:
        return {(symbol,): F(1)}
    if symbol not in known:
        law: Law = {}
        for weight, parts in g[symbol]:
            for choice in product(*(expand(part, g, known).items() for part in parts)):
                text = tuple(word for piece, _ in choice for word in piece)
                chance = weight * math.prod((p for _, p in choice), start=F(1))
                if chance:
                    law[text] = law.get(text, F(0)) + chance
        known[symbol] = law
    return known[symbol]


def line_law(g: Grammar) -> Law:
    """Probability of each sentence and task; a question goes if the third word of its sentence is a relative."""
    law = {}
    for text, p in expand("S", rules(g), {}).items():
        for task, share in (("decl", 1 - g.quest), ("quest", g.quest)):
            hidden = g.withheld and task == "quest" and text[2] in g.relatives
            if p * share and not hidden:
                law[(*text, ".", task)] = p * share
    total = sum(law.values())
    return {line: p / total for line, p in law.items()}


def entropy(law: Iterable[Fraction]) -> arb:
    return -sum((n * to_arb(p) * to_arb(p).log() for p, n in Counter(law).items()), arb(0))


def same(a: arb, b: arb) -> bool:
    """The balls meet, and are so small that this means something."""
    return bool(a.overlaps(b)) and float(a.rad()) < 1e-30 and float(b.rad()) < 1e-30


weight = st.integers(0, 4)


@st.composite
def grammars(draw: st.DrawFn) -> Grammar:
    """Small random grammars: one or two words a class, uneven weights, zeros among them."""
    sizes = draw(st.lists(st.integers(1, 2), min_size=4, max_size=4).filter(lambda row: sum(row) <= 5))
    subject, object_ = (draw(st.lists(weight, min_size=n, max_size=n).filter(any)) for n in (5, 6))
    plural = draw(st.sampled_from([F(1, 2), F(1, 3), F(0), F(1)]))
    quest = draw(st.sampled_from([F(1, 2), F(1, 5), F(0), F(1)]))
    withheld = draw(st.booleans()) and (any(subject[:2]) or quest < 1)
    return replace(
        TINY,
        intransitive=("nap", "nod")[: sizes[0]],
        prepositions=("by", "at")[: sizes[1]],
        relatives=("who", "that")[: sizes[2]],
        nouns=(("cat", "dog")[: sizes[3]], ("cats",)),
        subject=tuple(F(w, sum(subject)) for w in subject),
        object=tuple(F(w, sum(object_)) for w in object_),
        plural=plural,
        quest=quest,
        withheld=withheld,
        copies=draw(st.integers(0, 3)),
    )


def pattern_law(rows: Iterable[Pattern]) -> Law:
    """Every line of the patterns, added up where two of them held the same one."""
    law: Law = {}
    for row in rows:
        for k in range(row.count):
            line = (*row.sentence(k), ".", row.task)
            law[line] = law.get(line, F(0)) + row.weight / row.count
    return law


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
    found = chain_rule(TINY)
    with precision(192):
        for place in range(len(found)):
            shorter, longer = Counter[Sentence](), Counter[Sentence]()
            for line, p in law.items():
                if place < len(line):
                    shorter[line[:place]] += p  # type: ignore[assignment]
                    longer[line[: place + 1]] += p  # type: ignore[assignment]
            local = entropy(longer.values()) - entropy(shorter.values())  # type: ignore[arg-type]
            assert same(found[place], local), place


@pytest.mark.parametrize(("singular", "plural"), [(2, 2), (1, 2), (2, 4), (3, 1)])
def test_generalization_law_is_what_the_definition_leaves_of_all_questions(singular: int, plural: int) -> None:
    """Also where the numbers have different choices of an auxiliary, or one of them none."""
    words = ("does", "doesn't", "has")[:singular], ("do", "don't", "have", "can")[:plural]
    g = replace(TINY, auxiliaries=words, plural=F(1, 3))
    everything = line_law(replace(g, withheld=False, quest=F(1)))
    number = {word: mark for mark, class_ in zip("sp", words, strict=True) for word in class_}
    kept: Law = {}
    for line, p in everything.items():
        auxiliaries = [word for word in line if word in number]
        if line[2] != "who" or line.count("who") != 1:
            continue
        first, main = auxiliaries
        if first != main and number[first] == number[main]:
            kept[line] = p
    total = sum(kept.values())
    assert pattern_law(generalization_patterns(g)) == {line: p / total for line, p in kept.items()}
    with precision(192):
        floor = entropy_floor(g, generalization_patterns(g))
        assert same(floor.line, entropy(p / total for p in kept.values()))


# The full grammars.


def test_vocabulary_is_that_of_the_task() -> None:
    words = vocabulary(MEASURED)
    assert len(words) == len(set(words)) == 68
    assert [len(c) for c in MEASURED.classes().values()] == [6, 13, 13, 2, 2, 9, 9, 8, 2]
    assert {"tyrannosauruses", "walruses", "yaks", "high_five", "decl", "?"} <= set(words)
    assert vocabulary(PUBLISHED) == words


def by_hand(g: Grammar) -> float:
    """Entropy per line from the closed form of this grammar: classes counted by hand, no patterns, in floats."""
    d, n, v, p = (math.log(k) for k in (6, 26, 9, 8))  # n: number and noun together, both numbers alike
    two = math.log(2)  # an auxiliary or a relative pronoun
    phrase = [d + n, 2 * (d + n) + p, d + n + 2 * two + v, 2 * (d + n) + 2 * two + v, 2 * (d + n) + 2 * two + v]
    rest = [v, *(v + inside for inside in phrase)]
    free = float(sum(g.subject[:2]))
    scale = 1 / (1 + free) if g.withheld else 0.5  # Of a sentence with one task; with two, it counts twice.
    kept = [float(w) * scale * (2 if k < 2 or not g.withheld else 1) for k, w in enumerate(g.subject)]
    structure = -sum(w * math.log(w) for law in (kept, map(float, g.object)) for w in law if w)
    task = two * (sum(kept[:2]) if g.withheld else 1)
    words = sum(w * h for w, h in zip(kept, phrase, strict=True))
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


def test_new_words_are_numbered_and_no_word_comes_twice() -> None:
    more = resized(MEASURED, 30)
    assert more.nouns[0][12:15] == ("zebra", "newt_2", "orangutan_2")
    assert more.transitive[8:10] == ("comfort", "entertain_2")
    again = resized(more, 32)
    assert again.nouns[1][:30] == more.nouns[1]
    assert len(set(vocabulary(again))) == len(vocabulary(again)) == 24 + 4 * 32
    assert resized(again, 5) == resized(MEASURED, 5)


def test_memorized_lines_cost_which_one_comes_next() -> None:
    assert memorization_floor(100_000, F(449, 20)) == pytest.approx(math.log(100_000) / 23.45)
    assert memorization_floor(1, 10) == 0
    with pytest.raises(ValueError, match="lines must be at least 1"):
        memorization_floor(0, 10)
    for tokens in (0, F(-1, 2)):
        with pytest.raises(ValueError, match="tokens must be positive"):
            memorization_floor(10, tokens, eos=False)


# Repetitions refused.


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
        found = [pattern_of(MEASURED, pair.sentence, pair.task) for pair in part]
        nats = np.array([math.log(total) - math.log(each[r.slots, r.task]) for r in found])
        tokens = np.array([len(pair.tokens) for pair in part])
        for values, expected in ((nats, law.entropy), (tokens, law.tokens)):
            assert abs(values.mean() - expected) < 4 * values.std() / math.sqrt(len(values))
        short = sum(r.count * each[r.slots, r.task] / total for r in rows if (r.subject, r.object) == ("plain", "none"))
        count = sum((r.subject, r.object) == ("plain", "none") for r in found)
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


# Lines.


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
    found: Counter[Pattern] = Counter()
    for value in range(stream._unit):
        monkeypatch.setattr(stream, "_draw", lambda _, what, __, value=value: value if what == "pattern" else 0)
        found[pattern_of(g, stream[0].sentence, stream[0].task)] += 1
    assert found == {row: row.weight * stream._unit for row in patterns(g)}


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
    assert corpus(TINY, 1, {"train": 5}) == Corpus(made.train[:5], (), (), ())


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


# What is refused.


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"determiners": ()}, ValueError, "determiners must not be empty"),
        ({"determiners": ["a"]}, TypeError, "determiners must be a tuple"),
        ({"determiners": (3,)}, TypeError, "determiners must hold strings"),
        ({"determiners": ("a", "a")}, ValueError, "'a' is in determiners and again in determiners"),
        ({"transitive": ("nap",)}, ValueError, "'nap' is in intransitive and again in transitive"),
        ({"relatives": ("decl",)}, ValueError, "'decl' is in the marks"),
        ({"relatives": ("of which",)}, ValueError, "without white space"),
        ({"subject": (F(1),)}, ValueError, "subject must have 5 weights"),
        ({"subject": [F(1), 0, 0, 0, 0]}, TypeError, "subject must be a tuple"),
        ({"subject": (0.2,) * 5}, TypeError, "subject must be exact"),
        ({"object": (F(1, 5),) * 6}, ValueError, "object must add up to 1, got 6/5"),
        ({"object": (F(2), F(-1), F(0), F(0), F(0), F(0))}, ValueError, r"object must lie in \[0, 1\]"),
        ({"plural": F(3, 2)}, ValueError, "plural must lie"),
        ({"quest": 0.5}, TypeError, "quest must be exact"),
        ({"withheld": 1}, TypeError, "withheld must be a bool"),
        ({"copies": -1}, ValueError, "copies must not be negative"),
        ({"copies": True}, TypeError, "copies must be an int"),
        ({"nouns": (("cat",),)}, TypeError, "nouns must be a tuple of two"),
        ({"nouns": (("cat",), ("cats",), ("catses",))}, TypeError, "nouns must be a tuple of two"),
        ({"auxiliaries": [("does",), ("do",)]}, TypeError, "auxiliaries must be a tuple of two"),
        ({"quest": F(1), "subject": (F(0), F(0), F(1), F(0), F(0))}, ValueError, "every line would be withheld"),
    ],
)
def test_fields_of_no_grammar_are_refused(change: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        replace(TINY, **change)  # type: ignore[arg-type]


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


# The published files.

FOLDER = os.environ.get("ASSOCMEM_QUESTION_FORMATION")
real = pytest.mark.skipif(FOLDER is None, reason="ASSOCMEM_QUESTION_FORMATION does not name the published files")
LEAST_P = 1e-3


@pytest.fixture(scope="module")
def published() -> dict[str, list[Pair]]:
    """All lines; that they are read at all means that each has the grammar's structure, agreement and target."""
    names = ("train20k", "dev", "test")
    return {name: read_pairs(Path(str(FOLDER)) / f"question.{name}", MEASURED) for name in names}


@pytest.fixture(scope="module")
def simulated() -> Corpus:
    return corpus(MEASURED, 0, {"train": 100_000, "dev": 1_000, "test": 10_000})


def two_samples(a: Iterable[object], b: Iterable[object]) -> float:
    """p of the chi-square test that both come from one law; cells of fewer than 10 lines in all are put together."""
    first, second = Counter(a), Counter(b)
    both = first + second
    rare = {cell for cell, count in both.items() if count < 10}
    cells = [{cell} for cell in both if cell not in rare] + ([rare] if rare else [])
    table = [[sum(count[x] for x in cell) for cell in cells] for count in (first, second)]
    return float(chi2_contingency(table).pvalue) if len(cells) > 1 else 1.0


def features(pairs: Iterable[Pair]) -> dict[str, list[object]]:
    """What is compared: lengths, structures with their task, and the words of each class in each role."""
    found: dict[str, list[object]] = {"length": [], "structure": [], "task": [], "first auxiliary": []}
    class_of = {word: name for name, words in MEASURED.classes().items() for word in words}
    found |= {name: [] for name in MEASURED.classes()}
    found["numbers"] = []
    for pair in pairs:
        row = pattern_of(MEASURED, pair.sentence, pair.task)
        found["length"].append(len(pair.tokens))
        found["structure"].append((row.subject, row.object, row.task))
        found["task"].append(pair.task)
        found["numbers"].append((row.subject, *(class_of[w] for w in pair.sentence if "noun" in class_of[w])))
        for word in pair.sentence:
            found[class_of[word]].append(word)
        found["first auxiliary"].append((row.subject, next(w for w in pair.sentence if "auxil" in class_of[w])))
    return found


@real
def test_published_files_have_the_vocabulary_and_no_line_twice(published: dict[str, list[Pair]]) -> None:
    lines = [pair for part in published.values() for pair in part]
    assert len(lines) == len(set(lines)) == 31_000
    assert {word for pair in lines for word in pair.tokens} == set(vocabulary(MEASURED))
    assert not any(pair.task == "quest" and pair.sentence[2] in MEASURED.relatives for pair in lines)


@real
@pytest.mark.slow
def test_published_files_look_like_the_corpus_made_here(published: dict[str, list[Pair]], simulated: Corpus) -> None:
    halves = {"train20k": simulated.train[:20_000], "test": simulated.test, "dev": simulated.dev}
    for part, made in halves.items():
        theirs, ours = features(published[part]), features(made)
        found = {name: two_samples(theirs[name], ours[name]) for name in theirs}
        print(part, {name: round(p, 4) for name, p in found.items()})
        assert min(found.values()) > LEAST_P, (part, found)


@real
@pytest.mark.slow
def test_other_grammars_do_not_look_like_the_published_files(published: dict[str, list[Pair]]) -> None:
    """The comparison above can fail: other weights, a few more plurals, a task that is not drawn evenly."""
    theirs = features(published["train20k"])
    others = {
        "structure": PUBLISHED,
        "numbers": replace(MEASURED, plural=F(11, 20)),
        "task": replace(MEASURED, quest=F(11, 20)),
        "length": replace(MEASURED, subject=PUBLISHED.subject),
    }
    for feature, g in others.items():
        ours = features(corpus(g, 0, {"train": 5_000}).train)
        assert two_samples(theirs[feature], ours[feature]) < 1e-6, feature


@real
def test_published_structures_follow_the_measured_weights_and_not_the_published_ones(
    published: dict[str, list[Pair]],
) -> None:
    """Lines with a plain subject and no object aside; all others are so many that none is used up."""
    lines = [pair for part in published.values() for pair in part]
    rows = [pattern_of(MEASURED, pair.sentence, pair.task) for pair in lines]
    counts = Counter((r.subject, r.object, r.task) for r in rows if (r.subject, r.object) != ("plain", "none"))
    found = {}
    for name, g in (("measured", MEASURED), ("published", PUBLISHED)):
        law: Counter[tuple[str, str, str]] = Counter()
        for r in patterns(g):
            if (r.subject, r.object) != ("plain", "none"):
                law[r.subject, r.object, r.task] += r.weight  # type: ignore[assignment]
        cells = sorted(law)
        weights = np.array([float(law[cell]) for cell in cells])
        observed = np.array([counts[cell] for cell in cells])
        assert observed.sum() == counts.total()
        found[name] = float(chisquare(observed, observed.sum() * weights / weights.sum()).pvalue)
    print(found)
    assert found["measured"] > LEAST_P
    assert found["published"] < 1e-100


@real
def test_published_files_cost_the_floor(published: dict[str, list[Pair]]) -> None:
    """The law itself as a model: its loss on real lines is the cross-entropy, within sampling error."""
    for part, law in (("train20k", training_floor(MEASURED, 20_000)), ("test", unseen_floor(MEASURED, 106_000))):
        nats = np.array([surprisal(MEASURED, pair) for pair in published[part]])
        tokens = np.array([len(pair.tokens) for pair in published[part]])
        print(part, nats.mean(), tokens.mean(), nats.sum() / (tokens + 1).sum(), nats.sum() / tokens.sum(), law)
        assert abs(tokens.mean() - law.tokens) < 4 * tokens.std() / math.sqrt(len(tokens))
        floor = float(entropy_floor(MEASURED).per_token().mid())
        assert nats.sum() / (tokens + 1).sum() == pytest.approx(floor, abs=0.01)
