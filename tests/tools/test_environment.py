"""The pins do not drift apart: pyproject, constraints, environment.yml, and what is installed."""

from __future__ import annotations

import tomllib
from importlib.metadata import version

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): value for name, value in pairs}


def direct(*, without: tuple[str, ...] = ()) -> list[Requirement]:
    extras = [group for name, group in PROJECT["optional-dependencies"].items() if name not in without]
    needs = [Requirement(text) for group in (PROJECT["dependencies"], *extras) for text in group]
    return [need for need in needs if need.name != PROJECT["name"]]  # An extra may name others.


def test_every_direct_requirement_is_pinned_within_its_range() -> None:
    locked = pins()
    for need in direct():
        assert canonicalize_name(need.name) in locked, need.name
        assert need.specifier.contains(locked[canonicalize_name(need.name)]), need


def test_direct_requirements_are_installed_as_pinned() -> None:
    locked = pins()
    for need in direct(without=("bench", "lab", "browser", "openwebtext")):  # Not of every environment.
        assert version(need.name).split("+")[0] == locked[canonicalize_name(need.name)], need.name


def test_no_pin_names_a_local_build() -> None:
    assert not [name for name, value in pins().items() if "+" in value or "@" in value]


def test_conda_file_installs_the_same_package_with_the_same_pins() -> None:
    spec = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, inner = spec["dependencies"]
    assert Requirement(python).specifier == Requirement(f"python{PROJECT['requires-python']}").specifier
    assert pip == "pip"
    assert inner["pip"] == ["-c constraints.txt", "-e .[book,test,dev,sweep,gguf]"]
    assert "-c constraints.txt -e '.[book,test,dev,sweep,gguf]'" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_jupyter_book_is_version_one() -> None:
    major = int(version("jupyter-book").split(".")[0])
    assert major == 1, "jupyter-book 2 ignores _config.yml and builds nothing here: install jupyter-book<2"
