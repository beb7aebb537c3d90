"""Exact mathematics of the book: sympy derivations and Arb-certified numbers, without torch."""
