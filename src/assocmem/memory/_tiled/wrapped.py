"""What autograd and torch.func lack in types and in public names.

Among it: whether a tensor is a stand-in of torch.func, whose numbers cannot be looked at before the function runs.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

OUTSIDE = (
    "this call records no derivative and cannot run inside grad, vmap or another transform of torch.func; make it "
    "outside, or call energy, knn or retrieve of squared distances there"
)


def apply(function: Any, *arguments: object) -> Any:
    """``function.apply`` of a function of autograd, which torch leaves without a type."""
    return function.apply(*arguments)


def wrapped(*values: object) -> bool:
    """Whether any of them is a tensor that torch.func handed to the function that it transforms."""
    return any(isinstance(v, Tensor) and torch._C._functorch.is_functorch_wrapped_tensor(v) for v in values)
