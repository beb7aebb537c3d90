"""The rule by which the grid decides, as it was fixed before the first cell was trained.

1. The pipeline is valid if both controls, one with exponent 1 and one with 2 by construction, lie in their intervals,
   and these are narrower than 0.3; and if fewer than a tenth of the cells are censored.
2. Where the interval of the curvature excludes 0 there is no single exponent, and only local ones are stated.
3. Else 2 is refuted at this scale if it lies outside the interval of the main reading and of at least four of the five
   places where losses are read, at sigma 0.2; supported if it lies inside and 1 and 1.35 outside; otherwise undecided.
4. Nothing is said of models of 40 to 80 million parameters but that the rule is the same and the scale another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assocmem.experiments.size_grid.fits import Exponent
from assocmem.experiments.size_grid.readings import READINGS

__all__ = ["CLAIMED", "CONTROLS", "Decision", "decide"]

CLAIMED, OTHERS = 2.0, (1.0, 1.35)
CONTROLS = {"regression": 1.0, "regression, relabeled": 2.0}
"""Their exponents by construction."""
NARROW, CENSORED, AGREE = 0.3, 0.1, 4


@dataclass(frozen=True)
class Decision:
    """A verdict, and what it rests on, each in a sentence.

    Attributes
    ----------
    verdict : str
        "invalid", "no single exponent", "refuted", "supported" or "undecided".
    sentence : str
        For the page.
    """

    verdict: str
    sentence: str


def decide(
    *,
    controls: Mapping[str, Exponent],
    censored: float,
    main: Exponent,
    by_place: Mapping[str, Exponent],
    curvature: Exponent,
) -> Decision:
    """Apply the rule.

    Parameters
    ----------
    controls : dict
        Intervals of the controls, by the names of ``CONTROLS``.
    censored : float
        Share of the cells that were censored.
    main : Exponent
        Of the main reading.
    by_place : dict
        By place, at sigma 0.2.
    curvature : Exponent
        Of the main reading.

    Returns
    -------
    Decision
        The verdict.

    Raises
    ------
    ValueError
        Where a control or a place is missing.
    """
    for name, wanted, got in (("controls", set(CONTROLS), set(controls)), ("by_place", set(READINGS), set(by_place))):
        if wanted != got:
            raise ValueError(f"{name} must be {sorted(wanted)}, got {sorted(got)}")
    wrong = [name for name, p in CONTROLS.items() if not controls[name].holds(p) or controls[name].width >= NARROW]
    if wrong or censored >= CENSORED:
        why = f"the control {wrong[0]} fails" if wrong else f"{censored:.0%} of the cells are censored"
        return Decision("invalid", f"Nothing is decided: {why}.")
    span = f"[{main.low:.2f}, {main.high:.2f}]"
    if not curvature.holds(0.0):
        return Decision(
            "no single exponent",
            f"There is no single exponent over these sizes: the curvature {curvature.value:.3f} has the interval "
            f"[{curvature.low:.3f}, {curvature.high:.3f}]. A straight line would give {main.value:.2f}, {span}.",
        )
    outside = sum(not one.holds(CLAIMED) for one in by_place.values())
    if not main.holds(CLAIMED) and outside >= AGREE:
        said = f"The exponent is {main.value:.2f}, {span}; 2 lies outside, as in {outside} of {len(by_place)} readings."
        return Decision("refuted", said)
    if main.holds(CLAIMED) and not any(main.holds(other) for other in OTHERS):
        return Decision("supported", f"The exponent is {main.value:.2f}, {span}; 2 lies inside, 1 and 1.35 outside.")
    return Decision("undecided", f"The exponent is {main.value:.2f}, {span}, which does not decide about 2.")
