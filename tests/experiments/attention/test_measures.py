"""Measures of attention against nearest-neighbor search: hand-made heads with known answers."""

from __future__ import annotations

import math

import pytest
import torch

from assocmem.experiments.attention.measures import MEASURES, MOVED_BY, agreement, identity_residual, measure_head

KEYS = torch.tensor([[1.0], [2.0], [-1.0]])
CAUSAL = torch.ones(3, 3).tril().bool()


def measured(queries: torch.Tensor, keys: torch.Tensor = KEYS, scale: float = 1.0, **change: torch.Tensor) -> dict:
    allowed = change.get("allowed", CAUSAL[-len(queries) :])
    return {name: value.tolist() for name, value in measure_head(queries, keys, allowed, scale).items()}


def test_a_query_that_is_a_stored_key_is_passed_over_for_a_longer_one() -> None:
    values = measured(torch.tensor([[1.0], [1.0], [1.0]]))
    assert values["nearest"] == [1, 0, 0]
    assert values["angle"] == [1, 0, 0]  # Keys 1 and 2 have the same direction; the first of equals is taken.
    assert values["first"] == [1, 0, 0]
    assert values["self"] == [1, 1, 0]
    assert values["previous"] == [0, 0, 1]
    assert values["nearest_first"] == [1, 1, 1]
    assert values["rank"] == [0, 1, 0.5]
    assert values["chance"] == pytest.approx([1, 1 / 2, 1 / 3])


def test_the_first_position_has_one_key_and_all_weight_on_it() -> None:
    values = measured(torch.tensor([[0.3], [1.0], [1.0]]))
    exact = {
        "nearest": 1,
        "nearest_weight": 1,
        "entropy_nats": 0,
        "kl_nats": 0,
        "total_variation": 0,
        "effective_keys": 1,
        "keys_for_90": 1,
        "share_for_90": 1,
        "ratio": 1,
        "bias_range_nats": 0,
    }
    assert {name: values[name][0] for name in exact} == pytest.approx(exact)


def test_weights_divergence_and_entropy_by_hand() -> None:
    """Query 1 over keys 1 and 2 at scale 1: attention (1, e)/(1+e), distance attention (1, e^-1/2)/(1+e^-1/2)."""
    attention = [1 / (1 + math.e), math.e / (1 + math.e)]
    distance = [1 / (1 + math.exp(-0.5)), math.exp(-0.5) / (1 + math.exp(-0.5))]
    values = measured(torch.tensor([[1.0]]), KEYS[:2], allowed=torch.ones(1, 2).bool())
    entropy = -sum(a * math.log(a) for a in attention)
    expected = {
        "nearest_weight": attention[0],
        "heaviest_weight": attention[1],
        "nearest_5_weight": 1.0,
        "kl_nats": sum(a * math.log(a / b) for a, b in zip(attention, distance, strict=True)),
        "total_variation": attention[1] - distance[1],
        "entropy_nats": entropy,
        "effective_keys": math.exp(entropy),
        "keys_for_90": 2,
        "share_for_90": 1,
        "bias_range_nats": 1.5,
        "nearest_5": 1,
        "rank": 1,
    }
    assert {name: values[name][0] for name in expected} == pytest.approx(expected)


def test_the_five_nearest_of_seven_keys_by_hand() -> None:
    keys = torch.arange(1.0, 8.0)[:, None]
    values = measured(torch.tensor([[1.0]]), keys, allowed=torch.ones(1, 7).bool())
    terms = [math.exp(k) for k in range(1, 8)]
    assert values["nearest_5_weight"] == pytest.approx([sum(terms[:5]) / sum(terms)])
    assert values["nearest_5"] == [0]


def test_ratio_is_of_distances_not_of_squares() -> None:
    values = measured(torch.tensor([[4 / 3]]), KEYS[:2], allowed=torch.ones(1, 2).bool())
    assert values["ratio"] == pytest.approx([2])


