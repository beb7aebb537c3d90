"""``assocmem balance`` prints what the laws recommend, and says which option is wrong."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from assocmem.cli import app
from assocmem.theory.balance.planner import Shape, laws


def test_every_law_is_printed_with_its_parameters() -> None:
    done = CliRunner().invoke(app, ["balance", "--tokens", "1.4e12", "--layers", "24"])
    assert done.exit_code == 0, done.output
    for name, law in laws(Shape(layers=24)).items():
        row = next(line for line in done.output.splitlines() if name in line)
        assert f"{float(law(1.4e12)):.4g}" in row


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (["--tokens", "100"], "D=100"),
        (["--tokens", "nan"], "--tokens got nan"),
        (["--tokens", "1e300"], "--tokens got 1e+300"),
        (["--tokens", "1e9", "--context", "0"], "context=0"),
        (["--tokens", "1e9", "--aspect", "-1"], "aspect=-1"),
    ],
)
def test_bad_input_is_named_and_exits_with_two(asked: list[str], named: str) -> None:
    done = CliRunner().invoke(app, ["balance", *asked])
    assert done.exit_code == 2
    assert named in done.output.replace("\n", " ")
