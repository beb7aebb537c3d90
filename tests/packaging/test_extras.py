"""What pip installs without an extra runs the torch module; each extra brings what its rooms and commands import."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from assocmem.__main__ import EXTRAS
from assocmem.cli import COMMANDS
from module_closure import closure, sources
from repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GROUPS = PROJECT["optional-dependencies"]
ROOMS = {
    "memory": "",
    "theory": "theory",
    "language": "language",
    "experiments": "language",
    "figures": "all",
    "claims": "all",
    "examples": "all",
}
OPTIONAL = {"datasets", "pandas"}
"""What a function asks for by name, with a line of its own, and nothing else needs."""
PARTS = {"pydantic_core": "pydantic", "cycler": "matplotlib"}
"""Packages that are parts of others in all but name."""
BLOCK = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocked())
"""
ROUND_TRIP = """
import sys
import torch
from assocmem.memory import DistanceMemory, Index, energy, knn, retrieve

patterns = torch.randn(500, 16, generator=torch.Generator().manual_seed(0))
x = (patterns[:3] + 0.01).requires_grad_()
index = Index(patterns)
index.save(sys.argv[1])
for memory in (index, Index.load(sys.argv[1], mapped=True)):
    assert memory.search(x.detach(), 2)[1][:, 0].tolist() == [0, 1, 2]
assert torch.equal(knn(x, patterns, 2)[1], index.search(x, 2)[1])
energy(x, patterns).sum().backward()
assert torch.allclose(x.grad, 2 * (x - retrieve(x, patterns)), atol=1e-4)
layer = DistanceMemory(patterns, learn_patterns=True)
layer(x).sum().backward()
assert torch.allclose(layer(x), retrieve(x, patterns), atol=1e-4)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def needs(extra: str) -> set[str]:
    """Names of what pip installs for an extra, the package's own requirements with it."""
    found = set[str]()
    for text in [*PROJECT["dependencies"], *GROUPS.get(extra, [])]:
        need = Requirement(text)
        if need.name == PROJECT["name"]:
            found = found.union(*(needs(inner) for inner in need.extras))
        else:
            found.add(canonicalize_name(need.name))
    return found


def lacking(packages: set[str], extra: str) -> set[str]:
    """Imported packages that no distribution of an extra holds."""
    holders, there = packages_distributions(), needs(extra)
    names = {p: {canonicalize_name(d) for d in holders.get(p, [p])} | {PARTS.get(p, p)} for p in packages - OPTIONAL}
    return {package for package, distributions in names.items() if not distributions & there}


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_finds_what_it_imports_in_its_extra(room: str) -> None:
    packages = closure(*[name for name in sources() if name.startswith(f"assocmem.{room}")])[1]
    assert packages
    assert lacking(packages, ROOMS[room]) == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_finds_what_it_imports_in_the_extra_that_it_names(command: str) -> None:
    assert lacking(closure("assocmem.cli", f"assocmem.cli.{command}")[1], EXTRAS[command]) == set()


def test_the_torch_module_needs_four_packages_and_what_is_made_here_needs_all() -> None:
    assert needs("") == {"numpy", "jaxtyping", "torch", "safetensors"}
    assert lacking({"sympy"}, "") == {"sympy"}
    for extra in ("book", "test", "dev", "lab", "browser"):
        assert needs("all") <= needs(extra)


def foreign() -> set[str]:
    """Packages of this environment that come with no requirement of the torch module, nor with what those require."""
    kept = needs("")
    for _ in range(4):
        inner = [Requirement(text) for name in kept for text in known(name)]
        kept |= {canonicalize_name(n.name) for n in inner if n.marker is None or n.marker.evaluate({"extra": ""})}
    tops = packages_distributions()
    return {top for top, names in tops.items() if not {canonicalize_name(n) for n in names} & kept} - {"assocmem"}


def known(name: str) -> list[str]:
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []


def run(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    start = [sys.executable, "-W", "ignore", "-c", code, *words]
    return subprocess.run(start, capture_output=True, text=True, check=False, timeout=120)


def test_the_torch_module_works_where_nothing_else_is_installed(tmp_path: object) -> None:
    blocked = foreign()
    assert {"scipy", "flint", "transformers", "typer", "rich", "yaml", "matplotlib", "pytest"} <= blocked
    done = run(BLOCK.format(names=blocked) + ROUND_TRIP, f"{tmp_path}/index")
    assert done.returncode == 0, done.stderr
    assert not blocked & set(done.stdout.split())


@pytest.mark.parametrize(
    ("words", "blocked", "line"),
    [
        (["check", "P3"], "sympy", "assocmem check needs sympy, which is not there: pip install 'assocmem[all]'"),
        (["balance", "--tokens", "1e9"], "scipy", "assocmem balance needs scipy, which is not there: pip install"),
        (["train"], "transformers", "assocmem train needs transformers, which is not there: pip install"),
        (["--help"], "typer", "the command needs typer, which is not there: pip install 'assocmem[all]'"),
        (["balance"], "typer", "assocmem balance needs typer, which is not there: pip install 'assocmem[theory]'"),
    ],
)
def test_a_command_whose_extra_is_missing_names_it_in_one_line(words: list[str], blocked: str, line: str) -> None:
    code = BLOCK.format(names={blocked}) + "from assocmem.__main__ import main\nmain()"
    done = run(code, *words)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"assocmem: {line}")
    assert done.stderr.count("\n") == 1


def test_a_fault_of_the_package_itself_is_no_missing_extra() -> None:
    code = "import sys; sys.modules['assocmem.cli.balance'] = None\nfrom assocmem.__main__ import main\nmain()"
    done = run(code, "balance")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
