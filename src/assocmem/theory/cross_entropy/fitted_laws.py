"""Losses fitted to parameters N and data D, and what each fit says of the best balance between the two.

All losses are in nats per token of the tokenizer with which the fit was made; N counts parameters, D tokens seen.

Every law here has the form L = F(a N^-x + b D^-y) with F increasing: equation (1) with F(u) = E + u, that of
Kaplan et al. (2020) with F(u) = u^alpha_D, x = alpha_N/alpha_D and y = 1. At a fixed budget C = 6 N D the inner sum is
a N^-x + b (6N/C)^y, whose only critical point is its minimum, where x a N^-x = y b D^-y. Hence along the optima

    N* = G^((x + y)/x) D^(y/x),     G = (x a/(y b))^(1/(x + y)),     N* = G (C/6)^(y/(x + y)).

``loss`` takes numbers, NumPy arrays and symbols alike; ``assocmem.theory.cross_entropy.certified_laws``
takes the printed decimals as exact rationals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


def _positive(**values: float) -> None:
    """Raise ValueError for the first value that is not positive."""
    for name, value in values.items():
        if not value > 0:
            raise ValueError(f"{name}={value} must be positive")


@dataclass(frozen=True)
class FittedLaw:
    """L(N, D) = E + A/N^alpha + B/D^beta, with the source of its constants.

    ``errors`` are standard errors of some constants by field name, where the source gives them.

    Raises
    ------
    ValueError
        Unless A, B, alpha and beta are positive.
    """

    name: str
    E: float
    A: float
    B: float
    alpha: float
    beta: float
    source: str
    errors: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        _positive(A=self.A, B=self.B, alpha=self.alpha, beta=self.beta)

    def loss(self, N: Any, D: Any) -> Any:
        """Fitted loss of N parameters (positive) after D tokens (positive), in nats per token."""
        return self.E + self.A * N**-self.alpha + self.B * D**-self.beta

    @property
    def exponent(self) -> float:
        """The p of N* proportional to D*^p at the compute optimum: beta/alpha."""
        return self.beta / self.alpha

    @property
    def shares(self) -> tuple[float, float]:
        """Exponents (a, b) of N* ~ C^a and D* ~ C^b; they add up to 1."""
        return self.beta / (self.alpha + self.beta), self.alpha / (self.alpha + self.beta)

    @property
    def G(self) -> float:
        """The constant (alpha A/(beta B))^(1/(alpha + beta)) of N* = G (C/6)^(beta/(alpha + beta))."""
        return float((self.alpha * self.A / (self.beta * self.B)) ** (1 / (self.alpha + self.beta)))

    def optimal_parameters(self, D: Any) -> Any:
        """The N of the compute optimum whose data are D tokens: alpha A N^-alpha = beta B D^-beta."""
        return self.G ** ((self.alpha + self.beta) / self.alpha) * D**self.exponent

    def optimal_data(self, N: Any) -> Any:
        """The D of the compute optimum whose model has N parameters: the inverse of ``optimal_parameters``."""
        return (N / self.G ** ((self.alpha + self.beta) / self.alpha)) ** (1 / self.exponent)

    def optimum(self, compute: float) -> tuple[float, float]:
        """(N*, D*) of least loss at compute = 6 N D operations.

        Raises
        ------
        ValueError
            Unless compute > 0.
        """
        _positive(compute=compute)
        parameters = self.G * (compute / 6) ** self.shares[0]
        return parameters, compute / 6 / parameters

    def interval(self, field: str = "E", width: float = 1.96) -> tuple[float, float] | None:
        """The constant plus and minus ``width`` standard errors, or None where the source gives no error.

        ``field`` is one of E, A, B, alpha, beta.

        Raises
        ------
        ValueError
            If ``field`` is no constant of the law.
        """
        if field not in ("E", "A", "B", "alpha", "beta"):
            raise ValueError(f"field={field!r} is no constant of the law; takes E, A, B, alpha or beta")
        error = dict(self.errors).get(field)
        value = float(getattr(self, field))
        return None if error is None else (value - width * error, value + width * error)


@dataclass(frozen=True)
class KaplanLaw:
    """L(N, D) = ((N_c/N)^(alpha_N/alpha_D) + D_c/D)^alpha_D, early-stopped test loss of Kaplan et al. (2020), eq. 1.5.

    N counts parameters without embeddings. ``compute_shares`` are the exponents (a, b) that the authors give for the
    optimum at a compute budget, which they derive from a second law, of N and the number of steps.

    Raises
    ------
    ValueError
        Unless the four constants are positive.
    """

    name: str
    N_c: float
    D_c: float
    alpha_N: float
    alpha_D: float
    source: str
    compute_shares: tuple[float, float] = (0.73, 0.27)

    def __post_init__(self) -> None:
        _positive(N_c=self.N_c, D_c=self.D_c, alpha_N=self.alpha_N, alpha_D=self.alpha_D)

    def loss(self, N: Any, D: Any) -> Any:
        """Fitted loss of N parameters (positive) after D tokens (positive), in nats per token."""
        return ((self.N_c / N) ** (self.alpha_N / self.alpha_D) + self.D_c / D) ** self.alpha_D

    @property
    def exponent(self) -> float:
        """The p of N ~ D^p at the minimum of ``loss`` with C = 6 N D: alpha_D/alpha_N."""
        return self.alpha_D / self.alpha_N

    def optimum(self, compute: float) -> tuple[float, float]:
        """(N*, D*) of least ``loss`` at compute = 6 N D operations.

        Raises
        ------
        ValueError
            Unless compute > 0.
        """
        _positive(compute=compute)
        x = self.alpha_N / self.alpha_D
        parameters = (x * self.N_c**x * compute / (6 * self.D_c)) ** (1 / (1 + x))
        return parameters, compute / 6 / parameters

    def least_data(self, N: Any) -> Any:
        """Tokens below which overfitting raises the loss noticeably, by the authors' rule: 5e3 N^0.74."""
        return 5e3 * N**0.74

    @property
    def overfitting_exponent(self) -> float:
        """The p of N ~ D^p along that rule: 1/0.74."""
        return 1 / 0.74


