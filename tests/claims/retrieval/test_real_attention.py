"""The claims of the page ``real_attention`` (chapter 3), and which readings of the search its checks look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from assocmem.claims import claims
from assocmem.claims.retrieval import real_attention as proofs
from assocmem.claims.verdicts import Finding
from assocmem.theory.exact.distances import PAPER
from page_claims import PageRules


class TestPage(PageRules):
    slug = "real_attention"


NN = claims["NN"].formal


@pytest.mark.parametrize(
    ("check", "change", "outcome"),
    [
        (proofs.within_the_tolerance, {}, "holds if"),
        (proofs.within_the_tolerance, {"score": proofs.minus_square}, "undecided"),
        (proofs.within_the_tolerance, {"score": proofs.minus_inner}, "undecided"),
        (proofs.within_the_tolerance, {"tolerance": Fraction(999, 1000)}, "undecided"),
        (proofs.within_the_tolerance_points, {}, "survived"),
        (proofs.within_the_tolerance_points, {"score": proofs.minus_square, "tolerance": Fraction(0)}, "survived"),
        (proofs.within_the_tolerance_points, {"tolerance": Fraction(9, 10)}, "fails"),
        (proofs.misses_an_exact_hit, {"reading": "factor"}, "fails"),
        (proofs.misses_an_exact_hit, {"reading": "factor", "score": proofs.minus_square}, "undecided"),
        (proofs.output_misses_an_exact_hit, {"reading": "factor"}, "fails"),
    ],
)
def test_each_check_of_the_search_looks_at_the_reading_the_score_and_the_tolerance(
    check: Callable[..., Finding], change: dict, outcome: str
) -> None:
    assert check(replace(NN, **change), PAPER).outcome == outcome


@pytest.mark.parametrize("check", [proofs.misses_an_exact_hit, proofs.output_misses_an_exact_hit])
def test_a_counterexample_to_another_reading_is_marked_as_outside(check: Callable[..., Finding]) -> None:
    assert check(NN, PAPER).outside
    assert check(replace(NN, tolerance=Fraction(1, 2)), PAPER).outcome == "undecided"
    assert not check(replace(NN, reading="factor"), PAPER).outside


@pytest.mark.parametrize("name", ["l1", "euclidean", "linf"])
def test_other_distances_do_not_have_the_bound(name: str) -> None:
    assert claims["NN"].check(distance=name).verdict == "refuted"
