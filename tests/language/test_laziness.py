"""The room loads nothing heavy until a name of it is used, has all names, and keeps tqdm quiet in notebooks."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from assocmem import language

NAMES = [
    *("SIZES", "Captured", "Corpus", "LanguageModel", "Layer", "ModelUnavailableError", "OpenElmConfig"),
    *("OpenElmForCausalLM", "SmallLM", "Trained", "Training", "capture", "load_causal_lm", "offline_corpus", "train"),
    "train_small_lm",
]
HEAVY = {
    "torch",
    "transformers",
    "tokenizers",
    "accelerate",
    "safetensors",
    "huggingface_hub",
    "numpy",
    "scipy",
    "tqdm",
}


def fresh(code: str) -> str:
    """What a new process prints."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_the_room_loads_nothing_heavy() -> None:
    """Modules are counted, not seconds: those of Python itself, of lazy_loader, and few more."""
    loaded = fresh("import sys, assocmem.language; print(*sys.modules)").split()
    before = fresh("import sys; print(*sys.modules)").split()
    assert not {name.split(".")[0] for name in loaded} & HEAVY
    assert [name for name in loaded if name.startswith("assocmem")] == ["assocmem", "assocmem.language"]
    assert len(set(loaded) - set(before)) < 60


def test_a_grammar_needs_no_transformers() -> None:
    loaded = fresh("import sys, assocmem.language.questions.pairs; print(*sys.modules)").split()
    assert not {name.split(".")[0] for name in loaded} & HEAVY


def test_the_room_has_its_names_and_no_others() -> None:
    assert language.__all__ == sorted(NAMES) == dir(language)
    for name in NAMES:
        value = getattr(language, name)
        if name != "SIZES":
            assert value is getattr(importlib.import_module(value.__module__), name)
            assert value.__module__.startswith("assocmem.language.")
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = language.no_such_name


NOTEBOOK = """
import sys, types, warnings
shell = types.SimpleNamespace()
sys.modules |= {{"ipykernel.zmqshell": shell, "IPython": types.SimpleNamespace(get_ipython=lambda: shell)}}
sys.modules["ipywidgets"] = None
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    {first}
    import tqdm.auto
print("heard:", *(warning.message for warning in caught))
"""
"""A process that tqdm takes for a notebook without widgets."""


def test_tqdm_does_not_complain_of_a_notebook_without_widgets() -> None:
    assert fresh(NOTEBOOK.format(first="import assocmem.language")).strip() == "heard:"
    assert "heard: IProgress not found" in fresh(NOTEBOOK.format(first="pass"))
