"""``assocmem check``: statuses, messages, forms, mutants, what ``-v`` prints with each finding, an old name."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from assocmem.claims import claims
from assocmem.claims.pages import PAGES
from assocmem.claims.verdicts import KINDS
from assocmem.cli import app
from assocmem.cli.check import DISTANCE_HELP, KINDS_HELP
from assocmem.cli.exit_status import Status
from assocmem.cli.options import one_line_errors
from assocmem.theory.exact.distances import NAMED, ON_A_DOMAIN
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
    names = ", ".join(NAMED | ON_A_DOMAIN)
    assert f"ask of another distance: {names}, or module:name, a function of two points or a Distance" == DISTANCE_HELP


def test_verbose_says_for_what_a_check_decides_and_what_a_formal_statement_looks_like() -> None:
    output = CliRunner().invoke(app, ["check", "P1", "-v"]).output
    assert f"scope      {claims['P1'].checks[0].scope}" in output
    assert all(line.strip() in output for line in claims["P1"].formal_help.splitlines())


def test_mutants_are_tried_and_their_verdicts_printed() -> None:
    done = CliRunner().invoke(app, ["check", "L2-FIX", "--mutations"])
    assert done.exit_code == 0
    for mutant in claims["L2-FIX"].mutants:
        assert f"  {mutant.name}: {claims['L2-FIX'].check(mutant.formal).verdict}" in done.output
    assert f"{len(claims['L2-FIX'].mutants)} altered statements tried, 0 not told apart" in done.output


@pytest.mark.parametrize("verdict", ["proved", "undecided", "inconsistent"])
def test_a_mutant_that_is_not_refuted_is_a_fault_of_the_ledger_and_no_differing_verdict(verdict: str) -> None:
    claim = claims["L2-FIX"]
    before = claim.mutant_verdicts
    claim.__dict__["mutant_verdicts"] = dict.fromkeys(before, verdict)
    try:
        done = CliRunner().invoke(app, ["check", "L2-FIX", "--mutations"])
    finally:
        claim.__dict__["mutant_verdicts"] = before
    assert done.exit_code == Status.LEDGER
    assert "NOT TOLD APART" in done.output


@pytest.mark.parametrize("words", [[], ["--mutations"], ["--distance", "l1"]])
def test_json_and_csv_hold_the_same_rows(words: list[str]) -> None:
    run = CliRunner()
    as_json, as_csv = (run.invoke(app, ["check", "P1", "P2", *words, form]) for form in ("--json", "--csv"))
    rows = json.loads(as_json.stdout)["rows"]
    assert (as_json.exit_code, as_csv.exit_code) == (0, 0)
    assert [{k: str(v) for k, v in row.items()} for row in rows] == list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert {row["id"] for row in rows} == {"P1", "P2"}


@pytest.mark.parametrize("words", [["--json", "--csv"], ["--json", "-v"], ["--distance", "l1", "--mutations"]])
def test_forms_that_do_not_go_together_are_refused(words: list[str]) -> None:
    assert CliRunner().invoke(app, ["check", "P1", *words]).exit_code == Status.BAD_INPUT


BROKEN = {
    "a missing field": ("  title: ", "  titel: ", "missing fields ['title'], unknown fields ['titel']; near: title"),
    "an unknown kind": ("kind: lemma", "kind: foo", "kind got 'foo'; takes one of"),
    "another id": ("- id: L1\n", "- id: l_1\n", "id got 'l_1'; takes letters"),
    "no YAML": ("paper:\n", "paper: [\n", "is not YAML"),
    "no list": ("paper:\n", "paper: 3\nother:\n", "list of statements"),
}


@pytest.mark.parametrize("change", BROKEN)
def test_an_entry_that_cannot_be_read_gives_one_line_and_a_status_of_its_own(change: str, tmp_path: Path) -> None:
    old, new, said = BROKEN[change]
    text = Path(str(PAGES[0].statements)).read_text(encoding="utf-8")
    assert old in text
    folder = tmp_path / PAGES[0].chapter
    folder.mkdir()
    (folder / f"{PAGES[0].slug}.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from assocmem.claims import pages\n"
        "whole = pages.Page.statements.fget\n"
        f"there = Path({str(folder)!r})\n"
        "pages.Page.statements = property(lambda page: there / f'{page.slug}.yaml' "
        "if page.slug == pages.PAGES[0].slug else whole(page))\n"
        "sys.argv = ['assocmem', 'check', 'L2']\n"
        "from assocmem.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == Status.LEDGER
    assert len(done.stderr.strip().splitlines()) == 1
    assert f"{PAGES[0].slug}.yaml" in done.stderr
    assert said in done.stderr


def test_an_error_of_the_program_and_a_closed_pipe_are_no_differing_verdicts() -> None:
    code = "import sys; import assocmem.cli as c; sys.argv = ['assocmem']; c.app = lambda: 1 / 0; c.main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, "ZeroDivisionError" in done.stderr) == (Status.PROGRAM, True)
    words = [sys.executable, "-m", "assocmem", "check", "L1", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.wait() == Status.CLOSED


def test_a_training_that_diverges_has_a_status_of_its_own() -> None:
    with pytest.raises(typer.Exit) as stopped, one_line_errors([], []):
        raise FloatingPointError("the loss is not finite")
    assert stopped.value.exit_code == Status.DIVERGED
