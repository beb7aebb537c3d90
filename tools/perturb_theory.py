"""Which numbers of the theory could be wrong unseen: alters each number and sign in it and judges the claims again.

A change of a place is one of four things: *refused* (some claim that runs the code around it gets another verdict, or
an error), *told* (all verdicts stay, some finding says something else: what the book prints would be false, and nobody
would notice), *silent* (nothing changes), *unused* (no check runs the code). The claims that run a function are those
whose checks were seen to call it; those that use a number of a module itself are also those whose checks stand in a
file that imports something from the module. What may stay told, silent or unused stands with its reason in
``reviews/unpinned``.

    python tools/perturb_theory.py --out changes.json [--only energies/] [--part 0/2] [--survey answers.json]
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import functools
import gc
import importlib
import importlib.abc
import importlib.util
import json
import multiprocessing
import pkgutil
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple, cast

import assocmem.theory
from assocmem.claims.registry import claims
from assocmem.claims.verdicts import KINDS

THEORY = Path(assocmem.theory.__file__).resolve().parent
SECONDS = 120
"""A change that takes longer than this has been noticed."""


class Change(NamedTuple):
    """One altered place: file below ``theory``, line, column, function around it, what stands there, what is put."""

    file: str
    line: int
    column: int
    function: str
    old: str
    new: str
    number: int


def places(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Every number and sign of a module that is computed with, and the function around it ("" for the module)."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        aside = [getattr(node, "returns", None), getattr(node, "annotation", None)]
        aside.append(node.format_spec if isinstance(node, ast.FormattedValue) else None)
        skipped |= {id(inner) for part in aside if isinstance(part, ast.AST) for inner in ast.walk(part)}

    def visit(node: ast.AST, function: str) -> Iterator[tuple[ast.expr, str]]:
        if id(node) in skipped:
            return
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            function = f"{function}.{node.name}" if function else node.name
        number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
        sign = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)
        if isinstance(node, ast.expr) and (number or sign or _is_minus(node)):
            yield node, function
        for child in ast.iter_child_nodes(node):
            yield from visit(child, function)

    return visit(tree, "")


def _is_minus(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


@functools.cache
def at_definition(path: Path) -> set[tuple[int, int]]:
    """Line and column of what a module computes where a function is defined: its defaults and decorators."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            for part in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
                found |= {(inner.lineno, inner.col_offset) for inner in ast.walk(part) if isinstance(inner, ast.expr)}
    return found


def altered(node: ast.expr) -> ast.expr:
    """The node with another number, or the other sign."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        value = node.value + 1 if isinstance(node.value, int) else node.value * 1.01 + (0.01 if node.value == 0 else 0)
        return ast.copy_location(ast.Constant(value), node)
    twin: Any = copy.copy(node)
    if isinstance(node, ast.BinOp):
        twin.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    else:
        twin.op = ast.UAdd()
    return cast(ast.expr, twin)


def changes(path: Path) -> list[Change]:
    """Every change of one module."""
    return [
        Change(
            str(path.relative_to(THEORY)),
            node.lineno,
            node.col_offset,
            function,
            ast.unparse(node)[:90],
            ast.unparse(altered(node))[:90],
            index,
        )
        for index, (node, function) in enumerate(places(ast.parse(path.read_text(encoding="utf-8"))))
    ]


class _Replace(ast.NodeTransformer):
    def __init__(self, target: ast.AST, new: ast.AST) -> None:
        self.target, self.new = target, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.target else self.generic_visit(node)


def altered_code(path: Path, index: int) -> CodeType:
    """The module of a file, compiled with one place altered."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    node = [place for place, _ in places(tree)][index]
    return compile(ast.fix_missing_locations(_Replace(node, altered(node)).visit(tree)), str(path), "exec")


class _Altered(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from altered code."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self.name, self.path, self.code = name, path, code

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        package = self.path.name == "__init__.py"
        origin = str(self.path)
        return (
            importlib.util.spec_from_loader(name, self, origin=origin, is_package=package)
            if name == self.name
            else None
        )

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: Any) -> None:
        module.__file__ = str(self.path)
        exec(self.code, module.__dict__)


