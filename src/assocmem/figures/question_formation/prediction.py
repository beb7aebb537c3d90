"""The entropy of grammars drawn over the size of a word class, beside the losses at which trained decoders settled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean

import numpy as np

from assocmem.experiments.records import Record
from assocmem.figures.explorer import Curve, Explorer, Frame
from assocmem.language.questions.entropy import entropy_floor
from assocmem.language.questions.facts import content_words, floor_of_copies
from assocmem.language.questions.grammar import MEASURED, VARIANTS, Grammar, resized

SIZES = (1, 2, 4, 8, 11, 12, 16, 32, 64, 128, 256, 512, 1024)
COPIES = {"once": 1, "never": 0, "twice": 2, "three times": 3}


def size_of(law: Grammar) -> float:
    """The words of a class of nouns or verbs: where classes differ, the mean size in the entropy's own weights.

    The entropy of a line is ``H_1 + c log size`` if all classes have one size, and this inverts it.
    """
    least = float(entropy_floor(resized(law, 1)).line.mid())
    return math.exp((float(entropy_floor(law).line.mid()) - least) / float(content_words(law)))


def per_token(size: int, copies: int) -> float:
    """Entropy in nats per predicted token of the measured grammar with classes of another size."""
    return float(floor_of_copies(resized(MEASURED, size), copies).mid())


def explore(record: Record, sizes: Sequence[int] = SIZES) -> Explorer:
    """A slider for the size of a word class, a menu for how often the target stands, and what the record measured.

    Parameters
    ----------
    record : Record
        Of the runs "question-plateau".
    sizes : Sequence[int]
        Words of a class, ascending.
    """
    ends = np.array([min(sizes), max(sizes)], dtype=float)
    bound = Curve("claimed bound: 1", ends, np.ones(2), color="grey", dash="dot", width=1.5)
    floors = {copies: np.array([per_token(size, copies) for size in sizes]) for copies in COPIES.values()}
    trained = {round(size_of(VARIANTS[g]), 3): _settled(record, g) for g in record.config["grammars"]}
    cross = Curve(
        "decoders settled here",
        list(trained),
        list(trained.values()),
        color="ink",
        mode="markers",
        symbol="x",
        width=11,
    )

    def frame(copies: int, size: int) -> Frame:
        here = float(floors[copies][list(sizes).index(size)])
        line = Curve("entropy of the grammar", np.array(sizes, dtype=float), floors[copies], color="one")
        mark = Curve("your grammar", [size], [here], color="two", mode="markers", width=13)
        side = "above" if here > 1 else "below"
        words = f"{size} nouns and verbs per class" if size > 1 else "one noun or verb per class"
        says = f"With {words}, the entropy is {here:.3f} nats per token, {side} the claimed bound. "
        if copies == 1 and size in trained:
            says += f"Decoders trained on this grammar settled at {trained[size]:.3f}."
        return Frame([line, bound, *([cross] if copies == 1 else []), mark], says.strip())

    return Explorer(
        name="predict-the-plateau",
        slider="nouns and verbs per class",
        steps={f"{size:,}": size for size in sizes},
        menu="the target stands",
        choices=COPIES,
        start=list(sizes).index(12) if 12 in sizes else 0,
        frame=frame,
        axes=("nouns and verbs per class", "nats per token"),
        log="x",
        y_range=(0.2, 2.2),
        alt="The entropy of the grammar per token over the nouns and verbs per class rises with their logarithm "
        "and crosses the claimed bound, 1, between 11 and 12 if the target stands once. Three crosses, the losses at "
        f"which trained decoders settled, lie beside it: {', '.join(f'{loss:.3f}' for loss in trained.values())}.",
    )


def _settled(record: Record, grammar: str) -> float:
    """Mean loss of the last updates over all depths and seeds."""
    return mean(float(run["plateau"]) for run in record.config["runs"] if run["grammar"] == grammar)
