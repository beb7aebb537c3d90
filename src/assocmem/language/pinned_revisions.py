"""Which revisions of models and tokenizers of the hub the book uses: a name of the hub may change what it means.

The file stands apart so that text, which needs a tokenizer only, imports no models.
"""

from __future__ import annotations

__all__ = ["ALIASES", "PINNED"]

PINNED = {
    "openai-community/gpt2": "607a30d783dfa663caf39e06633721c8d4cfcd7e",
    "openai-community/gpt2-medium": "6dcaa7a952f72f9298047fd5137cd6e4f05f41da",
}
"""Commits by the id of a model; for any other model the caller pins one."""
ALIASES = {"gpt2": "openai-community/gpt2", "gpt2-medium": "openai-community/gpt2-medium"}
"""Short names, and the ids that they stand for."""
