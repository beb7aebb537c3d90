"""The law of one bit: when does flipping a bit of a stored pattern raise the energy?

For the energy -sum_i F(rho_i . x), flip bit k of pattern 1. Multiply all patterns by pattern 1
coordinate by coordinate: it becomes (1,...,1) and the others stay uniform. With xi_v the k-th and S_v the sum of the
other n-1 coordinates of pattern v, the energy changes by

    A + sum_{v=2}^d D_v,   A = F(n) - F(n-2),   D_v = F(S_v + xi_v) - F(S_v - xi_v) = xi_v h(S_v),

where h(S) = F(S+1) - F(S-1). The signs xi_v are independent of the S_v, so the D_v are independent, symmetric about 0,
with variance V = E h(S)^2 and fourth moment Q = E h(S)^4. Write N for their sum, s = A^2/V and K = Q/V^2. Then
``P(unstable) = P(N < -A) = P(|N| > A)/2``, and (ties counted as failures or not)

* Chebyshev:       P(unstable) <= (d-1)/(2s);
* Paley-Zygmund:   P(unstable) >= (1 - s/(d-1))^2 / (2 (3 + (K-3)/(d-1))), since E N^4 = (d-1) Q + 3 (d-1)(d-2) V^2;
* Berry-Esseen:    ``|P(unstable) - Phi(-sqrt(s/(d-1)))| <= 0.4748 sqrt(K/(d-1))`` (Shevtsova 2011;
  ``E|D|^3 <= sqrt(V Q)``).

If K/s -> 0, then at d of order s the error is bounded away from 0 and 1/2, for d/s -> 0 it tends to 0, and for
d/s -> infinity it tends to 1/2: **s is the capacity in the reading "bit"**. A bit that fails spoils its pattern, so the
stronger readings hold at most of order s; the union bound n (d-1)/(2s) gives them s/n and sqrt(s/n) from below.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class FlipLaw:
    """A = F(n) - F(n-2), V = E h(S)^2 and Q = E h(S)^4 as expressions in n."""

    signal: sp.Expr
    variance: sp.Expr
    fourth: sp.Expr

    @property
    def scale(self) -> sp.Expr:
        """s = A^2/V."""
        return sp.simplify(self.signal**2 / self.variance)

    @property
    def kurtosis(self) -> sp.Expr:
        """K = Q/V^2."""
        return sp.simplify(self.fourth / self.variance**2)

    def ceiling(self, patterns: sp.Expr | int) -> sp.Expr:
        """Chebyshev: the bit error is at most this."""
        return (patterns - 1) / (2 * self.scale)

    def floor(self, patterns: sp.Expr | int) -> sp.Expr:
        """Paley-Zygmund: the bit error is at least this, once d - 1 >= s."""
        others = patterns - 1
        return (1 - self.scale / others) ** 2 / (2 * (3 + (self.kurtosis - 3) / others))
