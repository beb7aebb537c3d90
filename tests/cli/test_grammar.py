"""``assocmem grammar`` prints certified entropies and writes a corpus that the reader accepts."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from assocmem.cli import app
from assocmem.language.questions.entropy import entropy_floor
from assocmem.language.questions.grammar import VARIANTS
from assocmem.language.questions.pairs import read_pairs


def test_the_entropy_of_every_grammar_is_printed() -> None:
    done = CliRunner().invoke(app, ["grammar"], env={"COLUMNS": "140"})
    assert done.exit_code == 0, done.output
    for name, law in VARIANTS.items():
        row = next(line for line in done.output.splitlines() if f" {name} " in line)
        assert f"{float(entropy_floor(law).per_token().mid()):.6f}" in row


def test_a_corpus_is_written_and_read_again(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["grammar", "--write", str(tmp_path / "qf"), "--train", "500", "--seed", "3"])
    assert done.exit_code == 0, done.output
    sizes = {"train": 500, "dev": 1_000, "test": 10_000, "gen": 10_000}
    for ending, size in sizes.items():
        law = VARIANTS["nothing withheld" if ending == "gen" else "measured"]
        assert len(read_pairs(tmp_path / "qf" / f"question.{ending}", law)) == size


def test_bad_input_is_named_and_exits_with_two(tmp_path: Path) -> None:
    unknown = CliRunner().invoke(app, ["grammar", "--name", "klingon"])
    assert unknown.exit_code == 2
    assert "--name got 'klingon'" in unknown.output
    negative = CliRunner().invoke(app, ["grammar", "--write", str(tmp_path), "--train", "-1"])
    assert negative.exit_code == 2
    assert "--train got '-1'" in negative.output
    (tmp_path / "file").write_text("", encoding="utf-8")
    occupied = CliRunner().invoke(app, ["grammar", "--write", str(tmp_path / "file")])
    assert occupied.exit_code == 2
