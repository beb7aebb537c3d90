"""Sphinx extension of the book: claim boxes, the ledger and errata pages, claims.json, local math, honest caches.

It fails the build when a computed verdict differs from the stored one, when a claim id does not exist, and when an
executed figure has no alt text; and it keys the execution cache by the code that the notebooks call.
"""

from __future__ import annotations

import hashlib
import shutil
from html import escape
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from assocmem.claims import UnknownClaimError, claims
from assocmem.claims.model import UNTREATED
from assocmem.claims.registry import Claim

LOG = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
SITE = "https://assocmem.github.io/beyond-scaling-laws-book"
COLORS = {
    "proved": "success",
    "refuted": "danger",
    "proved with a condition": "warning",
    UNTREATED: "secondary",
}
MATHJAX = ("tex-chtml-full.js", "output/chtml/fonts")


def source_key(root: Path = ROOT) -> str:
    """Hash of everything beside a notebook's own cells that its outputs depend on."""
    digest = hashlib.sha256()
    files = [root / "constraints.txt", *sorted((root / "results").rglob("*.json"))]
    files += sorted(p for p in (root / "src").rglob("*") if p.suffix in (".py", ".yaml"))
    for path in files:
        if path.exists():
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def badge(verdict: str) -> nodes.inline:
    """The verdict as words on a colored plate; the words alone carry the meaning."""
    return nodes.inline("", verdict, classes=["sd-badge", f"sd-bg-{COLORS.get(verdict, 'info')}",
                                              f"sd-bg-text-{COLORS.get(verdict, 'info')}"])  # fmt: skip


def bibtex(claim: Claim) -> str:
    """A citable entry for one claim."""
    return (
        f"@misc{{assocmem-{claim.id.lower()},\n  title = {{Claim {claim.id}: {claim.title} ({claim.verdict})}},\n"
        f"  howpublished = {{Transformers as Associative Memories, executable book}},\n"
        f"  url = {{{SITE}/book/ledger.html#ledger-{claim.id.lower()}}}\n}}"
    )


def find(name: str) -> Claim:
    """A claim by id; an unknown one ends the build with near matches."""
    try:
        return claims[name]
    except UnknownClaimError as error:
        raise ExtensionError(str(error)) from None


class ClaimDirective(SphinxDirective):
    """The box of one claim: statement, verdict, corrected form, evidence, links, citation."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        claim = find(self.arguments[0])
        box = nodes.admonition(classes=["claim", f"claim-{claim.verdict.replace(' ', '-')}"])
        box["ids"].append(f"claim-{claim.id.lower()}")
        title = nodes.title("", f"Claim {claim.id}: {claim.title} ")
        title += badge(claim.verdict)
        box += title
        lines = [claim.statement, "", f"*{claim.source}; versions: {claim.versions}.*"]
        if claim.differs:
            lines += ["", f"**The versions differ:** {claim.differs}"]
        if claim.note:
            lines += ["", f"**Why:** {claim.note}"]
        if claim.corrected:
            links = ", ".join("{claim}`" + name + "`" for name in claim.corrected)
            lines += ["", f"**Corrected or sharper form:** {links}."]
        if claim.depends_on:
            lines += ["", "**Rests on:** " + ", ".join("{claim}`" + n + "`" for n in claim.depends_on) + "."]
        box += self.parse_text_to_nodes("\n".join(lines))
        listing = nodes.bullet_list()
        for item in claim.evidence():
            margin = "" if item["margin"] is None else f" Margin: {item['margin']}."
            text = f"{item['outcome']} — {item['summary']}. Scope: {item['scope']}.{margin} "
            entry = nodes.list_item()
            entry += nodes.paragraph("", "", nodes.strong("", item["kind"] + ": "), nodes.Text(text),
                                     nodes.literal("", item["check"]))  # fmt: skip
            listing += entry
        if len(listing):
            box += nodes.paragraph("", "", nodes.strong("", "Evidence"))
            box += listing
        cite = f'<details class="claim-cite"><summary>Cite claim {claim.id}</summary><pre>{escape(bibtex(claim))}</pre></details>'  # noqa: E501
        box += nodes.raw("", cite, format="html")
        shown = self.env.metadata[self.env.docname].setdefault("claims", [])
        shown.append(claim.id)
        return [box]


class ClaimRole(SphinxRole):
    """A link to a claim's row in the ledger, with its verdict."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        claim = find(self.text)
        depth = self.env.docname.count("/")
        url = "../" * depth + f"book/ledger.html#ledger-{claim.id.lower()}"
        link = nodes.reference("", "", nodes.Text(f"{claim.id}: {claim.title}"), refuri=url, internal=True)
        return [link, nodes.Text(" "), badge(claim.verdict)], []