PAPER_CHINCHILLA = FittedLaw(
    "printed in the paper", 1.61, 406.4, 410.7, 0.34, 0.28, "Niu et al. (2024), after equation (1)"
)
HOFFMANN_ROUNDED = FittedLaw(
    "Hoffmann et al., as printed", 1.69, 406.4, 410.7, 0.34, 0.28, "Hoffmann et al. (2022), arXiv 2203.15556, eq. 10"
)
HOFFMANN = FittedLaw(
    "Hoffmann et al., unrounded",
    1.6934,
    406.4,
    410.7,
    0.3392,
    0.2849,
    "constants in the TeX source of arXiv 2203.15556, as quoted by Besiroglu et al. (2024)",
)
BESIROGLU = FittedLaw(
    "Besiroglu et al., refit",
    1.8172,
    482.01,
    2085.43,
    0.3478,
    0.3658,
    "Besiroglu et al. (2024), arXiv 2404.10102, refit to points read off a figure of Hoffmann et al.",
    (("E", 0.03), ("A", 124.58), ("B", 1293.23), ("alpha", 0.02), ("beta", 0.02)),
)
MUENNIGHOFF = FittedLaw(
    "Muennighoff et al., C4",
    1.87,
    521.0,
    1488.0,
    0.353,
    0.353,
    "Muennighoff et al. (2023), arXiv 2305.16264, fit to C4 with alpha = beta imposed; rounded here from the authors' "
    "public code (logarithms 0.6254804, 6.255414, 7.3049974; exponent 0.3526596)",
)
KAPLAN = KaplanLaw(
    "Kaplan et al.", 6.4e13, 1.8e13, 0.076, 0.103, "Kaplan et al. (2020), arXiv 2001.08361, joint fit (their Table 2)"
)
KAPLAN_SEPARATE = KaplanLaw(
    "Kaplan et al., separate fits",
    8.8e13,
    5.4e13,
    0.076,
    0.095,
    "Kaplan et al. (2020), equations 1.1 and 1.2: each constant from the limit in which the other variable is large",
)

LAWS = (PAPER_CHINCHILLA, HOFFMANN_ROUNDED, HOFFMANN, BESIROGLU, MUENNIGHOFF)
"""The fits of equation (1), in the order of the tables."""


def exponent_table() -> list[tuple[str, float, float, float]]:
    """(source, a, b, p) with N* ~ C^a, D* ~ C^b and N* ~ D*^p.

    Besides the fits above: the two other approaches of Hoffmann et al., the average exponents of the fits of Hu et al.
    (MiniCPM, equation 2, losses per byte), and three statements of Kaplan et al. The rule against overfitting fixes no
    budget: its a and b are those of a budget spent along it.
    """
    rows = [(law.name, *law.shares, law.exponent) for law in LAWS]
    shares = {
        "Hoffmann et al., approach 1": (0.50, 0.50),
        "Hoffmann et al., approach 2": (0.49, 0.51),
        "Hu et al. (MiniCPM), average": (0.23 / 0.52, 0.29 / 0.52),
        "Kaplan et al., compute optimum as stated": KAPLAN.compute_shares,
    }
    rows += [(name, a, b, a / b) for name, (a, b) in shares.items()]
    for name, p in (("minimum of L(N, D)", KAPLAN.exponent), ("rule against overfitting", KAPLAN.overfitting_exponent)):
        rows.append((f"Kaplan et al., {name}", p / (1 + p), 1 / (1 + p), p))
    return rows


HOFFMANN_TABLE = {400e6: 9.2e9, 1e9: 27.1e9, 10e9: 410.1e9, 67e9: 4.1e12, 175e9: 12.0e12, 280e9: 20.1e12}
"""Parameters and tokens of the optima by approach 3 in Table A3 of Hoffmann et al. (2022), with rounded exponents."""


def optimum_by_search(law: FittedLaw | KaplanLaw, compute: float, points: int = 200_001) -> float:
    """The N of least loss at compute = 6 N D on a logarithmic grid from 1 to 1e20: a second road to ``optimum``."""
    grid = np.logspace(0, 20, points)
    return float(grid[np.argmin(law.loss(grid, compute / 6 / grid))])