@pytest.mark.parametrize("shift", [torch.zeros(4), torch.tensor([3.0, -1.0, 0.5, 2.0])])
def test_equal_norms_make_the_heaviest_key_the_nearest_and_centering_sees_through_a_shift(shift: torch.Tensor) -> None:
    generator = torch.Generator().manual_seed(0)
    queries = torch.randn(40, 4, generator=generator, dtype=torch.float64)
    keys = torch.nn.functional.normalize(torch.randn(40, 4, generator=generator, dtype=torch.float64), dim=-1)
    keys = torch.cat([keys, -keys])  # Their mean is zero.
    everything = torch.ones(40, 80).bool()
    values = measure_head(queries, keys + shift, everything, 0.5)
    assert bool(values["centered"].all())
    assert bool(values["nearest"].all()) == (not bool(shift.any()))
    if not shift.any():
        assert float(values["kl_nats"].abs().max()) < 1e-12
        assert all(bool(where.all()) for where in agreement(queries, keys, everything).values())


def test_measures_do_not_look_at_masked_keys() -> None:
    generator = torch.Generator().manual_seed(1)
    queries, keys = torch.randn(6, 3, generator=generator), torch.randn(6, 3, generator=generator)
    allowed = torch.ones(6, 6).tril().bool()
    before = measure_head(queries, keys, allowed, 0.5)
    keys[-1] = 1000.0
    after = measure_head(queries, keys, allowed, 0.5)
    for name in set(MEASURES) - {"centered"}:  # The mean of the keys is a shift like any other.
        torch.testing.assert_close(before[name][:-1], after[name][:-1])


def test_leaving_out_rows_at_the_front_changes_nothing_in_the_others() -> None:
    generator = torch.Generator().manual_seed(2)
    queries, keys = torch.randn(6, 3, generator=generator), torch.randn(6, 3, generator=generator)
    allowed = torch.ones(6, 6).tril().bool()
    whole, part = measure_head(queries, keys, allowed, 0.5), measure_head(queries[2:], keys, allowed[2:], 0.5)
    for name in MEASURES:
        torch.testing.assert_close(whole[name][2:], part[name])


def test_the_identity_holds_for_true_weights_and_fails_for_others() -> None:
    generator = torch.Generator().manual_seed(3)
    queries, keys = torch.randn(5, 3, generator=generator), torch.randn(5, 3, generator=generator)
    allowed = torch.ones(5, 5).tril().bool()
    weights = (0.7 * queries @ keys.T).masked_fill(~allowed, -torch.inf).softmax(-1)
    assert identity_residual(queries, keys, allowed, 0.7, weights) < 1e-6
    assert identity_residual(queries, keys, allowed, 0.6, weights) > 1e-3
    assert identity_residual(queries, keys + 1.0, allowed, 0.7, weights) < 1e-6  # No weight sees a shift of all keys.


def test_what_a_change_of_coordinates_moves_is_what_is_said() -> None:
    """A shift of all keys, then a scale; attention is the same, and measures change exactly where they are said to."""
    generator = torch.Generator().manual_seed(8)
    queries, keys = (torch.randn(60, 4, generator=generator, dtype=torch.float64) for _ in range(2))
    keys = keys * torch.linspace(0.2, 2, 60, dtype=torch.float64)[:, None]
    allowed = torch.ones(60, 60).tril().bool()
    before = measure_head(queries, keys, allowed, 0.5)
    after = {
        "shift": measure_head(queries, keys + torch.tensor([2.0, -1.0, 0.5, 1.0]), allowed, 0.5),
        "scale": measure_head(queries / 4, 4 * keys, allowed, 0.5),
    }
    for name in MEASURES:
        moved = [kind for kind, values in after.items() if not torch.allclose(values[name], before[name], atol=1e-9)]
        assert (", ".join(moved) or "nothing") == MOVED_BY[name], name


def test_a_query_without_keys_is_refused() -> None:
    with pytest.raises(ValueError, match="allowed"):
        measured(torch.tensor([[1.0]]), KEYS, allowed=torch.zeros(1, 3).bool())
