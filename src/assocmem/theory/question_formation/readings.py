"""What Proposition 4 gives at the numbers of the Question-Formation experiment, for each reading of Z, as a table.

A page shows log Z with its sign, because it decides: where log Z is negative the formula is nearly 1/Z, which is large
where Z is small; where it is positive the formula is nearly log Z.
"""

from __future__ import annotations

from flint import arb

from assocmem.tables import Table
from assocmem.theory.exact.certified import precision
from assocmem.theory.question_formation.experiment import BITS, LONGEST, Plateau, Reading, formula, log_partition

IN_WORDS: dict[Reading, str] = {
    "upper end": "right end, true",
    "lower end": "left end, false here",
    "printed form": "closed form of (13)",
    "exact": "the integral",
}
"""The readings of Z as a page names them, from the largest Z to the least."""


def in_digits(value: arb) -> str:
    """A number as a page sets it: four digits, commas from a thousand on, a power of ten from 10^9 on."""
    with precision(BITS):
        if value > 10**9:
            power = value.log() / arb(10).log()
            whole = int(float(power.floor().mid()))
            return f"${10 ** float((power - whole).mid()):.1f}\\cdot10^{{{whole}}}$"
        number = float(value.mid())
        return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def by_readings(tokens: tuple[int, ...] = (Plateau().tokens, LONGEST)) -> Table:
    """A row a reading: log Z and the formula log Z + 1/Z, in nats per sequence, for each length of a sequence.

    Parameters
    ----------
    tokens : tuple of int
        Lengths of a sequence; the number of patterns is that of all tokens over it.

    Returns
    -------
    Table
        Numbers of certified values.
    """
    head = ["$Z$"] + [f"{name}, {length} tokens" for length in tokens for name in (r"$\log Z$", r"$\log Z+1/Z$")]
    rows = []
    for reading, name in IN_WORDS.items():
        logs = [log_partition(Plateau(tokens=length), reading) for length in tokens]
        rows.append([name, *(in_digits(value) for log in logs for value in (log, formula(log)))])
    return Table(head, rows)
