"""What Propositions 1 to 3 bound, with the bounds as printed and as they hold; a slider moves a pattern.

Two patterns on the line, one at -1, at b = 1 and beta = 2, so that the spread of the squared norms is all that changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import ArrayLike

from assocmem.figures.explorer import Curve, Explorer, Frame
from assocmem.memory import energy, mchn_energy, nearest_sq_distance

PLACES = (0.5, 0.75, 1.0, 1.25, 1.5)
"""Where the second pattern may stand."""
COUNT = log(2)
Form = tuple[float, float]
"""A bound: so many times the spread of the squared norms, and so many times log d."""


@dataclass(frozen=True)
class Bounds:
    """One proposition: the weights of g, E and the doubled MCHN energy, and of log d; its sides, printed and true."""

    weights: tuple[float, float, float, float]
    printed: tuple[Form, Form]
    holds: tuple[Form, Form]

    def sides(self, forms: tuple[Form, Form], spread: float) -> tuple[float, float]:
        """The two sides at a spread of the squared norms."""
        low, high = (a * spread + b * COUNT for a, b in forms)
        return low, high


START = "1.5"
"""Where the second pattern stands first: there the norms differ, and the room of Proposition 2 can be seen."""
PROPOSITIONS = {
    "3: the distance less twice the MCHN energy": Bounds((1, 0, -1, 0), ((-1, 0), (1, 1)), ((-1, -1), (0, 0))),
    "2: twice the MCHN energy less log d, less E": Bounds((0, -1, 1, -1), ((-1, 0), (1, 0)), ((0, 0), (1, 0))),
    "1: the energy less the distance, E - g": Bounds((-1, 1, 0, 0), ((0, -1), (0, 0)), ((0, -1), (0, 0))),
}


def difference(
    bounds: Bounds, x: Float[np.ndarray, " m"], patterns: Float[np.ndarray, " d"]
) -> Float[np.ndarray, " m"]:
    """What a proposition bounds, at places on the line."""
    at, rows = (torch.tensor(values, dtype=torch.float64)[:, None] for values in (x, patterns))
    parts = (nearest_sq_distance(at, rows), energy(at, rows), 2 * mchn_energy(at, rows, beta=2.0))
    *weights, of_log = bounds.weights
    total = sum(weight * part.numpy() for weight, part in zip(weights, parts, strict=True))
    return np.asarray(total + of_log * np.log(len(patterns)))


def explore(places: ArrayLike = PLACES, count: int = 129) -> Explorer:
    """The three differences over the line: the slider moves the second pattern, the menu chooses the proposition.

    Parameters
    ----------
    places : ArrayLike
        Where the second pattern may stand; the first is at -1.
    count : int
        Points of each curve.
    """
    steps = {f"{place:g}": float(place) for place in np.asarray(places, dtype=float)}
    x = np.linspace(-4.0, 4.0, count)

    def frame(bounds: Bounds, place: float) -> Frame:
        spread = abs(place**2 - 1)
        values = difference(bounds, x, np.array([-1.0, place]))
        printed, holds = bounds.sides(bounds.printed, spread), bounds.sides(bounds.holds, spread)
        curves = [
            Curve("as printed", *_both(x, printed), "grey", "dot", width=3),
            Curve("what holds", *_both(x, holds), "two", "dash"),
            Curve("the difference, exact", x, values, "one"),
        ]
        kept = printed[0] - 1e-9 <= values.min() and values.max() <= printed[1] + 1e-9
        says = (
            f"Patterns at -1 and {place:g}: the difference runs from {_short(values.min(), values.max(), ' to ')}. "
            f"The printed bounds are {_short(*printed)}: {'kept' if kept else 'broken'}. "
            f"What holds: between {_short(*holds)}."
        )
        return Frame(curves, says)

    return Explorer(
        name="three-bounds",
        slider="second pattern",
        steps=steps,
        start=list(steps).index(START) if START in steps else 0,
        menu="proposition",
        choices=PROPOSITIONS,
        frame=frame,
        axes=("x", "difference in nats"),
        y_range=(-2.2, 2.2),
        alt="The difference that each of Propositions 1 to 3 bounds, over the line, with its printed bounds and those "
        "that hold. The differences of Propositions 1 and 2 stay within the printed bounds; that of Proposition 3 "
        "leaves them.",
    )


def _both(x: Float[np.ndarray, " m"], sides: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Two level lines as one curve, with a gap between them."""
    low, high = sides
    return np.array([x[0], x[-1], np.nan, x[0], x[-1]]), np.array([low, low, np.nan, high, high])


def _short(low: float, high: float, between: str = " and ") -> str:
    """Two numbers in words; what rounds to zero has no sign."""
    return between.join(f"{round(value, 3) + 0.0:.3f}" for value in (low, high))
