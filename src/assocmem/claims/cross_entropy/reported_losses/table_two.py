"""Checks of what is said of Table 2 and of other reported losses; its rows are matters of their sources, and argued."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.cross_entropy import units
from assocmem.theory.cross_entropy.certified_laws import exact
from assocmem.theory.cross_entropy.published_losses import BELOW_ONE, MASSIVETEXT, WEBTEXT2, PublishedLoss
from assocmem.theory.cross_entropy.table_two import TABLE_TWO, Row
from assocmem.theory.exact.certified import sign, to_arb

ROWS = tuple(TABLE_TWO.values())

claim("P4-EMP", ROWS, mutants={"one loss of 0.7": (*ROWS[:5], replace(ROWS[5], loss=0.7))})


@check("P4-EMP", kind="argument", scope="the six losses of Table 2, to which the sentence belongs")
def losses_of_the_table(stmt: tuple[Row, ...]) -> Finding:
    """Exact comparison of each printed loss with 1."""
    small = [row.model for row in stmt if exact(row.loss) <= 1]
    if small:
        return Finding.fails(f"{', '.join(small)}: not above 1", margin="exact")
    return Finding.holds_if(
        "each loss is per token of its own model's tokenizer",
        f"the least of the {len(stmt)} is {min(row.loss for row in stmt):g}",
    )


@check("P4-EMP", kind="certified", scope="two rows whose bytes per token are published")
def six_models_per_byte(stmt: tuple[Row, ...]) -> Finding:
    """The same losses per byte, exactly."""
    pairs = [(row, c) for row, c in ((stmt[0], WEBTEXT2), (stmt[1], MASSIVETEXT)) if c.per_byte(row.loss) < 1]
    if pairs:
        shown = ", ".join(f"{row.model} {float(c.per_byte(row.loss)):.2f}" for row, c in pairs)
        return Finding.fails(f"nats per byte: {shown}", margin="exact", outside=True)
    return Finding.survived("above 1 per byte too")


PER_BYTE = (
    (WEBTEXT2, 2.5, Fraction("0.5964")),
    (MASSIVETEXT, 2.2, Fraction("0.4911")),
    (MASSIVETEXT, 1.61, Fraction("0.3594")),
)
claim(
    "X-BYTES",
    PER_BYTE,
    mutants={"0.5965 in the first place": ((WEBTEXT2, 2.5, Fraction("0.5965")), *PER_BYTE[1:])},
)


@check("X-BYTES", kind="certified", scope="three losses and two counts of bytes and tokens, exact")
def losses_per_byte(stmt: Any) -> Finding:
    """Each loss over the bytes in a token, to four places."""
    for corpus, loss, stated in stmt:
        value = corpus.per_byte(loss)
        if not abs(value - stated) < Fraction(1, 2 * 10**4):
            return Finding.fails(
                f"{loss:g} nats per token of {corpus.text} are {float(value):.4f} per byte", margin="exact"
            )
    return Finding.enumerated(", ".join(f"{loss:g}: {float(c.per_byte(loss)):.4f}" for c, loss, _ in stmt))


OWN = tuple(loss for loss in BELOW_ONE if loss.own_tokens)
IN_NATS = tuple(zip(OWN, map(Fraction, ("0.735", "0.783", "0.679", "0.749")), strict=True))
claim(
    "X-BELOW-ONE",
    IN_NATS,
    mutants={
        "bits taken for nats": ((OWN[0], Fraction("1.060")), *IN_NATS[1:]),
        "a loss of 1.5 bits": ((replace(OWN[0], value=1.5), Fraction("1.040")), *IN_NATS[1:]),
    },
)


@check("X-BELOW-ONE", kind="certified", scope="four published losses whose unit is the model's own token")
def own_tokens_below_one(stmt: tuple[tuple[PublishedLoss, Fraction], ...]) -> Finding:
    """Each value times log 2, to the stated three places and to neither neighbor, and against 1."""
    for loss, stated in stmt:
        near = [loss.rounds_to(stated + Fraction(step, 1000), 3) for step in (-1, 0, 1)]
        if near != [False, True, False] or not loss.is_below_one():
            nats = float(loss.nats().mid())
            return Finding.fails(f"{loss.value:g} bits are {nats:.4f} nats", margin="certified")
    return Finding.enumerated(
        ", ".join(f"{loss.model} on {loss.data} {float(loss.nats().mid()):.4f}" for loss, _ in stmt)
    )


claim("X-ZERO-HEAD", 2, mutants={"three tokens": 3})


@check("X-ZERO-HEAD", kind="symbolic", scope="any number V of tokens, by one more; any text")
def untrained_model(stmt: int) -> Finding:
    """Equal logits over V tokens: the loss is log V at every place, whatever the token is."""
    size = sp.Symbol("V", positive=True)
    one_more = sp.simplify(sp.log(size + sp.exp(0)) - sp.log(size + 1))
    if one_more != 0 or units.cross_entropy([sp.Integer(0)], 0) != 0:
        return Finding.undecided("log V was not confirmed")
    if sign(lambda: 1 - to_arb(stmt).log()) == 1:
        return Finding.holds(f"the sum of V exponentials of 0 is V, and log {stmt} < 1")
    return Finding.fails(f"log {stmt} is not below 1", margin="certified")
