"""The claims of the page ``real_attention`` (chapter 3), and what the checks of the search look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from assocmem.claims import claims
from assocmem.claims.retrieval import real_attention as proofs
from assocmem.claims.verdicts import Finding
from assocmem.theory.exact.distances import PAPER
from assocmem.theory.retrieval.nearest_key import minus_inner, minus_square
from page_claims import PageRules


class TestPage(PageRules):
    slug = "real_attention"


@pytest.mark.parametrize(
    ("check", "change", "outcome"),
    [
        (proofs.within_the_tolerance, {}, "holds"),
        (proofs.within_the_tolerance, {"score": minus_square}, "undecided"),
        (proofs.within_the_tolerance, {"score": minus_inner}, "undecided"),
        (proofs.within_the_tolerance, {"tolerance": Fraction(999, 1000)}, "undecided"),
        (proofs.within_the_tolerance_points, {}, "survived"),
        (proofs.within_the_tolerance_points, {"score": minus_square, "tolerance": Fraction(0)}, "survived"),
        (proofs.within_the_tolerance_points, {"tolerance": Fraction(9, 10)}, "fails"),
    ],
)
def test_each_check_of_the_tolerance_looks_at_the_score_and_the_tolerance(
    check: Callable[..., Finding], change: dict, outcome: str
) -> None:
    assert check(replace(claims["NN-TOL"].formal, **change), PAPER).outcome == outcome


@pytest.mark.parametrize("name", ["l1", "euclidean", "linf"])
def test_other_distances_do_not_have_the_bound(name: str) -> None:
    assert claims["NN-TOL"].check(distance=name).verdict == "refuted"
