"""A record's commit is that of the package's own repository, or of where pip fetched it from; never a stranger's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assocmem.experiments import provenance
from assocmem.experiments.provenance import commit, commit_date, repository

OWN = '[project]\nname = "assocmem"\n'
PLACES = ("src/assocmem", ".venv/lib/python3/site-packages/assocmem", "src/other/assocmem")


def made_repository(root: Path, project: str, package: str = PLACES[0]) -> Path:
    """A repository with one commit, a pyproject.toml and a package; the folder of the package."""
    folder = root / package
    folder.mkdir(parents=True)
    (root / "pyproject.toml").write_text(project, encoding="utf-8")
    (folder / "__init__.py").touch()
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    for words in (("init", "-q"), ("add", "-A", "-f"), (*who, "commit", "-qm", "first")):
        subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)
    return folder.resolve()


def test_in_its_own_repository_it_is_the_commit_and_says_when_files_differ(tmp_path: Path) -> None:
    folder = made_repository(tmp_path, OWN)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert commit(folder) == head.stdout.strip()
    assert len(commit_date(folder)) == 10
    (folder / "__init__.py").write_text("1", encoding="utf-8")
    assert commit(folder) == head.stdout.strip() + "+changes"


@pytest.mark.parametrize(
    ("project", "package"),
    [('[project]\nname = "strange"\n', PLACES[0]), ("not toml", PLACES[0]), *((OWN, place) for place in PLACES[1:])],
)
def test_a_strangers_repository_is_not_asked(project: str, package: str, tmp_path: Path) -> None:
    folder = made_repository(tmp_path, project, package)
    assert repository(folder) is None
    assert (commit(folder), commit_date(folder)) == ("unknown", "")


def test_outside_a_repository_it_is_unknown(tmp_path: Path) -> None:
    assert commit(tmp_path) == commit(tmp_path / "not there") == "unknown"


def test_of_an_installed_package_it_is_what_pip_noted(tmp_path: Path) -> None:
    """A process of its own, in which the package lies in a folder of installed ones, within a stranger's repository."""
    package = made_repository(tmp_path, '[project]\nname = "strange"\n', PLACES[1])
    (package / "__init__.py").write_text('__version__ = "0"\n', encoding="utf-8")
    (package / "provenance.py").write_bytes(Path(provenance.__file__).read_bytes())
    note = package.parent / "assocmem-0.dist-info"
    note.mkdir()
    (note / "METADATA").write_text("Metadata-Version: 2.1\nName: assocmem\nVersion: 0\n", encoding="utf-8")

    def asked() -> str:
        code = f"import sys; sys.path.insert(0, {str(package.parent)!r}); from assocmem.provenance import commit; "
        words = [sys.executable, "-c", code + "print(commit())"]
        return subprocess.run(words, check=True, capture_output=True, text=True, cwd=tmp_path).stdout.strip()

    assert asked() == "unknown"
    (note / "direct_url.json").write_text('{"url": "file:///somewhere", "dir_info": {}}', encoding="utf-8")
    assert asked() == "unknown"
    fetched = {"url": "https://example.org/x", "vcs_info": {"vcs": "git", "commit_id": "c" * 40}}
    (note / "direct_url.json").write_text(json.dumps(fetched), encoding="utf-8")
    assert asked() == "c" * 40
