"""How far the attention of one head is from a nearest-neighbor search over its keys, position by position.

With scale s (``1/sqrt(d_k)`` in most models) and ``s q.k = -(s/2)|q-k|^2 + (s/2)|k|^2 + (s/2)|q|^2``::

    softmax_j(s q.k_j) = softmax_j(-(s/2)|q-k_j|^2 + (s/2)|k_j|^2),

so attention is the softmax of distances with a bias to long keys; "distance attention" is the same without the bias.
"""

from __future__ import annotations

import torch
from torch import Tensor

from assocmem.memory import squared_distances

__all__ = ["MEASURES", "MOVED_BY", "agreement", "identity_residual", "measure_head"]

MEASURES = {
    "nearest": "share of queries whose heaviest key is the nearest one (Euclidean)",
    "chance": "the same for a heaviest key drawn at random from the allowed ones",
    "nearest_5": "share of queries whose heaviest key is among the five nearest",
    "angle": "share of queries whose heaviest key has the smallest angle: the nearest, were all keys equally long",
    "centered": "share of queries whose heaviest key is the nearest once the mean key is taken off all keys, which "
    "changes distances and no attention weight",
    "rank": "share of the other allowed keys that are nearer than the heaviest: 0 nearest, 1 farthest",
    "ratio": "distance of the heaviest key over that of the nearest: the c of a c-approximate search",
    "nearest_weight": "attention weight of the nearest key",
    "nearest_5_weight": "attention weight of the five nearest keys",
    "heaviest_weight": "largest attention weight",
    "entropy_nats": "entropy of the attention",
    "effective_keys": "exponential of the entropy",
    "keys_for_90": "least number of keys that hold 90% of the weight",
    "share_for_90": "the same as a share of the allowed keys",
    "kl_nats": "Kullback-Leibler divergence of attention from distance attention",
    "total_variation": "total variation between attention and distance attention",
    "bias_range_nats": "largest minus smallest bias (s/2)|k|^2 among the allowed keys",
    "first": "share of queries whose heaviest key is that of the first position",
    "self": "share of queries whose heaviest key is that of their own position",
    "previous": "share of queries whose heaviest key is that of the position before",
    "nearest_first": "share of queries whose nearest key is that of the first position",
    "nearest_self": "share of queries whose nearest key is that of their own position",
    "nearest_previous": "share of queries whose nearest key is that of the position before",
}
"""What is measured at each position; weights and shares lie in [0, 1]."""
_OF_WEIGHTS_ALONE = (
    "chance",
    "heaviest_weight",
    "entropy_nats",
    "effective_keys",
    "keys_for_90",
    "share_for_90",
    "first",
    "self",
    "previous",
)
MOVED_BY = {
    **dict.fromkeys(MEASURES, "shift, scale"),
    **dict.fromkeys(_OF_WEIGHTS_ALONE, "nothing"),
    "angle": "shift",
    "centered": "scale",
}
"""Which changes of coordinates can change a measure though they change no attention weight: a shift of all keys, or a
scale by which queries are multiplied and keys divided (claim X-GAUGE)."""


def measure_head(queries: Tensor, keys: Tensor, allowed: Tensor, scale: float) -> dict[str, Tensor]:
    """Measure a head at each position. Query i stands at position i + d - m: rows may be left out at the front.

    Parameters
    ----------
    queries : Float[Tensor, "m n"]
        Of the head.
    keys : Float[Tensor, "d n"]
        Of the head.
    allowed : Bool[Tensor, "m d"]
        Which keys a query may look at.
    scale : float
        What inner products are multiplied by.

    Returns
    -------
    dict
        Each of ``MEASURES``, of shape (m,) in float64.

    Raises
    ------
    ValueError
        Where a query may look at no key.
    """
    if not bool(allowed.any(-1).all()):
        raise ValueError("allowed must leave every query at least one key")
    queries, keys = queries.double(), keys.double()
    square = squared_distances(queries, keys).masked_fill(~allowed, torch.inf)
    scores = (scale * queries @ keys.T).masked_fill(~allowed, -torch.inf)
    attention = scores.log_softmax(-1)
    heaviest, nearest = scores.argmax(-1), square.argmin(-1)
    count = allowed.sum(-1).double()
    own = torch.arange(len(keys) - len(queries), len(keys), device=keys.device)
    measures = {"nearest": heaviest == nearest, "chance": 1 / count, "angle": heaviest == _least_angle(scores, keys)}
    measures["centered"] = heaviest == _nearest(queries, keys - keys.mean(0), allowed)
    measures |= _ranks(square, heaviest, nearest, count)
    measures |= _weights(attention.exp(), square, nearest)
    measures |= _spread(attention, count)
    measures |= _bias(attention, square, keys, allowed, scale)
    for name, position in (("first", 0 * own), ("self", own), ("previous", own - 1)):
        measures |= {name: heaviest == position, f"nearest_{name}": nearest == position}
    return {name: measures[name].double() for name in MEASURES}


