"""Question-Formation drawn: which tokens of a line carry its entropy, on average and in one example."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from assocmem.language.questions.entropy import chain_rule
from assocmem.language.questions.facts import token_surprisals
from assocmem.language.questions.grammar import MEASURED, Grammar
from assocmem.language.questions.pairs import PairStream

END = "(end)"


def per_place(law: Grammar = MEASURED) -> list[float]:
    """Expected nats of token 1, 2, ... up to the task of the longest line; what follows in a line has none."""
    return [float(value.mid()) for value in chain_rule(law)]


def example(law: Grammar = MEASURED, seed: int = 0, index: int = 0) -> list[tuple[str, float]]:
    """Tokens of a generated line, the end of it last, and the nats of each given those before it."""
    pair = PairStream(law, seed)[index]
    return list(zip((*pair.tokens, END), token_surprisals(law, pair), strict=True))


def draw_tokens(law: Grammar = MEASURED, seed: int = 0, index: int = 0) -> Figure:
    """Left: expected nats per place, averaged over all lines. Right: the nats of each token of one line."""
    figure: Figure
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.5, 4.6), layout="constrained")
    values = per_place(law)
    left.bar(range(1, len(values) + 1), values, color="0.35")
    left.set(xlabel="place in the line", ylabel="expected nats", title="all lines, up to the task")
    left.set_xticks([1, 5, 10, 15])
    tokens = example(law, seed, index)
    places = range(len(tokens))
    right.barh(places, [nats for _, nats in tokens], color="0.35")
    right.plot([0] * len(tokens), places, "k|", ms=5)
    right.set(yticks=list(places), yticklabels=[word for word, _ in tokens], xlabel="nats", title="one line")
    right.tick_params(axis="y", labelsize=7)
    right.invert_yaxis()
    return figure
