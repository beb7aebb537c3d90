"""The comparison counts wrong answers and errors whoever gives them; its record says what the page says."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType

import pytest
import torch
from torch import Tensor

from assocmem.experiments import Record, published
from assocmem.experiments.comparison_report import by_family, few_queries, ratio_to_index
from repository import ROOT


@pytest.fixture
def comparison(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.setitem(sys.modules, "pykeops.torch", None)  # Where it is installed it compiles for seconds.
    return importlib.import_module("comparison")


def test_the_module_is_right_on_every_family_and_a_peer_that_is_not_there_is_named(comparison: ModuleType) -> None:
    for name, (x, p) in comparison.families(*comparison.SIZES["smoke"]).items():
        rows = {(row["task"], row["peer"]): row for row in comparison.answers(name, x, p)}
        assert rows["knn", "assocmem"]["wrong"] == 0
        assert rows["knn", "assocmem"]["error"] < 1e-5
        assert rows["energy", "assocmem"]["error"] < 1e-3
        assert rows["knn", "KeOps"]["absent"]


def test_a_list_that_is_wrong_and_a_distance_that_is_off_are_seen(
    comparison: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def off(p: Tensor) -> Callable[[Tensor, int], tuple[Tensor, Tensor]]:
        def search(x: Tensor, k: int) -> tuple[Tensor, Tensor]:
            distances, index = torch.cdist(x, p).topk(k, 1, largest=False)
            index[0] = index[0].flip(0)
            return distances + 0.5, index

        return search

    monkeypatch.setattr(comparison, "SEARCHES", {"off": off})
    x, p = comparison.families(*comparison.SIZES["smoke"])["around the origin"]
    (row,) = (row for row in comparison.answers("data", x, p) if row["task"] == "knn")
    assert row["wrong"] == 1 / len(x)
    assert row["error"] == pytest.approx(0.5, abs=1e-3)


def test_repeated_calls_are_timed_beside_an_index(comparison: ModuleType) -> None:
    rows = comparison.repeated((1, 400, 16), 2)
    ran = {row["peer"]: row for row in rows if "absent" not in row}
    assert ran["assocmem Index"]["times_index"] == 1
    assert {"assocmem", "torch.cdist"} <= set(ran)
    assert all(row["runs"] == 2 and row["median_s"] > 0 for row in ran.values())


def test_the_published_record_is_tabulated_and_says_what_the_page_says() -> None:
    record = published("bench-comparison", "local")
    for task, of in (("knn", "wrong"), ("knn", "error"), ("energy", "error"), ("retrieval", "error")):
        table = by_family(record, task, of)
        assert len(table.rows) == 6
        assert table.head[1] == "this module"
    assert {row[1] for row in by_family(record, "knn", "wrong").rows} == {"none"}
    assert "%" in str(by_family(record, "knn", "wrong").rows)
    assert few_queries(record).rows[0][0] == "this module, `Index`"
    assert all(times > 1 for times in ratio_to_index(record, "assocmem"))
    with pytest.raises(ValueError, match="no 'wrong' of task 'energy'"):
        by_family(record, "energy", "wrong")


def test_who_was_not_there_is_a_dash() -> None:
    rows = [
        {"task": "knn", "family": "a", "peer": "faiss", "absent": "no module"},
        {"task": "knn", "family": "a", "peer": "assocmem", "wrong": 0.25, "error": 1.0},
    ]
    table = by_family(Record("bench-comparison", "smoke", {}, 0, rows, {}, 1.0), "knn", "wrong")
    assert list(table.rows) == [("a", "–", "25 %")]