def agreement(queries: Tensor, keys: Tensor, allowed: Tensor) -> tuple[Tensor, Tensor]:
    """Where the key of largest inner product is the nearest, and where it is that of least angle; for null models.

    Parameters
    ----------
    queries : Float[Tensor, "m n"]
        Queries.
    keys : Float[Tensor, "d n"]
        Keys.
    allowed : Bool[Tensor, "m d"]
        Which keys a query may look at.

    Returns
    -------
    tuple[Bool[Tensor, "m"], Bool[Tensor, "m"]]
        Nearest, and of least angle.
    """
    queries, keys = queries.double(), keys.double()
    scores = (queries @ keys.T).masked_fill(~allowed, -torch.inf)
    heaviest = scores.argmax(-1)
    return heaviest == _nearest(queries, keys, allowed), heaviest == _least_angle(scores, keys)


def identity_residual(queries: Tensor, keys: Tensor, allowed: Tensor, scale: float, weights: Tensor) -> float:
    """Largest difference of captured weights from the softmax of ``-(s/2)|q-k|^2 + (s/2)|k|^2``.

    Parameters
    ----------
    queries : Float[Tensor, "m n"]
        Queries.
    keys : Float[Tensor, "d n"]
        Keys.
    allowed : Bool[Tensor, "m d"]
        Which keys a query may look at.
    scale : float
        The s of the formula.
    weights : Float[Tensor, "m d"]
        As they were captured.

    Returns
    -------
    float
        The largest absolute difference.
    """
    queries, keys = queries.double(), keys.double()
    logits = -0.5 * scale * squared_distances(queries, keys) + 0.5 * scale * keys.square().sum(-1)
    return float((logits.masked_fill(~allowed, -torch.inf).softmax(-1) - weights.double()).abs().max())


def _nearest(queries: Tensor, keys: Tensor, allowed: Tensor) -> Tensor:
    square = squared_distances(queries, keys)
    return square.masked_fill(~allowed, torch.inf).argmin(-1)


def _least_angle(scores: Tensor, keys: Tensor) -> Tensor:
    length = keys.square().sum(-1).sqrt().clamp_min(torch.finfo(torch.float64).tiny)
    return (scores / length).argmax(-1)


def _ranks(square: Tensor, heaviest: Tensor, nearest: Tensor, count: Tensor) -> dict[str, Tensor]:
    taken, least = (square.gather(-1, index[:, None]) for index in (heaviest, nearest))
    nearer = (square < taken).sum(-1)
    equal = taken == least  # Also where both are 0.
    ratio = torch.where(equal, 1.0, (taken / least).sqrt()).squeeze(-1)
    return {"nearest_5": nearer < 5, "rank": nearer / (count - 1).clamp_min(1), "ratio": ratio}


def _weights(weights: Tensor, square: Tensor, nearest: Tensor) -> dict[str, Tensor]:
    five = square.topk(min(5, square.shape[-1]), largest=False).indices
    return {
        "nearest_weight": weights.gather(-1, nearest[:, None]).squeeze(-1),
        "nearest_5_weight": weights.gather(-1, five).sum(-1),
        "heaviest_weight": weights.amax(-1),
    }


def _spread(attention: Tensor, count: Tensor) -> dict[str, Tensor]:
    weights = attention.exp()
    entropy = torch.special.entr(weights).sum(-1)
    held = weights.sort(-1, descending=True).values.cumsum(-1)
    needed = (held < 0.9).sum(-1) + 1
    return {
        "entropy_nats": entropy,
        "effective_keys": entropy.exp(),
        "keys_for_90": needed,
        "share_for_90": needed / count,
    }


def _bias(attention: Tensor, square: Tensor, keys: Tensor, allowed: Tensor, scale: float) -> dict[str, Tensor]:
    distance = (-0.5 * scale * square).log_softmax(-1)
    difference = (attention - distance).masked_fill(~allowed, 0)
    bias = (0.5 * scale * keys.square().sum(-1)).expand_as(square)
    high, low = bias.masked_fill(~allowed, -torch.inf), bias.masked_fill(~allowed, torch.inf)
    return {
        "kl_nats": (attention.exp() * difference).sum(-1),
        "total_variation": 0.5 * (attention.exp() - distance.exp()).abs().sum(-1),
        "bias_range_nats": high.amax(-1) - low.amin(-1),
    }
