"""Pictures of chapter 8 draw what the records say, in words as well."""

from __future__ import annotations

import numpy as np
import pytest

from assocmem.experiments import published
from assocmem.experiments.radius.rules import doubled_radius
from assocmem.experiments.records import Record
from assocmem.figures.plate import INK
from assocmem.figures.radius import agreement, by_width, nearest


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    return {"stories": published("radius-stories260k-openwebtext10k-val", "local")}


def test_the_reported_distance_is_twenty() -> None:
    assert nearest.reported() == pytest.approx(20 / 15.486, abs=1e-4)


def test_histograms_hold_all_chunks(records: dict[str, Record]) -> None:
    plate = nearest.histograms(records)
    (ax,) = plate.figure.axes
    shown = [patch.get_data() for patch in ax.patches]
    assert len(shown) == 2
    for drawn in shown:
        assert (drawn.values * np.diff(np.log(drawn.edges))).sum() == pytest.approx(1)
    trained = records["stories"].summary["models"][0]
    assert shown[0].edges[0] == pytest.approx(trained["at"][0]["min"] / doubled_radius(trained["n"]), rel=1e-4)
    assert f"mean {trained['at'][0]['quotient']:.2f}" in plate.alt
    assert [line.get_xdata()[0] for line in ax.lines if line.get_color() == INK] == [1]


def test_every_mark_is_a_number_of_the_record(records: dict[str, Record]) -> None:
    values = agreement.quotients(records["stories"])
    assert list(values) == list(agreement.ROWS)
    trained, fresh = records["stories"].summary["models"]
    assert values["nearest chunk"] == pytest.approx(trained["at"][0]["quotient"], rel=1e-4)
    assert values["the same, fresh weights "] == pytest.approx(fresh["at"][1]["quotient"], rel=1e-4)
    pairs = [row["mean"] for row in trained["at"][0]["controls"] if row["control"] == "pairs"]
    assert values["any two chunks"] == pytest.approx(np.mean(pairs) / doubled_radius(trained["n"]), rel=1e-4)
    drawn = sorted(float(line.get_xdata()[0]) for line in agreement.controls(records).figure.axes[0].lines)
    assert [x for x in drawn if x != pytest.approx(nearest.reported())] == pytest.approx(sorted(values.values()))


def test_layers_are_drawn_in_order_and_the_norm_apart(records: dict[str, Record]) -> None:
    (ax,) = nearest.by_layer(records).figure.axes
    rows = [row for row in records["stories"].series if row["name"] == records["stories"].summary["models"][0]["name"]]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [row["quotient"] for row in rows[:-1]])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [rows[-1]["quotient"]])


def test_widths_are_means_over_seeds() -> None:
    record = published("radius-book", "local")
    (ax,) = by_width.widths(record).figure.axes
    models = [one for one in record.summary["models"] if one["trained"]]
    widths = sorted({one["width"] for one in models})
    means = [np.mean([one["at"][0]["mean"] for one in models if one["width"] == width]) for width in widths]
    assert any(np.allclose(line.get_ydata(), means) for line in ax.lines if len(line.get_ydata()) == len(means))
