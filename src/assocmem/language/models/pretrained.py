"""Causal language models by hub id at a pinned revision, or from a local folder: safetensors only, no remote code."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from assocmem.language.models.fetched.catalog import CATALOG, ORIGIN, folder_of
from assocmem.language.pinned_revisions import ALIASES, PINNED
from assocmem.language.silenced_transformers import silenced_transformers

__all__ = ["LanguageModel", "ModelUnavailableError", "load_causal_lm", "untrained_like"]

READ = (".json", ".txt", ".model")
"""Ends of the names of what is read from a folder beside weights: configuration, vocabulary, merges, special tokens."""
REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (GatedRepoError, "is gated: accept its terms on the hub and log in"),
    (RevisionNotFoundError, "has no such revision"),
    (RepositoryNotFoundError, "is not on the hub, or is private"),
    (LocalEntryNotFoundError, "is not in the local cache, and the hub cannot be reached; give a local folder"),
    (OfflineModeIsEnabled, "is not in the local cache, and this process is offline; give a local folder"),
    (EntryNotFoundError, "lacks a file that is needed (config.json, the tokenizer, or weights as safetensors)"),
    (ConnectionError, "cannot be fetched: the hub cannot be reached; give a local folder"),
)


class ModelUnavailableError(OSError):
    """A model that cannot be had; the message says which and why, in one line."""


@dataclass(frozen=True)
class LanguageModel:
    """A model, its tokenizer, and what identifies both.

    Attributes
    ----------
    model : PreTrainedModel
        In evaluation mode.
    tokenizer : PreTrainedTokenizerBase
        The model's own.
    identity : dict
        What a record says of both: name, revision or hashes of files, number of parameters; no path of this machine.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    identity: dict[str, Any]


def load_causal_lm(
    name_or_path: str | Path,
    *,
    revision: str | None = None,
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
) -> LanguageModel:
    """Load a model and its tokenizer.

    Parameters
    ----------
    name_or_path : str or Path
        A folder with config.json, tokenizer and ``*.safetensors``, the id of a model on the hub, or the name of one
        that ``assocmem models get`` has fetched.
    revision : str or None
        The full commit hash of a model of the hub; may be left out for those of
        :mod:`~assocmem.language.pinned_revisions`.
    device : str or torch.device
        Where the model goes.
    dtype : torch.dtype
        Of its weights.

    Returns
    -------
    LanguageModel
        The model in evaluation mode.

    Raises
    ------
    ValueError
        For an id without a pinned revision, or a revision with a folder.
    ModelUnavailableError
        When the folder lacks a file, the id is unknown, or the hub cannot be reached.
    """
    folder = Path(name_or_path).expanduser()
    if str(name_or_path) in CATALOG and not folder.is_dir():
        folder = _fetched(str(name_or_path))
    if folder.is_dir():
        if revision is not None:
            raise ValueError(f"revision={revision!r} means nothing for the local folder {folder.name!r}")
        identity = _folder_identity(folder)
        return _load(str(folder), folder.name, identity, None, device, dtype)
    name = ALIASES.get(str(name_or_path), str(name_or_path))
    if name.startswith((".", "/", "~")) or name.count("/") > 1:
        raise ModelUnavailableError(f"model {name_or_path!r}: there is no such folder")
    revision = PINNED.get(name) if revision is None else revision
    if revision is None or not re.fullmatch(r"[0-9a-f]{40}", revision):
        raise ValueError(f"model {name!r} needs revision=, the full hash of a commit (40 hex digits), got {revision!r}")
    return _load(name, name, {"model": name, "revision": revision}, revision, device, dtype)


def untrained_like(config: PreTrainedConfig, seed: int, device: str | torch.device = "cpu") -> PreTrainedModel:
    """A model of this configuration with fresh random weights.

    Parameters
    ----------
    config : PreTrainedConfig
        Of another model, which need not be held any more.
    seed : int
        Of the weights; the state of torch's random numbers is left as it was.
    device : str or torch.device
        Where the model goes.

    Returns
    -------
    PreTrainedModel
        In evaluation mode.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        fresh: PreTrainedModel = AutoModelForCausalLM.from_config(  # type: ignore[no-untyped-call]
            config, trust_remote_code=False
        )
    torch.nn.Module.to(fresh, device)
    fresh.train(False)
    return fresh


def _fetched(name: str) -> Path:
    folder = folder_of(name)
    if folder is None:
        raise ModelUnavailableError(f"model {name!r} is not fetched yet: assocmem models get {name}")
    return folder


def _folder_identity(folder: Path) -> dict[str, Any]:
    weights = sorted(folder.glob("*.safetensors"))
    if not (folder / "config.json").is_file():
        raise ModelUnavailableError(f"model folder {folder.name!r} lacks config.json")
    if not weights:
        raise ModelUnavailableError(f"model folder {folder.name!r} lacks *.safetensors; pickled weights are not loaded")
    others = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name.endswith(READ)]
    identity = {"model": folder.name, "weights_sha256": _digest(weights), "files_sha256": _digest(others, named=True)}
    return identity | _origin(folder)


def _origin(folder: Path) -> dict[str, Any]:
    """What the folder of a fetched model says of where it comes from, its own name in place of the folder's."""
    if not (folder / ORIGIN).is_file():
        return {}
    try:
        origin = json.loads((folder / ORIGIN).read_text(encoding="utf-8"))
        return {"model": origin["title"], "origin": origin}
    except (ValueError, KeyError, TypeError):
        raise ModelUnavailableError(f"model folder {folder.name!r}: {ORIGIN} cannot be read") from None


def _digest(paths: list[Path], *, named: bool = False) -> str:
    """The sha256 of the files' hashes in order, of their names too if ``named``."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() if named else b"")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _load(
    source: str,
    name: str,
    identity: dict[str, Any],
    revision: str | None,
    device: str | torch.device,
    dtype: torch.dtype,
) -> LanguageModel:
    pinned: dict[str, Any] = {"revision": revision} if revision else {"local_files_only": True}
    try:
        with silenced_transformers():
            tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False, **pinned)
            model = AutoModelForCausalLM.from_pretrained(
                source, dtype=dtype, use_safetensors=True, trust_remote_code=False, **pinned
            )
    except (OSError, ValueError) as error:
        raise ModelUnavailableError(f"model {name!r} {_reason(error)}") from error
    torch.nn.Module.to(model, device)
    size = sum(p.numel() for p in model.parameters())
    return LanguageModel(model.train(False), tokenizer, {**identity, "parameters": size})


def _reason(error: BaseException) -> str:
    """One sentence for the first known cause in the chain of exceptions; else the first line of the message."""
    link: BaseException | None = error
    while link is not None:
        for kind, text in REASONS:
            if isinstance(link, kind):
                return text
        link = link.__cause__ or link.__context__
    return f"cannot be loaded: {str(error).splitlines()[0]}"
