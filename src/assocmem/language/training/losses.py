"""The loss of every update, kept on the device until a mean of them is logged anyway: no update waits for it."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from transformers import Trainer

__all__ = ["LossTrainer", "Losses"]


class Losses:
    """Losses since the last log, one for each update; rows that a device takes one after another add up."""

    def __init__(self) -> None:
        self._sums: list[Tensor] = []
        self._update = -1

    def add(self, update: int, part: Tensor) -> None:
        """Keep a part of the loss of an update.

        Parameters
        ----------
        update : int
            How many updates came before.
        part : Tensor
            Of shape (), without a gradient.
        """
        if update == self._update:
            self._sums[-1] = self._sums[-1] + part
        else:
            self._sums.append(part)
        self._update = update

    def taken(self) -> list[float]:
        """The losses, which are then forgotten. Every rank calls this at the same time.

        Returns
        -------
        list of float
            In nats per predicted token, the mean over ranks, as the Trainer's logged mean is; with the fewest digits
            that give the same number of float32 again.
        """
        if not self._sums:
            return []
        losses = torch.stack(self._sums).double()
        self._sums = []
        if dist.is_available() and dist.is_initialized():
            dist.all_reduce(losses)
            losses /= dist.get_world_size()
        return [float(str(loss)) for loss in losses.float().cpu().numpy()]


class LossTrainer(Trainer):
    """The Trainer of transformers, which lets the loss of each step be seen.

    Parameters
    ----------
    losses : Losses
        Takes them.
    **options : Any
        Of the Trainer.
    """

    def __init__(self, losses: Losses, **options: Any) -> None:
        super().__init__(**options)
        self.losses = losses

    def training_step(
        self, model: nn.Module, inputs: dict[str, Any], num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """One batch forward and backward.

        Parameters
        ----------
        model, inputs, num_items_in_batch : Any
            As the Trainer gives them.

        Returns
        -------
        Tensor
            Its share of the loss of the update, of shape ().
        """
        loss: Tensor = super().training_step(model, inputs, num_items_in_batch)
        self.losses.add(self.state.global_step, loss)
        return loss
