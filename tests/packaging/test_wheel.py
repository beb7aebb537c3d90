"""What pip installs is whole: records, statements and licenses are in it, and what a reader downloads runs with it.

The wheel is installed into an empty environment outside the repository. A few verdicts and notebooks, those that read
records, are tried in ``make test``; all of them in ``make wheel-test``.
"""

from __future__ import annotations

import shutil
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path
from subprocess import run

import pytest

from assocmem.claims.pages import PAGES
from distributions import Installed, build, clean, copy_tree, tracked
from repository import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
READ_RECORDS = ("03b_real_attention", "03c_fast_memory", "09a_plateaus")
ON_RECORDS = ("QF-OBS6", "QF-OBS10", "QF-L1", "QF-MEM", "X-QF-FOLLOWS")
"""Claims whose verdict hangs on a record that comes with the package."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tree, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("installed"), wheel)


def downloaded(folder: Path, names: tuple[str, ...] | None = None) -> list[Path]:
    """Copies of the notebooks, as a reader downloads them."""
    chosen = [path for path in NOTEBOOKS if names is None or path.stem in names]
    return [Path(shutil.copy(path, folder)) for path in chosen]


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.slow
def test_the_wheel_holds_what_the_package_reads_and_says_its_licenses(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        about = message_from_bytes(archive.read(metadata))
    data = [p for p in (ROOT / "src").rglob("*") if p.suffix in (".json", ".yaml", ".js", ".pyi", ".typed")]
    assert {str(path.relative_to(ROOT / "src")) for path in data} <= names
    assert about["License-Expression"] == "BSD-3-Clause AND CC-BY-4.0"
    assert set(about.get_all("License-File")) == {"LICENSE", "LICENSE-PROSE"}
    assert {url.partition(",")[0] for url in about.get_all("Project-URL")} >= {"Documentation", "Issues", "Changelog"}
    assert all(about.get_all(word) for word in ("Author", "Keywords", "Classifier"))
    assert not [name for name in names if name.startswith(("tests", "book"))]


@pytest.mark.slow
def test_the_installed_package_finds_its_records_and_leaves_nothing_behind(
    installed: Installed, tmp_path: Path
) -> None:
    where = installed.python("-c", "import assocmem; print(assocmem.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.bin.parent)
    provenance = installed.python("-c", "from assocmem.experiments.provenance import commit; print(commit())", cwd=ROOT)
    assert provenance.strip() == "unknown", "the current folder's repository is not the package's"
    notebooks = downloaded(tmp_path, READ_RECORDS)
    before = files(tmp_path)
    assert "; 0 verdicts differ" in installed.run("assocmem", "check", *ON_RECORDS, cwd=tmp_path)
    installed.execute(*notebooks, cwd=tmp_path)
    assert files(tmp_path) == before


@pytest.mark.slow
def test_the_sdist_holds_all_that_the_repository_holds(tree: Path, tmp_path: Path) -> None:
    if not tracked():
        pytest.skip("this is an sdist; what a repository holds is not known")
    with tarfile.open(build("sdist", tree, tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert sorted(set(tracked()) - names) == []


@pytest.mark.wheel
def test_every_verdict_of_the_installed_package_is_the_stored_one(installed: Installed, tmp_path: Path) -> None:
    assert "; 0 verdicts differ" in installed.run("assocmem", "check", cwd=tmp_path)
    assert not files(tmp_path)


@pytest.mark.wheel
@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
def test_every_downloaded_notebook_runs(name: str, installed: Installed, tmp_path: Path) -> None:
    (notebook,) = downloaded(tmp_path, (name,))
    installed.execute(notebook, cwd=tmp_path)
    assert files(tmp_path) == {notebook.name}


@pytest.mark.wheel
def test_the_tests_of_the_sdist_run(tree: Path, tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tree, tmp_path / "dist")) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = (path for path in tmp_path.iterdir() if path.name != "dist")
    chosen = ["tests/test_architecture.py", "tests/experiments", "tests/tools", "tests/book/test_launch.py"]
    chosen += [f"tests/claims/{PAGES[0].chapter}", "notebooks/03c_fast_memory.ipynb"]
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen]
    own = {"PYTHONPATH": f"{unpacked / 'src'}:{unpacked / 'book/_ext'}"}  # For the kernels of its notebooks too.
    done = run(words, cwd=unpacked, env=clean() | own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
