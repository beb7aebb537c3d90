"""What training on question grammars shows: where losses settle, beside 1 and beside the entropy of the data.

These checks read records and train nothing. A record of the paper's own sizes comes first; where there is none, a
smaller one can reproduce a claim in part only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import mean
from typing import TYPE_CHECKING, Any

from assocmem.claims import Finding, check, claim

if TYPE_CHECKING:
    from assocmem.experiments.records import Record

PUBLISHED = "measured"
"""The grammar with the weights of the published files."""
TASK = "question-plateau"
LEARNED = "question-memorization"


@dataclass(frozen=True)
class Settles:
    """The training loss of these depths on these grammars settles within ``within`` nats per token of a value.

    value : a number, or "entropy" for that of each grammar. settled : largest change of the mean loss from one tenth of
    the updates to the last.
    """

    depths: tuple[int, ...] = (6, 10)
    grammars: tuple[str, ...] = (PUBLISHED,)
    value: float | str = 1.0
    within: float = 0.05
    settled: float = 0.02


@dataclass(frozen=True)
class Plateau:
    """Where one run settles, what value it should settle at, and how much it still moves."""

    name: str
    loss: float
    wanted: float
    moves: float


def record(task: str) -> Record | None:
    """The record at the paper's sizes, else the local one, else None."""
    from assocmem.experiments.records import published

    for scale in ("paper", "local"):
        try:
            return published(task, scale)
        except FileNotFoundError:
            continue
    return None


def plateaus(measured: Record, stmt: Settles) -> list[Plateau]:
    """The runs that the claim speaks of."""
    entropies = {row["grammar"]: float(row["entropy"]) for row in measured.summary["floors"]}
    out = []
    for run in measured.config["runs"]:
        if run["grammar"] in stmt.grammars and run["layers"] in stmt.depths:
            wanted = entropies[run["grammar"]] if stmt.value == "entropy" else float(stmt.value)
            name = f"{run['grammar']}, {run['layers']} layers, seed {run['seed']}"
            out.append(Plateau(name, float(run["plateau"]), wanted, _moves(measured, run)))
    return out


def _moves(measured: Record, run: dict[str, Any]) -> float:
    """Change of the mean training loss from the last tenth but one of the updates to the last."""
    steps = run["steps"]
    names = ("grammar", "lines", "layers", "seed")
    losses = [(r["step"], r["loss"]) for r in measured.series if "loss" in r and all(r[k] == run[k] for k in names)]
    last, before = ([loss for at, loss in losses if low < at / steps <= low + 0.1 + 1e-9] for low in (0.9, 0.8))
    return abs(float(mean(last)) - float(mean(before)))


def settle(stmt: Settles, measured: Record) -> Finding:
    """Whether the runs of a record settle where the claim says."""
    runs = plateaus(measured, stmt)
    missing = {(g, d) for g in stmt.grammars for d in stmt.depths} - {
        (run["grammar"], run["layers"]) for run in measured.config["runs"]
    }
    if missing or not runs:
        return Finding.not_run(f"the record holds no run of {', '.join(f'{g} with {d} layers' for g, d in missing)}")
    worst = max(runs, key=lambda run: abs(run.loss - run.wanted))
    moving = max(run.moves for run in runs)
    low, high = min(run.loss for run in runs), max(run.loss for run in runs)
    text = (
        f"{_size(measured, stmt.grammars)}: {len(runs)} runs, the last tenth of the updates between {low:.3f} "
        f"and {high:.3f} nats per token; farthest from {worst.wanted:.3f} is {worst.name}, "
        f"{worst.loss:.3f}; the tenth before differs by at most {moving:.3f}"
    )
    margin = f"{abs(worst.loss - worst.wanted):.3f} of {stmt.within:g} nats"
    if abs(worst.loss - worst.wanted) > stmt.within or moving > stmt.settled:
        return Finding.not_reproduced(text, margin)
    return Finding.reproduced(text, margin) if measured.scale == "paper" else Finding.reproduced_in_part(text, margin)


