"""The templates as numbers have the exact entropy; the errors and averages that pages and claims print are theirs."""

from __future__ import annotations

import pytest

from assocmem.language.questions.entropy import entropy_floor
from assocmem.language.questions.facts import COUNTED
from assocmem.language.questions.grammar import MEASURED, VARIANTS
from assocmem.language.questions.templates import FITTED, templates, weights_error


@pytest.mark.parametrize("name", VARIANTS)
def test_the_rate_of_the_templates_is_the_exact_entropy(name: str) -> None:
    exact = float(entropy_floor(VARIANTS[name]).per_token().mid())
    assert templates(VARIANTS[name]).per_token == pytest.approx(exact, rel=1e-12)


def test_averages_over_lines_and_batches_are_those_that_the_claim_names() -> None:
    measured = templates(MEASURED)
    assert f"{measured.by_line:.4f}" == "0.9838"
    assert f"{measured.per_token - measured.in_batches(8):.4f}" == "0.0008"
    assert f"{measured.per_token - measured.in_batches(16):.4f}" == "0.0004"


def test_the_weights_move_the_entropy_by_far_less_than_its_distance_from_one() -> None:
    assert sum(COUNTED[name].lines for name in FITTED) == 31_000
    assert f"{weights_error(MEASURED):.4f}" == "0.0004"
    assert weights_error(MEASURED) > templates(MEASURED).standard_error(31_000)
    assert 1 - templates(MEASURED).per_token > 15 * weights_error(MEASURED)


def test_the_grammar_file_has_other_weights_and_another_entropy() -> None:
    assert f"{templates(VARIANTS['published']).per_token:.3f}" == "0.987"
