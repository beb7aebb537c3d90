"""Settings that are written once: a class whose fields carry type, help and bounds.

Such a class is a frozen dataclass. When it is called, pydantic checks the values, and what is wrong is named in one
line. From the same fields come what a settings file may hold (``read``, ``as_yaml``), the options of a command
(``assocmem.cli.options``) and the ``Attributes`` of the docstring. Pydantic is loaded at the first check, not before,
so that a command's help need not wait for it. The module stands below all other packages and imports
none.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from inspect import cleandoc
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

__all__ = ["Separated", "Setting", "Whole", "as_yaml", "read", "setting", "settings_class", "settings_of"]

T = TypeVar("T")
MARKUP, BACKSLASH = r"([\\*|`])", r"\\\1"
SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}


@dataclasses.dataclass(frozen=True)
class _Described:
    """What `setting` puts into a type; pydantic takes the bounds from it as it takes those of annotated_types."""

    help: str
    group: str
    names: tuple[str, ...]
    bounds: Mapping[str, Any]

    __is_annotated_types_grouped_metadata__ = True

    def __iter__(self) -> Iterator[Any]:
        import annotated_types

        for name, bound in self.bounds.items():
            yield getattr(annotated_types, name.title())(bound)


@dataclasses.dataclass(frozen=True)
class _FromText:
    """Reads text before pydantic looks at the value."""

    function: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self.function, handler(source))


def _number(value: Any) -> Any:
    """Text such as 1e6 as the number that it is, so that it may be a whole one; no number is true or false."""
    if isinstance(value, bool):
        raise ValueError("should be a whole number")
    if isinstance(value, str) and not value.strip().lstrip("+-").isdecimal():
        try:
            return float(value)
        except ValueError:
            pass
    return value


def _separated(value: Any) -> Any:
    return [part.strip() for part in value.strip("[]()").split(",")] if isinstance(value, str) else value


Whole = Annotated[int, _FromText(_number)]
"""A whole number; as text also 1e6."""
Separated = Annotated[T, _FromText(_separated)]
"""A tuple; as text its values with commas between them."""


def setting(help: str, group: str = "Settings", *, names: tuple[str, ...] = (), **bounds: float) -> Any:
    """What a field carries besides its type and default; a field without it is set by code alone.

    Parameters
    ----------
    help : str
        What it is, in a few words.
    group : str
        The heading under which the help of a command lists it.
    names : tuple[str, ...]
        Options that set it, the first for messages; ``--`` and the field's name with hyphens if empty.
    **bounds : float
        Of its value: ``ge``, ``gt``, ``le``, ``lt``.

    Returns
    -------
    Any
        To stand in ``Annotated[type, setting(...)]``.

    Raises
    ------
    TypeError
        For a bound of another name.
    """
    if not bounds.keys() <= SIGNS.keys():
        raise TypeError(f"bounds got {', '.join(bounds)}; takes {', '.join(SIGNS)}")
    return _Described(help, group, names, bounds)


@dataclasses.dataclass(frozen=True)
class Setting:
    """One setting of a class, as commands and files need it.

    Attributes
    ----------
    path : tuple[str, ...]
        The name of the field, after the name of the field that holds its class where it is one within another.
    kind : Any
        Its type, without None.
    optional : bool
        Whether it may be None; as text none.
    names : tuple[str, ...]
        Its options, the first for messages.
    help : str
        What it is, with its bounds.
    group : str
        The heading of its help.
    """

    path: tuple[str, ...]
    kind: Any
    optional: bool
    names: tuple[str, ...]
    help: str
    group: str


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def settings_class(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """Make a class of annotated fields a frozen dataclass whose values are checked, with its fields in its docstring.

    Rules between fields stand in a method ``fit_together``, called when each value is right by itself.

    Parameters
    ----------
    kw_only : bool
        Whether the fields are given by name only.

    Returns
    -------
    Callable
        The decorator. A call of the decorated class raises ValueError of one line, which begins with the name of the
        setting and says what it got and what it takes. Text is no number there; :func:`assocmem.settings.read` reads
        it.
    """

    def decorate(cls: type[T]) -> type[T]:
        cls.__post_init__ = _check  # type: ignore[attr-defined]
        made = dataclasses.dataclass(frozen=True, kw_only=kw_only)(cls)
        made.__doc__ = _documented(cleandoc(cls.__doc__ or ""), made)
        return made

    return decorate


def settings_of(cls: Any) -> list[Setting]:
    """The settings of a class, with those of a settings class that one of its fields holds.

    Parameters
    ----------
    cls : type
        Made by :func:`assocmem.settings.settings_class`.

    Returns
    -------
    list[Setting]
        By group, a class's own before those that it inherits. Of an inner class those are left out whose options the
        outer one has.
    """
    hints = _hints(cls)
    own = {name: _setting(name, hint) for name, hint in hints.items() if _described(hint)}
    taken = {option for one in own.values() for option in one.names}
    result = []
    for name in dict.fromkeys([*cls.__annotations__, *hints]):
        if name in own:
            result.append(own[name])
        elif dataclasses.is_dataclass(hints[name]):
            inner = (one for one in settings_of(hints[name]) if not taken.intersection(one.names))
            result += [dataclasses.replace(one, path=(name, *one.path)) for one in inner]
    groups = list(dict.fromkeys(one.group for one in result))
    return sorted(result, key=lambda one: groups.index(one.group))


def read(cls: type[T], base: Mapping[str, Any], overrides: Mapping[str, Any]) -> T:
    """An object of a settings class from values that may be text, as options and files give them.

    Parameters
    ----------
    cls : type
        Made by :func:`assocmem.settings.settings_class`.
    base : Mapping
        Values by name, where the overrides have none.
    overrides : Mapping
        Values by name; those of a class within the class as a mapping of their own.

    Returns
    -------
    T
        The settings, checked.

    Raises
    ------
    ValueError
        For a name that is no setting, with the names that are near, and for values that the class refuses.
    """
    result: T = _read(cls, base, overrides, settings_of(cls))
    return result


def as_yaml(settings: Any) -> str:
    """All settings of an object as a file that gives them again.

    Parameters
    ----------
    settings : Any
        Of a class made by :func:`assocmem.settings.settings_class`.

    Returns
    -------
    str
        YAML.
    """
    import json

    import yaml

    values: dict[str, Any] = dataclasses.asdict(settings)
    shown: dict[str, Any] = {}
    for one in settings_of(type(settings)):
        *outer, name = one.path
        place, source = shown, values
        for part in outer:
            place, source = place.setdefault(part, {}), source[part]
        place[name] = source[name]
    return str(yaml.safe_dump(json.loads(json.dumps(shown, default=str)), sort_keys=False, allow_unicode=True))


def _check(settings: Any) -> None:
    """What a settings class does when it is called."""
    values = {one.name: getattr(settings, one.name) for one in dataclasses.fields(settings)}
    for name, value in _converted(type(settings), values, strict=True).items():
        object.__setattr__(settings, name, value)
    fit_together = getattr(settings, "fit_together", None)
    if fit_together is not None:
        fit_together()


def _read(cls: Any, base: Mapping[str, Any], overrides: Mapping[str, Any], settings: list[Setting]) -> Any:
    """What `read` does, for those settings alone."""
    values, names = dict(base), dict.fromkeys(one.path[0] for one in settings)
    for name in overrides:
        if name not in names:
            raise _unknown(name, settings)
    for name in names:
        inner = [dataclasses.replace(one, path=one.path[1:]) for one in settings if one.path[0] == name]
        if inner[0].path:
            values[name] = _read(_hints(cls)[name], values[name], _mapping(name, overrides.get(name, {})), inner)
        elif name in overrides:
            value = overrides[name]
            values[name] = None if value == "none" and inner[0].optional else value
    return cls(**_converted(cls, values, strict=False))


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} got {value!r}; takes names of settings with their values")
    return value


def _unknown(name: str, settings: list[Setting]) -> ValueError:
    from difflib import get_close_matches

    names = {one.path[0]: one.path[0] for one in settings}
    options = {option[2:].replace("-", "_"): ".".join(one.path) for one in settings for option in one.names}
    near = get_close_matches(str(name), [*names, *options], 3)
    like = " or ".join(dict.fromkeys((options | names)[one] for one in near))
    return ValueError(
        f"unknown setting {name!r}; " + (f"did you mean {like}?" if near else f"takes {', '.join(names)}")
    )


def _converted(cls: Any, values: Mapping[str, Any], *, strict: bool) -> dict[str, Any]:
    """Each value as the type of its field; strict takes no text for a number."""
    from pydantic import ValidationError

    try:
        return dict(_model(cls).model_validate(values, strict=strict))
    except ValidationError as error:
        raise ValueError(_one_line(error)) from None


@cache
def _model(cls: Any) -> type[BaseModel]:
    """Pydantic's model of the fields, each by itself."""
    from pydantic import ConfigDict, create_model

    fields: dict[str, Any] = {one.name: (_hints(cls)[one.name], _default(one)) for one in dataclasses.fields(cls)}
    config = ConfigDict(allow_inf_nan=False, extra="forbid", protected_namespaces=())
    return create_model(cls.__name__, __config__=config, **fields)


