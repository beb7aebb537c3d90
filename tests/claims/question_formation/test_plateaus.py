"""What a record of runs must show for a claim on plateaus to be reproduced: value, rest, completeness, held-out gap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assocmem.claims.question_formation import plateaus as runs
from assocmem.claims.question_formation.plateaus import Memorized, Settles, settle
from assocmem.experiments.records import Record
from page_claims import PageRules


class TestPage(PageRules):
    slug = "plateaus"


ENTROPY = {"measured": 0.992, "two words": 0.675, "128 words": 1.435}
OTHERS = Settles(grammars=("two words", "128 words"))


def made(
    loss: dict[str, float],
    *,
    depths: tuple[int, ...] = (6, 10),
    scale: str = "local",
    before: float = 0.0,
    held_out: float = 0.0,
    lines: int = 100,
) -> Record:
    """A record in which the loss of each grammar is constant, ``before`` higher in the last tenth but one."""
    cells: list[dict[str, Any]] = [
        {"grammar": g, "lines": lines, "layers": d, "seed": s} for g in loss for d in depths for s in (0, 1, 2)
    ]
    steps = range(5, 105, 5)
    series = [{**c, "step": t, "loss": loss[c["grammar"]] + before * (t <= 90)} for c in cells for t in steps]
    runs_made = [
        {**c, "steps": 100, "plateau": loss[c["grammar"]], "held_out": loss[c["grammar"]] + held_out} for c in cells
    ]
    floors = [{"grammar": g, "lines": lines, "entropy": ENTROPY[g]} for g in loss]
    config = {"runs": runs_made, "width": 64, "training": {"steps": 100, "batch": 16}}
    return Record("question-plateau", scale, config, 0, series, {"floors": floors}, 1.0)


@pytest.mark.parametrize(
    ("loss", "outcome"),
    [
        (1.0, "reproduced"),
        (1.049, "reproduced"),
        (0.951, "reproduced"),
        (1.051, "not reproduced"),
        (0.949, "not reproduced"),
    ],
)
def test_near_means_within_the_stated_distance_on_either_side(loss: float, outcome: str) -> None:
    assert settle(Settles(), made({"measured": loss}, scale="paper")).outcome == outcome


def test_a_smaller_run_reproduces_in_part_only() -> None:
    assert settle(Settles(), made({"measured": 1.0})).outcome == "reproduced in part"


def test_one_seed_far_away_is_enough_to_fail() -> None:
    record = made({"measured": 1.0}, scale="paper")
    record.config["runs"][4]["plateau"] = 1.2
    finding = settle(Settles(), record)
    assert finding.outcome == "not reproduced"
    assert "seed 1, 1.200" in finding.text


def test_a_loss_that_still_falls_has_not_settled() -> None:
    assert settle(Settles(), made({"measured": 1.0}, before=0.019, scale="paper")).outcome == "reproduced"
    assert settle(Settles(), made({"measured": 1.0}, before=0.021, scale="paper")).outcome == "not reproduced"


def test_missing_runs_are_not_run() -> None:
    finding = settle(Settles(), made({"measured": 1.0}, depths=(6,)))
    assert finding.outcome == "not yet run"
    assert "measured with 10 layers" in finding.text
    assert settle(replace(Settles(), grammars=("two words",)), made({"measured": 1.0})).outcome == "not yet run"


def test_an_entropy_is_that_of_each_grammar() -> None:
    claim = Settles(grammars=tuple(ENTROPY), value="entropy")
    assert settle(claim, made(ENTROPY, scale="paper")).outcome == "reproduced"
    swapped = ENTROPY | {"two words": 1.435, "128 words": 0.675}
    assert settle(claim, made(swapped, scale="paper")).outcome == "not reproduced"


def test_what_is_observed_and_what_explains_it_are_judged_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    entropies = Settles(grammars=tuple(ENTROPY), value="entropy", within=0.02)

    def judged(loss: dict[str, float]) -> tuple[str, str]:
        monkeypatch.setattr(runs, "record", lambda task: made(loss))
        return runs.both_depths(Settles()).outcome, runs.follows_entropy(entropies).outcome

    assert judged(ENTROPY) == ("reproduced in part", "measured")
    assert judged(dict.fromkeys(ENTROPY, 1.0)) == ("reproduced in part", "not reproduced")
    assert judged(dict.fromkeys(ENTROPY, 1.5)) == ("not reproduced", "not reproduced")


def test_lines_are_known_by_heart_where_held_out_loss_is_higher(monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(claim: Memorized = Memorized(), **change: Any) -> str:  # noqa: B008
        monkeypatch.setattr(runs, "record", lambda task: made({"measured": 1.0}, **change))
        return runs.known_by_heart(claim).outcome

    assert judged(held_out=0.09) == "not reproduced"
    assert judged(held_out=0.11) == "reproduced in part"
    assert judged(Memorized(value=1.2)) == "not yet run"
    assert judged(lines=801) == "not yet run"  # 1600 lines were read, fewer than two for each.
    assert judged(lines=800) == "not reproduced"


def test_without_a_record_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "record", lambda task: None)
    for finding in (runs.both_depths(Settles()), runs.known_by_heart(Memorized()), runs.follows_entropy(OTHERS)):
        assert finding.outcome == "not yet run"
