"""Holds the docstrings of public objects to numpydoc and reStructuredText, as napoleon and docutils read them.

Reported are: whatever napoleon and docutils warn of; single backticks, backslashes outside of code and references that
lead nowhere; entries that are no ``name : type`` with an indented description; parameters and attributes that the code
lacks; exceptions that a body raises and no Raises section names (those of a constructor belong to the class).
Prints each fault and exits with 1 if there is one; arguments are files and folders, all of the package without any.
"""

from __future__ import annotations

import ast
import importlib
import io
import pydoc
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import Directive, directives, roles
from sphinx.ext.napoleon import Config
from sphinx.ext.napoleon.docstring import NumpyDocstring

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "assocmem"
TYPED = ("Parameters", "Other Parameters", "Attributes", "Returns", "Yields")
SECTIONS = (*TYPED, "Raises", "Warns", "Examples", "Example", "Notes", "References", "See Also")
HEADING = re.compile(rf"^({'|'.join(SECTIONS)})\n-{{3,}}$", re.M)
LITERAL = re.compile(r"``.+?``", re.S)
CONTAINERS = ("list", "tuple", "dict", "set", "sequence", "iterable", "collection", "mapping")
CONSTRUCTORS = ("__init__", "__post_init__", "__new__")
REFERENCES = ("func", "class", "meth", "mod", "attr", "exc", "data", "obj", "const")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Documented:
    """A public object: its dotted name and line, its docstring, and the code that the docstring speaks of, if any."""

    name: str
    line: int
    text: str
    node: ast.AST | None = None


def is_public(name: str) -> bool:
    """Whether a name belongs to the public API; special methods do."""
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def documented(tree: ast.Module, module: str) -> Iterator[Documented]:
    """The module, its public functions, classes, methods and variables, each with its docstring ("" without one)."""
    yield Documented(module, 1, ast.get_docstring(tree) or "", None)
    yield from _members(tree.body, module)


