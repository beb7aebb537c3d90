"""Lines of text from records of the attention experiment."""

from __future__ import annotations

from assocmem.experiments import Record
from assocmem.experiments.attention import report


def made_up() -> Record:
    """Two heads whose shares are simple numbers."""
    shares = [{"nearest": 0.25, "centered": 0.75, "previous": 0.5}, {"nearest": 0.5, "centered": 0.5, "previous": 0.5}]
    share = {"mean": 0.5, "low": 0.25, "high": 0.75, "seed_min": 0.375, "seed_max": 0.625}
    summary = {"nearest": share, "first": share, "untrained": share, "heads": 2, "heads_below_a_null": 1}
    models = [{"texts": 9, "loss_nats": 1.0, "parameters": 3}, {"texts": 7, "loss_nats": 2.0, "parameters": 3}]
    return Record("made-up", "smoke", {"models": models}, 0, [{"seed": 0, **row} for row in shares], summary, 0.0)


def test_lines_of_a_record_say_counts_texts_and_what_coordinates_move() -> None:
    record = {"a": made_up()}
    assert list(report.counts(record)) == [
        "a, nearest: more than half of the queries in 0 of 2 heads, the best head 50.0%",
        "a, centered: more than half of the queries in 1 of 2 heads, the best head 75.0%",
    ]
    assert list(report.ahead(record, "centered", "previous")) == ["a: centered is at least previous in 2 of 2 heads"]
    assert list(report.ahead(record, "nearest", "previous")) == ["a: nearest is at least previous in 1 of 2 heads"]
    assert next(report.nulls(record)).endswith("in 1 of 2 heads")
    assert "7 texts" in next(report.models(record))
    assert next(report.spread(made_up(), ["nearest"])).endswith("over 7 texts, 0.375 to 0.625 over 2 seeds")
    assert list(report.means(record, ("nearest", "first", "untrained"))) == [
        "nearest: a 0.500; moved by shift, scale",
        "first: a 0.500; moved by nothing",
        "untrained: a 0.500; moved by shift, scale",
    ]
