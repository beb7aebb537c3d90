"""The rows of Table 2 as the paper prints them."""

from __future__ import annotations

from dataclasses import dataclass

BILLION = 10**9


@dataclass(frozen=True)
class Row:
    """A row of Table 2: counts of parameters and tokens, the printed loss in nats per token, and the cited source."""

    model: str
    parameters: int
    tokens: int
    loss: float
    source: str


TABLE_TWO: dict[str, Row] = {
    "T2-TRANS": Row("Transformer", 3 * BILLION // 2, 22 * BILLION, 2.5, "Kaplan et al. (2020)"),
    "T2-CHIN": Row("Chinchilla", 70 * BILLION, 1400 * BILLION, 2.2, "Hoffmann et al. (2022a)"),
    "T2-PALM2": Row("PaLM 2", 16 * BILLION, 100 * BILLION, 2.4, "Anil et al. (2023)"),
    "T2-GPT2": Row("GPT-2", 87 * BILLION // 10, 178 * BILLION, 2.3, "Muennighoff et al. (2024)"),
    "T2-MINICPM": Row("MiniCPM", 24 * BILLION // 10, 140 * BILLION, 2.4, "Hu et al. (2024c)"),
    "T2-NANO": Row("Nanotron", 12 * BILLION // 10, 105 * BILLION, 2.4, "Peng et al. (2024)"),
}
"""The six rows by the id of their claim."""
