"""The compiled epilogue: the same energies, asked for explicitly, and only where nobody needs the weights."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
import torch

from assocmem.memory import compiled, energy, stream
from assocmem.memory._tiled import epilogue

BETAS = (1e-7, 0.01, 1.0, 1e5)
"""The first and the last are outside the range in which beta is multiplied into the product."""


def points(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    """Spread so that far patterns matter at the smaller betas; two tiles and a part of patterns on a CPU."""
    make = torch.Generator().manual_seed(3)
    x, p = (torch.randn(rows, 9, generator=make, dtype=torch.float64).to(dtype) for rows in (40, 33_000))
    return x, p


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the kernel is called with, which is here the plain function."""
    arguments: list[tuple[Any, ...]] = []

    def spy(*these: Any) -> torch.Tensor:
        arguments.append(these)
        return epilogue.row_sums(*these)

    monkeypatch.setattr(epilogue, "_fused", lambda: spy)
    return arguments


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("beta", BETAS)
def test_energies_are_the_same(beta: float, dtype: torch.dtype, calls: list[tuple[Any, ...]]) -> None:
    x, p = points(dtype)
    plain = energy(x, p, beta=beta)
    assert not calls
    with compiled():
        result = energy(x, p, beta=beta)
    assert calls or beta == 1e5
    torch.testing.assert_close(result, plain, rtol=1e-6 if dtype == torch.float32 else 1e-13, atol=0.0)


def test_weights_that_a_retrieval_needs_are_formed(calls: list[tuple[Any, ...]]) -> None:
    x, p = points(torch.float32)
    plain = stream(x, p, want=("energy", "retrieval"), beta=0.01)
    with compiled():
        result = stream(x, p, want=("energy", "retrieval"), beta=0.01)
    assert not calls
    assert plain.retrieval is not None
    assert result.retrieval is not None
    assert torch.equal(plain.retrieval, result.retrieval)


def test_it_ends_with_its_block_though_an_error_ends_that(calls: list[tuple[Any, ...]]) -> None:
    x, p = points(torch.float32)
    with pytest.raises(ZeroDivisionError), compiled():
        raise ZeroDivisionError
    energy(x, p, beta=0.01)
    assert not calls


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler on a CPU")
def test_the_kernel_compiles_and_agrees() -> None:
    x, p = points(torch.float32)
    plain = energy(x, p, beta=0.01)
    with compiled():
        torch.testing.assert_close(energy(x, p, beta=0.01), plain, rtol=1e-6, atol=0.0)
