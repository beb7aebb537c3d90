"""``assocmem balance`` prints what the laws recommend, and says which option is wrong."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from assocmem.cli import app
from assocmem.theory.balance.planner import Shape, laws
from assocmem.theory.balance.table_three import CONTEXT, LAYERS, ROWS, shape


def test_every_law_is_printed_with_its_parameters() -> None:
    done = CliRunner().invoke(app, ["balance", "--tokens", "1.4e12", "--layers", "24"])
    assert done.exit_code == 0, done.output
    for name, law in laws(Shape(layers=24)).items():
        row = next(line for line in done.output.splitlines() if name in line)
        assert f"{float(law(1.4e12)):.4g}" in row


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--tokens", "100"], "D=100"),
        (["--tokens", "nan"], "--tokens got 'nan'"),
        (["--tokens", "1e300"], "--tokens got '1e300'"),
        ([], "--tokens must be given"),
        (["--tokens", "1e9", "--context", "0"], "--context got '0'"),
        (["--tokens", "1e9", "--aspect", "-1"], "--aspect got '-1'"),
    ],
)
def test_bad_input_is_named_and_exits_with_two(words: list[str], named: str) -> None:
    done = CliRunner().invoke(app, ["balance", *words])
    assert done.exit_code == 2
    assert named in done.output.replace("\n", " ")


def test_the_help_names_the_sizes_that_are_taken_where_none_are_given() -> None:
    text = " ".join(CliRunner().invoke(app, ["balance", "--help"]).output.split())
    assert f"T_max; {CONTEXT} if not given" in text
    assert f"depth fixed; {LAYERS} if not given" in text
    assert Shape().aspect == float(shape(ROWS[1]))
    assert "Table 3's, row 2, if not given" in text
