"""The torch module: patterns in; energies, neighbors and retrievals out. It knows nothing of the paper's claims."""

from __future__ import annotations

from assocmem.memory._tiled.epilogue import compiled
from assocmem.memory.attention import DistanceMemory
from assocmem.memory.distances import nearest_distance, nearest_sq_distance, squared_distances
from assocmem.memory.energy import energy, energy_and_gradient, hessian_vector_product, mchn_energy
from assocmem.memory.index import Index
from assocmem.memory.layer_energies import global_energy, layer_energies
from assocmem.memory.layers import LayeredPath, layered_path, mixture_step, toward_nearest
from assocmem.memory.promises import Promise, Surrounding, promises, surroundings, tolerances
from assocmem.memory.retrieval import FixedPoint, fixed_point, retrieve
from assocmem.memory.search import knn, nearest
from assocmem.memory.sharded import ShardedMemory, connect
from assocmem.memory.streaming import Streamed, stream

__all__ = [
    "DistanceMemory",
    "FixedPoint",
    "Index",
    "LayeredPath",
    "Promise",
    "ShardedMemory",
    "Streamed",
    "Surrounding",
    "compiled",
    "connect",
    "energy",
    "energy_and_gradient",
    "fixed_point",
    "global_energy",
    "hessian_vector_product",
    "knn",
    "layer_energies",
    "layered_path",
    "mchn_energy",
    "mixture_step",
    "nearest",
    "nearest_distance",
    "nearest_sq_distance",
    "promises",
    "retrieve",
    "squared_distances",
    "stream",
    "surroundings",
    "tolerances",
    "toward_nearest",
]
