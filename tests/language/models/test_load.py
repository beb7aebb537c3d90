"""Models come from folders and pinned revisions, without pickles or remote code; errors name what is missing."""

from __future__ import annotations

import struct
from pathlib import Path
from types import ModuleType

import pytest
import torch
from huggingface_hub.errors import LocalEntryNotFoundError, OfflineModeIsEnabled
from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from assocmem.language import Corpus, ModelUnavailableError, SmallLM, capture, load_causal_lm, train_small_lm
from assocmem.language.cache import cache_folder, fingerprint, kept
from assocmem.language.models import small_lm
from assocmem.language.models.llama2c import convert
from assocmem.language.models.load import untrained_like
from assocmem.language.text import book_tokenizer as tokenizer_module
from assocmem.language.text.book_tokenizer import END_OF_TEXT, book_tokenizer, token_stream

WORDS = ["the", "energy", "of", "a", "pattern", "is", "low", "and", "distance", "query", "from", "large", "or", "small"]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSOCMEM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def corpus() -> Corpus:
    generator = torch.Generator().manual_seed(0)
    rows = torch.randint(len(WORDS), (30, 60), generator=generator).tolist()
    documents = tuple((f"m{i}", " ".join(WORDS[j] for j in row)) for i, row in enumerate(rows))
    return Corpus(documents[:25], documents[25:], {"none": "0"}, "made up")


TINY = SmallLM(1, 16, 2, 16, 300, steps=3, batch=2, learning_rate=1e-3)


