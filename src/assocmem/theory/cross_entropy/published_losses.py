"""Losses that the literature reports: the rows of Table 2 with what their sources say, and losses below 1 nat.

A loss is a negative log-probability per unit. Two numbers convert it: log 2 nats are one bit, and a text of B bytes in
T tokens has b = B/T bytes per token, so that L nats per token are L/b nats per byte. Nothing else is comparable.

Each number says where it stands and whether it was read there (``confirmed``) or is quoted from memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from flint import arb

from assocmem.theory.cross_entropy.fitted_laws import (
    BESIROGLU,
    HOFFMANN,
    HOFFMANN_ROUNDED,
    KAPLAN,
    KAPLAN_SEPARATE,
    PAPER_CHINCHILLA,
    certified_kaplan_loss,
    certified_loss,
    exact,
    rounds_to,
)
from assocmem.theory.exact.certified import sign, to_arb

BILLION = 10**9


@dataclass(frozen=True)
class SourceValue:
    """One loss that a source gives for a row's N and D, in nats per token."""

    what: str
    value: Callable[[], arb]
    confirmed: bool
    condition: str | None = None


@dataclass(frozen=True)
class Row:
    """A row of Table 2: what is printed, what the cited source gives for it, and what the row leaves open.

    ``parameters`` and ``tokens`` are counts, ``loss`` is the printed number. ``trained_on`` is the count of tokens that
    the source gives for the named model where it is another one, and ``other_model`` says so where the source states
    that a model of this size is not the named one. ``elsewhere`` says which other losses of the same model the source
    reports, where the row leaves open which is meant. ``largest_reported`` counts the parameters of the largest model
    of the family whose loss the source reports; ``larger`` names a larger sibling without one.
    """

    model: str
    parameters: int
    tokens: int
    loss: float
    source: str
    tokenizer: str
    values: tuple[SourceValue, ...] = ()
    missing: str = ""
    trained_on: int | None = None
    other_model: str = ""
    elsewhere: str = ""
    largest_reported: int = 0
    larger: str = ""


