"""Derivatives of energies and retrievals, of any order and at any size: by tiles at first, then block by block."""
