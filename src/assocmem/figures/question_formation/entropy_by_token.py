"""Question-Formation drawn: which tokens of a line carry its entropy, on average and in one example."""

from __future__ import annotations

from assocmem.figures.plate import INK, ONE, Plate, sheet
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


def draw_tokens(law: Grammar = MEASURED, seed: int = 0, index: int = 0) -> Plate:
    """Above: expected nats per place, averaged over all lines. Below: the nats of each token of one line."""
    values, tokens = per_place(law), example(law, seed, index)
    places = range(len(tokens))
    with sheet(3.1 + 0.21 * len(tokens), nrows=2, height_ratios=(2.2, 0.21 * len(tokens))) as (figure, (above, below)):
        above.bar(range(1, len(values) + 1), values, color=ONE, label="expected nats")
        above.set(xlabel="place in the line", ylabel="expected nats", xticks=[1, 5, 10, 15])
        above.set_title("all lines, up to the task", loc="left")
        below.barh(places, [nats for _, nats in tokens], color=ONE, label="nats of each token")
        below.plot([0] * len(tokens), places, "|", color=INK, ms=5, label="tokens")
        below.set(yticks=list(places), yticklabels=[word for word, _ in tokens], xlabel="nats")
        below.set_title("one line, from its first token down", loc="left")
        below.invert_yaxis()
        most = max(range(len(values)), key=values.__getitem__)
        free = sum(abs(nats) < 1e-9 for _, nats in tokens)
        return Plate(
            figure,
            alt=f"Above, bars of the expected entropy at each place up to the task; place {most + 1} has the most, "
            f"{values[most]:.2f} nats. Below, the nats of the {len(tokens)} tokens of one line; {free} of them, those "
            "of the target and the end among them, have none.",
        )
