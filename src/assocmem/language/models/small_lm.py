"""Small GPT-2-like language models that the book trains itself, so that every experiment on a model can run offline.

Trained by the transformers Trainer on the CPU, the same from the same seed on one machine, and cached under
the hash of all that goes in: sizes, text, code (of this module and of the tokenizer) and versions of the libraries.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor
from torch.utils.data import Dataset
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast, Trainer, TrainingArguments, set_seed
from transformers.trainer_callback import PrinterCallback

from assocmem.language.cache import cached_folder, files_sha256, fingerprint
from assocmem.language.silenced_transformers import silenced_transformers
from assocmem.language.text import byte_pair_tokenizer as byte_pair_tokenizer_module
from assocmem.language.text.byte_pair_tokenizer import byte_pair_tokenizer, token_stream
from assocmem.language.text.docstring_corpus import Corpus, offline_corpus

__all__ = ["SIZES", "SmallLM", "train_small_lm"]

TRAINED_WITH = ("torch", "transformers", "tokenizers", "accelerate")
"""Packages whose version may change what comes out of a training."""


@dataclass(frozen=True)
class SmallLM:
    """What is trained, and for how long.

    Attributes
    ----------
    layers, width, heads : int
        Shape of the model.
    context : int
        Tokens of a row.
    vocabulary : int
        Tokens of the tokenizer.
    steps, batch : int
        Updates, and rows of each.
    learning_rate : float
        Its peak.
    seed : int
        Of the first weights and of the order of the rows.
    """

    layers: int
    width: int
    heads: int
    context: int
    vocabulary: int
    steps: int
    batch: int
    learning_rate: float
    seed: int = 0

    def architecture(self) -> GPT2Config:
        """The transformers configuration, without dropout."""
        return GPT2Config(
            vocab_size=self.vocabulary,
            n_positions=self.context,
            n_embd=self.width,
            n_layer=self.layers,
            n_head=self.heads,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=0,
            eos_token_id=0,
        )


SIZES = {
    "smoke": SmallLM(2, 64, 4, 128, 1024, steps=100, batch=8, learning_rate=3e-3),
    "local": SmallLM(4, 128, 4, 128, 2048, steps=3000, batch=8, learning_rate=1e-3),
}
"""Seconds and minutes on one core."""


class _Rows(Dataset[dict[str, Tensor]]):
    """Consecutive rows of ``context`` tokens of a stream, each its own label."""

    def __init__(self, stream: Tensor, context: int) -> None:
        self.rows = stream[: len(stream) // context * context].view(-1, context)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {"input_ids": self.rows[index], "labels": self.rows[index]}


def train_small_lm(size: SmallLM, corpus: Corpus | None = None, *, progress: bool = False) -> Path:
    """Train a small model on a corpus, or return the one in the cache.

    Parameters
    ----------
    size : SmallLM
        The model and its training.
    corpus : Corpus or None
        The offline corpus by default.
    progress : bool
        Whether a bar is shown.

    Returns
    -------
    Path
        A folder with safetensors, configuration and tokenizer.

    Raises
    ------
    FloatingPointError
        When the weights are no longer finite.
    """
    corpus = corpus or offline_corpus()
    key = _key(size, corpus)

    def fill(folder: Path) -> None:
        tokenizer = byte_pair_tokenizer(corpus, size.vocabulary)
        with silenced_transformers(progress), torch.random.fork_rng(devices=[]):
            _trained(size, corpus, tokenizer, progress).save_pretrained(folder)
            tokenizer.save_pretrained(folder)

    return cached_folder(f"small-lm-{key}", fill)


def _key(size: SmallLM, corpus: Corpus) -> str:
    versions = {name: version(name) for name in TRAINED_WITH}
    code = files_sha256(__file__, byte_pair_tokenizer_module.__file__)
    return fingerprint([asdict(size), corpus.sha256, versions, code])[:16]


def _trained(size: SmallLM, corpus: Corpus, tokenizer: PreTrainedTokenizerFast, progress: bool) -> GPT2LMHeadModel:
    rows = _Rows(token_stream(tokenizer, corpus.train), size.context)
    set_seed(size.seed)
    model: GPT2LMHeadModel = GPT2LMHeadModel(size.architecture())
    with TemporaryDirectory() as scratch:
        arguments = TrainingArguments(
            output_dir=scratch,
            max_steps=size.steps,
            per_device_train_batch_size=size.batch,
            learning_rate=size.learning_rate,
            lr_scheduler_type="cosine",
            warmup_steps=size.steps // 10,
            weight_decay=0.1,
            max_grad_norm=1.0,
            seed=size.seed,
            data_seed=size.seed,
            use_cpu=True,
            report_to="none",
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=not progress,
            logging_nan_inf_filter=False,
            dataloader_pin_memory=False,
        )
        trainer = Trainer(model=model, args=arguments, train_dataset=rows)
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    if not all(bool(torch.isfinite(p).all()) for p in model.parameters()):
        raise FloatingPointError(f"training diverged: weights of {size} are not finite")
    model.train(False)
    return model
