"""The schema of the files of statements: the one list of fields, for the loader, for editors, and for the guides.

``statements.schema.json`` is JSON Schema of draft 7, which editors of all makes read; the first line of every file of
statements names it. The loader compiles it once, with fastjsonschema, which takes a hundredth of a second.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import fastjsonschema

NAME = "statements.schema.json"
"""The file of the schema, in this folder and on the site."""
MODELINE = f"# yaml-language-server: $schema=../views/{NAME}"
"""The first line of a file of statements, by which an editor finds the schema."""


class Field(NamedTuple):
    """A field of a statement, as the schema has it.

    Attributes
    ----------
    name : str
        Its name in YAML, and the attribute of a claim.
    required : str
        "always", "sometimes" (a rule of the schema asks for it) or "no".
    takes : str
        Which values it takes.
    default : Any
        What a statement that leaves it out has; None for a required one, too.
    means : str
        What it says.
    """

    name: str
    required: str
    takes: str
    default: Any
    means: str

    @property
    def in_words(self) -> str:
        """What it says, which values it takes, and what a statement that leaves it out has; whole sentences."""
        taken = "" if self.takes in ("text", "an id") else f" {self.takes[0].upper()}{self.takes[1:]}"
        otherwise = f"; {self.default} if left out" if self.default else ""
        return f"{self.means[0].upper()}{self.means[1:]}." + (f"{taken}{otherwise}." if taken else "")


@cache
def schema() -> dict[str, Any]:
    """The JSON schema of a file of statements."""
    loaded: dict[str, Any] = json.loads((resources.files("assocmem.claims.views") / NAME).read_text(encoding="utf-8"))
    return loaded


def of_field(name: str) -> dict[str, Any]:
    """What the schema says of one field of a statement."""
    found: dict[str, Any] = schema()["definitions"]["statement"]["properties"][name]
    return found


def choices(name: str) -> tuple[str, ...]:
    """The words of which a field takes one."""
    return tuple(word for word in of_field(name)["enum"] if word is not None)


def headings() -> tuple[str, ...]:
    """The headings of a file of statements, which say whose they are."""
    return tuple(schema()["properties"])


def required() -> tuple[str, ...]:
    """The fields that every statement has."""
    return tuple(schema()["definitions"]["statement"]["required"])


def defaults() -> dict[str, Any]:
    """The other fields, and what a statement that leaves them out has."""
    given = schema()["definitions"]["statement"]["properties"]
    return {name: one["default"] for name, one in given.items() if "default" in one}


def field_table() -> tuple[Field, ...]:
    """Every field of a statement, in the order of the schema."""
    named, asked = required(), set(_asked(schema()["definitions"]))
    rows = []
    for name, one in schema()["definitions"]["statement"]["properties"].items():
        when = "always" if name in named else "sometimes" if name in asked else "no"
        rows.append(Field(name, when, _values(one), one.get("default"), one["description"]))
    return tuple(rows)


def fault(document: Any, file: str) -> str | None:
    """What is wrong with a file of statements, in one line; None where nothing is.

    Parameters
    ----------
    document : Any
        The file as YAML gives it.
    file : str
        What to call it.

    Returns
    -------
    str or None
        File, claim and field, what it got and what it takes: the first fault that is met.
    """
    try:
        _validator()(document)
    except fastjsonschema.JsonSchemaValueException as error:
        return _in_words(error, document, file)
    return None


@cache
def _validator() -> Callable[[Any], Any]:
    compiled: Callable[[Any], Any] = fastjsonschema.compile(schema(), use_default=False, use_formats=False)
    return compiled


def _in_words(error: Any, document: Any, file: str) -> str:
    """One line that says where the fault is, what stands there and what may."""
    path: list[str | None] = [*error.path[1:], None, None]
    heading, number, *inner = path
    rule, given = error.definition, error.value
    wrong_names = error.rule in ("required", "additionalProperties")
    if number is None:
        where = file if heading is None else f"{file}: {heading}"
        unknown = wrong_names and f"unknown headings {[one for one in given if one not in headings()]}"
        return f"{where}: {unknown or f'got {_short(given)}'}; takes {rule['description']}"
    row = document[heading][int(number)]
    where = f"{file}: claim {row.get('id', '?') if isinstance(row, Mapping) else '?'}"
    place = [f"{where}:", ".".join(part for part in inner if part and not part.isdigit())]
    said = _names(given, rule) if wrong_names else f"got {_short(given)}; takes {_takes(rule)}"
    return " ".join(filter(None, (*place, said))) if isinstance(row, Mapping) else f"{where} {said}"


def _names(given: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    """Which names are missing and which unknown, and what is taken in their place."""
    known = rule.get("properties", {})
    missing = [name for name in rule.get("required", ()) if name not in given]
    unknown = [name for name in given if name not in known] if rule.get("additionalProperties") is False else []
    near = [hit for name in unknown for hit in difflib.get_close_matches(str(name), known, n=1)]
    parts = [f"missing fields {missing}"] if missing else []
    parts += [f"unknown fields {unknown}"] if unknown else []
    if missing and not unknown:
        taken = f"takes {_takes(known.get(missing[0], rule))}"
    else:
        taken = f"near: {', '.join(near)}" if near else f"takes {', '.join(known)}"
    return f"{', '.join(parts)}; {taken}"


def _takes(rule: Mapping[str, Any]) -> str:
    """What a part of the schema allows, in words for an error."""
    about = str(rule["description"])
    if "enum" in rule:
        return f"{_values(rule)}, {about}" if about.startswith("for ") else _values(rule)
    return f"{_values(rule)}: {about}" if rule.get("type") == "array" else about


def _values(rule: Mapping[str, Any]) -> str:
    """Which values a part of the schema allows, in a few words."""
    if "enum" in rule:
        words = [str(word) for word in rule["enum"] if word is not None]
        return f"one of {', '.join(words)}" if words else "nothing"
    types, inner = rule.get("type", "id"), ", ".join(rule.get("properties", ()))
    if types == "id":
        return "an id"
    if "array" in types:
        return "a list of ids"
    return " or ".join(
        word for word in ("text" if "string" in types else "", f"fields {inner}" if inner else "") if word
    )


def _asked(part: Any) -> Iterator[str]:
    """The names that a rule of the schema asks for; what a rule begins with (``if``) asks for nothing."""
    inner = part if isinstance(part, list) else []
    if isinstance(part, dict):
        yield from (name for name in part.get("required", ()) if isinstance(name, str))
        inner = [one for name, one in part.items() if name != "if"]
    for one in inner:
        yield from _asked(one)


def _short(value: Any, most: int = 80) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= most else f"{text[: most - 3]}..."


__all__ = [
    "MODELINE",
    "NAME",
    "Field",
    "choices",
    "defaults",
    "fault",
    "field_table",
    "headings",
    "of_field",
    "required",
    "schema",
]
