"""``assocmem questions`` trains, writes a record, and names bad input by its option."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from assocmem.cli import app
from assocmem.experiments.records import read


def test_the_command_trains_and_writes_a_record(tmp_path: Path) -> None:
    words = [
        "questions",
        "--steps",
        "4",
        "--lines",
        "20",
        "--depth",
        "1",
        "--grammar",
        "no target",
        "--out",
        str(tmp_path / "out"),
        "--runs",
        str(tmp_path / "runs"),
    ]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    record = read(tmp_path / "out" / "question-plateau-smoke.json")
    assert record.config["training"]["steps"] == 4
    assert record.config["depths"] == [1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--task", "x"], "--task got 'x'"),
        (["--scale", "x"], "--scale got 'x'"),
        (["--grammar", "klingon"], "--grammar takes names"),
        (["--steps", "0"], "--steps got '0'"),
        (["--device", "tpu"], "--device got 'tpu'"),
        (["--lines", "0"], "--lines got '0'"),
        (["--files", "nowhere", "--grammar", "measured"], "nowhere"),
    ],
)
def test_bad_input_is_named_and_exits_with_two(words: list[str], message: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["questions", *words, "--out", str(tmp_path), "--runs", str(tmp_path)])
    assert done.exit_code == 2, done.output
    assert message in done.output
    assert not list(tmp_path.glob("*.json"))


def shown(*words: str) -> str:
    done = CliRunner().invoke(app, ["questions", "--show", *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_settings_are_shown_and_read_again(tmp_path: Path) -> None:
    words = ("--scale", "local", "--depth", "3", "--seed", "7", "--seed", "8", "--longer", "two words,4", "--lr", "0.5")
    text = shown(*words)
    values = yaml.safe_load(text)
    assert (values["depths"], values["seeds"], values["longer"]) == ([3], [7, 8], [["two words", 4]])
    assert values["training"]["learning_rate"] == 0.5
    assert "seed" not in values["training"]
    (tmp_path / "run.yaml").write_text(text, encoding="utf-8")
    assert shown("--config", str(tmp_path / "run.yaml")) == text


def test_fewer_steps_have_a_shorter_warmup_and_the_cpu_has_float32_unless_they_are_named() -> None:
    assert yaml.safe_load(shown("--steps", "40"))["training"]["warmup"] == 4
    assert yaml.safe_load(shown("--steps", "1e6"))["training"]["warmup"] == 20
    assert yaml.safe_load(shown("--steps", "40", "--warmup", "9"))["training"]["warmup"] == 9
    paper = yaml.safe_load(shown("--scale", "paper"))["training"]
    assert (paper["precision"], paper["compile"], paper["device"]) == ("bfloat16", True, "cuda")
    cpu = yaml.safe_load(shown("--scale", "paper", "--device", "cpu"))["training"]
    assert (cpu["precision"], cpu["compile"]) == ("float32", False)
    named = yaml.safe_load(shown("--scale", "paper", "--device", "cpu", "--precision", "bfloat16"))["training"]
    assert (named["precision"], named["compile"]) == ("bfloat16", False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("training: {stpes: 1}", "'stpes'; did you mean steps"),
        ("training: 3", "training got 3"),
        ("task: memorization", "unknown setting 'task'"),
        ("depth: [1]", "did you mean depths"),
        ("training: {seed: 1}", "unknown setting 'seed'"),
    ],
)
def test_a_misspelled_setting_of_a_file_is_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["questions", "--show", "--config", str(tmp_path / "run.yaml")])
    assert done.exit_code == 2
    assert message in done.output
