"""A few kills and kinds of damage of the tool that tries all; and the tool tells a fault where one is planted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "kill_and_damage.py"


def test_kills_and_damage_end_well() -> None:
    words = [sys.executable, str(TOOL), "--kills", "3", "--damages", "4"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 kinds of damage: {'as if nothing had been': 4}" in done.stdout


def test_a_result_that_differs_without_a_word_is_a_fault() -> None:
    """Without hashes in the marks a damaged checkpoint would be gone on from."""
    planted = (
        f"import sys; sys.path.insert(0, {str(TOOL.parent)!r}); import kill_and_damage as tool\n"
        "from assocmem.language.training import folder\n"
        "folder.fault = lambda *_: None\n"
        "try: tool.main(kills=0, damages=2, seed=0)\n"
        "except tool.typer.Exit as left: sys.exit(left.exit_code)\n"
    )
    words = [sys.executable, "-c", planted]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAULT" in done.stdout
