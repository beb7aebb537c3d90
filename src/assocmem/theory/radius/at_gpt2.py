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


def half_digit(text: str) -> Fraction:
    """Half of the last digit of a printed decimal."""
    return Fraction(1, 2 * 10 ** len(text.partition(".")[2]))


def next_digit(text: str) -> str:
    """The printed decimal with one more in its last place."""
    places = len(text.partition(".")[2])
    return f"{float(Fraction(text) + 2 * half_digit(text)):.{places}f}"


def prints_as(n: int, text: str, factor: int = 1) -> bool:
    """Whether factor sqrt(n/(2 pi e)) certainly rounds to the decimal: by squares, and by the root."""
    stated, half = Fraction(text), half_digit(text)
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

    def percent(self) -> tuple[Fraction, Fraction]:
        """Both ends in percent."""
        return 100 * self.low, 100 * self.high

    def prints_as(self, text: str) -> bool:
        """Whether both ends round to the decimal."""
        return all(abs(end - Fraction(text)) <= half_digit(text) for end in self.percent())

    def below(self, text: str) -> bool:
        """Whether both ends round to something smaller."""
        return self.percent()[1] < Fraction(text) - half_digit(text)

    def above(self, text: str) -> bool:
        """Whether both ends round to something larger."""
        return self.percent()[0] > Fraction(text) + half_digit(text)


def documents_covered(chunks: int, documents: int) -> Share:
    """Expected share of documents with a chunk: drawn uniformly with repetition, and without, which is the most.

    1 - (1 - 1/K)^m lies above m/K - m^2/(2 K^2), by Bonferroni.
    """
    part = Fraction(chunks, documents)
    return Share(part - part * part / 2, min(part, Fraction(1)))


def tokens_covered(chunks: int, length: int, billions: int) -> Share:
    """Share of the tokens, for all totals that print as so many billion."""
    read, unit = Fraction(chunks * length), Fraction(10**9)
    half = half_digit(str(billions))
    return Share(read / ((billions + half) * unit), read / ((billions - half) * unit))
