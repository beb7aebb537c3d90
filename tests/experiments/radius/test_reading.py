"""Each control tells a planted difference, and the rules decide as it was planted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from assocmem.experiments.radius.clouds import distinct, like, neighbors, nested, pair_distances
from assocmem.experiments.radius.config import RadiusRun, configure
from assocmem.experiments.radius.dimension import fitted_law, inverse_likelihood, inverse_two_nearest
from assocmem.experiments.radius.reading import reading
from assocmem.experiments.radius.rules import CLOSE, RULES, doubled_radius, follows_root, quotient, slope
from assocmem.experiments.radius.run import decisions
from planted_clouds import clustered, gaussian, stored

COUNT, N = 400, 24
IDS = [np.random.default_rng(i).integers(0, 1000, 30) for i in range(COUNT)]


@pytest.fixture(scope="module")
def config() -> RadiusRun:
    return configure("smoke", {"resamples": 100, "draws": 2})


Read = Callable[..., dict[str, Any]]


@pytest.fixture
def read(tmp_path: Path, config: RadiusRun) -> Read:
    """What is measured of a planted cloud behind the norm, with its layers, under a name."""

    def of(norm: Any, last: Any = None, ids: Any = None, **about: Any) -> dict[str, Any]:
        name = f"model {len(list(tmp_path.iterdir()))}"
        last = norm if last is None else last
        vectors = stored(tmp_path / name, {"0": 0.5 * last, "1": last, "norm": norm})
        measured, rows = reading(vectors, IDS[: len(norm)] if ids is None else ids, config, lambda _: None)
        facts = {"name": name, "trained": True, "width": vectors.n, "seed": 0, "positions": "last"}
        return {**facts, **measured, "layers": [{"name": name, **row} for row in rows], **about}

    return of


def answers(*models: dict[str, Any]) -> dict[str, str]:
    return {name: rule(models).answer for name, rule in RULES.items() if name != "untrained"}


def test_a_gaussian_cloud_is_like_its_controls_and_a_clustered_one_is_not(read: Read) -> None:
    plain, clusters = answers(read(gaussian(COUNT, N))), answers(read(clustered(COUNT, N)))
    for control in ("gaussian", "isotropic", "shuffled"):
        assert (plain[control], clusters[control]) == ("no", "yes"), control
    assert clusters["pairs"] == "yes"


def test_a_cloud_of_one_covariance_is_no_isotropic_one(read: Read) -> None:
    """Few long axes, which are not those of the coordinates: only the Gaussian with this covariance is like it."""
    turn = np.linalg.qr(gaussian(N, N, 1))[0]
    long = gaussian(COUNT, N) * np.where(np.arange(N) < 3, 1.0, 0.02) @ turn
    found = answers(read(long))
    assert (found["gaussian"], found["isotropic"], found["shuffled"]) == ("no", "yes", "yes")


@pytest.mark.parametrize(
    ("low", "high", "answer"), [(0.84, 0.86, "yes"), (0.94, 0.96, "no"), (0.5, 1.2, "no"), (1.2, 1.3, "no")]
)
def test_nearer_is_by_a_tenth_and_beyond_both_intervals(low: float, high: float, answer: str) -> None:
    controls = [{"control": "gaussian", "seed": seed, "mean": 1.0, "low": 0.99, "high": 1.01} for seed in (0, 1)]
    place = {"layer": "norm", "mean": (low + high) / 2, "low": low, "high": high, "controls": controls}
    one = {"name": "planted", "trained": True, "n": N, "at": [place]}
    assert RULES["gaussian"]([one]).answer == answer
    far = {**one, "at": [{**place, "controls": [*controls, {**controls[0], "low": 0.8}]}]}
    assert RULES["gaussian"]([far]).answer == "no", "one draw overlaps"


def test_rules_of_trained_models_leave_fresh_ones_out_and_the_other_way_round() -> None:
    at = [{"layer": "norm", "mean": doubled_radius(N)}]
    near = {"name": "near", "trained": True, "n": N, "at": at}
    far = {"name": "far", "trained": False, "n": N, "at": [{"layer": "norm", "mean": 100.0}]}
    assert RULES["agree"]([near, far]).answer == "yes"
    assert RULES["untrained"]([near, far]).answer == "no"
    assert [name for name, _ in RULES["untrained"]([near, far]).values] == ["far"]


def test_agreement_comes_and_goes_with_the_unit(read: Read) -> None:
    cloud = gaussian(COUNT, N)
    mean = float(neighbors(cloud.astype(np.float32))[:, 0].mean())
    fit = doubled_radius(N) / mean
    assert answers(read(fit * cloud))["agree"] == "yes"
    assert answers(read(3 * fit * cloud))["agree"] == "no"
    assert answers(read(1.3 * fit * cloud), read(1.4 * fit * cloud))["agree"] == "partly"


def test_layers_and_norm(read: Read) -> None:
    cloud = gaussian(COUNT, N)
    one = answers(read(cloud, 3 * cloud))
    other = answers(read(1.2 * cloud, cloud))
    assert (one["norm"], other["norm"]) == ("yes", "no")
    assert (one["layers"], other["layers"]) == ("yes", "yes"), "layer 0 is half of layer 1"
    flat = read(cloud)
    flat["layers"] = [row for row in flat["layers"] if row["layer"] != "0"]
    assert answers(flat)["layers"] == "no"


def test_duplicates_are_told_by_their_text(read: Read) -> None:
    cloud = gaussian(COUNT, N)
    cloud[1::2] = cloud[::2] + 1e-3
    ids = [IDS[i - i % 2] for i in range(COUNT)]
    assert distinct(ids).tolist() == [True, False] * (COUNT // 2)
    assert answers(read(cloud, ids=ids))["distinct"] == "no"
    assert answers(read(gaussian(COUNT, N)))["distinct"] == "yes"


def test_a_chunk_is_a_near_duplicate_if_more_than_half_of_its_runs_came_before() -> None:
    row = np.arange(40)
    half = np.concatenate([row[:20], np.arange(100, 120)])
    most = np.concatenate([row[:30], np.arange(200, 210)])
    assert distinct([row, half, most, row[:5], row[:5]]).tolist() == [True, True, False, True, False]


def test_fresh_weights_are_asked_for_the_order_alone(read: Read) -> None:
    cloud = gaussian(COUNT, N)
    for factor, answer in ((1, "yes"), (0.3, "yes"), (10, "no")):
        one = read(factor * cloud, trained=False)
        assert RULES["untrained"]([one]).answer == answer


def test_a_cloud_of_few_dimensions_thins_with_a_smaller_sample_and_one_of_many_does_not(read: Read) -> None:
    assert answers(read(gaussian(COUNT, 2) @ gaussian(2, N, 5)))["constant"] == "no"
    assert answers(read(gaussian(COUNT, 512)))["constant"] == "yes"


def test_the_fall_must_be_that_of_the_dimension(read: Read) -> None:
    one = read(gaussian(COUNT, N))
    place = next(place for place in one["at"] if place["layer"] == "norm")
    for row in place["subsets"]:
        row["mean"] = 3 * row["chunks"] ** (-1 / 8)
    for k, answer in ((8, "yes"), (7, "no"), (8.5, "yes"), (12, "no")):
        place["dimension"]["likelihood"] = k
        assert RULES["law"]([one]).answer == answer, k


@pytest.mark.parametrize("k", [2, 5])
def test_the_dimension_of_a_planted_cloud(k: int) -> None:
    near = neighbors(gaussian(2000, k) @ gaussian(k, 40, 3), 20)
    for inverse in (inverse_two_nearest(near), inverse_likelihood(near)):
        assert 1 / inverse.mean() == pytest.approx(k, rel=0.12)


def test_the_law_is_recovered_and_extrapolated() -> None:
    sizes = (100, 200, 400)
    law = fitted_law({seed: [(m, 3 * m**-0.25) for m in sizes] for seed in range(3)}, size=10_000)
    assert (law.exponent, law.at) == (pytest.approx(0.25), pytest.approx(3 * 10_000**-0.25))
    assert law.high - law.low == pytest.approx(0, abs=1e-9)
    with pytest.raises(ValueError, match="two seeds"):
        fitted_law({0: [(2, 1.0), (4, 0.5)]})


@pytest.mark.parametrize(("power", "answer"), [(0.5, "yes"), (0.0, "no"), (1.0, "no")])
def test_widths_follow_the_root_or_not(read: Read, power: float, answer: str) -> None:
    models = []
    for seed in (0, 1):
        for width in (8, 16, 32):
            cloud = gaussian(40, width, seed)
            cloud *= width**power / np.linalg.norm(cloud - np.roll(cloud, 1, 0), axis=1).mean()
            models.append(read(cloud, width=width, seed=seed))
    series = [row for one in models for row in one["layers"]]
    fits = {(one["at"], one["of"]): one for one in decisions(models, series)["widths"]}
    pairs = fits["norm", "distance"]["value"] - fits["norm", "over pairs"]["value"]
    assert pairs == pytest.approx(power, abs=0.05)
    exact = slope((8, 16, 32), {s: [width**power for width in (8, 16, 32)] for s in (0, 1)})
    assert follows_root(exact) == answer


def test_controls_keep_what_they_say() -> None:
    cloud = (gaussian(3000, 5) @ gaussian(5, 5, 1) + 7).astype(np.float32)
    made = {name: like(cloud, name, 0) for name in ("gaussian", "isotropic", "shuffled")}
    for name, one in made.items():
        assert one.dtype == cloud.dtype
        np.testing.assert_allclose(one.mean(0), cloud.mean(0), atol=0.2, err_msg=name)
        assert one.var(0).sum() == pytest.approx(cloud.var(0).sum(), rel=0.06)
    np.testing.assert_allclose(np.cov(made["gaussian"].T), np.cov(cloud.T), atol=0.4)
    np.testing.assert_array_equal(np.sort(made["shuffled"], 0), np.sort(cloud, 0))
    with pytest.raises(ValueError, match="gaussian, isotropic or shuffled"):
        like(cloud, "pairs", 0)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 40), st.integers(1, 6), st.integers(0, 99))
def test_nearest_distances_by_the_whole_matrix(count: int, n: int, seed: int) -> None:
    cloud = gaussian(count, n, seed)
    whole = cdist(cloud, cloud) + np.diag([np.inf] * count)
    np.testing.assert_allclose(neighbors(cloud)[:, 0], whole.min(1), rtol=1e-9)
    far = pair_distances(cloud, seed)
    assert (far >= whole.min(1) - 1e-9).all()
    assert (far > 0).all(), "a chunk is not its own pair"


def test_subsets_are_nested_and_shares_must_rise() -> None:
    parts = nested(np.random.default_rng(0).permutation(40), (0.25, 0.5, 1.0))
    assert [len(part) for part in parts.values()] == [10, 20, 40]
    assert set(parts[0.25]) < set(parts[0.5]) < set(parts[1.0])
    with pytest.raises(ValueError, match="shares must rise"):
        nested(np.arange(4), (0.5, 0.5))


def test_the_paper_s_own_numbers_are_close() -> None:
    assert CLOSE[0] < quotient(20, 1024) < CLOSE[1]
    assert quotient(20, 1024) == pytest.approx(1.2915, abs=1e-4)
    with pytest.raises(ValueError, match="readings"):
        RULES["agree"]([])
    with pytest.raises(ValueError, match="at least 2"):
        slope((8,), {0: [1.0], 1: [1.0]})
