"""Training: what the losses mean, which rows an update takes, where it stops, and what it leaves as it was."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedModel, set_seed

import training_runs as runs
from assocmem.language.files import write_text
from assocmem.language.models.openelm import OpenElmForCausalLM
from assocmem.language.models.openelm_config import OpenElmConfig
from assocmem.language.training.folder import since_least
from assocmem.language.training.train import METRICS, Training, WrongRunError, pad, train


def gpt2() -> PreTrainedModel:
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=20,
            n_positions=12,
            n_embd=16,
            n_layer=1,
            n_head=2,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
        )
    )


def openelm() -> PreTrainedModel:
    return OpenElmForCausalLM(
        OpenElmConfig(
            vocab_size=20,
            hidden_size=16,
            num_hidden_layers=2,
            head_dim=4,
            num_query_heads=[2, 4],
            num_kv_heads=[1, 2],
            intermediate_sizes=[8, 16],
        )
    )


@pytest.mark.parametrize("make", [runs.tiny, gpt2, openelm])
def test_an_update_follows_the_mean_over_its_tokens(make: Callable[[], PreTrainedModel], tmp_path: Path) -> None:
    """Three micro-batches, the last one smaller, of rows of different lengths: one loss and one gradient."""
    rows = runs.Lines(11)
    plan = Training(steps=1, batch=12, micro=4, learning_rate=1e-3, log_every=1, clip=0.0)
    trained = train(make, rows, plan, tmp_path / "run", identity={}, length=6.5, predicted=4.5)
    set_seed(0)
    model = make()
    loss = runs.mean(runs.sums(model, rows))
    loss.backward()
    norm = torch.stack([p.grad.norm() for p in model.parameters() if p.grad is not None]).norm()
    assert trained.metrics[0]["loss"] == pytest.approx(loss.item(), rel=1e-5)
    assert trained.metrics[0]["grad_norm"] == pytest.approx(norm.item(), rel=1e-4)


def test_held_out_loss_weighs_tokens(tmp_path: Path) -> None:
    trained = runs.run(tmp_path / "run")
    model = transformers.AutoModelForCausalLM.from_pretrained(trained.model)
    with torch.no_grad():
        parts = runs.sums(model, runs.Lines(11, seed=1))
    last = trained.metrics[-1]
    assert last["step"] == runs.PLAN.steps
    assert last["held_out"] == pytest.approx(float(runs.mean(parts)), rel=1e-5)
    by_rows = sum(float(nats) / count for nats, count in parts) / len(parts)
    assert last["held_out"] != pytest.approx(by_rows, rel=1e-3)


def test_steps_of_metrics(tmp_path: Path) -> None:
    metrics = runs.run(tmp_path / "run", runs.with_plan(steps=7)).metrics
    assert [row["step"] for row in metrics if "loss" in row] == [2, 3, 4, 6, 7]
    assert [row["step"] for row in metrics if "held_out" in row] == [4, 7]


class Watched(runs.Lines):
    """Remembers which rows were taken."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.taken: list[int] = []

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        self.taken.append(index)
        return super().__getitem__(index)


def test_each_pass_takes_every_row_once_in_another_order(tmp_path: Path) -> None:
    rows = Watched(11)
    plan = Training(steps=6, batch=4, micro=2, learning_rate=1e-3)
    trained = train(runs.tiny, rows, plan, tmp_path / "run", identity={}, length=6.5, predicted=4.5)
    first, second = rows.taken[:11], rows.taken[11:22]
    assert sorted(first) == sorted(second) == list(range(11)), rows.taken
    assert first != second
    assert len(rows.taken) == 22
    assert {row["step"] for row in trained.metrics} == {6}


def test_a_loss_that_is_not_finite_stops_at_once(tmp_path: Path) -> None:
    plan = runs.with_plan(steps=1000, learning_rate=1e12, warmup=0)
    for _ in range(2):
        with pytest.raises(FloatingPointError, match=r"(loss|grad_norm|eval_held_out) is \S+ after \d+ updates"):
            runs.run(tmp_path / "run", plan)
        lines = (tmp_path / "run" / METRICS).read_text().splitlines()
        assert all(row["step"] < 20 for row in map(json.loads, lines))
        assert not (tmp_path / "run" / "report.json").exists()


