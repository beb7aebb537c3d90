"""The benchmark of the torch module: wrong peers are refused, absent ones named, memory is seen; and its table."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

from assocmem.experiments import Record, published
from assocmem.experiments import benchmark_report as report
from assocmem.experiments.benchmark_verdict import verdict
from repository import ROOT

FOLDER = ROOT / "benchmarks"
SHAPE = (96, 64, 8)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.delitem(sys.modules, "memory", raising=False)
    return importlib.import_module("memory")


def without_keops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is installed it compiles for seconds."""
    monkeypatch.setitem(sys.modules, "pykeops.torch", None)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("task", ["energy", "knn", "self-knn", "retrieval", "energy and gradient"])
def test_every_peer_that_is_here_agrees_and_is_timed(
    task: str, memory: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_keops(monkeypatch)
    rows = memory.measure(task, SHAPE, 2, 0, "cpu")
    ran = {row["peer"]: row for row in rows if "absent" not in row}
    assert {"assocmem", "torch.mm"} < set(ran)
    assert ran["assocmem"]["times_ours"] == 1
    assert ran["torch.mm"]["times_matmul"] == 1
    for row in ran.values():
        assert row["runs"] == 2
        assert 0 < row["min_s"] <= row["median_s"] <= row["max_s"]
        assert row["least_times_ours"] <= row["times_ours"] <= row["most_times_ours"]
    for row in rows:
        assert row["shape"] == list(SHAPE)
        assert row["task"] == task
        assert ("absent" in row) == (row["peer"] not in ran)
    assert ran["assocmem"]["error"] < 1e-5
    assert all(row["error"] < 1e-3 for name, row in ran.items() if name != "torch.mm")
    if task == "energy":
        assert "absent" not in next(row for row in rows if row["peer"] == "CPU flash attention's LSE")
        assert next(row for row in rows if row["peer"] == "KeOps")["absent"]


def test_a_peer_that_computes_something_else_is_an_error(memory: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(x: torch.Tensor, p: torch.Tensor) -> dict[str, object]:
        right = memory.energy(x, p, beta=memory.BETA)
        return {"assocmem": lambda: right, "off by a little": lambda: right + 0.03}

    monkeypatch.setitem(memory.TASKS, "energy", (build, 2e-2))
    with pytest.raises(ArithmeticError, match=r"off by a little is off by 0\.03"):
        memory.measure("energy", SHAPE, 1, 0, "cpu")


def test_ratios_are_of_the_same_round(memory: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a machine that becomes ten times slower between rounds, nor one slow call, changes a median ratio."""

    def build(x: torch.Tensor, p: torch.Tensor) -> dict[str, object]:
        return {"assocmem": lambda: x[:, 0], "twice": lambda: x[:, 0]}

    seconds = iter([1.0, 2.0, 0.5, 10.0, 20.0, 5.0, 1.0, 90.0, 0.5])
    monkeypatch.setitem(memory.TASKS, "energy", (build, 0.0))
    monkeypatch.setattr(memory, "clock", lambda call, device: next(seconds))
    monkeypatch.setattr(memory, "SLOW", 100.0)
    rows = {row["peer"]: row for row in memory.measure("energy", SHAPE, 3, 0, "cpu")}
    assert rows["twice"]["least_times_ours"] == rows["twice"]["times_ours"] == 2  # Of the medians it would be 20.
    assert rows["twice"]["most_times_ours"] == 90
    assert rows["twice"]["times_matmul"] == 4
    assert rows["torch.mm"]["times_ours"] == 0.5
    assert rows["assocmem"]["median_s"] == 1


def test_slow_peers_run_less_often_and_the_slowest_not_at_all(
    memory: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "SLOW", 0.0)
    monkeypatch.setattr(memory, "LONG", 1000)
    monkeypatch.setattr(memory, "NAIVE", 1000)
    rows = {row["peer"]: row for row in memory.measure("energy", SHAPE, 4, 0, "cpu")}
    assert rows["cdist + logsumexp"]["runs"] == memory.FEW
    assert "not run: 4.9e+04 products" in rows["KeOps"]["absent"]
    assert "GB of differences" in rows["naive differences"]["absent"]


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="resident memory is read from Linux's /proc")
def test_peak_memory_is_seen_though_it_is_freed_again(memory: ModuleType) -> None:
    held = memory.peak_mb(lambda: torch.ones(50_000_000).sum(), "cpu")
    assert 195 < held < 230
    assert memory.peak_mb(lambda: None, "cpu") < 20


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="resident memory is read from Linux's /proc")
def test_a_pass_holds_tiles_and_not_all_scores(memory: ModuleType) -> None:
    """What the module promises, measured on the process: 12,000 x 12,000 scores would be 576 MB."""
    x, p = memory.data(12_000, 12_000, 16, 0, "cpu")
    assert memory.peak_mb(lambda: memory.knn(x, p, 4), "cpu") < 150
    assert memory.peak_mb(lambda: memory.energy(x, p), "cpu") < 150
    assert memory.peak_mb(lambda: memory.scores(x, p), "cpu") > 550


def record(rows: list[dict[str, object]]) -> Record:
    return Record("bench-memory", "smoke", {}, 0, rows, {}, 1.0)


def row(peer: str, shape: tuple[int, int, int], **more: object) -> dict[str, object]:
    return {"task": "knn", "shape": list(shape), "peer": peer, **more}


def test_the_table_of_a_record() -> None:
    big, small = (20, 10, 5), (2, 1, 5)
    shown = record(
        [
            row("assocmem", small, median_s=0.0123, times_ours=1.0, peak_mb=3.2, error=3.21e-6),
            row("slow one", small, median_s=0.1, times_ours=8.13, peak_mb=120.0),
            row("torch.mm", small, median_s=0.005, times_ours=0.4, peak_mb=None),
            row("slow one", big, absent="not run: for a reason"),
            row("assocmem", big, median_s=2.0, times_ours=1.0, peak_mb=64.0),
        ]
    )
    times = report.table(shown, "knn")
    assert times.head == ("knn: queries × patterns, n", "2 × 1, 5", "20 × 10, 5")
    assert times.rows == [
        ("this module", "12.3 ms", "2,000 ms"),
        ("slow one", "100 ms", "–"),
        ("bare product (torch.mm)", "5 ms", "–"),
    ]
    held = report.table(shown, "knn", of="memory")
    assert held.rows == [("this module", "3 MB", "64 MB"), ("slow one", "120 MB", "–")]
    assert report.table(shown, "knn", of="error").rows == [("this module", "3e-06", "–")]
    assert list(report.unrun(shown)) == ["slow one, knn at 20 × 10, 5: not run: for a reason"]
    assert report.ratio(shown, "knn", "slow one", small) == 8.13
    with pytest.raises(ValueError, match="did not run"):
        report.ratio(shown, "knn", "slow one", big)
    with pytest.raises(ValueError, match="task must be one of knn"):
        report.rows(shown, "energy")
    with pytest.raises(ValueError, match="of must be one of time, memory, error"):
        report.table(shown, "knn", of="space")


def test_the_verdict_is_in_words_and_a_peer_that_did_not_run_has_a_dash() -> None:
    shown = record(
        [
            {**row("assocmem", (2, 1, 5), times_ours=1.0, peak_mb=3.0), "task": "energy"},
            {**row("addmm + logsumexp", (2, 1, 5), times_ours=1.03, peak_mb=9.0), "task": "energy"},
            row("addmm + topk", (2, 1, 5), times_ours=0.25),
            row("faiss", (2, 1, 5), times_ours=3.0),
            {**row("autograd of addmm", (2, 1, 5), absent="not run"), "task": "energy and gradient"},
            {**row("SDPA with key bias", (2, 1, 5), times_ours=0.9), "task": "retrieval"},
        ]
    )
    assert dict(verdict(shown).rows) == {
        "energy: plain formula": "level",
        "energy with gradient: autograd": "–",
        "neighbors: plain formula": "4.0 times as long",
        "neighbors: faiss": "3.0 times as fast",
        "neighbors: scikit-learn": "–",
        "retrieval: PyTorch's attention": "1.1 times as long",
        "memory of an energy, this module": "3 MB",
        "memory of an energy, plain formula": "9 MB",
    }


def test_the_published_record_says_what_chapter_3c_says_of_its_picture() -> None:
    """Energy ahead of what one would write oneself but at the smallest shape; neighbors between two libraries."""
    rows = {words: cells for words, *cells in verdict(published("bench-memory", "local")).rows}
    energy, gradient = rows["energy: plain formula"], rows["energy with gradient: autograd"]
    assert all("fast" in cell for cell in (*energy[1:], *gradient))
    for library, way in (("faiss", "long"), ("scikit-learn", "fast")):
        first, *others = rows[f"neighbors: {library}"]
        assert "long" in first
        assert all(way in cell for cell in others)
    assert ["fast" in cell for cell in rows["retrieval: PyTorch's attention"]] == [False, False, True, True]