def _size(measured: Record, grammars: tuple[str, ...]) -> str:
    steps = sorted({run["steps"] for run in measured.config["runs"] if run["grammar"] in grammars})
    return f"width {measured.config['width']}, {' or '.join(map(str, steps))} updates"


def _observed(stmt: Settles) -> Finding:
    measured = record(TASK)
    return Finding.not_run("no record of these runs") if measured is None else settle(stmt, measured)


def _elsewhere(stmt: Settles) -> dict[str, Settles]:
    """Other values at which the loss might settle."""
    return {f"the loss settles at {value}": replace(stmt, value=value) for value in (1.5, 0.9)}


claim("QF-L1", Settles(), mutants=_elsewhere(Settles()))


@check("QF-L1", kind="measured", scope="the record's width, 6 and 10 layers, all seeds")
def both_depths(stmt: Settles) -> Finding:
    """Mean training loss of the last tenth of the updates against 1, both depths, on the published data's grammar."""
    return _observed(stmt)


GRAMMARS = (PUBLISHED, "two words", "128 words")
claim(
    "X-QF-FOLLOWS",
    Settles(grammars=GRAMMARS, value="entropy", within=0.02),
    mutants={
        "every grammar settles at 1": Settles(grammars=GRAMMARS, value=1.0, within=0.02),
        "every grammar settles at the entropy of the published one": Settles(
            grammars=GRAMMARS, value=0.992, within=0.02
        ),
    },
)


@check("X-QF-FOLLOWS", kind="measured", scope="three grammars, 6 and 10 layers, all seeds of the record")
def follows_entropy(stmt: Settles) -> Finding:
    """Mean training loss of the last tenth of the updates against the exact entropy of each grammar."""
    finding = _observed(stmt)
    shown = finding.outcome in ("reproduced", "reproduced in part")
    return Finding.measured(finding.text, finding.margin) if shown else finding


@dataclass(frozen=True)
class Memorized:
    """A training loss near a value, on lines seen several times, shows that these lines are known by heart.

    near : how far from the value a loss may be. often : how many times each line must have been seen. gap : how far the
    held-out loss must then lie above the training loss.
    """

    value: float = 1.0
    near: float = 0.05
    often: float = 2.0
    gap: float = 0.1


claim(
    "QF-MEM",
    Memorized(),
    mutants={"lines are known by heart where the loss is far below 1": Memorized(value=0.3, near=0.1)},
)


def gaps(measured: Record, stmt: Memorized) -> list[tuple[float, float]]:
    """Training loss, and held-out loss less training loss, of each run that the claim speaks of."""
    batch, runs = measured.config["training"]["batch"], measured.config["runs"]
    often: list[dict[str, Any]] = [run for run in runs if run["steps"] * batch >= stmt.often * run["lines"]]
    near = [run for run in often if abs(run["plateau"] - stmt.value) <= stmt.near]
    return [(run["plateau"], run["held_out"] - run["plateau"]) for run in near]


@check("QF-MEM", kind="measured", scope="training files of several sizes, all seeds of the record")
def known_by_heart(stmt: Memorized) -> Finding:
    """Held-out loss less training loss where the training loss is near 1 and every line was seen several times."""
    measured = record(LEARNED)
    if measured is None:
        return Finding.not_run("no record of small training files")
    pairs = gaps(measured, stmt)
    where = f"within {stmt.near} of {stmt.value:g}"
    if not pairs:
        return Finding.not_run(f"no run that saw each line {stmt.often:g} times ended {where}")
    least, most = min(gap for _, gap in pairs), max(gap for _, gap in pairs)
    text = (
        f"{_size(measured, (PUBLISHED,))}: {len(pairs)} runs ended {where}, where the held-out loss is {least:.3f} to "
        f"{most:.3f} nats per token above the training loss"
    )
    margin = f"{most:.3f} of {stmt.gap:g} nats"
    return Finding.not_reproduced(text, margin) if most < stmt.gap else Finding.reproduced_in_part(text, margin)
