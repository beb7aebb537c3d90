"""Question-Formation: where does the loss of plain decoders settle, at 1 or at the entropy of the data? Appendix F.2.

One run trains one model on the lines of one grammar; a record holds runs over grammars, depths, numbers of training
lines and seeds. The grammars differ in one respect each and have exactly known entropies, some far from 1 nat a token.
Two tasks share the code: "plateau" (Figure 2, bottom left) and "memorization" (training files small enough to learn by
heart). Every run goes on where it was cut off, and finished runs are read, not repeated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory
from typing import Any

from assocmem.experiments.question_formation.config import PRESETS, QuestionFormation, Run, configure
from assocmem.experiments.records import Record, begun
from assocmem.language.cache import cache_folder, fingerprint
from assocmem.language.models.vanilla import vanilla
from assocmem.language.questions.entropy import entropy_floor, memorization_floor, training_floor, unseen_floor
from assocmem.language.questions.grammar import VARIANTS, Grammar, vocabulary
from assocmem.language.questions.pairs import PairCorpus, corpus, read_pairs
from assocmem.language.questions.rows import QuestionRows, word_tokenizer
from assocmem.language.training.ranks import is_first_process, process_count
from assocmem.language.training.train import Trained, train

__all__ = ["TASKS", "QuestionFormation", "Run", "joined", "live", "run", "singles"]

LAST = 0.1
"""The plateau is the mean training loss over this last part of the updates."""
SPEED = ("parameters", "tokens_per_second", "updates_per_second", "flop_per_token", "mfu", "seconds")
"""What a run's row takes from the report of its training."""
REPORT = Callable[[str], None]


TASKS = {task: {scale: configure(task, scale, {}) for scale in scales} for task, scales in PRESETS.items()}
"""Each task at its three scales: "plateau" is Figure 2, bottom left."""


def run(
    config: QuestionFormation, report: REPORT = lambda _: None, *, folder: Path | None = None, progress: bool = False
) -> Record:
    """Train all models, or go on with training them; finished runs are read.

    Parameters
    ----------
    config : QuestionFormation
        What is trained on what.
    report : Callable
        Told what is being done, a line at a time.
    folder : Path or None
        Where the runs stay; in the cache by default.
    progress : bool
        Whether bars are shown.

    Returns
    -------
    Record
        A row a logged loss; the summary has floors, and means over seeds.

    Raises
    ------
    ValueError
        For lines that the grammar cannot give, and a folder that holds other runs.
    OSError
        For files that cannot be read.
    FloatingPointError
        When a loss is no longer finite.
    """
    began = time.perf_counter()
    config.training.check_machine(process_count())
    data = _Data(config)
    series: list[dict[str, Any]] = []
    runs: list[dict[str, Any]] = []
    cells = list(config.cells())
    for number, cell in enumerate(cells, start=1):
        report(
            f"run {number} of {len(cells)}: {cell.grammar}, {cell.lines} lines, {cell.layers} layers, seed {cell.seed}"
        )
        trained = _trained(config, cell, data, folder, progress, report)
        series += [{**asdict(cell), **_short(row)} for row in trained.metrics]
        runs.append(_result(config, cell, trained))
    return _record(config, data.identity, runs, series, data.floors(), time.perf_counter() - began)


def singles(config: QuestionFormation) -> dict[str, QuestionFormation]:
    """The same runs one by one, for a sweep.

    Parameters
    ----------
    config : QuestionFormation
        What is trained on what.

    Returns
    -------
    dict
        Settings of one run each, by a name of lowercase words joined by hyphens.
    """
    named = {}
    for cell in config.cells():
        name = f"{cell.grammar.replace(' ', '-')}-lines-{cell.lines}-layers-{cell.layers}-seed-{cell.seed}"
        one: dict[str, Any] = {
            "grammars": (cell.grammar,),
            "lines": (cell.lines,),
            "depths": (cell.layers,),
            "seeds": (cell.seed,),
        }
        longer = tuple(pair for pair in config.longer if pair[0] == cell.grammar)
        named[name] = replace(config, **one, longer=longer)
    return named


def joined(config: QuestionFormation, records: Iterable[Record]) -> Record:
    """The record of all runs from those of the single ones.

    Parameters
    ----------
    config : QuestionFormation
        What was trained on what.
    records : Iterable[Record]
        Of ``singles``, in that order.

    Returns
    -------
    Record
        As :func:`run` gives it; its time is the sum of theirs.
    """
    parts = list(records)
    data = {(row["grammar"], row["lines"]): row for part in parts for row in part.config["data"]}
    floors = {(row["grammar"], row["lines"]): row for part in parts for row in part.summary["floors"]}
    runs = [one for part in parts for one in part.config["runs"]]
    series = [row for part in parts for row in part.series]
    order = list(product(config.grammars, config.lines))
    return _record(
        config,
        [data[key] for key in order],
        runs,
        series,
        [floors[key] for key in order],
        sum(part.wall_s for part in parts),
    )


def _record(
    config: QuestionFormation,
    data: list[dict[str, Any]],
    runs: list[dict[str, Any]],
    series: list[dict[str, Any]],
    floors: list[dict[str, Any]],
    seconds: float,
) -> Record:
    return Record(
        name=f"question-{config.task}",
        scale=config.scale,
        config={**asdict(replace(config, files=None)), "data": data, "runs": runs},
        seed=config.seeds[0],
        series=series,
        summary={"floors": floors, "groups": list(_groups(runs))},
        wall_s=round(seconds, 1),
    )


