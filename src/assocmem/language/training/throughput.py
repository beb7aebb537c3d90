"""How fast a training ran: tokens a second, and the share of the machine's arithmetic that the model's own work fills.

The work of a token, forward and backward, is counted as 6 N + 12 T d_attn floating-point operations, for N weights
without the tables that are only looked up in (positions, and an input table of its own) and heads that span d_attn
columns over all layers, on rows of T tokens: the count of PaLM (Chowdhery et al. 2022, Appendix B) and of nanoGPT, in
which a causal mask saves nothing. MFU, model FLOP utilization, is that work per second over the peak of the machine.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel, TrainerCallback

__all__ = ["Clock", "Peak", "flop_per_token", "peak", "weights"]

DENSE_BFLOAT16 = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L40S": 362e12, "RTX 4090": 165e12}
"""Dense bfloat16 tensor-core FLOP per second from NVIDIA's data sheets (SXM forms), by what the device's name holds."""


@dataclass(frozen=True)
class Peak:
    """What a device can do.

    Attributes
    ----------
    flops : float
        FLOP per second.
    source : str
        Where the number is from.
    """

    flops: float
    source: str


class Clock(TrainerCallback):
    """Wall time of updates alone, between points where the device has finished its work: where a loss is logged.

    What evaluations and checkpoints take is left out. The first stretch of updates, in which kernels are compiled,
    counts only if there is no other.
    """

    def __init__(self) -> None:
        self.stretches: list[tuple[int, float]] = []
        self._from: tuple[int, float] | None = None

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self._from is None:
            self._start(state)

    def on_log(self, args: Any, state: Any, control: Any, **event: Any) -> None:
        if self._from is not None and "loss" in event["logs"]:
            self.stretches.append((state.global_step - self._from[0], time.perf_counter() - self._from[1]))
            self._start(state)

    def on_evaluate(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._start(state)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._start(state)

    def _start(self, state: Any) -> None:
        self._from = state.global_step, time.perf_counter()

    def per_second(self) -> float | None:
        """The rate of this process.

        Returns
        -------
        float or None
            Updates a second; None where nothing was timed.
        """
        timed = self.stretches[1:] or self.stretches
        seconds = sum(s for _, s in timed)
        return sum(n for n, _ in timed) / seconds if seconds else None


def weights(model: PreTrainedModel) -> int:
    """Count the weights that work on a token.

    Parameters
    ----------
    model : PreTrainedModel
        The model.

    Returns
    -------
    int
        All, tied ones once, but those of tables that are only looked up in.
    """
    head = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    used = {id(head.weight)} if head is not None else set()
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)} - used
    return sum(p.numel() for p in model.parameters() if id(p) not in tables)


def flop_per_token(model: PreTrainedModel, length: float) -> float:
    """FLOP of one token, forward and backward.

    Parameters
    ----------
    model : PreTrainedModel
        The model.
    length : float
        Tokens of a row.

    Returns
    -------
    float
        The count of the module's docstring.

    Raises
    ------
    ValueError
        For a model whose configuration does not say how many layers and heads it has and how wide.
    """
    config = model.config
    layers, width = getattr(config, "num_hidden_layers", None), getattr(config, "hidden_size", None)
    heads = getattr(config, "num_query_heads", None) or getattr(config, "num_attention_heads", None)
    if layers is None or width is None or heads is None:
        raise ValueError(
            f"the configuration of {type(model).__name__} lacks num_hidden_layers, hidden_size or num_attention_heads"
        )
    if isinstance(heads, list):
        spanned = sum(heads) * config.head_dim
    else:
        spanned = layers * heads * (getattr(config, "head_dim", None) or width // heads)
    return float(6 * weights(model) + 12 * length * spanned)


def peak(device: torch.device, *, bfloat16: bool) -> Peak | None:
    """The peak of a device: the data sheet's for known GPUs in bfloat16, else the rate of a float32 matrix product.

    The product is timed here, in about a second, on the threads that torch uses.

    Parameters
    ----------
    device : torch.device
        The device.
    bfloat16 : bool
        Whether it trains in that precision.

    Returns
    -------
    Peak or None
        None for a GPU that is not in the list, in bfloat16.
    """
    if device.type == "cuda" and bfloat16:
        name = torch.cuda.get_device_name(device)
        for part, flops in DENSE_BFLOAT16.items():
            if part in name:
                return Peak(flops, f"data sheet, dense bfloat16, {part}")
        return None
    side = 4096 if device.type == "cuda" else 1024
    matrix = torch.ones(side, side, device=device)
    times = [_timed(matrix, device) for _ in range(5)]
    return Peak(2 * side**3 / min(times[1:]), f"float32 product of {side} x {side} matrices, timed in the run")


def _timed(matrix: torch.Tensor, device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    began = time.perf_counter()
    matrix @ matrix
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - began
