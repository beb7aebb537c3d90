"""How far the attention of one head is from a nearest-neighbor search over its keys, position by position.

With scale s (``1/sqrt(d_k)`` in most models) and ``s q.k = -(s/2)|q-k|^2 + (s/2)|k|^2 + (s/2)|q|^2``::

    softmax_j(s q.k_j) = softmax_j(-(s/2)|q-k_j|^2 + (s/2)|k_j|^2),

so attention is the softmax of distances with a bias to long keys; "distance attention" is the same without the bias.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["MEASURES", "MOVED_BY", "agreement", "identity_residual", "length_ratio", "measure_head"]

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
    "length_ratio": "length of the shortest allowed key over that of the longest: 1 where all are equally long, and "
    "then the heaviest key is the nearest",
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
    "length_ratio": "shift",
    "centered": "scale",
}
"""Which changes of coordinates can change a measure though they change no attention weight: a shift of all keys, or a
scale by which queries are multiplied and keys divided (claim X-GAUGE)."""


def measure_head(queries: Tensor, keys: Tensor, allowed: Tensor, scale: float) -> dict[str, Tensor]:
    """Measure heads at each position. Query i stands at position i + d - m: rows may be left out at the front.

    Parameters
    ----------
    queries : Float[Tensor, "... m n"]
        Of a head, or of several.
    keys : Float[Tensor, "... d n"]
        Of the same.
    allowed : Bool[Tensor, "m d"]
        Which keys a query may look at.
    scale : float
        What inner products are multiplied by.

    Returns
    -------
    dict
        Each of ``MEASURES``, of shape (..., m) in float64.

    Raises
    ------
    ValueError
        Where a query may look at no key.
    """
    if not bool(allowed.any(-1).all()):
        raise ValueError("allowed must leave every query at least one key")
    queries, keys = queries.double(), keys.double()
    square = _squared_distances(queries, keys).masked_fill(~allowed, torch.inf)
    scores = (scale * queries @ keys.mT).masked_fill(~allowed, -torch.inf)
    attention = scores.log_softmax(-1)
    heaviest, nearest = scores.argmax(-1), square.argmin(-1)
    count = allowed.sum(-1).double()
    many = keys.shape[-2]
    own = torch.arange(many - queries.shape[-2], many, device=keys.device)
    measures = {"nearest": heaviest == nearest, "chance": 1 / count, "angle": heaviest == _least_angle(scores, keys)}
    measures["centered"] = heaviest == _nearest(queries, keys - keys.mean(-2, keepdim=True), allowed)
    measures |= _ranks(square, heaviest, nearest, count)
    measures |= _weights(attention.exp(), square, nearest)
    measures |= _spread(attention, count)
    measures |= _bias(attention, square, keys, allowed, scale)
    measures["length_ratio"] = length_ratio(keys, allowed)
    for name, position in (("first", 0 * own), ("self", own), ("previous", own - 1)):
        measures |= {name: heaviest == position, f"nearest_{name}": nearest == position}
    return {name: measures[name].double().expand(heaviest.shape) for name in MEASURES}


def agreement(queries: Tensor, keys: Tensor, allowed: Tensor) -> dict[str, Tensor]:
    """Where the key of largest inner product is also the one that three measures ask for; for null models.

    Parameters
    ----------
    queries : Float[Tensor, "... m n"]
        Queries.
    keys : Float[Tensor, "... d n"]
        Keys.
    allowed : Bool[Tensor, "m d"]
        Which keys a query may look at.

    Returns
    -------
    dict
        ``nearest``, ``angle`` and ``centered`` of ``MEASURES``, each Bool[Tensor, "... m"].
    """
    queries, keys = queries.double(), keys.double()
    scores = (queries @ keys.mT).masked_fill(~allowed, -torch.inf)
    heaviest = scores.argmax(-1)
    return {
        "nearest": heaviest == _nearest(queries, keys, allowed),
        "angle": heaviest == _least_angle(scores, keys),
        "centered": heaviest == _nearest(queries, keys - keys.mean(-2, keepdim=True), allowed),
    }


def length_ratio(keys: Tensor, allowed: Tensor) -> Tensor:
    """Length of the shortest allowed key over that of the longest; 1 where all allowed keys are zero.

    Parameters
    ----------
    keys : Float[Tensor, "... d n"]
        Keys.
    allowed : Bool[Tensor, "m d"]
        Which keys a query may look at.

    Returns
    -------
    Float[Tensor, "... m"]
        In [0, 1].
    """
    length = keys.double().square().sum(-1).sqrt()[..., None, :].expand(*keys.shape[:-2], *allowed.shape)
    low, high = length.masked_fill(~allowed, torch.inf).amin(-1), length.masked_fill(~allowed, 0).amax(-1)
    return torch.where(high == 0, 1.0, low / high)


def identity_residual(queries: Tensor, keys: Tensor, allowed: Tensor, scale: float, weights: Tensor) -> float:
    """Largest difference of captured weights from the softmax of ``-(s/2)|q-k|^2 + (s/2)|k|^2``.

    Parameters
    ----------
    queries : Float[Tensor, "... m n"]
        Queries.
    keys : Float[Tensor, "... d n"]
        Keys.
    allowed : Bool[Tensor, "m d"]
        Which keys a query may look at.
    scale : float
        The s of the formula.
    weights : Float[Tensor, "... m d"]
        As they were captured.

    Returns
    -------
    float
        The largest absolute difference.
    """
    queries, keys = queries.double(), keys.double()
    bias = 0.5 * scale * keys.square().sum(-1)[..., None, :]
    logits = bias - 0.5 * scale * _squared_distances(queries, keys)
    return float((logits.masked_fill(~allowed, -torch.inf).softmax(-1) - weights.double()).abs().max())


def _squared_distances(queries: Tensor, keys: Tensor) -> Tensor:
    """From direct differences, 0 at duplicates; by torch, for several heads at once, of which there are thousands."""
    return torch.cdist(queries, keys, compute_mode="donot_use_mm_for_euclid_dist").square()


def _nearest(queries: Tensor, keys: Tensor, allowed: Tensor) -> Tensor:
    return _squared_distances(queries, keys).masked_fill(~allowed, torch.inf).argmin(-1)


def _least_angle(scores: Tensor, keys: Tensor) -> Tensor:
    length = keys.square().sum(-1).sqrt().clamp_min(torch.finfo(torch.float64).tiny)
    return (scores / length[..., None, :]).argmax(-1)


def _ranks(square: Tensor, heaviest: Tensor, nearest: Tensor, count: Tensor) -> dict[str, Tensor]:
    taken, least = (square.gather(-1, index[..., None]) for index in (heaviest, nearest))
    nearer = (square < taken).sum(-1)
    equal = taken == least  # Also where both are 0.
    ratio = torch.where(equal, 1.0, (taken / least).sqrt()).squeeze(-1)
    return {"nearest_5": nearer < 5, "rank": nearer / (count - 1).clamp_min(1), "ratio": ratio}


def _weights(weights: Tensor, square: Tensor, nearest: Tensor) -> dict[str, Tensor]:
    five = square.topk(min(5, square.shape[-1]), largest=False).indices
    return {
        "nearest_weight": weights.gather(-1, nearest[..., None]).squeeze(-1),
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
    bias = (0.5 * scale * keys.square().sum(-1))[..., None, :].expand_as(square)
    high, low = bias.masked_fill(~allowed, -torch.inf), bias.masked_fill(~allowed, torch.inf)
    return {
        "kl_nats": (attention.exp() * difference).sum(-1),
        "total_variation": 0.5 * (attention.exp() - distance.exp()).abs().sum(-1),
        "bias_range_nats": high.amax(-1) - low.amin(-1),
    }
