"""The dimension of least loss under the printed energies of a layer, which exists, and its change with the patterns.

One layer of d equal disjoint balls of the paper's radius, E_t = exp(-g_t)/Z_t. Chapter 7 proves that the loss has a
least value over n = 1, 2, ... for every d >= 2, attained only below 2 pi e log d; with E_t = g_t it has none.
"""

from __future__ import annotations

from functools import partial

from flint import arb

from assocmem.theory.cross_entropy.one_layer import Balls, certified_loss, loss
from assocmem.theory.exact.ball_integrals import paper_radius
from assocmem.theory.exact.certified import precision, sign
from assocmem.theory.exact.certified_ball_integrals import certified_paper_radius


def last_dimension(d: int) -> int:
    """The largest n below 2 pi e log d.

    Raises
    ------
    ValueError
        For d < 2.
    """
    if d < 2:
        raise ValueError(f"d={d}; the loss has a least value from two patterns on")
    with precision(128):
        bound = 2 * arb.pi() * arb(1).exp() * arb(d).log()
        return int(bound.floor().unique_fmpz())


def best(d: int) -> int:
    """The n of least loss, in float64."""
    return min(range(1, last_dimension(d) + 1), key=partial(_loss_at, d))


def _loss_at(d: int, n: int) -> float:
    return float(loss("printed", n, paper_radius(n), d))


def certified_at(d: int, n: int) -> arb:
    """A ball around the loss of d patterns in dimension n."""
    return certified_loss("printed", Balls(n, certified_paper_radius(n), d))


def moves(few: int = 2, many: int = 100) -> bool:
    """Whether the best dimension for many patterns certainly exceeds every one that can be best for a few.

    For a few patterns the best n is below 2 pi e log(few); for many, some n beyond has less loss than all of these.
    """
    last, beyond = last_dimension(few), best(many)
    return all(sign(partial(_excess, many, n, beyond)) == 1 for n in range(1, last + 1))


def _excess(d: int, n: int, other: int) -> arb:
    return certified_at(d, n) - certified_at(d, other)
