"""The command is there at once: help loads no command that is not called, and none of what commands work with.

Modules are counted, not seconds, which other work on the machine lengthens. The bounds leave room for another version
of Python or typer; any one of the heavy packages alone would go beyond them.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from assocmem.cli import COMMANDS, app

HEAVY = ("torch", "transformers", "tokenizers", "numpy", "scipy", "sympy", "flint", "matplotlib", "plotly", "pandas")
ROOMS = ("assocmem.theory", "assocmem.memory", "assocmem.claims", "assocmem.figures")
AT_WORK = ("pydantic", "rich", "yaml", "tqdm", *ROOMS)
"""What a command needs when it works, not to print its help."""


def loaded_by(*words: str) -> set[str]:
    """Names of all modules that the command with these words has loaded when it ends."""
    code = (
        "import sys\n"
        f"sys.argv = ['assocmem', *{list(words)!r}]\n"
        "from assocmem.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as stopped:\n    assert not stopped.code, stopped.code\n"
        "print('\\nMODULES', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.rpartition("MODULES")[2].split())


@pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help_loads_no_package_that_commands_work_with(words: list[str]) -> None:
    modules = loaded_by(*words)
    assert "typer" in modules
    assert not modules.intersection({*HEAVY, *AT_WORK})
    assert len(modules) < 220


def test_help_of_all_loads_no_command() -> None:
    modules = loaded_by("--help")
    assert {name for name in modules if name.startswith("assocmem")} == {
        "assocmem",
        "assocmem.cli",
        "assocmem.cli.exit_status",
    }


def test_a_command_loads_no_other_command() -> None:
    modules = loaded_by("grammar", "--help")
    assert "assocmem.cli.grammar" in modules
    assert not modules.intersection(f"assocmem.cli.{name}" for name in COMMANDS if name != "grammar")
    assert "assocmem.experiments" not in modules


def test_settings_are_shown_without_torch_where_nothing_asks_for_it() -> None:
    assert not loaded_by("attention", "--show").intersection(HEAVY)
    assert not loaded_by("questions", "--show").intersection(HEAVY)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_help_says(name: str) -> None:
    done = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert COMMANDS[name] in " ".join(done.output.split())


def test_a_command_that_there_is_not_is_refused_with_those_that_are_near() -> None:
    done = CliRunner().invoke(app, ["trian"])
    assert done.exit_code == 2
    assert "'trian'" in done.output
    assert "train" in done.output.replace("trian", "")


def test_without_a_command_there_is_help() -> None:
    done = CliRunner().invoke(app, ["--help"])
    assert done.exit_code == 0
    assert all(name in done.output for name in COMMANDS)