def live(task: str) -> Record:
    """The smoke run of a task, trained anew and kept nowhere: what the pages show.

    Parameters
    ----------
    task : str
        plateau or memorization.

    Returns
    -------
    Record
        Of its runs.
    """
    with TemporaryDirectory() as folder:
        return run(TASKS[task]["smoke"], folder=Path(folder))


class _Data:
    """Rows of each grammar and size, made once; what identifies them, and what loss they allow."""

    def __init__(self, config: QuestionFormation) -> None:
        self.config = config
        self.parts: dict[tuple[str, int], tuple[QuestionRows, QuestionRows]] = {}
        for name, lines in product(config.grammars, config.lines):
            grammar, drawn = VARIANTS[name], self._lines(VARIANTS[name], lines)
            self.parts[name, lines] = QuestionRows(drawn.train, grammar), QuestionRows(drawn.dev, grammar)

    def _lines(self, grammar: Grammar, lines: int) -> PairCorpus:
        folder = self.config.files
        if folder is None:
            return corpus(grammar, self.config.corpus_seed, {"train": lines, "dev": self.config.held_out})
        parts = [read_pairs(folder / f"question.{part}", grammar) for part in ("train", "dev")]
        for part, pairs, wanted in zip(("train", "dev"), parts, (lines, self.config.held_out), strict=True):
            if len(pairs) < wanted:
                raise ValueError(f"question.{part} has {len(pairs)} lines, fewer than the {wanted} asked for")
        return PairCorpus(tuple(parts[0][:lines]), tuple(parts[1][: self.config.held_out]), (), ())

    @property
    def identity(self) -> list[dict[str, Any]]:
        """Source and hashes of each part."""
        source = "generated" if self.config.files is None else "published files"
        return [
            {"grammar": name, "lines": lines, "source": source, "train": rows.identity, "dev": dev.identity}
            for (name, lines), (rows, dev) in self.parts.items()
        ]

    def floors(self) -> list[dict[str, Any]]:
        """Least losses in nats per predicted token, the end of the line among them."""
        floors = []
        for (name, lines), (rows, _) in self.parts.items():
            grammar = VARIANTS[name]
            floors.append(
                {
                    "grammar": name,
                    "lines": lines,
                    "words": len(vocabulary(grammar)),
                    "entropy": _digits(float(entropy_floor(grammar).per_token().mid())),
                    "training": _digits(training_floor(grammar, lines).per_token()),
                    "unseen": _digits(unseen_floor(grammar, lines).per_token()),
                    "memorization": _digits(memorization_floor(lines, rows.predicted, eos=False)),
                }
            )
        return floors


def _trained(
    config: QuestionFormation, cell: Run, data: _Data, folder: Path | None, progress: bool, report: REPORT
) -> Trained:
    rows, dev = data.parts[cell.grammar, cell.lines]
    longest = max(len(row) for part in (rows, dev) for row in part.rows)
    shape: dict[str, Any] = {
        "vocabulary": len(vocabulary(VARIANTS[cell.grammar])) + 2,
        "layers": cell.layers,
        "width": config.width,
        "heads": config.heads,
        "inner": config.inner,
        "norm": config.norm,
        "dropout": config.dropout,
        "deviation": config.deviation,
        "context": longest,
    }
    identity = {"model": shape, "train": rows.identity, "held out": dev.identity}
    plan = config.plan(cell)
    place = (folder or cache_folder() / "question-formation") / fingerprint([asdict(plan), identity])[:16]
    begun(place)
    trained = train(
        lambda: vanilla(**shape),
        rows,
        plan,
        place,
        identity=identity,
        held_out=dev,
        length=rows.predicted + 1,
        predicted=rows.predicted,
        progress=progress,
        report=report,
    )
    if is_first_process():
        word_tokenizer(VARIANTS[cell.grammar]).save_pretrained(str(trained.model))  # So that it can be scored.
    return trained


def _result(config: QuestionFormation, cell: Run, trained: Trained) -> dict[str, Any]:
    steps = config.plan(cell).steps
    start = (1 - LAST) * steps
    late = [row["loss"] for row in trained.metrics if "loss" in row and row["step"] > start]
    held = [row["held_out"] for row in trained.metrics if "held_out" in row]
    speed = {name: trained.report.get(name) for name in SPEED}
    losses = {"plateau": mean(late), "held_out": held[-1], "least_held_out": min(held)}
    about = {"steps": steps, "commit": begun(trained.folder)["commit"], **speed}
    return {**asdict(cell), **{name: _digits(loss) for name, loss in losses.items()}, **about}


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """The losses of a metric; norms and rates stay in the folder of the run."""
    return {"step": row["step"], **{name: _digits(row[name]) for name in ("loss", "held_out") if name in row}}


def _groups(runs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Mean and standard deviation over seeds (null for one seed) for each grammar, size and depth."""
    names = ("grammar", "lines", "layers")
    for key in dict.fromkeys(tuple(run[name] for name in names) for run in runs):
        same = [run for run in runs if tuple(run[name] for name in names) == key]
        group: dict[str, Any] = {**dict(zip(names, key, strict=True)), "seeds": len(same)}
        for name in ("plateau", "held_out", "least_held_out"):
            values = [run[name] for run in same]
            group[name] = _digits(mean(values))
            group[f"{name}_sd"] = _digits(stdev(values)) if len(values) > 1 else None
        yield group


def _digits(value: float) -> float:
    return float(f"{value:.6g}")