def test_a_cache_entry_appears_whole_or_not_at_all(own_cache: Path) -> None:
    def fails(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        kept("entry", fails)
    assert list(own_cache.iterdir()) == []
    made = kept("entry", lambda folder: (folder / "a").write_text("1") and None)
    assert kept("entry", fails) == made == own_cache / "entry"
    assert (made / "a").read_text() == "1"


def test_the_first_of_two_makers_is_kept(own_cache: Path) -> None:
    def slow(folder: Path) -> None:
        (own_cache / "entry").mkdir()
        (own_cache / "entry" / "a").write_text("first")
        (folder / "a").write_text("second")

    assert (kept("entry", slow) / "a").read_text() == "first"
    assert [p.name for p in own_cache.iterdir()] == ["entry"]


def test_the_cache_is_where_the_user_says(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder() == own_cache
    monkeypatch.delenv("ASSOCMEM_CACHE")
    assert cache_folder().name == "assocmem"


def test_fingerprints_see_every_change() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def test_the_tokenizer_gives_back_any_text_and_marks_each_document() -> None:
    tokenizer = book_tokenizer(corpus(), 300)
    assert tokenizer.decode(tokenizer("Ünïcode, a pattern")["input_ids"]) == "Ünïcode, a pattern"
    assert len(tokenizer) == 300
    stream = token_stream(tokenizer, corpus().held_out)
    assert int((stream == tokenizer.convert_tokens_to_ids(END_OF_TEXT)).sum()) == 5
    with pytest.raises(ValueError, match="257"):
        book_tokenizer(corpus(), 100)


def test_training_is_the_same_from_the_same_seed_and_another_from_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    first = (train_small_lm(TINY, corpus()) / "model.safetensors").read_bytes()
    other = SmallLM(**{**TINY.__dict__, "seed": 1})
    assert (train_small_lm(other, corpus()) / "model.safetensors").read_bytes() != first
    monkeypatch.setenv("ASSOCMEM_CACHE", str(tmp_path / "again"))
    assert (train_small_lm(TINY, corpus()) / "model.safetensors").read_bytes() == first
    assert capfd.readouterr() == ("", "")


def test_training_lowers_the_loss() -> None:
    size = SmallLM(**{**TINY.__dict__, "steps": 60, "learning_rate": 1e-2, "batch": 8})
    language = load_causal_lm(train_small_lm(size, corpus()))
    tokens = token_stream(language.tokenizer, corpus().held_out)[:16]
    torch.manual_seed(0)
    fresh = GPT2LMHeadModel(size.architecture())
    assert capture(language.model, tokens).loss_nats < capture(fresh, tokens).loss_nats - 1


def test_a_folder_is_identified_by_its_name_and_weights() -> None:
    folder = train_small_lm(TINY, corpus())
    language = load_causal_lm(folder)
    assert language.identity["model"] == folder.name
    assert len(language.identity["weights_sha256"]) == 64
    assert language.identity["parameters"] == sum(p.numel() for p in language.model.parameters())
    with pytest.raises(ValueError, match="revision"):
        load_causal_lm(folder, revision="0" * 40)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
def test_the_identity_of_a_folder_sees_its_configuration_and_its_tokenizer(name: str) -> None:
    folder = train_small_lm(TINY, corpus())
    before = load_causal_lm(folder).identity
    assert load_causal_lm(folder).identity == before
    (folder / name).write_text((folder / name).read_text() + "\n")
    after = load_causal_lm(folder).identity
    assert after["files_sha256"] != before["files_sha256"]
    assert after["weights_sha256"] == before["weights_sha256"]
    (folder / "notes.md").write_text("not read")
    assert load_causal_lm(folder).identity == after


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


def test_a_tokenizer_is_kept_under_the_code_that_made_it(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = Path(tokenizer_module.__file__).read_text()
    for change in ("", "", "# changed\n"):
        (tmp_path / "copy.py").write_text(text + change)
        monkeypatch.setattr(tokenizer_module, "__file__", str(tmp_path / "copy.py"))
        book_tokenizer(corpus(), 300)
    assert len(list(own_cache.glob("tokenizer-*"))) == 2


def test_neither_training_nor_fresh_weights_move_the_random_numbers_of_the_caller() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    folder = train_small_lm(TINY, corpus())
    model = load_causal_lm(folder).model
    state = torch.get_rng_state()
    first = untrained_like(model, 3).get_input_embeddings().weight
    assert torch.equal(first, untrained_like(model, 3).get_input_embeddings().weight)
    assert not torch.equal(first, untrained_like(model, 4).get_input_embeddings().weight)
    assert torch.equal(state, torch.get_rng_state())
    assert torch.equal(before, state)


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


def _checkpoint(model: LlamaForCausalLM) -> bytes:
    """A model in the format of llama2.c, written from its definition: adjacent pairs rotate together there."""
    config, state = model.config, model.state_dict()
    half = config.hidden_size // config.num_attention_heads // 2

    def paired(weight: torch.Tensor) -> torch.Tensor:
        heads = weight.view(-1, 2 * half, weight.shape[1])
        return torch.stack([heads[:, :half], heads[:, half:]], 2).reshape(weight.shape)

    def every(name: str) -> list[torch.Tensor]:
        rows = [state[f"model.layers.{i}.{name}.weight"] for i in range(config.num_hidden_layers)]
        return [paired(w) for w in rows] if name.endswith(("q_proj", "k_proj")) else rows

    names = [
        "input_layernorm",
        *(f"self_attn.{c}_proj" for c in "qkvo"),
        "post_attention_layernorm",
        "mlp.gate_proj",
        "mlp.down_proj",
        "mlp.up_proj",
    ]
    layers = [weight for name in names for weight in every(name)]
    parts = [state["model.embed_tokens.weight"], *layers, state["model.norm.weight"]]
    parts.append(torch.zeros(2 * config.max_position_embeddings * half))
    header = torch.tensor(
        [
            config.hidden_size,
            config.intermediate_size,
            config.num_hidden_layers,
            config.num_attention_heads,
            config.num_key_value_heads,
            config.vocab_size,
            config.max_position_embeddings,
        ],
        dtype=torch.int32,
    )
    return header.numpy().tobytes() + torch.cat([p.flatten() for p in parts]).numpy().tobytes()


def _pieces() -> bytes:
    """A vocabulary of 270 pieces in the format of llama2.c: three marks, 256 bytes, then pieces with scores."""
    special = [b"<unk>", b"\n<s>\n", b"\n</s>\n", *(f"<0x{i:02X}>".encode() for i in range(256))]
    pieces = [(piece, 0.0) for piece in special]
    scored = [" a", "ab", " ab", " ", "a", "b", "c", "é"]
    pieces += [(piece.encode(), float(-rank)) for rank, piece in enumerate(scored)]
    pieces += [(f"<unused{i}>".encode(), -99.0) for i in range(3)]
    rows = [struct.pack("<fi", score, len(piece)) + piece for piece, score in pieces]
    return (27).to_bytes(4, "little") + b"".join(rows)


def test_a_llama2c_checkpoint_becomes_the_same_model(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=270,
        hidden_size=32,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=16,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        initializer_range=0.3,
    )
    model = LlamaForCausalLM(config).eval()
    (tmp_path / "m.bin").write_bytes(_checkpoint(model))
    (tmp_path / "t.bin").write_bytes(_pieces())
    convert(tmp_path / "m.bin", tmp_path / "t.bin", tmp_path / "folder")
    found = load_causal_lm(tmp_path / "folder")
    tokens = torch.tensor([[1, 262, 260, 7, 9, 265]])
    with torch.no_grad():
        torch.testing.assert_close(found.model(tokens).logits, model(tokens).logits)
    ids = found.tokenizer("ab c é z", add_special_tokens=False)["input_ids"]
    # The best score joins " " with "a" first, so " ab" is never met as "ab" after a space; "z" is a byte.
    assert found.tokenizer.convert_ids_to_tokens(ids) == ["▁ab", "▁", "c", "▁", "é", "▁", "<0x7A>"]
    assert found.tokenizer.decode(ids) == "ab c é z"
    (tmp_path / "m.bin").write_bytes(_checkpoint(model)[:-4])
    with pytest.raises(ValueError, match="header says"):
        convert(tmp_path / "m.bin", tmp_path / "t.bin", tmp_path / "other")
    (tmp_path / "m.bin").write_bytes(_checkpoint(model)[:27])
    with pytest.raises(ValueError, match="27 bytes"):
        convert(tmp_path / "m.bin", tmp_path / "t.bin", tmp_path / "other")
