"""``assocmem train`` trains on every kind of data and model, reports what the saved model has, and names bad input."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from transformers import AutoModelForCausalLM, LlamaConfig, T5Config
from typer.testing import CliRunner

from assocmem.cli import app
from assocmem.experiments import Record, read
from assocmem.experiments.training.config import PRESETS, configure
from assocmem.language.models.architectures import fresh_model
from assocmem.language.silenced_transformers import silenced_transformers
from assocmem.language.text.byte_pair_tokenizer import END_OF_TEXT
from assocmem.language.text.rows import RandomChunks, TextRows
from assocmem.language.text.tokenized_text import open_text

SMALL = (
    "--steps",
    "4",
    "--layers",
    "1",
    "--width",
    "16",
    "--heads",
    "2",
    "--context",
    "16",
    "--batch-tokens",
    "64",
    "--held-out-tokens",
    "400",
    "--device",
    "cpu",
)
SIZELESS = tuple(
    word
    for i in range(0, len(SMALL), 2)
    for word in SMALL[i : i + 2]
    if SMALL[i] not in ("--layers", "--width", "--heads")
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSOCMEM_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "tale.txt"
    tale = (f"On day {i} the {'é' * (i % 5)} clock struck {i * 7 % 12}, and nobody counted." for i in range(400))
    path.write_text("\n".join(tale), encoding="utf-8")
    return path


def train(out: Path, *words: str) -> Record:
    done = CliRunner().invoke(app, ["train", "--out", str(out), *words], env={"COLUMNS": "140"})
    assert done.exit_code == 0, done.output
    line = next(line for line in done.output.splitlines() if line.startswith("record: "))
    return read(Path(line.removeprefix("record: ")))


def test_the_record_says_what_the_saved_model_has(tmp_path: Path, text: Path) -> None:
    record = train(tmp_path / "out", "--data", str(text), "--tokens", str(tmp_path / "t"), *SMALL)
    data = open_text(tmp_path / "t")
    with silenced_transformers():
        model = AutoModelForCausalLM.from_pretrained(tmp_path / "out" / record.name / "model").eval()
    count = (min(400, len(data.held_out)) - 1) // 15 * 15
    total = 0.0
    for first in range(0, count, 15):
        ids = torch.tensor(data.held_out[first : first + 16].tolist())
        with torch.no_grad():
            logs = model(ids[None]).logits[0].double().log_softmax(-1)
        total -= sum(float(logs[i, ids[i + 1]]) for i in range(15))
    assert data.tokenizer is not None
    covered = data.tokenizer.decode(data.held_out[1 : count + 1].tolist()).replace(END_OF_TEXT, "")
    summary = record.summary
    assert summary["held_out_nats"] == pytest.approx(total / count, rel=1e-5)
    assert summary["held_out_predicted"] == count
    assert abs(summary["held_out_bytes"] - len(covered.encode())) <= 2  # A character that is cut at the end.
    assert summary["bits_per_byte"] == pytest.approx(total / math.log(2) / summary["held_out_bytes"], rel=1e-5)
    assert summary["parameters"] == sum(p.numel() for p in model.parameters())
    assert (tmp_path / "out" / record.name / "model" / "tokenizer.json").is_file()
    assert record.config["data"] == "tale.txt"
    assert str(tmp_path) not in json.dumps(record.config)
    assert record.series[-1]["step"] == 4


def test_equal_seeds_give_equal_runs_and_a_finished_one_is_read(tmp_path: Path, text: Path) -> None:
    words = ("--data", str(text), *SMALL)
    first, second = (train(tmp_path / name, *words) for name in "ab")
    other = train(tmp_path / "a", *words, "--seed", "1")
    assert first.name == second.name != other.name
    assert first.series == second.series != other.series
    weights = [tmp_path / name / first.name / "model" / "model.safetensors" for name in "ab"]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    written = weights[0].stat().st_mtime_ns
    assert train(tmp_path / "a", *words).summary == first.summary
    assert weights[0].stat().st_mtime_ns == written


@pytest.mark.parametrize("model", ["vanilla", "openelm", "folder"])
def test_every_kind_of_model_is_trained(model: str, tmp_path: Path, text: Path) -> None:
    if model == "folder":
        config = LlamaConfig(
            vocab_size=1100,
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            dtype="bfloat16",
        )
        config.save_pretrained(tmp_path / "llama")
    name = str(tmp_path / "llama") if model == "folder" else model
    record = train(tmp_path, "--data", str(text), "--model", name, *(SIZELESS if model == "folder" else SMALL))
    assert record.name.startswith(f"train-tale-txt-{'llama' if model == 'folder' else model}-")
    assert 0 < record.summary["held_out_nats"] < 8


def test_questions_are_trained_on_and_have_a_floor(tmp_path: Path) -> None:
    words = ("--data", "questions:no target", "--model", "vanilla", "--lines", "100", *SMALL, "--context", "40")
    record = train(tmp_path, *words)
    assert record.summary["floor_nats"] < record.summary["held_out_nats"]
    assert record.summary["bits_per_byte"] is None
    assert record.summary["held_out_predicted"] <= 400


def test_folders_of_tokens_are_trained_on(tmp_path: Path, text: Path) -> None:
    made = train(tmp_path / "a", "--data", str(text), "--tokens", str(tmp_path / "t"), *SMALL)
    whole = train(tmp_path / "b", "--data", str(tmp_path / "t"), *SMALL)
    assert whole.series == made.series
    bare = train(tmp_path / "c", "--data", str(tmp_path / "t" / "train"), *SMALL)
    assert bare.summary["bits_per_byte"] is None


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--scale", "huge"], ["--scale", "'huge'", "paper"]),
        (["--scale", "paper"], ["--data", "gutenberg:"]),
        (["--data", "absent"], ["--data", "'absent'", "docstrings"]),
        (["--data", "questions:klingon"], ["--data", "klingon", "measured"]),
        (["--words"], ["--words", "gutenberg"]),
        (["--tokenizer", "bert"], ["--tokenizer", "'bert'", "gpt2"]),
        (["--model", "absent"], ["--model", "'absent'", "openelm:1"]),
        (["--model", "T5"], ["--model", "t5", "causal"]),
        (["--feed-forward", "constant"], ["--feed-forward", "'gpt2'"]),
        (["--initialization", "corenet"], ["--initialization", "'gpt2'"]),
        (["--joined-by", "line"], ["--joined-by", "words"]),
        (["--data", "questions", "--sampling", "with_replacement"], ["--sampling", "questions"]),
        (["--patience", "2", "--evaluate-every", "none"], ["--patience", "--evaluate-every"]),
        (["--least-rate", "0.1", "--schedule", "linear"], ["--least-rate", "linear"]),
        (["--model", "openelm:1", "--layers", "2"], ["--layers", "openelm:1"]),
        (["--layers", "0"], ["--layers got '0'", "equal to 1"]),
        (["--width", "30"], ["--width", "30", "--heads=4"]),
        (["--context", "1"], ["--context got '1'", "equal to 2"]),
        (["--context", "60"], ["--batch-tokens", "--context=60", "512"]),
        (["--steps", "0"], ["--steps got '0'", "equal to 1"]),
        (["--steps", "3", "--tokens-budget", "9"], ["--steps", "--tokens-budget"]),
        (["--tokens-budget", "0.5"], ["--tokens-budget", "0.5", "valid integer"]),
        (["--micro", "3"], ["--batch-tokens", "8 rows", "3 rows at once"]),
        (["--lr", "-1"], ["--learning-rate got '-1'", "greater than 0"]),
        (["--lr", "nan"], ["--learning-rate got 'nan'", "finite"]),
        (["--warmup", "99"], ["--warmup must not exceed --steps=40", "99"]),
        (["--schedule", "steep"], ["--schedule", "'steep'", "cosine"]),
        (["--precision", "int8"], ["--precision", "'int8'", "bfloat16"]),
        (["--shard", "half"], ["--shard", "'half'", "full"]),
        (["--device", "tpu"], ["--device", "'tpu'", "cuda"]),
        (["--seed", "-1"], ["--seed got '-1'", "equal to 0"]),
        (["--held-out-tokens", "0"], ["--held-out-tokens got '0'", "equal to 1"]),
        (["--held-out-tokens", "9"], ["--context", "9 tokens"]),
        (["--dropout", "1"], ["--dropout got '1'", "less than 1"]),
        (["--betas", "0.9"], ["--betas", "'0.9'", "more values"]),
        (["--betas", "0.9,1"], ["--betas", "'1'", "less than 1"]),
        (["--held-out-share", "1"], ["--held-out-share got '1'", "less than 1"]),
        (["--vocabulary", "256"], ["--vocabulary got '256'", "257"]),
        (["--keep", "1"], ["--keep got '1'", "2"]),
        (["--norm", "between"], ["--norm got 'between'", "'before' or 'after'"]),
        (["--config", "exact.yaml"], ["--exact got 'maybe'", "valid boolean"]),
        (["--config", "colour.yaml"], ["'colour'", "dropout"]),
        (["--config", "alias.yaml"], ["'lr'", "learning_rate"]),
        (["--config", "scale.yaml"], ["'scale'"]),
        (["--config", "absent.yaml"], ["--config", "absent.yaml"]),
        (["--config", "list.yaml"], ["--config", "list.yaml", "settings"]),
        (["--config", "typo.yaml"], ["unknown setting 'stpes'", "did you mean steps?"]),
        (["--tokens", "."], ["--tokens", "other files"]),
    ],
)
def test_bad_input_is_named_and_leaves_nothing(
    words: list[str], parts: list[str], tmp_path: Path, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if "T5" in words:
        T5Config().save_pretrained("T5")
    Path("list.yaml").write_text("- 1", encoding="utf-8")
    files = {
        "typo": "stpes: 1",
        "exact": "exact: maybe",
        "colour": "colour: red",
        "alias": "lr: 1",
        "scale": "scale: local",
    }
    for name, content in files.items():
        Path(f"{name}.yaml").write_text(content, encoding="utf-8")
    typed = words if "--data" in words or "paper" in words else ["--data", str(text), *words]
    done = CliRunner().invoke(app, ["train", "--out", "out", *typed])
    assert done.exit_code == 2, done.output
    line = done.output.strip().splitlines()[-1]
    assert line.startswith("assocmem: ")
    assert all(part in line for part in parts), line
    assert "Traceback" not in done.output
    assert not Path("out").exists() or not any(Path("out").iterdir())


def test_settings_are_shown_and_read_again(tmp_path: Path) -> None:
    words = ["--lr", "0.5", "--tokens-budget", "1e6", "--betas", "0.8,0.9", "--dropout", "0.25"]
    shown = CliRunner().invoke(app, ["train", "--show", *words])
    assert shown.exit_code == 0, shown.output
    (tmp_path / "run.yaml").write_text(shown.output, encoding="utf-8")
    again = CliRunner().invoke(app, ["train", "--show", "--config", str(tmp_path / "run.yaml")])
    assert again.output == shown.output
    settings = yaml.safe_load(shown.output)
    assert (settings["learning_rate"], settings["betas"], settings["dropout"]) == (0.5, [0.8, 0.9], 0.25)
    assert (settings["tokens_budget"], settings["steps"]) == (1_000_000, None)
    stronger = CliRunner().invoke(app, ["train", "--show", "--config", str(tmp_path / "run.yaml"), "--lr", "0.1"])
    assert yaml.safe_load(stronger.output)["learning_rate"] == 0.1


def test_presets_are_sound_and_a_budget_sets_the_steps() -> None:
    assert set(PRESETS) == {"smoke", "local", "paper"}
    paper = configure("paper", {"data": "gutenberg:books"}).plan(1024)
    assert (paper.batch, paper.micro, paper.betas, paper.epsilon) == (480, 12, (0.9, 0.95), 1e-8)
    budget = configure("smoke", {"tokens_budget": "1e5", "batch_tokens": 1024, "context": 64})
    assert budget.plan(64).steps == round(1e5 / 1024)
    assert budget.plan(64).warmup == budget.plan(64).steps // 10


def _alone(record: Record) -> dict[str, Any]:
    names = ("held_out_nats", "least_held_out_nats", "bits_per_byte", "last_loss_nats")
    return {name: record.summary[name] for name in names}


@pytest.mark.slow
def test_a_killed_command_goes_on_to_the_same_end(tmp_path: Path, text: Path) -> None:
    words = ("--data", str(text), *SMALL, "--steps", "60", "--save-every", "5")
    whole = train(tmp_path / "whole", *words)
    command = [sys.executable, "-m", "assocmem", "train", "--out", str(tmp_path / "cut"), *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    until = time.monotonic() + 120
    while not list((tmp_path / "cut").glob("*/checkpoint-*/DONE")) and time.monotonic() < until:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "cut" / whole.name / "report.json").exists()
    after = train(tmp_path / "cut", *words)
    assert after.summary["resumed"]
    assert after.series == whole.series
    assert _alone(after) == _alone(whole)


def test_training_on_a_part_counts_its_passes(text: Path, tmp_path: Path) -> None:
    record = train(
        tmp_path / "out", "--data", str(text), "--tokens", str(tmp_path / "t"), *SMALL, "--train-tokens", "500"
    )
    assert record.summary["passes"] == pytest.approx(4 * 4 / len(TextRows(open_text(tmp_path / "t").train[:500], 16)))


def test_the_choices_of_the_paper_s_appendix_are_options(tmp_path: Path) -> None:
    """Words one a line, chunks that begin anywhere, a constant rate, patience; and all that the record says of it."""
    for name in ("one", "two", "three"):
        body = " ".join(f"{name} {word} counted." for word in ("never", "often", "always") * 60)
        marks = "*** {} OF THE PROJECT GUTENBERG EBOOK ***"
        (tmp_path / f"{name}.txt").write_text(f"{marks.format('START')}\n\n{body}\n\n{marks.format('END')}\n")
    words = ("--data", f"gutenberg:{tmp_path}", "--words", "--joined-by", "line", "--sampling", "with_replacement")
    rule = ("--schedule", "constant_with_warmup", "--evaluate-every", "2", "--patience", "2", "--lr", "0.5")
    record = train(tmp_path / "out", *words, *rule, *SMALL, "--steps", "60")
    summary, counts = record.summary, record.config["identity"]
    held_out = [(row["step"], row["held_out"]) for row in record.series if "held_out" in row]
    step, least = min(held_out, key=lambda pair: pair[1])
    assert summary["least_held_out_nats"] == least
    assert summary["least_at"] == {"update": step, "tokens": step * 64, "evaluations_after": 2}
    assert (summary["updates"], summary["stopped_by"]) == (held_out[-1][0], "patience")
    assert sum(len(row.get("losses", [])) for row in record.series) == summary["updates"] < 60
    assert summary["passes"] == pytest.approx(summary["updates"] * 64 / counts["train"]["tokens"])
    spaces = train(tmp_path / "out", *words[:3], *SMALL)
    assert summary["tokens_per_word"] >= spaces.summary["tokens_per_word"] > 0.9
    assert spaces.name != record.name


def test_widths_and_start_of_the_paper_s_models_can_be_chosen() -> None:
    made = {
        name: fresh_model("openelm:1", vocabulary=300, context=16, feed_forward=name).identity
        for name in ("growing", "constant")
    }
    assert len(set(made["growing"]["intermediate_sizes"])) == 8
    assert len(set(made["constant"]["intermediate_sizes"])) == 1
    assert fresh_model("openelm:1", vocabulary=300, context=16).identity == made["growing"]
    assert fresh_model("openelm", vocabulary=300, context=16, initialization="corenet").identity["initialization"]


def test_words_one_a_line_are_what_is_trained_on(tmp_path: Path) -> None:
    """By the text that the tokens stand for, and by tokens a word: each of the two counted here."""
    (tmp_path / "books").mkdir()
    for name in "ab":
        (tmp_path / "books" / f"{name}.txt").write_text("Some Words, and others! " * 60 + f"The {name}.\n" * 40)
    separators = {}
    for joined in ("space", "line"):
        words = ("--data", f"gutenberg:{tmp_path / 'books'}", "--words", "--joined-by", joined)
        record = train(tmp_path / joined, *words, "--tokens", str(tmp_path / f"t-{joined}"), *SMALL)
        data = open_text(tmp_path / f"t-{joined}")
        assert data.tokenizer is not None
        text = data.tokenizer.decode(data.train.tolist()).replace(END_OF_TEXT, "")
        separators[joined] = set(re.sub(r"\w", "", text))
        assert record.summary["tokens_per_word"] == pytest.approx(len(data.train) / len(text.split()))
    assert separators == {"space": {" "}, "line": {"\n"}}


def test_random_chunks_follow_the_seed_and_are_the_same_after_a_break(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--data", str(text), "--tokens", str(tmp_path / "t"), *SMALL, "--steps", "12", "--save-every", "5")
    words += ("--sampling", "with_replacement")
    starts: dict[int, list[int]] = {}
    row, start = RandomChunks.__getitem__, RandomChunks.start

    def noted(rows: RandomChunks, index: int) -> int:
        place = start(rows, index)
        starts.setdefault(rows.seed, []).append(place)
        return place

    monkeypatch.setattr(RandomChunks, "start", noted)
    whole = train(tmp_path / "whole", *words)
    train(tmp_path / "other", *words, "--seed", "1")
    assert {seed: len(places) for seed, places in starts.items()} == {0: 48, 1: 48}
    assert sorted(starts[0]) != sorted(starts[1])
    taken: list[int] = []

    def broken(rows: RandomChunks, index: int) -> dict[str, torch.Tensor]:
        taken.append(index)
        if len(taken) == 32:
            raise OSError("no power")
        return row(rows, index)

    monkeypatch.setattr(RandomChunks, "__getitem__", broken)
    done = CliRunner().invoke(app, ["train", "--out", str(tmp_path / "cut"), *words])
    assert "no power" in done.output
    after = train(tmp_path / "cut", *words)
    assert after.summary["resumed"]
    assert after.series == whole.series
    assert len(taken) - 32 == 7 * 4
