"""The radius of (14) at the numbers of GPT-2, against what Appendix F.1 reads off it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import to_arb
from assocmem.theory.radius import at_gpt2

claim(
    "F1-7.74",
    {"n": 1024, "value": "7.74"},
    mutants={"7.75": {"n": 1024, "value": "7.75"}, "n of 256 tokens": {"n": 256 * 1024, "value": "7.74"}},
)


@check("F1-7.74", kind="certified", scope="one number, by its square and by its root")
def value_of_the_radius(stmt: Any) -> Finding:
    """n/(2 pi e) and its root in Arb balls."""
    value = float(at_gpt2.radius(stmt["n"]).mid())
    above = at_gpt2.next_digit(stmt["value"])
    if at_gpt2.prints_as(stmt["n"], stmt["value"]) and not at_gpt2.prints_as(stmt["n"], above):
        return Finding.enumerated(f"{value:.6f}", margin="certified")
    return Finding.fails(f"{value:.6f}", margin="certified")


claim(
    "F1-n",
    {"n": 1024, "width": 1024},
    mutants={
        "n of the 256 tokens of a chunk": {"n": 256 * 1024, "width": 1024},
        "n of T_max tokens": {"n": 1024 * 1024, "width": 1024},
    },
)


@check("F1-n", kind="certified", scope="the numbers of tokens that the text offers: 256 of a chunk and T_max = 1024")
def dimension_of_a_sequence(stmt: Any) -> Finding:
    """n = T d_emb for both, against the stated n."""
    sizes = {tokens: at_gpt2.dimension(tokens, stmt["width"]) for tokens in (at_gpt2.CHUNK, at_gpt2.CONTEXT)}
    shown = ", ".join(
        f"n = {n} for T = {tokens}, r = {float(at_gpt2.radius(n).mid()):.1f}" for tokens, n in sizes.items()
    )
    if stmt["n"] in sizes.values():
        return Finding.enumerated(shown)
    return Finding.fails(f"{shown}; not {stmt['n']}", margin="exact")


@dataclass(frozen=True)
class Corroborates:
    """A radius taken from the experiment, the n of (14), and the tokens of a sequence; what agreement means."""

    radius: Fraction = Fraction(10)
    n: int = 1024
    tokens: int = 256
    agreement: str = "a volume of order one"


claim(
    "F1-20",
    Corroborates(),
    mutants={
        "a radius of 123.9 and the n of (2)": Corroborates(Fraction("123.9"), 256 * 1024),
        "the radius 7.74, one token as a sample": Corroborates(Fraction("7.743"), tokens=1),
        "of the same order, one token as a sample": Corroborates(tokens=1, agreement="within a factor of ten"),
    },
)


@check("F1-20", "F1-SIG", kind="certified", scope="the n of (2) for a chunk, and the stated radius within a half")
def not_the_radius(stmt: Corroborates) -> Finding:
    """The radius of (14) with n = T d_emb against the one from the experiment."""
    n = at_gpt2.dimension(stmt.tokens)
    factor = at_gpt2.radius(n) / to_arb(stmt.radius + Fraction(1, 2))
    own = f"{float(at_gpt2.radius(n).mid()):.1f}"
    text = (
        f"for {stmt.tokens} tokens (14) has the radius {own}, of sequences; {float(stmt.radius):g} is of one position"
    )
    if factor > 11 and stmt.n < n:
        return Finding.fails(text, margin="certified")
    return Finding.survived("the radius is near")


@check("F1-20", "F1-SIG", kind="certified", scope="the stated n; the stated radius")
def not_of_order_one(stmt: Corroborates) -> Finding:
    """The volume of the ball of the stated radius, which is to be of order one."""
    power = at_gpt2.log10_volume(stmt.n, stmt.radius)
    text = f"the ball of radius {float(stmt.radius):g} has a volume of 10^{float(power.mid()):.1f}"
    if stmt.agreement == "a volume of order one" and power > 111:
        return Finding.fails(text, margin="certified")
    return Finding.survived(text)


claim(
    "F1-SIG",
    Corroborates(),
    mutants={
        "a radius of 123.9 and the n of (2)": Corroborates(Fraction("123.9"), 256 * 1024),
        "the radius 7.74, one token as a sample": Corroborates(Fraction("7.743"), tokens=1),
    },
)


@dataclass(frozen=True)
class Match:
    """Distances between these, against 2 sqrt(n/(2 pi e)) for sequences of so many tokens, within a share of it."""

    between: tuple[Fraction, Fraction] = (Fraction(39, 2), Fraction(41, 2))
    tokens: tuple[int, ...] = (256, 1024)
    within: Fraction = Fraction(1, 4)


claim(
    "F1-MAG",
    Match(),
    mutants={
        "one token as a sample, within a third": Match(tokens=(1,), within=Fraction(1, 3)),
        "distances near 248, 256 tokens": Match((Fraction(247), Fraction(249)), (256,)),
    },
)


@check("F1-MAG", kind="certified", scope="n = T d_emb for both T, and n = d_emb; all distances that round to 20")
def matches(stmt: Match) -> Finding:
    """Distances relative to the doubled radius, with the n of (2) and with one token as a sample."""
    low, high = 1 - stmt.within, 1 + stmt.within
    quotients = {t: [at_gpt2.relative(x, at_gpt2.dimension(t)) for x in stmt.between] for t in (*stmt.tokens, 1)}
    shown = "; ".join(f"T = {t}: {float(a.mid()):.3f} to {float(b.mid()):.3f}" for t, (a, b) in quotients.items())
    near = {t: bool(a > to_arb(low)) and bool(b < to_arb(high)) for t, (a, b) in quotients.items()}
    if all(near[t] for t in stmt.tokens):
        return Finding.enumerated(f"relative to the doubled radius: {shown}")
    return Finding.fails(f"relative to the doubled radius: {shown}", margin="certified")
