"""Numbers that works cited in the introduction and the discussion report, each with the place where it was read.

Facts of the literature, not results of this book; what could not be read in a source is marked as from memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from assocmem.theory.cross_entropy.certified_laws import exact
from assocmem.theory.cross_entropy.table_two import TABLE_TWO

GPUS_PER_SERVER = 8
"""In an NVIDIA DGX A100."""
SELENE_SERVERS = 560
"""Servers of the machine that trained MT-NLG (Microsoft and NVIDIA, announcement of October 2021)."""
MT_NLG = {"parameters": 530 * 10**9, "tokens": 270 * 10**9, "GPUs": SELENE_SERVERS * GPUS_PER_SERVER}
"""Parameters from the abstract of Smith et al. (2022); tokens from memory; the GPUs are all that the machine has."""
MODELS = {"MT-NLG": MT_NLG, "the 175B model of MegaScale": {"parameters": 175 * 10**9, "GPUs": 12_288}}
"""With Jiang et al. (2024), whose abstract says more than 10,000 GPUs (read); their exact numbers from memory."""


def reaching(quantity: str, least: int) -> list[str]:
    """The models that reach a number of parameters, tokens or GPUs; what is not recorded counts as not reached."""
    return [name for name, known in MODELS.items() if known.get(quantity, 0) >= least]


SUITE = ("C-Eval", "CMMLU", "MMLU", "HumanEval", "MBPP", "GSM8K", "MATH", "BBH", "ARC-E", "ARC-C", "HellaSwag")


def scores(text: str) -> dict[str, Fraction]:
    """Scores of the suite, in its order."""
    return dict(zip(SUITE, map(Fraction, text.split()), strict=True))


MINICPM = {
    "MiniCPM-2B": scores("51.13 51.07 53.46 50.00 47.31 53.83 10.24 36.87 85.44 68.00 68.25"),
    "Llama2-7B": scores("32.42 31.11 44.32 12.2 27.17 13.57 1.8 33.23 75.25 42.75 75.62"),
    "Mistral-7B": scores("46.12 42.96 62.69 27.44 45.2 33.13 5.0 41.06 83.92 70.73 80.43"),
    "Llama2-13B": scores("37.32 37.06 54.71 17.07 32.55 21.15 2.25 37.92 78.87 58.19 79.23"),
}
"""From the README of the MiniCPM repository, under MiniCPM 1.0; Gemma-7B stands only in the paper (from memory)."""


def mean(model: str) -> Fraction:
    """Mean score over the suite."""
    return sum(MINICPM[model].values(), Fraction(0)) / len(SUITE)


def widest_deficit(model: str, other: str) -> tuple[str, Fraction]:
    """The benchmark on which the other model leads by most, and by how many points."""
    gaps = {name: MINICPM[other][name] - MINICPM[model][name] for name in SUITE}
    name = max(gaps, key=lambda key: gaps[key])
    return name, gaps[name]


def share_near(value: Fraction, within: Fraction) -> Fraction:
    """Share of the losses of the paper's Table 2 that differ from a value by at most ``within``."""
    losses = [exact(row.loss) for row in TABLE_TWO.values()]
    return Fraction(sum(abs(loss - value) <= within for loss in losses), len(losses))


@dataclass(frozen=True)
class Comparison:
    """A published comparison of Transformers that differ in size alone."""

    source: str
    what: str
    larger: str


SIZES = (
    Comparison("Kaplan et al. (2020)", "test loss, early stopped, against the number of parameters", "better"),
    Comparison("Murty et al. (2023)", "hierarchical generalization against depth, beyond the best depth", "worse"),
)
"""Both from the abstracts; a larger model is better in one series and worse in the other."""

NEEDED = {
    "architecture of the three models": "Appendix F",
    "tokens per step, context length, dropout, optimizer": "Appendix F",
    "widths of the feed-forward layers": None,
    "learning rate and its schedule": None,
    "weight decay and gradient clipping": None,
    "number of training steps of each run": None,
    "random seeds and numerical precision": None,
    "normalization of the recorded activation (6.1)": None,
    "training and test split, batches and steps for Question-Formation (6.2)": "Murty et al. (2023)",
}
"""What a reader needs to repeat the experiments of the submission, and where the text gives it; None: nowhere."""

FINDINGS: dict[str, dict[str, str]] = {
    "Touvron et al. (2023)": {"tokens": "2 trillion", "sign of saturation": "none"},
    "Du et al. (2024)": {"which loss": "pre-training", "which tasks": "some"},
    "Wu et al. (2024)": {"mapped to a feature space": "the energy", "aim": "patterns separated there"},
    "Raissi et al. (2019)": {"a physics-informed network": "is trained on the residual of a differential equation"},
}
"""What abstracts (for Touvron et al. the caption of their Figure 5) say, in the words of this book."""


def contradicted(source: str, said: dict[str, str]) -> list[str]:
    """The entries in which a sentence differs from its source.

    Raises
    ------
    KeyError
        For what is not recorded of it.
    """
    known = FINDINGS[source]
    return [f"{source}: {key}: {known[key]}, not {value}" for key, value in said.items() if known[key] != value]


ASSOCIATIONS = {
    "models of different size": ("more of both", "Tirumala et al. (2022): larger models memorize more text"),
    "data with and without duplicates": (
        "less memorized, no worse",
        "Lee et al. (2022): ten times less memorized text, accuracy the same or better",
    ),
    "steps of one training": (
        "first one, then the other",
        "Power et al. (2022): generalization can come long after the data are memorized",
    ),
}
"""What is found of memorization and performance, by what is compared."""
