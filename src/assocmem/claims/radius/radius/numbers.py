"""Shares of OpenWebText, radii and volumes at the numbers of GPT-2, and what nearly constant distances say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.claims.radius.radius.sample import Part
from assocmem.theory.exact.certified import to_arb
from assocmem.theory.radius import at_gpt2, samples


@dataclass(frozen=True)
class Shares:
    """Percentages to three decimals: documents of 80K and 100K chunks, tokens of 80K and 100K chunks."""

    documents: tuple[tuple[str, str], ...] = (("0.993", "0.998"), ("1.240", "1.248"))
    tokens: tuple[tuple[str, str], ...] = (("0.216", "0.241"), ("0.269", "0.301"))


claim(
    "X-RAD-SHARE",
    Shares(),
    mutants={
        "every chunk in its own document": Shares(documents=(("0.998", "0.998"), ("1.248", "1.248"))),
        "of ten billion tokens": Shares(tokens=(("0.195", "0.216"), ("0.244", "0.269"))),
    },
)


@check("X-RAD-SHARE", kind="certified", scope="80,000 and 100,000 chunks of 256 tokens")
def shares_in_numbers(stmt: Shares) -> Finding:
    """Both ends of each share, rounded to three decimals."""
    sizes = (80_000, 100_000)
    documents = tuple(_shown(at_gpt2.documents_covered(chunks, Part(0, "").documents)) for chunks in sizes)
    tokens = tuple(_shown(at_gpt2.tokens_covered(chunks, 256, 9)) for chunks in sizes)
    text = f"documents {documents}, tokens {tokens}, in percent"
    same = documents == stmt.documents and tokens == stmt.tokens
    return Finding.enumerated(text) if same else Finding.fails(text, margin="exact")


def _shown(share: at_gpt2.Share) -> tuple[str, str]:
    low, high = share.percent()
    return f"{float(low):.3f}", f"{float(high):.3f}"


@dataclass(frozen=True)
class Constant:
    """The least dimension in which so many times the points change distances by at most this share."""

    factor: int = 4
    share: Fraction = Fraction(1, 20)
    dimension: int = 28


claim(
    "X-RAD-DIM",
    Constant(),
    mutants={"27": replace(Constant(), dimension=27), "a tenth": replace(Constant(), share=Fraction(1, 10))},
)


@check("X-RAD-DIM", kind="certified", scope="all k: (19/20)^k falls with k; k = 2 apart")
def least_dimension(stmt: Constant) -> Finding:
    """Exact powers at the stated dimension, below it, and for k = 2 with a half."""
    at, before = (samples.stays_within(stmt.factor, stmt.share, k) for k in (stmt.dimension, stmt.dimension - 1))
    half = samples.stays_within(stmt.factor, Fraction(1, 2), 2)
    tight = samples.stays_within(stmt.factor, Fraction(1, 2) - Fraction(1, 10**6), 2)
    if at and not before and half and not tight:
        return Finding.enumerated(f"{stmt.dimension}: (1 - {stmt.share})^k {stmt.factor} <= 1 from there on")
    return Finding.fails(f"true at {stmt.dimension}: {at}; below it: {before}", margin="exact")


@dataclass(frozen=True)
class Doubled:
    """2 sqrt(n/(2 pi e)) to three decimals, and what a distance around 20 is of it, for three n."""

    values: tuple[tuple[int, str], ...] = ((1024, "15.486"), (262_144, "247.778"), (1_048_576, "495.556"))
    between: tuple[Fraction, Fraction] = (Fraction(39, 2), Fraction(41, 2))
    first: tuple[Fraction, Fraction] = (Fraction(5, 4), Fraction(133, 100))
    most: tuple[Fraction, Fraction] = (Fraction(1, 12), Fraction(1, 24))


claim(
    "X-RAD-N",
    Doubled(),
    mutants={
        "half of it": Doubled(values=((1024, "7.743"), *Doubled().values[1:])),
        "within a quarter": Doubled(first=(Fraction(3, 4), Fraction(5, 4))),
        "less than a thirteenth": Doubled(most=(Fraction(1, 13), Fraction(1, 24))),
    },
)


@check("X-RAD-N", kind="certified", scope="n = d_emb, 256 d_emb and 1024 d_emb; distances from 19.5 to 20.5")
def doubled_radii(stmt: Doubled) -> Finding:
    """Values by squares and roots, and the quotients at both ends."""
    low, high = at_gpt2.OBSERVED
    wrong = [text for n, text in stmt.values if not at_gpt2.prints_as(n, text, factor=2)]
    wrong += [text for n, text in stmt.values if at_gpt2.prints_as(n, at_gpt2.next_digit(text), factor=2)]
    wrong += ["another distance"] * (stmt.between != at_gpt2.OBSERVED)
    if [n for n, _ in stmt.values] != [at_gpt2.dimension(t) for t in (1, at_gpt2.CHUNK, at_gpt2.CONTEXT)]:
        wrong += ["another n"]
    first, *others = (n for n, _ in stmt.values)
    inside = at_gpt2.relative(low, first) > to_arb(stmt.first[0]) and at_gpt2.relative(high, first) < to_arb(
        stmt.first[1]
    )
    below = [bool(at_gpt2.relative(high, n) < to_arb(most)) for n, most in zip(others, stmt.most, strict=True)]
    if wrong or not inside or not all(below):
        return Finding.fails(f"not so: {', '.join(wrong) or 'a quotient'}", margin="certified")
    return Finding.enumerated(", ".join(f"{text} for n = {n}" for n, text in stmt.values), margin="certified")


@dataclass(frozen=True)
class Volume:
    """Bounds of V_n(r): for r = 10, 9.75 and sqrt(n/(2 pi e)) in 1024 dimensions, and for r = 10 in 262,144."""

    ten: tuple[Fraction, int] = (Fraction(99, 100), 112)
    smaller: int = 100
    own: tuple[int, int] = (57, 56)
    chunk: int = -286_534


claim(
    "X-RAD-VOL",
    Volume(),
    mutants={
        "of order one": Volume(ten=(Fraction(1, 10), 1)),
        "9.75 of order one": Volume(smaller=200),
        "the radius of unit volume": Volume(own=(2, 1)),
        "a larger power": Volume(chunk=-286_535),
    },
)


@check("X-RAD-VOL", kind="certified", scope="four balls; even dimensions by (pi r^2)^m/m! as well")
def volumes_of_balls(stmt: Volume) -> Finding:
    """Logarithms of volumes by the Gamma function and by factorials, against the stated bounds."""
    n, large = at_gpt2.dimension(1), at_gpt2.dimension(at_gpt2.CHUNK)
    share, power = stmt.ten
    own = (-_log10(stmt.own[0]), -_log10(stmt.own[1]))
    bounds: list[tuple[arb, arb, arb | None, arb]] = [
        (
            at_gpt2.log10_volume(n, Fraction(10)),
            _log10(share) + power,
            arb(power),
            at_gpt2.log10_even_volume(n, Fraction(100)),
        ),
        (
            at_gpt2.log10_volume(n, Fraction(39, 4)),
            arb(stmt.smaller),
            None,
            at_gpt2.log10_even_volume(n, Fraction(39, 4) ** 2),
        ),
        (at_gpt2.log10_volume(n, at_gpt2.radius(n)), *own, at_gpt2.log10_even_volume(n, at_gpt2.squared_radius(n))),
        (
            at_gpt2.log10_volume(large, Fraction(10)),
            arb(stmt.chunk - 1),
            arb(stmt.chunk),
            at_gpt2.log10_even_volume(large, Fraction(100)),
        ),
    ]
    inside = [bool(v > a) and (b is None or bool(v < b)) and bool(v.overlaps(again)) for v, a, b, again in bounds]
    shown = ", ".join(f"10^{float(v.mid()):.2f}" for v, *_ in bounds)
    return Finding.enumerated(shown, margin="certified") if all(inside) else Finding.fails(shown, margin="certified")


def _log10(value: Fraction | int) -> arb:
    return to_arb(value).log() / arb(10).log()
