"""The table of readings: its order, its signs, and numbers that agree with what the claims print."""

from __future__ import annotations

import math

import pytest
from flint import arb

from assocmem.theory.question_formation import experiment, readings
from assocmem.theory.question_formation.experiment import READINGS, Plateau


def test_readings_stand_from_the_largest_z_to_the_least_and_the_integral_below_the_left_end() -> None:
    assert set(readings.IN_WORDS) == set(READINGS)
    for tokens in (5000, 36):
        logs = [experiment.log_partition(Plateau(tokens=tokens), reading) for reading in readings.IN_WORDS]
        high, low, printed, exact = logs
        assert high > printed > low > exact


def test_the_table_shows_signs_and_powers_that_the_claims_print() -> None:
    head, rows = readings.by_readings().head, {row[0]: row[1:] for row in readings.by_readings().rows}
    assert head[1] == r"$\log Z$, 5000 tokens"
    assert rows["right end, true"] == ("-1.959", "5.131", "5.442", "5.446")
    assert rows["the integral"][0] == "-149,889"
    for name, short in (("left end, false here", ("168", "11")), ("the integral", ("65096", "466"))):
        for shown, power in zip(rows[name][1::2], short, strict=True):
            assert shown.endswith(f"10^{{{power}}}$")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(5.1311, "5.131"), (-1074.4, "-1,074"), (999.96, "1000"), (3e12, r"$3.0\cdot10^{12}$"), (-0.5, "-0.5")],
)
def test_numbers_as_a_page_sets_them(value: float, shown: str) -> None:
    assert readings.in_digits(arb(value)) == shown


def test_a_tiny_z_makes_the_formula_nearly_its_inverse() -> None:
    log = experiment.log_partition(Plateau(), "upper end")
    assert float(experiment.formula(log).mid()) == pytest.approx(float(log.mid()) + math.exp(-float(log.mid())))
