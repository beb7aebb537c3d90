"""The book under another distance: verdicts that follow from properties, the survey, and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assocmem.claims import UnknownClaimError, claims, survey
from assocmem.claims.model import FIXED
from assocmem.cli import app
from assocmem.theory.memories import METRIC, NAMED, PAPER, Memory

NORMS = ("l1", "euclidean", "linf")
ASKED = [claim.id for claim in claims.values() if claim.takes_memory]
ANY_DISTANCE = ("P1", "P1-SHARP", "EQ4", "EQ4-MONO-FIX")
SQUARED_ONLY = (
    "P2", "P2-FIX", "P2-BETA", "P2-CLOSE", "P2-CLOSE-FIX", "P2-PROOF", "P3", "P3-FIX", "EQ4-SMOOTH", "EQ4-UHN",
    "X-CONV-E", "X-CONV-DIAM-E", "X-CONV-SIMPLEX-E", "X-CONV-SQUARE", "X-MODES-E", "X-STORE-E", "FIG1-FIX", "FIG1-1D",
    "EQ4-NOREG", "EQ4-SUM", "EQ4-MONO", "APPROX-NN",
)  # fmt: skip

SHAPES = ("X-COUNT-1D", "X-ZERO", "EQ4-STAT-E", "X-MODES-E", "X-STORE-E", "X-COLD", "EQ4-SMOOTH")


def cubic(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return sum(abs(a - b) ** 3 for a, b in zip(x, y, strict=True))


def tilted(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """Not symmetric, negative at places."""
    return sum(a - 2 * b for a, b in zip(x, y, strict=True))


@pytest.mark.parametrize("name", ANY_DISTANCE)
@pytest.mark.parametrize("metric", [*NORMS, cubic, tilted])
def test_what_rests_on_counting_terms_holds_for_every_distance(name: str, metric: Any) -> None:
    assert claims[name].check(memory=metric).verdict == "proved"


@pytest.mark.parametrize("name", SQUARED_ONLY)
@pytest.mark.parametrize("metric", NORMS)
def test_what_needs_the_square_is_refuted_by_a_counterexample(name: str, metric: str) -> None:
    (row,) = survey(metric, [name])
    assert row.verdict == "refuted"
    assert row.found


@pytest.mark.parametrize("metric", NORMS)
def test_a_norm_is_a_metric_and_vanishes_at_equal_points_only(metric: str) -> None:
    assert claims["EQ3"].check(memory=metric).verdict == "proved"
    assert claims["EQ3-METRIC"].check(memory=metric).verdict == "proved"
    assert claims["EQ3-METRIC"].check(memory=cubic).verdict == "refuted"
    assert claims["EQ3"].check(memory=cubic).verdict == "undecided"
    assert claims["EQ3"].check(memory=tilted).verdict == "refuted"


@pytest.mark.parametrize("missing", METRIC)
def test_a_metric_needs_each_of_its_four_properties(missing: str) -> None:
    almost = Memory("almost", NAMED["l1"].distance, frozenset(METRIC) - {missing})
    assert claims["EQ3-METRIC"].check(memory=almost).verdict == "undecided"
    expected = "undecided" if missing in ("nonnegative", "separates") else "proved"
    assert claims["EQ3"].check(memory=almost).verdict == expected


@pytest.mark.parametrize("name", SHAPES)
def test_a_distance_without_properties_proves_nothing_about_shapes(name: str) -> None:
    for distance in (NAMED["l1"].distance, cubic):
        assert claims[name].check(memory=Memory("bare", distance)).verdict == "undecided"


def test_the_same_distance_with_its_properties_granted_is_judged_like_the_named_one() -> None:
    own = Memory("mine", NAMED["l1"].distance, NAMED["l1"].properties)
    assert [row[1:4] for row in survey(own)] == [row[1:4] for row in survey("l1")]


@pytest.mark.parametrize("metric", NORMS)
def test_no_distance_makes_proof_and_counterexample_meet(metric: str) -> None:
    rows = survey(metric)
    assert [row.id for row in rows] == ASKED
    assert not [row for row in rows if row.verdict == "inconsistent"]
    assert [row.stored for row in rows] == [claims[row.id].verdict for row in rows]
    assert all(row.found for row in rows)


def test_the_papers_distance_keeps_every_verdict() -> None:
    assert all(row.survives for row in survey(PAPER, ["P1", "P2", "P3", "X-MODES-E", "EQ3-METRIC"]))


def test_claims_that_are_not_about_the_distance_say_so() -> None:
    assert claims["C-MCHNCONVEX"].check(memory="l1").verdict == FIXED
    assert survey("l1", ["C-MCHNCONVEX", "L1"]) == []


def test_bad_surveys_name_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="l3"):
        survey("l3")
    with pytest.raises(UnknownClaimError, match="P22"):
        survey("l1", ["P22"])


def test_cli_asks_of_a_named_metric() -> None:
    done = CliRunner().invoke(app, ["check", "--metric", "l1", "P1", "P2", "C-MCHNCONVEX"])
    assert done.exit_code == 0
    assert "1 keep their verdict, 0 undecided, 1 change it" in done.output
    assert FIXED in done.output


def test_cli_asks_of_a_users_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_metric_of_mine.py").write_text(
        "def quartic(x, y):\n    return sum((a - b) ** 4 for a, b in zip(x, y))\n\ndef half(x, y):\n    return 0.5\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    run = CliRunner()
    done = run.invoke(app, ["check", "--metric", "a_metric_of_mine:quartic", "P1", "P2"])
    assert done.exit_code == 0
    assert "quartic" in done.output
    for wrong in ("a_metric_of_mine:half", "a_metric_of_mine:cubic", "no_such_module:f"):
        assert run.invoke(app, ["check", "--metric", wrong, "P1"]).exit_code == 2


@pytest.mark.parametrize(
    "words", [["--metric", "l3"], ["--metric", "l1", "P22"], ["--metric", "l1", "-v"], ["--metric", "l1", "--kind",
                                                                                        "search"]],
)  # fmt: skip
def test_cli_refuses_what_it_does_not_know(words: list[str]) -> None:
    assert CliRunner().invoke(app, ["check", *words]).exit_code == 2
