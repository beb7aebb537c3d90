"""Where a model's parameters are: bars for published models, and a share to play with as width and depth change.

Parts differ by hatching, curves by their dashes, so that the pictures can be read without color.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure

from assocmem.figures.controls import slider
from assocmem.theory.balance.transformer_laws import LAYERS
from assocmem.theory.balance.transformer_shapes import GptShape
from assocmem.theory.balance.transformer_size import (
    BIASES,
    EMBEDDINGS,
    FEED_FORWARD,
    FINAL_NORM,
    NORMS,
    OUTPUT,
    QKV,
    Decoder,
)

PARTS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "embeddings": (EMBEDDINGS, "white", ""),
    "attention": ((QKV, OUTPUT, BIASES[0], BIASES[1]), "0.75", "///"),
    "feed-forward": ((FEED_FORWARD, BIASES[2]), "0.5", "..."),
    "normalizations": ((*NORMS, *FINAL_NORM), "black", ""),
}
"""By part: its components, gray and hatching; together they are all parameters."""
VOCABULARIES = {"no vocabulary": 0, "4096 words": 4096, "50257 words": 50257, "128256 words": 128256}
DASHES = ("dot", "dash", "solid", "dashdot")
DEPTHS = (1, 2, 4, 8, 12, 24, 48, 96)


def shares(decoders: Mapping[str, Decoder]) -> Figure:
    """One bar for each model, divided into the shares of ``PARTS``."""
    figure: Figure
    figure, ax = plt.subplots(figsize=(7.5, 0.9 + 0.32 * len(decoders)), layout="constrained")
    names = list(decoders)
    left = np.zeros(len(names))
    for part, (components, gray, hatch) in PARTS.items():
        width = np.array([float(decoders[name].share(*components)) for name in names])
        ax.barh(names, width, left=left, color=gray, hatch=hatch, edgecolor="black", lw=0.6, height=0.7, label=part)
        left += width
    ax.axvline(0.5, color="black", lw=1, ls="--")
    ax.invert_yaxis()
    ax.set(xlim=(0, 1), xlabel="share of all parameters")
    figure.legend(loc="outside upper center", ncols=len(PARTS))
    return figure


def explore(depths: Sequence[int] = DEPTHS, first: int = 4) -> go.Figure:
    """Share of attention and feed-forward layers in a GPT-2 over its width, by vocabulary; the slider sets depth."""
    widths = np.unique(np.rint(np.geomspace(16, 8192, 40)).astype(int))
    frames = [go.Frame(name=f"{n:g}", data=[go.Scatter(y=y) for y in _curves(widths, n)]) for n in depths]
    figure = go.Figure(frames=frames)
    for name, dash, y in zip(VOCABULARIES, DASHES, _curves(widths, depths[first]), strict=True):
        figure.add_scatter(x=widths, y=y, name=name, mode="lines", line={"dash": dash, "color": "black"})
    figure.add_hline(0.5, line={"color": "#888", "width": 1})
    figure.update_xaxes(title="width d_emb", type="log")
    figure.update_yaxes(title="share of attention and feed-forward layers", range=[0, 1])
    figure.update_layout(template="plotly_white", height=430, sliders=slider(depths, first, "layers"))
    return figure


def _curves(widths: np.ndarray, layers: int) -> list[np.ndarray]:
    out = []
    for words in VOCABULARIES.values():
        decoders = [GptShape(layers, int(width), 1, vocabulary=words).decoder() for width in widths]
        out.append(np.array([float(decoder.share(*LAYERS)) for decoder in decoders]))
    return out
