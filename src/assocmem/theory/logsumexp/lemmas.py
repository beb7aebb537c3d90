"""LogSumExp and softmax: the formal statements of Lemmas 1-4 and the derivations that decide them.

LSE(x) = log sum_i exp(x_i) for x in R^n (paper, Appendix C).
Proofs for every n add one entry at a time (``induction``, ``lagrange_step``), or have n as a symbol (``any_number``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np
import sympy as sp
from flint import arb

from assocmem.theory.exact import attack
from assocmem.theory.exact.certified import sign, to_arb

LARGEST_EXPANDED = 6

ADVERSARIAL: tuple[tuple[Fraction, ...], ...] = tuple(
    tuple(Fraction(v) for v in row)
    for row in (
        (0,),
        (7,),
        (0, 0),
        (0, -40),
        (0, -200),
        (1, 1, 1),
        (-3, 5),
        (1000, -1000),
        (Fraction(1, 1000), 0, 0),
        (2, 2, -1, -1),
        (0, 0, 0, 0, 0),
        (-7, -7, -8),
    )
)
"""Exact points where bounds on LSE are tight, degenerate or out of float64's reach."""


ATTAINED: dict[str, Callable[[Sequence[Fraction]], bool]] = {
    "all entries equal": lambda x: len(set(x)) == 1,
    "first two entries equal": lambda x: len(x) > 1 and x[0] == x[1],
    "never": lambda x: False,
}
"""Where the bound with log n could be an equality: what it is called, and whether it is so at a point."""


@dataclass(frozen=True)
class Sandwich:
    """max(x) + a [<, <=] LSE(x) [<, <=] max(x) + b log n, or its mirror image for -LSE(-x).

    Lemma 2 is a = 0 strict, b = 1; Lemma 3 is its image under x -> -x with ``mirrored``.
    ``from_n`` is the smallest n that the statement speaks of. ``attained``, a name in ``ATTAINED``, says that the bound
    with log n is an equality exactly there; None says nothing of that.
    """

    a: Fraction = Fraction(0)
    b: Fraction = Fraction(1)
    strict_lower: bool = True
    mirrored: bool = False
    from_n: int = 1
    attained: str | None = None

    def points(self) -> list[tuple[Fraction, ...]]:
        """The adversarial points that the statement speaks of."""
        return [x for x in ADVERSARIAL if len(x) >= self.from_n]

    def gaps(self, x: tuple[Fraction, ...]) -> tuple[int | None, int | None]:
        """Certified signs of LSE - lower and upper - LSE at an exact point (mirrored if asked).

        With u = x (Lemma 2) or u = -x (Lemma 3, where -LSE(-x) stands between min x - log n and min x) both
        lemmas ask for the same two signs. The sum exp(LSE - max) is a whole number, without any error, where all
        entries are equal.
        """
        u = [-v for v in x] if self.mirrored else list(x)
        top, n = max(u), len(u)

        def ratio() -> arb:
            return sum((to_arb(v - top).exp() for v in u), arb(0))

        low = sign(lambda: ratio().log() - to_arb(self.a))
        if self.b == 1:
            return low, sign(lambda: n - ratio())
        return low, sign(lambda: to_arb(self.b) * to_arb(n).log() - ratio().log())


def lagrange_residual(n: int, sign_of_square: int = 1) -> sp.Expr:
    """(sum a)(sum a v^2) - (sum a v)^2 - sign * sum_{i<j} a_i a_j (v_i - v_j)^2, expanded.

    With a_i = exp(x_i) the first two terms are (sum a)^2 times the curvature of LSE along v
    (``any_number.curvature_residual``), so a zero residual proves that it is never negative, and 0 only for v in
    span{1}.
    """
    a, v = sp.symbols(f"a1:{n + 1}"), sp.symbols(f"v1:{n + 1}")
    left = sum(a) * sum(p * q**2 for p, q in zip(a, v, strict=True))
    left -= sum(p * q for p, q in zip(a, v, strict=True)) ** 2
    right = sum(a[i] * a[j] * (v[i] - v[j]) ** 2 for i, j in combinations(range(n), 2))
    return sp.expand(left - sign_of_square * right)


def lagrange_step() -> sp.Expr:
    """The induction step of Lagrange's identity, for sums A = sum a, B = sum a v, C = sum a v^2; 0 proves it for all n.

    Adding one pair (a, v) adds a (A v^2 - 2 B v + C) = a sum_i a_i (v - v_i)^2 to A C - B^2.
    """
    total, first, second, a, v = sp.symbols("A B C a v")
    after = (total + a) * (second + a * v**2) - (first + a * v) ** 2
    return sp.expand(after - (total * second - first**2) - a * (total * v**2 - 2 * first * v + second))


def worst_slack(a: float, b: float) -> float:
    """Smallest of LSE - max - a and max + b log n - LSE that a descent over x finds (n = 2..5, ``|x_i| <= 6``)."""

    def make(n: int) -> attack.Slack:
        def slack(x: attack.Vector) -> float:
            value, top = attack.lse(x), float(x.max())
            return min(value - top - a, top + b * float(np.log(n)) - value)

        return slack

    return attack.over_sizes(make, (2, 3, 5))


def lipschitz_slack(constant: float = 1.0, signed: bool = False) -> float:
    """Smallest slack that a descent over x and y finds, of Lemma 4 or of its signed form.

    Lemma 4: ``constant * max|x-y| - |LSE(x) - LSE(y)|``.
    Signed: constant * (LSE(x) - LSE(y)) lies between the means of x - y under softmax(y) and under softmax(x).
    """

    def make(size: int) -> attack.Slack:
        def slack(z: attack.Vector) -> float:
            x, y = np.split(z, 2)
            step = attack.lse(x) - attack.lse(y)
            if signed:
                low, high = (float(np.exp(v - attack.lse(v)) @ (x - y)) for v in (y, x))
                return min(constant * step - low, high - constant * step)
            return constant * float(np.abs(x - y).max()) - abs(step)

        return slack

    return attack.over_sizes(make, (2, 4, 8))
