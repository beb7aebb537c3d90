"""Which modules of this package, and which of others, a module may import, now or when a function is called."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

from repository import ROOT

SOURCE = ROOT / "src"


@cache
def sources() -> dict[str, Path]:
    """The file of each module of the package."""
    files = {".".join(p.relative_to(SOURCE).with_suffix("").parts): p for p in (SOURCE / "assocmem").rglob("*.py")}
    return {name.removesuffix(".__init__"): path for name, path in files.items()}


@cache
def lazily(package: str) -> dict[str, str]:
    """Where a package that loads its names when they are used finds each of them, from its stub."""
    stub = SOURCE.joinpath(*package.split("."), "__init__.pyi")
    if not stub.is_file():
        return {}
    lines = [node for node in ast.parse(stub.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name: f"{package}.{node.module}" for node in lines for alias in node.names}


@cache
def imports(module: str) -> frozenset[str]:
    """Dotted names that a module imports, those for type checkers left out."""
    tree, found = ast.parse(sources()[module].read_text(encoding="utf-8")), set[str]()
    typed = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    left_out = {id(inner) for node in typed for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            where = lazily(node.module)
            found |= {node.module, *(where.get(alias.name, f"{node.module}.{alias.name}") for alias in node.names)}
    return frozenset(found)


def closure(*starts: str) -> tuple[set[str], set[str]]:
    """Modules of the package that are reached, and the packages outside it and the standard library."""
    own, others, left = set[str](), set[str](), list(starts)
    while left:
        name = left.pop()
        while name and name not in sources():
            name = name.rpartition(".")[0]
        if not name or name in own:
            continue
        own.add(name)
        for other in imports(name):
            if other.partition(".")[0] == "assocmem":
                left += [other, other.rpartition(".")[0]]
            else:
                others.add(other.partition(".")[0])
    return own, others - sys.stdlib_module_names
