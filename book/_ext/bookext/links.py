"""Links to claims: every name of a claim leads to the claim's own page, and links in cell outputs to this build.

Addresses are filled in when a page is written, because only then it is known how far away the other page is.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from assocmem.claims import UnknownClaimError, claims
from assocmem.claims.registry import Claim
from assocmem.claims.views.addresses import FOLDER, SITE, anchor, key

LEDGER = "book/ledger"
NOTEBOOK = re.compile(r"notebooks/(?P<number>\d\d[a-z]?)_(?P<slug>\w+)")
ON_SITE = re.compile(re.escape(SITE) + r"/(?P<page>[\w/.-]+?)\.html")


def find(name: str) -> Claim:
    """A claim by id; an unknown one ends the build with near matches."""
    try:
        return claims[name]
    except UnknownClaimError as error:
        raise ExtensionError(str(error)) from None


def place_link(content: str | nodes.Node, document: str, suffix: str = "", **attributes: Any) -> nodes.reference:
    """A link to a page and an anchor or query in it, whose address is filled in when the page is written."""
    inner = nodes.Text(content) if isinstance(content, str) else content
    link = nodes.reference("", "", inner, internal=True, refuri=suffix, **attributes)
    link["claim_place"] = (document, suffix)
    return link


def claim_link(claim: Claim, text: str | None = None) -> nodes.reference:
    """A link to a claim's own page; the id in the text where no other is given."""
    return place_link(text or claim.id, f"{FOLDER}/{key(claim.id)}", classes=["claim-link"])


def places(env: BuildEnvironment) -> dict[str, list[str]]:
    """Which pages hold a box of which claim, in the order of reading."""
    if not hasattr(env, "claim_places"):
        env.claim_places = {}  # type: ignore[attr-defined]
    pages_by_claim: dict[str, list[str]] = env.claim_places  # type: ignore[attr-defined]
    return pages_by_claim


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop the boxes of a page that is read again."""
    for where in places(env).values():
        where[:] = [name for name in where if name != docname]


def merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    """Take over the boxes that another reader process met."""
    for claim, where in places(other).items():
        mine = places(env).setdefault(claim, [])
        mine += [name for name in where if name in docnames and name not in mine]


def home(claim: Claim, *, short: bool = False) -> nodes.inline:
    """A placeholder for the links to the pages that treat a claim, by title or by number, filled in at the end."""
    return nodes.inline("", "", claim_home=(claim.id, short))


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Fill in the addresses of links to claims, and where each claim is treated."""
    for spot in list(doctree.findall(nodes.inline)):
        held = spot.attributes.pop("claim_home", None)
        if held is not None:
            _fill_home(app.env, spot, claims[held[0]], short=held[1])
    for link in doctree.findall(nodes.reference):
        place: Any = link.attributes.pop("claim_place", None)
        if place is not None:
            link["refuri"] = _uri(app, docname, place[0]) + place[1]
        elif app.builder.format == "html" and (match := ON_SITE.match(link.get("refuri", ""))):
            link["refuri"] = _local(app, docname, match) + link["refuri"][match.end() :]
            link["internal"] = True
    if app.builder.format == "html":
        for raw in doctree.findall(nodes.raw):
            if raw.get("format") == "html" and SITE in raw.astext() and "no-local" not in raw["classes"]:
                text = ON_SITE.sub(lambda match: _local(app, docname, match), raw.astext())
                raw.children[:] = [nodes.Text(text)]


def _fill_home(env: BuildEnvironment, spot: nodes.inline, claim: Claim, *, short: bool) -> None:
    """Links to the pages that hold a claim's box or state it; the number of its chapter where there is none."""
    boxed = places(env).get(claim.id, [])
    pages = {name: hit for name in sorted(env.found_docs) if (hit := NOTEBOOK.fullmatch(name))}
    stating = [name for name, hit in pages.items() if hit["slug"] == claim.page]
    for index, name in enumerate(dict.fromkeys((*sorted(boxed), *stating))):
        title = env.titles[name].astext() if name in env.titles else name
        spot += nodes.Text(", " if index else "")
        text = hit["number"].lstrip("0") if short and (hit := pages.get(name)) else title
        spot += place_link(text, name, f"#{anchor(claim.id)}" if name in boxed else "")
    if not len(spot):
        spot += nodes.Text(str(claim.chapter) if short else f"chapter {claim.chapter}")


def _uri(app: Sphinx, docname: str, document: str) -> str:
    if app.builder.format == "html" and document in app.env.found_docs:
        return app.builder.get_relative_uri(docname, document) or ""
    return f"{SITE}/{document}.html"


def _local(app: Sphinx, docname: str, match: re.Match[str]) -> str:
    """The address within this build of a page that a text names by its address on the site; unknown ones stay."""
    page = match["page"]
    return app.builder.get_relative_uri(docname, page) if page in app.env.found_docs else match[0]