def _inner(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _inner(constant)


@functools.cache
def _functions() -> dict[str, list[FunctionType]]:
    """The functions of the theory that live, by file."""
    found: dict[str, list[FunctionType]] = defaultdict(list)
    for thing in gc.get_objects():
        if type(thing) is FunctionType and thing.__code__.co_filename.startswith(str(THEORY)):
            found[thing.__code__.co_filename].append(thing)
    return found


def _forget() -> None:
    """Empty all caches, which may hold what the unaltered code gave."""
    for thing in gc.get_objects():
        if type(thing) is functools._lru_cache_wrapper and (thing.__module__ or "").startswith("assocmem.theory"):
            thing.cache_clear()


def judge(names: list[str], before: dict[str, Any], pipe: Any) -> None:
    """Send what the claims answer: the first other verdict, else the claims that say something else."""
    signal.alarm(10 + int(5 * sum(before[name]["seconds"] for name in names)))
    told = []
    for name in names:
        try:
            claim = sys.modules["assocmem.claims.registry"].claims[name]
            verdict, texts = answer(claim)
        except Exception as error:
            pipe.send(["refused", name, type(error).__name__])
            return
        if verdict != before[name]["verdict"]:
            pipe.send(["refused", name, verdict])
            return
        if texts != before[name]["texts"]:
            told.append(name)
    pipe.send(["told", *told] if told else ["silent"])


def answer(claim: Any) -> tuple[str, list[list[str]]]:
    """The verdict of a claim, and what its findings say, computed anew."""
    paper = sys.modules["assocmem.theory.exact.distances"].PAPER  # Not that of a module that was imported anew since.
    result = claim._run(claim.formal, KINDS, paper)
    return result.verdict, [[e.finding.text, str(e.finding.margin), str(e.finding.condition)] for e in result.evidence]


def _in_place(change: Change, names: list[str], before: dict[str, Any], pipe: Any) -> None:
    path = THEORY / change.file
    code = {(inner.co_qualname, inner.co_firstlineno): inner for inner in _inner(altered_code(path, change.number))}
    for function in _functions()[str(path)]:
        twin = code.get((function.__code__.co_qualname, function.__code__.co_firstlineno))
        if twin is not None:
            function.__code__ = twin
    judge(names, before, pipe)


def _from_scratch(change: Change, names: list[str], before: dict[str, Any], pipe: Any) -> None:
    path = THEORY / change.file
    name = ".".join(("assocmem.theory", *Path(change.file).with_suffix("").parts)).removesuffix(".__init__")
    try:
        code = altered_code(path, change.number)
        for loaded in [known for known in sys.modules if known.split(".")[0] == "assocmem"]:
            del sys.modules[loaded]
        sys.meta_path.insert(0, _Altered(name, path, code))
        _ = importlib.import_module("assocmem.claims.registry").claims["L1"].checks
    except Exception as error:
        pipe.send(["refused", "", type(error).__name__])
        return
    judge(names, before, pipe)


def ask(target: Any, *args: Any) -> Any:
    """Run something in a fork and take what it sends."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=target, args=(*args, there))
    process.start()
    there.close()
    try:
        answer = here.recv()
    except EOFError:
        answer = ["refused", "", "killed, or out of time"]
    process.join()
    return answer


def _survey(pipe: Any) -> None:
    """For each claim its verdict, what it says, how long that takes, and the functions of the theory that it calls."""
    before = {}
    for name, claim in claims.items():
        if not claim.checks:
            continue
        called: set[str] = set()

        def note(frame: Any, event: str, arg: Any, called: set[str] = called) -> None:
            if event == "call" and frame.f_code.co_filename.startswith(str(THEORY)):
                called.add(f"{frame.f_code.co_filename[len(str(THEORY)) + 1 :]}:{frame.f_code.co_qualname}")

        _forget()
        sys.setprofile(note)
        start = time.perf_counter()
        try:
            verdict, texts = answer(claim)
        finally:
            sys.setprofile(None)
        seconds = time.perf_counter() - start
        before[name] = {"verdict": verdict, "texts": texts, "seconds": seconds, "calls": sorted(called)}
    pipe.send(before)


def _imported(pipe: Any) -> None:
    """The functions of the theory that are called while the ledger is imported: what they gave is kept elsewhere."""
    for loaded in [known for known in sys.modules if known.split(".")[0] == "assocmem"]:
        del sys.modules[loaded]
    called: set[tuple[str, str]] = set()

    def note(frame: Any, event: str, arg: Any) -> None:
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(str(THEORY)):
            called.add((name[len(str(THEORY)) + 1 :], frame.f_code.co_qualname.partition(".<locals>")[0]))

    sys.setprofile(note)
    try:
        _ = importlib.import_module("assocmem.claims.registry").claims["L1"].checks
    finally:
        sys.setprofile(None)
    pipe.send(sorted(called))


def importing() -> dict[str, set[str]]:
    """The claims whose checks stand in a file that imports from a file of the theory, by the latter."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, claim in claims.items():
        for module in {check.function.__module__ for check in claim.checks}:
            for file in theory_imported_by(module):
                found[file].add(name)
    return found


@functools.cache
def theory_imported_by(module: str) -> frozenset[str]:
    """The files of the theory from which a module imports a name, or which it imports whole."""
    tree = ast.parse(Path(str(sys.modules[module].__file__)).read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("assocmem.theory"):
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    paths = {name.removeprefix("assocmem.theory").strip(".").replace(".", "/") + ".py" for name in names}
    return frozenset(path for path in paths if (THEORY / path).is_file())


def affordable(names: list[str], before: dict[str, Any], budget: float) -> list[str]:
    """The cheapest claims that a budget of seconds pays, and three at least."""
    spent, chosen = 0.0, list[str]()
    for name in names:
        spent += before[name]["seconds"]
        if spent > budget and len(chosen) >= 3:
            break
        chosen.append(name)
    return chosen


def try_all(
    todo: list[Change], before: dict[str, Any], done: dict[Change, list[str]], save: Any, budget: float = 20.0
) -> None:
    """Judge every change, cheap claims first, and save what is known from time to time."""
    at_import = {(file, function) for file, function in ask(_imported)}
    by_place: dict[tuple[str, str], set[str]] = defaultdict(set)
    by_file: dict[str, set[str]] = defaultdict(set)
    for name, known in before.items():
        for call in known["calls"]:
            file, _, function = call.partition(":")
            by_place[file, function.partition(".<locals>")[0]].add(name)
            by_file[file].add(name)
    for file, users in importing().items():
        by_file[file] |= users & set(before)
    start = time.monotonic()
    for count, change in enumerate(todo):
        inside = by_place.get((change.file, change.function), set()) if change.function else by_file[change.file]
        if change.function and not inside:  # a function within a function, or the body of a class
            outer = change.function.rpartition(".")[0]
            while outer and not inside:
                inside, outer = by_place.get((change.file, outer), set()), outer.rpartition(".")[0]
            inside = inside or (by_file[change.file] if "." not in change.function else set())
        names = sorted(inside, key=lambda name: before[name]["seconds"])
        if not names:
            done[change] = ["unused"]
        else:
            names = affordable(names, before, budget)
            done[change] = ask(_in_place, change, names, before) if change.function else ["silent"]
            own = {function.__code__.co_qualname for function in _functions()[str(THEORY / change.file)]}
            reached = change.function in own and (change.file, change.function) not in at_import
            reached = reached and (change.line, change.column) not in at_definition(THEORY / change.file)
            if done[change][0] != "refused" and not reached:  # What an import computed is not reached in place.
                done[change] = ask(_from_scratch, change, names, before)
        if count % 20 == 19 or count + 1 == len(todo):
            save()
            print(count + 1, round(time.monotonic() - start), Counter(what[0] for what in done.values()), flush=True)


def main() -> None:
    """Read the command line and write the changes with what became of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("changes.json"))
    parser.add_argument("--only", action="append", help="only files whose path contains this")
    parser.add_argument("--budget", type=float, default=20.0, help="seconds of claims that a change is judged by")
    parser.add_argument("--part", default="0/1", help="which part of how many")
    parser.add_argument("--reverse", action="store_true", help="from the last file to the first")
    parser.add_argument("--survey", type=Path, help="keep what the claims answer unaltered")
    args = parser.parse_args()
    part, parts = (int(word) for word in args.part.split("/"))
    for module in pkgutil.walk_packages(assocmem.theory.__path__, "assocmem.theory."):
        importlib.import_module(module.name)
    _ = claims["L1"].checks  # Loads the checks of all.
    if args.survey and args.survey.exists():
        before = json.loads(args.survey.read_text())
    else:
        before = ask(_survey)
        if args.survey:
            args.survey.write_text(json.dumps(before))
    print(len(before), "claims", round(sum(known["seconds"] for known in before.values())), "s", flush=True)
    _functions()
    _forget()
    gc.freeze()
    todo = [change for path in sorted(THEORY.rglob("*.py")) for change in changes(path)]
    if args.reverse:
        todo.reverse()
    todo = [change for change in todo if not args.only or any(word in change.file for word in args.only)][part::parts]
    done: dict[Change, list[str]] = {}
    with contextlib.suppress(FileNotFoundError):
        done = {Change(*row[:7]): row[7] for row in json.loads(args.out.read_text())}

    def save() -> None:
        args.out.write_text(json.dumps([[*change, what] for change, what in done.items()]))

    print(len(todo), "changes", flush=True)
    try_all([change for change in todo if change not in done], before, done, save, args.budget)


if __name__ == "__main__":
    main()
