"""Adversaries: hypothesis finds small counterexamples to the printed claims, and none to the corrected ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from assocmem.claims import claims
from assocmem.theory.energies import sandwich
from assocmem.theory.energies.sandwich import NAMES, quantities_float
from assocmem.theory.exact import attack

SEARCH = settings(
    max_examples=2000, derandomize=True, database=None, deadline=None, phases=[Phase.generate, Phase.shrink]
)
small = st.integers(-3, 3)
cases = st.integers(1, 2).flatmap(
    lambda n: st.tuples(st.lists(st.tuples(*[small] * n), min_size=1, max_size=4), st.tuples(*[small] * n))
)


def slack(name: str, case: tuple[list[tuple[int, ...]], tuple[int, ...]]) -> float:
    patterns, x = (np.array(part, dtype=float) for part in case)
    values = quantities_float(x, patterns)
    return min(sum(float(side[k]) * values[k] for k in NAMES) for side in claims[name].formal.slacks())


def test_hypothesis_refutes_the_printed_third_proposition_in_small_integers() -> None:
    patterns, x = find(cases, lambda case: slack("P3", case) < -1e-6, settings=SEARCH)
    assert len(patterns) == 2
    assert max(abs(v) for row in (*patterns, x) for v in row) <= 1


def test_hypothesis_refutes_convexity_of_the_mchn_energy() -> None:
    def excess(case: tuple[int, int, int, int]) -> float:
        a, b, x, y = (float(v) for v in case)

        def value(z: float) -> float:
            return float(-np.logaddexp(a * z, b * z) + z * z / 2)

        return value((x + y) / 2) - (value(x) + value(y)) / 2

    case = find(st.tuples(small, small, small, small), lambda case: excess(case) > 1e-6, settings=SEARCH)
    assert len(set(case)) > 1


@pytest.mark.parametrize("name", ["P1", "P2", "P2-FIX", "P3-FIX"])
def test_hypothesis_finds_nothing_against_what_is_proved(name: str) -> None:
    with pytest.raises(NoSuchExample):
        find(cases, lambda case: slack(name, case) < -1e-9, settings=settings(SEARCH, max_examples=400))


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=6))
@settings(deadline=None, derandomize=True)
def test_lean_lse_agrees_with_numpy(values: list[float]) -> None:
    assert attack.lse(np.array(values)) == pytest.approx(np.logaddexp.reduce(values), rel=1e-12, abs=1e-12)


def test_the_descent_finds_a_narrow_violation() -> None:
    def dent(z: np.ndarray) -> float:
        return float(1 - 1.5 * np.exp(-((z - 1.7) ** 2).sum() * 4))

    value, at = attack.worst(dent, 2)
    assert value == pytest.approx(-0.5, abs=1e-4)
    assert np.allclose(at, 1.7, atol=1e-2)


def test_the_same_seed_gives_the_same_attack() -> None:
    stmt = claims["P3"].formal
    assert sandwich.search(stmt) == sandwich.search(stmt)
