"""What a training raises that was told to end: a module of its own, so that a command can name it without torch."""

from __future__ import annotations

__all__ = ["StoppedError"]


class StoppedError(BaseException):
    """A training was told to end, and has written a checkpoint; as KeyboardInterrupt it is no Exception.

    Parameters
    ----------
    number : int
        The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by signal {number}, with a checkpoint")
        self.number = number
