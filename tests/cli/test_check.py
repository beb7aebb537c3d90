"""``assocmem check``: exit codes, messages, what ``-v`` prints beside each finding, and the old name of an option."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from assocmem.claims import claims
from assocmem.claims.verdicts import KINDS
from assocmem.cli import app
from assocmem.cli.check import DISTANCE_HELP, KINDS_HELP
from assocmem.theory.exact.distances import NAMED
from repository import ROOT


def test_exit_codes_and_messages() -> None:
    run = CliRunner()
    assert run.invoke(app, ["check", "L1"]).exit_code == 0
    wrong = run.invoke(app, ["check", "L22"])
    assert wrong.exit_code == 2
    assert run.invoke(app, ["check", "L1", "--kind", "rumor"]).exit_code == 2


def test_a_differing_verdict_is_reported() -> None:
    claim = claims["P3"]
    object.__setattr__(claim, "verdict", "proved")
    claim.__dict__.pop("_result", None)
    try:
        assert CliRunner().invoke(app, ["check", "P3"]).exit_code == 1
        assert CliRunner().invoke(app, ["check", "P3", "--kind", "certified"]).exit_code == 1
    finally:
        object.__setattr__(claim, "verdict", "refuted")
        claim.__dict__.pop("_result", None)


def test_verbose_prints_file_and_line_beside_each_finding() -> None:
    done = CliRunner().invoke(app, ["check", "P3", "L2", "-v"])
    assert done.exit_code == 0
    for name in ("P3", "L2"):
        places = claims[name].locations()
        for check, place in zip(claims[name].check().evidence, places.checks, strict=True):
            finding = f"{check.check.kind}: {check.finding.outcome}: {check.finding.text}"
            assert re.search(re.escape(finding) + r".*\n(?: {6}.*\n)*\s+check\s+" + re.escape(str(place)), done.output)
        for place in (*places.statement, *places.derivation, *places.mutants, *places.tests, *places.page):
            assert f" {place}\n" in done.output, place
            assert (ROOT / place.path).is_file()


def test_without_verbose_no_file_is_named() -> None:
    assert ".py:" not in CliRunner().invoke(app, ["check", "P3"]).output


def test_the_old_name_of_the_distance_is_hidden_and_works() -> None:
    run = CliRunner()
    old, new = (run.invoke(app, ["check", word, "l1", "P1", "P2"]) for word in ("--metric", "--distance"))
    assert (old.exit_code, old.output) == (new.exit_code, new.output)
    assert "1 keep their verdict" in new.output
    help_text = run.invoke(app, ["check", "--help"]).output
    assert "--distance" in help_text
    assert "--metric" not in help_text


@pytest.mark.parametrize("words", [["--metric", "l1", "--distance", "linf"], ["--metric", "l3"]])
def test_the_old_name_is_refused_like_the_new_one(words: list[str]) -> None:
    assert CliRunner().invoke(app, ["check", *words]).exit_code == 2


def test_the_help_names_what_the_options_take() -> None:
    assert f"run one kind of check: {', '.join(KINDS)}" == KINDS_HELP
    assert f"ask of another distance: {', '.join(NAMED)}, or module:function" == DISTANCE_HELP
