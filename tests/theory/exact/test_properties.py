"""What is granted to a distance is attacked before it is believed; a domain says where it is defined; no floats."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import distance as oracle

from assocmem.theory.exact.distances import (
    COSINE,
    METRIC,
    NAMED,
    Distance,
    DistanceError,
    Domain,
    OutsideDomainError,
    as_distance,
    l1,
    sqeuclidean,
)
from assocmem.theory.exact.properties import FalseGrantError, attack, refuse_false_grants

COORDINATES = st.lists(st.fractions(-5, 5, max_denominator=50), min_size=3, max_size=3)


@pytest.mark.parametrize("name", METRIC)
def test_each_property_of_a_metric_that_fails_is_refused(name: str) -> None:
    lacking = {
        "nonnegative": lambda x, y: -l1(x, y),
        "separates": lambda x, y: 0,
        "symmetric": lambda x, y: sum(max(a - b, 2 * (b - a)) for a, b in zip(x, y, strict=True)),
        "triangle": sqeuclidean,
    }
    with pytest.raises(FalseGrantError, match=f"granted '{name}', which fails"):
        refuse_false_grants(Distance("mine", lacking[name], frozenset({name})))


@pytest.mark.parametrize(
    ("name", "function"), [("norm", sqeuclidean), ("taxicab", sqeuclidean), ("squared euclidean", l1)]
)
def test_a_name_that_the_distance_does_not_deserve_is_refused(name: str, function: Any) -> None:
    with pytest.raises(FalseGrantError, match=name):
        refuse_false_grants(Distance("mine", function, frozenset({name})))


@pytest.mark.parametrize("name", NAMED)
def test_what_a_named_distance_is_granted_may_be_granted_to_ones_own(name: str) -> None:
    refuse_false_grants(Distance("mine", NAMED[name].function, NAMED[name].properties))


@pytest.mark.parametrize("value", [0.5, np.float64(0.5), np.float32(1), sp.Rational(1, 2)])
def test_another_kind_of_number_is_refused_with_the_way_out(value: Any) -> None:
    with pytest.raises(DistanceError, match=r"must return an int.*write Fraction\(1, 2\) for 0\.5, and flint\.arb"):
        Distance("mine", lambda x, y: value)([Fraction(1)], [Fraction(2)])


@given(COORDINATES, COORDINATES)
def test_the_cosine_is_that_of_scipy(x: list[Fraction], y: list[Fraction]) -> None:
    if any(x) and any(y):
        expected = oracle.cosine([float(c) for c in x], [float(c) for c in y])
        assert float(COSINE(x, y).mid()) == pytest.approx(expected, abs=1e-12)
    else:
        with pytest.raises(OutsideDomainError, match=r"defined for x != 0 only, not at \(0, 0, 0\)"):
            COSINE(x, y)


def test_the_cosine_is_exact_where_it_is_rational_and_a_formula_of_symbols() -> None:
    assert COSINE.function([Fraction(3), Fraction(4)], [Fraction(4), Fraction(3)]) == Fraction(1, 25)
    a, b = sp.symbols("a b", positive=True)
    assert sp.simplify(COSINE.function([a, 0], [b, 0])) == 0


def test_the_cosine_is_granted_what_survives_on_its_domain_and_nothing_else() -> None:
    assert {name for name in METRIC if attack(COSINE, name) is None} == COSINE.properties
    assert as_distance("cosine") is COSINE


def test_a_domain_goes_with_the_scaled_distance_and_with_no_property_that_leaves_it() -> None:
    zero, one = [Fraction(0)], [Fraction(1)]
    with pytest.raises(OutsideDomainError):
        COSINE.scaled(2)(zero, one)
    with pytest.raises(ValueError, match=r"on the domain x > 0 must be among"):
        Distance("half", l1, frozenset({"norm"}), Domain("x > 0", positive))


def positive(x: Sequence[Any]) -> bool:
    return all(c > 0 for c in x)


def test_an_attack_stays_on_the_domain() -> None:
    def odd(x: Sequence[Any], y: Sequence[Any]) -> Any:
        return l1(x, y) if positive(x) and positive(y) else -1

    assert attack(Distance("odd", odd), "nonnegative") is not None
    assert attack(Distance("odd", odd, frozenset(), Domain("x > 0", positive)), "nonnegative") is None
