"""What measures, comparisons and counts of heads are called on a page, beside a picture and in the terminal."""

from __future__ import annotations

__all__ = [
    "ABOVE",
    "CHANGES",
    "COMPARED",
    "COUNTED",
    "COUNTS_READ",
    "EXPLAINED",
    "KINDS",
    "SHARES",
    "SOURCES",
    "TRIVIAL",
    "WORDS",
]

WORDS = {
    "nearest": "heaviest key is the nearest",
    "foreign_keys": "the same, keys of another text",
    "shuffled_keys": "the same, keys in another order",
    "random_queries": "the same, random queries",
    "untrained": "the same, model with fresh weights",
    "chance": "the same, a key drawn at random",
    "nearest_without_first": "the same, first position left out",
    "foreign_keys_without_first": "first position left out, keys of another text",
    "random_queries_without_first": "first position left out, random queries",
    "untrained_without_first": "first position left out, model with fresh weights",
    "centered": "heaviest key is the nearest, mean key taken off",
    "foreign_centered": "mean key taken off, keys of another text",
    "random_centered": "mean key taken off, random queries",
    "untrained_centered": "mean key taken off, model with fresh weights",
    "centered_without_first": "mean key taken off, first position left out",
    "angle": "heaviest key has the smallest angle",
    "random_angle": "the same angle, random queries",
    "angle_without_first": "the same angle, first position left out",
    "first": "heaviest key stands at the first position",
    "self": "heaviest key stands at the query's own position",
    "previous": "heaviest key stands at the position before",
    "nearest_first": "nearest key stands at the first position",
    "nearest_self": "nearest key stands at the query's own position",
    "nearest_previous": "nearest key stands at the position before",
    "nearest_weight": "weight of the nearest key",
    "nearest_5_weight": "weight of the five nearest keys",
    "heaviest_weight": "weight of the heaviest key",
    "effective_keys": "keys that share the weight (exponential of the entropy)",
    "effective_keys_without_first": "keys that share the weight, first position left out",
    "kl_nats": "divergence from attention by distance alone, nats",
    "total_variation": "total variation from attention by distance alone",
    "bias_range_nats": "range of the bonus for long keys, nats",
    "length_ratio": "length of the shortest key over that of the longest",
}
"""What a measure is called on a page and beside a picture."""
COMPARED = (
    "nearest",
    "foreign_keys",
    "random_queries",
    "untrained",
    "nearest_without_first",
    "foreign_keys_without_first",
    "random_queries_without_first",
    "untrained_without_first",
    "centered",
    "centered_without_first",
    "first",
)
"""Shares that carry the reading: they are drawn beside each other, and begin the short table."""
SHARES = 24
"""How many of ``WORDS`` come first and are shares of queries; those after them are other numbers."""
CHANGES = {"shift, scale": "by shift or scale", "shift": "by shift", "scale": "by scale", "nothing": "no"}
COUNTED = {
    "heads whose heaviest key is the first position for most queries": ("first", None),
    "heads where the heaviest key is the nearest for most queries": ("nearest", None),
    "heads where it is, first position left out": ("nearest_without_first", None),
    "heads where it is, mean key taken off": ("centered", None),
    "heads where it is, mean key taken off and first position left out": ("centered_without_first", None),
    "heads where the nearest wins no more often than with keys of another text": ("foreign_keys", "nearest"),
    "heads where it wins no more often than with keys in another order": ("shuffled_keys", "nearest"),
    "heads where it wins no more often than with random queries": ("random_queries", "nearest"),
    "heads where it wins no more often than in a model with fresh weights": ("untrained", "nearest"),
    "heads where the nearest wins as often as the position before": ("nearest", "previous"),
    "heads where it does, mean key taken off": ("centered", "previous"),
}
"""Heads in which a measure is at least another, or more than one half."""
ABOVE = {
    "heads above one half and above every comparison": "nearest",
    "heads above one half and every comparison, first position left out": "nearest_without_first",
    "heads above one half and every comparison, mean key taken off": "centered",
    "heads above one half and every comparison, mean key off and first position left out": "centered_without_first",
}
"""Heads in which a measure is more than one half and more than each null that repeats it."""
SOURCES = {
    "": "the model",
    "foreign": "keys of another text",
    "shuffled": "keys in another order",
    "random": "random queries",
    "untrained": "fresh weights",
}
"""Rows of the comparison: the model itself, then what repeats it where nothing is searched for."""
COUNTS_READ = (*tuple(COUNTED)[:3], *tuple(ABOVE)[1::2])
"""Counts that carry the reading."""
EXPLAINED = (
    "The heaviest key is the one with the largest weight, the nearest the one at the least Euclidean distance. "
    "Without the first position, its key is left out of the search and the other weights are rescaled: many heads put "
    "their weight there when they have nothing to look for (an attention sink).",
    "Distance attention, or attention by distance alone, is the softmax of minus half the scaled squared distances of "
    "query and keys: attention without its bonus for long keys.",
)
"""What stands beside a table."""
TRIVIAL = (
    "With fresh weights all keys of this model are equally long, as a norm of the keys (QK norm) leaves them. Then the "
    "heaviest key is the nearest by algebra, so this comparison says nothing here and is left out."
)
KINDS = {
    "single": "heads that attend to one key",
    "metastable": "heads that attend to a few",
    "global": "heads that attend to more than half",
}
