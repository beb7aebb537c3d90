"""Faults that people reported of other libraries, each on a small input that shows it there: none of them is here.

The reports are named by project and number; what each test says of the fault is in its name.
"""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import torch
from torch import Tensor

from assocmem.memory import DistanceMemory, energy, knn, mchn_energy, nearest_sq_distance, retrieve
from assocmem.memory import metrics as by_metric
from assocmem.theory.exact.ball_integrals import log_ball_integral
from hard_data import tiled


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_pytorch_42479_a_distance_of_109_between_large_numbers_is_not_0() -> None:
    x, patterns = torch.tensor([[512695.0]]), torch.tensor([[512804.0]])
    assert float(knn(x, patterns)[0]) == 109
    many = 512000 + torch.arange(3000.0)[:, None]
    with tiled(512, 64):
        assert torch.equal(knn(many[:50], many[1000:])[0].squeeze(), 1000 - torch.arange(50.0))


def test_pytorch_57690_123082_the_distance_to_itself_is_0() -> None:
    x = 30 * normal(400, 64)
    with tiled():
        distances, index = knn(x, x)
    assert not bool(distances.any())
    assert torch.equal(index[:, 0], torch.arange(400))


def test_pytorch_37154_37237_duplicates_have_finite_gradients() -> None:
    rows = normal(30, 4).repeat(3, 1)
    for value in (
        lambda x: energy(x, x).sum(),
        lambda x: nearest_sq_distance(x, x.detach().clone()).sum(),
        lambda x: by_metric.nearest_distance(x, x.detach().clone(), metric="euclidean").sum(),
        lambda x: energy(x, metric="l1").sum(),
        lambda x: energy(x, metric="euclidean").sum(),
        lambda x: knn(x, k=3)[0].sum(),
    ):
        x = rows.clone().requires_grad_()
        (slope,) = torch.autograd.grad(value(x), x)
        assert bool(torch.isfinite(slope).all())


def test_pytorch_27209_49928_many_queries_have_their_gradients() -> None:
    x = normal(70000, 2).requires_grad_()
    patterns = normal(3, 2, seed=1)
    (slope,) = torch.autograd.grad(energy(x, patterns).sum(), x)
    with torch.no_grad():
        assert torch.allclose(slope, 2 * (x - retrieve(x, patterns)), atol=1e-5)


@pytest.mark.slow
def test_pytorch_30583_more_rows_than_the_root_of_an_int32() -> None:
    x = normal(46400, 2)
    rows = torch.arange(0, 46400, 4640)
    true = torch.cdist(x[rows].double(), x.double(), compute_mode="donot_use_mm_for_euclid_dist")
    true[torch.arange(10), rows] = math.inf
    assert torch.allclose(knn(x, exclude_self=True)[0][rows, 0].double(), true.amin(-1), rtol=1e-6)


def test_pytorch_136748_half_precision_is_exact_in_float32() -> None:
    x, patterns = normal(1, 4096).half(), normal(32, 4096, seed=1).half()
    true = (x.double() - patterns.double()).norm(dim=-1).amin()
    distance = knn(x, patterns)[0]
    assert distance.dtype == torch.float32
    assert float(distance) == pytest.approx(float(true), rel=1e-6)


@pytest.mark.parametrize("far", [1e10, 1e19])
def test_pytorch_31829_49724_far_patterns_give_no_nan_in_the_gradient(far: float) -> None:
    x = normal(3, 2).requires_grad_()
    value = energy(x, normal(5, 2, seed=1) + far)
    (slope,) = torch.autograd.grad(value.sum(), x)
    assert not bool(torch.isnan(value).any() | torch.isnan(slope).any())
    if far < 1e15:
        assert torch.allclose(slope / far, torch.full_like(slope, -2), rtol=1e-6)


def test_pytorch_103963_103749_a_query_without_a_pattern_is_named_not_nan() -> None:
    x = normal(1, 3)
    for function in (energy, retrieve):
        with pytest.raises(ValueError, match="at least two rows"):
            function(x, exclude_self=True)
    assert knn(x, exclude_self=True) == (torch.tensor([[math.inf]]), torch.tensor([[-1]]))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_pytorch_101967_one_bad_pattern_is_named_and_spoils_nothing(bad: float) -> None:
    patterns = normal(5, 3)
    patterns[2, 1] = bad
    with pytest.raises(ValueError, match="patterns must be finite"):
        retrieve(normal(2, 3), patterns)


def test_pytorch_112577_187506_strided_input_is_right() -> None:
    base = normal(24, 24)
    for x, patterns in (
        (base.T[:5], base[::2]),
        (base[::3, ::2], base.T[:, 1::2]),
        (base[:1].expand(4, 24), base.flip(0)),
    ):
        same = x.contiguous(), patterns.contiguous()
        assert torch.allclose(energy(x, patterns), energy(*same), atol=1e-5)
        assert torch.allclose(retrieve(x, patterns), retrieve(*same), atol=1e-5)
        assert torch.allclose(DistanceMemory(patterns)(x), DistanceMemory(same[1])(same[0]), atol=1e-5)


