"""Pictures of chapter 9 show what the grammar and the record say."""

from __future__ import annotations

import math

import pytest

from assocmem.experiments import published
from assocmem.experiments.records import Record
from assocmem.figures.explorer import Explorer
from assocmem.figures.question_formation import entropy_by_token, plateaus, prediction
from assocmem.language.questions.entropy import entropy_floor
from assocmem.language.questions.grammar import MEASURED, VARIANTS


@pytest.fixture(scope="module")
def record() -> Record:
    return published("question-plateau", "local")


@pytest.fixture(scope="module")
def explorer(record: Record) -> Explorer:
    return prediction.explore(record, (2, 16, 128))


def test_the_published_classes_count_as_a_size_between_nine_and_thirteen() -> None:
    assert prediction.size_of(VARIANTS["two words"]) == pytest.approx(2)
    assert 9 < prediction.size_of(MEASURED) < 13


def test_predicted_entropies_are_those_of_the_named_grammars() -> None:
    for name, size, copies in (("two words", 2, 1), ("128 words", 128, 1)):
        exact = float(entropy_floor(VARIANTS[name]).per_token().mid())
        assert prediction.per_token(size, copies) == pytest.approx(exact)
    assert prediction.per_token(16, 0) > prediction.per_token(16, 1) > prediction.per_token(16, 3)


def test_the_crosses_are_the_plateaus_of_the_record_and_stand_where_the_target_does_once(
    explorer: Explorer, record: Record
) -> None:
    crosses = next(curve for curve in explorer.frames["once"]["16"].curves if curve.mode == "markers")
    losses = {g: [run["plateau"] for run in record.config["runs"] if run["grammar"] == g] for g in ("two words",)}
    assert min(crosses.y) == pytest.approx(sum(losses["two words"]) / len(losses["two words"]))
    assert len(crosses.x) == 3
    for choice in ("never", "twice", "three times"):
        names = [curve.name for curve in explorer.frames[choice]["16"].curves]
        assert "decoders settled here" not in names


def test_the_sentence_says_on_which_side_of_one_the_entropy_lies_and_what_was_trained(explorer: Explorer) -> None:
    states = explorer.frames["once"]
    assert "below the claimed bound. Decoders trained on this grammar settled at 0.67" in states["2"].says
    assert states["16"].says.endswith("above the claimed bound.")


def test_a_line_shows_the_nats_of_each_of_its_tokens() -> None:
    tokens = entropy_by_token.example(index=4)
    plate = entropy_by_token.one_line(index=4)
    assert plate.figure.axes[0].patches[1].get_width() == pytest.approx(math.log(26))
    assert [label.get_text() for label in plate.figure.axes[0].texts] == [f"{nats:.2f}" for _, nats in tokens]


def test_every_picture_names_the_bound_at_its_left_and_the_entropies_at_its_right(record: Record) -> None:
    ax = plateaus.three_plateaus(record).figure.axes[0]
    places = {text.get_text(): text.xy[0] for text in ax.texts}
    assert places["claimed bound"] == 0
    assert places["the paper's grammar:\nentropy 0.992"] == places["2 words:\nentropy 0.675"] == 1
    bound = next(line for line in ax.get_lines() if line.get_label() == "claimed bound")
    assert bound.get_linewidth() >= 1.5 * max(line.get_linewidth() for line in ax.get_lines() if line is not bound)
    assert list(bound.get_xdata()) == [0, 1]


def test_a_caption_says_width_and_updates(record: Record) -> None:
    assert plateaus.trained(record) == "Width 64; 3,000 updates, 9,000 for 128 words."
    assert plateaus.trained(record) in plateaus.curves(record).alt


def test_the_end_of_the_training_shows_every_depth_between_the_bound_and_the_entropy(record: Record) -> None:
    ax = plateaus.two_depths(record).figure.axes[0]
    curves = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    low, high = ax.get_ylim()
    assert low < curves["entropy of the grammar"][0] < 1 < high
    assert {"6 layers", "10 layers"} < set(curves)
    assert all(low < curves[f"{depth} layers"][-1] < high for depth in (6, 10))