def test_a_finished_run_is_read_and_another_refused(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    first = runs.run(folder, runs.with_plan(steps=3))
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}

    def never() -> PreTrainedModel:
        raise AssertionError("trained again")

    options: dict[str, Any] = {
        "identity": {"data": "lines"},
        "held_out": runs.Lines(11, seed=1),
        "length": 6.5,
        "predicted": 4.5,
    }
    assert train(never, runs.Lines(27), runs.with_plan(steps=3), folder, **options) == first
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    with pytest.raises(WrongRunError, match=r"\(data, plan\.seed\)"):
        runs.run(folder, runs.with_plan(steps=3, seed=5), identity={"data": "other"})
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    write_text(unfinished / "plan.json", (folder / "plan.json").read_text())
    with pytest.raises(WrongRunError, match=r"plan\.steps"):
        runs.run(unfinished, runs.with_plan(steps=4))


def switches() -> list[object]:
    """What a training might leave behind in the process."""
    state = np.random.get_state()
    return [
        random.getstate(),
        state[1].tolist(),
        state[2:],
        torch.get_rng_state().tolist(),
        dict(os.environ),  # type: ignore[union-attr]
        torch.are_deterministic_algorithms_enabled(),
        torch.backends.cudnn.deterministic,
        torch.backends.cudnn.benchmark,
        torch.backends.cuda.matmul.allow_tf32,
        transformers.logging.get_verbosity(),
        transformers.logging.is_progress_bar_enabled(),
        torch.is_grad_enabled(),
        torch.get_default_dtype(),
        torch.get_num_threads(),
    ]


@pytest.mark.parametrize("learning_rate", [1e-2, 1e12])
def test_the_process_is_left_as_it_was(learning_rate: float, tmp_path: Path) -> None:
    random.seed(3)
    np.random.seed(4)
    torch.manual_seed(5)
    before = switches()
    plan = runs.with_plan(steps=4, exact=True, precision="bfloat16", learning_rate=learning_rate)
    try:
        runs.run(tmp_path / "run", plan)
    except FloatingPointError:
        assert learning_rate > 1
    assert switches() == before


def test_what_a_run_leaves_behind(tmp_path: Path) -> None:
    trained = runs.run(tmp_path / "run", runs.with_plan(steps=10))
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "checkpoint-6",
        "checkpoint-9",
        "lock",
        "metrics.jsonl",
        "model",
        "plan.json",
        "report.json",
    }
    assert not list((tmp_path / "run").rglob("training_args.bin"))
    assert {path.name for path in trained.model.iterdir()} == {
        "config.json",
        "generation_config.json",
        "model.safetensors",
    }
    assert transformers.AutoConfig.from_pretrained(trained.model).use_cache
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "run" / "report.json").stat().st_mode & 0o777 == 0o666 & ~umask
    report = trained.report
    assert report["parameters"] == runs.tiny().num_parameters()
    assert (report["ranks"], report["resumed"]) == (1, False)
    assert 0 < report["mfu"] < 1
    roof = report["peak"]["flop_per_second"]
    assert report["mfu"] == pytest.approx(report["tokens_per_second"] * report["flop_per_token"] / roof)


def test_bfloat16_trains_float32_weights(tmp_path: Path) -> None:
    one = runs.run(tmp_path / "one", runs.with_plan(steps=8), dropout=0.0)
    other = runs.run(tmp_path / "other", runs.with_plan(steps=8, precision="bfloat16"), dropout=0.0)
    assert {value.dtype for value in runs.weights(other.folder).values()} == {torch.float32}
    losses = [[row["loss"] for row in each.metrics if "loss" in row] for each in (one, other)]
    assert losses[0] == pytest.approx(losses[1], rel=0.02)
    assert losses[0] != losses[1]


