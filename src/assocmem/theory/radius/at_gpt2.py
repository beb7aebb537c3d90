"""Appendix F.1 in numbers: the radius of (14) for the dimensions of GPT-2 medium, and shares of OpenWebText."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_volume, certified_paper_radius

WIDTH = 1024
"""d_emb of GPT-2 medium."""
CHUNK, CONTEXT = 256, 1024
"""Tokens of a chunk, and T_max."""
OBSERVED = (Fraction(39, 2), Fraction(41, 2))
"""Between what a distance of "around 20" lies, at the least."""
DOCUMENTS = 8_013_769
TOKENS = (Fraction(17, 2) * 10**9, Fraction(19, 2) * 10**9)
"""Between what a number of tokens lies that prints as 9B."""
BITS = 128


def dimension(tokens: int, width: int = WIDTH) -> int:
    """n = T d_emb, the dimension of a sequence (Section 3)."""
    return tokens * width


def radius(n: int) -> arb:
    """sqrt(n/(2 pi e)), certified."""
    return certified_paper_radius(n, bits=BITS)


def squared_radius(n: int) -> arb:
    """n/(2 pi e), certified, without a root."""
    with precision(BITS):
        return to_arb(n) / (2 * arb.pi()) * (-arb(1)).exp()


def prints_as(n: int, text: str, factor: int = 1) -> bool:
    """Whether factor sqrt(n/(2 pi e)) certainly rounds to the decimal: by squares, and by the root."""
    stated, half = Fraction(text), Fraction(1, 2 * 10 ** len(text.partition(".")[2]))
    low, high = (stated - half) / factor, (stated + half) / factor
    square, root = squared_radius(n), radius(n)
    by_square = bool(square > to_arb(low * low)) and bool(square < to_arb(high * high))
    return by_square and bool(root > to_arb(low)) and bool(root < to_arb(high))


def relative(distance: Fraction, n: int) -> arb:
    """A distance over 2 sqrt(n/(2 pi e))."""
    with precision(BITS):
        return to_arb(distance) / (2 * radius(n))


def log10_volume(n: int, r: Fraction | arb) -> arb:
    """Base-10 logarithm of the volume of a ball, certified."""
    with precision(BITS):
        return certified_log_ball_volume(n, r, bits=BITS) / arb(10).log()


def log10_even_volume(n: int, square: Fraction | arb) -> arb:
    """The same from the square of the radius, for even n: V_n = (pi r^2)^m/m! with m = n/2.

    Raises
    ------
    ValueError
        For odd n.
    """
    if n % 2:
        raise ValueError(f"n must be even, got {n}")
    with precision(BITS):
        area = square if isinstance(square, arb) else to_arb(square)
        return (to_arb(n // 2) * (arb.pi() * area).log() - arb(n // 2 + 1).lgamma()) / arb(10).log()


@dataclass(frozen=True)
class Share:
    """Smallest and largest share."""

    low: Fraction
    high: Fraction

    def prints_as(self, text: str) -> bool:
        """Whether both ends, as percentages, round to the decimal."""
        stated, half = Fraction(text), Fraction(1, 2 * 10 ** len(text.partition(".")[2]))
        return all(abs(100 * end - stated) <= half for end in (self.low, self.high))

    def below(self, text: str) -> bool:
        """Whether both ends round to something smaller."""
        return 100 * self.high < Fraction(text) - Fraction(1, 2 * 10 ** len(text.partition(".")[2]))

    def above(self, text: str) -> bool:
        """Whether both ends round to something larger."""
        return 100 * self.low > Fraction(text) + Fraction(1, 2 * 10 ** len(text.partition(".")[2]))


def documents_covered(chunks: int, documents: int = DOCUMENTS) -> Share:
    """Expected share of documents with a chunk: drawn uniformly with repetition, and without, which is the most.

    1 - (1 - 1/K)^m lies above m/K - m(m-1)/(2 K^2), by Bonferroni.
    """
    most = Fraction(min(chunks, documents), documents)
    return Share(Fraction(chunks, documents) - Fraction(chunks * (chunks - 1), 2 * documents**2), most)


def tokens_covered(chunks: int, length: int = CHUNK) -> Share:
    """Share of the tokens, for all totals that print as 9B."""
    read = Fraction(chunks * length)
    return Share(read / TOKENS[1], read / TOKENS[0])
