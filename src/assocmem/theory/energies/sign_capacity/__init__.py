"""Storage capacities of Table 1: what each energy can hold, as laws that are exact or proved for all sizes.

The rows of the table: ``quadratic_memory``, ``polynomial_memory``, ``exponential_memory``, and ``any_quadratic_energy``
for weights that no rule prescribes. All rest on ``flip_law``; ``capacities`` compares the printed growth with what is
proved.
"""

from __future__ import annotations

from assocmem.theory.energies.sign_capacity.any_quadratic_energy import (
    CoverBound,
    cover_rate,
    storable_probability,
    storable_sets,
)
from assocmem.theory.energies.sign_capacity.bit_errors import (
    BERRY_ESSEEN,
    exact_bit_error,
    float_bit_error,
    noise_drift,
    normal_bit_error,
    normal_holds,
)
from assocmem.theory.energies.sign_capacity.capacities import (
    READINGS,
    Capacity,
    Reading,
    bit_law,
    bracket,
    spread_vanishes,
)
from assocmem.theory.energies.sign_capacity.exponential_memory import (
    GROWTH,
    crowd_rate,
    exponential_law,
    exponential_reduction,
    neighbor_bound,
    neighbor_scale,
)
from assocmem.theory.energies.sign_capacity.flip_law import FlipLaw
from assocmem.theory.energies.sign_capacity.growth import Relation, coefficient_sign, compare, log_limit
from assocmem.theory.energies.sign_capacity.memories import (
    Network,
    Signs,
    d,
    dropped_example,
    exponential_energy,
    hebb,
    is_stored,
    krotov_energy,
    lse_energy,
    n,
    r,
    states,
)
from assocmem.theory.energies.sign_capacity.polynomial_memory import (
    POWERS,
    cumulant_rates,
    leading_law,
    leading_mismatch,
    odd_factorial,
    polynomial_law,
    power_law,
    sign_sum_moment,
    z,
)
from assocmem.theory.energies.sign_capacity.quadratic_memory import (
    WalkLaw,
    binary_units_shift,
    bit_flip_ignores_diagonal,
    changed_bit_ceiling,
    corners_fixed,
    hebb_gap_ratio,
    hebb_moment_ratio,
    hoeffding_exponents,
    square_step,
    walk_error,
)
from assocmem.theory.energies.sign_capacity.simulation import (
    all_stored_exponential,
    exponential_gains,
    flip_gains,
    random_patterns,
    simulated_all_stored,
    simulated_bit_error,
)

__all__ = [
    "BERRY_ESSEEN",
    "GROWTH",
    "POWERS",
    "READINGS",
    "Capacity",
    "CoverBound",
    "FlipLaw",
    "Network",
    "Reading",
    "Relation",
    "Signs",
    "WalkLaw",
    "all_stored_exponential",
    "binary_units_shift",
    "bit_flip_ignores_diagonal",
    "bit_law",
    "bracket",
    "changed_bit_ceiling",
    "coefficient_sign",
    "compare",
    "corners_fixed",
    "cover_rate",
    "crowd_rate",
    "cumulant_rates",
    "d",
    "dropped_example",
    "exact_bit_error",
    "exponential_energy",
    "exponential_gains",
    "exponential_law",
    "exponential_reduction",
    "flip_gains",
    "float_bit_error",
    "hebb",
    "hebb_gap_ratio",
    "hebb_moment_ratio",
    "hoeffding_exponents",
    "is_stored",
    "krotov_energy",
    "leading_law",
    "leading_mismatch",
    "log_limit",
    "lse_energy",
    "n",
    "neighbor_bound",
    "neighbor_scale",
    "noise_drift",
    "normal_bit_error",
    "normal_holds",
    "odd_factorial",
    "polynomial_law",
    "power_law",
    "r",
    "random_patterns",
    "sign_sum_moment",
    "simulated_all_stored",
    "simulated_bit_error",
    "spread_vanishes",
    "square_step",
    "states",
    "storable_probability",
    "storable_sets",
    "walk_error",
    "z",
]
