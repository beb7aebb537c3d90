"""The module agrees with retrieval, with the published update, and with attention that has a key bias."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from assocmem.memory import DistanceMemory, energy, retrieve
from hard_data import activations

TIGHT = {torch.float64: 1e-12, torch.float32: 3e-6, torch.float16: 3e-3, torch.bfloat16: 3e-2}


def sample(seed: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor]:
    make = torch.Generator().manual_seed(seed)
    x, patterns, values = (torch.randn(*s, generator=make, dtype=torch.float64) for s in ((2, 7, 6), (40, 6), (40, 3)))
    return x.to(dtype), patterns.to(dtype), values.to(dtype)


@pytest.mark.parametrize("dtype", list(TIGHT))
@pytest.mark.parametrize("beta", [0.05, 1.0, 8.0])
def test_it_retrieves_what_retrieve_does(dtype: torch.dtype, beta: float) -> None:
    x, patterns, _ = sample(1, dtype)
    result = DistanceMemory(patterns, beta=beta)(x)
    expected = retrieve(x.reshape(-1, 6), patterns, beta=beta).view_as(x)
    assert result.dtype == dtype
    assert torch.allclose(result, expected, atol=TIGHT[dtype] * max(1.0, beta))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_it_is_attention_with_a_key_bias(dtype: torch.dtype) -> None:
    x, patterns, values = sample(2, dtype)
    beta = 0.6
    bias = -beta * patterns.square().sum(-1)
    expected = functional.scaled_dot_product_attention(
        x, patterns.expand(2, 40, 6), values.expand(2, 40, 3), attn_mask=bias.expand(7, 40), scale=2 * beta
    )
    assert torch.allclose(DistanceMemory(patterns, values, beta=beta)(x), expected, atol=TIGHT[dtype])


def test_with_equal_norms_it_is_the_published_update() -> None:
    x, patterns, _ = sample(3)
    patterns = functional.normalize(patterns, dim=-1) * 1.5
    published = torch.softmax(2 * 0.8 * x @ patterns.T, -1) @ patterns  # Ramsauer et al., eq. 3, at 2 beta
    assert torch.allclose(DistanceMemory(patterns, beta=0.8)(x), published, atol=1e-13)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_heads_have_their_own_patterns(dtype: torch.dtype) -> None:
    make = torch.Generator().manual_seed(4)
    x, patterns = torch.randn(3, 2, 5, 4, generator=make).to(dtype), torch.randn(2, 9, 4, generator=make).to(dtype)
    result = DistanceMemory(patterns, beta=0.7)(x)
    for head in range(2):
        expected = retrieve(x[:, head].reshape(-1, 4), patterns[head], beta=0.7).view(3, 5, 4)
        assert torch.allclose(result[:, head], expected, atol=TIGHT[dtype])


def test_every_leading_shape_gives_the_same_rows() -> None:
    x, patterns, values = sample(5)
    memory = DistanceMemory(patterns, values)
    flat = memory(x.reshape(14, 6))
    assert torch.allclose(memory(x), flat.view(2, 7, 3), atol=1e-14)
    assert torch.allclose(memory(x.view(2, 1, 7, 6)), flat.view(2, 1, 7, 3), atol=1e-14)
    assert memory(x[:, :0]).shape == (2, 0, 3)


def test_all_that_is_learned_gets_the_gradient_of_the_formula() -> None:
    x, patterns, values = sample(6)
    memory = DistanceMemory(patterns, values, beta=0.9, learn_patterns=True, learn_values=True, learn_beta=True)
    x.requires_grad_()
    assert sorted(name for name, _ in memory.named_parameters()) == ["log_beta", "patterns", "values"]
    stored, payload, log_beta = memory.patterns, memory.values, memory.log_beta
    assert payload is not None
    assert log_beta is not None
    outer = torch.randn(2, 7, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
    result = torch.autograd.grad((memory(x) * outer).sum(), (x, stored, payload, log_beta))
    costs = (x[..., None, :] - stored).square().sum(-1)
    expected = torch.softmax(-log_beta.exp() * costs, -1) @ payload
    true = torch.autograd.grad((expected * outer).sum(), (x, stored, payload, log_beta))
    for got, want in zip(result, true, strict=True):
        assert torch.allclose(got, want, atol=1e-11)


def test_training_moves_patterns_to_the_data() -> None:
    make = torch.Generator().manual_seed(8)
    data = torch.randn(3, 4, generator=make).repeat(20, 1) * 2
    memory = DistanceMemory(torch.randn(3, 4, generator=make), beta=0.5, learn_patterns=True)
    optimizer = torch.optim.Adam(memory.parameters(), lr=0.05)
    first = float((memory(data).detach() - data).square().mean())
    for _ in range(150):
        optimizer.zero_grad()
        loss = (memory(data) - data).square().mean()
        loss.backward()
        optimizer.step()
    assert float(loss.detach()) < 0.05 * first


def test_a_state_dict_restores_it() -> None:
    x, patterns, values = sample(9)
    memory = DistanceMemory(patterns, values, beta=2.0, learn_beta=True)
    other = DistanceMemory(torch.zeros_like(patterns), torch.zeros_like(values), learn_beta=True)
    other.load_state_dict(memory.state_dict())
    assert torch.equal(memory(x), other(x))
    assert "beta=2" in repr(other)


def test_it_computes_the_energy_of_its_patterns() -> None:
    x, patterns, _ = sample(10)
    expected = energy(x.reshape(-1, 6), patterns, beta=1.5).view(2, 7)
    assert torch.equal(DistanceMemory(patterns, beta=1.5).energy(x), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_common_offset_does_not_spoil_the_weights(dtype: torch.dtype) -> None:
    x, patterns = activations("offset", m=50, d=400, n=32)
    x, patterns = x.to(dtype), patterns.to(dtype)
    result = DistanceMemory(patterns, beta=0.02)(x)
    true = torch.softmax(-0.02 * torch.cdist(x.double(), patterns.double()).square(), -1) @ patterns.double()
    assert float((result - true).abs().max()) < (1e-3 if dtype == torch.float32 else 0.4)


def test_autocast_neither_breaks_nor_changes_it() -> None:
    x, patterns, _ = sample(11, torch.float32)
    memory = DistanceMemory(patterns)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(memory(x), memory(x.clone()))
        assert memory(x.bfloat16()).dtype == torch.float32
        inside = memory(x)
    assert torch.equal(inside, memory(x))


@pytest.mark.parametrize("check_finite", [True, False])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0, 1000.0, 20_000.0])
@pytest.mark.parametrize("beta", [0.01, 1.0, 50.0])
def test_half_precision_is_right_at_every_scale(scale: float, beta: float, check_finite: bool) -> None:
    make = torch.Generator().manual_seed(20)
    patterns = (torch.randn(60, 48, generator=make) * scale).clamp(-6e4, 6e4).half()
    x = (patterns[:9].float() + scale / 50 * torch.randn(9, 48, generator=make)).half()
    result = DistanceMemory(patterns, beta=beta, check_finite=check_finite)(x)
    costs = beta * (x.double()[:, None] - patterns.double()).square().sum(-1)
    true = torch.softmax(-costs, -1) @ patterns.double()
    assert result.dtype == torch.float16
    assert float((result.double() - true).abs().max()) <= 4e-3 * max(scale, 1e-3)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize(("scale", "beta"), [(1e25, 1.0), (1e30, 1e-60), (1e-25, 1e50), (1e3, 1e35), (1e-3, 1e-3)])
def test_every_other_type_is_right_at_every_scale_too(
    dtype: torch.dtype, learned: bool, scale: float, beta: float
) -> None:
    make = torch.Generator().manual_seed(28)
    patterns = (torch.randn(60, 48, generator=make, dtype=torch.float64) * scale).to(dtype)
    x = patterns[:9] + (scale / 50 * torch.randn(9, 48, generator=make, dtype=torch.float64)).to(dtype)
    result = DistanceMemory(patterns, beta=beta, learn_patterns=learned)(x).detach()
    costs = beta * (x.double()[:, None] - patterns.double()).square().sum(-1)
    true = torch.softmax(-costs, -1) @ patterns.double()
    assert float((result.double() - true).abs().max()) <= TIGHT[dtype] * scale


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_queries_far_from_small_patterns_do_not_leave_the_range(dtype: torch.dtype) -> None:
    make = torch.Generator().manual_seed(29)
    patterns = (torch.randn(60, 8, generator=make) * 0.01).to(dtype)
    x = (torch.randn(9, 8, generator=make) * 1000).to(dtype)
    costs = 50.0 * (x.double()[:, None] - patterns.double()).square().sum(-1)
    true = torch.softmax(-costs, -1) @ patterns.double()
    result = DistanceMemory(patterns, beta=50.0)(x)
    assert bool(result.isfinite().all())
    assert float((result.double() - true).abs().max()) <= 2e-2


def test_scores_that_no_type_holds_are_refused() -> None:
    patterns = torch.tensor([[1e160, 0.0], [0.0, 1e160]], dtype=torch.float64)
    with pytest.raises(ValueError, match=r"beyond the range of torch\.float64; scale"):
        DistanceMemory(patterns)(patterns)


def test_a_second_derivative_is_an_error_unless_attention_is_plain() -> None:
    x, patterns, _ = sample(30)
    memory, x = DistanceMemory(patterns, beta=0.4, learn_patterns=True), x.requires_grad_()

    def penalty() -> Tensor:
        (slope,) = torch.autograd.grad(memory(x).square().sum(), x, create_graph=True)
        return torch.autograd.grad(slope.square().sum(), memory.patterns)[0]

    with pytest.raises(RuntimeError, match="derivative"):
        penalty()
    with sdpa_kernel(SDPBackend.MATH):
        result = penalty()
    plain = torch.softmax(-0.4 * (x[..., None, :] - memory.patterns).square().sum(-1), -1) @ memory.patterns
    (slope,) = torch.autograd.grad(plain.square().sum(), x, create_graph=True)
    assert torch.allclose(result, torch.autograd.grad(slope.square().sum(), memory.patterns)[0], atol=1e-11)


def saved_numbers(run: Any) -> int:
    """How many numbers the largest tensor has that a backward pass keeps."""
    sizes = [0]

    def keep(value: Tensor) -> Tensor:
        sizes.append(value.numel())
        return value

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda value: value):
        run().sum().backward()
    return max(sizes)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("learned", ["learn_patterns", "learn_beta"])
def test_training_keeps_nothing_that_is_queries_times_patterns(dtype: torch.dtype, learned: str) -> None:
    make = torch.Generator().manual_seed(21)
    x = torch.randn(300, 8, generator=make, dtype=dtype)
    memory = DistanceMemory(torch.randn(400, 8, generator=make, dtype=dtype), beta=0.3, **{learned: True})
    x.requires_grad_()
    assert 0 < saved_numbers(lambda: memory(x)) < 300 * 400 // 10


@pytest.mark.parametrize("learned", [False, True])
def test_it_runs_in_one_graph_and_is_exported_as_it_is_made_by_default(learned: bool) -> None:
    x, patterns, values = sample(22, torch.float32)
    memory = DistanceMemory(patterns, values, beta=0.7, learn_patterns=learned, learn_beta=learned)
    expected = memory(x)
    assert torch.allclose(torch.compile(memory, fullgraph=True, backend="eager")(x), expected, atol=1e-6)
    assert torch.allclose(torch.export.export(memory, (x,)).module()(x), expected, atol=1e-6)


@pytest.mark.filterwarnings("ignore:There is a performance drop")
def test_it_runs_inside_the_transforms_of_torch() -> None:
    x, patterns, _ = sample(23)
    memory = DistanceMemory(patterns, beta=0.7)
    assert torch.allclose(torch.func.vmap(memory)(x), memory(x))
    slope = torch.func.grad(lambda q: memory(q).square().sum())(x)
    (expected,) = torch.autograd.grad(memory(x.requires_grad_()).square().sum(), x)
    assert torch.allclose(slope, expected)


def test_it_is_made_without_numbers_and_filled_from_a_state() -> None:
    x, patterns, values = sample(24)
    full = DistanceMemory(patterns, values, beta=0.3, learn_patterns=True, learn_beta=True)
    with torch.device("meta"):
        empty = DistanceMemory(
            *(torch.empty(v.shape, dtype=v.dtype) for v in (patterns, values)), learn_patterns=True, learn_beta=True
        )
    assert "beta=nan" in repr(empty)
    filled = empty.to_empty(device="cpu")
    filled.load_state_dict(full.state_dict())
    assert torch.equal(filled(x), full(x))


def test_the_state_holds_a_fixed_beta_and_an_older_one_leaves_it_with_a_word(tmp_path: Path) -> None:
    x, patterns, _ = sample(25)
    memory, other = DistanceMemory(patterns, beta=0.5), DistanceMemory(patterns, beta=2.0)
    torch.save(memory.state_dict(), tmp_path / "state.pt")
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    older = {name: value for name, value in state.items() if name != "_extra_state"}
    with pytest.warns(UserWarning, match="has no beta .* beta=2 stays"):
        other.load_state_dict(older)
    assert other.beta == 2.0
    other.load_state_dict(state)
    assert other.beta == 0.5
    assert torch.equal(other(x), memory(x))
    save_file(memory.state_dict(), tmp_path / "state.safetensors")
    again = DistanceMemory(patterns, beta=2.0)
    again.load_state_dict(load_file(tmp_path / "state.safetensors"))
    assert again.beta == 0.5
    with pytest.raises(ValueError, match="beta"):
        again.load_state_dict({**state, "_extra_state": torch.tensor(-1.0)})


def test_its_energy_has_a_gradient_in_a_learned_beta() -> None:
    x, patterns, _ = sample(26)
    memory = DistanceMemory(patterns, beta=1.5, learn_beta=True)
    memory.energy(x).sum().backward()
    beta = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
    costs = (x.reshape(-1, 1, 6) - patterns).square().sum(-1)
    (-torch.logsumexp(-beta * costs, -1) / beta).sum().backward()
    assert memory.log_beta is not None
    assert torch.allclose(memory.log_beta.grad, 1.5 * beta.grad)


def test_what_it_is_given_stays_the_callers() -> None:
    x, patterns, values = sample(27)
    memory = DistanceMemory(patterns, values)
    before = memory(x)
    patterns.zero_()
    values.zero_()
    assert torch.equal(memory(x), before)


X = torch.zeros(2, 3)


@pytest.mark.parametrize(
    ("arguments", "error", "word"),
    [
        ({"patterns": [[0.0]]}, TypeError, "patterns must be a torch.Tensor"),
        ({"patterns": X.long()}, TypeError, "floating"),
        ({"patterns": X[0]}, ValueError, "patterns must have shape"),
        ({"patterns": X[:0]}, ValueError, "at least one row"),
        ({"patterns": X + math.nan}, ValueError, "finite"),
        ({"patterns": X, "values": X[:1]}, ValueError, "values must have shape"),
        ({"patterns": X, "values": X.double()}, TypeError, "values have dtype"),
        ({"patterns": X, "learn_values": True}, ValueError, "learn_values"),
        ({"patterns": X, "beta": 0.0}, ValueError, "beta"),
        ({"patterns": X, "precision": "bf16"}, ValueError, "precision"),
    ],
)
def test_a_bad_memory_names_the_argument(arguments: dict, error: type, word: str) -> None:
    with pytest.raises(error, match=word):
        DistanceMemory(**arguments)


@pytest.mark.parametrize(
    ("x", "error", "word"),
    [
        ([[0.0]], TypeError, "torch.Tensor"),
        (torch.zeros(3), ValueError, "x must have shape"),
        (torch.zeros(2, 4), ValueError, "x must have shape"),
        (X.double(), TypeError, "dtype"),
        (X + math.inf, ValueError, "finite"),
        (X.to("meta"), ValueError, "meta"),
    ],
)
def test_bad_queries_name_the_argument(x: object, error: type, word: str) -> None:
    with pytest.raises(error, match=word):
        DistanceMemory(X)(x)


def test_heads_must_agree() -> None:
    with pytest.raises(ValueError, match="heads"):
        DistanceMemory(torch.zeros(2, 5, 3))(torch.zeros(3, 4, 3))
    with pytest.raises(ValueError, match="energy needs"):
        DistanceMemory(torch.zeros(2, 5, 3)).energy(torch.zeros(2, 4, 3))
