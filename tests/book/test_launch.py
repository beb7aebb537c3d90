"""Where a notebook is opened elsewhere, what it needs is there: Binder's files install this package with its pins."""

from __future__ import annotations

import os
import re
import tomllib

import yaml
from packaging.specifiers import SpecifierSet

from check_site import tracked_files
from repository import ROOT


def test_binder_has_a_python_that_the_package_takes() -> None:
    spec = yaml.safe_load((ROOT / ".binder" / "environment.yml").read_text(encoding="utf-8"))
    version = next(
        re.fullmatch(r"python=(\d+\.\d+)", need) for need in spec["dependencies"] if need.startswith("python")
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert version
    assert SpecifierSet(project["requires-python"]).contains(version[1])


def test_binder_installs_the_package_with_its_pins() -> None:
    script = ROOT / ".binder" / "postBuild"
    assert os.access(script, os.X_OK)
    assert "-c constraints.txt -e '.[all]'" in script.read_text(encoding="utf-8")


def test_every_chapter_of_the_table_of_contents_has_a_notebook_to_open() -> None:
    pages = re.findall(r"file: (notebooks/\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert pages
    assert {f"{page}.ipynb" for page in pages} <= tracked_files()
