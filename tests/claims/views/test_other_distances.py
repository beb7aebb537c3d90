"""The book under another distance: verdicts that follow from properties, the survey, and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assocmem.claims import Check, Finding, Surveyed, UnknownClaimError, claims, survey
from assocmem.claims.verdicts import FIXED
from assocmem.cli import app
from assocmem.theory.exact.distances import METRIC, NAMED, PAPER, Distance, DistanceError
from assocmem.theory.exact.properties import FalseGrantError, attack

NORMS = ("l1", "euclidean", "linf")
TAKE_A_DISTANCE = [claim.id for claim in claims.values() if claim.takes_distance]
ANY_DISTANCE = ("P1", "P1-SHARP", "EQ4", "EQ4-MONO-FIX")
SQUARED_ONLY = (
    "P2",
    "P2-FIX",
    "P2-BETA",
    "P2-CLOSE",
    "P2-CLOSE-FIX",
    "P2-PROOF",
    "P3",
    "P3-FIX",
    "EQ4-SMOOTH",
    "EQ4-UHN",
    "X-CONV-E",
    "X-CONV-DIAM-E",
    "X-CONV-SIMPLEX-E",
    "X-CONV-SQUARE",
    "X-MODES-E",
    "X-STORE-E",
    "FIG1-FIX",
    "FIG1-1D",
    "EQ4-CONVEX",
    "EQ4-SUM",
    "EQ4-MONO-STRICT",
    "X-DESC-NEAREST",
)

SHAPES = ("X-COUNT-1D", "EQ4-STAT-E", "X-MODES-E", "X-STORE-E", "X-COLD-E", "EQ4-SMOOTH")


def cubic(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return sum(abs(a - b) ** 3 for a, b in zip(x, y, strict=True))


def tilted(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """Not symmetric, negative at places."""
    return sum(a - 2 * b for a, b in zip(x, y, strict=True))


def nothing(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return 0


def discrete(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return 0 if tuple(x) == tuple(y) else 1


def first_coordinate(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return abs(x[0] - y[0])


def uphill(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return sum(max(a - b, 2 * (b - a)) for a, b in zip(x, y, strict=True))


def upside_down(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return -sum((a - b) * (a - b) for a, b in zip(x, y, strict=True))


def capped(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return min(1, NAMED["l1"].function(x, y))


def plane_only(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return abs(x[0] - y[0]) + 2 * abs(x[1] - y[1])


PSEUDO = frozenset({"nonnegative", "symmetric", "triangle", "continuous"})
ODD = (
    Distance("constant", nothing, PSEUDO),
    Distance("discrete", discrete, frozenset(METRIC)),
    Distance("first coordinate", first_coordinate, PSEUDO),
    Distance("uphill", uphill, frozenset({"nonnegative", "separates", "triangle", "continuous"})),
    Distance("upside down", upside_down, frozenset({"separates", "symmetric", "continuous"})),
    Distance("capped", capped, frozenset({*METRIC, "continuous"})),
)
"""Distances that lack one property or more, granted all those of `PROPERTIES` that they have."""
LETTERS = {"P": "proved", "C": "proved with a condition", "R": "refuted"}
TRUE = {
    "P1": "PPPPPP",
    "EQ4": "PPPPPP",
    "EQ4-MONO-FIX": "PPPPPP",
    "P1-SHARP": "PPPPPP",
    "X-DESC-ANY": "PPPPPP",
    "P2": "RRRRRR",
    "P2-FIX": "RRRRRR",
    "P3": "RRRRRR",
    "P3-FIX": "RRRRRR",
    "P2-BETA": "RRRRRR",
    "P2-CLOSE": "RRRRRR",
    "P2-CLOSE-FIX": "RRRRRR",
    "P2-PROOF": "RRRRRR",
    "EQ4-UHN": "RRRRRR",
    "FIG1-1D": "RRRRRR",
    "EQ3": "RPRPRP",
    "S3-METRIC": "RPRRRP",
    "X-COLD-E": ".P.P.P",
    "EQ4-STAT-E": ".C...C",
    "EQ4-CONVEX": ".RRRRR",
    "X-CONV-E": ".RRRRR",
    "X-CONV-DIAM-E": ".RRRRR",
    "X-CONV-SIMPLEX-E": ".RRRRR",
    "X-CONV-SQUARE": ".R.RRR",
    "EQ4-MONO": "CCCCCC",
    "EQ4-MONO-STRICT": "..RR.R",
    "EQ4-MONO-EACH": "PPPPPP",
    "EQ4-SUM": "..R...",
    "FIG1-FIX": ".....R",
    "X-MODES-E": ".....R",
    "X-STORE-E": "......",
    "X-COUNT-1D": "......",
    "X-COUNT-2D": "......",
    "EQ4-SMOOTH": "......",
}
"""Chapter 2: the verdict under each of `ODD`, in order; a dot where it is left undecided."""
AT_MOST = {
    "S3-METRIC": "RPRRRP",
    "EQ5-OWN": "PPP..P",
    "X-DISJOINT": "PPP..P",
    "OMEGA": "......",
    "NN-FIX": "..RRR.",
    "X-RETR": "RRRRRR",
    "X-BIAS": "RRRRRR",
    "DEF1-BALL": "......",
    "EQ5-FIX": "RRRRRR",
    "EQ6-FIX": "......",
    "EQ6-DELTA-FIX": ".P...P",
    "X-LAST": ".P...P",
    "EQ7-NC": "......",
    "EQ7-HAM": "......",
    "EQ7-CONT": "P.PPPP",
    "EQ10-b-FIX": ".P.P.P",
    "EQ10-d-FIX": "......",
    "EQ7-NC-FIX": "......",
    "X-READ-A": "PPPPPP",
    "SPLIT-FIX": "PPPPPP",
    "X-MM-STEP": "......",
    "X-MM-ACTIVE": "......",
    "EQ10-c-FIX": "......",
    "EQ-ET-FIX": ".P.P.P",
}
"""Chapters 3 and 4: the only verdict that may be reached, if one is; guards must not let more pass."""


@pytest.mark.parametrize("place", range(len(ODD)), ids=[m.name for m in ODD])
def test_a_distance_that_lacks_properties_gets_no_false_verdict(place: int) -> None:
    verdicts = {name: claims[name].check(distance=ODD[place]).verdict for name in (*TRUE, *AT_MOST)}
    expected = {name: LETTERS.get(row[place], "undecided") for name, row in (TRUE | AT_MOST).items()}
    assert {name: verdicts[name] for name in TRUE} == {name: expected[name] for name in TRUE}
    false = {n: (verdicts[n], expected[n]) for n in AT_MOST if verdicts[n] not in ("undecided", expected[n])}
    assert not false


@pytest.mark.parametrize("distance", ODD, ids=[m.name for m in ODD])
def test_the_odd_distances_are_granted_what_they_have(distance: Distance) -> None:
    for name in ("nonnegative", "separates", "symmetric", "triangle"):
        assert (attack(distance, name) is None) == distance.has(name), name


@pytest.mark.parametrize("name", ["EQ10-c", "EQ6-FIX", "EQ6-DELTA-FIX", "X-LAST"])
@pytest.mark.parametrize("metric", NORMS)
def test_a_scaled_norm_is_judged_like_the_norm(name: str, metric: str) -> None:
    for beta in (Fraction(1, 2), Fraction(3)):
        scaled = NAMED[metric].scaled(beta)
        assert claims[name].check(distance=scaled).verdict == claims[name].check(distance=metric).verdict


def test_what_a_users_function_raises_is_shown_with_its_name_and_is_no_verdict() -> None:
    for name in ("P1", "EQ3", "X-CONV-E", "EQ6-SUN3"):
        with pytest.raises(DistanceError, match=r"plane_only.*every n.*n = 1.*IndexError"):
            claims[name].check(distance=plane_only)
    with pytest.raises(DistanceError, match="plane_only"):
        survey(plane_only, ["P1"])
    with pytest.raises(DistanceError, match=r"must return an int, a Fraction or an arb, got float; .*Fraction\(1, 2\)"):
        survey(lambda x, y: 0.5, ["P1"])


def test_a_number_that_a_check_cannot_use_leaves_it_undecided_for_another_distance_only() -> None:
    def irrational(stmt: Any, distance: Distance) -> Finding:
        raise ValueError("3/2 is not the square of a rational number")

    def broken(stmt: Any, distance: Distance) -> Finding:
        raise IndexError

    judge = Check("P1", "certified", "irrational", "", "", None, irrational)
    finding = judge.run(None, NAMED["l1"])
    assert (finding.outcome, "l1" in finding.text, "3/2 is not" in finding.text) == ("undecided", True, True)
    with pytest.raises(ValueError, match="square"):
        judge.run(None)
    with pytest.raises(IndexError):
        Check("P1", "certified", "broken", "", "", None, broken).run(None, NAMED["l1"])


@pytest.mark.parametrize("name", ANY_DISTANCE)
@pytest.mark.parametrize("metric", [*NORMS, cubic, tilted])
def test_what_rests_on_counting_terms_holds_for_every_distance(name: str, metric: Any) -> None:
    assert claims[name].check(distance=metric).verdict == "proved"


@pytest.mark.parametrize("name", SQUARED_ONLY)
@pytest.mark.parametrize("metric", NORMS)
def test_what_needs_the_square_is_refuted_by_a_counterexample(name: str, metric: str) -> None:
    (row,) = survey(metric, [name])
    assert row.verdict == "refuted"
    assert row.reason


@pytest.mark.parametrize("metric", NORMS)
def test_a_norm_is_a_metric_and_vanishes_at_equal_points_only(metric: str) -> None:
    assert claims["EQ3"].check(distance=metric).verdict == "proved"
    assert claims["S3-METRIC"].check(distance=metric).verdict == "proved"
    assert claims["S3-METRIC"].check(distance=cubic).verdict == "refuted"
    assert claims["EQ3"].check(distance=cubic).verdict == "undecided"
    assert claims["EQ3"].check(distance=tilted).verdict == "refuted"


@pytest.mark.parametrize("missing", METRIC)
def test_a_metric_needs_each_of_its_four_properties(missing: str) -> None:
    almost = Distance("almost", NAMED["l1"].function, frozenset(METRIC) - {missing})
    assert claims["S3-METRIC"].check(distance=almost).verdict == "undecided"
    expected = "undecided" if missing in ("nonnegative", "separates") else "proved"
    assert claims["EQ3"].check(distance=almost).verdict == expected


@pytest.mark.parametrize("name", SHAPES)
def test_a_distance_without_properties_proves_nothing_about_shapes(name: str) -> None:
    for distance in (NAMED["l1"].function, cubic):
        assert claims[name].check(distance=Distance("bare", distance)).verdict == "undecided"


@cache
def surveyed(metric: str) -> list[Surveyed]:
    """The whole ledger under a named distance, once for all tests."""
    return survey(metric)


def test_the_same_distance_with_its_properties_granted_is_judged_like_the_named_one() -> None:
    own = Distance("mine", NAMED["l1"].function, NAMED["l1"].properties)
    assert [row[1:4] for row in survey(own)] == [row[1:4] for row in surveyed("l1")]


@pytest.mark.parametrize("metric", NORMS)
def test_no_distance_makes_proof_and_counterexample_meet(metric: str) -> None:
    rows = surveyed(metric)
    assert [row.id for row in rows] == TAKE_A_DISTANCE
    assert not [row for row in rows if row.verdict == "inconsistent"]
    assert [row.stored for row in rows] == [claims[row.id].verdict for row in rows]
    assert all(row.reason for row in rows)


def test_the_papers_distance_keeps_every_verdict() -> None:
    assert all(row.survives for row in survey(PAPER, ["P1", "P2", "P3", "X-MODES-E", "S3-METRIC"]))


def test_claims_that_are_not_about_the_distance_say_so() -> None:
    assert claims["C-MCHNCONVEX"].check(distance="l1").verdict == FIXED
    assert survey("l1", ["C-MCHNCONVEX", "L1"]) == []


def test_bad_surveys_name_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="l3"):
        survey("l3")
    with pytest.raises(UnknownClaimError, match="P22"):
        survey("l1", ["P22"])


def test_cli_asks_of_a_named_distance() -> None:
    done = CliRunner().invoke(app, ["check", "--distance", "l1", "P1", "P2", "C-MCHNCONVEX"])
    assert done.exit_code == 0
    assert "1 keep their verdict, 0 undecided, 1 change it" in done.output
    assert FIXED in done.output


def test_a_distance_on_a_domain_is_asked_on_it_and_leaves_open_what_needs_other_points() -> None:
    rows = {row.id: row for row in survey("cosine", ["P1", "EQ3", "S3-METRIC", "EQ4-MONO-FIX", "P2", "P3", "EQ10-c"])}
    assert (rows["P1"].verdict, rows["EQ4-MONO-FIX"].verdict) == ("proved", "proved")
    assert (rows["EQ3"].verdict, rows["S3-METRIC"].verdict) == ("refuted", "refuted")
    assert {rows[name].verdict for name in ("P2", "P3", "EQ10-c")} == {"undecided"}
    (needs_zero,) = survey("cosine", ["EQ6-SUN3"])
    assert (needs_zero.verdict, "defined for x != 0 only" in needs_zero.reason) == ("undecided", True)


def test_what_is_granted_and_fails_is_refused_before_a_proof_uses_it() -> None:
    squares = Distance("mine", NAMED["sqeuclidean"].function, frozenset(METRIC))
    for ask in (lambda: survey(squares), lambda: claims["S3-METRIC"].check(distance=squares)):
        with pytest.raises(FalseGrantError, match=r"'mine' is granted 'triangle', which fails: .* at x="):
            ask()


def test_cli_asks_of_a_users_distance_with_its_grants_and_its_domain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "memories_of_mine.py").write_text(
        "from assocmem.theory.exact.distances import METRIC, Distance, Domain, cosine, l1, sqeuclidean\n"
        "TAXI = Distance('taxi', l1, METRIC)\n"
        "FALSE = Distance('false', sqeuclidean, METRIC)\n"
        "ANGLE = Distance('angle', cosine, ('symmetric',), Domain('x != 0', any))\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    run = CliRunner()
    taxi, false, angle = (
        run.invoke(app, ["check", "--distance", f"memories_of_mine:{name}", "S3-METRIC"])
        for name in ("TAXI", "FALSE", "ANGLE")
    )
    assert (taxi.exit_code, "proved" in taxi.output, "granted to taxi: nonnegative" in taxi.output) == (0, True, True)
    assert (false.exit_code, "is granted 'triangle', which fails" in false.output) == (2, True)
    assert (angle.exit_code, "defined for x != 0" in angle.output) == (0, True)


def test_cli_asks_of_a_users_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_metric_of_mine.py").write_text(
        "def quartic(x, y):\n    return sum((a - b) ** 4 for a, b in zip(x, y))\n\ndef half(x, y):\n    return 0.5\n"
        "\ndef plane(x, y):\n    return abs(x[1] - y[1])\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    run = CliRunner()
    done = run.invoke(app, ["check", "--distance", "a_metric_of_mine:quartic", "P1", "P2"])
    assert done.exit_code == 0
    assert "quartic" in done.output
    shown = run.invoke(app, ["check", "--distance", "a_metric_of_mine:plane", "P1"])
    assert (shown.exit_code, "every n = 1, 2, 3" in shown.output) == (2, True)
    for wrong in ("a_metric_of_mine:half", "a_metric_of_mine:cubic", "no_such_module:f"):
        assert run.invoke(app, ["check", "--distance", wrong, "P1"]).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["--distance", "l3"],
        ["--distance", "l1", "P22"],
        ["--distance", "l1", "-v"],
        ["--distance", "l1", "--kind", "search"],
    ],
)
def test_cli_refuses_what_it_does_not_know(words: list[str]) -> None:
    assert CliRunner().invoke(app, ["check", *words]).exit_code == 2
