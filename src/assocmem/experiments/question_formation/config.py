"""What the Question-Formation experiment trains on what: one settings class, and three presets of two tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

from assocmem.language.training.plan import Training
from assocmem.settings import Separated, Whole, read, setting, settings_class

__all__ = ["PRESETS", "QuestionFormation", "Run", "configure"]

DATA, MODEL = "Data", "Model"
Count = Annotated[Whole, setting("at least one", ge=1)]


@dataclass(frozen=True)
class Run:
    """One run: a grammar, a size of the training file, a depth and a seed."""

    grammar: str
    lines: int
    layers: int
    seed: int


@settings_class()
class QuestionFormation:
    """What is trained on what.

    The seed of the training is that of a run. A call raises ValueError that begins with the name of the setting.
    """

    task: str
    scale: str
    training: Training
    grammars: Annotated[
        tuple[str, ...],
        setting("grammar (see assocmem grammar); may be repeated", DATA, names=("--grammar", "--grammars")),
    ] = ("measured",)
    depths: Annotated[
        tuple[Count, ...], setting("layers of the models; may be repeated", MODEL, names=("--depth", "--depths"))
    ] = (6, 10)
    lines: Annotated[
        tuple[Count, ...], setting("lines of the training file, each drawn without repetitions; may be repeated", DATA)
    ] = (100_000,)
    seeds: Annotated[
        tuple[Whole, ...], setting("of weights and order; may be repeated", MODEL, names=("--seed", "--seeds"))
    ] = (0, 1, 2)
    held_out: Annotated[Whole, setting("lines that are held out", DATA, ge=1)] = 1000
    corpus_seed: Annotated[Whole, setting("of the lines", DATA)] = 0
    width: Annotated[Whole, setting("of the model", MODEL, ge=1)] = 64
    heads: Annotated[Whole, setting("of attention", MODEL, ge=1)] = 4
    inner: Annotated[
        Whole | None, setting("width of the feed-forward layers; four widths if not given", MODEL, ge=1)
    ] = None
    norm: Annotated[Literal["before", "after"], setting("normalization before or after a part", MODEL)] = "after"
    dropout: Annotated[float, setting("of the model", MODEL, ge=0, lt=1)] = 0.0
    deviation: Annotated[float, setting("standard deviation of the first weights", MODEL, gt=0)] = 0.08
    longer: Annotated[
        tuple[Separated[tuple[str, Count]], ...],
        setting("grammar that gets so many times the updates, where more words are to be learned; repeatable", DATA),
    ] = ()
    files: Annotated[
        Path | None, setting("folder with the published question.train and .dev in place of generated lines", DATA)
    ] = None

    def fit_together(self) -> None:
        """Check the rules between settings.

        Raises
        ------
        ValueError
            For a grammar that there is not, what is named twice or not at all, and files of more than one grammar.
        """
        from assocmem.language.questions.grammar import VARIANTS

        for name in ("grammars", "depths", "lines", "seeds"):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise ValueError(f"{name} must name at least one and none twice, got {values}")
        for name, grammars in (("grammars", self.grammars), ("longer", [grammar for grammar, _ in self.longer])):
            unknown = sorted(set(grammars) - set(VARIANTS))
            if unknown:
                raise ValueError(f"{name} takes names among {', '.join(VARIANTS)}, got {', '.join(unknown)}")
        if self.files is not None and self.grammars != ("measured",):
            raise ValueError(f"grammars must be 'measured' alone when files are given, got {self.grammars}")

    def plan(self, cell: Run) -> Training:
        """The training of one run.

        Parameters
        ----------
        cell : Run
            The run.

        Returns
        -------
        Training
            With its seed and its number of updates.
        """
        times = dict(self.longer).get(cell.grammar, 1)
        return replace(self.training, seed=cell.seed, steps=times * self.training.steps)

    def cells(self) -> Iterator[Run]:
        """All runs.

        Yields
        ------
        Run
            One for each model that is trained.
        """
        for grammar, lines, layers, seed in product(self.grammars, self.lines, self.depths, self.seeds):
            yield Run(grammar, lines, layers, seed)


_LOCAL_TRAINING: dict[str, Any] = {
    "steps": 3000,
    "batch": 16,
    "learning_rate": 1e-3,
    "warmup": 150,
    "weight_decay": 0.0,
    "log_every": 25,
    "evaluate_every": 250,
    "save_every": 250,
}
_SMOKE_TRAINING = _LOCAL_TRAINING | {
    "steps": 200,
    "learning_rate": 1e-2,
    "warmup": 20,
    "log_every": 10,
    "evaluate_every": 100,
    "save_every": 100,
}
_PAPER_TRAINING: dict[str, Any] = {
    "steps": 300_000,
    "batch": 8,
    "learning_rate": 1e-4,
    "warmup": 10_000,
    "schedule": "linear",
    "betas": (0.9, 0.999),
    "epsilon": 1e-7,
    "weight_decay": 0.0,
    "log_every": 100,
    "evaluate_every": 5000,
    "save_every": 5000,
    "precision": "bfloat16",
    "compile": True,
    "device": "cuda",
}
_SIDES = ("measured", "two words", "128 words")
"""The published data's law, and two that differ from it in the number of words of a class alone."""
_PLATEAU: dict[str, dict[str, Any]] = {
    "smoke": {
        "training": _SMOKE_TRAINING,
        "grammars": ("no target",),
        "depths": (1, 2),
        "lines": (5000,),
        "seeds": (0,),
        "held_out": 200,
        "width": 32,
    },
    "local": {"training": _LOCAL_TRAINING, "grammars": _SIDES, "longer": (("128 words", 3),)},
    "paper": {
        "training": _PAPER_TRAINING,
        "grammars": _SIDES,
        "width": 512,
        "heads": 8,
        "dropout": 0.1,
        "deviation": 0.02,
    },
}
_SMALL = (250, 1000, 4000, 16_000)
_MEMORIZATION = {
    "smoke": _PLATEAU["smoke"] | {"lines": (20,)},
    "local": _PLATEAU["local"] | {"grammars": ("measured",), "lines": _SMALL, "depths": (6,), "longer": ()},
    "paper": _PLATEAU["paper"] | {"grammars": ("measured",), "lines": (*_SMALL, 100_000)},
}
PRESETS = {"plateau": _PLATEAU, "memorization": _MEMORIZATION}
"""Figure 2, bottom left; and what happens to training and held-out loss when the training file is small.

Murty et al. (2023) trained 512-wide models of five depths with the settings of "paper"; their code builds 8 heads where
its option says 4. The betas are those of the optimizer's library, since none are given.
"""


