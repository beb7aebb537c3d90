"""What a training run is asked to do: one settings class with three presets, read from names and values.

Nothing here loads torch or transformers before settings are checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

from assocmem.language.training.plan import MACHINE, UPDATES, TrainerSettings, Training
from assocmem.language.training.ranks import process_count
from assocmem.settings import Whole, read, setting, settings_class

if TYPE_CHECKING:
    from assocmem.language.models.architectures import Sizes

__all__ = ["PRESETS", "TrainingRun", "configure"]

TEXT, MODEL = "Text", "Model"
SIZES = ("layers", "width", "heads", "inner")


def _mirror() -> str:
    from assocmem.language.text.gutenberg import MIRROR

    return MIRROR


@settings_class(kw_only=True)
class TrainingRun(TrainerSettings):
    """What is trained on what, and how.

    A call raises ValueError that begins with the name of the setting.
    """

    scale: str
    data: Annotated[
        str | None,
        setting(
            "docstrings, questions[:GRAMMAR], gutenberg:84,1342 (fetched), gutenberg:PATH (books: .txt, folder, "
            ".tar.xz), a text file, a folder of .txt files, or a folder of token files",
            TEXT,
        ),
    ] = "docstrings"
    words: Annotated[bool, setting("books as lower-case words without punctuation", TEXT)] = False
    joined_by: Annotated[
        Literal["space", "line"],
        setting("what stands between words: a space, or one word a line as in the corpus", TEXT),
    ] = "space"
    tokenizer: Annotated[str, setting("book (learned from the text), gpt2, folder, or file", TEXT)] = "book"
    vocabulary: Annotated[Whole, setting("of the tokenizer that is learned", TEXT, ge=257)] = 1024
    download: Annotated[bool, setting("gpt2's tokenizer may be fetched from the hub", TEXT)] = False
    mirror: Annotated[str, setting("of Project Gutenberg", TEXT)] = field(default_factory=_mirror)
    lines: Annotated[Whole, setting("of questions that are trained on", TEXT, ge=1)] = 5000
    train_tokens: Annotated[
        Whole | None, setting("so many of the training part only; all if not given", TEXT, ge=1)
    ] = None
    held_out_tokens: Annotated[Whole, setting("the held-out loss is over at most so many", TEXT, ge=1)] = 8192
    held_out_share: Annotated[float, setting("of the documents that is held out", TEXT, gt=0, lt=1)] = 0.05
    model: Annotated[
        str,
        setting(
            "gpt2, vanilla or openelm (of --layers, --width, --heads), openelm:1 to openelm:3 (the paper's), or a "
            "folder with a config.json: that architecture with fresh weights; code in the folder is not run",
            MODEL,
        ),
    ] = "gpt2"
    layers: Annotated[Whole | None, setting("of the model", MODEL, ge=1)] = 2
    width: Annotated[Whole | None, setting("of the model", MODEL, ge=1)] = 64
    heads: Annotated[Whole | None, setting("of attention", MODEL, ge=1)] = 4
    inner: Annotated[
        Whole | None, setting("width of the feed-forward layers; four widths if not given", MODEL, ge=1)
    ] = None
    norm: Annotated[Literal["before", "after"], setting("normalization before or after a part of vanilla", MODEL)] = (
        "before"
    )
    feed_forward: Annotated[
        Literal["growing", "constant"] | None,
        setting("widths of openelm:1 to openelm:3: growing with depth (if not given), or one for all layers", MODEL),
    ] = None
    initialization: Annotated[
        Literal["normal", "corenet"] | None,
        setting(
            "of openelm weights: deviation 0.02 (if not given), or by the size of each matrix as in corenet", MODEL
        ),
    ] = None
    dropout: Annotated[float | None, setting("the model's own if not given", MODEL, ge=0, lt=1)] = None
    context: Annotated[Whole, setting("tokens of a row", MODEL, ge=2)] = 64
    sampling: Annotated[
        Literal["passes", "with_replacement"],
        setting("rows side by side, each once a pass, or rows that begin anywhere, drawn with replacement", UPDATES),
    ] = "passes"
    steps: Annotated[Whole | None, setting("updates", UPDATES, ge=1)] = 40
    tokens_budget: Annotated[Whole | None, setting("tokens trained on in all, in place of --steps", UPDATES, ge=1)] = (
        None
    )
    batch_tokens: Annotated[Whole, setting("tokens of an update, over all devices", UPDATES, ge=1)] = 512
    warmup: Annotated[
        Whole | None, setting("updates in which the learning rate rises; a tenth if not given", UPDATES, ge=0)
    ] = None
    device: Annotated[Literal["auto", "cpu", "cuda"], setting("auto is a GPU where there is one", MACHINE)] = "auto"

    def fit_together(self) -> None:
        """Check the rules between settings.

        Raises
        ------
        ValueError
            That begins with the name of the setting.
        """
        if (self.steps is None) == (self.tokens_budget is None):
            raise ValueError(f"steps must be given where tokens_budget is not, and not with it, got {self.steps}")
        if self.data is None:
            raise ValueError("data must be named for this scale, as gutenberg:FOLDER-OF-BOOKS")
        if self.joined_by != "space" and not self.words:
            raise ValueError(f"joined_by goes with words, got {self.joined_by!r}")
        if self.sampling != "passes" and self.on_questions:
            raise ValueError(
                f"sampling applies to texts, not to questions, whose rows are lines, got {self.sampling!r}"
            )
        if not self.on_questions and self.batch_tokens % self.context:
            raise ValueError(f"batch_tokens must be a multiple of context={self.context}, got {self.batch_tokens}")
        _ = self.sizes
        if not self.on_questions:
            self.plan(self.context)

    @property
    def on_questions(self) -> bool:
        """Whether the data is a grammar of questions, whose rows are lines."""
        return self.data is not None and self.data.partition(":")[0] == "questions"

    @property
    def sizes(self) -> Sizes | None:
        """The sizes of a model that has them."""
        from assocmem.language.models.architectures import Sizes, has_sizes

        if not has_sizes(self.model):
            return None
        return Sizes(**{name: value for name in SIZES if (value := getattr(self, name)) is not None})

    def plan(self, length: float) -> Training:
        """The plan of the training.

        Parameters
        ----------
        length : float
            Tokens of a row; the mean, where they differ.

        Returns
        -------
        Training
            With steps, rows of an update, warmup and device worked out.

        Raises
        ------
        ValueError
            Where the rows of an update do not divide over devices, and what the plan itself refuses.
        """
        batch = max(1, round(self.batch_tokens / length))
        ranks = process_count()
        at_once = (self.micro or batch // ranks) * ranks
        if not at_once or batch % at_once:
            got = f"batch_tokens gives {batch} rows an update, which {ranks} processes cannot share"
            raise ValueError(got + ("" if self.micro is None else f", {self.micro} rows at once (micro)"))
        steps = self.steps if self.steps is not None else max(1, round((self.tokens_budget or 0) / (batch * length)))
        return Training(
            **{one.name: getattr(self, one.name) for one in fields(TrainerSettings)},
            steps=steps,
            batch=batch,
            warmup=steps // 10 if self.warmup is None else self.warmup,
            device=self._device(),
        )

    def _device(self) -> Literal["cpu", "cuda"]:
        if self.device != "auto":
            return self.device
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"


_SMOKE = {"scale": "smoke", "learning_rate": 3e-3, "evaluate_every": 20, "save_every": 20}
_LOCAL = {
    **_SMOKE,
    "scale": "local",
    "vocabulary": 2048,
    "layers": 4,
    "width": 128,
    "context": 128,
    "held_out_tokens": 65_536,
    "lines": 100_000,
    "steps": 3000,
    "batch_tokens": 1024,
    "learning_rate": 1e-3,
    "log_every": 50,
    "evaluate_every": 500,
    "save_every": 500,
}
_PAPER = {
    **_LOCAL,
    "scale": "paper",
    "data": None,
    "words": True,
    "joined_by": "line",
    "sampling": "with_replacement",
    "tokenizer": "gpt2",
    "model": "openelm:1",
    "context": 1024,
    "held_out_tokens": 2_000_000,
    "steps": 6000,
    "batch_tokens": 491_520,
    "micro": 12,
    "learning_rate": 6e-4,
    "warmup": 2000,
    "log_every": 10,
    "evaluate_every": 250,
    "precision": "bfloat16",
    "compile": True,
    "device": "cuda",
    "workers": 2,
}
PRESETS: dict[str, dict[str, Any]] = {"smoke": _SMOKE, "local": _LOCAL, "paper": _PAPER}
"""Seconds and minutes on one core; and Model 1 of the paper's Appendix F.3 and G on books that the caller names.

