"""Patterns that are asked many times: read once, held as products take them, kept in a file.

Whoever comes from faiss finds ``add``, ``search`` and ``len`` (its ``ntotal``); a search here is exact and returns
Euclidean distances, the roots of what IndexFlatL2 returns. Whoever comes from scikit-learn finds ``fit`` in the
constructor and ``kneighbors`` in ``search``, which without queries also leaves each pattern out of its own list.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from assocmem.memory._derivatives.neighbors import nearest_of
from assocmem.memory._entrance import public
from assocmem.memory._index.file import read, write
from assocmem.memory._index.fitted import Fitted
from assocmem.memory._index.queries import checked_queries, left_out
from assocmem.memory._tiled.checks import (
    Patterns,
    check_count,
    check_floating,
    check_left,
    check_precision,
    check_unchanged,
    live_beta,
)
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.rows import Extent, Rows
from assocmem.memory.energy import energy_of
from assocmem.memory.retrieval import retrieval_of

__all__ = ["Index"]


class Index:
    """Stored patterns, ready to be asked again and again for the squared distance.

    Every answer has the bits of :func:`assocmem.memory.knn`, :func:`assocmem.memory.energy` or
    :func:`assocmem.memory.retrieve` for the same patterns in rows one after the other, and can be differentiated in
    the queries, and in beta, as often. What those read of all patterns before they begin is read once here. Patterns
    in memory are copied, and from the first search of more than a small size on held a second time, centered, in
    float32 or float64. A numpy memmap is neither copied nor held: it is read tile by tile, and must not change.

    Parameters
    ----------
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"]
        Stored patterns in float16, bfloat16, float32 or float64.
    device : torch.device or str, optional
        Where queries are: the device of a tensor, and the CPU for an array, unless given.

    Raises
    ------
    TypeError
        If patterns have another type.
    ValueError
        If patterns have another shape, no row, or nan or infinity.

    Examples
    --------
    >>> import torch
    >>> from assocmem.memory import Index
    >>> index = Index(torch.tensor([[0.0, 0.0], [3.0, 4.0]]))
    >>> distances, indices = index.search(torch.tensor([[3.0, 0.0]]), k=2)
    >>> distances.tolist(), indices.tolist()
    ([[3.0, 4.0]], [[0, 1]])
    >>> index.add(torch.tensor([[3.0, 1.0]]))
    >>> len(index), index.search(torch.tensor([[3.0, 0.0]]))[1].item()
    (3, 2)
    """

    def __init__(self, patterns: Patterns, *, device: torch.device | str | None = None) -> None:
        check_floating("patterns", patterns, array=True)
        if len(patterns) == 0:
            raise ValueError("patterns must hold at least one row, got an empty tensor")
        own = patterns.device if isinstance(patterns, Tensor) else torch.device("cpu")
        home = own if device is None else torch.device(device)
        if isinstance(patterns, np.memmap):
            self._rows = Fitted(patterns, home, hold=False)
            self._stored: Patterns = patterns
        else:
            copied = _copied(patterns, home)
            self._rows, self._stored = Fitted(copied, home, hold=True), copied
        _check_finite(self._rows.extent)

    def __len__(self) -> int:
        return self._rows.count

    def __repr__(self) -> str:
        kind = str(self._rows.dtype).removeprefix("torch.")
        where = "" if self._in_memory else ", on disk"
        return f"Index({len(self)} patterns, dimension={self.dimension}, {kind}, {self._rows.device}{where})"

    @property
    def dimension(self) -> int:
        """n: coordinates of a pattern."""
        return self._rows.n

    @property
    def patterns(self) -> Patterns:
        """What is stored, to be read: after a change in place every call raises ValueError."""
        return self._stored

    @property
    def _in_memory(self) -> bool:
        return self._rows.base is not None

    def add(self, patterns: Patterns) -> None:
        """Store more patterns behind those that are there.

        What was read stays read; what is held for the products is made again by the next search, so add many at once.

        Parameters
        ----------
        patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"]
            Of the same type and dimension; none at all is fine.

        Raises
        ------
        TypeError
            If they have another type.
        ValueError
            If they have another shape, or nan or infinity, or the index is on disk. The index is then as it was.
        """
        if not self._in_memory or not isinstance(self._stored, Tensor):
            raise ValueError("an index on disk takes no more patterns; make one of the tensor or the array in memory")
        check_floating("patterns", patterns, array=True)
        home = self._rows.device
        if patterns.shape[1] != self.dimension:
            raise ValueError(f"patterns must have n={self.dimension} columns, got {patterns.shape[1]}")
        dtype = Rows(patterns, home).dtype
        if dtype != self._rows.dtype:
            raise TypeError(f"patterns must have dtype {self._rows.dtype}, got {dtype}")
        check_unchanged(self._rows)
        whole = torch.cat([self._stored, _copied(patterns, home)])
        rows = Fitted(whole, home, hold=True, before=self._rows.settled)
        _check_finite(rows.extent)
        self._rows, self._stored = rows, whole

    @public
    def search(
        self,
        x: Float[Tensor, "*batch n"] | None = None,
        k: int = 1,
        *,
        leave_out: Int64[Tensor, "*batch"] | None = None,
        precision: Precision = "ieee",
    ) -> tuple[Float[Tensor, "*batch k"], Int64[Tensor, "*batch k"]]:
        """Distances, ascending, and indices of the k nearest patterns, as :func:`assocmem.memory.knn`.

        Parameters
        ----------
        x : Float[Tensor, "... m n"], optional
            Queries; None stands for the patterns in memory, each of which is left out of its own list.
        k : int
            How many neighbors.
        leave_out : Int64[Tensor, "... m"], optional
            The index of one pattern that each query leaves out, -1 for none.
        precision : {"ieee", "tf32"}
            As there.

        Returns
        -------
        distances : Float[Tensor, "... m k"]
            Euclidean, in float32 or float64; inf where fewer than k patterns are left.
        indices : Int64[Tensor, "... m k"]
            Of the patterns; -1 where fewer than k are left.

        Raises
        ------
        TypeError
            If an argument has another type.
        ValueError
            If an argument has another shape or value, naming it, or patterns were changed in place.
        """
        checked, lead = checked_queries(x, self._stored, self._rows)
        k = check_count("k", k)
        check_precision(precision)
        own = None if leave_out is None else left_out(leave_out, x, lead, self._rows)
        distances, indices = nearest_of(checked, "euclidean", k, precision, own)
        return distances.reshape(*lead, k), indices.reshape(*lead, k)

    @public
    def energy(
        self,
        x: Float[Tensor, "*batch n"] | None = None,
        *,
        beta: float | Float[Tensor, ""] = 1.0,
        precision: Precision = "ieee",
    ) -> Float[Tensor, "*batch"]:
        """Energies of queries, as :func:`assocmem.memory.energy`.

        Parameters
        ----------
        x : Float[Tensor, "... m n"], optional
            Queries; None stands for the patterns in memory, each of which is left out of its own sum.
        beta : float or Float[Tensor, ""]
            Inverse temperature.
        precision : {"ieee", "tf32"}
            As there.

        Returns
        -------
        Float[Tensor, "... m"]
            In float32 or float64.

        Raises
        ------
        TypeError
            If an argument has another type.
        ValueError
            If an argument has another shape or value, naming it, or patterns were changed in place.
        """
        checked, lead = checked_queries(x, self._stored, self._rows)
        check_precision(precision)
        check_left(checked)
        return energy_of(checked, "sqeuclidean", live_beta(beta), precision).reshape(lead)

    @public
    def retrieve(
        self,
        x: Float[Tensor, "*batch n"] | None = None,
        *,
        beta: float | Float[Tensor, ""] = 1.0,
        precision: Precision = "ieee",
    ) -> Float[Tensor, "*batch n"]:
        """Weighted means of the patterns near queries, as :func:`assocmem.memory.retrieve`.

        Parameters
        ----------
        x : Float[Tensor, "... m n"], optional
            Queries; None stands for the patterns in memory, each of which is left out of its own mean.
        beta : float or Float[Tensor, ""]
            Inverse temperature.
        precision : {"ieee", "tf32"}
            As there.

        Returns
        -------
        Float[Tensor, "... m n"]
            In the type of the queries.

        Raises
        ------
        TypeError
            If an argument has another type.
        ValueError
            If an argument has another shape or value, naming it, or patterns were changed in place.
        """
        checked, lead = checked_queries(x, self._stored, self._rows)
        check_precision(precision)
        check_left(checked)
        return retrieval_of(checked, "sqeuclidean", live_beta(beta), precision).reshape(*lead, self.dimension)

    def save(self, path: str | Path) -> None:
        """Write patterns, and what was read of them, to one safetensors file; there is no pickle in it.

        Parameters
        ----------
        path : str or Path
            The file; one of that name is replaced when all is written.

        Raises
        ------
        OSError
            Where it cannot be written; nothing half-written is left.
        ValueError
            If patterns were changed in place.
        """
        check_unchanged(self._rows)
        stored = self._stored
        if not isinstance(stored, Tensor):
            with warnings.catch_warnings():  # Torch warns of arrays that it must not write to; nobody does.
                warnings.simplefilter("ignore", UserWarning)
                stored = torch.from_numpy(stored) if stored.dtype.isnative else self._rows.whole()
        write(Path(path), stored, self._rows.extent)

    @classmethod
    def load(cls, path: str | Path, *, device: torch.device | str | None = None, mapped: bool = False) -> Index:
        """An index that ``save`` wrote.

        Parameters
        ----------
        path : str or Path
            The file.
        device : torch.device or str, optional
            Where queries are; the CPU, unless given.
        mapped : bool
            Whether patterns stay in the file, which may be larger than memory, and are read tile by tile by each call.
            They are then not looked at here, the file must not change, and queries are on the CPU.

        Returns
        -------
        Index
            It answers as the one that was saved.

        Raises
        ------
        OSError
            Where there is no such file.
        ValueError
            If the file is no index, is damaged, or holds nan or infinity, naming it; for ``mapped`` with a device. Of a
            mapped file the patterns are not compared with their hash, as they are not read here.
        """
        home = torch.device("cpu" if device is None else device)
        if mapped and home.type != "cpu":
            raise ValueError(f"device must be the CPU for a mapped index, got {home}")
        patterns, known = read(Path(path), whole=not mapped)
        if not mapped:
            return cls(patterns, device=home)
        index = cls.__new__(cls)
        index._rows, index._stored = Fitted.known(patterns, home, known), patterns
        return index


def _copied(patterns: Patterns, device: torch.device) -> Tensor:
    """The caller's patterns as a tensor of ours, in rows one after the other."""
    if isinstance(patterns, Tensor):
        return patterns.detach().to(device, memory_format=torch.contiguous_format, copy=True)
    return Rows(patterns, device).whole()


def _check_finite(extent: Extent) -> None:
    if not extent.finite:
        raise ValueError("patterns must be finite, got nan or infinity")
