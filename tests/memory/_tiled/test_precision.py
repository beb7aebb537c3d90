"""Products keep their precision: the caller's settings neither reach them nor are changed."""

from __future__ import annotations

import pytest
import torch

from assocmem.memory import retrieve, stream
from assocmem.memory._tiled import precision as _precision
from assocmem.memory.streaming import WANTS
from hard_data import activations, tiled


def _settings() -> tuple[object, ...]:
    result: list[object] = [torch.backends.cuda.matmul.fp32_precision, torch.backends.mkldnn.matmul.fp32_precision]
    try:
        result.append(torch.get_float32_matmul_precision())
    except RuntimeError:
        result.append("mixed")
    return tuple(result)


@pytest.mark.skipif(not hasattr(torch.backends.cuda.matmul, "fp32_precision"), reason="older torch")
@pytest.mark.parametrize("setting", ["highest", "high", "medium", "mixed"])
def test_somebody_elses_precision_neither_leaks_in_nor_is_changed(setting: str) -> None:
    first = torch.get_float32_matmul_precision()
    try:
        if setting == "mixed":
            torch.backends.cuda.matmul.fp32_precision = "tf32"
        else:
            torch.set_float32_matmul_precision(setting)
        before = _settings()
        with _precision.matmul_precision(torch.device("cpu"), "ieee"):
            inside = _settings()
        assert inside[:2] == ("ieee", "ieee")
        assert _settings() == before
        with pytest.raises(RuntimeError, match="stop"), _precision.matmul_precision(torch.device("cpu"), "tf32"):
            raise RuntimeError("stop")
        assert _settings() == before
    finally:
        torch.backends.cuda.matmul.fp32_precision = "ieee"
        torch.set_float32_matmul_precision(first)


def test_autocast_does_not_reach_the_scores() -> None:
    x, patterns = activations("clusters", m=40, d=700, n=16)
    with tiled(128, 16):
        plain = stream(x, patterns, want=WANTS, k=3)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            result = stream(x, patterns, want=WANTS, k=3)
            mean = retrieve(x, patterns)
    assert torch.equal(plain.energy, result.energy)
    assert torch.equal(plain.retrieval, result.retrieval)
    assert mean.dtype == torch.float32