def configure(task: str, scale: str, overrides: Mapping[str, Any]) -> QuestionFormation:
    """The preset of a task and a scale with other values in place of its own.

    On the cpu there is float32 and no compilation unless they are named. A tenth of other steps, at most the preset's,
    is warmup unless that is named.

    Parameters
    ----------
    task : str
        plateau or memorization.
    scale : str
        smoke, local or paper.
    overrides : Mapping
        Values by the name of the setting, those of the training as a mapping of their own; text is read as the type of
        the setting.

    Returns
    -------
    QuestionFormation
        The settings, checked.

    Raises
    ------
    ValueError
        In one line that begins with the name of the setting; for a task, a scale or a name that there is not.
    """
    if task not in PRESETS:
        raise ValueError(f"task got {task!r}; takes one of {', '.join(PRESETS)}")
    if scale not in PRESETS[task]:
        raise ValueError(f"scale got {scale!r}; takes one of {', '.join(PRESETS[task])}")
    preset, named = PRESETS[task][scale], overrides.get("training", {})
    plan = dict(preset["training"])
    if isinstance(named, Mapping):
        if named.get("device") == "cpu":
            plan |= {"precision": "float32", "compile": False}
        if "steps" in named and "warmup" not in named:
            steps = read(Training, plan | {"warmup": 0}, {"steps": named["steps"]}).steps
            plan["warmup"] = min(plan["warmup"], steps // 10)
    return read(QuestionFormation, {**preset, "task": task, "scale": scale, "training": plan}, overrides)
