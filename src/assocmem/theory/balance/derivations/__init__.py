"""Chapter 7, line by line: what Z = 1 asks, and from there to sizes of models and data."""

from __future__ import annotations

from assocmem.theory.balance.derivations.chain import chain_table, off_by, printed_chain
from assocmem.theory.balance.derivations.series import any_power, factor_of_series, patterns_at_one, term_of_series
from assocmem.theory.balance.derivations.sizes import (
    context_fixed,
    ratio_fixed,
    ratio_of_table_three,
    square_with_width_alone,
    square_with_width_and_context_alike,
)

__all__ = [
    "any_power",
    "chain_table",
    "context_fixed",
    "factor_of_series",
    "off_by",
    "patterns_at_one",
    "printed_chain",
    "ratio_fixed",
    "ratio_of_table_three",
    "square_with_width_alone",
    "square_with_width_and_context_alike",
    "term_of_series",
]