def _default(one: dataclasses.Field[Any]) -> Any:
    """The default as pydantic has it: ... where there is none."""
    if one.default_factory is not dataclasses.MISSING:
        return one.default_factory()
    return ... if one.default is dataclasses.MISSING else one.default


@cache
def _hints(cls: Any) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {one.name: hints[one.name] for one in dataclasses.fields(cls)}


def _described(hint: Any) -> _Described | None:
    return next((one for one in getattr(hint, "__metadata__", ()) if isinstance(one, _Described)), None)


def _setting(name: str, hint: Any) -> Setting:
    described = _described(hint)
    assert described is not None
    names = described.names or (f"--{name.replace('_', '-')}",)
    bounds = ", ".join(f"{SIGNS[at]} {bound}" for at, bound in described.bounds.items())
    text = described.help + (f" [{bounds}]" if bounds else "")
    return Setting((name,), _kind(hint), NoneType in get_args(_bare(hint)), names, text, described.group)


def _bare(hint: Any) -> Any:
    """The type without metadata."""
    return _bare(get_args(hint)[0]) if get_origin(hint) is Annotated else hint


def _kind(hint: Any) -> Any:
    """The type without metadata and None."""
    hint = _bare(hint)
    if get_origin(hint) in (Union, UnionType):
        return next(_kind(one) for one in get_args(hint) if one is not NoneType)
    return hint


