"""Where a model's parameters are: bars for published models, and a share to play with as width and depth change.

Parts stand in one order and differ by hatching, curves by their dashes, so that the pictures can be read without color.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from assocmem.figures.explorer import Color, Curve, Explorer, Frame
from assocmem.figures.plate import GREY, GROUND, INK, ONE, TWO, Plate, sheet
from assocmem.theory.balance import transformer_laws as laws
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
    "embeddings": (EMBEDDINGS, TWO, ""),
    "attention": ((QKV, OUTPUT, BIASES[0], BIASES[1]), ONE, "///"),
    "feed-forward": ((FEED_FORWARD, BIASES[2]), GREY, ""),
    "normalizations": ((*NORMS, *FINAL_NORM), INK, ""),
}
"""By part: its components, color and hatching; together they are all parameters."""
VOCABULARIES = {"no vocabulary": 0, "4096 words": 4096, "50257 words": 50257, "128256 words": 128256}
LOOKS: tuple[tuple[str, Color], ...] = (("dot", "grey"), ("dash", "ink"), ("solid", "one"), ("dashdot", "two"))
DEPTHS = (1, 2, 4, 8, 12, 24, 48, 96)


def shares(decoders: Mapping[str, Decoder]) -> Plate:
    """One bar for each model, divided into the shares of ``PARTS``."""
    names = list(decoders)
    left = np.zeros(len(names))
    with sheet(1.1 + 0.3 * len(names)) as (figure, ax):
        for part, (components, color, hatch) in PARTS.items():
            width = np.array([float(decoders[name].share(*components)) for name in names])
            look = {"color": color, "hatch": hatch, "edgecolor": GROUND, "lw": 0.8, "height": 0.7}
            ax.barh(names, width, left=left, label=part, **look)
            left += width
        ax.axvline(0.5, color=INK, lw=1.2, ls="--")
        ax.invert_yaxis()
        ax.set(xlim=(0, 1), xlabel="share of all parameters")
        ax.tick_params(axis="y", length=0)
        figure.legend(loc="outside upper center", ncols=2, frameon=False)
        most = {name: float(decoders[name].share(*EMBEDDINGS)) for name in names}
        first, last = max(most, key=most.__getitem__), min(most, key=most.__getitem__)
        return Plate(
            figure,
            alt=f"One bar for each of {len(names)} models, divided into the shares of embeddings, attention, "
            "feed-forward layers and normalizations, which are too few to be seen. Embeddings have the largest share "
            f"in {first}, {most[first]:.0%}, and the smallest in {last}, {most[last]:.0%}.",
        )


def explore(depths: Sequence[int] = DEPTHS, first: int = 4) -> Explorer:
    """Share of attention and feed-forward layers in a GPT-2 over its width, by vocabulary; the slider sets depth."""
    widths = np.unique(np.rint(np.geomspace(16, 8192, 40)).astype(int))
    half = Curve("one half", np.array([16.0, 8192.0]), np.array([0.5, 0.5]), "grey", width=1)

    def frame(_: None, layers: int) -> Frame:
        curves = [
            Curve(name, widths, values, color, dash)
            for name, (dash, color), values in zip(VOCABULARIES, LOOKS, _curves(widths, layers), strict=True)
        ]
        words = {laws.vocabulary: 50257, laws.context: 1024, laws.l: layers}
        says = (
            f"With {layers} {'layer' if layers == 1 else 'layers'} and 50257 words, the layers hold more than half "
            f"of all parameters from a width of {laws.least(laws.d, words)} on."
        )
        return Frame([*curves, half], says)

    return Explorer(
        name="layer-shares",
        slider="layers",
        steps={f"{n}": n for n in depths},
        start=first,
        frame=frame,
        axes=("width", "share of the layers"),
        log="x",
        y_range=(0, 1),
        alt="Share of attention and feed-forward layers in all parameters of a GPT-2 over its width, for four "
        f"vocabularies and {len(depths)} depths. Each curve rises toward one; the larger the vocabulary and the "
        "shallower the model, the later it passes one half.",
    )


def _curves(widths: np.ndarray, layers: int) -> list[np.ndarray]:
    out = []
    for words in VOCABULARIES.values():
        decoders = [GptShape(layers, int(width), 1, vocabulary=words).decoder() for width in widths]
        out.append(np.array([float(decoder.share(*laws.LAYERS)) for decoder in decoders]))
    return out
