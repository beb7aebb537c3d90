"""The project's wheel and sdist, built from a copy of the tree, and an environment that has nothing of the checkout.

The dependencies come from the running interpreter by a .pth file, so that no network is needed; the package itself must
come from the wheel. A .pth file is not read in a folder that another one names, so an editable install stays out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from repository import ROOT

BUILT = (".git", ".venv", "_build", "build", "dist", "runs", "__pycache__", "*.egg-info", ".*_cache", ".hypothesis")
"""What a build or a run leaves behind."""
NOTEBOOK = """
import sys, nbformat
from nbclient import NotebookClient
for path in sys.argv[1:]:
    NotebookClient(nbformat.read(path, as_version=4), timeout=600, kernel_name="python3").execute()
    print(path)
"""


def tracked(root: Path = ROOT) -> list[str]:
    """The files that git knows; empty outside a repository."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    return [name for name in done.stdout.splitlines() if (root / name).is_file()] if not done.returncode else []


def copy_tree(target: Path) -> Path:
    """The files of the project, without what a build or a run left behind."""
    known = tracked() if (ROOT / ".git").exists() else []
    for name in known:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    if not known:
        shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(*BUILT), dirs_exist_ok=True)
    return target


def build(kind: str, tree: Path, out: Path) -> Path:
    """Build the ``wheel`` or the ``sdist`` of a tree with the setuptools that is installed; its path."""
    out.mkdir(parents=True, exist_ok=True)
    code = f"from setuptools import build_meta; print('BUILT', build_meta.build_{kind}({str(out)!r}))"
    words = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(words, cwd=tree, env=clean(), check=True, capture_output=True, text=True)
    return out / done.stdout.rpartition("BUILT ")[2].strip()


def clean(home: Path | None = None) -> dict[str, str]:
    """The environment of a stranger: nothing points to this checkout, and what is kept is kept in ``home``."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "JUPYTER"))}
    env |= {"PYTHONDONTWRITEBYTECODE": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1", "HF_HUB_OFFLINE": "1"}
    return env if home is None else env | {"HOME": str(home), "XDG_CACHE_HOME": str(home), "IPYTHONDIR": str(home)}


class Installed:
    """A virtual environment with the wheel in it."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.bin = folder / "venv" / "bin"
        self.env = clean(folder / "home")
        (folder / "home").mkdir(parents=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
        (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
        (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        words = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile", "--ignore-installed"]
        self.python(*words, str(wheel), cwd=folder)

    def python(self, *words: str, cwd: Path) -> str:
        """What Python prints there."""
        return self.run("python", *words, cwd=cwd)

    def run(self, program: str, *words: str, cwd: Path) -> str:
        """What a program of the environment prints; its output is in the error where it fails."""
        done = subprocess.run([self.bin / program, *words], cwd=cwd, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, f"{program} {words[:3]}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def execute(self, *notebooks: Path, cwd: Path) -> str:
        """Run notebooks with this environment's kernel; an error in a cell is an error here."""
        return self.python("-c", NOTEBOOK, *map(str, notebooks), cwd=cwd)
