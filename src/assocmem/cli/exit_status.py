"""The exit statuses of all commands: the help and the page of the command line list what stands here."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Status"]


class Status(IntEnum):
    """An exit status, with what it means in one sentence.

    Attributes
    ----------
    meaning : str
        For a person.
    """

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Status:
        """Make a status of a number and its meaning."""
        one = int.__new__(cls, value)
        one._value_ = value
        one.meaning = meaning
        return one

    DONE = 0, "done; for check, every computed verdict agrees with the stored one"
    DIFFERS = 1, "for check, some verdict differs; nothing else has this status"
    BAD_INPUT = 2, "bad input, or something that is not installed or not there, said in one line that names it"
    LEDGER = 3, "a file of the ledger cannot be read, or an altered statement keeps the verdict"
    DIVERGED = 4, "the loss of a training became infinite or no number"
    CELLS_FAILED = 5, "some cells of a sweep have no record; they are named"
    NO_ROOM = 6, "the memory or the disk is full; what was written whole stays, and the same command goes on there"
    PROGRAM = 70, "an error in the program, with its traceback"
    STOPPED = 130, "stopped from the keyboard; the same command goes on where a training was"
    CLOSED = 141, "who read the output closed it"
    TERMINATED = 143, "stopped by SIGTERM, after a training has written a checkpoint; the same command goes on from it"
