"""``assocmem attention`` writes a record and refuses in one line."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from assocmem.cli import app
from assocmem.experiments.attention import run as experiment
from assocmem.language.pinned_revisions import PINNED
from repository import ROOT
from tiny_language_model import model_folder, text_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return model_folder(tmp_path)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return text_file(tmp_path)


def test_the_command_writes_a_record_and_refuses_in_one_line(
    folder: Path, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSOCMEM_CACHE", str(tmp_path / "cache"))  # Where nothing has been fetched.
    command = CliRunner()
    words = ["attention", "--model", str(folder), "--text", str(text), "--length", "24", "--out", str(tmp_path / "out")]
    done = command.invoke(app, words)
    assert done.exit_code == 0, done.output
    assert json.loads(next((tmp_path / "out").iterdir()).read_text())["scale"] == "smoke"
    for words in ("heads whose heaviest key is the first position for most queries: ", "Distance attention, or"):
        assert words in " ".join(done.stdout.split())
    assert "text 1 of 5" in done.stderr, "how far it is"
    assert "text 1 of" not in done.stdout
    for wrong in (
        ["--scale", "huge"],
        ["--model", str(tmp_path / "nowhere")],
        ["--model", "some/model"],
        ["--model", "smollm2"],
    ):
        refused = command.invoke(app, ["attention", "--text", str(text), *wrong])
        assert refused.exit_code == 2
        (line,) = (line for line in refused.stderr.splitlines() if not line.startswith("model "))  # Progress.
        assert line.startswith("assocmem: ")


def test_fresh_weights_can_be_left_out(folder: Path, text: Path, tmp_path: Path) -> None:
    words = ["--model", str(folder), "--text", str(text), "--length", "24", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, ["attention", *words, "--no-untrained", "--source", "made up"])
    assert done.exit_code == 0, done.output
    assert "fresh weights" not in done.output
    record = json.loads(next((tmp_path / "out").iterdir()).read_text())
    assert record["config"]["source"] == "made up"
    assert not [name for name in record["summary"] if name.startswith("untrained")]


def test_the_command_refuses_a_bad_folder_before_it_measures(
    folder: Path, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment, "run", lambda *_: pytest.fail("measured"))
    (tmp_path / "file").write_text("x")
    words = ["attention", "--model", str(folder), "--text", str(text), "--out", str(tmp_path / "file")]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 2, refused.exception
    assert refused.stderr.startswith("assocmem: --out")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--texts", "1"], ["--texts got '1'", "2"]),
        (["--first", "96"], ["--first must be less than --length=96", "96"]),
        (["--seed", "one"], ["--seed got 'one'", "integer"]),
        (["--resamples", "0"], ["--resamples got '0'", "1"]),
    ],
)
def test_bad_settings_are_named_by_their_option(words: list[str], parts: list[str], tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["attention", "--out", str(tmp_path / "out"), *words])
    assert refused.exit_code == 2
    (line,) = refused.stderr.splitlines()
    assert all(part in line for part in parts), line
    assert not (tmp_path / "out").exists()


def test_settings_are_shown_and_read_again(tmp_path: Path) -> None:
    words = ["attention", "--show", "--scale", "local", "--seed", "4", "--seed", "5", "--text", "tale.txt"]
    shown = CliRunner().invoke(app, words)
    assert shown.exit_code == 0, shown.output
    values = yaml.safe_load(shown.output)
    assert (values["seeds"], values["text"], values["texts"]) == ([4, 5], "tale.txt", 64)
    (tmp_path / "run.yaml").write_text(shown.output, encoding="utf-8")
    again = CliRunner().invoke(app, ["attention", "--show", "--config", str(tmp_path / "run.yaml")])
    assert again.output == shown.output


def test_what_the_page_says_to_draw_one_s_own_record_is_right(
    folder: Path, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page's line names the record's path, and its lines of Python draw what lies there and print its table."""
    page = (ROOT / "notebooks/03b_real_attention.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^assocmem attention --scale local [^`]*$", page.replace("\\\n ", ""), flags=re.M)
    (block,) = re.findall(r"^```python\n(.*?)^```", page, flags=re.M | re.S)
    words = shlex.split(line)[1:]
    named = dict(zip(words[1::2], words[2::2], strict=True))
    assert PINNED[named["--model"]] == named.pop("--revision")  # Which a folder has not.
    folder.rename(tmp_path / "gpt2")
    text.rename(tmp_path / named["--text"])
    monkeypatch.chdir(tmp_path)
    named |= {"--model": named["--model"].rpartition("/")[2], "--length": "36", "--resamples": "9"}
    done = CliRunner().invoke(app, [words[0], *(word for pair in named.items() for word in pair)])
    assert done.exit_code == 0, done.output
    exec(compile(block, "03b", "exec"), {})
    assert (tmp_path / "heads.png").stat().st_size > 0
    assert "heads that attend to one key" in capsys.readouterr().out
