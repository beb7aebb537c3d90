"""Nearest-neighbor distances between the activations of a language model, and what the same numbers are without it."""
