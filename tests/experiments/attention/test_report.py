"""Records of the attention experiment as a table, and a sentence on the head that agrees most."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assocmem.experiments import Record
from assocmem.experiments.attention import report
from assocmem.experiments.attention import words as wording
from assocmem.experiments.attention.measures import MEASURES
from assocmem.experiments.attention.nulls import KEPT, NULLS, WITHOUT_FIRST


def made_up() -> Record:
    """Two heads whose shares are simple numbers."""
    shares = [{"nearest": 0.25, "centered": 0.75, "previous": 0.5}, {"nearest": 0.5, "centered": 0.5, "previous": 0.5}]
    share = {"mean": 0.5, "low": 0.25, "high": 0.75, "seed_min": 0.375, "seed_max": 0.625}
    summary = {"nearest": share, "first": share, "untrained": share, "kl_nats": {**share, "mean": 1.2345}}
    summary["regimes"] = {"single": 0.25, "metastable": 0.75, "global": 0.0}
    models = [{"texts": 9, "loss_nats": 1.0, "parameters": 3000}, {"texts": 7, "loss_nats": 2.0, "parameters": 3000}]
    return Record("made-up", "smoke", {"models": models}, 0, [{"seed": 0, **row} for row in shares], summary, 0.0)


def rows() -> dict[str, tuple[str, ...]]:
    return {row[0]: row[1:] for row in report.table({"a": made_up()}).rows}


@pytest.mark.parametrize(
    ("words", "cells"),
    [
        ("parameters", ("3,000", "no")),
        ("texts", ("7", "no")),
        ("loss, nats per token", ("1.00 to 2.00", "no")),
        ("heaviest key is the nearest", ("50.0%", "by shift or scale")),
        ("the same, lowest to highest seed", ("37.5% to 62.5%", "by shift or scale")),
        ("the same, model with fresh weights", ("50.0%", "by shift or scale")),
        ("heaviest key stands at the first position", ("50.0%", "no")),
        ("divergence from attention by distance alone, nats", ("1.23", "by shift or scale")),
        ("heaviest key has the smallest angle", ("–", "by shift")),
        ("heads where the heaviest key is the nearest for most queries", ("0 of 2", "by shift or scale")),
        ("heads where it is, mean key taken off", ("1 of 2", "by scale")),
        ("heads where the nearest wins as often as the position before", ("1 of 2", "by shift or scale")),
        ("heads where it does, mean key taken off", ("2 of 2", "by scale")),
        ("heads that attend to a few", ("75.0%", "no")),
    ],
)
def test_a_row_says_what_a_record_holds_and_what_coordinates_change(words: str, cells: tuple[str, ...]) -> None:
    assert rows()[words] == cells


def test_rows_are_told_apart_by_their_words_and_name_no_measure() -> None:
    words = [row[0] for row in report.table({"a": made_up()}).rows]
    assert len(set(words)) == len(words)
    named = {name for name in (*MEASURES, *NULLS) if "_" in name}
    assert not [one for one in words if named & set(one.replace(",", " ").split())]
    assert set(wording.WORDS) <= {*MEASURES, *NULLS, *(f"{name}{WITHOUT_FIRST}" for name in (*KEPT, *NULLS))}


def test_shares_come_first_and_lie_between_nothing_and_all() -> None:
    names = list(wording.WORDS)
    assert names.index("nearest_previous") == wording.SHARES - 1
    assert all(
        "share of queries" in MEASURES[name]
        for name in names[: wording.SHARES]
        if name in MEASURES and name != "chance"
    )


def test_the_best_head_is_named() -> None:
    assert report.best({"a": made_up()}, "centered").endswith("a 75.0% of the queries")


def quantized_with_a_norm_of_keys() -> Record:
    record = made_up()
    model = {**record.config["models"][0], "origin": {"quantized": "4 bits (Q4_1)"}, "untrained_is_trivial": True}
    series = [{**row, "untrained": 1.0} for row in record.series]
    return replace(record, config={"models": [model]}, series=series)


def test_a_comparison_that_could_not_be_otherwise_is_left_out_and_this_is_said() -> None:
    record, plain = quantized_with_a_norm_of_keys(), made_up()
    cells = {row[0]: row[1:] for row in report.table({"a": record, "b": plain}).rows}
    assert cells["the same, model with fresh weights"][:2] == ("–", "50.0%")
    assert [
        report.says_nothing(record, f"untrained{end}") for end in ("", "_angle", "_without_first", "_centered")
    ] == [
        True,
        True,
        True,
        False,
    ]
    assert cells["heads where it wins no more often than in a model with fresh weights"][0] == "–"
    assert wording.TRIVIAL in report.notes(record)
    assert wording.TRIVIAL not in report.notes(plain)


def test_quantized_weights_are_named_in_every_table_and_beside_it() -> None:
    record, plain = quantized_with_a_norm_of_keys(), made_up()
    for table in (report.table, report.reading):
        cells = {row[0]: row[1:] for row in table({"a": record, "b": plain}).rows}
        assert cells["weights"][:2] == ("4 bits (Q4_1)", "as trained")
    assert "quantized to 4 bits (Q4_1)" in report.notes(record)[0]
    assert not any("quantized" in note for note in report.notes(plain))


def test_what_carries_the_reading_is_a_part_of_the_table() -> None:
    record = {"a": made_up()}
    whole = {row[0]: row[1] for row in report.table(record).rows}
    part = report.reading(record).rows
    assert {row[0]: row[1] for row in part}.items() <= whole.items()
    assert [row[0] for row in part if row[0] in wording.WORDS.values()] == [
        wording.WORDS[n] for n in wording.WORDS if n in wording.COMPARED
    ]
    assert set(wording.COUNTS_READ) <= {row[0] for row in part}


def test_sinks_are_the_heads_whose_heaviest_key_is_the_first_for_most_queries() -> None:
    heads = [
        {"first": 0.9, "nearest": 0.8, "nearest_first": 1.0, "nearest_without_first": 0.2},
        {"first": 0.7, "nearest": 0.6, "nearest_first": 0.5, "nearest_without_first": 0.4},
        {"first": 0.5, "nearest": 0.0, "nearest_first": 0.0, "nearest_without_first": 0.0},
    ]
    table = report.sinks({"a": replace(made_up(), series=heads)})
    assert [row[1] for row in table.rows] == ["70.0%", "75.0%", "30.0%"]


def test_a_head_is_above_every_comparison_where_each_is_less_and_it_wins_for_most_queries() -> None:
    """Of four heads one wins seldom, one no more often than fresh weights, one less often than with foreign keys."""
    nulls = {"foreign_centered": 0.2, "shuffled_centered": 0.2, "random_centered": 0.2, "untrained_centered": 0.2}
    heads = [{}, {"centered": 0.4}, {"untrained_centered": 0.6}, {"foreign_centered": 0.7}]
    record = replace(made_up(), series=[{"centered": 0.6, **nulls, **head} for head in heads])
    assert report._above(record, "centered") == "1 of 4"
    record = replace(record, config=quantized_with_a_norm_of_keys().config)
    assert report._above(record, "centered") == "1 of 4", "only the nearest key itself is a matter of algebra"
    plain = [{"nearest": 0.6, **dict.fromkeys(report.REPEATS_NEAREST.values(), 0.2), "untrained": 1.0}]
    assert report._above(replace(record, series=plain), "nearest") == "1 of 1"
    assert report._above(replace(made_up(), series=plain), "nearest") == "0 of 1"
