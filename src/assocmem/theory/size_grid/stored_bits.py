"""How far below log V the training loss of a model of bN bits can be on a text in which there is nothing to learn.

The D tokens of a text are independent and uniform over V. A model is one of K = 2^(bN) probability measures of texts,
fixed before the text is drawn. V^D times the probability of the text has the mean 1 under each, so the mean of the
largest is at most K: however the model is chosen, D (log V - L_train) is at most bN log 2 in the mean (Jensen).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

from flint import arb

from assocmem.theory.balance.table_three import ROWS, Row
from assocmem.theory.exact.certified import to_arb

Text = tuple[int, ...]
Model = dict[Text, Fraction]
"""A probability for each text of one length."""


def texts(tokens: int, vocabulary: int) -> list[Text]:
    """All texts."""
    return list(product(range(vocabulary), repeat=tokens))


def lists_one(tokens: int, vocabulary: int) -> list[Model]:
    """One model a text, which is certain of it: as many models as texts."""
    every = texts(tokens, vocabulary)
    return [{text: Fraction(text == known) for text in every} for known in every]


def leans(tokens: int, shares: Sequence[Fraction]) -> list[Model]:
    """Models of coins: one a share, which is the chance of a 1 at each place."""
    every = texts(tokens, 2)
    models = []
    for share in shares:
        chances: Model = {}
        for text in every:
            chances[text] = share ** sum(text) * (1 - share) ** (tokens - sum(text))
        models.append(chances)
    return models


def mean_ratio(model: Model) -> Fraction:
    """The mean of V^D times the probability that a model gives to a uniform text."""
    return sum((len(model) * chance for chance in model.values()), Fraction(0)) / len(model)


def stored(models: Sequence[Model]) -> arb:
    """The mean over uniform texts of D (log V - L_train) of the likeliest model, in nats."""
    every = list(models[0])
    best = [max(model[text] for model in models) for text in every]
    return sum(((to_arb(len(every) * chance)).log() for chance in best), arb(0)) / len(every)


def share_above(models: Sequence[Model], beyond: Fraction) -> Fraction:
    """The share of texts on which V^D times the largest probability is at least K times a number."""
    every = list(models[0])
    best = [max(model[text] for model in models) * len(every) for text in every]
    return Fraction(sum(value >= len(models) * beyond for value in best), len(every))


def gap_of_recall(doubt: Fraction) -> arb:
    """Validation less training loss where every bit of the text is stored and foretold with the chance 1 - doubt.

    New bits are independent of the stored ones, so that half of them are held for unlikely.
    """
    sure, unsure = to_arb(1 - doubt).log(), to_arb(doubt).log()
    return -(sure + unsure) / 2 + sure


def bits_asked(row: Row, threshold: Fraction) -> arb:
    """The b of D* = (b log 2/sigma) N: what a row would ask of each parameter on a text with nothing to learn."""
    return to_arb(threshold * row.star / row.size) / arb.const_log2()


def all_rows(threshold: Fraction) -> list[arb]:
    """The bits of the three rows of Table 3."""
    return [bits_asked(row, threshold) for row in ROWS]


def excess_of_square(ratio: Fraction, bits: int, threshold: Fraction, data: int) -> arb:
    """(b log 2/sigma) N + 1 - D* on the law N = ratio D*^2: negative where the law breaks the bound."""
    return bits * arb.const_log2() / to_arb(threshold) * to_arb(ratio) * arb(data) ** 2 + 1 - data
