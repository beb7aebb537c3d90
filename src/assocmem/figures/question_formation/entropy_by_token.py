"""Question-Formation drawn: which tokens of a line carry its entropy."""

from __future__ import annotations

from assocmem.figures.plate import INK, ONE, Plate, sheet
from assocmem.language.questions.facts import token_surprisals
from assocmem.language.questions.grammar import MEASURED, Grammar
from assocmem.language.questions.pairs import PairStream

END = "(end)"


def example(law: Grammar = MEASURED, seed: int = 0, index: int = 0) -> list[tuple[str, float]]:
    """Tokens of a generated line, the end of it last, and the nats of each given those before it."""
    pair = PairStream(law, seed)[index]
    return list(zip((*pair.tokens, END), token_surprisals(law, pair), strict=True))


def one_line(law: Grammar = MEASURED, seed: int = 0, index: int = 0) -> Plate:
    """The nats of each token of one line, its first token at the top."""
    tokens = example(law, seed, index)
    places = range(len(tokens))
    with sheet(0.7 + 0.18 * len(tokens)) as (figure, ax):
        ax.barh(places, [nats for _, nats in tokens], color=ONE, label="nats of each token")
        ax.plot([0] * len(tokens), places, "|", color=INK, ms=5, label="tokens")
        for place, (_, nats) in enumerate(tokens):
            ax.annotate(f"{nats:.2f}", (nats, place), (5, 0), textcoords="offset points", va="center", fontsize=10)
        ax.set(yticks=list(places), yticklabels=[word for word, _ in tokens], xlabel="nats")
        ax.margins(y=0.02)
        ax.invert_yaxis()
        free = sum(abs(nats) < 1e-9 for _, nats in tokens)
        return Plate(
            figure,
            alt=f"Bars of the nats of the {len(tokens)} tokens of the line '{' '.join(word for word, _ in tokens)}'; "
            f"{free} of them, those of the target and the end among them, have none.",
        )
