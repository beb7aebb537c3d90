"""An index answers with the bits of plain calls, whatever was added, saved or mapped, and reads its patterns once."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from assocmem.memory import Index, energy, knn, retrieve
from assocmem.memory._index import file as file_module
from assocmem.memory._index.fitted import Fitted
from assocmem.memory._tiled import rows
from assocmem.memory._tiled.checks import check
from assocmem.memory._tiled.request import request_for
from assocmem.memory._tiled.scores import Scorer
from hard_data import activations, tiled

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def sample(seed: int, m: int = 7, d: int = 60, n: int = 5, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    make = torch.Generator().manual_seed(seed)
    return (torch.randn(m, n, generator=make) * 3 + 1).to(dtype), (torch.randn(d, n, generator=make) * 3 + 1).to(dtype)


def answers(index: Index, x: Tensor | None, k: int, beta: float) -> list[Tensor]:
    return [*index.search(x, k), index.energy(x, beta=beta), index.retrieve(x, beta=beta)]


def plain(x: Tensor, patterns: Any, k: int, beta: float, **itself: bool) -> list[Tensor]:
    sums = {"beta": beta, **itself}
    return [*knn(x, patterns, k, **itself), energy(x, patterns, **sums), retrieve(x, patterns, **sums)]


def same(got: list[Tensor], wanted: list[Tensor]) -> bool:
    return all(g.dtype == w.dtype and torch.equal(g, w) for g, w in zip(got, wanted, strict=True))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    parts=st.lists(st.integers(0, 30), min_size=1, max_size=4),
    n=st.integers(1, 9),
    m=st.integers(0, 6),
    k=st.integers(1, 12),
    beta=st.sampled_from([1e-3, 0.3, 40.0]),
    dtype=st.sampled_from(DTYPES),
    block=st.integers(3, 40),
    direct=st.booleans(),
)
def test_every_answer_has_the_bits_of_a_plain_call_after_every_addition(
    seed: int, parts: list[int], n: int, m: int, k: int, beta: float, dtype: torch.dtype, block: int, direct: bool
) -> None:
    x, patterns = sample(seed, m, 1 + sum(parts), n, dtype)
    with pytest.MonkeyPatch.context() as patch, nullcontext() if direct else tiled(8, 3):
        patch.setattr(rows, "BLOCK", block)
        index, count = Index(patterns[:1]), 1
        for part in parts:
            index.add(patterns[count : count + part])
            count += part
            for _ in range(2):  # The second call takes what the first one made.
                assert same(answers(index, x, k, beta), plain(x, patterns[:count], k, beta))
    assert len(index) == count


@pytest.mark.parametrize("kind", ["offset", "massive", "clusters", "outliers"])
def test_hard_data_beyond_every_internal_size_give_the_same_bits(kind: str, tmp_path: Path) -> None:
    x, patterns = activations(kind, m=20, d=3000, n=64)
    index, wanted = Index(patterns), plain(x, patterns, 10, 0.05)
    far = torch.cat([x, 1e20 * torch.ones(1, 64)])  # Another frame than the one that is held.
    for _ in range(2):
        assert same(answers(index, x, 10, 0.05), wanted)
        assert same(answers(index, far, 3, 0.05), plain(far, patterns, 3, 0.05))
    assert same(answers(index, None, 4, 0.05), plain(patterns, None, 4, 0.05, exclude_self=True))
    index.save(tmp_path / "one")
    for mapped in (False, True):
        assert same(answers(Index.load(tmp_path / "one", mapped=mapped), x, 10, 0.05), wanted)
    stored = np.memmap(tmp_path / "two", dtype="float32", mode="w+", shape=tuple(patterns.shape))
    stored[:] = patterns.numpy()
    on_disk = Index(np.memmap(tmp_path / "two", dtype="float32", mode="r", shape=stored.shape))
    assert same(answers(on_disk, x, 10, 0.05), wanted)
    on_disk.save(tmp_path / "three")
    assert same(answers(Index.load(tmp_path / "three"), x, 10, 0.05), wanted)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "three", "two"]


def test_patterns_are_read_and_centered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    x, patterns = sample(1, 2, 40_000, 32)
    index = Index(patterns)
    index.search(x)
    read: list[int] = []
    taken = rows.Rows.block
    monkeypatch.setattr(rows.Rows, "block", lambda self, i, j: read.append(j - i) or taken(self, i, j))
    index.search(x)
    index.energy(x)
    assert sum(read) <= 3 * len(x)  # The queries' own extents.
    read.clear()
    knn(x, patterns)
    assert sum(read) >= 2 * len(patterns)


def test_what_is_held_is_for_its_own_frame_and_is_not_used_up() -> None:
    x, patterns = sample(12, dtype=torch.float64)
    held = Fitted(patterns, patterns.device, hold=True)
    assert held.base is not None
    assert held.fits(held.base)
    assert not held.fits(replace(held.base, center=held.base.center + 1))
    scorer = Scorer(request_for(check(x, patterns, fitted=held), beta=0.7), soft=True)
    first = [part.clone() for part in scorer.load(3, 9, "ieee")]
    assert scorer.gain != 1
    assert same(list(scorer.load(3, 9, "ieee")), first)
    fresh = Scorer(request_for(check(x, patterns), beta=0.7), soft=True)
    assert same(list(fresh.load(3, 9, "ieee")), first)


def test_a_query_leaves_out_the_pattern_that_it_names() -> None:
    x, patterns = activations("offset", m=30, d=3000, n=64)
    index = Index(patterns)
    nearest = index.search(x)[1].squeeze(-1)
    nearest[::3] = -1
    squares = (x.double()[:, None] - patterns.double()).square().sum(-1)
    squares[nearest >= 0, nearest[nearest >= 0]] = torch.inf
    distances, indices = index.search(x, 5, leave_out=nearest)
    order = squares.argsort(dim=-1, stable=True)[:, :5]
    assert torch.allclose(distances.double(), squares.gather(1, order).sqrt(), rtol=1e-6)
    assert not bool(((indices == nearest[:, None]) & (nearest >= 0)[:, None]).any())
    deep, _ = index.search(x.view(5, 6, 64), 5, leave_out=nearest.view(5, 6))
    assert torch.equal(deep.view(30, 5), distances)


def test_among_its_own_long_rows_a_query_may_leave_out_any_other() -> None:
    make = torch.Generator().manual_seed(3)
    patterns = torch.randn(600, 16, generator=make)
    other = torch.randint(600, (600,), generator=make)
    with tiled(64, 64, mirror_side=64, mirror_length=1):
        index = Index(patterns)
        distances, indices = index.search(index.patterns, 4, leave_out=other)
        assert same(list(index.search(None, 4)), list(knn(patterns, k=4, exclude_self=True)))
    squares = (patterns.double()[:, None] - patterns.double()).square().sum(-1)
    squares[torch.arange(600), other] = torch.inf
    assert torch.allclose(distances.double(), squares.topk(4, largest=False).values.sqrt(), rtol=1e-6, atol=1e-12)
    assert not bool((indices == other[:, None]).any())


def test_answers_have_the_gradients_of_plain_calls() -> None:
    x, patterns = sample(4, dtype=torch.float64)
    index, leave = Index(patterns), torch.full((7,), -1)
    beta = torch.tensor(0.4, dtype=torch.float64, requires_grad=True)
    x.requires_grad_()
    pairs = [
        (index.energy(x, beta=beta), energy(x, patterns, beta=beta)),
        (index.retrieve(x, beta=beta), retrieve(x, patterns, beta=beta)),
        (index.search(x, 3)[0], knn(x, patterns, 3)[0]),
        (index.search(x, 3, leave_out=leave)[0], knn(x, patterns, 3)[0]),
    ]
    for got, wanted in pairs:
        into = (x, beta) if got.shape != (7, 3) else (x,)
        slopes = [torch.autograd.grad(v.square().sum(), into, create_graph=True) for v in (got, wanted)]
        assert same(list(slopes[0]), list(slopes[1]))
    assert torch.equal(torch.func.grad(lambda q: index.energy(q).sum())(x.detach()), slope_of(x, patterns))


def slope_of(x: Tensor, patterns: Tensor) -> Tensor:
    return torch.func.grad(lambda q: energy(q, patterns).sum())(x.detach())


def test_what_it_is_given_stays_the_callers_and_a_change_of_its_own_is_noticed() -> None:
    x, patterns = sample(5)
    array = patterns.numpy().copy()
    for given_patterns in (patterns, array):
        index = Index(given_patterns)
        before = index.search(x)
        given_patterns[:] = 0
        assert same(list(index.search(x)), list(before))
    assert isinstance(index.patterns, Tensor)
    index.patterns.mul_(2)
    for call in (lambda: index.search(x), lambda: index.energy(), lambda: index.add(patterns)):
        with pytest.raises(ValueError, match="changed in place"):
            call()


def test_an_addition_that_is_refused_leaves_the_index_as_it_was() -> None:
    x, patterns = sample(6)
    index = Index(patterns)
    before = answers(index, x, 3, 0.5)
    for bad, error, word in (
        (patterns + torch.nan, ValueError, "finite"),
        (patterns.double(), TypeError, "dtype"),
        (patterns[:, :2], ValueError, "columns"),
        ([[0.0] * 5], TypeError, r"torch\.Tensor"),
    ):
        with pytest.raises(error, match=word):
            index.add(bad)
    assert len(index) == 60
    assert same(answers(index, x, 3, 0.5), before)


def test_half_precision_meets_the_index_under_autocast_only() -> None:
    x, patterns = sample(7)
    index = Index(patterns)
    with pytest.raises(TypeError, match="dtype"):
        index.search(x.bfloat16())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = index.search(x.bfloat16())
    assert same(list(inside), list(index.search(x.bfloat16().float())))


@pytest.mark.parametrize(
    ("call", "error", "word"),
    [
        (lambda index, x: index.search([[0.0]]), TypeError, "x must be"),
        (lambda index, x: index.search(x[0]), ValueError, "x must have shape"),
        (lambda index, x: index.search(x[:, :2]), ValueError, "columns"),
        (lambda index, x: index.search(x + torch.nan), ValueError, "x must be finite"),
        (lambda index, x: index.search(x, 0), ValueError, "k must be"),
        (lambda index, x: index.search(x, precision="half"), ValueError, "precision"),
        (lambda index, x: index.search(x, leave_out=[0]), TypeError, "leave_out must be an int64"),
        (lambda index, x: index.search(x, leave_out=torch.tensor([0])), ValueError, "leave_out must have shape"),
        (lambda index, x: index.search(x, leave_out=torch.full((7,), 60)), ValueError, "from -1 to 59"),
        (lambda index, x: index.search(None, leave_out=torch.tensor([0])), ValueError, "leave_out needs"),
        (lambda index, x: index.energy(x, beta=-1.0), ValueError, "beta"),
        (lambda index, x: Index(x[:1]).energy(), ValueError, "at least two"),
        (lambda index, x: Index(x[:0]), ValueError, "at least one row"),
        (lambda index, x: Index(x.long()), TypeError, "floating"),
        (lambda index, x: Index(x.to("meta")), ValueError, "meta"),
        (lambda index, x: Index(x + torch.inf), ValueError, "finite"),
    ],
)
def test_bad_input_is_one_line_that_names_it(call: Any, error: type, word: str) -> None:
    x, patterns = sample(8)
    with pytest.raises(error, match=word) as caught:
        call(Index(patterns), x)
    assert "\n" not in str(caught.value)


def test_an_index_on_disk_has_no_queries_of_its_own_and_takes_no_more(tmp_path: Path) -> None:
    x, patterns = sample(9)
    Index(patterns).save(tmp_path / "index")
    mapped = Index.load(tmp_path / "index", mapped=True)
    assert repr(mapped) == "Index(60 patterns, dimension=5, float32, cpu, on disk)"
    assert repr(Index(patterns)) == "Index(60 patterns, dimension=5, float32, cpu)"
    with pytest.raises(ValueError, match="on disk takes no more"):
        mapped.add(patterns)
    with pytest.raises(ValueError, match="got None with an index on disk"):
        mapped.search()
    with pytest.raises(ValueError, match="device must be the CPU"):
        Index.load(tmp_path / "index", mapped=True, device="cuda")
    again = Index.load(tmp_path / "index")
    again.add(x)
    assert same(answers(again, x, 3, 0.5), plain(x, torch.cat([patterns, x]), 3, 0.5))


def test_what_is_no_index_is_refused_by_name(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    _, patterns = sample(10)
    path = tmp_path / "index"
    with pytest.raises(FileNotFoundError, match="index"):
        Index.load(path)
    Index(patterns).save(path)
    good, kind = load_file(path), {"kind": "assocmem.memory.Index", "version": "2"}
    whole = path.read_bytes()
    bad: list[tuple[dict[str, Tensor], dict[str, str]]] = [
        (good, {}),
        (good, {**kind, "version": "1"}),
        ({name: value for name, value in good.items() if name != "low"}, kind),
        ({**good, "patterns": good["patterns"][0].clone()}, kind),
        ({**good, "patterns": good["patterns"].long()}, kind),
        ({**good, "high": good["high"][:2].clone()}, kind),
        ({**good, "high": good["low"] - 1}, kind),
        ({**good, "total": good["total"] * torch.nan}, kind),
    ]
    for tensors, header in bad:
        hashes = {name: file_module._sha256(tensor) for name, tensor in tensors.items()}
        save_file(tensors, path, metadata=hashes | header)
        for mapped in (False, True):
            with pytest.raises(ValueError, match="index is no index") as caught:
                Index.load(path, mapped=mapped)
            assert "\n" not in str(caught.value)
    for damaged in (whole[:-4], whole[:20], b"", b"\xff" * 64):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="index is no index"):
            Index.load(path)
    spoiled = {**good, "patterns": good["patterns"] * torch.nan}
    hashes = {name: file_module._sha256(tensor) for name, tensor in spoiled.items()}
    save_file(spoiled, path, metadata=hashes | kind)
    with pytest.raises(ValueError, match="finite"):
        Index.load(path)


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    _, patterns = sample(11)
    with pytest.raises(OSError, match="none"):
        Index(patterns).save(tmp_path / "none" / "index")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        Index(patterns).save(tmp_path / "folder")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]