Of "paper" these are printed: words of Project Gutenberg in GPT-2's encoding (one a line, as the corpus has them: the
paper's 2.64 tokens a word come near only so), 5% held out (the paper takes the last 5% of the tokens, here documents
are drawn), context 1024, chunks drawn at random, batch 12 (taken as rows at once), 491,520 tokens an iteration,
betas and epsilon of AdamW, dropout 0.1, and 6000 steps, about where the paper's validation loss is least. Learning
rate, warmup, schedule, weight decay and clip are not printed; here they are nanoGPT's, which has the printed batch, but
for the end of the cosine, 0 here.
"""


def configure(scale: str, overrides: Mapping[str, Any]) -> TrainingRun:
    """The preset of a scale with other values in place of its own; ``steps`` and ``tokens_budget`` replace each other.

    Parameters
    ----------
    scale : str
        One of ``PRESETS``.
    overrides : Mapping
        Values by the name of the setting; text is read as the type of the setting.

    Returns
    -------
    TrainingRun
        The settings, checked.

    Raises
    ------
    ValueError
        In one line that begins with the name of the setting; for a scale or a name that there is not.
    """
    from assocmem.language.models.architectures import has_sizes

    if scale not in PRESETS:
        raise ValueError(f"scale got {scale!r}; takes one of {', '.join(PRESETS)}")
    base = {"model": TrainingRun.model} | PRESETS[scale]
    model = overrides.get("model", base["model"])
    if not has_sizes(model):
        sized = [name for name in SIZES if overrides.get(name) not in (None, "none")]
        if sized:
            raise ValueError(f"{sized[0]} does not apply to model {model!r}, which has its own")
        base |= {"layers": None, "width": None, "heads": None}
    if overrides.get("tokens_budget") not in (None, "none"):
        base["steps"] = None
    return read(TrainingRun, base, overrides)
