"""Speed of a training: FLOP against torch's own counter, and a clock that stands still while nothing is trained."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, PreTrainedModel

from assocmem.language.models.openelm import OpenElmForCausalLM
from assocmem.language.models.openelm_config import OpenElmConfig
from assocmem.language.models.vanilla import vanilla
from assocmem.language.training import throughput
from assocmem.language.training.throughput import Clock, flop_per_token, peak, weights
from assocmem.language.training.train import _rows_an_update

LENGTH = 64


def opt() -> PreTrainedModel:
    return vanilla(vocabulary=300, layers=3, width=64, heads=4, context=LENGTH)


def gpt2() -> PreTrainedModel:
    return GPT2LMHeadModel(GPT2Config(vocab_size=300, n_positions=LENGTH, n_embd=64, n_layer=3, n_head=4))


def openelm() -> PreTrainedModel:
    return OpenElmForCausalLM(
        OpenElmConfig(
            vocab_size=300,
            hidden_size=64,
            num_hidden_layers=3,
            head_dim=16,
            num_query_heads=[2, 4, 6],
            num_kv_heads=[1, 2, 3],
            intermediate_sizes=[64, 128, 192],
        )
    )


def llama() -> PreTrainedModel:
    """Heads that together are narrower than the model, and an input table of its own."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=300,
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=3,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=8,
            tie_word_embeddings=False,
        )
    )


@pytest.mark.parametrize("make", [opt, gpt2, openelm, llama])
def test_flop_against_the_counter(make: Callable[[], PreTrainedModel]) -> None:
    """The counter sees matrix products, attention without its mask; the formula adds 6 for each bias and norm weight.

    So the formula is the larger one, by less than 2% here. Attention is a tenth of the whole, and its share must fit:
    the counts on rows half as long differ from those on whole ones by the same number of FLOP a token.
    """
    counted = {}
    for length in (LENGTH // 2, LENGTH):
        model = make()
        model.set_attn_implementation("eager")
        ids = torch.randint(0, 300, (2, length))
        with FlopCounterMode(display=False) as counter:
            model(input_ids=ids, labels=ids).loss.backward()
        counted[length] = counter.get_total_flops() / ids.numel()
        ratio = flop_per_token(model, length) / counted[length]
        assert 1.0 <= ratio < 1.02, (length, ratio)
    difference = flop_per_token(model, LENGTH) - flop_per_token(model, LENGTH // 2)
    assert difference == pytest.approx(counted[LENGTH] - counted[LENGTH // 2], rel=1e-6)


def test_weights_that_work() -> None:
    """Tied tables once; positions, and an input table beside an output layer, not at all."""
    assert weights(opt()) == opt().num_parameters() - 64 * (LENGTH + 2)
    assert weights(gpt2()) == gpt2().num_parameters() - 64 * LENGTH
    assert weights(openelm()) == openelm().num_parameters()
    assert weights(llama()) == llama().num_parameters() - 300 * 64


def test_a_configuration_without_sizes_is_named() -> None:
    model = opt()
    model.config = SimpleNamespace(num_hidden_layers=3)
    with pytest.raises(ValueError, match="OPTForCausalLM lacks num_hidden_layers, hidden_size or"):
        flop_per_token(model, 8)


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be set by hand."""
    now = [0.0]
    monkeypatch.setattr(throughput.time, "perf_counter", lambda: now[0])
    return now


def test_the_clock_stands_still_for_evaluations_and_checkpoints(hand: list[float]) -> None:
    """Twenty updates of one second, the first ten of three; ten seconds for an evaluation, a hundred for a save."""
    clock, state = Clock(), SimpleNamespace(global_step=0)
    event: dict[str, Any] = {"args": None, "state": state, "control": None}
    for step in range(30):
        clock.on_step_begin(**event)
        hand[0] += 3.0 if step < 10 else 1.0
        state.global_step += 1
        if state.global_step % 5 == 0:
            clock.on_log(**event, logs={"loss": 1.0})
            clock.on_log(**event, logs={"eval_held_out": 1.0})
        if state.global_step % 10 == 0:
            hand[0] += 100.0
            clock.on_save(**event)
        elif state.global_step % 5 == 0:
            hand[0] += 10.0
            clock.on_evaluate(**event)
    assert clock.stretches == [(5, 15.0)] * 2 + [(5, 5.0)] * 4
    assert clock.per_second() == pytest.approx(25 / 35)


def test_a_clock_that_saw_little(hand: list[float]) -> None:
    clock = Clock()
    assert clock.per_second() is None
    event: dict[str, Any] = {"args": None, "state": SimpleNamespace(global_step=0), "control": None}
    clock.on_step_begin(**event)
    hand[0] += 2.0
    event["state"].global_step = 4
    clock.on_log(**event, logs={"loss": 1.0})
    assert clock.per_second() == 2.0


@pytest.mark.parametrize(("steps", "rows", "mean"), [(6, 12, 4.0), (3, 11, 11 / 3), (6, 11, 11 / 3), (4, 11, 15 / 4)])
def test_rows_an_update(steps: int, rows: int, mean: float) -> None:
    """Batches of 4; a pass over 11 rows takes 4, 4 and 3."""
    assert _rows_an_update(4, steps, rows) == pytest.approx(mean)


def test_peak_of_this_processor() -> None:
    """A product takes no less time than the best that is timed directly, within what a busy machine blurs."""
    roof = peak(torch.device("cpu"), bfloat16=False)
    assert roof is not None
    matrix, times = torch.ones(1024, 1024), []
    for _ in range(5):
        began = time.perf_counter()
        matrix @ matrix
        times.append(time.perf_counter() - began)
    assert 0.1 < roof.flops / (2 * 1024**3 / min(times)) < 10
    assert "float32 product" in roof.source


@pytest.mark.parametrize(("name", "flops"), [("NVIDIA H100 80GB HBM3", 989e12), ("NVIDIA H200", 989e12), ("GPU", None)])
def test_peak_of_a_gpu(name: str, flops: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: name)
    roof = peak(torch.device("cuda"), bfloat16=True)
    assert (roof.flops if roof else None) == flops
