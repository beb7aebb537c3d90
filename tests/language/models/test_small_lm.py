"""Small models are the same from the same seed, learn, and are cached under all that made them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch
from transformers import GPT2LMHeadModel

from assocmem.language import capture, load_causal_lm, train_small_lm
from assocmem.language.models import small_lm
from assocmem.language.text import byte_pair_tokenizer as tokenizer_module
from assocmem.language.text.byte_pair_tokenizer import token_stream
from made_up_corpus import TINY, corpus


def test_training_is_the_same_from_the_same_seed_and_another_from_another(
    trained_once: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    first = (trained_once / "model.safetensors").read_bytes()
    torch.manual_seed(5)
    before = torch.get_rng_state()
    again = train_small_lm(TINY, corpus())
    assert again != trained_once
    assert again.name == trained_once.name
    assert (again / "model.safetensors").read_bytes() == first
    assert torch.equal(before, torch.get_rng_state())  # The caller's random numbers are not moved.
    other = replace(TINY, seed=1)
    assert (train_small_lm(other, corpus()) / "model.safetensors").read_bytes() != first
    assert capfd.readouterr() == ("", "")


def test_a_model_is_trained_once(monkeypatch: pytest.MonkeyPatch, trained_once: Path) -> None:
    monkeypatch.setenv("ASSOCMEM_CACHE", str(trained_once.parent))
    monkeypatch.setattr(small_lm, "_trained", lambda *_: pytest.fail("trained again"))
    assert train_small_lm(TINY, corpus()) == trained_once


def test_training_lowers_the_loss() -> None:
    size = replace(TINY, steps=30, learning_rate=1e-2, batch=8)
    language = load_causal_lm(train_small_lm(size, corpus()))
    tokens = token_stream(language.tokenizer, corpus().held_out)[:16]
    torch.manual_seed(0)
    fresh = GPT2LMHeadModel(size.architecture())
    assert capture(language.model, tokens).loss_nats < capture(fresh, tokens).loss_nats - 1


@pytest.mark.parametrize("name", small_lm.TRAINED_WITH)
def test_a_trained_model_is_kept_under_the_versions_that_made_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = small_lm._key(TINY, corpus())
    assert small_lm._key(TINY, corpus()) == before
    real = small_lm.version
    monkeypatch.setattr(small_lm, "version", lambda package: "0.0" if package == name else real(package))
    assert small_lm._key(TINY, corpus()) != before


@pytest.mark.parametrize("module", [small_lm, tokenizer_module])
def test_a_trained_model_is_kept_under_the_code_that_made_it(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = small_lm._key(TINY, corpus())
    for copied in (small_lm, tokenizer_module):
        copy = tmp_path / Path(copied.__file__).name
        copy.write_bytes(Path(copied.__file__).read_bytes())
        monkeypatch.setattr(copied, "__file__", str(copy))
    assert small_lm._key(TINY, corpus()) == before
    changed = tmp_path / Path(module.__file__ or "").name
    changed.write_text(changed.read_text() + "# changed\n")
    assert small_lm._key(TINY, corpus()) != before
