"""Checks of the bound that memory sets: what a model of so many bits can know of a text with nothing to learn."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.size_grid import derivations, stored_bits

SIGMA = Fraction(1, 5)
"""The paper's threshold, the root of 0.04."""


@dataclass(frozen=True)
class Bound:
    """Mean of D (log V - L_train) at most factor b N log 2; P(beyond by t) <= exp(-rate t); the validation loss.

    ``recall`` is the gap of a model that recalls a text of bits with the chance 99/100, to three decimals.
    """

    factor: Fraction = Fraction(1)
    rate: int = 1
    validation: str = "at most log V"
    recall: str = "2.298"


claim(
    "X-BAL-MEMORY",
    Bound(),
    mutants={
        "99 hundredths of the bits": Bound(factor=Fraction(99, 100)),
        "at twice the rate": Bound(rate=2),
        "whatever the validation loss": Bound(validation="any"),
        "recall without a gap": Bound(recall="0.000"),
    },
)


def families() -> list[list[stored_bits.Model]]:
    """Models that are certain of one text, and coins that lean, of up to 9 texts and 8 shares."""
    coins = stored_bits.leans(4, [Fraction(k, 8) for k in range(8)])
    return [stored_bits.lists_one(3, 2), stored_bits.lists_one(2, 3), coins, coins[2:6]]


@check(
    "X-BAL-MEMORY",
    kind="symbolic",
    scope="every finite set of models, every choice among them, every V, D, b, N and sigma",
    in_words="Jensen's and Markov's inequalities, and that the largest of nonnegative numbers is at most their sum",
)
def mean_of_the_largest(stmt: Bound) -> Finding:
    """Each ratio of probabilities has the mean 1, so that the mean of the largest of K is at most K."""
    if stmt != Bound():
        return Finding.undecided("the proof does not give this")
    if any(stored_bits.mean_ratio(model) != 1 for models in families() for model in models):
        return Finding.undecided("a ratio of probabilities has another mean than 1")
    return Finding.attempt(
        "at most b N log 2 nats in all, so a gap below sigma from D = (b log 2/sigma) N on", derivations.data_of_bits
    )


@check(
    "X-BAL-MEMORY", kind="certified", scope="all texts of 2 to 4 tokens, four sets of models; one model that recalls"
)
def texts_enumerated(stmt: Bound) -> Finding:
    """What the likeliest model stores, in the mean over all texts, and the share beyond it; a gap without a bound."""
    for models in families():
        with precision(128):
            room = to_arb(stmt.factor) * to_arb(len(models)).log() - stored_bits.stored(models)
        if room < 0:
            return Finding.fails(
                f"{len(models)} models store {(-room).str(5, radius=False)} nats more", margin="certified"
            )
    for models in (*families(), families()[0][:1]):
        for beyond in (1, 2, 4, 8):
            share = stored_bits.share_above(models, Fraction(beyond))
            if share > Fraction(1, beyond) ** stmt.rate:
                return Finding.fails(f"{len(models)} models: {share} of the texts lie beyond {beyond}", margin="exact")
    with precision(128):
        gap, bound = stored_bits.gap_of_recall(Fraction(1, 100)), to_arb(2).log()
        recall = f"{float(gap.mid()):.3f}"
    if recall != stmt.recall or (stmt.validation == "any" and gap > bound):
        return Finding.fails(f"a model that recalls has a gap of {recall} with one bit a token", margin="certified")
    return Finding.survived("the bound holds; models that list the texts attain it", margin="certified")


@dataclass(frozen=True)
class Asked:
    """Bits a parameter that the rows ask for, to three decimals; between which D* N = ratio D*^2 breaks the bound."""

    bits: tuple[str, str, str] = ("1.547", "1.253", "1.113")
    ratio: Fraction = Fraction(863, 10**12)
    width: int = 32
    first: int = 2
    last: int = 10**7


claim(
    "X-BAL-MEMORY-T3",
    Asked(),
    mutants={
        "a bit a parameter": Asked(bits=("1.000",) * 3),
        "up to eleven million": Asked(last=11 * 10**6),
        "64 bits a parameter": Asked(width=64),
    },
)


@check(
    "X-BAL-MEMORY-T3",
    kind="certified",
    scope="the three rows; all D* from 2 to ten million, as the excess is convex in D*",
)
def bits_of_table_three(stmt: Asked) -> Finding:
    """sigma D*/(N log 2), and the excess of the square over the bound at both ends of the range."""
    with precision(128):
        bits = tuple(f"{float(value.mid()):.3f}" for value in stored_bits.all_rows(SIGMA))
        ends = [stored_bits.excess_of_square(stmt.ratio, stmt.width, SIGMA, end) for end in (stmt.first, stmt.last)]
    if bits != stmt.bits:
        return Finding.fails(f"the rows ask for {', '.join(bits)} bits", margin="certified")
    if not all(excess < 0 for excess in ends):
        return Finding.fails("the square obeys the bound at an end of the range", margin="certified")
    return Finding.enumerated(
        f"{', '.join(bits)} bits; the square breaks the bound from D* = {stmt.first} to {stmt.last}"
    )
