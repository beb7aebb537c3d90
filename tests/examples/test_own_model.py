"""The guide's model looks only back, attends alike by every attention function, and goes through both experiments."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from assocmem.examples.own_model import OwnConfig, OwnModel
from assocmem.experiments.attention import config as attention_config
from assocmem.experiments.attention import run as attention
from assocmem.experiments.training import config as training_config
from assocmem.experiments.training import run as training
from assocmem.language import capture


@pytest.fixture
def model() -> OwnModel:
    torch.manual_seed(0)
    made: OwnModel = OwnModel(OwnConfig(initializer_range=0.4)).eval()
    return made


TOKENS = torch.randint(1024, (24,), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def test_no_position_sees_a_later_one(model: OwnModel) -> None:
    other = TOKENS.clone()
    other[12:] = (other[12:] + 7) % 1024
    one, two = model(TOKENS[None]).logits, model(other[None]).logits
    torch.testing.assert_close(one[:, :12], two[:, :12])
    assert not torch.allclose(one[:, 12:], two[:, 12:])


@torch.no_grad()
def test_every_attention_function_gives_the_same(model: OwnModel) -> None:
    expected = model(TOKENS[None]).logits
    model.set_attn_implementation("eager")
    torch.testing.assert_close(model(TOKENS[None]).logits, expected)
    model.set_attn_implementation("sdpa")
    (layer,) = capture(model, TOKENS).layers
    scores = layer.queries @ layer.keys.mT * layer.scale
    torch.testing.assert_close(layer.weights, scores.masked_fill(~layer.allowed, -torch.inf).softmax(-1))
    loss = torch.nn.functional.cross_entropy(expected[0, :-1], TOKENS[1:])
    torch.testing.assert_close(model(TOKENS[None], labels=TOKENS[None]).loss, loss)
    assert capture(model, TOKENS).loss_nats == pytest.approx(float(loss), rel=1e-5)


@pytest.mark.slow
def test_it_is_trained_and_measured_though_it_keeps_no_cache(tmp_path: Path) -> None:
    assert not hasattr(OwnConfig(), "use_cache")
    OwnConfig().save_pretrained(tmp_path / "own")
    settings = training_config.configure("smoke", {"model": str(tmp_path / "own"), "steps": 60, "device": "cpu"})
    record = training.run(settings, out=tmp_path)
    assert record.summary["held_out_nats"] < math.log(1024) - 0.2
    folder = str(tmp_path / record.name / "model")
    measured = attention.run(attention_config.configure("smoke", {"model": folder, "texts": 2, "length": 32}))
    assert len(measured.series) == OwnConfig().num_attention_heads
    assert measured.config["models"][0]["identity_residual"] < 1e-4
