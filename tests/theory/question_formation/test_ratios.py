"""A loss per token averaged in other ways, and the error of fitted weights, against drawn batches and drawn files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assocmem.theory.question_formation.ratios import Templates

SUBJECTS, OBJECTS = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.35, 0.25])


def made(subjects: np.ndarray = SUBJECTS, objects: np.ndarray = OBJECTS) -> Templates:
    """A template for each subject and object, independent; longer lines cost more a token."""
    s, o = (kind.ravel() for kind in np.meshgrid(range(3), range(3), indexing="ij"))
    weights, lines = subjects[s] * objects[o], 10.0 ** (1 + s + 2 * o)
    return Templates(weights, np.log(lines / weights), 5.0 + 2 * s + o, s, o)


def test_the_loss_per_token_weighs_tokens_and_not_lines() -> None:
    two = Templates(np.array([0.5, 0.5]), np.array([2.0, 12.0]), np.array([2.0, 4.0]), np.arange(2), np.arange(2))
    assert two.per_token == 14 / 6
    assert two.by_line == 2
    assert two.length == 3


def test_batches_lie_between_single_lines_and_a_long_corpus_as_drawn_batches_say() -> None:
    case, rng = made(), np.random.default_rng(0)
    drawn = rng.choice(len(case.weights), size=(200_000, 16), p=case.weights)
    losses = case.nats[drawn].sum(1) / case.tokens[drawn].sum(1)
    error = losses.std() / np.sqrt(len(losses))
    assert abs(losses.mean() - case.in_batches(16)) < 4 * error + 1e-4
    assert case.by_line < case.in_batches(8) < case.in_batches(16) < case.per_token
    assert case.per_token - case.in_batches(16) > 10 * error
    with pytest.raises(ValueError, match="lines must be at least 1"):
        case.in_batches(0)


def fitted(counts: np.ndarray, left_out: bool) -> Templates:
    """Shares of the most likely grammar: those of the counts, or with what is left out filled in until it fits."""
    table = counts.reshape(3, 3).astype(float)
    for _ in range(200 if left_out else 1):
        subjects, objects = table.sum(1) / table.sum(), table.sum(0) / table.sum()
        if left_out:
            rest = 1 - subjects[0] * objects[0]
            table[0, 0] = counts.sum() * subjects[0] * objects[0] / rest
    return made(subjects, objects)


@pytest.mark.parametrize("left_out", [False, True])
def test_the_standard_error_is_the_spread_over_files_that_are_drawn_and_fitted(left_out: bool) -> None:
    case, rng, lines = made(), np.random.default_rng(1), 2_000
    chances = case.weights.copy()
    if left_out:
        chances[0] = 0
    files = rng.multinomial(lines, chances / chances.sum(), size=1_500)
    # Of the lines drawn from the grammar only a part is counted, where some are left out.
    drawn = round(lines / chances.sum())
    spread = np.std([fitted(counts, left_out).per_token for counts in files])
    error = case.standard_error(drawn, (0, 0) if left_out else None)
    assert error == pytest.approx(spread, rel=0.08)
    assert error > case.standard_error(drawn) * (1.05 if left_out else 0.999)


def test_the_standard_error_falls_as_the_root_of_the_lines_and_is_nothing_where_all_lines_cost_alike() -> None:
    case = made()
    assert case.standard_error(400) == pytest.approx(case.standard_error(100) / 2)
    assert replace(case, nats=3 * case.tokens).standard_error(100) == pytest.approx(0, abs=1e-12)
    with pytest.raises(ValueError, match="lines must be at least 1"):
        case.standard_error(0)


def test_what_is_left_out_is_a_subject_with_an_object_in_this_order() -> None:
    case = made()
    turned = replace(case, subjects=case.objects, objects=case.subjects)
    assert turned.standard_error(400, (2, 0)) == pytest.approx(case.standard_error(400, (0, 2)))
    assert case.standard_error(400, (2, 0)) != pytest.approx(case.standard_error(400, (0, 2)), rel=1e-3)
