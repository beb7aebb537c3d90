"""A downloaded notebook opened in JupyterLab shows its claims and formulas, and nothing raw."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from assocmem.claims import claims
from browsing import SITE

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not find_spec("jupyterlab"), reason="JupyterLab is not installed")]
NAME = "05_cross_entropy.ipynb"


@pytest.fixture
def lab(tmp_path: Path, browser: Any) -> Iterator[str]:
    """The address of a JupyterLab in a folder with the notebook that the site offers."""
    shutil.copy(SITE / "_sources" / "notebooks" / NAME, tmp_path / NAME)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        f"--port={port}",
        "--no-browser",
        "--allow-root",
        "--IdentityProvider.token=",
        "--ServerApp.ip=127.0.0.1",
    ]
    homes = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind.lower()) for kind in ("CONFIG", "RUNTIME", "DATA")}
    env = os.environ | homes | {"JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings")}
    command = [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={tmp_path}"]
    with subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path
    ) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            for _ in range(120):
                try:
                    with urllib.request.urlopen(f"{url}/api", timeout=2):
                        break
                except OSError:
                    time.sleep(0.5)
            yield url
        finally:
            server.terminate()


def test_claims_and_formulas_show_in_jupyterlab(lab: str, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1200})
    page.goto(f"{lab}/lab/tree/{NAME}?reset")
    page.locator(".jp-MarkdownCell .jp-RenderedMarkdown h1").first.wait_for(timeout=120_000)
    # Cells outside the window are not drawn: scroll through, and gather what stands there.
    words, formulas = "", 0
    cells = page.locator(".jp-Notebook .jp-WindowedPanel-outer")
    for _ in range(80):
        words += page.locator(".jp-Notebook").inner_text() + "\n"
        formulas = max(formulas, page.locator(".jp-RenderedMarkdown mjx-container").count())
        if cells.evaluate("(e) => { const at = e.scrollTop; e.scrollTop += 700; return e.scrollTop === at }"):
            break
        page.wait_for_timeout(300)
    page.close()
    boxed = [claim for claim in claims.values() if claim.page == "cross_entropy" and claim.title in words]
    assert boxed, "no title of a claim of the page stands in the notebook"
    assert "refuted" in words
    assert "Why." in words
    assert formulas > 5
    assert not [mark for mark in ("```{", "{claim", "{cite", "{numref", ":::{", "[^") if mark in words]