@pytest.mark.slow
def test_compiled_training_agrees(tmp_path: Path) -> None:
    """Rows of one length: a compiler that meets ragged ones compiles again and again."""
    rows = [{"input_ids": row, "labels": row} for row in torch.arange(48).remainder(19).view(8, 6) + 1]
    by_compilation = {}
    for compiled in (False, True):
        plan = Training(steps=4, batch=4, learning_rate=1e-2, log_every=1, compile=compiled)
        folder = tmp_path / str(compiled)
        by_compilation[compiled] = train(runs.tiny, rows, plan, folder, identity={}, length=6, predicted=5)  # type: ignore[arg-type]
    losses = [[row["loss"] for row in by_compilation[compiled].metrics] for compiled in (False, True)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    assert runs.weights(by_compilation[True].folder).keys() == runs.weights(by_compilation[False].folder).keys()


def test_progress_is_shown_when_asked_for(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    runs.run(tmp_path / "silent", runs.with_plan(steps=2, warmup=1))
    assert capfd.readouterr() == ("", "")
    runs.run(tmp_path / "shown", runs.with_plan(steps=2, warmup=1), progress=True)
    assert "2/2" in "".join(capfd.readouterr())


def test_rows_are_filled_up() -> None:
    batch = pad(
        [
            {"input_ids": torch.tensor([5, 6, 7]), "labels": torch.tensor([5, 6, 7])},
            {"input_ids": torch.tensor([8, 9]), "labels": torch.tensor([-100, 9])},
        ]
    )
    assert batch["input_ids"].tolist() == [[5, 6, 7], [8, 9, 0]]
    assert batch["labels"].tolist() == [[-100, 6, 7], [-100, 9, -100]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"steps": 0}, "steps got 0; should be greater than or equal to 1"),
        ({"batch": 2.0}, "batch got 2.0; should be a valid integer"),
        ({"batch": 0}, "batch got 0; should be greater than or equal to 1"),
        ({"micro": 0}, "micro got 0; should be greater than or equal to 1"),
        ({"warmup": -1}, "warmup got -1; should be greater than or equal to 0"),
        ({"warmup": 17}, "warmup must not exceed steps=16, got 17"),
        ({"log_every": True}, "log_every got True; should be a whole number"),
        ({"log_every": 0}, "log_every got 0; should be greater than or equal to 1"),
        ({"evaluate_every": 0}, "evaluate_every got 0; should be greater than or equal to 1"),
        ({"save_every": -2}, "save_every got -2; should be greater than or equal to 1"),
        ({"seed": -1}, "seed got -1; should be greater than or equal to 0"),
        ({"seed": 2**32}, "seed got 4294967296; should be less than 4294967296"),
        ({"workers": -1}, "workers got -1; should be greater than or equal to 0"),
        ({"keep": 1}, "keep got 1; should be greater than or equal to 2"),
        ({"learning_rate": 0.0}, "learning_rate got 0.0; should be greater than 0"),
        ({"learning_rate": float("nan")}, "learning_rate got nan; should be a finite number"),
        ({"epsilon": 0.0}, "epsilon got 0.0; should be greater than 0"),
        ({"weight_decay": -0.1}, "weight_decay got -0.1; should be greater than or equal to 0"),
        ({"clip": float("inf")}, "clip got inf; should be a finite number"),
        ({"clip": -1.0}, "clip got -1.0; should be greater than or equal to 0"),
        ({"betas": (0.9, 1.0)}, "betas got 1.0; should be less than 1"),
        ({"betas": (-0.1, 0.9)}, "betas got -0.1; should be greater than or equal to 0"),
        ({"betas": (0.9,)}, r"betas got \(0.9,\); takes more values"),
        ({"schedule": "stairs"}, "schedule got 'stairs'; should be 'cosine', 'linear' or 'constant_with_warmup'"),
        ({"precision": "float16"}, "precision got 'float16'; should be 'float32' or 'bfloat16'"),
        ({"shard": "half"}, "shard got 'half'; should be 'none' or 'full'"),
        ({"device": "tpu"}, "device got 'tpu'; should be 'cpu' or 'cuda'"),
    ],
)
def test_bad_settings_are_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        runs.with_plan(**fields)


@pytest.mark.parametrize(
    ("fields", "options", "message"),
    [
        ({"micro": 3}, {}, "batch=4 must be a multiple of micro=3 rows times 1 ranks"),
        ({"micro": 8}, {}, "batch=4 must be a multiple of micro=8"),
        ({"shard": "full"}, {}, "shard='full' needs several ranks"),
        ({}, {"held_out": 0}, "evaluate_every needs held_out"),
        ({}, {"rows": 0}, "rows must hold at least one row"),
        ({}, {"identity": {"plan": 1}}, "identity must not have the key 'plan'"),
    ],
)
def test_what_cannot_be_trained_is_named(
    fields: dict[str, Any], options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        runs.run(tmp_path / "run", runs.with_plan(**fields), **options)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("name", "value"), [("length", 0.0), ("predicted", float("nan")), ("held_out", [])])
