"""``assocmem radius`` writes a record, goes on where it was, and refuses in one line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from assocmem.cli import app
from tiny_language_model import model_folder


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """A model, thirty chunks of ids of its own, and folders of this test."""
    folder = model_folder(tmp_path)
    np.random.default_rng(0).integers(0, 32, 8 * 30).astype("<u2").tofile(tmp_path / "some.bin")
    options = {"model": folder, "data": tmp_path / "some.bin", "tokenizer": folder, "chunks": 0, "length": 8}
    options |= {"draws": 2, "resamples": 20, "vectors": tmp_path / "vectors", "out": tmp_path / "out"}
    return ["radius", *(word for name, value in options.items() for word in (f"--{name}", str(value)))]


def test_the_command_writes_a_record_and_does_not_capture_again(words: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == "radius-tiny-llama-some-smoke.json"
    record = json.loads(path.read_text())
    assert [one["trained"] for one in record["summary"]["models"]] == [True, False]
    assert str(tmp_path) not in path.read_text(), "no path of this machine"
    assert {row["layer"] for row in record["series"]} == {"0", "1", "2", "norm"}
    assert "decided by rule" in done.stdout
    assert "shard 1 of 1" in done.stderr
    again = CliRunner().invoke(app, words)
    assert "shard 1 of" not in again.stderr
    assert json.loads(path.read_text())["summary"] == record["summary"], "the same numbers, of the same vectors"


def test_whole_sequences_are_vectors_of_the_theory(words: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [*words, "--positions", "all", "--no-untrained"])
    assert done.exit_code == 0, done.output
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == "radius-tiny-llama-some-positions-smoke.json"
    (one,) = json.loads(path.read_text())["summary"]["models"]
    assert (one["n"], one["width"]) == (8 * 32, 32)
    assert [place["layer"] for place in one["at"]] == ["norm"]


@pytest.mark.parametrize(
    ("more", "parts"),
    [
        (["--chunks", "31"], ["--chunks got 31", "the data has 30 of 8 tokens"]),
        (["--chunks", "5"], ["--chunks must be 0 or at least 20, got 5"]),
        (["--length", "65"], ["--chunks got all; the data has 3 of 65 tokens"]),
        (["--layer", "last"], ["--layer must be norm or a number from 0, got 'last'"]),
        (["--layer", "7"], ["--layer got '7'; takes one of 0, 1, 2, norm"]),
        (["--model", "some/model"], ["--model 'some/model' needs --revision=", "40 hex digits"]),
        (["--tokenizer", "nowhere"], ["--tokenizer got 'nowhere'"]),
        (["--positions", "first"], ["--positions got 'first'", "last"]),
        (["--data", "gone.bin"], ["--data got 'gone.bin', which is no file"]),
        (["--scale", "huge"], ["--scale got 'huge'"]),
        (["--draws", "1"], ["--draws got '1'"]),
    ],
)
def test_bad_input_is_one_line(words: list[str], more: list[str], parts: list[str], tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, [*words, *more])
    assert refused.exit_code == 2, refused.output
    (line,) = (line for line in refused.stderr.splitlines() if not line.startswith("model "))  # Progress.
    assert line.startswith("assocmem: ")
    assert all(part in line for part in parts), line
    assert not (tmp_path / "vectors").exists(), "nothing is captured"


def test_a_width_that_no_head_divides_is_named() -> None:
    refused = CliRunner().invoke(app, ["radius", "--widths", "30"])
    assert refused.exit_code == 2, refused.output
    assert "--widths must be multiples of 4" in refused.stderr
