"""Every measure and null of all heads, text by text and layer by layer: what a layer computed is reduced at once.

Beside the model there lie one layer of one text, and of two texts the queries or keys of all layers, since only the
keys of another text ask for a neighbor. So memory grows neither with the number of texts nor with layers times length
squared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from assocmem.experiments.attention.measures import (
    agreement,
    identity_residual,
    length_ratio,
    measure_head,
)
from assocmem.experiments.attention.nulls import KEPT, WITHOUT_FIRST, null_name
from assocmem.language.models.attention import Layer, visit

__all__ = ["MEDIANS", "Measured", "Numbers", "Track", "over_texts", "untrained_over_texts"]

Track = Callable[[list[Tensor], str], Iterable[Tensor]]
"""Hands on the texts one by one, and may show on the way how far it is, under the words that it is called with."""
Numbers = dict[str, np.ndarray]
"""By name, one number a head."""
MEDIANS = ("ratio", "keys_for_90", "share_for_90")
"""Measures taken as the median over positions, because a few positions would rule their mean."""
EQUAL = 1e-3
"""Keys whose lengths differ by less than this share are taken as equally long; as small a share of queries may meet a
tie that rounding decides."""


@dataclass(frozen=True)
class Measured:
    """What a model did on some texts.

    Attributes
    ----------
    values : dict
        Each measure as Float[ndarray, "texts layers heads"].
    loss_nats : float
        Mean over the texts, per predicted token.
    identity_residual : float
        The largest difference of a weight from the softmax of distances with a bonus for long keys.
    """

    values: Numbers
    loss_nats: float
    identity_residual: float


@dataclass(frozen=True)
class _Held:
    """What of a layer waits for the keys of the next text."""

    queries: Tensor
    allowed: Tensor
    order: Tensor


class _Rows:
    """Numbers of the heads by text and layer; a text that is done is packed into one array.

    Small arrays that live for long between large ones that do not would keep the memory of these from being reused.
    """

    def __init__(self) -> None:
        self.packed: list[np.ndarray] = []
        self.open: list[list[Numbers]] = []

    def begin(self) -> None:
        """Begin a text: of those before only the last may still be added to."""
        while len(self.open) > 1:
            self._pack()
        self.open.append([])

    def whole(self) -> Numbers:
        """Each number as an array (texts, layers, heads); nothing can be added afterwards."""
        names = list(self.open[0][0])
        while self.open:
            self._pack()
        return dict(zip(names, np.stack(self.packed, 1), strict=True))

    def _pack(self) -> None:
        row = self.open.pop(0)
        self.packed.append(np.array([[level[name] for level in row] for name in row[0]]))


def over_texts(model: PreTrainedModel, texts: list[Tensor], first: int, seed: int, track: Track) -> Measured:
    """Measure all heads of a model on some texts.

    Parameters
    ----------
    model : PreTrainedModel
        A causal language model.
    texts : list[Int[Tensor, "T"]]
        Of one length.
    first : int
        Positions before it are left out, 1 or more.
    seed : int
        Of the null models.
    track : Callable
        Hands on the texts.

    Returns
    -------
    Measured
        Its values have every measure, with and without the first position, and the null models but for the fresh one.

    Raises
    ------
    ValueError
        For models whose attention cannot be recorded.
    """
    generator = torch.Generator().manual_seed(seed)
    rows = _Rows()
    held: list[_Held] = []
    opening: list[Tensor] = []
    losses: list[float] = []
    residuals: list[float] = []

    def see(layer: Layer) -> None:
        *before, row = rows.open
        level = len(row)
        if before:
            before[-1][level] |= _foreign(held[level], layer.keys)
        else:
            opening.append(layer.keys)
        order = torch.randperm(len(layer.allowed), generator=generator).to(layer.keys.device)
        queries, allowed = layer.queries[:, first:], layer.allowed[first:]
        random = torch.stack([_gaussian_like(one, generator) for one in queries])
        numbers = _measures(queries, layer.keys, allowed, layer.scale)
        numbers |= _agreements("shuffled", queries, layer.keys, allowed, order)
        numbers |= _agreements("random", random, layer.keys, allowed)
        row.append(numbers)
        held[level:] = [_Held(queries, allowed, order), *held[level + 1 :]]
        residuals.append(identity_residual(layer.queries, layer.keys, layer.allowed, layer.scale, layer.weights))

    for text in track(texts, "trained weights"):
        rows.begin()
        losses.append(visit(model, text, see))
    for level, keys in enumerate(opening):
        rows.open[-1][level] |= _foreign(held[level], keys)
    return Measured(rows.whole(), float(np.mean(losses)), max(residuals))


def untrained_over_texts(model: PreTrainedModel, texts: list[Tensor], first: int, track: Track) -> tuple[Numbers, bool]:
    """Agreement in a model of fresh weights, and whether it could not be otherwise.

    Parameters
    ----------
    model : PreTrainedModel
        The fresh model.
    texts : list[Int[Tensor, "T"]]
        Of one length.
    first : int
        Positions before it are left out.
    track : Callable
        Hands on the texts.

    Returns
    -------
    tuple[dict, bool]
        Float[ndarray, "texts layers heads"] by name; and True where all keys are equally long, as fresh weights leave
        them behind a norm of the keys (QK norm): then the heaviest key is the nearest by algebra (claim NN-FIX), and
        the comparison says nothing.
    """
    rows = _Rows()
    ratios: list[float] = []

    def see(layer: Layer) -> None:
        allowed = layer.allowed[first:]
        rows.open[-1].append(_agreements("untrained", layer.queries[:, first:], layer.keys, allowed))
        ratios.append(float(length_ratio(layer.keys, allowed).min()))

    for text in track(texts, "fresh weights"):
        rows.begin()
        visit(model, text, see)
    values = rows.whole()
    return values, bool(min(ratios) > 1 - EQUAL and values["untrained"].mean() > 1 - EQUAL)


def _measures(queries: Tensor, keys: Tensor, allowed: Tensor, scale: float) -> Numbers:
    """All measures of the heads of a layer, with and without the first position."""
    whole = measure_head(queries, keys, allowed, scale)
    rest = measure_head(queries, keys[:, 1:], allowed[:, 1:], scale)
    numbers = {name: _over_positions(name, value) for name, value in whole.items()}
    return numbers | {f"{name}{WITHOUT_FIRST}": _over_positions(name, rest[name]) for name in KEPT}


def _agreements(source: str, queries: Tensor, keys: Tensor, allowed: Tensor, order: Tensor | None = None) -> Numbers:
    """A null model of the heads of a layer, with and without the first position; keys in another order if given."""
    order = torch.arange(keys.shape[-2], device=keys.device) if order is None else order
    whole = agreement(queries, keys[:, order], allowed)
    rest = agreement(queries, keys[:, order[order != 0]], allowed[:, 1:])
    numbers = {null_name(source, name): _over_positions(name, value) for name, value in whole.items()}
    without = {
        f"{null_name(source, name)}{WITHOUT_FIRST}": _over_positions(name, value) for name, value in rest.items()
    }
    return numbers | without


def _foreign(held: _Held, keys: Tensor) -> Numbers:
    return _agreements("foreign", held.queries, keys, held.allowed, held.order)


def _over_positions(name: str, value: Tensor) -> np.ndarray:
    middle = value.median(-1).values if name in MEDIANS else value.double().mean(-1)
    return np.asarray(middle.cpu())


def _gaussian_like(queries: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(queries.shape, generator=generator).to(queries)
    return queries.mean(0) + queries.std(0) * noise
