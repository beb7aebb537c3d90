"""A sweep's file gives its cells, each checked when it is read; what is wrong is said in a line that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assocmem.experiments.sweep.cells import Sweep, read_sweep

FILE = """
experiment: train
scale: smoke
settings: {data: "questions:measured", steps: 4}
cells:
  narrow: {width: 32}
  wide: {width: 64, learning_rate: 0.001}
grid: {seed: [0, 1], clip: [1.0]}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "sweep.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_listed_cell_is_combined_with_each_point_of_the_grid(tmp_path: Path) -> None:
    sweep = read_sweep(written(tmp_path, FILE))
    assert [cell.name for cell in sweep.cells] == [
        f"{name}-seed-{seed}-clip-1.0" for name in ("narrow", "wide") for seed in (0, 1)
    ]
    config = sweep.configured(sweep.cell("wide-seed-1-clip-1.0"))
    assert (config.width, config.learning_rate, config.seed, config.steps) == (64, 0.001, 1, 4)


def test_the_sweep_written_with_every_cell_listed_is_the_same(tmp_path: Path) -> None:
    sweep = read_sweep(written(tmp_path, FILE))
    again: Sweep = read_sweep(written(tmp_path, sweep.as_yaml()))
    assert again == sweep


def test_a_dot_reaches_a_setting_within_another(tmp_path: Path) -> None:
    text = "experiment: questions\ntask: memorization\nsettings: {training: {batch: 4}}\n"
    sweep = read_sweep(written(tmp_path, text + "grid: {training.steps: [20, 30]}\n"))
    configs = [sweep.configured(cell) for cell in sweep.cells]
    assert [(one.task, one.training.batch, one.training.steps) for one in configs] == [
        ("memorization", 4, 20),
        ("memorization", 4, 30),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1", "the file got"),
        ("experiment: [", "is not YAML"),
        ("experiment: walk", "experiment got 'walk'; takes one of attention, questions, radius, size-grid, train"),
        ("experiment: train\nscale: huge", "scale got 'huge'"),
        ("experiment: train\nsize: 1", "unknown key 'size'"),
        ("experiment: train\ntask: plateau", "task got 'plateau'; train has none"),
        ("experiment: questions\ntask: walk", "task got 'walk'; takes one of plateau, memorization"),
        ("experiment: train\ngrid: {seed: 1}", "grid: seed got 1; takes a list"),
        ("experiment: train\ngrid: {seed: []}", "grid: seed got"),
        ("experiment: train\ncells: {a: {width: 0}}", "cell a: width got 0"),
        ("experiment: train\ncells: {a: {girth: 1}}", "cell a: unknown setting 'girth'"),
        ("experiment: train\ncells: {a b: {}, a-b: {}}", "two cells are called a-b"),
        ("experiment: train\ngrid: {learning_rate: [1.0, -1.0]}", "cell learning-rate-minus-1.0: learning_rate got"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(text: str, message: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ValueError, match=message) as caught:
        read_sweep(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
