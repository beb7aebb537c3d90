"""How much of OpenWebText the sample of Appendix F.1 covers."""

from __future__ import annotations

from dataclasses import dataclass

from assocmem.claims import Finding, check, claim
from assocmem.theory.radius import at_gpt2


@dataclass(frozen=True)
class Part:
    """Number of chunks, the printed share in percent, and what is known of the way in which they were drawn."""

    chunks: int
    percent: str
    drawn: str = "unsaid"
    documents: int = 8_013_769


claim(
    "F1-COV",
    Part(80_000, "1"),
    mutants={
        "documents drawn uniformly": Part(80_000, "1", "uniformly"),
        "1.3 percent": Part(80_000, "1.3"),
        "twice as many chunks": Part(160_000, "1"),
    },
)
claim(
    "F1-COV-SUB",
    Part(100_000, "1.3"),
    mutants={
        "1.2 percent, all of different documents": Part(100_000, "1.2", "uniformly"),
        "105K": Part(105_000, "1.3"),
    },
)


@check(
    "F1-COV", kind="symbolic", scope="documents drawn uniformly, with or without repetition; by Bonferroni's inequality"
)
def documents_of_chunks(stmt: Part) -> Finding:
    """The expected share of the documents, from below and above, against the printed one."""
    share = at_gpt2.documents_covered(stmt.chunks, stmt.documents)
    text = f"between {float(100 * share.low):.3f} and {float(100 * share.high):.3f} percent"
    if not share.prints_as(stmt.percent):
        return Finding.undecided(text)
    if stmt.drawn == "uniformly":
        return Finding.holds(text)
    return Finding.holds_if("documents are drawn uniformly", text)


@check("F1-COV", "F1-COV-SUB", kind="certified", scope="all ways to draw: a chunk lies in one document")
def most_documents(stmt: Part) -> Finding:
    """The largest possible share of the documents."""
    share = at_gpt2.documents_covered(stmt.chunks, stmt.documents)
    text = f"at most {float(100 * share.high):.3f} percent of the documents"
    if share.below(stmt.percent):
        return Finding.fails(text, margin="exact")
    if share.above(stmt.percent) and stmt.chunks <= stmt.documents:
        return Finding.fails(f"{text}, and so many if they are all different", margin="exact")
    return Finding.survived(text)


@dataclass(frozen=True)
class Tokens:
    """Number and length of chunks, the printed share in percent, and whose tokens are counted."""

    chunks: int
    percent: str
    of: str = "the tokens used for training"
    length: int = 256
    billions: int = 9


claim(
    "F1-COVTOK",
    Tokens(80_000, "0.2"),
    mutants={
        "of the tokens of OpenWebText": Tokens(80_000, "0.2", "OpenWebText"),
        "0.3 percent": Tokens(80_000, "0.3"),
        "chunks of 512 tokens": Tokens(80_000, "0.2", length=512),
    },
)
claim(
    "F1-COVTOK-SUB",
    Tokens(100_000, "0.25"),
    mutants={"0.3 percent, of OpenWebText": Tokens(100_000, "0.3", "OpenWebText"), "88K": Tokens(88_000, "0.25")},
)


@check("F1-COVTOK", "F1-COVTOK-SUB", kind="symbolic", scope="every total that prints as nine billion")
def tokens_of_chunks(stmt: Tokens) -> Finding:
    """The share of the tokens at both ends of what prints as 9B."""
    share = at_gpt2.tokens_covered(stmt.chunks, stmt.length, stmt.billions)
    text = f"between {float(100 * share.low):.3f} and {float(100 * share.high):.3f} percent"
    if share.below(stmt.percent) or share.above(stmt.percent):
        return Finding.fails(text, margin="exact")
    if not share.prints_as(stmt.percent):
        return Finding.undecided(text)
    if stmt.of == "OpenWebText":
        return Finding.holds(text)
    return Finding.holds_if("the tokens of OpenWebText stand for those of WebText", text)
