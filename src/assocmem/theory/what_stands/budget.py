"""How much more loss equation (1) gives a larger model with the same product N D, in closed form."""

from __future__ import annotations

from flint import arb

from assocmem.theory.cross_entropy import larger_models
from assocmem.theory.cross_entropy.certified_laws import certified_loss, exact
from assocmem.theory.cross_entropy.fitted_laws import PAPER_CHINCHILLA
from assocmem.theory.exact.certified import precision, to_arb

BITS = 128


def excess(factor: int) -> arb:
    """What a model that is ``factor`` times the small one, on the data divided by it, loses: E cancels.

    A N^-alpha (factor^-alpha - 1) + B D^-beta (factor^beta - 1), at the constants that the paper prints.
    """
    law, (n, d) = PAPER_CHINCHILLA, larger_models.SMALL
    with precision(BITS):
        a, b, alpha, beta = (to_arb(exact(value)) for value in (law.A, law.B, law.alpha, law.beta))
        size, data, k = arb(n).log(), arb(d).log(), arb(factor).log()
        saved = a * (-alpha * size).exp() * (1 - (-alpha * k).exp())
        return b * (-beta * data).exp() * ((beta * k).exp() - 1) - saved


def agrees() -> bool:
    """Whether the two losses themselves differ by that, the products N D being equal."""
    (n, d), (larger, less) = larger_models.SMALL, larger_models.LARGE
    with precision(BITS):
        difference = certified_loss(PAPER_CHINCHILLA, larger, less) - certified_loss(PAPER_CHINCHILLA, n, d)
        close = (difference - excess(larger // n)).contains(0) and difference.rel_accuracy_bits() > BITS // 2
    return bool(close and n * d == larger * less and larger % n == 0)
