"""Facts of the Question-Formation lines against the listed lines of small grammars, and the formulas at its numbers.

The published files are counted where ASSOCMEM_QUESTION_FORMATION names their folder.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from flint import arb

from assocmem.claims import claims
from assocmem.claims.question_formation.question_formation.floor import prints_as
from assocmem.language.questions import facts
from assocmem.language.questions.entropy import chain_rule, entropy_floor, surprisal, training_floor, unseen_floor
from assocmem.language.questions.grammar import (
    MEASURED,
    PUBLISHED,
    VARIANTS,
    Grammar,
    Pattern,
    patterns,
    resized,
    vocabulary,
)
from assocmem.language.questions.pairs import Pair, PairStream, read_pairs, target_of
from assocmem.theory.exact.ball_integrals import log_ball_volume
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_integral
from assocmem.theory.exact.distances import NAMED, PAPER
from assocmem.theory.question_formation import experiment, pumping, separation
from assocmem.theory.question_formation.experiment import Plateau

F = Fraction
TINY = Grammar(
    determiners=("a",),
    nouns=(("cat", "dog"), ("cats",)),
    auxiliaries=(("does", "doesn't"), ("do", "don't")),
    intransitive=("nap",),
    transitive=("see",),
    prepositions=("by",),
    relatives=("who",),
    subject=(F(1, 2), F(1, 5), F(1, 10), F(0), F(1, 5)),
    object=(F(1, 3), F(1, 6), F(1, 4), F(1, 8), F(1, 8), F(0)),
)
SMALL = (
    TINY,
    replace(TINY, withheld=False, copies=0),
    replace(TINY, plural=F(1), copies=2),
    replace(TINY, object=(F(0), F(1, 2), F(0), F(0), F(0), F(1, 2)), quest=F(0)),
)


def listed(g: Grammar) -> Iterator[Pair]:
    """Every line."""
    for row in patterns(g):
        for k in range(row.count):
            sentence = row.sentence(k)
            yield Pair(sentence, row.task, target_of(sentence, row.task, row.main, g.copies))


@pytest.mark.parametrize("g", SMALL)
def test_counts_are_those_of_the_listed_lines(g: Grammar) -> None:
    lines = list(listed(g))
    assert facts.language_size(g) == len(set(lines)) == len(lines)
    assert facts.line_lengths(g) == dict(sorted(Counter(len(pair.tokens) for pair in lines).items()))
    assert facts.sentences_by_rules(g) == len({pair.sentence for pair in lines})
    assert facts.language_size(g, "decl") == sum(pair.task == "decl" for pair in lines)
    lengths = sorted(len(pair.tokens) for pair in lines)
    for count in (1, 7, len(lines)):
        assert facts.fewest_tokens(g, count) == F(sum(lengths[:count]), count)


def test_neighbors_of_a_grammar_small_enough_to_list() -> None:
    g = replace(TINY, subject=(F(1, 2), F(0), F(1, 2), F(0), F(0)), object=(F(1, 2), F(1, 2), F(0), F(0), F(0), F(0)))
    lines = list(listed(g))
    count = 0
    for a, b in combinations(lines, 2):
        if a.task == b.task and len(a.sentence) == len(b.sentence):
            apart = separation.places_apart(a.sentence, b.sentence)
            count += apart == 1
            assert apart != 1 or separation.places_apart(a.tokens, b.tokens) == 2
    assert count == facts.neighbor_pairs(g)
    assert facts.neighbors_keep_the_main_place(g)


def test_a_near_line_is_a_line_of_the_language() -> None:
    for seed in range(5):
        first, second = facts.near_line(MEASURED, seed)
        assert separation.places_apart(first, second) == 2
        assert surprisal(MEASURED, _pair(second)) == pytest.approx(surprisal(MEASURED, _pair(first)))
    with pytest.raises(ValueError, match="another word"):
        facts.near_line(resized(MEASURED, 1))


def _pair(tokens: tuple[str, ...]) -> Pair:
    stop = tokens.index(".")
    return Pair(tokens[:stop], tokens[stop + 1], tokens[stop + 2 :])


@pytest.mark.parametrize("g", [SMALL[2], MEASURED, VARIANTS["two copies"]])
def test_token_surprisals_add_up_and_average_to_the_chain_rule(g: Grammar) -> None:
    for k in range(5):
        pair = PairStream(g, 5)[k]
        bits = facts.token_surprisals(g, pair)
        assert len(bits) == len(pair.tokens) + 1
        assert sum(bits) == pytest.approx(surprisal(g, pair))
        assert not any(bits[len(pair.sentence) + 2 :])
    if g is SMALL[2]:
        mean = np.zeros(60)
        for pair in listed(g):
            values = facts.token_surprisals(g, pair)
            mean[: len(values)] += np.array(values) * math.exp(-sum(values))
        exact = [float(v.mid()) for v in chain_rule(g)]
        assert np.allclose(mean[: len(exact)], exact, atol=1e-9)


def test_floors_by_formula_are_those_of_the_changed_grammars() -> None:
    for g in (TINY, PUBLISHED):
        for copies in (0, 1, 4):
            assert _same(facts.floor_of_copies(g, copies), entropy_floor(replace(g, copies=copies)).per_token())
        for size in (1, 3, 20):
            assert _same(facts.floor_of_size(g, size), entropy_floor(resized(g, size)).per_token())
    with pytest.raises(ValueError, match="copies"):
        facts.floor_of_copies(TINY, -1)
    with pytest.raises(ValueError, match="size"):
        facts.floor_of_size(TINY, 0)


def _same(a: arb, b: arb) -> bool:
    return bool(a.overlaps(b)) and float(a.rad()) < 1e-30


def test_carrying_tokens_are_those_of_the_listed_lines() -> None:
    for g in (TINY, SMALL[1]):
        law = {pair: math.exp(-surprisal(g, pair)) for pair in listed(g)}
        before, after = facts.carrying_tokens(g)
        assert float(before) == pytest.approx(sum(p * (len(pair.sentence) + 2) for pair, p in law.items()))
        assert float(before + after) == pytest.approx(sum(p * (len(pair.tokens) + 1) for pair, p in law.items()))
        share = sum(p for pair, p in law.items() if pair.task == "quest")
        assert float(facts.question_share(g)) == pytest.approx(share)


def test_bounds_on_counts_are_named() -> None:
    with pytest.raises(ValueError, match="lines"):
        facts.fewest_tokens(TINY, 0)
    with pytest.raises(ValueError, match="lines"):
        facts.memorized(0, F(3))
    assert prints_as(facts.memorized(8, F(2)), "0.6931")
    assert not prints_as(facts.memorized(8, F(2)), "0.6932")


def test_copies_cannot_be_pumped_but_short_squares_can() -> None:
    assert [pumping.pumps(p) for p in (1, 2, 3, 5)] == [False] * 4


# The formulas of the theory.


def test_ends_of_the_interval_and_the_readings_between_them() -> None:
    for setting in (Plateau(), Plateau(tokens=36), Plateau(tokens=22, width=64, data=10**5)):
        logs = [experiment.log_partition(setting, name) for name in experiment.READINGS]
        assert logs[0] < logs[1]
        assert logs[1] < logs[3]
        assert logs[2] < logs[3]
        volume = math.log(setting.d) + log_ball_volume(setting.n, math.sqrt(setting.n / (2 * math.pi * math.e)))
        assert float(logs[3].mid()) == pytest.approx(float(volume), abs=1e-6)
    assert experiment.allows_one(Plateau()) is False
    assert experiment.allows_one(Plateau(tokens=36)) is True
    with pytest.raises(ValueError, match="reading"):
        experiment.log_partition(Plateau(), "middle")  # type: ignore[arg-type]


def test_formula_is_least_at_one_and_shown_by_magnitude() -> None:
    assert experiment.scalar_steps()
    values = [float(experiment.formula(to_arb(F(k, 10))).mid()) for k in range(-30, 31)]
    assert min(values) == values[30]
    assert values[30] == 1
    assert experiment.magnitude(experiment.formula(arb(-389))) == "1e168"
    assert experiment.magnitude(arb(5)) == "5"


@pytest.mark.parametrize("setting", [Plateau(), Plateau(tokens=36), Plateau(tokens=2, width=3, data=8)])
def test_the_radius_is_where_the_partition_function_is_one(setting: Plateau) -> None:
    unit = experiment.unit_radius(setting)
    assert certified_log_ball_integral(setting.n, unit.low) + to_arb(setting.d).log() < 0
    assert certified_log_ball_integral(setting.n, unit.low + unit.unit) + to_arb(setting.d).log() > 0
    assert all(loss > 1 for loss in unit.loss_beside(setting, F(1, 1000)))


def test_parameters_and_the_ratio_of_the_table() -> None:
    assert experiment.block_parameters(6) == 6 * (4 + 8) * 512**2
    assert float(experiment.against_table(6)) == pytest.approx(18_874_368 / 4e12 / 8.793e-10, rel=1e-4)
    assert experiment.against_table(10) / experiment.against_table(6) == F(5, 3)
    assert max(facts.line_lengths(MEASURED)) + 1 == experiment.LONGEST


def test_embedded_lines_and_their_balls() -> None:
    words = vocabulary(TINY)
    first, second = ("a", "cat", "naps"), ("a", "dog", "naps")
    assert separation.places_apart(first, second) == 1
    with pytest.raises(ValueError, match="naps"):
        separation.one_hot(first, words)
    x, y = (separation.one_hot(line[:2], words, F(3)) for line in (first, second))
    assert len(x) == 2 * len(words)
    distances = {"sqeuclidean": 18, "l1": 6, "euclidean": math.sqrt(18), "linf": 3}
    for name, distance in NAMED.items():
        assert float(distance(x, y).mid()) == pytest.approx(distances[name])
        half = distances[name] / (4 if distance is PAPER else 2)
        for factor, meet in ((0.99, False), (1.01, True)):
            reach = F(half * factor)
            assert separation.balls_meet(distance, x, y, to_arb(reach if distance is PAPER else reach**2)) is meet


def test_simplex_bound_and_the_square_it_needs() -> None:
    generator = np.random.default_rng(0)
    for words, width in ((3, 2), (4, 5), (6, 5), (8, 4)):
        best = float(separation.widest_words(words, width))
        points = generator.normal(size=(200, words, width))
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        gaps = ((points[:, :, None] - points[:, None]) ** 2).sum(axis=-1) + 9 * np.eye(words)
        assert gaps.min(axis=(1, 2)).max() <= best + 1e-12
    assert separation.simplex_distance(4) == separation.widest_words(4, 3) == F(8, 3)
    assert separation.spread_step() == 0
    points = generator.integers(-9, 9, size=7)
    pairs = sum((a - b) ** 2 for k, a in enumerate(points) for b in points[:k])
    assert pairs == 7 * (points**2).sum() - points.sum() ** 2
    assert separation.difference_bound()[0] == 0
    with pytest.raises(ValueError, match="words"):
        separation.widest_words(9, 4)
    with precision(64):
        needed = separation.needed_rms(36, 2)
        assert (8 * 512 * needed**2 - 4 * separation.squared_radius(36, 512)).contains(0)


def test_rows_of_one_hot_vectors_lie_as_they_must() -> None:
    words = ("a", "b", "c")
    first, second = (separation.one_hot(line, words, F(3)) for line in (("a", "b", "c"), ("a", "c", "b")))
    assert separation.placed(first, second, 2, F(3))
    assert not separation.placed(first, second, 1, F(3))
    assert not separation.placed(first, second, 2)
    assert separation.middle(first, second)[:3] == (3, 0, 0)


def test_copies_cannot_be_pumped() -> None:
    assert pumping.is_square("abab")
    assert not pumping.is_square("aba")
    assert not pumping.is_square("abba")
    assert not any(map(pumping.pumps, (1, 2, 3, 4)))


def test_claims_load_no_model_library_before_a_check_runs() -> None:
    code = "import sys; from assocmem import claims; claims['QF-D'].checks; sys.exit('transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _broken(monkeypatch: pytest.MonkeyPatch, *rows: Pattern) -> None:
    monkeypatch.setattr(facts, "patterns", lambda grammar: rows)


def test_a_wrong_main_place_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    row = next(p for p in patterns(TINY) if p.task == "quest" and p.main > 1)
    assert facts.moves_main_auxiliary(row)
    assert facts.one_main_auxiliary(TINY)
    _broken(monkeypatch, row, replace(row, main=0))
    assert not facts.one_main_auxiliary(TINY)
    assert not facts.neighbors_keep_the_main_place(TINY)


def test_a_question_that_moves_another_word_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    row = next(p for p in patterns(TINY) if p.task == "quest" and p.main > 1)
    for place, copies in ((0, 1), (row.main, 2)):
        monkeypatch.setattr(facts, "target_of", lambda words, task, main: target_of(words, task, place, copies))  # noqa: B023
        assert not facts.moves_main_auxiliary(row)


def test_counted_files_are_what_the_grammar_leads_one_to_expect() -> None:
    expected = [training_floor(MEASURED, 20_000), unseen_floor(MEASURED, 100_000), unseen_floor(MEASURED, 100_000)]
    for file, floor in zip(facts.COUNTED.values(), expected, strict=True):
        assert file.tokens / file.lines == pytest.approx(floor.tokens, abs=0.05 + 12 / math.sqrt(file.lines))
        assert file.questions / file.lines == pytest.approx(5 / 12, abs=0.015)
        assert file.longest == max(facts.line_lengths(MEASURED))


def test_root_mean_square_by_places_that_differ() -> None:
    for places in (1, 2, 3, 8):
        exact = math.sqrt(36 / (2 * math.pi * math.e * places))
        assert float(separation.needed_rms(36, places).mid()) == pytest.approx(exact)


def test_separation_can_be_asked_of_another_distance() -> None:
    assert claims["QF-SEP"].takes_distance


FOLDER = os.environ.get("ASSOCMEM_QUESTION_FORMATION")


@pytest.mark.skipif(FOLDER is None, reason="the published files are not here")
@pytest.mark.parametrize("name", list(facts.COUNTED))
def test_counts_of_the_published_files(name: str) -> None:
    path = Path(str(FOLDER)) / (name if name.startswith("question.") else "question.train20k")
    pairs = read_pairs(path, MEASURED)
    tokens = [len(pair.tokens) for pair in pairs]
    questions = sum(pair.task == "quest" for pair in pairs)
    assert facts.COUNTED[name] == facts.File(len(pairs), sum(tokens), questions, max(tokens))
    assert {word for pair in pairs for word in pair.tokens} == set(vocabulary(MEASURED))
