"""The workflow of continuous integration: bounded, pinned, with the least rights, and with every job it promises."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from repository import ROOT

TEXT = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
JOBS: dict[str, Any] = WORKFLOW["jobs"]
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]


@pytest.mark.parametrize("name", JOBS)
def test_every_job_ends_in_time(name: str) -> None:
    assert 0 < JOBS[name]["timeout-minutes"] <= 60


def test_rights_are_the_least() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert [name for name, job in JOBS.items() if "permissions" in job] == ["publish"]


def test_an_older_run_of_a_pull_request_is_stopped_and_one_of_main_is_not() -> None:
    assert WORKFLOW["concurrency"]["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"


def test_every_action_stands_at_a_commit_with_its_release_beside_it() -> None:
    used = [line for line in TEXT.splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)] == []


def test_no_checkout_keeps_credentials() -> None:
    checkouts = [step for _, step in STEPS if str(step.get("uses", "")).startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize(
    ("job", "command"),
    [("lint", "make lint"), ("build", "bash .ci/run"), ("wheel", "make wheel-test"), ("reproduce", "make reproduce")],
)
def test_each_job_does_what_it_is_called(job: str, command: str) -> None:
    assert [step["run"] for name, step in STEPS if name == job and "run" in step] == [command]


def test_the_site_of_a_pull_request_is_kept_and_the_two_builds_are_compared_weekly() -> None:
    assert any(step.get("with", {}).get("name") == "site" for name, step in STEPS if name == "build")
    assert "schedule" in WORKFLOW[True]  # YAML 1.1 reads the key "on" as true.
    assert "schedule" in JOBS["reproduce"]["if"]
    assert {"lint", "build", "wheel"} <= set(JOBS["publish"]["needs"])
