"""What a request is answered with: directly where that is small, else by tiles; typed by what is asked for."""

from __future__ import annotations

import torch

from assocmem.memory._tiled.direct import AllPairs
from assocmem.memory._tiled.precision import matmul_precision
from assocmem.memory._tiled.request import Energies, Neighbors, Request, Retrievals
from assocmem.memory._tiled.tile_pass import tiled_energies, tiled_neighbors, tiled_retrievals


@torch.no_grad()
def neighbors(request: Request) -> Neighbors:
    """The k nearest patterns of each query."""
    with matmul_precision(request.x.device, request.precision):
        return AllPairs(request).neighbors() if request.direct else tiled_neighbors(request)


@torch.no_grad()
def energies(request: Request) -> Energies:
    """The energy of each query."""
    with matmul_precision(request.x.device, request.precision):
        return AllPairs(request).energies() if request.direct else tiled_energies(request)


@torch.no_grad()
def retrievals(request: Request) -> Retrievals:
    """The energy and the weighted mean of each query."""
    with matmul_precision(request.x.device, request.precision):
        return AllPairs(request).retrievals() if request.direct else tiled_retrievals(request)
