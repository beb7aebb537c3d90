"""Question-Formation: where does the loss of plain decoders settle, at 1 or at the entropy of the data? Appendix F.2.

One run trains one model on the lines of one grammar; a record holds runs over grammars, depths, numbers of training
lines and seeds. The grammars differ in one respect each and have exactly known entropies, some far from 1 nat a token.
Two tasks share the code: "plateau" (Figure 2, bottom left) and "memorization" (training files small enough to learn by
heart). Every run goes on where it was cut off, and finished runs are read, not repeated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory
from typing import Any

from assocmem.experiments.records import Record, begun
from assocmem.language.cache import cache_folder, fingerprint
from assocmem.language.models.vanilla import vanilla
from assocmem.language.questions.entropy import entropy_floor, memorization_floor, training_floor, unseen_floor
from assocmem.language.questions.grammar import VARIANTS, Grammar, vocabulary
from assocmem.language.questions.pairs import Corpus, corpus, read_pairs
from assocmem.language.questions.rows import QuestionRows
from assocmem.language.training.train import Trained, Training, train

__all__ = ["MEMORIZATION", "PLATEAU", "TASKS", "Cell", "QuestionFormation", "live", "run"]

FILES = "files"
"""The name of the grammar of published files, when their folder is given."""
LAST = 0.1
"""The plateau is the mean training loss over this last part of the updates."""
REPORT = Callable[[str], None]


@dataclass(frozen=True)
class QuestionFormation:
    """What is trained on what.

    task : "plateau" or "memorization", the record's name. grammars : of `VARIANTS`. depths : layers of the models.
    lines : sizes of the training file, each drawn without repetitions with ``corpus_seed``. seeds : of weights and
    order. held_out : lines of dev. width, heads, inner, norm, dropout, deviation : of `vanilla`. training : without its
    seed. longer : grammars that get so many times the updates, where more words are to be learned.
    files : a folder with the published question.train and question.dev, to be used in place of generated lines.

    Raises ValueError that names the field.
    """

    task: str
    scale: str
    training: Training
    grammars: tuple[str, ...] = ("measured",)
    depths: tuple[int, ...] = (6, 10)
    lines: tuple[int, ...] = (100_000,)
    seeds: tuple[int, ...] = (0, 1, 2)
    held_out: int = 1000
    corpus_seed: int = 0
    width: int = 64
    heads: int = 4
    inner: int | None = None
    norm: str = "after"
    dropout: float = 0.0
    deviation: float = 0.08
    longer: tuple[tuple[str, int], ...] = ()
    files: Path | None = field(default=None)

    def __post_init__(self) -> None:
        for name in ("grammars", "depths", "lines", "seeds"):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise ValueError(f"{name} must name at least one and none twice, got {values}")
        for name in ("depths", "lines"):
            if min(getattr(self, name)) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.held_out < 1:
            raise ValueError(f"held_out must be at least 1 line, got {self.held_out}")
        unknown = sorted(set(self.grammars) - set(VARIANTS))
        if unknown:
            raise ValueError(f"grammars takes names among {', '.join(VARIANTS)}, got {', '.join(unknown)}")
        if any(name not in VARIANTS or times < 1 for name, times in self.longer):
            raise ValueError(f"longer takes grammars with whole numbers from 1, got {self.longer}")
        if self.files is not None and self.grammars != ("measured",):
            raise ValueError(f"grammars must be 'measured' alone when files are given, got {self.grammars}")

    def plan(self, cell: Cell) -> Training:
        """The training of one run."""
        times = dict(self.longer).get(cell.grammar, 1)
        return replace(self.training, seed=cell.seed, steps=times * self.training.steps)

    def cells(self) -> Iterator[Cell]:
        """One for each model that is trained."""
        for grammar, lines, layers, seed in product(self.grammars, self.lines, self.depths, self.seeds):
            yield Cell(grammar, lines, layers, seed)


@dataclass(frozen=True)
class Cell:
    """One run: a grammar, a size of the training file, a depth and a seed."""

    grammar: str
    lines: int
    layers: int
    seed: int


_LOCAL = Training(
    steps=3000,
    batch=16,
    learning_rate=1e-3,
    warmup=150,
    weight_decay=0.0,
    log_every=25,
    evaluate_every=250,
    save_every=250,
)
_SMOKE = replace(_LOCAL, steps=200, learning_rate=1e-2, warmup=20, log_every=10, evaluate_every=100, save_every=100)
_PAPER = Training(
    steps=300_000,
    batch=8,
    learning_rate=1e-4,
    warmup=10_000,
    schedule="linear",
    betas=(0.9, 0.999),
    epsilon=1e-7,
    weight_decay=0.0,
    log_every=100,
    evaluate_every=5000,
    save_every=5000,
    precision="bfloat16",
    compile=True,
    device="cuda",
)
_SIDES = ("measured", "two words", "128 words")
"""The published data's law, and two that differ from it in the number of words of a class alone."""
PLATEAU = {
    "smoke": QuestionFormation("plateau", "smoke", _SMOKE, ("no target",), (1, 2), (5000,), (0,), 200, width=32),
    "local": QuestionFormation("plateau", "local", _LOCAL, _SIDES, longer=(("128 words", 3),)),
    "paper": QuestionFormation("plateau", "paper", _PAPER, _SIDES, width=512, heads=8, dropout=0.1, deviation=0.02),
}
"""Figure 2, bottom left. Murty et al. (2023) trained 512-wide models of five depths with the settings of "paper"; their
code builds 8 heads where its option says 4. The betas are those of the optimizer's library, since none are given."""
_SMALL = (250, 1000, 4000, 16_000)
MEMORIZATION = {
    "smoke": replace(PLATEAU["smoke"], task="memorization", lines=(20,)),
    "local": replace(
        PLATEAU["local"], task="memorization", grammars=("measured",), lines=_SMALL, depths=(6,), longer=()
    ),
    "paper": replace(PLATEAU["paper"], task="memorization", grammars=("measured",), lines=(*_SMALL, 100_000)),
}
"""What happens to training and held-out loss when the training file is small."""
TASKS = {"plateau": PLATEAU, "memorization": MEMORIZATION}


