"""The torch module: patterns in, energies out. It knows nothing of the paper's claims."""

from __future__ import annotations

from assocmem.memory.energy import energy, mchn_energy, nearest_sq_distance, squared_distances

__all__ = ["energy", "mchn_energy", "nearest_sq_distance", "squared_distances"]
