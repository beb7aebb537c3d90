"""The check of what Appendix E counts for the table of words (chapter 7)."""

from __future__ import annotations

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance.transformer_laws import d, l, vocabulary
from assocmem.theory.balance.transformer_shapes import GptShape

claim(
    "AppE-WORDS",
    vocabulary * d,
    mutants={
        "words and positions": (vocabulary + 1024) * d,
        "a separate output matrix": 2 * vocabulary * d,
    },
)


@check("AppE-WORDS", kind="symbolic", scope="any vocabulary and width")
def table_of_words(stmt: sp.Expr) -> Finding:
    """The exact count of the word table and of an output matrix of its own, which GPT-2 has not."""
    exact = GptShape(l, d, 1, vocabulary=vocabulary).decoder().count("token embedding", "unembedding")
    if sp.expand(exact - stmt) != 0:
        return Finding.fails(f"words take {exact} parameters, not {stmt}")
    return Finding.holds("the table serves input and output and is counted once")
