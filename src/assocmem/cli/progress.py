"""Progress of a command: a bar on a terminal, and a line every tenth part where the error stream is a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["tracked"]

Item = TypeVar("Item")


def tracked(console: Console, kind: str, items: Sequence[Item], words: str) -> Iterator[Item]:
    """Go through items, and say how far it is.

    Parameters
    ----------
    console : Console
        Of the error stream.
    kind : str
        What an item is, such as text.
    items : sequence
        In order.
    words : str
        What is done with them.

    Yields
    ------
    Item
        One after another.
    """
    from rich.progress import track

    if console.is_terminal:
        yield from track(items, f"{words}: {kind}s", console=console)
        return
    for number, item in enumerate(items):
        if number % max(1, len(items) // 10) == 0:
            console.print(f"{words}: {kind} {number + 1} of {len(items)}", soft_wrap=True)
        yield item
