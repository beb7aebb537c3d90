"""What the project says of itself agrees: metadata, citation, licenses, and which environment make uses."""

from __future__ import annotations

import subprocess
import tomllib

import pytest
import yaml

import assocmem
from repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_version_licenses_authors_and_addresses_agree() -> None:
    assert CITATION["version"] == CITATION["preferred-citation"]["version"] == PROJECT["version"]
    assert PROJECT["version"] == assocmem.__version__
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {CITATION['version']}, {CITATION['date-released']}\n" in changes
    assert PROJECT["urls"]["Changelog"].endswith("/CHANGELOG.md")
    assert " AND ".join(CITATION["license"]) == PROJECT["license"]
    assert CITATION["authors"] == PROJECT["authors"] == CITATION["preferred-citation"]["authors"]
    assert CITATION["keywords"] == PROJECT["keywords"]
    assert CITATION["url"] == PROJECT["urls"]["Documentation"]
    assert CITATION["repository-code"] == PROJECT["urls"]["Repository"]


def test_the_license_of_prose_names_folders_that_are_there() -> None:
    text = (ROOT / "LICENSE-PROSE").read_text(encoding="utf-8")
    named = [word.strip("(),.;") for word in text.split() if word.startswith("src/")]
    assert len(named) == 2
    assert all((ROOT / name).is_dir() for name in named)


@pytest.mark.parametrize(
    ("settings", "python"),
    [
        ({"CONDA_DEFAULT_ENV": "assocmem", "CONDA_PREFIX": "/there/assocmem"}, "/there/assocmem/bin/python"),
        ({"CONDA_DEFAULT_ENV": "base", "CONDA_PREFIX": "/there"}, ".venv/bin/python"),
        ({"CONDA_DEFAULT_ENV": "", "VENV": "mine"}, "mine/bin/python"),
    ],
)
def test_make_uses_the_activated_conda_environment_of_the_project_and_no_other(
    settings: dict[str, str], python: str
) -> None:
    words = ["make", "-n", "lint", *(f"{name}={value}" for name, value in settings.items())]
    shown = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert f"\n{python} tools/lint_notebooks.py" in shown
