"""log P(a, x) for large a, where both of scipy's expansions stop too early: the ball integral beyond n = 2 10^6.

With z = eta sqrt(a), eta^2/2 = x/a - 1 - log(x/a) and eta of the sign of x - a, Temme's uniform expansion is

    P(a, x) = Phi(z) - phi(z) (C_0(eta) + O(1/a)) / sqrt(a),    C_0(eta) = 1/(x/a - 1) - 1/eta,

with the density phi and the distribution function Phi of the standard normal law (DLMF 8.12.3 and 8.12.8).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from jaxtyping import Float
from scipy import special

Array: TypeAlias = Float[npt.NDArray[np.float64], "..."]
"""Numbers of any shape; functions of several broadcast."""

LARGE = 1e6
"""From this a on, C_0 alone is exact to float64 for x >= 0.9 a: the rest changes log P by less than 1e-15."""
NEAR = 0.9
_C0 = (-1 / 3, 1 / 12, -2 / 135, 1 / 864, 1 / 2835, -139 / 777600)
"""Taylor coefficients of C_0 in eta."""


def log_gamma_mass(a: Array, x: Array) -> Array:
    """log P(a, x) for a >= 10^6 and x >= 0.9 a (x = inf allowed); the arguments are not checked."""
    mu = np.minimum(x / a, 1.1) - 1  # at 1.1 a the mass is 1 to float64, and beyond it, too
    eta = np.copysign(np.sqrt(2 * np.maximum(mu - np.log1p(mu), 0.0)), mu)
    z = eta * np.sqrt(a)
    normal = special.log_ndtr(z)
    hazard = np.exp(-z * z / 2 - 0.5 * np.log(2 * np.pi) - normal)
    return np.asarray(normal + np.log1p(-hazard * np.polyval(_C0[::-1], eta) / np.sqrt(a)))
