"""Models come from folders and pinned revisions, without pickles or remote code; errors name what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from huggingface_hub.errors import LocalEntryNotFoundError, OfflineModeIsEnabled
from transformers import AutoTokenizer, GPT2Config

from assocmem.language import ModelUnavailableError, load_causal_lm
from assocmem.language.models.pretrained import untrained_like


def test_a_folder_is_identified_by_its_name_and_weights(trained_once: Path) -> None:
    language = load_causal_lm(trained_once)
    assert language.identity["model"] == trained_once.name
    assert len(language.identity["weights_sha256"]) == 64
    assert language.identity["parameters"] == sum(p.numel() for p in language.model.parameters())
    with pytest.raises(ValueError, match="revision"):
        load_causal_lm(trained_once, revision="0" * 40)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
def test_the_identity_of_a_folder_sees_its_configuration_and_its_tokenizer(name: str, tiny_model: Path) -> None:
    before = load_causal_lm(tiny_model).identity
    (tiny_model / name).write_text((tiny_model / name).read_text() + "\n")
    after = load_causal_lm(tiny_model).identity
    assert after["files_sha256"] != before["files_sha256"]
    assert after["weights_sha256"] == before["weights_sha256"]
    (tiny_model / "notes.md").write_text("not read")
    assert load_causal_lm(tiny_model).identity == after


def test_fresh_weights_follow_from_their_seed_and_do_not_move_the_random_numbers(trained_once: Path) -> None:
    model = load_causal_lm(trained_once).model
    torch.manual_seed(5)
    state = torch.get_rng_state()
    first = untrained_like(model.config, 3).get_input_embeddings().weight
    assert torch.equal(first, untrained_like(model.config, 3).get_input_embeddings().weight)
    assert not torch.equal(first, untrained_like(model.config, 4).get_input_embeddings().weight)
    assert torch.equal(state, torch.get_rng_state())


def test_folders_that_lack_a_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    with pytest.raises(ModelUnavailableError, match="lacks config"):
        load_causal_lm(tmp_path / "m")
    GPT2Config(n_layer=1, n_embd=8, n_head=2).save_pretrained(tmp_path / "m")
    (tmp_path / "m" / "pytorch_model.bin").write_bytes(b"never read")
    with pytest.raises(ModelUnavailableError, match="safetensors"):
        load_causal_lm(tmp_path / "m")
    with pytest.raises(ModelUnavailableError, match="no such folder"):
        load_causal_lm(tmp_path / "nothing")


@pytest.mark.parametrize("revision", [None, "main", "abc123"])
def test_a_hub_model_needs_a_pinned_revision(revision: str | None) -> None:
    with pytest.raises(ValueError, match="40 hex digits"):
        load_causal_lm("someone/model", revision=revision)


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (OfflineModeIsEnabled("x"), "offline"),
        (LocalEntryNotFoundError("x"), "cannot be reached"),
        (ConnectionError("x"), "cannot be reached"),
        (KeyError("x"), "cannot be loaded: first"),
    ],
)
def test_hub_errors_are_one_line_that_names_the_cause(
    monkeypatch: pytest.MonkeyPatch, cause: Exception, words: str
) -> None:
    def refuse(*_: object, **options: object) -> None:
        assert options["trust_remote_code"] is False
        assert options["revision"] == "6dcaa7a952f72f9298047fd5137cd6e4f05f41da"
        raise OSError("first\nsecond") from cause

    monkeypatch.setattr(AutoTokenizer, "from_pretrained", refuse)
    with pytest.raises(ModelUnavailableError, match=words) as caught:
        load_causal_lm("gpt2-medium")
    assert "openai-community/gpt2-medium" in str(caught.value)
    assert "\n" not in str(caught.value)
