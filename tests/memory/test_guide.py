"""What is printed for the torch module runs: the guide's script for several processes, and the README's example."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from repository import ROOT


@pytest.mark.slow
def test_the_script_for_several_processes_runs_as_it_is_printed(tmp_path: Path) -> None:
    guide = (ROOT / "notebooks/03d_torch_guide.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^```python\n(.*?)^```", guide, flags=re.M | re.S)
    (tmp_path / "shards.py").write_text(script, encoding="utf-8")
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "shards.py"]
    env = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(start, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    # Python writes a line and its end apart here, so that two processes may end theirs after both have begun.
    answers = re.findall(r"rank (\d) of 2: (\[\[.*?\]\])", done.stdout)
    assert sorted(rank for rank, _ in answers) == ["0", "1"]
    assert len({answer for _, answer in answers}) == 1
    assert answers[0][1].startswith("[[0, ")


def test_the_example_of_the_readme_runs_as_it_is_printed() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = [code for code in re.findall(r"^```python\n(.*?)^```", text, flags=re.M | re.S) if "memory" in code]
    names: dict[str, Any] = {}
    exec(example, names)
    assert names["indices"].shape == (100, 5)
    assert names["nearer"].shape == names["x"].shape == names["x"].grad.shape
    assert names["layer"].patterns.grad is not None
