"""Holds the built site to what a reader relies on; `make book` publishes nothing that has a fault here.

A page loads nothing from another host, its images have words, no identifier occurs twice, its links lead somewhere,
its launch and download buttons name notebooks of the repository, the published ledger is the registry's, and each
claim has a page.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import site_files

ROOT = Path(__file__).resolve().parents[1]
LOADING = {"link": "href"} | dict.fromkeys(("script", "img", "iframe", "source", "audio", "video"), "src")
FIELDS = {"id", "title", "statement", "source", "verdict", "corrected", "chapter", "depends_on", "evidence"}
COLAB = re.compile(r"https://colab\.research\.google\.com/github/[^/]+/[^/]+/blob/[^/]+/(?P<path>.+)")
BINDER = re.compile(r"https://mybinder\.org/v2/gh/[^/]+/[^/]+/[^?]+\?urlpath=(?:tree|lab/tree)/(?P<path>.+)")


class Page(HTMLParser):
    """What a page holds: its identifiers, what it loads, where it links, its images without words."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.ids: list[str] = []
        self.loaded: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.silent: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect from one tag."""
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.append(values["id"])
        if tag in LOADING and values.get("rel") != "canonical" and values.get(LOADING[tag]):
            self.loaded.append(values[LOADING[tag]])
        if tag == "a" and values.get("href"):
            self.links.append((values["href"], values.get("class", "") + " " + values.get("title", "")))
        if tag == "img" and not values.get("alt", "").strip() and "logo" not in values.get("class", ""):
            self.silent.append(values.get("src", ""))

    @cached_property
    def names(self) -> set[str]:
        """Everything that a link into the page may name."""
        return set(self.ids)


class Site:
    """All pages of a built site."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.pages = {path: Page(path) for path in sorted(self.folder.rglob("*.html")) if "_static" not in path.parts}

    def faults(self) -> list[str]:
        """Every fault of every page, and of what the site publishes beside them."""
        checks = (
            self.requests,
            self.images,
            self.identifiers,
            self.targets,
            self.buttons,
            self.ledger,
            self.claim_pages,
            self.files,
        )
        return [fault for check in checks for fault in check()]

    def _name(self, page: Page) -> str:
        return page.path.relative_to(self.folder).as_posix()

    def requests(self) -> list[str]:
        """Loads from another host."""
        return [
            f"{self._name(page)}: loads {url}"
            for page in self.pages.values()
            for url in page.loaded
            if url.startswith(("http:", "https:", "//"))
        ]

    def images(self) -> list[str]:
        """Images without alternative text."""
        return [f"{self._name(page)}: no alt text on {url}" for page in self.pages.values() for url in page.silent]

    def identifiers(self) -> list[str]:
        """Identifiers that occur twice on a page."""
        return [
            f"{self._name(page)}: id {name!r} occurs {page.ids.count(name)} times"
            for page in self.pages.values()
            for name in sorted(page.names)
            if page.ids.count(name) > 1
        ]

    def targets(self) -> list[str]:
        """Links and loads within the site that lead nowhere."""
        out = []
        for page in self.pages.values():
            for url in sorted({*page.loaded, *(link for link, _ in page.links)}):
                parts = urlsplit(url)
                if parts.scheme or parts.netloc or url == "#":
                    continue
                target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
                if not target.is_file():
                    out.append(f"{self._name(page)}: {url} leads to no file")
                elif target in self.pages and unquote(parts.fragment) not in {"", *self.pages[target].names}:
                    out.append(f"{self._name(page)}: {url} leads to no place in the page")
        return out

    def buttons(self) -> list[str]:
        """Launch and download buttons of notebook pages that do not lead to the notebook in the repository."""
        tracked = tracked_files()
        out = []
        for page in self.pages.values():
            name = self._name(page)
            if not name.startswith("notebooks/"):
                continue
            wanted = name.removesuffix(".html") + ".ipynb"
            links = {
                kind: [unquote(m["path"]) for link, _ in page.links if (m := pattern.fullmatch(link))]
                for kind, pattern in (("Colab", COLAB), ("Binder", BINDER))
            }
            out += [
                f"{name}: {kind} leads to {paths or 'nothing'}, not to {wanted}"
                for kind, paths in links.items()
                if paths != [wanted]
            ]
            if not any(link.endswith("_sources/" + wanted) for link, _ in page.links):
                out.append(f"{name}: no download of {wanted}")
            if wanted not in tracked:
                out.append(f"{name}: {wanted} is not a file of the repository")
        return out

    def claim_pages(self) -> list[str]:
        """Claims, and former ids of claims, that have no page of their own with the anchor of its permanent link."""
        from assocmem.claims import claims
        from assocmem.claims.views.addresses import FOLDER, anchor, key

        out = []
        for name in (name for claim in claims.values() for name in (claim.id, *claim.formerly)):
            page = self.pages.get(self.folder / FOLDER / f"{key(name)}.html")
            if page is None:
                out.append(f"{FOLDER}/{key(name)}.html is missing, the page of {name}")
            elif anchor(name) not in page.names:
                out.append(f"{self._name(page)}: no place {anchor(name)}")
        return out

    def files(self) -> list[str]:
        """What is wrong with the notebooks that are offered, the pages' weight and previews, and the map."""
        return [*site_files.notebooks(self.folder), *site_files.pages(self.folder), *site_files.beside(self.folder)]

    def ledger(self) -> list[str]:
        """Differences between the published ledger and the registry."""
        from assocmem.claims import claims

        names = ("claims.json", "claims.schema.json", "statements.schema.json")
        missing = [f"{name} is missing" for name in names if not (self.folder / name).exists()]
        if missing:
            return missing
        path, schema = self.folder / names[0], self.folder / names[1]
        published = json.loads(path.read_text(encoding="utf-8"))
        if published["$schema"] != json.loads(schema.read_text(encoding="utf-8"))["$id"]:
            return ["claims.json names another schema than the one beside it"]
        rows = {row["id"]: row for row in published["claims"]}
        out = [f"claims.json: claims {sorted(set(rows) ^ set(claims))} differ"] if set(rows) != set(claims) else []
        for name, row in rows.items():
            if FIELDS - set(row):
                out.append(f"claims.json: {name} lacks {sorted(FIELDS - set(row))}")
            if name in claims and row["verdict"] != claims[name].verdict:
                out.append(f"claims.json: {name} is {row['verdict']}, the registry says {claims[name].verdict}")
        return out


def tracked_files(root: Path = ROOT) -> set[str]:
    """The repository's files: those that git knows, or those on disk where there is no git repository."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0 and done.stdout:
            return set(done.stdout.splitlines())
    except OSError:
        pass
    return {path.relative_to(root).as_posix() for path in (root / "notebooks").glob("*.ipynb")}


def main(folder: str) -> int:
    """Print the faults of the site in a folder; 1 when there is one."""
    faults = Site(Path(folder)).faults()
    print("\n".join(faults) or f"site: no fault in {folder}")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