def test_faiss_1272_1174_a_point_finds_itself_first_at_0() -> None:
    x = normal(500, 50)
    x = x / x.norm(dim=-1, keepdim=True) + 5
    with tiled():
        distances, index = knn(x, x.clone(), 2)
    assert not bool(distances[:, 0].any())
    assert torch.equal(index[:, 0], torch.arange(500))


def test_faiss_1201_scikit_learn_16512_a_duplicate_is_not_dropped_in_place_of_the_point() -> None:
    x = normal(20, 3).repeat(2, 1)
    distances, index = knn(x, exclude_self=True)
    assert not bool(distances.any())
    assert torch.equal(index[:, 0], (torch.arange(40) + 20) % 40)


def test_faiss_563_a_distance_does_not_depend_on_how_many_are_asked_for() -> None:
    x, patterns = normal(64, 32), normal(700, 32, seed=1)
    with tiled(128, 16):
        every = knn(x, patterns, 3)
        for count in (1, 5):
            some = knn(x[:count], patterns, 3)
            assert all(torch.equal(a[:count], b) for a, b in zip(every, some, strict=True))


def test_faiss_5327_zero_padding_changes_no_distance() -> None:
    x, patterns = torch.tensor([[1000.0, 1.0]]), torch.tensor([[1000.0, 2.0]])
    for width in (0, 62, 1022):
        padded = [torch.nn.functional.pad(v, (0, width)) for v in (x, patterns)]
        with tiled():
            assert float(knn(*padded)[0]) == 1


def test_faiss_1206_3830_more_neighbors_than_patterns_are_inf_and_minus_one() -> None:
    x = normal(25, 3)
    distances, index = knn(x, normal(4, 3, seed=1), 6)
    assert bool(torch.isinf(distances[:, 4:]).all())
    assert bool((index[:, 4:] == -1).all())
    with pytest.raises(ValueError, match="patterns must hold at least one row"):
        knn(x, torch.empty(0, 3))


@pytest.mark.parametrize("limit", [1 << 20, -1])
def test_keops_216_large_arguments_have_a_moderate_gradient(limit: int) -> None:
    make = torch.Generator().manual_seed(0)
    x, patterns = (11 * torch.rand(count, 147, generator=make) for count in (2, 300))
    x.requires_grad_()
    with tiled(64, 8, dense_limit=limit):
        (slope,) = torch.autograd.grad(energy(x, patterns).sum(), x)
    wide = x.detach().double().requires_grad_()
    costs = (wide[:, None] - patterns.double()).square().sum(-1)
    (true,) = torch.autograd.grad(-torch.logsumexp(-costs, -1).sum(), wide)
    assert torch.allclose(slope.double(), true, rtol=1e-5, atol=1e-4)


def test_hopfield_layers_12_17_a_stored_picture_is_retrieved_from_noise() -> None:
    make = torch.Generator().manual_seed(0)
    pictures = torch.randint(0, 256, (5, 784), generator=make).float()
    noisy = pictures + 20 * torch.randn(5, 784, generator=make)
    assert torch.equal(retrieve(noisy, pictures), pictures)
    assert torch.allclose(retrieve(noisy, pictures, beta=1e-4), pictures, atol=1e-3)


def test_hopfield_layers_14_the_energy_is_that_of_the_formula() -> None:
    x, patterns = normal(6, 4), normal(9, 4, seed=1)
    beta = 0.8
    wide, other = x.double(), patterns.double()
    true = wide.square().sum(-1) / 2 - torch.logsumexp(beta * wide @ other.T, -1) / beta
    true += math.log(9) / beta + float(other.square().sum(-1).max()) / 2
    assert torch.allclose(mchn_energy(x, patterns, beta=beta).double(), true, rtol=1e-6)


def test_scikit_learn_9354_13410_13905_27531_near_points_far_out_keep_their_distance() -> None:
    x = torch.full((1, 1000), 1.0)
    patterns = torch.full((3, 1000), 1.001)
    true = float((x.double() - patterns.double())[0].norm())
    with tiled(16, 4):
        assert float(knn(x, patterns)[0]) == pytest.approx(true, rel=1e-6)
        assert float(knn(2.0**60 * x, 2.0**60 * patterns)[0]) == pytest.approx(true * 2.0**60, rel=1e-6)
        assert float(knn(x, x.repeat(3, 1))[0]) == 0


def test_scipy_8424_5349_17120_the_logarithm_of_a_ball_stays_finite_in_many_dimensions() -> None:
    n = 24576
    value = float(np.asarray(log_ball_integral(n, 1.0)))
    with mpmath.workdps(30):  # pi^a times the regularized gamma function P(a, 1), a = n/2, by its series.
        a = mpmath.mpf(n) / 2
        true = a * mpmath.log(mpmath.pi) - 1 - mpmath.loggamma(a + 1) + mpmath.log(mpmath.hyp1f1(1, a + 1, 1))
    assert math.isfinite(value)
    assert value == pytest.approx(float(true), rel=1e-13)
