"""The page of the command line: each command's sentence, a line to type, what that prints, its options and defaults.

All but the line is asked of the command itself when the book is built, as a user would ask: ``--help`` and ``--show``.
The command line is imported when a page needs it, since it takes a moment.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

WIDTH = "80"
"""Columns of the terminal whose output the page shows."""
SCALES = ("smoke", "local", "paper")
NEEDED = re.compile(r"assocmem: (--[\w-]+) must be (?:given|named)")
NOT_LISTED = {"help", "config", "show"}
"""Options that every command has, or all that take settings; the page says them once."""


def group() -> Any:
    """The command line as click knows it."""
    import typer

    from assocmem.cli import app

    return typer.main.get_command(app)


def command(name: str) -> Any:
    """One subcommand as click knows it.

    Raises
    ------
    ExtensionError
        For a name that is no command, with the names that there are.
    """
    from assocmem.cli import COMMANDS

    if name not in COMMANDS:
        raise ExtensionError(f"command {name!r} is none of assocmem's: {', '.join(COMMANDS)}")
    return group().get_command(None, name)


def output(line: str) -> tuple[int, str, str]:
    """The exit status of a line that begins with ``assocmem``, what it prints, and what it says of errors."""
    from typer.testing import CliRunner

    from assocmem.cli import app

    done = CliRunner(env={"COLUMNS": WIDTH, "NO_COLOR": "1", "TERM": "dumb"}).invoke(app, words(line))
    return done.exit_code, done.stdout, done.stderr


def words(line: str) -> list[str]:
    """What follows the name of the program, as a shell takes it apart; a remark at the end is none of it."""
    program, *rest = shlex.split(line.replace("\\\n", " "), comments=True)
    if program != "assocmem":
        raise ExtensionError(f"{line!r} does not begin with assocmem")
    return rest


def defaults(name: str) -> dict[str, str]:
    """The default of each option in words: one value, or where they differ one for each of ``SCALES``."""
    one = command(name)
    out = {option.name: _word(option.default) for option in one.params if option.param_type_name == "option"}
    if "show" not in out:
        return out
    scales = SCALES if "scale" in out else ("",)
    shown = {scale: _shown(name, scale) for scale in scales}
    for option in shown[scales[0]]:
        values = [shown[scale][option] for scale in scales]
        out[option] = values[0] if len(set(values)) == 1 else " / ".join(values)
    return out


def _shown(name: str, scale: str) -> dict[str, str]:
    """What ``--show`` prints at a scale, by the name of the option; what has to be given is called so."""
    import yaml

    line, given = f"assocmem {name} --show" + (f" --scale {scale}" if scale else ""), set()
    while True:
        status, printed, errors = output(line)
        if status == 0:
            break
        needed = NEEDED.match(errors)
        if needed is None or needed[1] in given:
            raise ExtensionError(f"{line!r} answers: {errors.strip()}")
        given.add(needed[1])
        line += f" {needed[1]} 1"
    values = dict(_leaves(yaml.safe_load(printed)))
    return {key: "required" if f"--{key.replace('_', '-')}" in given else _word(value) for key, value in values.items()}


def _leaves(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value)
        else:
            yield name, value


def _word(value: Any) -> str:
    if value is None or value == []:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(_word, value)) if isinstance(value, list | tuple) else str(value)


def options(name: str) -> list[str]:
    """The options of a command as the rows of a table, by group, under a head."""
    one, values = command(name), defaults(name)
    listed = [p for p in one.params if p.name not in NOT_LISTED and not getattr(p, "hidden", False)]
    differ = any(" / " in value for value in values.values())
    head = f"if not given, at {' / '.join(SCALES)}" if differ else "if not given"
    rows = [f"| option | what it is | {head} |", "|:--|:--|:--|"]
    for parameter in listed:
        if parameter.param_type_name == "argument":
            rows.append(f"| {(parameter.name or '').upper()} | {_cell(parameter.help)} | – |")
            continue
        names = ", ".join(f"`{word}`" for word in (*parameter.opts, *parameter.secondary_opts))
        rows.append(f"| {names} | {_cell(parameter.help)} | {_cell(values.get(parameter.name, '–'))} |")
    return rows


def _cell(text: str) -> str:
    """A text for a cell of a table: none of it is markup, and options are code, lest their hyphens be joined."""
    return _with_options(re.sub(r"([\\|*_`<>\[\]$])", r"\\\1", " ".join(text.split())))


def _with_options(text: str) -> str:
    return re.sub(r"(--[a-z][a-z-]*)", r"`\1`", text)


def section(name: str, example: str, *, run: bool) -> str:
    """A command as MyST: its sentences, the line to type, what it prints if it is run, its options."""
    said = str(command(name).help).partition("\nExamples:\n")[0]  # The page has a line of its own to type.
    out = [_with_options(said.rstrip()), "", "```bash", example, "```", ""]
    if run:
        status, printed, errors = output(example)
        if status != 0:
            raise ExtensionError(f"{example!r} ends with {status}: {errors.strip()}")
        out += ["It prints:", "", "```{code-block} text", ":class: terminal", "", printed.rstrip(), "```", ""]
    rows = options(name)
    return "\n".join([*out, f":::{{dropdown}} The options of `assocmem {name}`", *rows, ":::", ""])


class ExitStatuses(SphinxDirective):
    """A table of all exit statuses, as the command line has them."""

    def run(self) -> list[nodes.Node]:
        from assocmem.cli.exit_status import Status

        rows = [f"| {one.value} | {_with_options(one.meaning)} |" for one in Status]
        return self.parse_text_to_nodes("\n".join(["| status | what it means |", "|:--|:--|", *rows]))


class Command(SphinxDirective):
    """A command of ``assocmem``: the body is a line that calls it, run with ``:run:`` when the book is built."""

    required_arguments = 1
    has_content = True
    option_spec = {"run": directives.flag}  # noqa: RUF012  # As docutils declares it.

    def run(self) -> list[nodes.Node]:
        example = "\n".join(self.content).strip()
        name = self.arguments[0]
        if words(example)[:1] != [name]:
            raise ExtensionError(f"the line {example!r} does not call {name}")
        return self.parse_text_to_nodes(section(name, example, run="run" in self.options))
