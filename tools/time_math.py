"""Counts how long a page of the built site takes until the formulas in sight are set, as a multiple of a plain page.

Each page is opened three times in the system's Chromium, and the median counts, the plain page before each, so that a
slow moment of the machine counts for both; `make browse` calls this and fails where a chapter takes more than three
times as long. What is further down is set as a reader comes near it; the time for all of it is printed beside.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "helpers"))

from browsing import ALL, CHROMIUM, FLAGS, READY, SITE, missing, pages, served

PLAIN = "search.html"
"""A page of the book without a formula."""
MOST = 3.0


def seconds(browser: Any, url: str) -> tuple[float, float]:
    """Seconds until the page is loaded and the formulas in sight are set, and until all are, in an empty cache."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(url, wait_until="load")
    page.wait_for_function(READY, timeout=120_000)
    seen = page.evaluate("() => performance.now() / 1000")
    page.evaluate(ALL)
    every = page.evaluate("() => performance.now() / 1000")
    page.close()
    return float(seen), float(every)


def main() -> int:
    """Print the multiple of every chapter page; 1 where one is too slow."""
    if missing():
        print(missing())
        return 1
    from playwright.sync_api import sync_playwright

    rows = []
    with sync_playwright() as playwright, served(SITE) as address:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        seconds(browser, f"{address}/{PLAIN}")
        for name in pages("notebooks"):
            plain = statistics.median(seconds(browser, f"{address}/{PLAIN}")[0] for _ in range(3))
            runs = [seconds(browser, f"{address}/{name}") for _ in range(3)]
            seen, every = (statistics.median(part) for part in zip(*runs, strict=True))
            rows.append((seen / plain, every / plain, plain, name))
        browser.close()
    print("in sight, all set: times as long as a plain page")
    for seen, every, plain, name in sorted(rows, reverse=True):
        print(f"{seen:5.1f} {every:5.1f}  times {plain:.2f} s  {name}")
    return int(max(rows)[0] > MOST)


if __name__ == "__main__":
    sys.exit(main())
