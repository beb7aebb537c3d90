"""Turns a GGUF file into a folder for transformers: float32 as safetensors, configuration, tokenizer.

Transformers reads the format with the packages ``gguf`` and ``sentencepiece`` (extra ``gguf``) and computes the numbers
that the quantized ones stand for. It then takes the model for a quantized one and refuses to save it until that is
cleared.
"""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from assocmem.language.silenced_transformers import silenced_transformers

__all__ = ["NEEDED", "check_extra", "convert"]

NEEDED = ("gguf", "sentencepiece")
"""What the extra ``gguf`` installs."""


def check_extra() -> None:
    """Refuse before anything is fetched where the conversion lacks a package.

    Raises
    ------
    OSError
        Naming the packages and the extra.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise OSError(f"the conversion needs {' and '.join(missing)}: pip install 'assocmem[gguf]'")


def convert(weights: Path, folder: Path) -> None:
    """Write a model of a GGUF file and its tokenizer to a folder.

    Parameters
    ----------
    weights : Path
        The file.
    folder : Path
        An empty folder.

    Raises
    ------
    ValueError
        For a file or an architecture that transformers cannot read.
    OSError
        Where nothing can be written.
    """
    source: dict[str, Any] = {"gguf_file": weights.name, "local_files_only": True, "trust_remote_code": False}
    with silenced_transformers():
        try:
            tokenizer = AutoTokenizer.from_pretrained(weights.parent, **source)
            model = AutoModelForCausalLM.from_pretrained(weights.parent, dtype=torch.float32, **source)
        except (ValueError, KeyError, IndexError, ImportError, struct.error) as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise ValueError(f"weights {weights.name} cannot be read: {reason}") from error
        model.hf_quantizer, model.is_quantized = None, False  # type: ignore[assignment]
        if hasattr(model.config, "quantization_config"):
            del model.config.quantization_config
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
