"""Vectors on disk: the same after any interruption, whole or not there, and refused in one line."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from assocmem.experiments.radius import vectors as module
from assocmem.experiments.radius.chunks import chunks_for
from assocmem.experiments.radius.clouds import neighbors
from assocmem.experiments.radius.config import configure
from assocmem.experiments.radius.rules import follows_root, slope
from assocmem.experiments.radius.vectors import SHARD, Vectors, capture
from assocmem.language import load_causal_lm
from tiny_language_model import model_folder

IDS = [np.random.default_rng(i).integers(0, 40, 5 + i % 3) for i in range(2 * SHARD + 7)]


def gpt2(width: int = 16, seed: int = 0, **change: Any) -> GPT2LMHeadModel:
    torch.manual_seed(seed)
    shape = {"vocab_size": 40, "n_positions": 16, "n_embd": width, "n_layer": 2, "n_head": 2, "initializer_range": 0.3}
    return GPT2LMHeadModel(GPT2Config(**{**shape, **change}, bos_token_id=0, eos_token_id=0)).eval()


def test_a_capture_goes_on_where_it_was(tmp_path: Path) -> None:
    whole = capture(tmp_path / "a", gpt2(), IDS, {}, batch=4)

    def stopped(shards: list[int]) -> Any:
        yield shards[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        capture(tmp_path / "b", gpt2(), IDS, {}, batch=4, track=stopped)
    parts = Vectors(tmp_path / "b", len(IDS), whole.layers, whole.n, {})
    assert parts.missing() == [1, 2]
    with pytest.raises(ValueError, match=r"shard 1 of .* is missing; the same command captures it"):
        parts.layer("norm")
    first = parts.path(0).stat().st_mtime_ns
    parts.path(1).write_bytes(whole.path(1).read_bytes()[:-100])  # Damaged by what is not ours.
    np.save(parts.path(2), np.zeros((1, 4, 16), dtype=np.float32))  # Of another capture.
    assert parts.missing() == [1, 2]
    again = capture(tmp_path / "b", gpt2(), IDS, {}, batch=4)
    assert again.path(0).stat().st_mtime_ns == first, "what is there is not made again"
    for name in whole.layers:
        np.testing.assert_array_equal(whole.layer(name), again.layer(name))
    with pytest.raises(ValueError, match=r"layer got '9'; takes one of 0, 1, 2, norm"):
        whole.layer("9")


def test_several_processes_capture_the_same(tmp_path: Path) -> None:
    whole = capture(tmp_path / "a", gpt2(), IDS, {}, batch=4)
    for rank in (1, 0):  # One after the other, so that the second sees what the first has done.
        part = capture(tmp_path / "b", gpt2(), IDS, {}, batch=4, rank=rank, ranks=2)
        assert part.missing() == ([0, 2] if rank else [])
    np.testing.assert_array_equal(whole.layer("norm"), part.layer("norm"))


def test_a_full_disk_is_one_line_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save = np.save

    def full(file: Any, part: Any, **options: Any) -> None:
        if "-00001" in str(file.name):
            raise OSError(errno.ENOSPC, "No space left on device")
        save(file, part, **options)

    monkeypatch.setattr(module.np, "save", full)
    with pytest.raises(OSError, match="the disk is full; what is captured stays, the same command goes on"):
        capture(tmp_path / "a", gpt2(), IDS, {}, batch=4)
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["capture.json", "shard-00000.npy"]
    monkeypatch.undo()
    assert not capture(tmp_path / "a", gpt2(), IDS, {}, batch=4).missing()


def test_a_disk_that_is_too_small_is_refused_before_the_first_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    monkeypatch.setattr(module, "layer_vectors", lambda *_, **__: pytest.fail("ran"))
    with pytest.raises(OSError, match=r"vectors need .* GB and .* has room for"):
        capture(tmp_path / "a", gpt2(), IDS, {}, batch=4)


def test_chunks_longer_than_the_context_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="length got 17 with the start token; the model takes at most 16"):
        capture(tmp_path / "a", gpt2(), [np.zeros(17, dtype=np.int64)], {}, batch=1)


def test_vectors_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    model = gpt2()
    model.transformer.ln_f.bias.data[0] = torch.nan
    with pytest.raises(ValueError, match="not finite"):
        capture(tmp_path / "a", model, IDS, {}, batch=4)


def test_the_gain_of_the_norm_is_the_unit_of_distances_and_no_output_tells_it(tmp_path: Path) -> None:
    """Claim X-RAD-SCALE on a network."""
    model = gpt2(tie_word_embeddings=False)
    tokens = torch.from_numpy(np.stack([row[:5] for row in IDS[:9]]))
    with torch.no_grad():
        before = model(tokens).logits
    plain = neighbors(capture(tmp_path / "a", model, IDS, {}, batch=4).layer("norm"))
    for one in (model.transformer.ln_f.weight, model.transformer.ln_f.bias):
        one.data *= 3
    model.lm_head.weight.data /= 3
    with torch.no_grad():
        torch.testing.assert_close(model(tokens).logits, before)
    np.testing.assert_allclose(
        neighbors(capture(tmp_path / "b", model, IDS, {}, batch=4).layer("norm")), 3 * plain, rtol=1e-4
    )


@pytest.mark.parametrize(("power", "answer"), [(0.0, "yes"), (-0.5, "no")])
def test_models_whose_distances_follow_the_root_of_the_width_and_models_whose_do_not(
    tmp_path: Path, power: float, answer: str
) -> None:
    """Fresh models whose norm has gain one, and the same with a gain of one over the root of the width.

    There are few chunks: of many, the nearest are nearer the fewer dimensions there are (claim X-RAD-RATIO).
    """
    widths, ids = (128, 256, 512), [np.array([i, 39 - i]) for i in range(20)]
    distances: dict[int, list[float]] = {}
    for seed in range(8):
        for width in widths:
            model = gpt2(width, seed, n_layer=1, initializer_range=0.02)
            model.transformer.ln_f.weight.data *= width**power
            found = capture(tmp_path / f"{width}-{seed}", model, ids, {}, batch=20).layer("norm")
            distances.setdefault(seed, []).append(float(neighbors(found)[:, 0].mean()))
    assert follows_root(slope(widths, distances)) == answer, slope(widths, distances)


# Chunks.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return model_folder(tmp_path)


def binary(path: Path, ids: Any) -> Path:
    np.asarray(ids, dtype="<u2").tofile(path)
    return path


def settings(**change: Any) -> Any:
    return configure(
        "smoke", {"chunks": "0", "length": "8", "start": "false", **{k: str(v) for k, v in change.items()}}
    )


def test_ids_of_the_model_s_own_tokenizer_stay_as_they_are(folder: Path, tmp_path: Path) -> None:
    ids = np.random.default_rng(0).integers(0, 32, 8 * 30 + 3)
    tokenizer = load_causal_lm(folder).tokenizer
    path = binary(tmp_path / "val.bin", ids)
    found = chunks_for(settings(data=path, tokenizer=folder), tokenizer)
    np.testing.assert_array_equal(np.stack(found.ids), ids[:240].reshape(30, 8))
    assert found.identity["available"] == 30
    assert not any(str(tmp_path) in str(value) for value in found.identity.values())
    some = chunks_for(settings(data=path, tokenizer=folder, chunks=20), tokenizer)
    assert len(some.ids) == 20
    assert {row.tobytes() for row in some.ids} <= {row.tobytes() for row in found.ids}
    again = chunks_for(settings(data=path, tokenizer=folder, chunks=20), tokenizer)
    assert some.identity == again.identity


def test_ids_of_another_tokenizer_are_encoded_anew_and_cut_at_the_front(folder: Path, tmp_path: Path) -> None:
    tokenizer = load_causal_lm(folder).tokenizer
    other = tmp_path / "other"
    pairs = {f"w{i} w{j}": 8 * i + j for i in range(8) for j in range(8)}
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.WordLevel(pairs, unk_token="w0 w0"))
    made.pre_tokenizer = pre_tokenizers.Split("|", "removed")
    PreTrainedTokenizerFast(tokenizer_object=made).save_pretrained(other)
    ids = np.random.default_rng(0).integers(0, 64, 8 * 25)
    found = chunks_for(settings(data=binary(tmp_path / "some.bin", ids), tokenizer=other), tokenizer)
    words = [f"w{i // 8} w{i % 8}" for i in ids[:8]]
    wanted = tokenizer(" ".join(words))["input_ids"][-8:]
    assert found.ids[0].tolist() == wanted
    assert {len(row) for row in found.ids} == {8}


@pytest.mark.parametrize(
    ("name", "ids", "words"),
    [
        ("few.bin", [1] * 80, "chunks got all; the data has 10 of 8 tokens"),
        ("strange.bin", [31, 32] * 100, "which has ids of another tokenizer"),
    ],
)
def test_bad_ids_are_refused(folder: Path, tmp_path: Path, name: str, ids: list[int], words: str) -> None:
    tokenizer = load_causal_lm(folder).tokenizer
    with pytest.raises(ValueError, match=words):
        chunks_for(settings(data=binary(tmp_path / name, ids), tokenizer=folder), tokenizer)


def test_no_file_of_ids(folder: Path, tmp_path: Path) -> None:
    tokenizer = load_causal_lm(folder).tokenizer
    (tmp_path / "odd.bin").write_bytes(b"123")
    with pytest.raises(ValueError, match="odd number of bytes"):
        chunks_for(settings(data=tmp_path / "odd.bin", tokenizer=folder), tokenizer)
    with pytest.raises(FileNotFoundError, match="which is no file"):
        chunks_for(settings(data=tmp_path / "gone.bin", tokenizer=folder), tokenizer)


def test_a_text_is_cut_within_its_documents(folder: Path, tmp_path: Path) -> None:
    tokenizer = load_causal_lm(folder).tokenizer
    rows = [" ".join(f"w{(3 * i + j) % 32}" for j in range(20)) for i in range(15)]
    path = tmp_path / "text.txt"
    path.write_text("<|endoftext|>".join(rows))
    found = chunks_for(settings(data=path), tokenizer)
    assert len(found.ids) == 30, "two pieces of eight tokens of each document, four left over"
    assert {row.tobytes() for row in found.ids} == {
        np.array([(3 * i + j + at) % 32 for j in range(8)]).tobytes() for i in range(15) for at in (0, 8)
    }


def test_openwebtext_needs_its_package_or_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(OSError, match=r"needs: pip install 'assocmem\[openwebtext\]'"):
        chunks_for(settings(data="openwebtext"), load_causal_lm(folder).tokenizer)


def test_openwebtext_gives_one_piece_of_each_document(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    class Rows(list[dict[str, str]]):
        def shuffle(self, **asked: int) -> Rows:
            return self

    asked: list[Any] = []
    rows = Rows({"text": " ".join(f"w{(i + j) % 32}" for j in range(3 + i))} for i in range(40))

    def load_dataset(*name: str, **options: Any) -> Rows:
        asked.append((name, options))
        return rows

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))
    found = chunks_for(settings(data="openwebtext", chunks=25), load_causal_lm(folder).tokenizer)
    assert len(found.ids) == 25
    assert asked[0][1]["streaming"] is True
    assert len(asked[0][1]["revision"]) == 40
