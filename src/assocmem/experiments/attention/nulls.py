"""What agreement is compared with, and which names the measures have for which the first position is left out."""

from __future__ import annotations

from assocmem.experiments.attention.measures import MEASURES

__all__ = ["AGREEMENTS", "KEPT", "NULLS", "REPEATS_NEAREST", "WITHOUT_FIRST", "null_name"]

WITHOUT_FIRST = "_without_first"
"""End of the name of a measure for which the key of the first position is left out, and the other weights rescaled."""
KEPT = tuple(name for name in MEASURES if name not in ("chance", "first", "nearest_first"))
"""Measures that are taken without the first position, too."""
AGREEMENTS = ("nearest", "angle", "centered")
"""Measures that each null repeats."""
REPEATS_NEAREST = {
    "foreign": "foreign_keys",
    "shuffled": "shuffled_keys",
    "random": "random_queries",
    "untrained": "untrained",
}
"""By source, what a null is called that repeats ``nearest``."""
_SOURCES = {
    "foreign": "the same queries and the keys of another text, their positions permuted",
    "shuffled": "the same queries and keys, the positions of the keys permuted",
    "random": "Gaussian queries with the mean and variance of each coordinate of the queries",
    "untrained": "a model of the same architecture with fresh random weights",
}


def null_name(source: str, measure: str) -> str:
    """What a null is called.

    Parameters
    ----------
    source : str
        Of queries and keys, one of ``REPEATS_NEAREST``.
    measure : str
        Which of ``AGREEMENTS`` it repeats.

    Returns
    -------
    str
        The name of its number in a record.
    """
    return REPEATS_NEAREST[source] if measure == "nearest" else f"{source}_{measure}"


NULLS = {null_name(source, one): f"`{one}` for {words}" for source, words in _SOURCES.items() for one in AGREEMENTS}
"""Agreement where nothing is searched for."""