def _one_line(error: ValidationError) -> str:
    """The first thing that is wrong, which begins with the name of the setting."""
    first = error.errors()[0]
    value, name, *index = first["input"], *first["loc"]
    if first["type"] == "missing":
        return f"{name} got {value!r}; takes more values" if index else f"{name} must be given"
    return f"{name} got {value!r}; {first['msg'].removeprefix('Value error, ').replace('Input should', 'should', 1)}"


def _documented(text: str, cls: Any) -> str:
    """The docstring with the fields as numpydoc has them."""
    lines = [text, "", "Attributes", "----------"]
    for name, hint in _hints(cls).items():
        optional = " or None" if NoneType in get_args(_bare(hint)) else ""
        help = _setting(name, hint).help if _described(hint) else "Set by code alone."
        # Help is plain text: what reStructuredText would read as markup stands behind a backslash.
        lines += [f"{name} : {_type_name(_kind(hint))}{optional}", f"    {re.sub(MARKUP, BACKSLASH, help)}"]
    return "\n".join(lines)


def _type_name(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "{" + ", ".join(map(repr, get_args(kind))) + "}"
    if get_origin(kind) is tuple:
        return f"tuple[{', '.join('...' if one is ... else _type_name(_kind(one)) for one in get_args(kind))}]"
    return str(kind.__name__)