def _members(body: list[ast.stmt], prefix: str) -> Iterator[Documented]:
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and is_public(node.name):
            name = f"{prefix}.{node.name}"
            yield Documented(name, node.lineno, ast.get_docstring(node) or "", node)
            if isinstance(node, ast.ClassDef):
                yield from _members(node.body, name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(following, ast.Expr):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            value = following.value
            if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield Documented(f"{prefix}.{target.id}", following.lineno, _clean(value.value), None)


def _clean(text: str) -> str:
    return ast.get_docstring(ast.Module([ast.Expr(ast.Constant(text))], [])) or ""


class _Described(Directive):
    """Stands in for Sphinx's ``attribute`` and ``method``: the content is parsed, the rest is dropped."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        self.content = type(self.content)([line for line in self.content if not line.startswith(":")], "")
        inner = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, inner)
        return [inner]


_scope = ""
"""The module whose docstring is read: a reference may name what lies in it."""


def leads_somewhere(target: str) -> bool:
    """Whether a dotted name is an object, in full or of the module that is read."""
    first, *rest = target.split(".")
    value: Any = vars(importlib.import_module(_scope)).get(first) if _scope else None
    for name in rest:
        value = getattr(value, name, None)
    return value is not None or pydoc.locate(target) is not None


def _refer(
    role: str, rawtext: str, text: str, lineno: int, inliner: Any, options: Any = None, content: Any = None
) -> tuple[list[Any], list[Any]]:
    """A reference to a project's object, which must exist."""
    target = text.rpartition("<")[2].strip("~>!()")
    if not leads_somewhere(target):
        return [], [inliner.reporter.warning(f"{rawtext} leads nowhere", line=lineno)]
    return [nodes.literal(rawtext, text)], []


def _register() -> None:
    for name in ("attribute", "method", "seealso"):
        directives.register_directive(name, _Described)
    for name in REFERENCES:
        roles.register_local_role(name, _refer)


def markup_faults(text: str, what: str = "function") -> list[str]:
    """What docutils says of a docstring that napoleon has read, and markup that would swallow or slant letters."""
    _register()
    parsed = "\n".join(NumpyDocstring(text, cast(Any, Config()), what=what).lines())
    stream = io.StringIO()
    settings = {"warning_stream": stream, "report_level": 2, "halt_level": 5, "file_insertion_enabled": False}
    tree = publish_doctree(parsed, source_path="docstring", settings_overrides=settings)
    faults = [m.strip() for m in re.findall(r"^docstring:\d*:? ?\(\w+/\d\) (.*)$", stream.getvalue(), re.M)]
    faults += [f"`{node.astext()}` in single backticks" for node in tree.findall(nodes.title_reference)]
    if "\\" in LITERAL.sub("", text):
        faults.append("a backslash outside of double backticks")
    names = re.findall(r"``(assocmem(?:\.\w+)+)``", text)
    return faults + [f"``{name}`` leads nowhere" for name in names if pydoc.locate(name) is None]


@dataclass(frozen=True)
class Entry:
    """One entry of a section: its heading line and whether an indented description follows."""

    head: str
    described: bool

    @property
    def names(self) -> list[str]:
        """The names before the colon, without stars."""
        return [name.strip().lstrip("*") for name in self.head.partition(" : ")[0].split(",")]


def sections(text: str) -> dict[str, list[Entry]]:
    """The entries of each numpydoc section."""
    parts = HEADING.split(text)
    return {title: _entries(body.splitlines()) for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def _entries(lines: list[str]) -> list[Entry]:
    out = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line and not line[0].isspace():
            out.append(Entry(line, following.startswith(" ")))
    return out


def is_type(text: str) -> bool:
    """Whether text is a type as annotations or numpydoc spell it ("list of int"), perhaps ", optional" behind it."""
    bare = re.sub(r", (optional|default.*)$", "", text.strip()).replace(" or ", " | ")
    bare = re.sub(rf"\b({'|'.join(CONTAINERS)}) of (\w+ to )?", "", bare)
    try:
        tree = ast.parse(bare, mode="eval")
    except SyntaxError:
        return False
    allowed = (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.BitOr, ast.Constant, ast.Tuple, ast.List, ast.Set)
    around = (ast.expr_context, ast.Expression, ast.UnaryOp, ast.USub)
    return all(isinstance(n, (*allowed, *around)) for n in ast.walk(tree))


def entry_faults(text: str) -> list[str]:
    """Entries that are not numpydoc's: ``name : type`` on a line of its own, the description indented below."""
    faults = []
    for title, entries in sections(text).items():
        for entry in entries if title in (*TYPED, "Raises", "Warns") else ():
            head, colon, kind = entry.head.partition(" : ")
            if title in ("Raises", "Warns"):
                right = not colon and all(re.fullmatch(r"[\w.]+", name) for name in entry.names)
            elif title in ("Returns", "Yields"):
                right = is_type(kind or head)
            else:
                right = all(name.isidentifier() for name in entry.names) and (not colon or is_type(kind))
            if not right or not entry.described:
                faults.append(f"{title}: {entry.head!r} is no 'name : type' with an indented description")
    return faults


def _parameters(node: Function) -> set[str]:
    spec = node.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *filter(None, (spec.vararg, spec.kwarg))]
    return {a.arg for a in every}


def _attributes(node: ast.ClassDef) -> set[str]:
    """Names of a class's fields, methods and of what its methods set on self."""
    names = {n.name for n in node.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
            names.add(inner.attr)
    for statement in node.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def name_faults(item: Documented) -> list[str]:
    """Parameters and attributes in the docstring that the code lacks; those that a base class may hold pass."""
    node, listed = item.node, sections(item.text)
    if isinstance(node, ast.ClassDef):
        known = {"Attributes": _attributes(node)}
        makers = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name in ("__init__", "__new__")]
        known["Parameters"] = set().union(*map(_parameters, makers)) if makers else known["Attributes"]
        if [base for base in node.bases if ast.unparse(base) not in ("Protocol", "NamedTuple", "TypedDict")]:
            known = {"Parameters": known["Parameters"]} if makers else {}
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        known = {"Parameters": _parameters(node)}
    else:
        return []
    return [
        f"{title}: {name!r} is not in the code"
        for title, names in known.items()
        for entry in listed.get(title, ())
        for name in entry.names
        if name not in names
    ]


def raised(node: ast.AST) -> set[str]:
    """Names of the exception classes that a body raises itself, functions inside it left out."""
    names: set[str] = set()
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(inner, ast.Raise) and inner.exc is not None:
            kind = inner.exc.func if isinstance(inner.exc, ast.Call) else inner.exc
            name = ast.unparse(kind).rpartition(".")[2]
            names |= {name} if name[:1].isupper() else set()
        names |= raised(inner)
    return names


def raise_faults(item: Documented) -> list[str]:
    """Exceptions that the body raises and the Raises section does not name; a constructor's belong to the class."""
    node = item.node
    if isinstance(node, ast.ClassDef):
        makers = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name in CONSTRUCTORS]
        bodies: list[ast.AST] = list(makers)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name not in CONSTRUCTORS:
        bodies = [node]
    else:
        return []
    named = {name.rpartition(".")[2] for entry in sections(item.text).get("Raises", ()) for name in entry.names}
    missing = set().union(*map(raised, bodies)) - named if bodies else set()
    return [f"raises {name}, which no Raises section names" for name in sorted(missing)]


def faults_of(item: Documented) -> list[str]:
    """All that is wrong with one docstring."""
    what = "class" if isinstance(item.node, ast.ClassDef) else "function"
    return [*markup_faults(item.text, what), *entry_faults(item.text), *name_faults(item), *raise_faults(item)]


def is_shown(parts: tuple[str, ...]) -> bool:
    """Whether the API page shows a module: nothing private, and no checks of the ledger, which its pages show."""
    return all(map(is_public, parts)) and not (parts[:2] == ("assocmem", "claims") and len(parts) > 3)


def lint(paths: list[Path]) -> list[str]:
    """Faults of all public objects below the paths, as "file:line: name: fault"."""
    global _scope
    files = sorted({file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))})
    out = []
    for file in files:
        parts = file.resolve().relative_to(PACKAGE.parent).with_suffix("").parts
        if is_shown(parts):
            _scope = module = ".".join(part for part in parts if part != "__init__")
            for item in documented(ast.parse(file.read_text(encoding="utf-8")), module):
                out += [f"{file}:{item.line}: {item.name}: {fault}" for fault in faults_of(item)]
    return out


if __name__ == "__main__":
    problems = lint([Path(arg) for arg in sys.argv[1:]] or [PACKAGE])
    print("\n".join(problems) or "docstrings: nothing to say")
    sys.exit(bool(problems))
