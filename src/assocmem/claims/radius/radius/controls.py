"""What records of real models and of the book's own decide, each by a rule that was written before the runs.

The rules with their bounds are those of ``experiments/radius/rules.py``. These checks read records and run no model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from assocmem.claims import Finding, check, claim

REAL = (
    "radius-smollm2-openwebtext10k-val",
    "radius-gemma3-openwebtext10k-val",
    "radius-stories260k-openwebtext10k-val",
)
"""Models that the book did not train, on web text; those of which there is a record are read."""
WIDTHS = ("radius-book",)
"""Models of several widths that the book trains itself."""


@dataclass(frozen=True)
class Ruled:
    """The answer of a rule about the models of some records."""

    rule: str
    answer: str = "yes"
    records: tuple[str, ...] = REAL


@dataclass(frozen=True)
class Exponent:
    """Whether distances follow the root of the width: of which weights, where, and which number."""

    trained: bool
    at: str = "norm"
    of: str = "distance"
    answer: str = "yes"


RULED = {
    "X-RAD-MEAS": "agree",
    "X-RAD-GAUSS": "gaussian",
    "X-RAD-ISO": "isotropic",
    "X-RAD-SHUF": "shuffled",
    "X-RAD-PAIR": "pairs",
    "X-RAD-DUP": "distinct",
    "X-RAD-FRESH": "untrained",
    "X-RAD-LAYER": "layers",
    "X-RAD-NORM": "norm",
    "X-RAD-CONST": "constant",
    "X-RAD-LAW": "law",
}
"""Claims and their rules."""
EXPONENTS = {
    "X-RAD-WIDTH": Exponent(trained=True),
    "X-RAD-WIDTH-FRESH": Exponent(trained=False),
}

PARTLY = {"X-RAD-MEAS": REAL[0], "X-RAD-NORM": REAL[2]}
"""Claims that are so in some of the models and, like them, their opposites; altered, they speak of one in which they
are not so."""

for _id, _rule in RULED.items():
    if _id in PARTLY:
        claim(_id, Ruled(_rule), mutants={"of one model alone": Ruled(_rule, records=(PARTLY[_id],))})
    else:
        claim(_id, Ruled(_rule), mutants={"the opposite": Ruled(_rule, answer="no")})
for _id, _stmt in EXPONENTS.items():
    claim(_id, _stmt, mutants={"the opposite": replace(_stmt, answer="no")})


def _readings(names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The models of the records that there are."""
    from assocmem.experiments.radius.run import readings
    from assocmem.experiments.records import published

    found: list[dict[str, Any]] = []
    for name in names:
        try:
            found += readings(published(name, "local"))
        except FileNotFoundError:
            continue
    return found


def _found(answer: str, wanted: str, text: str) -> Finding:
    if answer == wanted:
        return Finding.measured(text)
    return Finding.reproduced_in_part(text) if answer == "partly" else Finding.not_reproduced(text)


@check(*RULED, kind="measured", scope="the records that the page shows")
def by_rule(stmt: Ruled) -> Finding:
    """The rule on all models of the records together."""
    from assocmem.experiments.radius.rules import RULES

    models = _readings(stmt.records)
    if not models:
        return Finding.not_run("no record of these models")
    found = RULES[stmt.rule](models)
    text = f"{found.answer}: " + ", ".join(f"{name} {value:.3g}" for name, value in found.values)
    return _found(found.answer, stmt.answer, text)


@check(*EXPONENTS, kind="measured", scope="four widths, three seeds")
def by_width(stmt: Exponent) -> Finding:
    """The exponent that is fitted to mean distances of the record, with its interval over seeds."""
    from assocmem.experiments.radius.run import decisions
    from assocmem.experiments.records import published

    try:
        measured = published(WIDTHS[0], "local")
    except FileNotFoundError:
        return Finding.not_run("no record of several widths")
    fits = decisions(measured.summary["models"], measured.series)["widths"]
    (fit,) = (one for one in fits if (one["trained"], one["at"], one["of"]) == (stmt.trained, stmt.at, stmt.of))
    text = f"exponent {fit['value']:.2f}, 95% interval {fit['low']:.2f} to {fit['high']:.2f}"
    return _found(fit["follows_root"], stmt.answer, text)
