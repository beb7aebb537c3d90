"""Losses that the literature reports: those below 1 nat, and texts counted in bytes and tokens.

A loss is a negative log-probability per unit. Two numbers convert it: log 2 nats are one bit, and a text of B bytes in
T tokens has b = B/T bytes per token, so that L nats per token are L/b nats per byte. Nothing else is comparable.

Each number says where it stands and whether it was read there (``confirmed``) or is quoted from memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from assocmem.theory.cross_entropy.certified_laws import exact, lies_within
from assocmem.theory.cross_entropy.fitted_laws import (
    BESIROGLU,
    HOFFMANN,
    KAPLAN,
    PAPER_CHINCHILLA,
)
from assocmem.theory.cross_entropy.table_two import BILLION, TABLE_TWO
from assocmem.theory.exact.certified import sign, to_arb


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

    def rounds_to(self, stated: Fraction, places: int) -> bool:
        """Whether the nats certainly round to a number of that many places."""
        return lies_within(self.nats, stated, Fraction(1, 2 * 10**places)) is True

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
