"""What a derivative depends on besides tensors: kept from the forward pass for the backward ones, without the data."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from assocmem.memory._tiled.checks import Checked, check, check_beta
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.request import Plan, Request, default_plan, products_resolve, request_for
from assocmem.memory._tiled.rows import Extent, Rows, exact_dtype


@dataclass(frozen=True)
class Case:
    """The settings of a pass, and what was read of its input.

    It holds no query and no tensor of patterns: those are handed over each time, so that autograd sees when somebody
    changed them, and hooks for saved tensors see them all.

    Attributes
    ----------
    dot : bool
        Whether costs are ``-x.rho`` and not squared distances.
    own : bool
        Whether each query leaves out the pattern of its index.
    precision : str
        Of the products of the first pass.
    plan : Plan
        How it is carried out.
    array : ndarray or None
        Patterns that are no tensor.
    patterns, queries : Extent or None
        What was read of them; None inside a transform of torch.func, where it is read by whoever needs it.
    """

    dot: bool
    own: bool
    precision: Precision
    plan: Plan
    array: np.ndarray | None
    patterns: Extent | None
    queries: Extent | None

    @classmethod
    def of(cls, checked: Checked, precision: Precision = "ieee", *, dot: bool = False) -> Case:
        """The case of checked input, under the plan in force."""
        array = None if isinstance(checked.stored, Tensor) else checked.stored
        patterns, queries = (None, None) if checked.limits is None else checked.limits
        return cls(dot, checked.self_offset is not None, precision, default_plan(), array, patterns, queries)

    def checked(self, x: Tensor, patterns: Tensor | None) -> Checked:
        """The input again; read here if it was not yet. RuntimeError for an array that changed since it was read."""
        stored = self.array if patterns is None else patterns.detach()
        assert stored is not None
        if self.patterns is None or self.queries is None:
            found = check(x.detach(), stored)
            return replace(found, self_offset=0 if self.own else None)
        rows = Rows(stored, x.device)
        return Checked(x.detach(), stored, rows, 0 if self.own else None, (self.patterns, self.queries))

    def request(self, x: Tensor, patterns: Tensor | None, beta: float | Tensor) -> Request:
        """The first pass, or the same once more."""
        checked, number = self.checked(x, patterns), check_beta(beta)
        if not self.dot:
            return request_for(checked, beta=number, precision=self.precision, plan=self.plan)
        # At half the beta, as |x - rho|^2 - |rho|^2 = |x|^2 - 2 x.rho.
        return request_for(checked, beta=number / 2, heights=-sq_norms(checked), plan=self.plan)

    def geometry(self, x: Tensor, patterns: Tensor | None, beta: float) -> tuple[Rows, Tensor, bool]:
        """Patterns, the origin (n,) of coordinates, and whether distances need direct differences.

        Around the patterns' mean products resolve distances but beside an outlier, and but for a huge beta.
        """
        checked = self.checked(x, patterns)
        wide = exact_dtype(x.device)
        center = request_for(checked, plan=self.plan).frame.center.to(wide)
        if self.dot:
            return checked.rows, torch.zeros_like(center), False
        direct = not products_resolve(checked.x, checked.rows, center, beta)
        return checked.rows, torch.zeros_like(center) if direct else center, direct


def unchanged(case: Case, again: Extent) -> None:
    """RuntimeError if an array of patterns is not what it was in the forward pass."""
    before = case.patterns
    if case.array is None or before is None:
        return
    same = (torch.equal(getattr(before, name), getattr(again, name)) for name in ("total", "low", "high"))
    if not all(same):
        raise RuntimeError("patterns were changed in place between the forward and the backward pass; copy them first")


def sq_norms(checked: Checked) -> Tensor:
    """``|rho|^2`` (d,) block by block."""
    wide, rows = exact_dtype(checked.x.device), checked.rows
    return torch.cat([rows.block(i, j).to(wide).square().sum(-1) for i, j in rows.blocks()])
