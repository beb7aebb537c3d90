"""Several answers of one pass: right where float32 scores are not, at any tile, order, dtype, size and beta."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import torch
from torch import Tensor

from assocmem.memory import energy, knn, stream
from assocmem.memory.streaming import WANTS
from hard_data import KINDS, PRECISIONS, activations, distances, errors, reference, tiled


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_float32_agrees_with_float64_on_activations(kind: str, precision: str) -> None:
    x, patterns = activations(kind)
    for beta in (1.0, 0.02):
        result = stream(x, patterns, want=WANTS, beta=beta, k=10, precision=precision)  # type: ignore[arg-type]
        wrong = errors(result, x, patterns, beta, 10)
        assert wrong["distance"] < 1e-6
        assert wrong["index"] == 0
        assert wrong["energy"] < (1e-4 if precision == "ieee" else 5e-3)
        assert wrong["retrieval"] < 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_the_second_look_is_rare_on_activations(kind: str) -> None:
    x, patterns = activations(kind)
    assert stream(x, patterns, want=("nearest",), k=10).rescued <= len(x) // 20


@pytest.mark.parametrize("shape", [(32, 7), (48, 64), (512, 16), (4096, 512)])
def test_tiles_do_not_change_neighbors_nor_energies(shape: tuple[int, int]) -> None:
    x, patterns = activations("clusters", m=70, d=900, n=24)
    plain = stream(x, patterns, want=WANTS, beta=0.05, k=5)
    with tiled(*shape):
        result = stream(x, patterns, want=WANTS, beta=0.05, k=5)
    assert torch.equal(plain.indices, result.indices)
    assert torch.equal(plain.sq_distances, result.sq_distances)
    assert torch.allclose(plain.energy, result.energy, atol=1e-3)
    assert torch.allclose(plain.retrieval, result.retrieval, atol=1e-3)


@pytest.mark.parametrize("nearer", [True, False])
@pytest.mark.parametrize("beta", [1e-3, 0.3, 5.0])
def test_the_order_of_the_patterns_does_not_matter(nearer: bool, beta: float) -> None:
    make = torch.Generator().manual_seed(7)
    x = torch.randn(6, 3, generator=make, dtype=torch.float64) * 0.1
    patterns = torch.randn(800, 3, generator=make, dtype=torch.float64) * 3
    patterns = patterns[patterns.norm(dim=-1).argsort(descending=nearer)]
    value, mean = reference(x, patterns, beta)
    with tiled(32, 4):  # Nearer ones come last, so that every tile empties the list of all before, or never does.
        result = stream(x, patterns, want=WANTS, beta=beta, k=9)
    assert torch.allclose(result.energy, value, rtol=1e-12, atol=1e-12)
    assert torch.allclose(result.retrieval, mean, rtol=1e-12, atol=1e-12)
    assert torch.equal(result.indices, distances(x, patterns).topk(9, largest=False).indices)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("beta", [1e-30, 1e-3, 1.0, 1e4, 1e30])
def test_every_dtype_and_beta_agrees_with_float64(dtype: torch.dtype, beta: float) -> None:
    make = torch.Generator().manual_seed(3)
    x, patterns = torch.randn(20, 12, generator=make).to(dtype), torch.randn(300, 12, generator=make).to(dtype)
    true, mean = reference(x.double(), patterns.double(), beta)
    for path in (tiled(64, 8), tiled(4096, 64)):
        with path:
            result = stream(x, patterns, want=WANTS, beta=beta)
        tight = 1e-12 if dtype == torch.float64 else 3e-6
        assert torch.allclose(result.energy, true, rtol=tight, atol=tight)
        assert torch.allclose(result.retrieval.double(), mean, rtol=tight, atol=tight)


@pytest.mark.parametrize("size", [1e-18, 1e-3, 1e9, 1e18])
@pytest.mark.parametrize("small", [True, False])
def test_values_near_the_ends_of_float32_keep_their_neighbors(size: float, small: bool) -> None:
    make = torch.Generator().manual_seed(4)
    x, patterns = torch.randn(30, 6, generator=make) * size, torch.randn(400, 6, generator=make) * size
    true, index = distances(x, patterns).topk(3, largest=False)
    beta = 1.0 / size**2 if size < 1e18 else 1e-30
    with tiled(4096 if small else 128, 16):
        result = stream(x, patterns, want=WANTS, k=3, beta=beta)
    assert torch.equal(result.indices, index)
    assert torch.allclose(result.sq_distances.sqrt(), true, rtol=1e-6)
    value, mean = reference(x, patterns, beta)
    assert torch.allclose(result.energy, value, rtol=1e-5, atol=1e-6 / beta)
    assert torch.allclose(result.retrieval.double(), mean, rtol=1e-5, atol=1e-5 * size)


def test_a_query_far_from_all_patterns_gets_finite_results() -> None:
    make = torch.Generator().manual_seed(5)
    patterns = torch.randn(600, 5, generator=make)
    x = torch.tensor([[1e18, 0, 0, 0, 0], [1e10, -1e10, 0, 0, 0], [0.0, 0, 0, 0, 0]])
    with tiled(128, 2):
        result = stream(x, patterns, want=WANTS, k=2)
    value, mean = reference(x, patterns, 1.0)
    assert torch.allclose(result.energy, value, rtol=1e-6)
    assert bool(torch.isfinite(result.retrieval).all())
    assert torch.allclose(result.retrieval[2].double(), mean[2], atol=1e-5)


@pytest.mark.parametrize("beta", ["1e-30", "0.37", "50", "1e30"])
def test_energies_agree_with_fifty_digits(beta: str) -> None:
    make = torch.Generator().manual_seed(6)
    x, patterns = torch.randn(3, 4, generator=make).double(), torch.randn(40, 4, generator=make).double()
    with mpmath.workdps(50), tiled(32, 2):
        result = energy(x, patterns, beta=float(beta))
        b = mpmath.mpf(float(beta))
        for row, value in zip(x.tolist(), result.tolist(), strict=True):
            costs = [
                mpmath.fsum((mpmath.mpf(a) - mpmath.mpf(c)) ** 2 for a, c in zip(row, p, strict=True))
                for p in patterns.tolist()
            ]
            least = min(costs)
            true = least - mpmath.log(mpmath.fsum(mpmath.exp(-b * (c - least)) for c in costs)) / b
            assert abs(value - true) <= 1e-13 * max(1, abs(true))


def test_one_pattern_has_its_distance_as_energy() -> None:
    x = torch.tensor([[3.0, 4.0]])
    for path in (tiled(), tiled(16, 1)):
        with path:
            result = stream(x, torch.zeros(1, 2), want=WANTS, k=2)
        assert result.energy.tolist() == [25.0]
        assert result.sq_distances.tolist() == [[25.0, math.inf]]
        assert result.indices.tolist() == [[0, -1]]
        assert result.retrieval.tolist() == [[0.0, 0.0]]


def test_identical_patterns_count_in_full_and_tie_by_index() -> None:
    patterns = torch.full((3000, 3), 300.1)
    x = torch.full((2, 3), 299.9)
    with tiled(256, 2):
        result = stream(x, patterns, want=WANTS, k=4, beta=2.0)
    assert result.indices.tolist() == [[0, 1, 2, 3]] * 2
    assert torch.allclose(result.energy, distances(x, patterns)[:, 0].square() - math.log(3000) / 2, rtol=1e-6)
    assert torch.equal(result.retrieval, patterns[:2])


def test_no_query_gives_empty_results() -> None:
    result = stream(torch.empty(0, 3), torch.ones(5, 3), want=WANTS, k=2)
    assert result.energy.shape == (0,)
    assert result.indices.shape == (0, 2)
    assert result.retrieval.shape == (0, 3)


def test_memory_grows_with_m_plus_d_only(monkeypatch: pytest.MonkeyPatch) -> None:
    largest = 0
    keep = torch.addmm

    def watched(bias: Tensor, *args: Tensor, **kwargs: object) -> Tensor:
        nonlocal largest
        out = keep(bias, *args, **kwargs)  # type: ignore[call-overload]
        largest = max(largest, out.untyped_storage().nbytes())
        return out

    monkeypatch.setattr(torch, "addmm", watched)
    stream(torch.randn(6000, 4), torch.randn(9000, 4), want=("energy",))
    assert 0 < largest <= 1 << 24


@pytest.mark.parametrize("order", ["=", ">"])
def test_a_memmap_gives_what_a_tensor_gives(tmp_path: Path, order: str) -> None:
    x, patterns = activations("offset", m=40, d=700, n=16)
    stored = np.memmap(tmp_path / "p.bin", dtype=np.dtype(np.float32).newbyteorder(order), mode="w+", shape=(700, 16))
    stored[:] = patterns.numpy()
    stored.flush()
    read = np.memmap(tmp_path / "p.bin", dtype=stored.dtype, mode="r", shape=(700, 16))
    for path in (tiled(128, 16), tiled(4096, 64)):
        with path:
            plain, result = (stream(x, p, want=WANTS, beta=0.05, k=3) for p in (patterns, read))
        assert torch.equal(plain.indices, result.indices)
        assert torch.equal(plain.sq_distances, result.sq_distances)
        assert torch.equal(plain.energy, result.energy)
        assert torch.equal(plain.retrieval, result.retrieval)


def test_a_file_backed_tensor_is_read_in_blocks(tmp_path: Path) -> None:
    x, patterns = activations("offset", m=20, d=500, n=8)
    patterns.numpy().tofile(tmp_path / "p.bin")
    read = torch.from_file(str(tmp_path / "p.bin"), size=4000).view(500, 8)
    with tiled(64, 8):
        assert torch.equal(knn(x, read, 3)[1], knn(x, patterns, 3)[1])


@pytest.mark.parametrize(
    ("change", "error", "word"),
    [
        ({"want": ()}, ValueError, "want"),
        ({"want": ("energies",)}, ValueError, "want"),
        ({"k": 0}, ValueError, "k must be at least 1, got 0"),
        ({"k": 1.5}, TypeError, "k must be an int"),
        ({"beta": 0.0}, ValueError, "beta"),
        ({"precision": "bf16"}, ValueError, "precision"),
        ({"exclude_self": True}, ValueError, "exclude_self"),
        ({"patterns": np.zeros((2, 3), dtype=np.int64)}, TypeError, "patterns must be floating"),
        ({"patterns": torch.zeros(2, 3, dtype=torch.float64)}, TypeError, "dtype"),
        ({"patterns": torch.zeros(0, 3)}, ValueError, "patterns must hold"),
        ({"patterns": torch.full((2, 3), math.inf)}, ValueError, "patterns must be finite"),
        ({"patterns": [[0.0]]}, TypeError, "numpy"),
    ],
)
def test_bad_input_names_the_argument(change: dict, error: type, word: str) -> None:
    arguments = {"patterns": torch.zeros(2, 3)} | change
    with pytest.raises(error, match=word):
        stream(torch.zeros(4, 3), **arguments)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_tight_clusters_at_any_beta_find_a_nearest_pattern_missing_from_the_list(precision: str) -> None:
    make = torch.Generator().manual_seed(0)
    patterns = 300.0 * torch.randn(5, 64, generator=make).repeat(80, 1) + 0.02 * torch.randn(400, 64, generator=make)
    x = patterns[:50] + 0.01 * torch.randn(50, 64, generator=make)
    for beta in (1e4, 1e38):
        with tiled(64, 16):
            result = stream(x, patterns, want=WANTS, beta=beta, precision=precision)  # type: ignore[arg-type]
        value, mean = reference(x, patterns, beta)
        assert float((result.energy / value - 1).abs().max()) < 1e-5
        assert float((result.retrieval - mean).abs().max()) < 1e-3


@pytest.mark.parametrize("beta", [1e-60, 1e38])
def test_extreme_betas_do_not_make_nan_of_ties(beta: float) -> None:
    make = torch.Generator().manual_seed(0)
    patterns = 40.0 * torch.randint(-1, 2, (300, 3), generator=make).float() + 4096.0
    x = patterns[:30].clone()
    with tiled(48, 16):
        result = stream(x, patterns, want=WANTS, beta=beta, precision="tf32")
    value = -torch.logsumexp(-beta * distances(x, patterns).square(), -1)
    assert float((beta * result.energy - value).abs().max()) < (1e-5 if beta < 1 else math.log(300.0))
    weights = torch.softmax(-beta * distances(x, patterns).square(), -1)
    assert float((result.retrieval - weights @ patterns.double()).abs().max()) < 1e-2


def test_duplicates_outside_the_list_err_alike() -> None:
    make = torch.Generator().manual_seed(0)
    patterns = 60.0 * torch.randn(10, 8, generator=make).repeat(50, 1)
    with tiled(32, 16):
        result = stream(patterns[:200], patterns, want=("energy",))
        sharp = stream(patterns[:200] + 0.5, patterns, want=("energy",))
    assert float((result.energy / reference(patterns[:200], patterns, 1.0)[0] - 1).abs().max()) < 1e-5
    true = reference(patterns[:200] + 0.5, patterns, 1.0)[0]
    assert float(((sharp.energy - true).abs() / true.abs().clamp(min=1)).max()) < 1e-5


def test_a_query_at_the_center_keeps_its_neighbors_where_fewer_than_k_are_left() -> None:
    with tiled(16, 4):
        result = stream(torch.ones(3, 2), want=WANTS, k=5, exclude_self=True)
    assert result.indices is not None
    assert result.indices.tolist() == [[1, 2, -1, -1, -1], [0, 2, -1, -1, -1], [0, 1, -1, -1, -1]]
    assert result.sq_distances is not None
    assert result.sq_distances[:, :2].tolist() == [[0.0, 0.0]] * 3


@pytest.mark.parametrize("exclude_self", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_an_outlier_at_1e28_does_not_spoil_energies_near_one(dtype: torch.dtype, exclude_self: bool) -> None:
    make = torch.Generator().manual_seed(0)
    patterns = torch.randn(200, 8, generator=make, dtype=dtype)
    patterns[60] *= 1e28
    with tiled(64, 16):
        result = stream(patterns, want=WANTS, exclude_self=exclude_self)
    costs = distances(patterns, patterns).square()
    if exclude_self:
        costs.fill_diagonal_(math.inf)
    near = torch.arange(200) != 60
    value, mean = -torch.logsumexp(-costs, -1), torch.softmax(-costs, -1) @ patterns.double()
    assert result.energy is not None
    assert result.retrieval is not None
    assert float((result.energy - value)[near].abs().max()) < 1e-9
    assert float((result.retrieval - mean)[near].abs().max()) < 1e-5


@pytest.mark.parametrize("small", [True, False])
def test_a_query_with_no_pattern_left_has_infinite_energy(small: bool) -> None:
    points = torch.ones(1, 2)
    if small:
        assert float(stream(points, want=("energy",), exclude_self=True).energy) == math.inf
        return
    with tiled(16, 4):
        assert float(stream(points, want=("energy",), exclude_self=True).energy) == math.inf


@pytest.mark.parametrize("small", [True, False])
def test_a_query_with_no_pattern_left_has_a_finite_retrieval_that_shards_can_weigh_by_zero(small: bool) -> None:
    points = torch.ones(1, 2)
    if small:
        result = stream(points, want=WANTS, exclude_self=True)
    else:
        with tiled(16, 4):
            result = stream(points, want=WANTS, exclude_self=True)
    assert result.retrieval is not None
    assert bool(torch.isfinite(result.retrieval).all())


def test_tiles_of_points_without_coordinates() -> None:
    with tiled(16, 4):
        result = stream(torch.ones(40, 0), torch.ones(90, 0), want=WANTS, k=3)
    assert result.indices is not None
    assert result.indices.tolist() == [[0, 1, 2]] * 40
    assert torch.allclose(result.energy, torch.tensor(-math.log(90.0), dtype=torch.float64))


def test_lists_longer_than_a_tile_is_wide() -> None:
    x, patterns = activations("offset", m=20, d=200, n=16)
    with tiled(16, 4):
        result = stream(x, patterns, want=WANTS, beta=0.01, k=40)
    wrong = errors(result, x, patterns, 0.01, 40)
    assert wrong["index"] == 0
    assert wrong["energy"] < 1e-3
    assert wrong["retrieval"] < 1e-3


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("beta", [10.0, 100.0, 1e3, 1e5])
@pytest.mark.parametrize(("size", "radius"), [(18, 0.05), (18, 0.15), (24, 0.15), (24, 0.4)])
def test_clusters_a_little_larger_than_the_list_far_out(size: int, radius: float, beta: float, precision: Any) -> None:
    """A few patterns of each cluster are not listed, and scores are wrong by as much as the patterns differ."""
    make = torch.Generator().manual_seed(5)
    centers = torch.randn(40, 16, generator=make) * 75
    patterns = centers.repeat_interleave(size, 0) + radius * torch.randn(40 * size, 16, generator=make)
    x = centers.repeat_interleave(25, 0) + 0.3 * radius * torch.randn(1000, 16, generator=make)
    patterns = torch.cat([patterns, torch.randn(3000, 16, generator=make) * 75])
    exact = torch.cdist(x.double(), patterns.double(), compute_mode="donot_use_mm_for_euclid_dist").square()
    right = -torch.logsumexp(-beta * exact, 1)
    result = stream(x, patterns, beta=beta, precision=precision)
    assert result.energy is not None
    assert result.indices is not None
    off = (beta * result.energy - right).abs() / right.abs().clamp(min=1)
    assert off.max() < 1e-5
    assert torch.equal(result.indices[:, 0], exact.argmin(1))
