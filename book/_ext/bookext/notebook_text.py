"""What a notebook says outside the book: directives as plain Markdown, roles as links, so that nothing is lost there.

JupyterLab, Colab and Binder know neither claims nor citations: a fence with a directive is empty there. When the
executed copy of a page is written, every directive is put into words and every role into a link to the site. One that
has no form here ends the writing, so that none is lost in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pybtex.database import Entry, parse_file

from assocmem.claims import claims
from assocmem.claims.registry import Claim
from assocmem.claims.views.addresses import SITE, address
from assocmem.claims.views.numbers import number
from bookext.parts import CONDITIONS, replaces

BIBLIOGRAPHY = Path(__file__).resolve().parents[2] / "references.bib"
OPEN = re.compile(r"(?P<mark>`{3,}|:{3,})(\{(?P<name>[\w:-]+)\})?[ \t]*(?P<title>.*)")
OPTION = re.compile(r"\A(:[\w-]+:.*\n?)+\n?")
ROLE = re.compile(r"\{(?P<name>[\w:-]+)\}`(?P<text>[^`]+)`")
TARGETED = re.compile(r"(?P<words>.+?)\s*<(?P<target>.+)>")
PAGE_LINK = re.compile(r"\]\((?!https?:|#)(?P<path>[^)#]+)\.md(?P<anchor>#[^)]*)?\)")
NOTE = re.compile(r"\[\^(?P<name>[\w-]+)\](?P<colon>:?)")
QUOTED = ("admonition", "note", "tip", "warning", "important", "dropdown", "exercise", "solution", "seealso")


class Surroundings(NamedTuple):
    """What a cell's text may refer to.

    Attributes
    ----------
    page : str
        The slug of the page, as claims name it.
    figures : mapping
        The number of each named figure of the notebook.
    """

    page: str
    figures: Mapping[str, str]


def rendered(source: str, around: Surroundings) -> str:
    """One Markdown cell as Markdown that JupyterLab shows whole.

    Parameters
    ----------
    source : str
        The cell in MyST.
    around : Surroundings
        The page and its figures.

    Returns
    -------
    str
        The same in plain Markdown with HTML links.

    Raises
    ------
    ValueError
        For a directive or role that has no Markdown form.
    """
    notes: dict[str, int] = {}
    out, lines = [], iter(source.split("\n"))
    for line in lines:
        begin = OPEN.fullmatch(line)
        if not begin:
            out.append(_inline(line, around, notes))
            continue
        body = list(_until(lines, begin["mark"]))
        if begin["name"]:
            out.append(_directive(begin["name"], begin["title"].strip(), "\n".join(body), around))
        else:  # A block of code without a directive stays as it is.
            out += [line, *body, begin["mark"]]
    return "\n".join(out)


def _until(lines: Iterator[str], mark: str) -> Iterator[str]:
    for line in lines:
        if line.strip() == mark:
            return
        yield line


def _directive(name: str, title: str, body: str, around: Surroundings) -> str:
    body = OPTION.sub("", body)
    if name in ("claim", "claim-box"):
        first, *others = (claims[one] for one in title.split())
        return box(first, others)
    if name == "claim-lines":
        chosen = [claims[one] for one in body.split()] or [c for c in claims.values() if c.page == around.page]
        rows = [f"| {link(claim)} | {claim.title} | {said(claim)} |" for claim in chosen]
        return "\n".join(["| claim | in words | verdict |", "|:--|:--|:--|", *rows])
    if name == "claim-counts":
        names = ("statements-of-paper", "statements-decided", "roots", "consequences", "slips")
        held, decided, roots, consequences, slips = map(number, names)
        return (
            f"Of the {held} statements that the paper prints and the ledger holds, {decided} are decided. "
            f"{roots} are errors that stand by themselves, {consequences} follow from them, {slips} are slips."
        )
    if name in QUOTED:
        return _quote(f"**{title or name.capitalize()}**\n\n{rendered(body, around)}")
    raise ValueError(f"directive {name!r} has no Markdown form; takes one in bookext.notebook_text")


def _inline(line: str, around: Surroundings, notes: dict[str, int]) -> str:
    line = ROLE.sub(lambda match: _role(match["name"], match["text"], around), line)
    line = PAGE_LINK.sub(lambda match: f"]({page(match['path'])}{match['anchor'] or ''})", line)

    def note(match: re.Match[str]) -> str:
        index = notes.setdefault(match["name"], len(notes) + 1)
        return f"*Note {index}.*" if match["colon"] else f"<sup>{index}</sup>"

    return NOTE.sub(note, line)


def _role(name: str, text: str, around: Surroundings) -> str:
    targeted = TARGETED.fullmatch(text)
    words, target = (targeted["words"], targeted["target"]) if targeted else ("", text)
    forms: dict[str, Callable[[], str]] = {
        "claim": lambda: f"{link(claims[target], words)} ({said(claims[target])})",
        "claim-ref": lambda: link(claims[target], words),
        "cite:p": lambda: f"({'; '.join(cited(key.strip(), aside=True) for key in text.split(','))})",
        "cite:t": lambda: ", ".join(cited(key.strip()) for key in text.split(",")),
        "doc": lambda: f"[{words or 'that page'}]({page(target)})",
        "numref": lambda: f"Figure {around.figures[target]}",
        "number": lambda: number(target),
        "verdict": lambda: f"**{target}**",
        "term": lambda: words or target,
        "reading": lambda: words or target,
        "eq": lambda: f"equation ({target})",
    }
    if name not in forms:
        raise ValueError(f"role {name!r} has no Markdown form; takes one in bookext.notebook_text")
    return forms[name]()


def page(path: str) -> str:
    """The address of a page that is named from the folder of the notebooks."""
    return f"{SITE}/{path.removeprefix('../')}.html" if path.startswith("../") else f"{SITE}/notebooks/{path}.html"


def link(claim: Claim, words: str = "") -> str:
    """A link to a claim's page."""
    return f"[{words or claim.id}]({address(claim.id)})"


