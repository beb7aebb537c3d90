"""The claims of the page ``radius`` (chapter 8), and what a record must show for the measured one."""

from __future__ import annotations

from typing import Any

import pytest

from assocmem.claims.radius.radius import controls, reported
from assocmem.claims.radius.radius.reported import Distances
from assocmem.experiments.records import Record
from page_claims import PageRules


class TestPage(PageRules):
    slug = "radius"


def made(values: dict[float, tuple[float, float]], scale: str = "paper") -> Record:
    """A record with mean and median for each share."""
    rows: list[dict[str, Any]] = [
        {"design": "random", "seed": 0, "share": s, "mean": a, "median": b} for s, (a, b) in values.items()
    ]
    far = [{**row, "mean": 50.0, "median": 50.0} for row in rows]
    at = [{"layer": "norm", "subsets": far}, {"layer": "24", "subsets": rows}]
    return Record(reported.TASK, scale, {}, 0, [], {"models": [{"trained": True, "at": at}]}, 1.0)


NEAR = {0.25: (20.3, 20.2), 0.5: (20.2, 20.1), 0.75: (20.1, 20.0), 1.0: (20.0, 19.9)}


@pytest.mark.parametrize(
    ("values", "scale", "outcome"),
    [
        (NEAR, "paper", "reproduced"),
        (NEAR, "local", "reproduced in part"),
        (NEAR | {0.25: (20.3, 20.6)}, "paper", "not reproduced"),
        (NEAR | {1.0: (19.4, 20.0)}, "paper", "not reproduced"),
    ],
)
def test_every_subset_must_be_near(
    monkeypatch: pytest.MonkeyPatch, values: dict[float, tuple[float, float]], scale: str, outcome: str
) -> None:
    monkeypatch.setattr(reported, "record", lambda: made(values, scale))
    assert reported.recorded_distances(Distances()).outcome == outcome


def test_without_a_record_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reported, "record", lambda: None)
    assert reported.recorded_distances(Distances()).outcome == "not yet run"


def test_rules_of_records_need_a_record_and_follow_their_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controls, "_readings", lambda _: [])
    assert controls.by_rule(controls.Ruled("agree")).outcome == "not yet run"
    place = {"layer": "norm", "mean": 15.5}
    model = {"name": "planted", "trained": True, "n": 1024, "at": [place]}
    monkeypatch.setattr(controls, "_readings", lambda _: [model])
    assert controls.by_rule(controls.Ruled("agree")).outcome == "measured"
    far = {**model, "at": [{**place, "mean": 155.0}]}
    monkeypatch.setattr(controls, "_readings", lambda _: [model, far])
    assert controls.by_rule(controls.Ruled("agree")).outcome == "reproduced in part"
    monkeypatch.setattr(controls, "_readings", lambda _: [far])
    assert controls.by_rule(controls.Ruled("agree")).outcome == "not reproduced"
