"""The distances of the guide are what it says: exact, with grants that survive, on their domain."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assocmem.claims import claims
from assocmem.examples.distances import RATIOS, ROOT, exact_root, rounded_root
from assocmem.theory.exact.distances import METRIC, DistanceError, OutsideDomainError
from assocmem.theory.exact.properties import attack, refuse_false_grants

POINTS = st.lists(st.fractions(-9, 9, max_denominator=9), min_size=3, max_size=3)


@given(POINTS, POINTS)
def test_the_exact_root_squared_is_the_taxicab_distance_and_the_rounded_one_is_near(
    x: list[Fraction], y: list[Fraction]
) -> None:
    exact = sum((abs(a - b) for a, b in zip(x, y, strict=True)), Fraction(0))
    square = exact_root(x, y) ** 2 * exact.denominator
    assert square.contains(exact.numerator)
    assert rounded_root(x, y) ** 2 == pytest.approx(float(exact))


@pytest.mark.parametrize("distance", [ROOT, RATIOS], ids=lambda one: one.name)
def test_what_is_granted_survives_the_attack(distance: object) -> None:
    refuse_false_grants(distance)  # type: ignore[arg-type]


def test_floats_are_refused_and_the_domain_is_kept() -> None:
    with pytest.raises(DistanceError, match="got float"):
        claims["P1"].check(distance=rounded_root)
    with pytest.raises(OutsideDomainError, match="x > 0"):
        RATIOS([Fraction(1)], [Fraction(0)])
    missing = attack(RATIOS, "symmetric")
    assert missing is not None
    assert missing.property == "symmetric"


def test_a_metric_of_the_readers_own_proves_what_a_bare_function_leaves_open() -> None:
    assert set(METRIC) == ROOT.properties
    assert claims["S3-METRIC"].check(distance=ROOT).verdict == "proved"
    assert claims["S3-METRIC"].check(distance=exact_root).verdict == "undecided"
