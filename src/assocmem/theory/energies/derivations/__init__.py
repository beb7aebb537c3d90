"""Chapters 2 and 2a, line by line: Propositions 1 to 3, thresholds of convexity, and when patterns are kept."""

from __future__ import annotations

from assocmem.theory.energies.derivations.convexity import (
    diameter_bound,
    diameter_bound_hopfield,
    two_patterns_bend,
    two_patterns_bend_hopfield,
    vanishes_at,
)
from assocmem.theory.energies.derivations.propositions import (
    distance_not_above_hopfield,
    distance_not_far_below_hopfield,
    energy_at_least_log_d_below,
    energy_at_most_distance,
    hopfield_energy_not_below,
    hopfield_energy_within_spread,
    lower_bound_fails,
    refuted_by,
    sandwich,
)
from assocmem.theory.energies.derivations.storage import step_contracts, step_stays_in_the_ball

__all__ = [
    "diameter_bound",
    "diameter_bound_hopfield",
    "distance_not_above_hopfield",
    "distance_not_far_below_hopfield",
    "energy_at_least_log_d_below",
    "energy_at_most_distance",
    "hopfield_energy_not_below",
    "hopfield_energy_within_spread",
    "lower_bound_fails",
    "refuted_by",
    "sandwich",
    "step_contracts",
    "step_stays_in_the_ball",
    "two_patterns_bend",
    "two_patterns_bend_hopfield",
    "vanishes_at",
]
