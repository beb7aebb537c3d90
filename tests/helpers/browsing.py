"""What the tests of the site in a browser share: where the site is, when a page is ready, what axe-core says of it.

The browser is the system's Chromium; Playwright and axe-core come with the extra ``browser``. `make browse` runs them.
"""

from __future__ import annotations

import os
import random
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from repository import ROOT

SITE = Path(os.environ.get("BROWSE_SITE") or ROOT / "_build" / "html")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
READY = "() => window.MathJax === undefined || (MathJax.startup?.promise ?? false)"
"""True, or a promise, when the formulas near the window are set or the page has none."""
ALL = "() => window.MathJax?.startup?.document?.lazyTypesetAll?.()"
"""Sets the formulas further down as well, as printing does."""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
"""The rules of axe-core that a page is held to."""
NOT_OURS = "dt.sig > dl"
"""What Sphinx makes of a signature of several lines: a list without names."""
GENERATED = ("claims", "api")
"""Folders with many small pages of one form."""


def missing() -> str:
    """Why no page can be opened here, in words; empty where one can."""
    if not (SITE / "book" / "index.html").is_file():
        return f"no site in {SITE}: run `make book` first, or name a folder in BROWSE_SITE"
    return "" if CHROMIUM else "no Chromium on this machine"


@cache
def pages(folder: str | None = None) -> tuple[str, ...]:
    """Addresses of the site's pages: those of one folder, or all that are not made one a claim or a module."""
    names = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html") if "_static" not in path.parts)
    if folder:
        return tuple(name for name in names if name.startswith(f"{folder}/"))
    return tuple(name for name in names if not name.startswith(GENERATED))


def sample(folder: str, size: int) -> list[str]:
    """Some pages of a folder, the same in every run."""
    return sorted(random.Random(0).sample(pages(folder), min(size, len(pages(folder)))))


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files and prints nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    """Says nothing when a browser has closed a tab before it had all of a file."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a test sees what a page lacks."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder; gives its address."""
    server = _Server(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Visit:
    """One tab, with what goes wrong in it."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("console", lambda said: said.type == "error" and self.faults.append(f"console: {said.text}"))
        page.on("request", lambda request: self._look(request.url))
        page.on("response", lambda got: got.status >= 400 and self.faults.append(f"{got.status}: {got.url}"))

    def _look(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asks another host: {url}")

    def open(self, name: str) -> Any:
        """Open a page of the site and wait until all of its formulas are set."""
        self.page.goto(f"{self.address}/{name}", wait_until="load")
        self.page.wait_for_function(READY, timeout=120_000)
        self.page.add_style_tag(content="* { transition: none !important; }")
        self.page.evaluate(ALL)
        self.page.wait_for_timeout(900)  # What is wide gets its tab stop when the formulas stand.
        return self.page

    def width(self) -> int:
        """How wide the page is, in pixels."""
        return int(self.page.evaluate("() => document.scrollingElement.scrollWidth"))

    def widest(self) -> str:
        """The elements that make it wider than the window."""
        script = """() => [...document.querySelectorAll('body *')]
            .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && e.offsetParent)
            .slice(0, 3).map((e) => e.tagName + '.' + e.className + ' ' + e.textContent.trim().slice(0, 40))
            .join('; ')"""
        return str(self.page.evaluate(script))

    def dark(self, *, on: bool = True) -> None:
        """Turn the page dark, or light."""
        mode = "dark" if on else "light"
        self.page.evaluate(f"() => {{ document.documentElement.dataset.theme = '{mode}' }}")
        self.page.evaluate(f"() => {{ document.documentElement.dataset.mode = '{mode}' }}")

    def axe(self, *rules: str) -> list[str]:
        """What axe-core finds: each rule that is broken, with its first element; all of WCAG 2.1 AA, or those named."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.add_script_tag(content=axe_script())
        only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": WCAG}
        found = self.page.evaluate(
            "([part, options]) => axe.run(part, options)",
            [{"exclude": [NOT_OURS]}, {"runOnly": only, "preload": False}],
        )
        return [
            f"{v['id']}, {len(v['nodes'])} times: {v['nodes'][0]['html'][:120]} {_why(v['nodes'][0])}"
            for v in found["violations"]
        ]


def _why(node: Any) -> str:
    return "; ".join(check["message"] for check in [*node["any"], *node["all"], *node["none"]])[:240]


@cache
def axe_script() -> str:
    """The source of axe-core."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