FILTER = """
<div class="ledger-tools"><label>Filter <input id="ledger-text" type="search"></label>
<label>Verdict <select id="ledger-verdict"><option value="">all</option>{options}</select></label>
<label>Chapter <select id="ledger-chapter"><option value="">all</option>{chapters}</select></label>
<span id="ledger-count" role="status"></span></div>
<script>
document.addEventListener("DOMContentLoaded", () => {{
  const get = (id) => document.getElementById(id), rows = [...document.querySelectorAll("section .ledger-row, .ledger-row")];
  const apply = () => {{
    let shown = 0; const text = get("ledger-text").value.toLowerCase();
    for (const row of rows) {{
      const hit = (!get("ledger-verdict").value || row.classList.contains(get("ledger-verdict").value)) &&
        (!get("ledger-chapter").value || row.classList.contains(get("ledger-chapter").value)) &&
        row.textContent.toLowerCase().includes(text);
      row.style.display = hit ? "" : "none"; shown += hit;
    }}
    get("ledger-count").textContent = shown + " of " + rows.length + " claims";
  }};
  for (const id of ["ledger-text", "ledger-verdict", "ledger-chapter"]) get(id).addEventListener("input", apply);
  apply();
}});
</script>
"""


def _slug(verdict: str) -> str:
    return "v-" + verdict.replace(" ", "-")


class ClaimTable(SphinxDirective):
    """All claims as rows that can be filtered, with counts; or the errata alone."""

    option_spec = {"errata": lambda _: True}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        errata = "errata" in self.options
        wanted = [c for c in claims.values() if not errata or (c.origin == "paper" and c.corrected)]
        out: list[nodes.Node] = []
        counts: dict[str, int] = {}
        for claim in wanted:
            counts[claim.verdict] = counts.get(claim.verdict, 0) + 1
        if not errata:
            options = "".join(f'<option value="{_slug(v)}">{v} ({n})</option>' for v, n in counts.items())
            numbers = sorted({c.chapter for c in wanted})
            chapters = "".join(f'<option value="c-{n}">{n}</option>' for n in numbers)
            out.append(nodes.raw("", FILTER.format(options=options, chapters=chapters), format="html"))
        out.append(nodes.paragraph("", "; ".join(f"{v}: {n}" for v, n in counts.items()) + "."))
        for claim in wanted:
            row = nodes.container(classes=["ledger-row", _slug(claim.verdict), f"c-{claim.chapter}"])
            if not errata:
                row["ids"].append(f"ledger-{claim.id.lower()}")
            head = nodes.paragraph("", "", nodes.strong("", f"{claim.id} — {claim.title} "), badge(claim.verdict))
            row += head
            lines = [
                claim.statement,
                "",
                f"*{claim.source}; versions: {claim.versions}; chapter {claim.chapter}.*",
            ]
            if claim.differs:
                lines += ["", f"**The versions differ:** {claim.differs}"]
            if claim.note:
                lines += ["", f"**Why:** {claim.note}"]
            if claim.corrected:
                lines += [
                    "",
                    "**Corrected or sharper:** " + ", ".join("{claim}`" + n + "`" for n in claim.corrected),
                ]
                if errata:
                    lines += ["", *[claims[name].statement + "\n" for name in claim.corrected]]
            row += self.parse_text_to_nodes("\n".join(lines))
            out.append(row)
        return out


def check_alt(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for image in doctree.findall(nodes.image):
        if "jupyter_execute" in image.get("uri", "") and not image.get("alt"):
            LOG.warning("%s: an executed figure has no alt text (cell metadata mystnb.image.alt)", docname)


def check_verdicts(app: Sphinx) -> None:
    """Recompute every verdict; one that differs from the stored one ends the build."""
    wrong = [f"{c.id}: stored {c.verdict}, computed {c.check().verdict}" for c in claims.values()
             if c.checks and not c.check().agrees]  # fmt: skip
    if wrong:
        raise ExtensionError("verdicts differ from their checks: " + "; ".join(wrong))


def key_cache(app: Sphinx, config: Any) -> None:
    """Make the execution cache depend on src/, the pins and the records."""
    config.nb_execution_cache_path = str(ROOT / "_build" / ".jupyter_cache" / source_key())


def vendor(app: Sphinx, exception: Exception | None) -> None:
    """Copy MathJax and plotly beside the pages and publish the ledger."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    mathjax = next(p for p in distribution("sphinx-mathjax-offline").files or [] if p.name == MATHJAX[0])
    base = Path(str(mathjax.locate())).parent
    for name in MATHJAX:
        target = out / "_static" / "mathjax" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (base / name).is_dir():
            shutil.copytree(base / name, target, dirs_exist_ok=True)
        else:
            shutil.copy2(base / name, target)
    import plotly

    shutil.copy2(Path(plotly.__file__).parent / "package_data" / "plotly.min.js", out / "_static" / "plotly.min.js")
    (out / "claims.json").write_text(claims.to_json(), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    app.add_directive("claim", ClaimDirective)
    app.add_directive("claim-table", ClaimTable)
    app.add_role("claim", ClaimRole())
    app.connect("config-inited", key_cache, priority=100)
    app.connect("builder-inited", check_verdicts)
    app.connect("doctree-resolved", check_alt)
    app.connect("build-finished", vendor)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
