"""Settings classes: what a call and a file may hold, what is said of bad values, and what a docstring lists."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, asdict, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import yaml

from assocmem.settings import Separated, Whole, as_yaml, read, setting, settings_class, settings_of
from lint_docstrings import markup_faults


@settings_class(kw_only=True)
class Engine:
    """An engine."""

    power: Annotated[float, setting("in kW", "Engine", names=("--power", "--kw"), gt=0)]
    seed: Annotated[Whole, setting("of the starter", "Engine")] = 0
    gears: Annotated[Whole | None, setting("one if not given", "Engine", ge=1, lt=10)] = None


@settings_class()
class Car(Engine):
    """A car."""

    name: str
    doors: Annotated[Whole, setting("of the body", "Body", ge=2)]
    fuel: Annotated[Literal["petrol", "none"], setting("what it runs on", "Engine")] = "petrol"
    size: Annotated[Separated[tuple[float, float]], setting("length and width", "Body")] = (4.0, 2.0)
    open: Annotated[bool, setting("without a roof", "Body")] = False

    def fit_together(self) -> None:
        if self.open and self.doors > 2:
            raise ValueError(f"doors must be 2 with open, got {self.doors}")


@settings_class()
class Race:
    """A race."""

    engine: Engine
    laps: Annotated[tuple[Whole, ...], setting("of each heat", names=("--lap", "--laps"))] = (1,)
    start: Annotated[Whole, setting("which engine starts", names=("--seed",))] = 0
    folder: Annotated[Path | None, setting("of the results")] = None


CAR = Car("beetle", 2, power=25)
RACE = {"engine": {"power": 1.0}}


def test_a_call_gives_a_frozen_dataclass_with_its_own_fields_before_those_that_it_inherits() -> None:
    assert (CAR.power, type(CAR.power), CAR.gears) == (25.0, float, None)
    assert replace(CAR, doors=4).doors == 4
    assert asdict(CAR)["size"] == (4.0, 2.0)
    with pytest.raises(FrozenInstanceError):
        CAR.doors = 3  # type: ignore[misc]
    names = [one.path[0] for one in settings_of(Car)]
    assert names == ["doors", "size", "open", "fuel", "power", "seed", "gears"]
    assert {one.name for one in fields(Car)} == {*names, "name"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"doors": 1}, "doors got 1; should be greater than or equal to 2"),
        ({"doors": 2.0}, "doors got 2.0; should be a valid integer"),
        ({"doors": True}, "doors got True; should be a whole number"),
        ({"doors": "2"}, "doors got '2'; should be a valid integer"),
        ({"doors": "1e3"}, "doors got 1000.0; should be a valid integer"),
        ({"power": 0}, "power got 0; should be greater than 0"),
        ({"power": float("inf")}, "power got inf; should be a finite number"),
        ({"gears": 10}, "gears got 10; should be less than 10"),
        ({"gears": 0}, "gears got 0; should be greater than or equal to 1"),
        ({"fuel": "hay"}, "fuel got 'hay'; should be 'petrol' or 'none'"),
        ({"size": (1.0,)}, "size got (1.0,); takes more values"),
        ({"open": 1}, "open got 1; should be a valid boolean"),
        ({"open": True, "doors": 4}, "doors must be 2 with open, got 4"),
    ],
)
def test_a_call_refuses_in_one_line_that_begins_with_the_setting(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  # The whole message is compared below.
        replace(CAR, **change)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_a_call_refuses_names_that_are_no_fields() -> None:
    with pytest.raises(TypeError, match="wheels"):
        Car("beetle", 2, power=1, wheels=4)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("overrides", "name", "value"),
    [
        ({"doors": "1e3"}, "doors", 1000),
        ({"doors": " 4 "}, "doors", 4),
        ({"power": "1e-2"}, "power", 0.01),
        ({"gears": "none"}, "gears", None),
        ({"fuel": "none"}, "fuel", "none"),
        ({"size": "(3, 1.5)"}, "size", (3.0, 1.5)),
        ({"size": [3, 1]}, "size", (3.0, 1.0)),
        ({"open": "true"}, "open", True),
    ],
)
def test_text_is_read_as_the_type_of_the_setting(overrides: dict[str, Any], name: str, value: object) -> None:
    base = {"name": "beetle", "power": 25, "doors": 2, "gears": 4}
    changed = read(Car, base, overrides)
    assert (getattr(changed, name), type(getattr(changed, name))) == (value, type(value))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"dors": 2}, "unknown setting 'dors'; did you mean doors?"),
        ({"kw": 2}, "unknown setting 'kw'; did you mean power?"),
        ({"colour": 2}, "unknown setting 'colour'; takes doors, size, open, fuel, power, seed, gears"),
        ({"name": "x"}, "unknown setting 'name'"),
        ({"doors": "1.5"}, "doors got 1.5; should be a valid integer"),
        ({"doors": "many"}, "doors got 'many'; should be a valid integer"),
        ({"doors": "1"}, "doors got '1'; should be greater than or equal to 2"),
        ({"doors": True}, "doors got True; should be a whole number"),
        ({"doors": "1e999"}, "doors got inf; should be a finite number"),
        ({"open": True, "doors": 3}, "doors must be 2 with open, got 3"),
    ],
)
def test_what_a_file_or_an_option_must_not_hold_is_named(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        read(Car, {"name": "beetle", "power": 25, "doors": 2}, overrides)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_what_has_no_default_must_be_given() -> None:
    with pytest.raises(ValueError, match=r"^doors must be given$"):
        read(Car, {"name": "beetle", "power": 25}, {})


def test_settings_within_settings_are_read_shown_and_refused_by_name() -> None:
    paths = [one.path for one in settings_of(Race)]
    assert ("engine", "power") in paths
    assert ("engine", "seed") not in paths  # The outer class has its option.
    race = read(Race, RACE, {"engine": {"gears": "4"}, "laps": ["2", "3"], "folder": "x"})
    assert (race.engine, race.laps, race.folder) == (Engine(power=1.0, gears=4), (2, 3), Path("x"))
    shown = yaml.safe_load(as_yaml(race))
    assert shown == {"engine": {"power": 1.0, "gears": 4}, "laps": [2, 3], "start": 0, "folder": "x"}
    assert read(Race, RACE, shown) == race
    for overrides, message in (
        ({"engine": {"power": 0}}, "power got 0"),
        ({"engine": {"pwer": 1}}, "unknown setting 'pwer'; did you mean power?"),
        ({"engine": {"seed": 1}}, "unknown setting 'seed'"),
        ({"engine": 3}, "engine got 3; takes names of settings"),
    ):
        with pytest.raises(ValueError, match=message):
            read(Race, RACE, overrides)


def test_the_docstring_lists_every_field_with_type_help_and_bounds() -> None:
    assert Car.__doc__ is not None
    assert Car.__doc__.startswith("A car.\n\nAttributes\n----------\n")
    assert "\ngears : int or None\n    one if not given [>= 1, < 10]" in Car.__doc__
    assert "\nfuel : {'petrol', 'none'}\n    what it runs on" in Car.__doc__
    assert "\nsize : tuple[float, float]\n" in Car.__doc__
    assert "\nname : str\n    Set by code alone." in Car.__doc__


def test_a_bound_of_another_name_is_refused() -> None:
    with pytest.raises(TypeError, match="at_least"):
        setting("x", at_least=1)


def test_pydantic_waits_for_the_first_check() -> None:
    code = "import sys, assocmem.experiments.training.config; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_help_is_plain_text_that_docutils_reads_as_it_stands() -> None:
    @settings_class()
    class Odd:
        """An odd one."""

        mark: Annotated[str, setting("<|end|> of **two `texts`", "Odd")] = ""

    text = Odd.__doc__ or ""
    assert [fault for fault in markup_faults(text, "class") if "backslash" not in fault] == []
    assert [fault for fault in markup_faults(text.replace("\\", ""), "class") if "backslash" not in fault]
