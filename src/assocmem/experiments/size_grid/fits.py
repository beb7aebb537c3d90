"""From gaps of cells to an exponent: D* of each size by a line through its gaps, then a line through all D*.

For each N a line ``log e = a - g log D`` through the mean gap of each D gives ``log D* = (a - log sigma)/g`` with a
variance by the delta method, from the relative spread of the seeds, and more where the means bend. Then
``log D* = c + q log N``, weighted, is N = D*^p with p = 1/q. Intervals use Student's t with the freedom of all cells,
and variances are widened where the sizes scatter more than their own say (Birge's ratio). The interval of p is that of
q turned over, which is Fieller's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import stats

__all__ = ["RIVALS", "Crossing", "Exponent", "crossing", "curvature", "exponent", "rivals"]

CONFIDENCE = 0.95
KAPLAN = 1 / 0.74
"""The exponent of N over D for overfitting in Kaplan et al. (2020): D grows like N^0.74."""
RIVALS = {"p = 1": 1.0, "p = 1/0.74": KAPLAN, "p = 2": 2.0}


@dataclass(frozen=True)
class Crossing:
    """D* of one size.

    Attributes
    ----------
    parameters : int
        N.
    log_tokens : float
        log D*.
    variance : float
        Of it.
    slope : float
        g: how fast the gap falls with D; not positive where it does not, and there is then no D*.
    inside : bool
        Whether D* lies between the least and the greatest D of the cells.
    freedom : int
        Cells less the amounts of data.
    """

    parameters: int
    log_tokens: float
    variance: float
    slope: float
    inside: bool
    freedom: int


@dataclass(frozen=True)
class Exponent:
    """An exponent with its interval; ``high`` is infinite where the interval of q reaches 0.

    Attributes
    ----------
    value, low, high : float
        The estimate and the ends of its 95 % interval.
    """

    value: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """Of the interval."""
        return self.high - self.low

    def holds(self, value: float) -> bool:
        """Whether a value lies in the interval.

        Parameters
        ----------
        value : float
            An exponent.

        Returns
        -------
        bool
            The ends count.
        """
        return bool(self.low <= value <= self.high)


def crossing(parameters: int, gaps: Mapping[int, Sequence[float]], sigma: float) -> Crossing | None:
    """Where the gap of one size falls through sigma.

    Parameters
    ----------
    parameters : int
        N.
    gaps : dict
        By D, one for each seed, in nats.
    sigma : float
        The threshold.

    Returns
    -------
    Crossing or None
        None where the gap does not fall with D.

    Raises
    ------
    ValueError
        For fewer than two D, one gap for each, or a gap that is not positive.
    """
    several = sum(map(len, gaps.values()))
    if len(gaps) < 2 or several <= len(gaps):
        raise ValueError(f"gaps must be of two D and more cells than these, got {len(gaps)} and {several}")
    least = min(min(of_tokens) for of_tokens in gaps.values())
    if not least > 0:
        raise ValueError(f"gaps must be positive, got {least}")
    means = {tokens: float(np.mean(of_tokens)) for tokens, of_tokens in gaps.items()}
    freedom = several - len(gaps)
    spread = sum((gap / means[tokens] - 1) ** 2 for tokens, of_tokens in gaps.items() for gap in of_tokens) / freedom
    x = np.array([[1.0, -math.log(tokens)] for tokens in gaps])
    y = np.log(list(means.values()))
    weights = np.array([len(of_tokens) for of_tokens in gaps.values()]) / max(spread, 1e-12)
    inverse = np.linalg.inv(x.T @ (weights[:, None] * x))
    a, g = inverse @ (x.T @ (weights * y))
    if g <= 0:
        return None
    bent = _chi(x, y, weights) / (len(gaps) - 2) if len(gaps) > 2 else 1.0
    log_tokens = (a - math.log(sigma)) / g
    turn = np.array([1 / g, -log_tokens / g])
    variance = float(turn @ inverse @ turn) * max(1.0, bent)
    inside = bool(math.log(min(gaps)) <= log_tokens <= math.log(max(gaps)))
    return Crossing(parameters, float(log_tokens), variance, float(g), inside, freedom)


def exponent(crossings: Sequence[Crossing]) -> Exponent:
    """p of N = D*^p.

    Parameters
    ----------
    crossings : sequence of Crossing
        Three sizes at least.

    Returns
    -------
    Exponent
        With its 95 % interval.
    """
    (_, q), covariance = _line(crossings, 1)
    reach = _quantile(crossings) * math.sqrt(covariance[1, 1])
    low, high = q - reach, q + reach
    return Exponent(_over(q), _over(high), _over(low))


def curvature(crossings: Sequence[Crossing]) -> Exponent:
    """r of ``log D* = c + q log N + r (log N)^2``: an interval without 0 says that there is no single exponent.

    Parameters
    ----------
    crossings : sequence of Crossing
        Four sizes at least.

    Returns
    -------
    Exponent
        With its 95 % interval.
    """
    (_, _, r), covariance = _line(crossings, 2)
    reach = _quantile(crossings) * math.sqrt(covariance[2, 2])
    return Exponent(float(r), float(r - reach), float(r + reach))


def rivals(crossings: Sequence[Crossing]) -> dict[str, float]:
    """How much less likely each law makes the D* than the one that makes them likeliest.

    Parameters
    ----------
    crossings : sequence of Crossing
        Four sizes at least.

    Returns
    -------
    dict
        Twice the difference of log-likelihoods, by law; each has a free constant, and all the same scatter, that of the
        curved law. Laws with more parameters are lower: beside "p = 1" the free one has one more, the curved two.
    """
    logs = np.log([one.parameters for one in crossings])
    y = np.array([one.log_tokens for one in crossings])
    weights = 1 / np.array([one.variance for one in crossings])
    ones = np.ones_like(logs)
    designs = {
        "free p": np.stack([ones, logs], 1),
        "curved": np.stack([ones, logs, logs**2], 1),
    }
    scatter = max(1.0, _chi(designs["curved"], y, weights) / max(1, len(y) - 3))
    found = {name: _chi(ones[:, None], y - logs / p, weights) for name, p in RIVALS.items()}
    found |= {name: _chi(design, y, weights) for name, design in designs.items()}
    found["D* grows like log N"] = _chi(ones[:, None], y - np.log(logs), weights)
    least = min(found.values())
    return {name: float((chi - least) / scatter) for name, chi in found.items()}


def _line(crossings: Sequence[Crossing], degree: int) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, "k k"]]:
    """A weighted polynomial through log D*, in log N about its mean where it is curved."""
    if len(crossings) < degree + 2:
        raise ValueError(f"crossings must be of {degree + 2} sizes at least, got {len(crossings)}")
    logs = np.log([one.parameters for one in crossings])
    if degree == 2:
        logs = logs - logs.mean()
    x = np.stack([logs**power for power in range(degree + 1)], 1)
    y = np.array([one.log_tokens for one in crossings])
    weights = 1 / np.array([one.variance for one in crossings])
    inverse = np.linalg.inv(x.T @ (weights[:, None] * x))
    theta = inverse @ (x.T @ (weights * y))
    scatter = float(np.sum(weights * (y - x @ theta) ** 2) / (len(y) - degree - 1))
    return theta, inverse * max(1.0, scatter)


def _chi(x: Float[np.ndarray, "m k"], y: Float[np.ndarray, " m"], weights: Float[np.ndarray, " m"]) -> float:
    """The weighted sum of squares that the best coefficients leave."""
    root = np.sqrt(weights)
    theta = np.linalg.lstsq(root[:, None] * x, root * y, rcond=None)[0]
    return float(np.sum(weights * (y - x @ theta) ** 2))


def _quantile(crossings: Sequence[Crossing]) -> float:
    return float(stats.t.ppf(0.5 + CONFIDENCE / 2, sum(one.freedom for one in crossings)))


def _over(q: float) -> float:
    return 1 / q if q > 0 else math.inf
