"""OpenWebText from the hub, document by document, at a pinned revision: nothing but what is read is fetched."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["NAME", "REVISION", "streamed"]

NAME = "Skylion007/openwebtext"
REVISION = "7577b918bd30b25df0b88bb718dc8a6c80cb619b"
"""The commit with all 80 files of the training split."""
BUFFER = 10_000
"""Documents among which the next one is drawn."""


def streamed(seed: int) -> Iterator[str]:
    """The documents in a random order: files shuffled, and documents within a window of 10,000.

    Parameters
    ----------
    seed : int
        Of the order.

    Yields
    ------
    str
        A document.

    Raises
    ------
    OSError
        Without the package datasets, and where the hub cannot be reached; in one line.
    """
    try:
        from datasets import load_dataset
    except ModuleNotFoundError:
        raise OSError("data got openwebtext, which needs: pip install 'assocmem[openwebtext]'") from None
    try:
        rows = load_dataset(NAME, revision=REVISION, split="train", streaming=True)
        for row in rows.shuffle(seed=seed, buffer_size=BUFFER):
            yield row["text"]
    except (OSError, ValueError) as error:
        raise OSError(f"data got openwebtext, which cannot be streamed: {str(error).splitlines()[0]}") from error
