"""Why copies of words of any length are not context-free: no split of a^p b^p a^p b^p can be pumped (Bar-Hillel)."""

from __future__ import annotations


def pumps(p: int) -> bool:
    """Whether a split u v x y z of a^p b^p a^p b^p, ``|v x y|`` <= p, vy not empty, gives squares with v, y doubled."""
    word = ("a" * p + "b" * p) * 2
    for start in range(len(word)):
        for stop in range(start + 1, min(start + p, len(word)) + 1):
            for i in range(start, stop + 1):
                for j in range(i, stop + 1):
                    v, y = word[start:i], word[j:stop]
                    longer = word[:start] + 2 * v + word[i:j] + 2 * y + word[stop:]
                    if v + y and is_square(longer):
                        return True
    return False


def is_square(word: str) -> bool:
    """Whether a word is some word twice."""
    half = len(word) // 2
    return word[:half] == word[half:]
