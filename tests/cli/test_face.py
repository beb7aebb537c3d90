"""What all commands share: two examples each that can be typed, one table of exit statuses, the version, full disks."""

from __future__ import annotations

import errno
import platform
import shlex
from importlib import metadata
from pathlib import Path

import pytest
import torch
import typer
from typer.testing import CliRunner

from assocmem.cli import COMMANDS, app
from assocmem.cli.errors import out_of_room, writable
from assocmem.cli.exit_status import Status
from assocmem.cli.options import one_line_errors
from assocmem.language import machine


def examples(name: str) -> list[list[str]]:
    group = typer.main.get_command(app)
    text = str(group.get_command(None, name).help)  # type: ignore[attr-defined]
    lines = text.partition("\nExamples:\n")[2].split("\n\n")
    return [shlex.split(line) for line in lines if line.strip().startswith("assocmem ")]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_two_examples_that_its_options_take(name: str) -> None:
    lines = examples(name)
    assert len(lines) == 2
    command = typer.main.get_command(app).get_command(None, name)  # type: ignore[attr-defined]
    for program, called, *words in lines:
        assert (program, called) == ("assocmem", name)
        command.make_context(name, words)
    shown = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"}).output
    assert all(" ".join(line[:3]) in " ".join(shown.split()) for line in lines)


def test_the_help_lists_every_exit_status_once() -> None:
    shown = " ".join(CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output.split())
    section = shown.partition("Exit status:")[2]
    assert all(f"{one.value} {one.meaning}" in section for one in Status)
    assert len({one.value for one in Status}) == len(Status)


def test_the_version_names_what_a_report_needs() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert done.exit_code == 0
    versions = {"assocmem": metadata.version("assocmem"), "torch": metadata.version("torch")}
    named = ", ".join(f"{name} {number}" for name, number in versions.items())
    assert done.output.strip() == f"{named}, Python {platform.python_version()}"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "runs/x"), "the disk is full, runs/x could not be written"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "the disk is full:"),
        (RuntimeError("[enforce fail at inline_container.cc:664] . unexpected pos 64 vs 0"), "the disk is full:"),
        (RuntimeError('Error while serializing: I/O error: StorageFull, message: "No space"'), "the disk is full:"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "(CUDA out of memory): take fewer"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "the memory is full"),
        (MemoryError(), "the memory is full"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "the memory is full"),
    ],
)
def test_a_full_disk_and_a_full_memory_are_one_line_with_a_status(
    error: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in str(out_of_room(error))
    with pytest.raises(typer.Exit) as left, one_line_errors([], []):
        raise error
    assert left.value.exit_code == Status.NO_ROOM
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_other_errors_are_no_full_disk() -> None:
    for error in (OSError(errno.ENOENT, "No such file"), RuntimeError("out of range"), ValueError("out of memory")):
        assert out_of_room(error) is None
    with pytest.raises(KeyError), one_line_errors([], []):
        raise KeyError("a fault of the program")


def test_a_folder_that_nothing_came_of_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="refused"), writable(tmp_path / "a" / "b"):
        raise ValueError("refused")
    assert not (tmp_path / "a").exists()
    with writable(tmp_path / "a" / "b"):
        (tmp_path / "a" / "kept.txt").touch()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["kept.txt"]


def test_devices_and_room_are_looked_at_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for name, said in (("cuda", "no GPU"), ("cuda:1", "no GPU"), ("tpu", "takes cpu"), ("cuda:", "takes cpu")):
        with pytest.raises(ValueError, match=f"device got '{name}'.*{said}"):
            machine.check_device(name)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    machine.check_device("cuda:1")
    with pytest.raises(ValueError, match="torch finds 2 GPUs here"):
        machine.check_device("cuda:2")
    machine.check_room(tmp_path / "not" / "there", 1)
    with pytest.raises(OSError, match=r"are free and model and checkpoints take 1,000,000,000,000\.0"):
        machine.check_room(tmp_path / "not" / "there", 10**18)


@pytest.mark.parametrize("words", [["train"], ["attention", "--scale", "local"], ["radius"]])
def test_a_device_that_is_not_there_is_refused_before_any_work(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSOCMEM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    done = CliRunner().invoke(app, [*words, "--device", "cuda", "--out", str(tmp_path / "out")])
    assert done.exit_code == Status.BAD_INPUT
    line = done.stderr.strip()
    assert "\n" not in line
    assert "finds no GPU here" in line or "finds none here" in line
    assert list(tmp_path.iterdir()) == []
