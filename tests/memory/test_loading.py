"""What loading the room loads: torch, numpy and jaxtyping, and nothing else of this package or of what it installs."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions

LOAD = """
import sys
import torch, numpy
before = set(sys.modules)
import assocmem.memory
print(*sorted(set(sys.modules) - before))
"""


def loaded() -> set[str]:
    """Modules that appear in a fresh process once torch and numpy are there."""
    run = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_room_loads_torch_numpy_and_jaxtyping_alone() -> None:
    names = loaded()
    assert "assocmem.memory.energy" in names
    tops = {name.partition(".")[0] for name in names} - sys.stdlib_module_names
    installed = tops & set(packages_distributions())
    assert installed <= {"assocmem", "jaxtyping", "wadler_lindig", "torch", "numpy"}, installed
    rooms = {name.split(".")[1] for name in names if name.startswith("assocmem.")}
    assert rooms == {"memory"}
