"""Readings, fits and the rule of the size grid: planted exponents come back, and each branch of the rule is reached."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from assocmem.experiments.size_grid.fits import Crossing, Exponent, crossing, curvature, exponent, rivals
from assocmem.experiments.size_grid.protocol import CELLS, PAPER, VARIANTS, sweep_file
from assocmem.experiments.size_grid.readings import MAIN, READINGS, Reading, gap, readings
from assocmem.experiments.size_grid.verdict import decide
from assocmem.experiments.training.config import configure

SIZES = [24 * width**2 for width in (8, 16, 32, 64, 128)]


def planted(p: float, seed: int, *, bend: float = 0.0, noise: float = 0.05) -> list[Crossing]:
    """D* of five sizes with N = D*^p, read from gaps with noise; ``bend`` curves log D* against log N."""
    make = np.random.default_rng(seed)
    found = []
    for size in SIZES:
        middle = math.log(size) / p + 4 + bend * (math.log(size) - 10) ** 2
        gaps = {
            round(math.exp(middle + step)): [
                0.2 * math.exp(-0.4 * step + noise * make.standard_normal()) for _ in range(5)
            ]
            for step in (-1.0, -0.3, 0.4, 1.1)
        }
        one = crossing(size, gaps, 0.2)
        assert one is not None
        assert one.inside
        found.append(one)
    return found


@pytest.mark.parametrize("p", [1.0, 1.35, 2.0])
def test_planted_exponents_lie_in_their_intervals_as_often_as_these_say(p: float) -> None:
    hits = [exponent(planted(p, seed)).holds(p) for seed in range(200)]
    assert 0.90 <= sum(hits) / len(hits) < 1  # 95 %, or more as scatter only widens.
    assert exponent(planted(p, 0, noise=1e-3)).value == pytest.approx(p, rel=0.01)
    wrong = {1.0: 2.0, 1.35: 2.0, 2.0: 1.35}[p]
    assert not any(exponent(planted(p, seed)).holds(wrong) for seed in range(20))


def test_a_bend_shows_and_none_does_not() -> None:
    assert sum(curvature(planted(1.5, seed)).holds(0.0) for seed in range(100)) >= 88
    assert not any(curvature(planted(1.5, seed, bend=0.05)).holds(0.0) for seed in range(20))


def test_the_law_that_was_planted_is_the_likeliest() -> None:
    found = rivals(planted(2.0, 1))
    assert min(found["p = 2"], found["free p"]) < 4 < min(found["p = 1"], found["p = 1/0.74"])
    assert found["curved"] <= found["free p"] <= found["p = 2"]
    assert found["D* grows like log N"] > 4


def test_the_crossing_is_where_the_line_through_the_gaps_meets_sigma() -> None:
    exact = crossing(100, {1000: [0.4, 0.4], 4000: [0.1, 0.1]}, 0.2)
    assert exact is not None
    assert exact.log_tokens == pytest.approx(math.log(2000))
    assert exact.slope == pytest.approx(1.0)
    outside = crossing(100, {1000: [0.15, 0.15], 4000: [0.05, 0.05]}, 0.2)
    assert outside is not None
    assert not outside.inside
    assert crossing(100, {1000: [0.1, 0.1], 4000: [0.4, 0.4]}, 0.2) is None
    with pytest.raises(ValueError, match="two D and more cells than these"):
        crossing(100, {1000: [0.1, 0.1, 0.2]}, 0.2)
    with pytest.raises(ValueError, match=r"positive, got 0\.0"):
        crossing(100, {1000: [0.1, 0.0], 4000: [0.4, 0.4]}, 0.2)


def series(losses: list[float], every: int, held_out: list[float]) -> list[dict[str, Any]]:
    return [
        {
            "step": (i + 1) * every,
            "held_out": nats,
            "train_clean": nats - 0.3,
            "held_out_mean": nats - 0.1,
            "train_clean_mean": nats - 0.5,
            "losses": losses[i * every : (i + 1) * every],
        }
        for i, nats in enumerate(held_out)
    ]


def test_a_reading_takes_the_updates_that_it_says() -> None:
    """The least held-out loss, 2, is at update 8; losses are 3 up to there and 1.5 behind."""
    rows = series([3.0] * 8 + [1.5] * 8, 4, [2.5, 2.0, 2.005, 2.2])
    assert gap(rows, Reading("after", 4)) == pytest.approx(0.5)
    assert gap(rows, Reading("before", 4)) == pytest.approx(1.0)
    assert gap(rows, Reading("before", 1000)) == pytest.approx(1.0)
    assert gap(rows, Reading("sixth", 0)) == pytest.approx(0.5)
    assert gap(rows, Reading("at the minimum", 0)) == pytest.approx(0.3)
    assert gap(rows, Reading("at the minimum", 0, mean=True)) == pytest.approx(0.4)
    near = series([3.0] * 4 + [1.0] * 4 + [1.5] * 8, 4, [2.005, 2.1, 2.0, 2.2])
    assert gap(near, Reading("first near", 4)) == pytest.approx(1.0)
    assert gap(near, Reading("after", 4)) == pytest.approx(0.5)
    noisy = series([1.0, 2.0] * 8, 4, [2.5, 2.0, 2.1, 2.2])
    mean = gap(noisy, Reading("after", 8))
    assert mean == pytest.approx(math.sqrt(0.5))
    assert gap(noisy, Reading("after", 8, less_noise=True)) == pytest.approx(0.0)  # All of it is noise.
    with pytest.raises(ValueError, match="no update in its window"):
        gap(series([1.0] * 8, 4, [2.5, 2.0]), Reading("after", 4))


def test_the_readings_are_all_and_each_once() -> None:
    every = readings()
    assert every[0] == MAIN == Reading("after", 1000)
    assert len(every) == len(set(every)) == 3 * 3 * 2 + 2 + 2
    assert {one.where for one in every} == set(READINGS)


GOOD = {"regression": Exponent(1.0, 0.9, 1.1), "regression, relabeled": Exponent(2.0, 1.9, 2.1)}
FLAT = Exponent(0.0, -0.1, 0.1)


def decided(main: Exponent, *, places: Exponent | None = None, **changes: Any) -> str:
    by_place = dict.fromkeys(READINGS, places or main)
    usual: dict[str, Any] = {"controls": GOOD, "censored": 0.0, "main": main, "by_place": by_place, "curvature": FLAT}
    return decide(**(usual | changes)).verdict


def test_every_branch_of_the_rule_is_reached() -> None:
    low, two, wide = Exponent(1.2, 1.1, 1.3), Exponent(2.0, 1.8, 2.2), Exponent(1.6, 1.2, 2.1)
    assert decided(low) == "refuted"
    assert decided(two) == "supported"
    assert decided(wide) == "undecided"
    assert decided(low, places=two) == "undecided"
    assert decided(low, curvature=Exponent(0.1, 0.05, 0.15)) == "no single exponent"
    assert decided(low, censored=0.1) == "invalid"
    for name in GOOD:
        assert decided(low, controls=GOOD | {name: Exponent(1.5, 1.4, 1.6)}) == "invalid"
        assert decided(low, controls=GOOD | {name: Exponent(1.5, 0.5, 2.5)}) == "invalid"
    mixed = dict.fromkeys(READINGS, low)
    mixed["before"] = two
    assert decided(low, by_place=mixed) == "refuted"
    mixed["sixth"] = two
    assert decided(low, by_place=mixed) == "undecided"
    with pytest.raises(ValueError, match="by_place must be"):
        decided(low, by_place={"after": low})
    with pytest.raises(ValueError, match="controls must be"):
        decided(low, controls={})


def test_the_protocol_is_a_sweep_of_all_its_cells() -> None:
    whole = sweep_file("docstrings")
    assert len(whole["cells"]) == sum(len(sizes) * seeds for sizes, seeds in CELLS.values()) == 89
    assert len({tuple(cell.values()) for cell in whole["cells"].values()}) == 89
    for variant, changed in VARIANTS.items():
        one = sweep_file("docstrings", variant)
        assert len(one["cells"]) == 18
        assert one["settings"] == {"data": "docstrings"} | changed
    with pytest.raises(ValueError, match="variant got 'other'"):
        sweep_file("docstrings", "other")


def test_the_paper_s_twelve_cells_are_a_sweep_of_trainings() -> None:
    listed = sweep_file("gutenberg:BOOKS", PAPER)
    assert len(listed["cells"]) == 12 * 5
    shared = listed["settings"] | {"device": "cpu"}
    runs = [configure(listed["scale"], shared | cell) for cell in listed["cells"].values()]
    assert {run.model for run in runs} == {"openelm:1", "openelm:2", "openelm:3"}
    tokens = sorted({run.train_tokens for run in runs if run.train_tokens})
    assert (len(tokens), tokens[0], tokens[-1]) == (8, 167_060_000, 333_170_000)
    assert {(run.sampling, run.joined_by, run.words, run.batch_tokens) for run in runs} == {
        ("with_replacement", "line", True, 491_520)
    }