TABLE_TWO: dict[str, Row] = {
    "T2-TRANS": Row(
        "Transformer",
        3 * BILLION // 2,
        22 * BILLION,
        2.5,
        "Kaplan et al. (2020)",
        "GPT-2 BPE, 50257 tokens",
        (
            SourceValue(
                "their law of N and D (equation 1.5)",
                lambda: certified_kaplan_loss(KAPLAN, 3 * BILLION // 2, 22 * BILLION),
                confirmed=False,
            ),
            SourceValue(
                "their law of N alone (equation 1.1)",
                lambda: power_law(KAPLAN_SEPARATE.N_c, 3 * BILLION // 2, KAPLAN_SEPARATE.alpha_N),
                confirmed=True,
            ),
        ),
        "the source tabulates no loss of its largest model, and the row names no set of texts",
        elsewhere="larger losses on four other sets of texts, in a figure",
        largest_reported=3 * BILLION // 2,
    ),
    "T2-CHIN": Row(
        "Chinchilla",
        70 * BILLION,
        1400 * BILLION,
        2.2,
        "Hoffmann et al. (2022a)",
        "SentencePiece, 32000 tokens",
        (
            SourceValue(
                "their law with the printed constants",
                lambda: certified_loss(HOFFMANN_ROUNDED, 70 * BILLION, 1400 * BILLION),
                confirmed=True,
            ),
            SourceValue(
                "their law with the constants of the TeX source",
                lambda: certified_loss(HOFFMANN, 70 * BILLION, 1400 * BILLION),
                confirmed=True,
            ),
        ),
        "the source prints losses of Chinchilla in bits per byte, none in nats per token",
        largest_reported=70 * BILLION,
    ),
    "T2-PALM2": Row(
        "PaLM 2",
        16 * BILLION,
        100 * BILLION,
        2.4,
        "Anil et al. (2023)",
        "not published",
        missing="the losses of the study of scaling laws, among whose runs of 1e22 operations is one of 16.1 billion "
        "parameters, could not be read",
        other_model="the report says that the sizes of its study of scaling laws are not those of PaLM 2",
        largest_reported=161 * BILLION // 10,
        larger="PaLM 2-L, which took more operations than the largest PaLM",
    ),
    "T2-GPT2": Row(
        "GPT-2",
        87 * BILLION // 10,
        178 * BILLION,
        2.3,
        "Muennighoff et al. (2024)",
        "GPT-2 BPE, 50257 tokens",
        (
            SourceValue(
                "validation loss on C4 after one epoch, in the authors' public results",
                lambda: to_arb(exact(2.336741)),
                confirmed=True,
            ),
        ),
        largest_reported=867 * BILLION // 100,
    ),
    "T2-MINICPM": Row(
        "MiniCPM",
        24 * BILLION // 10,
        140 * BILLION,
        2.4,
        "Hu et al. (2024c)",
        "BPE, 122753 tokens",
        missing="the curve of the loss on C4 is a figure; its end, after more than 1000 billion tokens, is near 2.4",
        trained_on=1100 * BILLION,
        largest_reported=24 * BILLION // 10,
        larger="MiniCPM-MoE with 13.6 billion parameters",
    ),
    "T2-NANO": Row(
        "Nanotron",
        12 * BILLION // 10,
        105 * BILLION,
        2.4,
        "Peng et al. (2024)",
        "not stated in the table",
        (
            SourceValue(
                "final training loss of the report",
                lambda: to_arb(exact(2.449)),
                confirmed=False,
                condition="the report's final training loss, quoted from memory as 2.449",
            ),
        ),
        largest_reported=12 * BILLION // 10,
    ),
}
"""The six rows by the id of their claim."""


def disagreement(row: Row) -> str | None:
    """How the source contradicts a row, or None where it does not: model, then data, then loss.

    A loss that differs from the source's is no contradiction where the source reports others for the same model.
    """
    if row.other_model:
        return row.other_model
    if row.trained_on is not None and row.trained_on != row.tokens:
        return f"the source trains it on {row.trained_on / 1e9:g} billion tokens, not {row.tokens / 1e9:g}"
    values = agreement(row)
    if values and not row.elsewhere and all(rounds is False for _, rounds, _ in values):
        shown = ", ".join(f"{float(value.value().mid()):.2f} by {value.what}" for value, _, _ in values)
        return f"the source gives {shown}, not {row.loss:g}"
    return None


def open_question(row: Row) -> str | None:
    """What keeps a row from being compared with its source, with the source's values, or None if one agrees."""
    values = agreement(row)
    if any(rounds for _, rounds, _ in values):
        return None
    shown = "; ".join(f"{value.what}: {float(value.value().mid()):.2f}" for value, _, _ in values)
    parts = (row.missing or "the source gives no loss for this row", shown, row.elsewhere)
    return "; ".join(part for part in parts if part)


def power_law(scale: float, count: int, exponent: float) -> arb:
    """(scale/count)^exponent with the decimals as printed, as a ball."""
    return (to_arb(exact(exponent)) * (to_arb(exact(scale)) / arb(count)).log()).exp()


def agreement(row: Row) -> list[tuple[SourceValue, bool | None, float]]:
    """For each value of the source: whether it rounds to the printed loss, and what the printed one exceeds it by."""
    return [(v, rounds_to(v.value, row.loss), float(row.loss) - float(v.value().mid())) for v in row.values]


@dataclass(frozen=True)
class PublishedLoss:
    """A published loss of a Transformer: ``value`` in ``unit`` ("bits per byte", "bits per character")."""

    model: str
    data: str
    value: float
    unit: str
    source: str
    own_tokens: bool
    confirmed: bool = True

    def nats(self) -> arb:
        """Nats per byte or character: the value times log 2."""
        return to_arb(exact(self.value)) * arb(2).log()

    def is_below_one(self) -> bool:
        """Whether the loss is certified to be less than 1 nat per byte or character."""
        return sign(lambda: 1 - self.nats()) == 1


BELOW_ONE = (
    PublishedLoss("64-layer Transformer", "enwik8", 1.06, "bits per byte", "Al-Rfou et al. (2019), abstract", True),
    PublishedLoss("64-layer Transformer", "text8", 1.13, "bits per character", "Al-Rfou et al. (2019), abstract", True),
    PublishedLoss("all-attention network", "enwik8", 0.98, "bits per byte", "Sukhbaatar et al. (2019)", True),
    PublishedLoss("all-attention network", "text8", 1.08, "bits per character", "Sukhbaatar et al. (2019)", True),
    PublishedLoss("Chinchilla 70B", "Pile-CC", 0.667, "bits per byte", "Hoffmann et al. (2022), Table A5", False),
    PublishedLoss("Chinchilla 70B", "DM Mathematics", 1.111, "bits per byte", "the same table, its largest", False),
    PublishedLoss("GPT-2 117M", "enwik8", 1.16, "bits per byte", "Radford et al. (2019), Table 3", False),
    PublishedLoss("GPT-2 345M", "enwik8", 1.01, "bits per byte", "Radford et al. (2019), Table 3", False),
    PublishedLoss("GPT-2 762M", "enwik8", 0.97, "bits per byte", "Radford et al. (2019), Table 3", False),
    PublishedLoss("GPT-2 1542M", "enwik8", 0.93, "bits per byte", "Radford et al. (2019), Table 3", False),
    PublishedLoss("GPT-2 345M", "text8", 1.06, "bits per character", "Radford et al. (2019), Table 3", False),
    PublishedLoss("GPT-2 345M", "the Pile", 1.0928, "bits per byte", "Gao et al. (2020)", False),
)
"""Losses below 1 nat; ``own_tokens`` where the unit is the model's own token, so that only log 2 converts it."""


@dataclass(frozen=True)
class Compression:
    """How many bytes a tokenizer puts into a token on average, from a published count of both."""

    tokenizer: str
    text: str
    bytes: int
    tokens: int
    source: str

    @property
    def bytes_per_token(self) -> Fraction:
        """b = bytes/tokens."""
        return Fraction(self.bytes, self.tokens)

    def per_byte(self, loss: float) -> Fraction:
        """Nats per byte of a loss in nats per token."""
        return exact(loss) / self.bytes_per_token


WEBTEXT2 = Compression(
    "GPT-2 BPE",
    "WebText2",
    96 * BILLION,
    229 * BILLION // 10,
    "Kaplan et al. (2020), section 2.3: 96 GB in 2.29e10 tokens",
)
MASSIVETEXT = Compression(
    "SentencePiece, 32000 tokens",
    "MassiveText",
    10_500 * BILLION,
    2344 * BILLION,
    "Rae et al. (2021): 10.5 TB, of which 300 billion tokens are 12.8 percent",
)


@dataclass(frozen=True)
class Sizes:
    """A published measure of the four GPT-2 models, 117M to 1542M parameters; ``better`` is "lower" or "higher"."""

    task: str
    better: str
    values: tuple[float, float, float, float]

    def improvements(self) -> list[Fraction]:
        """Exact improvement of each step in size; negative where the larger model does worse."""
        exacts = [exact(v) for v in self.values]
        turn = 1 if self.better == "higher" else -1
        return [turn * (b - a) for a, b in pairwise(exacts)]


GPT2_TABLE = (
    Sizes("LAMBADA, perplexity", "lower", (35.13, 15.60, 10.87, 8.63)),
    Sizes("LAMBADA, accuracy", "higher", (45.99, 55.48, 60.12, 63.24)),
    Sizes("CBT common nouns, accuracy", "higher", (87.65, 92.35, 93.45, 93.30)),
    Sizes("CBT named entities, accuracy", "higher", (83.4, 87.1, 88.0, 89.05)),
    Sizes("WikiText2, perplexity", "lower", (29.41, 22.76, 19.93, 18.34)),
    Sizes("PTB, perplexity", "lower", (65.85, 47.33, 40.31, 35.76)),
    Sizes("WikiText103, perplexity", "lower", (37.50, 26.37, 22.05, 17.48)),
    Sizes("1BW, perplexity", "lower", (75.20, 55.72, 44.575, 42.16)),
)
"""Table 3 of Radford et al. (2019): the four models differ in size only."""

SAME_DATA = {"6.34B parameters, 242B tokens": 2.358995, "8.67B parameters, 178B tokens": 2.376484}
"""Validation losses of two runs of equal compute on the same 25B tokens, repeated (Muennighoff et al., public results).

The smaller model ends lower.
"""


def below_one(losses: tuple[PublishedLoss, ...] = BELOW_ONE) -> list[PublishedLoss]:
    """Those certified to be less than 1 nat."""
    return [loss for loss in losses if loss.is_below_one()]


def comparable() -> dict[str, tuple[float, float]]:
    """Losses in nats per token with the bytes per token of the same tokenizer, where both are published."""
    webtext, massive = float(WEBTEXT2.bytes_per_token), float(MASSIVETEXT.bytes_per_token)
    return {
        "Table 2, Transformer": (TABLE_TWO["T2-TRANS"].loss, webtext),
        "Kaplan et al., their law": (KAPLAN.loss(1.5e9, 22e9), webtext),
        "Table 2, Chinchilla": (TABLE_TWO["T2-CHIN"].loss, massive),
        "Hoffmann et al., their law": (HOFFMANN.loss(70e9, 1.4e12), massive),
        "E, printed in the paper": (PAPER_CHINCHILLA.E, massive),
        "E, Besiroglu et al.": (BESIROGLU.E, massive),
    }