def said(claim: Claim) -> str:
    """The verdict in words, with what its condition does."""
    aside = f" ({CONDITIONS[claim.condition_kind]})" if claim.condition_kind else ""
    return f"**{claim.verdict}**{aside}"


def box(claim: Claim, others: list[Claim]) -> str:
    """A claim as a quotation: title, verdict, statement, reason, and what holds instead."""
    parts = [f"**{claim.title}** ({link(claim)}): {said(claim)}", claim.statement]
    for other in others:
        head = "Holds instead" if replaces(claim) and other.id in claim.corrected else other.title
        parts.append(f"*{head}* ({link(other)}, {said(other)}): {other.statement}")
    parts += [f"*Why.* {claim.why}"] if claim.why else []
    nowhere = Surroundings("", {})
    return _quote(ROLE.sub(lambda match: _role(match["name"], match["text"], nowhere), "\n\n".join(parts)))


def _quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


@cache
def _references() -> Mapping[str, Entry]:
    return dict(parse_file(str(BIBLIOGRAPHY)).entries)


def cited(key: str, *, aside: bool = False) -> str:
    """Authors and year of a reference, linked to the bibliography.

    Raises
    ------
    ValueError
        For a key that the bibliography does not hold.
    """
    if key not in _references():
        raise ValueError(f"reference {key!r} is not in {BIBLIOGRAPHY.name}")
    entry = _references()[key]
    persons = entry.persons.get("author") or entry.persons.get("editor") or ()
    people = [" ".join(person.prelast_names + person.last_names) for person in persons]
    people = people or [entry.fields.get("organization") or entry.fields["title"]]
    people = [re.sub(r"[{}]|\\[\"'`^~]", "", name) for name in people]
    who = people[0] if len(people) == 1 else " and ".join(people) if len(people) == 2 else f"{people[0]} et al."
    year = entry.fields.get("year", "")
    words = f"{who}, {year}" if aside else f"{who} ({year})"
    return f"[{words}]({SITE}/book/bibliography.html)"
