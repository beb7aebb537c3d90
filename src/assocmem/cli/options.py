"""Options of a command from the fields of a settings class, ``--config`` and ``--show``, and errors in one line."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import typer
from typer.core import TyperCommand

from assocmem.cli.errors import CellsWithoutRecordError, failure, out_of_room
from assocmem.cli.exit_status import Status
from assocmem.language.training.stopped import StoppedError
from assocmem.settings import Setting, as_yaml, settings_of

__all__ = ["GroupedHelp", "Overrides", "takes_settings"]

Overrides = dict[str, Any]
"""Values by the name of the setting, from the file and the options; text where an option gives it."""
CONFIG = Annotated[
    Path | None,
    typer.Option("--config", help="YAML file of settings; options go before it", rich_help_panel="Settings"),
]
SHOW = Annotated[
    bool, typer.Option("--show", help="print all settings as such a file, and stop", rich_help_panel="Settings")
]


class GroupedHelp(TyperCommand):
    """A command whose plain help lists options under the headings of their groups."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each group.

        Parameters
        ----------
        ctx : typer.Context
            Of this call.
        formatter : HelpFormatter
            What is written to.
        """
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            if (record := parameter.get_help_record(ctx)) is not None:
                title = "Arguments" if parameter.param_type_name == "argument" else "Options"
                sections.setdefault(getattr(parameter, "rich_help_panel", None) or title, []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)


def takes_settings(
    cls: type[Any], configure: Callable[..., Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each setting of a class, besides its own, and ``--config`` and ``--show``.

    Parameters
    ----------
    cls : type
        Made by :func:`assocmem.settings.settings_class`.
    configure : Callable
        Makes the settings: called with the values by name, as ``overrides``, and those options of the command itself
        that are among its parameters.

    Returns
    -------
    Callable
        The decorator of the command. The command is called with the settings first, then its own options; not at all
        with ``--show``. What it raises is printed in one line, settings named by their options: exit status 2
        for ValueError, OSError and RuntimeError, and those of :class:`~assocmem.cli.exit_status.Status` for a training
        that diverged, cells of a sweep without a record, a full disk or memory, and what was stopped.
    """
    own = list(inspect.signature(configure).parameters)

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        _, *parameters = inspect.signature(command, eval_str=True).parameters.values()
        settings = {one.path[-1]: one for one in settings_of(cls)}

        @wraps(command)
        def call(*, config: Path | None, show: bool, **values: Any) -> None:
            options = {name: value for name in settings if (value := values.pop(name)) is not None}
            with one_line_errors([*settings.values()], [one.name for one in parameters]):
                overrides = _merged(settings, options, {} if config is None else _file(config))
                chosen = {name: value for name, value in values.items() if name in own}
                made = configure(overrides=overrides, **chosen)
                if show:
                    print(as_yaml(made), end="")
                else:
                    command(made, **values)

        generated = [_parameter(name, one) for name, one in settings.items()]
        call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                *(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters),
                *generated,
                inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=CONFIG),
                inspect.Parameter("show", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=SHOW),
            ]
        )
        call.__annotations__ = {one.name: one.annotation for one in call.__signature__.parameters.values()}  # type: ignore[attr-defined]
        return call

    return decorate


@contextmanager
def one_line_errors(settings: list[Setting], options: list[str]) -> Iterator[None]:
    """Print what is raised in one line and exit; settings and options that it speaks of are named as they are typed.

    Parameters
    ----------
    settings : list[Setting]
        The settings of the command.
    options : list[str]
        Names of its other options, as parameters.

    Raises
    ------
    typer.Exit
        With the exit status.
    """
    typed = {name: f"--{name.replace('_', '-')}" for name in (*options, "config")}
    typed |= {one.path[-1]: one.names[0] for one in settings}
    try:
        yield
    except StoppedError as error:
        raise failure("stopped, with a checkpoint; the same command goes on where it was", 128 + error.number) from None
    except KeyboardInterrupt:
        raise failure("stopped; the same command goes on where it was", Status.STOPPED) from None
    except CellsWithoutRecordError as error:
        raise failure(str(error), Status.CELLS_FAILED) from None
    except Exception as error:
        if (line := out_of_room(error)) is not None:
            raise failure(line, Status.NO_ROOM) from None
        if isinstance(error, ArithmeticError):
            raise failure(str(error), Status.DIVERGED) from None
        if isinstance(error, OSError | ValueError | RuntimeError):
            raise failure(_as_typed(str(error), typed)) from None
        raise


def _as_typed(message: str, typed: Mapping[str, str]) -> str:
    """A message with settings named as options: at its beginning, with a value behind it, and what is no word else."""
    first = re.split(r"[ =]", message, maxsplit=1)[0]
    rest = message[len(first) :]

    def option(found: re.Match[str]) -> str:
        marked = "_" in found[0] or rest[found.end() :].startswith("=")
        return typed.get(found[0], found[0]) if marked else found[0]

    return typed.get(first, first) + re.sub(r"(?<![\w./'\"-])[a-z]\w*(?=[ ,;:)=]|$)", option, rest)


def _parameter(name: str, one: Setting) -> inspect.Parameter:
    """A parameter of the command; its value is text, which the settings class reads, but for what is true or false."""
    kind: Any = bool if one.kind is bool else list[str] if _is_repeated(one.kind) else str
    option = typer.Option(
        *((f"{one.names[0]}/--no-{one.names[0][2:]}", *one.names[1:]) if kind is bool else one.names),
        help=one.help,
        metavar=None if kind is bool else _metavar(one.kind),
        rich_help_panel=one.group,
        show_default=False,
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
    )


def _is_repeated(kind: Any) -> bool:
    return get_origin(kind) is tuple and get_args(kind)[-1] is ...


def _metavar(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "|".join(map(str, get_args(kind)))
    if get_origin(kind) is tuple:
        inner = [one for one in get_args(kind) if one is not ...]
        return ",".join(_metavar(get_args(one)[0] if get_origin(one) is Annotated else one) for one in inner)
    return f"<{kind.__name__.lower()}>"


def _merged(settings: Mapping[str, Setting], options: Overrides, file: Overrides) -> Overrides:
    """The values of the file, with those of the options in their place."""
    merged = {name: dict(value) if isinstance(value, dict) else value for name, value in file.items()}
    for name, value in options.items():
        *outer, last = settings[name].path
        place = merged
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return merged


def _file(path: Path) -> Overrides:
    """The settings of a YAML file."""
    import yaml

    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"config got {path}, which is not YAML: {str(error).splitlines()[0]}") from None
    except OSError as error:
        raise OSError(f"config got {path}, which cannot be read: {error.strerror}") from None
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        raise ValueError(f"config got {path}; takes names of settings with their values")
    return values
