"""Records come back as they were written, whole or not at all, and say where their numbers come from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assocmem.experiments import Record, published, read, write
from repository import ROOT

RESULTS = ROOT / "src/assocmem/experiments/results"


def record(**change: object) -> Record:
    base = {
        "name": "a-run",
        "scale": "smoke",
        "config": {"d": 2},
        "seed": 0,
        "series": [{"loss_nats": 1.5}],
        "summary": {"mean": 1.5},
        "wall_s": 0.1,
    }
    return Record(**{**base, **change})  # type: ignore[arg-type]


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    written = record()
    assert read(write(written, tmp_path)) == written
    assert [p.name for p in tmp_path.iterdir()] == ["a-run-smoke.json"]


def test_nothing_is_left_behind_when_a_value_cannot_be_written(tmp_path: Path) -> None:
    write(record(), tmp_path)
    before = (tmp_path / "a-run-smoke.json").read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        write(record(summary={"mean": float("nan")}), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["a-run-smoke.json"]
    assert (tmp_path / "a-run-smoke.json").read_bytes() == before


def test_a_record_is_on_the_disk_when_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[bool] = []
    flush = os.fsync

    def watched(file: int) -> None:
        flushed.append((tmp_path / "a-run-smoke.json").exists())
        flush(file)

    monkeypatch.setattr(os, "fsync", watched)
    write(record(), tmp_path)
    assert flushed
    assert not flushed[0]


def test_a_record_is_read_without_torch() -> None:
    code = "import sys; from assocmem.experiments import published; published('question-plateau', 'local'); "
    code += "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_provenance_is_filled_in() -> None:
    made = record()
    assert made.device
    assert made.versions["torch"]
    assert made.date.endswith("Z")


@pytest.mark.parametrize(("change", "word"), [({"scale": "huge"}, "scale"), ({"name": "A Run"}, "name")])
def test_bad_records_name_the_argument(change: dict[str, str], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        record(**change)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"name": "x"}', encoding="utf-8")
    with pytest.raises(ValueError, match="not a record"):
        read(tmp_path / "x.json")


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*.json")), ids=lambda p: p.name)
def test_committed_records_can_be_read_and_name_commit_and_device(path: Path) -> None:
    published_record = read(path)
    assert path.name == f"{published_record.name}-{published_record.scale}.json"
    assert len(published_record.commit.split("+")[0]) == 40
    assert published_record.device


def test_a_record_that_is_not_there_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"no-such-local.*question-plateau-local"):
        published("no-such", "local")