def test_bad_arguments_are_named(name: str, value: object, tmp_path: Path) -> None:
    options: dict[str, Any] = {"identity": {}, "length": 6.5, "predicted": 4.5, name: value}
    with pytest.raises(ValueError, match=f"{name} must"):
        train(runs.tiny, runs.Lines(5), Training(1, 2, learning_rate=1e-3), tmp_path / "run", **options)


def test_a_gpu_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="device='cuda' needs a GPU"):
        runs.run(tmp_path / "run", runs.with_plan(device="cuda"))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    with pytest.raises(ValueError, match="4 GPUs and one process: start with torchrun"):
        runs.run(tmp_path / "run", runs.with_plan(device="cuda"))


@pytest.mark.parametrize("micro", [2, 4])
def test_the_loss_of_every_update_is_there_and_its_means_are_those_logged(micro: int, tmp_path: Path) -> None:
    trained = runs.run(tmp_path / "run", runs.with_plan(steps=7, micro=micro))
    before = 0
    for row in (row for row in trained.metrics if "loss" in row):
        assert len(row["losses"]) == row["step"] - before
        assert sum(row["losses"]) / len(row["losses"]) == pytest.approx(row["loss"], rel=1e-5)
        before = row["step"]
    assert before == 7
    one_by_one = runs.run(tmp_path / "each", runs.with_plan(steps=7, micro=micro, log_every=1))
    every = [loss for row in trained.metrics for loss in row.get("losses", [])]
    assert every == pytest.approx([row["loss"] for row in one_by_one.metrics if "loss" in row], rel=1e-5)


def test_a_training_ends_when_the_held_out_loss_has_no_new_minimum(tmp_path: Path) -> None:
    """What is learned by heart helps a few updates long; the least loss is an early one, two more, and it is over."""
    rote = {"steps": 40, "learning_rate": 0.1, "schedule": "constant_with_warmup", "evaluate_every": 3, "save_every": 3}
    patient = runs.run(tmp_path / "patient", runs.with_plan(**rote, patience=2))
    held_out = [row["held_out"] for row in patient.metrics if "held_out" in row]
    least = held_out.index(min(held_out))
    assert len(held_out) - 1 - least == 2
    last = patient.metrics[-1]["step"]
    assert last == 3 * len(held_out) < 40
    assert (patient.report["updates"], patient.report["stopped_by"]) == (last, "patience")
    free = runs.run(tmp_path / "free", runs.with_plan(**rote))
    assert free.metrics[: len(patient.metrics)] == patient.metrics
    assert (free.report["updates"], free.report["stopped_by"]) == (40, "steps")
    assert not (tmp_path / "patient" / f"checkpoint-{last}").exists()


@pytest.mark.parametrize(("values", "after"), [([], 0), ([3.0], 0), ([3.0, 2.0, 2.0, 4.0], 2), ([1.0, 2.0], 1)])
def test_evaluations_since_the_least_are_counted_from_the_first_least(values: list[float], after: int) -> None:
    assert since_least(values) == after


def test_a_cosine_may_end_above_zero(tmp_path: Path) -> None:
    plan = runs.with_plan(steps=9, log_every=1, warmup=1, least_rate=0.25)
    rates = [row["learning_rate"] for row in runs.run(tmp_path / "run", plan).metrics if "loss" in row]
    assert max(rates) == plan.learning_rate
    assert rates[-1] == pytest.approx(plan.learning_rate * (0.25 + 0.75 * (1 + np.cos(np.pi * 7 / 8)) / 2), rel=1e-6)
    with pytest.raises(ValueError, match=r"least_rate goes with schedule cosine, not linear, got 0\.25"):
        runs.with_plan(schedule="linear", least_rate=0.25)
    with pytest.raises(ValueError, match=r"patience counts held-out losses, which evaluate_every must ask for, got 2"):
        Training(steps=6, batch=4, learning_rate=1e-3, patience=2)