def run(
    config: QuestionFormation, report: REPORT = lambda _: None, *, folder: Path | None = None, progress: bool = False
) -> Record:
    """Train all models and return the record; ``folder`` (the cache by default) keeps the runs.

    Raises ValueError for lines that the grammar cannot give, OSError for files that cannot be read, and what `train`
    raises.
    """
    began = time.perf_counter()
    data = _Data(config)
    series: list[dict[str, Any]] = []
    runs: list[dict[str, Any]] = []
    cells = list(config.cells())
    for number, cell in enumerate(cells, start=1):
        report(
            f"run {number} of {len(cells)}: {cell.grammar}, {cell.lines} lines, {cell.layers} layers, seed {cell.seed}"
        )
        trained = _trained(config, cell, data, folder, progress)
        series += [{**asdict(cell), **_short(row)} for row in trained.metrics]
        runs.append(_result(config, cell, trained))
    kept = {**asdict(replace(config, files=None)), "data": data.identity, "runs": runs}
    return Record(
        name=f"question-{config.task}",
        scale=config.scale,
        config=kept,
        seed=config.seeds[0],
        series=series,
        summary={"floors": data.floors(), "groups": list(_groups(runs))},
        wall_s=round(time.perf_counter() - began, 1),
    )


def live(task: str) -> Record:
    """The smoke run of a task, trained anew and kept nowhere: what the pages show."""
    with TemporaryDirectory() as folder:
        return run(TASKS[task]["smoke"], folder=Path(folder))


class _Data:
    """Rows of each grammar and size, made once; what identifies them, and what loss they allow."""

    def __init__(self, config: QuestionFormation) -> None:
        self.config = config
        self.parts: dict[tuple[str, int], tuple[QuestionRows, QuestionRows]] = {}
        for name, lines in product(config.grammars, config.lines):
            grammar, found = VARIANTS[name], self._lines(VARIANTS[name], lines)
            self.parts[name, lines] = QuestionRows(found.train, grammar), QuestionRows(found.dev, grammar)

    def _lines(self, grammar: Grammar, lines: int) -> Corpus:
        folder = self.config.files
        if folder is None:
            return corpus(grammar, self.config.corpus_seed, {"train": lines, "dev": self.config.held_out})
        parts = [read_pairs(folder / f"question.{part}", grammar) for part in ("train", "dev")]
        for part, found, wanted in zip(("train", "dev"), parts, (lines, self.config.held_out), strict=True):
            if len(found) < wanted:
                raise ValueError(f"question.{part} has {len(found)} lines, fewer than the {wanted} asked for")
        return Corpus(tuple(parts[0][:lines]), tuple(parts[1][: self.config.held_out]), (), ())

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
        found = []
        for (name, lines), (rows, _) in self.parts.items():
            grammar = VARIANTS[name]
            found.append(
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
        return found


def _trained(config: QuestionFormation, cell: Cell, data: _Data, folder: Path | None, progress: bool) -> Trained:
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
    return train(
        lambda: vanilla(**shape),
        rows,
        plan,
        place,
        identity=identity,
        held_out=dev,
        length=rows.predicted + 1,
        predicted=rows.predicted,
        progress=progress,
    )


def _result(config: QuestionFormation, cell: Cell, trained: Trained) -> dict[str, Any]:
    steps = config.plan(cell).steps
    start = (1 - LAST) * steps
    late = [row["loss"] for row in trained.metrics if "loss" in row and row["step"] > start]
    held = [row["held_out"] for row in trained.metrics if "held_out" in row]
    speed = {name: trained.report[name] for name in ("parameters", "tokens_per_second", "mfu", "seconds")}
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
