"""The rows of Table 2 with what their sources say, losses in nats per token.

Each number says where it stands and whether it was read there (``confirmed``) or is quoted from memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flint import arb

from assocmem.theory.cross_entropy.certified_laws import certified_kaplan_loss, certified_loss, exact, rounds_to
from assocmem.theory.cross_entropy.fitted_laws import (
    HOFFMANN,
    HOFFMANN_ROUNDED,
    KAPLAN,
    KAPLAN_SEPARATE,
)
from assocmem.theory.exact.certified import to_arb

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
