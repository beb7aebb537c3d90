"""How often a model forms a question: the scores of McCoy, Frank and Linzen (2020) on a file of sentences and targets.

The model reads a sentence with its task and goes on greedily. Whether that gives the target is seen in one pass over
sentence and target: it does if and only if the likeliest word is the right one at each place of the target and its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedModel, PreTrainedTokenizerBase

__all__ = ["Example", "Score", "read_examples", "score"]

TASKS = ("decl", "quest")
AUXILIARIES = frozenset(("do", "does", "don't", "doesn't"))
"""Of the published sentences; what else a target begins with is taken for one too."""


@dataclass(frozen=True)
class Example:
    """A line: words of the sentence with its task at the end, and words of the target."""

    source: tuple[str, ...]
    target: tuple[str, ...]

    @property
    def task(self) -> str:
        """``quest`` where a question is asked for, ``decl`` where the sentence is."""
        return self.source[-1]


@dataclass(frozen=True)
class Score:
    """Shares of the lines of one task.

    Attributes
    ----------
    lines : int
        How many there are.
    first_word : float
        Where the first word of the target is right: for a question whether the auxiliary of the main clause moves.
    first_in_sentence : float
        Where the model begins with the auxiliary that comes first in the sentence, whether or not that is right.
    whole : float
        Where the whole target is right, its end included.
    """

    lines: int
    first_word: float
    first_in_sentence: float
    whole: float


def read_examples(path: Path) -> list[Example]:
    """Read a file of the published form: sentence, stop, task, a tab, target.

    Parameters
    ----------
    path : Path
        In UTF-8, such as ``question.gen``.

    Returns
    -------
    list of Example
        In the order of the file.

    Raises
    ------
    ValueError
        That names file and line, for a line of another form, and for a file without any.
    OSError
        Where it cannot be read.
    """
    examples = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"file got {path.name}, which is not UTF-8 text: {error.reason}") from None
    for number, line in enumerate(lines, start=1):
        source, tab, target = line.partition("\t")
        words = tuple(source.split())
        if not tab or not target.split() or words[-1:] not in {(task,) for task in TASKS}:
            form = "a sentence that ends in quest or decl, a tab and its target"
            raise ValueError(f"file got {path.name}, whose line {number} is not {form}: {line[:60]!r}")
        examples.append(Example(words, tuple(target.split())))
    if not examples:
        raise ValueError(f"file got {path.name}, which has no line")
    return examples


@torch.inference_mode()
def score(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], *, batch: int = 64
) -> dict[str, Score]:
    """Score a model.

    Parameters
    ----------
    model : PreTrainedModel
        Trained on rows ``end, source, target, end``, as :class:`~assocmem.language.questions.rows.QuestionRows` are.
    tokenizer : PreTrainedTokenizerBase
        Of whole words, with an end mark.
    examples : sequence of Example
        The lines.
    batch : int
        How many are read at once.

    Returns
    -------
    dict
        By task, for those that are there.

    Raises
    ------
    ValueError
        For words that the tokenizer does not have, a line that the model is too short for, and a tokenizer without an
        end mark.
    """
    end = tokenizer.eos_token_id
    if not isinstance(end, int):
        raise ValueError("tokenizer must have an end mark, got none")
    ids = _ids(tokenizer, examples)
    _check_length(model, examples)
    begins = AUXILIARIES | {example.target[0] for example in examples if example.task == "quest"}
    hits: dict[str, list[tuple[bool, bool, bool]]] = {}
    model.train(False)
    for part in (examples[i : i + batch] for i in range(0, len(examples), batch)):
        for example, likeliest in zip(part, _likeliest(model, part, ids, end), strict=True):
            wanted = torch.tensor([*(ids[word] for word in example.target), end])
            leading = next((ids[word] for word in example.source if word in begins), -1)
            first = int(likeliest[0])
            row = first == int(wanted[0]), first == leading, torch.equal(likeliest, wanted)
            hits.setdefault(example.task, []).append(row)
    return {
        task: Score(len(rows), *(sum(column) / len(rows) for column in zip(*rows, strict=True)))
        for task, rows in sorted(hits.items())
    }


def _check_length(model: PreTrainedModel, examples: Iterable[Example]) -> None:
    """Refuse a line that has more words than the model has positions."""
    most = getattr(getattr(model, "config", None), "max_position_embeddings", None)
    for number, one in enumerate(examples, start=1):
        length = 1 + len(one.source) + len(one.target)
        if most is not None and length > most:
            raise ValueError(f"file has {length} words in line {number}, its start counted; the model reads {most}")


def _ids(tokenizer: PreTrainedTokenizerBase, examples: Iterable[Example]) -> dict[str, int]:
    """The ids of all words of the lines."""
    known = tokenizer.get_vocab()
    words = {word for example in examples for word in (*example.source, *example.target)}
    missing = sorted(words - set(known))
    if missing:
        raise ValueError(f"file has words that the model was not trained on: {', '.join(missing[:5])}")
    return {word: known[word] for word in words}


def _likeliest(model: PreTrainedModel, part: Sequence[Example], ids: dict[str, int], end: int) -> Iterator[Tensor]:
    """The likeliest word at each place of the target and its end, (target + 1,) a line."""
    rows = [torch.tensor([end, *(ids[word] for word in (*one.source, *one.target))]) for one in part]
    logits = model(input_ids=pad_sequence(rows, batch_first=True).to(model.device)).logits
    best = logits.argmax(-1).cpu()
    for one, row, choices in zip(part, rows, best, strict=True):
        yield choices[len(one.source) : len(row)]
