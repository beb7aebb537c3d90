"""The claims of the page ``size_grid`` (chapter 10), and what a record must show for those that are measured."""

from __future__ import annotations

from typing import Any

import pytest

from assocmem.claims.size_grid.size_grid import settings as page
from assocmem.experiments.records import Record
from page_claims import PageRules


class TestPage(PageRules):
    slug = "size_grid"


def made(summary: dict[str, Any], scale: str = "paper") -> Record:
    """A record of a run."""
    return Record("openelm-grid", scale, {}, 0, [], summary, 1.0)


def runs(*losses: float, step: int = 6000) -> dict[str, Any]:
    """Runs with these least validation losses."""
    return {"runs": [{"validation": [4.0, loss, loss + 0.1], "best_step": step} for loss in losses]}


CLOSE = (3.811, 3.812, 3.813, 3.809, 3.814)


@pytest.mark.parametrize(
    ("check", "claim", "summary", "outcome"),
    [
        (page.curves_differ, page.Runs(), runs(*CLOSE), "reproduced"),
        (page.curves_differ, page.Runs(), runs(3.81, 3.81, 3.81, 3.81, 3.81), "not reproduced"),
        (page.minima_agree, page.Runs(decimals=2), runs(*CLOSE), "reproduced"),
        (page.minima_agree, page.Runs(decimals=2), runs(*CLOSE[:4], 3.83), "not reproduced"),
        (page.step_of_the_minimum, page.Step(), runs(*CLOSE, step=6500), "reproduced"),
        (page.step_of_the_minimum, page.Step(), runs(*CLOSE, step=7000), "not reproduced"),
        (page.words_to_tokens, page.Words(), {"millions": 333.17}, "reproduced"),
        (page.words_to_tokens, page.Words(), {"millions": 240.0}, "not reproduced"),
        (
            page.errors_of_runs,
            page.ERRORS,
            {"errors": [[0.07, 0.05, 0.04, 0.04]] + [[0.05, 0.04, 0.02, 0.02]] * 2},
            "reproduced",
        ),
        (
            page.errors_of_runs,
            page.ERRORS,
            {"errors": [[0.06, 0.05, 0.04, 0.04]] + [[0.05, 0.04, 0.02, 0.02]] * 2},
            "not reproduced",
        ),
    ],
)
def test_what_a_record_must_show(
    monkeypatch: pytest.MonkeyPatch, check: Any, claim: Any, summary: dict[str, Any], outcome: str
) -> None:
    monkeypatch.setattr(page, "record", lambda name: made(summary))
    assert check(claim).outcome == outcome
    monkeypatch.setattr(page, "record", lambda name: made(summary, "local"))
    assert check(claim).outcome == ("reproduced in part" if outcome == "reproduced" else outcome)
    monkeypatch.setattr(page, "record", lambda name: None)
    assert check(claim).outcome == "not yet run"
