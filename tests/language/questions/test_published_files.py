"""The published Question-Formation files against the grammar and the corpora made here.

The files are read where ASSOCMEM_QUESTION_FORMATION names the folder of question.dev, question.test and
question.train20k (the first 20,000 lines of question.train); the tests are skipped without it.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2_contingency, chisquare

from assocmem.language.questions.entropy import (
    entropy_floor,
    surprisal,
    training_floor,
    unseen_floor,
)
from assocmem.language.questions.grammar import (
    MEASURED,
    PUBLISHED,
    pattern_of,
    patterns,
    vocabulary,
)
from assocmem.language.questions.pairs import Pair, PairCorpus, corpus, read_pairs
from question_laws import F

FOLDER = os.environ.get("ASSOCMEM_QUESTION_FORMATION")


real = pytest.mark.skipif(FOLDER is None, reason="ASSOCMEM_QUESTION_FORMATION does not name the published files")


LEAST_P = 1e-3


@pytest.fixture(scope="module")
def published() -> dict[str, list[Pair]]:
    """All lines; that they are read at all means that each has the grammar's structure, agreement and target."""
    names = ("train20k", "dev", "test")
    return {name: read_pairs(Path(str(FOLDER)) / f"question.{name}", MEASURED) for name in names}


@pytest.fixture(scope="module")
def simulated() -> PairCorpus:
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
    values: dict[str, list[object]] = {"length": [], "structure": [], "task": [], "first auxiliary": []}
    class_of = {word: name for name, words in MEASURED.classes().items() for word in words}
    values |= {name: [] for name in MEASURED.classes()}
    values["numbers"] = []
    for pair in pairs:
        row = pattern_of(MEASURED, pair.sentence, pair.task)
        values["length"].append(len(pair.tokens))
        values["structure"].append((row.subject, row.object, row.task))
        values["task"].append(pair.task)
        values["numbers"].append((row.subject, *(class_of[w] for w in pair.sentence if "noun" in class_of[w])))
        for word in pair.sentence:
            values[class_of[word]].append(word)
        values["first auxiliary"].append((row.subject, next(w for w in pair.sentence if "auxil" in class_of[w])))
    return values


@real
def test_published_files_have_the_vocabulary_and_no_line_twice(published: dict[str, list[Pair]]) -> None:
    lines = [pair for part in published.values() for pair in part]
    assert len(lines) == len(set(lines)) == 31_000
    assert {word for pair in lines for word in pair.tokens} == set(vocabulary(MEASURED))
    assert not any(pair.task == "quest" and pair.sentence[2] in MEASURED.relatives for pair in lines)


@real
@pytest.mark.slow
def test_published_files_look_like_the_corpus_made_here(
    published: dict[str, list[Pair]], simulated: PairCorpus
) -> None:
    halves = {"train20k": simulated.train[:20_000], "test": simulated.test, "dev": simulated.dev}
    for part, made in halves.items():
        theirs, ours = features(published[part]), features(made)
        chances = {name: two_samples(theirs[name], ours[name]) for name in theirs}
        print(part, {name: round(p, 4) for name, p in chances.items()})
        assert min(chances.values()) > LEAST_P, (part, chances)


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
    chances = {}
    for name, g in (("measured", MEASURED), ("published", PUBLISHED)):
        law: Counter[tuple[str, str, str]] = Counter()
        for r in patterns(g):
            if (r.subject, r.object) != ("plain", "none"):
                law[r.subject, r.object, r.task] += r.weight  # type: ignore[assignment]
        cells = sorted(law)
        weights = np.array([float(law[cell]) for cell in cells])
        observed = np.array([counts[cell] for cell in cells])
        assert observed.sum() == counts.total()
        chances[name] = float(chisquare(observed, observed.sum() * weights / weights.sum()).pvalue)
    print(chances)
    assert chances["measured"] > LEAST_P
    assert chances["published"] < 1e-100


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
