"""Tokens of the grid: by iteration and by step, by word, in chunks that cross from one book into the next, held out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import sympy as sp

Interval = tuple[Fraction, Fraction]


def batches(tokens: int, batch: int, context: int) -> Fraction:
    """How many batches of so many full sequences an iteration of so many tokens holds."""
    return Fraction(tokens, batch * context)


def passes(steps: int, tokens_a_step: int, data: Fraction) -> Fraction:
    """How often so many tokens of data are read."""
    return steps * tokens_a_step / data


def tokens_a_word(tokens: Fraction, words: int, held_out: Fraction = Fraction(0)) -> Fraction:
    """The least number of tokens a word, if the tokens come from the words that are not held out."""
    return tokens / (words * (1 - held_out))


def crossing_starts(lengths: Sequence[int], context: int) -> int:
    """Starts of chunks of so many tokens that run over the end of a book, in books that follow each other."""
    ends = [sum(lengths[: k + 1]) for k in range(len(lengths) - 1)]
    last = sum(lengths) - context
    return len({start for end in ends for start in range(max(0, end - context + 1), min(end - 1, last) + 1)})


def most_crossing(books: int, mean_length: int, context: int) -> Fraction:
    """An upper bound of their share: at most context - 1 starts for each end within, of D - context + 1 starts.

    Raises
    ------
    ValueError
        For data shorter than a chunk.
    """
    starts = books * mean_length - context + 1
    if starts < 1:
        raise ValueError(f"{books} books of {mean_length} tokens are shorter than a chunk of {context}")
    return Fraction((books - 1) * (context - 1), starts)


def last_part(size: Fraction, share: Fraction) -> Interval:
    """Where the last share of the first ``size`` tokens lies."""
    return size * (1 - share), size


def overlapping(parts: Sequence[Interval]) -> int:
    """How many pairs of intervals have more than an end in common."""
    return sum(max(a, c) < min(b, d) for (a, b), (c, d) in combinations(parts, 2))


def largest_gap(decimals: int) -> Fraction:
    """How far numbers can be apart, at most, that agree when rounded to so many decimals."""
    return Fraction(1, 10**decimals)


def bound_in_books() -> bool:
    """(K-1)(B-1) <= KB - (T-1), the bound (T-1)/(B-1) cleared: the difference is K + B - T, positive at B >= T."""
    books, length, context = sp.symbols("K B T", integer=True, positive=True)
    difference = sp.expand(books * length - (context - 1) - (books - 1) * (length - 1))
    return bool(sp.expand(difference - (books + length - context)) == 0)
