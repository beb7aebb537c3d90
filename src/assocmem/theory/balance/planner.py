"""How many parameters N each law recommends for D tokens: the paper's ratio, its theory, and the fitted laws.

The theory speaks of the dimension n = T_max d_emb and the number of samples d = D/T_max. Where Z = 1 fixes n, the width
is n/T_max and N = A l d_emb^2 by equation (2), either at a fixed depth l, or at a fixed *aspect* a = A l d_emb/T_max,
for which N = a n. N counts parameters, D tokens; no embedding is counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assocmem.theory.balance.solution import Formula, solve_balance
from assocmem.theory.balance.table_three import CONTEXT, LAYERS, MILLION, ROWS, shape
from assocmem.theory.cross_entropy import fitted_laws
from assocmem.theory.cross_entropy.table_two import TABLE_TWO
from assocmem.theory.exact.incomplete_gamma import Array

MODELS: tuple[tuple[str, float, float], ...] = (
    *((row.model, float(row.tokens), float(row.parameters)) for row in TABLE_TWO.values()),
    *((f"Table 3, row {k}", float(row.star * MILLION), float(row.size * MILLION)) for k, row in enumerate(ROWS, 1)),
)
"""(name, D, N) as the paper lists them in Tables 2 and 3."""
RATIO = 8.63e-10
"""N/D^2 in parameters per squared token: the mean of the three ratios of Table 3, at their precision."""


@dataclass(frozen=True)
class Shape:
    """What the theory needs besides D: context T_max, depth l, A of equation (2), and the aspect A l d_emb/T_max.

    Raises
    ------
    ValueError
        Unless all four are positive.
    """

    context: int = CONTEXT
    layers: int = LAYERS
    factor: float = 12.0
    aspect: float = float(shape(ROWS[1]))

    def __post_init__(self) -> None:
        if not min(self.context, self.layers, self.factor, self.aspect) > 0:
            raise ValueError(f"{self} has a size that is not positive")

    def samples(self, tokens: npt.ArrayLike) -> Array:
        """d = D/T_max.

        Raises
        ------
        ValueError
            Unless D exceeds T_max: Z = 1 needs more than one sample.
        """
        samples = np.asarray(tokens, dtype=np.float64) / self.context
        if not (samples > 1).all():
            raise ValueError(f"D must exceed T_max={self.context}, got D={np.min(tokens):g}")
        return samples

    def width(self, tokens: npt.ArrayLike, formula: Formula) -> Array:
        """d_emb = n/T_max at Z = 1; below 1 no network has it."""
        return np.asarray(solve_balance(d=self.samples(tokens), formula=formula) / self.context)

    def at_depth(self, tokens: npt.ArrayLike, formula: Formula) -> Array:
        """N = A l d_emb^2 at Z = 1 and fixed depth."""
        return self.factor * self.layers * self.width(tokens, formula) ** 2

    def at_aspect(self, tokens: npt.ArrayLike, formula: Formula) -> Array:
        """N = a n at Z = 1 and fixed aspect a."""
        return self.aspect * self.context * self.width(tokens, formula)


def by_ratio(tokens: npt.ArrayLike) -> Array:
    """N = 8.63e-10 D^2, from Table 3."""
    return RATIO * np.asarray(tokens, dtype=np.float64) ** 2


def by_overfitting(tokens: npt.ArrayLike) -> Array:
    """The largest N that D tokens keep from overfitting, by the rule of Kaplan et al. (2020): D = 5e3 N^0.74."""
    law = fitted_laws.KAPLAN
    return np.asarray((np.asarray(tokens, dtype=np.float64) / law.least_data(1.0)) ** law.overfitting_exponent)


Law = Callable[[npt.ArrayLike], Array]
FITTED = (fitted_laws.HOFFMANN, fitted_laws.BESIROGLU, fitted_laws.MUENNIGHOFF)
"""Fits of equation (1) whose compute optimum is drawn."""


def laws(of: Shape | None = None) -> dict[str, Law]:
    """Every law by name, as a function from tokens to parameters, elementwise."""
    form = of or Shape()
    theory: dict[str, Law] = {
        "Proposition 5's upper end, fixed depth": lambda D: form.at_depth(D, "upper"),
        "Proposition 5's upper end, fixed aspect": lambda D: form.at_aspect(D, "upper"),
        "Z = 1 as printed, fixed depth": lambda D: form.at_depth(D, "printed"),
        "Z = 1 solved, fixed depth": lambda D: form.at_depth(D, "exact"),
        "Z = 1 solved, fixed aspect": lambda D: form.at_aspect(D, "exact"),
    }
    fits: dict[str, Law] = {
        law.name: lambda D, law=law: np.asarray(law.optimal_parameters(np.asarray(D, dtype=np.float64)))  # type: ignore[misc]
        for law in FITTED
    }
    return {"Table 3's ratio": by_ratio, **theory, **fits, "Kaplan et al., against overfitting": by_overfitting}


def recommend(tokens: float, of: Shape | None = None) -> dict[str, float]:
    """N of every law for D tokens.

    Raises
    ------
    ValueError
        Unless D exceeds the context T_max.
    """
    return {name: float(law(tokens)) for name, law in laws(of).items()}


def local_exponent(law: Law, tokens: npt.ArrayLike, step: float = 1e-4) -> Array:
    """d log N/d log D at D tokens, by central differences; elementwise."""
    at = np.asarray(tokens, dtype=np.float64)
    low, high = (np.asarray(law(at * np.exp(s * step))) for s in (-1, 1))
    return np.asarray(np.log(high / low) / (2 * step))
