"""Storage capacities of Table 1: what each energy can hold, as laws that are exact or proved for all sizes.

Throughout, d patterns are drawn independently and uniformly from {-1,1}^n. A bit of a pattern is *stable* when flipping
it raises the energy, and a pattern is *stored* when all its bits are: it is a strict minimum under single flips.
The table does not say which success its capacities count, so there are three readings, from weak to strong, each with a
fixed eps < 1/2: "bit" (a given bit of a given pattern is stable with probability at least 1 - eps), "pattern" (a given
pattern is stored with probability at least 1 - eps), "all" (so are all d patterns at once). The capacity is
Theta(f) if d <= c f succeeds and d >= C f does not, for some constants c and C and all large n.

**The law of one bit.** For the energy -sum_i F(rho_i . x), flip bit k of pattern 1. Multiply all patterns by pattern 1
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

**Powers.** F(z) = z^r: A ~ 2 r n^(r-1) and V ~ 4 r^2 (2r-3)!! n^(r-1), hence s ~ n^(r-1)/(2r-3)!!. The moments come
from E e^(tS) = cosh(t)^m: the coefficient of m^k in E S^(2k) is (2k)! (1/2)^k/k! = (2k-1)!!, and no higher power
occurs, because log cosh t starts with t^2/2.

**Two is special.** For r = 2, D_v = 4 xi_v S_v, and the n-1 products of xi_v with the other coordinates are independent
signs: N/4 is a simple random walk of (d-1)(n-1) steps, and the law of the bit error is exactly binomial. Hoeffding's
inequality, P <= exp(-(n-1)/(2(d-1))), then stores a pattern for d <= n/((2+delta) log n) and all of them for
d <= n/((4+delta) log n). A bias b that does not depend on the patterns adds 2 b_k rho_k, of random sign and independent
of N: where it is not positive the bit is no safer, so at least half of the error remains.

**Exponential.** F(z) = e^z: up to the factor e^(n-1) (e - 1/e) the change is 1 + sum_v xi_v e^(-2 B_v), where
B_v ~ Bin(n-1, 1/2) counts the other coordinates in which pattern v differs. Here s = (2/(1+e^-4))^(n-1).
In the reading "all" neighbors decide. *Whatever the energy*, two patterns that differ in one bit are not both strict
minima; the expected number of such pairs is d(d-1) n/2^(n+1), the pairs are pairwise independent, so with
d = C 2^(n/2)/sqrt(n) patterns P(all stored) <= 2/C^2 in the limit. (Ties do not help: both are weak minima only if
their energies agree, that is if as many other patterns with xi = 1 as with xi = -1 lie at each B, e being
transcendental, and that probability tends to 0.) Conversely a bit of a pattern fails only if some pattern has B = 0 and
xi = -1, which has probability at most (d-1)/2^n, or if the patterns with B >= 1 reach -1. These are symmetric, bounded
by b = e^-2, with total variance at most (d-1) q^(n-1), q = (1+e^-4)/2; by Bennett's inequality in the form
P(sum >= 1) <= (e var/b)^(1/b) the sum over all d n bits is at most
n d (d-1)/2^n + n d (e^3 (d-1) q^(n-1))^(e^2). At d = c 2^(n/2)/sqrt(n) that is c^2 plus a term that vanishes.
Hence **2^(n/2)/sqrt(n) is the capacity in the reading "all"**.

**Any quadratic energy.** Pattern by pattern, stability of bit k says that the sign of rho_k is that of an affine
function (W_k, b_k) of the other n-1 bits. d points in n-1 dimensions have at most 2 sum_{k<n} C(d-1,k) affine
dichotomies (Cover 1965: a new point splits only the dichotomies whose plane can pass through it, at most those of d
points in one dimension less), and the d signs are fair and independent of the points. Hence
P(all stored for some W, b) <= P(Bin(d-1, 1/2) <= n-1), which vanishes for d >= (2+delta) n.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from itertools import permutations, product
from typing import Any, Literal

import numpy as np
import sympy as sp
from flint import arb, fmpz_poly
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtr, ndtri

from assocmem.theory.exact.certified import sign, to_arb

Network = Literal["quadratic", "power", "exponential"]
Reading = Literal["bit", "pattern", "all"]
Relation = Literal["O", "Omega", "Theta"]
Signs = NDArray[np.int64]
Floats = NDArray[np.float64]
READINGS: tuple[Reading, ...] = ("bit", "pattern", "all")
POWERS = range(2, 7)
"""Degrees at which exact polynomials are compared with the laws for every r."""
BERRY_ESSEEN = Fraction(4748, 10000)
"""Shevtsova's constant for sums of independent, identically distributed terms."""

n, d, r = sp.symbols("n d r", positive=True)
z = sp.Symbol("z", positive=True)
GROWTH = 2 / (1 + sp.exp(-4))
"""Base of the exponential memory's capacity in the reading "bit"."""


# Energies of binary memories: x (n,), patterns (d, n), entries -1 or 1.


def hebb(patterns: Signs, *, diagonal: bool = True) -> Signs:
    """Sum of the outer products of the patterns, with or without its diagonal (d in every place)."""
    weights: Signs = patterns.T @ patterns
    return weights if diagonal else weights - np.diag(np.diag(weights))


def hopfield_energy(x: Signs, weights: NDArray[Any], bias: NDArray[Any] | int = 0) -> float:
    """-x'Wx/2 - b'x (Table 1, row 1)."""
    return float(-(x @ weights @ x) / 2 - np.sum(bias * x))


def krotov_energy(x: Signs, patterns: Signs, power: int) -> int:
    """-sum_i (rho_i . x)^r, exactly (Table 1, row 2, summed over the rows given)."""
    overlaps: list[int] = (patterns @ x).tolist()
    return -sum(math.prod([v] * power) for v in overlaps)


def exponential_energy(x: Signs, patterns: Signs) -> float:
    """-sum_i exp(rho_i . x) (Demircigil et al.)."""
    return -float(np.exp((patterns @ x).astype(float)).sum())


def lse_energy(x: Signs, patterns: Signs) -> float:
    """-LSE(M'x) (Table 1, row 3)."""
    return -float(logsumexp((patterns @ x).astype(float)))


def states(size: int) -> Signs:
    """All 2^n states as rows."""
    return np.array(list(product((-1, 1), repeat=size)), dtype=np.int64)


def is_stored(energy: Callable[[Signs], float], x: Signs) -> bool:
    """Whether every single flip raises the energy."""
    here = energy(x)
    flips = [np.where(np.arange(len(x)) == k, -x, x) for k in range(len(x))]
    return all(energy(y) > here for y in flips)


def dropped_example(terms: sp.Expr, power: int = 2, largest: int = 3) -> tuple[Signs, int] | None:
    """The smallest d = n + 1 distinct patterns of which one is stored by the sum over all d and lost by the sum given.

    ``terms`` is the number of patterns summed, in n and d. Returns the patterns and the lost one's index, or None if
    no pattern is lost up to n = ``largest``.
    """
    for size in range(1, largest + 1):
        summed = int(terms.subs({n: size, d: size + 1}))
        for rows in permutations(states(size), size + 1):
            patterns = np.array(rows)
            full = partial(krotov_energy, patterns=patterns, power=power)
            part = partial(krotov_energy, patterns=patterns[:summed], power=power)
            for i, x in enumerate(patterns):
                if is_stored(full, x) and not is_stored(part, x):
                    return patterns, i
    return None


# The law of one bit.


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


@cache
def cumulant_rates(order: int) -> tuple[int, ...]:
    """Derivatives 1, ..., order of log cosh at 0: the cumulants of one fair sign."""
    y = sp.Symbol("y")
    out, poly = [], sp.Poly(y, y)
    for _ in range(order):
        out.append(int(poly(0)))
        poly = poly.diff(y) * sp.Poly(1 - y**2, y)
    return tuple(out)


@cache
def sign_sum_moment(order: int) -> sp.Expr:
    """E S^order for the sum S of n - 1 fair signs, a polynomial in n; from n - 1 times the cumulants of one sign."""
    if order == 0:
        return sp.Integer(1)
    rates, m = cumulant_rates(order), n - 1
    terms = [math.comb(order - 1, j) * rates[j] * m * sign_sum_moment(order - 1 - j) for j in range(order)]
    return sp.expand(sum(terms))


def polynomial_law(interaction: sp.Expr) -> FlipLaw:
    """The exact law for a polynomial F in z."""
    spread = sp.Poly(sp.expand(interaction.subs(z, z + 1) - interaction.subs(z, z - 1)), z)

    def mean(poly: sp.Poly) -> sp.Expr:
        return sp.expand(sum(c * sign_sum_moment(k) for (k,), c in poly.terms()))

    return FlipLaw(sp.expand(interaction.subs(z, n) - interaction.subs(z, n - 2)), mean(spread**2), mean(spread**4))


@cache
def power_law(power: int) -> FlipLaw:
    """The exact law for F(z) = z^r."""
    return polynomial_law(z**power)


def exponential_law() -> FlipLaw:
    """The exact law for F(z) = e^z, divided by its factor e^(n-1) (e - 1/e): A = 1, D = xi e^(-2B), B ~ Bin(n-1, 1/2).

    E e^(-2kB) = ((1 + e^(-2k))/2)^(n-1).
    """
    return FlipLaw(sp.Integer(1), ((1 + sp.exp(-4)) / 2) ** (n - 1), ((1 + sp.exp(-8)) / 2) ** (n - 1))


def exponential_reduction() -> sp.Expr:
    """e^(S+xi) - e^(S-xi) over e^(n-1)(e-1/e), minus xi e^(-2B) with S = n-1-2B, for xi = 1 and -1; 0 proves it."""
    b = sp.Symbol("B")
    total, factor = n - 1 - 2 * b, sp.exp(n - 1) * (sp.E - 1 / sp.E)
    gaps = [(sp.exp(total + xi) - sp.exp(total - xi)) / factor - xi * sp.exp(-2 * b) for xi in (1, -1)]
    return sp.simplify(sp.expand(sum(g**2 for g in gaps)))


def odd_factorial(k: sp.Expr) -> sp.Expr:
    """(2k-1)!! = (2k)!/(2^k k!)."""
    return sp.factorial(2 * k) / (2**k * sp.factorial(k))


def leading_law() -> FlipLaw:
    """Leading terms of the law of F(z) = z^r for symbolic r, derived from three Taylor coefficients."""
    t = sp.Symbol("tau")
    slope = sp.series(1 - (1 - 2 * t) ** r, t, 0, 2).removeO().coeff(t, 1)  # A = n^r (1 - (1-2/n)^r)
    spread = sp.series((1 + t) ** r - (1 - t) ** r, t, 0, 2).removeO().coeff(t, 1)  # h(S) ~ spread * S^(r-1)
    rate = sp.series(sp.log(sp.cosh(t)), t, 0, 4).removeO().coeff(t, 2)

    def even_moment(k: sp.Expr) -> sp.Expr:
        return sp.factorial(2 * k) * rate**k / sp.factorial(k) * n**k

    return FlipLaw(slope * n ** (r - 1), spread**2 * even_moment(r - 1), spread**4 * even_moment(2 * (r - 1)))


def leading_mismatch(power: int, law: FlipLaw) -> tuple[sp.Expr, ...]:
    """Limits of exact over leading, minus 1, for A, V and Q at one degree; all 0 when the law is right there."""
    exact = power_law(power)
    pairs = ((exact.signal, law.signal), (exact.variance, law.variance), (exact.fourth, law.fourth))
    return tuple(sp.limit(sp.cancel(a / b.subs(r, power)), n, sp.oo) - 1 for a, b in pairs)


# Exact and approximate error probabilities.


def exact_bit_error(size: int, patterns: int, power: int, *, ties: bool = False) -> Fraction:
    """P(flipping a given bit lowers the energy), exactly, by expanding the generating function of N; F(z) = z^r.

    With ``ties`` half the probability of no change is added.
    """
    shifts = [
        ((s + 1) ** power - (s - 1) ** power, math.comb(size - 1, (s + size - 1) // 2))
        for s in range(1 - size, size, 2)
    ]
    step = math.gcd(*(h for h, _ in shifts)) or 1
    top = max(abs(h) for h, _ in shifts) // step
    weights = [0] * (2 * top + 1)
    for h, count in shifts:
        weights[top + h // step] += count
        weights[top - h // step] += count
    total = fmpz_poly(weights) ** (patterns - 1)
    barrier = size**power - (size - 2) ** power
    counts = [int(c) for c in total.coeffs()]
    gaps = [step * (i - (patterns - 1) * top) + barrier for i in range(len(counts))]
    lost = sum(c for g, c in zip(gaps, counts, strict=True) if g < 0)
    tied = sum(c for g, c in zip(gaps, counts, strict=True) if g == 0)
    return Fraction(2 * lost + (tied if ties else 0), 2 ** (size * (patterns - 1) + 1))


def float_bit_error(size: int, patterns: int, power: int) -> float:
    """The same with half the ties, in float64 through a Fourier transform: for sizes where exact integers are slow."""
    shifts = np.array([(s + 1) ** power - (s - 1) ** power for s in range(1 - size, size, 2)])
    counts = np.array([math.comb(size - 1, j) for j in range(size)], dtype=float)
    step = int(np.gcd.reduce(shifts)) or 1
    top = int(np.abs(shifts).max()) // step
    weights = np.zeros(2 * top + 1)
    np.add.at(weights, top + shifts // step, counts)
    np.add.at(weights, top - shifts // step, counts)
    length = 2 * top * (patterns - 1) + 1
    mass = np.fft.irfft(np.fft.rfft(weights / 2**size, length) ** (patterns - 1), length)
    gaps = step * (np.arange(length) - (patterns - 1) * top) + size**power - (size - 2) ** power
    return float(mass[gaps < 0].sum() + mass[gaps == 0].sum() / 2)


def noise_drift(growth: sp.Expr, power: int, size: int) -> float:
    """How far a growth is from the capacity: ratio of s/(d-1), read off the bit errors at d = growth, from n to 2n.

    It tends to 1 exactly for the capacity in the reading "bit"; n^r instead of n^(r-1) halves it.
    """
    levels = []
    for at in (size, 2 * size):
        count = max(2, math.ceil(float(growth.subs({n: at, r: power}))))
        levels.append(float(ndtri(float_bit_error(at, count, power))) ** 2)
    return levels[1] / levels[0]


def walk_error(steps: int, barrier: int) -> Fraction:
    """P(a simple random walk is below -barrier after so many steps), exactly."""
    below, ways = 0, 1
    for k in range(max(0, -((barrier - steps) // 2))):  # k steps up: 2k - steps < -barrier
        below += ways
        ways = ways * (steps - k) // (k + 1)
    return Fraction(below, 2**steps)


def normal_bit_error(size: int, patterns: int, law: FlipLaw) -> float:
    """Phi(-sqrt(s/(d-1)))."""
    return float(ndtr(-math.sqrt(float(law.scale.subs(n, size)) / (patterns - 1))))


def normal_radius(size: int, patterns: int, law: FlipLaw, constant: Fraction = BERRY_ESSEEN) -> float:
    """How far the bit error can lie from ``normal_bit_error``."""
    return float(constant) * math.sqrt(float(law.kurtosis.subs(n, size)) / (patterns - 1))


def normal_holds(size: int, patterns: int, power: int, constant: Fraction = BERRY_ESSEEN) -> bool | None:
    """Certified: ``|exact error - Phi(-sqrt(s/(d-1)))| <= constant sqrt(K/(d-1))`` at one size."""
    law, error = power_law(power), exact_bit_error(size, patterns, power)
    s, k = (Fraction(str(sp.Rational(e.subs(n, size)))) for e in (law.scale, law.kurtosis))

    def slack() -> arb:
        normal = ((to_arb(s) / (2 * (patterns - 1))).sqrt()).erfc() / 2
        return to_arb(constant) * (to_arb(k) / (patterns - 1)).sqrt() - abs(to_arb(error) - normal)

    found = sign(slack)
    return None if found is None else found >= 0


def random_patterns(rng: np.random.Generator, patterns: int, size: int) -> Signs:
    """Independent uniform patterns as rows."""
    drawn: Signs = 2 * rng.integers(0, 2, (patterns, size)) - 1
    return drawn


def flip_gains(patterns: Signs, power: int, row: int = 0) -> Signs:
    """Energy after minus before, for each flip of one pattern, from the energy -sum_i (rho_i . x)^r itself.

    Raises
    ------
    OverflowError
        If the powers exceed 64-bit integers.
    """
    if float(patterns.shape[1]) ** power * len(patterns) > 2.0**62:
        raise OverflowError(f"power={power} with patterns of shape {patterns.shape} exceeds 64-bit integers")
    overlap = patterns @ patterns[row]
    flipped = overlap[:, None] - 2 * patterns * patterns[row]
    gains: Signs = (overlap[:, None] ** power - flipped**power).sum(0)
    return gains


def simulated_bit_error(size: int, patterns: int, power: int, trials: int, seed: int) -> tuple[float, float]:
    """Mean share of unstable bits of one pattern over fresh networks, and the standard error of that mean.

    The bits of one network are correlated, so the standard error comes from the spread between networks.
    """
    rng = np.random.default_rng(seed)
    gains = (flip_gains(random_patterns(rng, patterns, size), power) for _ in range(trials))
    shares = np.array([float((g < 0).mean()) for g in gains])
    return float(shares.mean()), float(shares.std(ddof=1) / math.sqrt(trials))


def exponential_gains(patterns: Signs) -> Floats:
    """1 + sum_v xi_v e^(-2 B_v) for every pattern (row) and bit (column): the change of -sum exp(rho . x) in a flip.

    In units of e^(n-1) (e - 1/e). With D_v the distance of pattern v, e^(-2 B_v) is e^(-2 D_v) for xi_v = 1 and
    e^(2 - 2 D_v) for xi_v = -1.
    """
    distance = (patterns.shape[1] - patterns @ patterns.T) // 2
    pull = np.exp(-2.0 * distance)
    np.fill_diagonal(pull, 0.0)
    same = patterns * (pull @ patterns)
    gains: Floats = 1 + ((1 - np.e**2) * pull.sum(1)[:, None] + (1 + np.e**2) * same) / 2
    return gains


def all_stored_exponential(patterns: Signs) -> bool:
    """Whether all patterns are strict minima of -sum exp(rho_i . x); neighbors are found in integers, so ties count."""
    if bool((patterns @ patterns.T == patterns.shape[1] - 2).any()):
        return False
    return bool((exponential_gains(patterns) > 0).all())


def simulated_all_stored(size: int, patterns: int, trials: int, seed: int) -> tuple[float, float]:
    """Share of networks with exponential energy that store all their patterns, and its standard error."""
    rng = np.random.default_rng(seed)
    hits = sum(all_stored_exponential(random_patterns(rng, patterns, size)) for _ in range(trials))
    share = (hits + 1) / (trials + 2)
    return hits / trials, math.sqrt(share * (1 - share) / trials)


# Capacities and how a printed growth compares with them.


def log_limit(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """Limit of log(a/b) as n grows, for every degree r > 1: -oo, oo, a number, or nan if it depends on r.

    Both must be products of exponentials and of powers of polynomials and of log n, so that log(a/b) is a combination
    of n, log n and log log n; the sign of the first coefficient that is not zero decides, and is certified.

    Raises
    ------
    ValueError
        If log(a/b) is not a combination of n, log n and log log n.
    """
    steps, logs, loglogs = sp.symbols("steps logs loglogs")
    gap = sp.expand(sp.expand_log(sp.log(a) - sp.log(b), force=True)).subs(sp.log(sp.log(n)), loglogs)
    for atom in gap.atoms(sp.log):
        if atom.args[0].has(n) and atom.args[0].is_polynomial(n):  # log P(n) = log(leading coefficient n^deg P) + o(1)
            poly = sp.Poly(atom.args[0], n)
            gap = gap.subs(atom, sp.log(poly.LC()) + poly.degree() * logs)
    gap = sp.expand(gap.subs(n, steps))
    parts = sp.Poly(gap, steps, logs, loglogs)
    for scale in (steps, logs, loglogs):
        found = coefficient_sign(parts.coeff_monomial(scale))
        if found != 0:
            return sp.nan if found is None else found * sp.oo
    if parts.total_degree() > 1:
        raise ValueError(f"log(a/b)={gap} is not a combination of n, log n and log log n")
    return parts.coeff_monomial(1)


def coefficient_sign(value: sp.Expr) -> int | None:
    """Certified sign of a coefficient for every r > 1; None if it depends on r.

    Raises
    ------
    ArithmeticError
        If the sign is uncertain.
    """
    shifted = sp.expand(value.subs(r, 1 + sp.Symbol("excess", positive=True)))
    if shifted.is_positive or shifted.is_negative:
        return 1 if shifted.is_positive else -1
    if shifted.free_symbols:  # a part with symbols of known sign, and a number that may be a hidden zero
        number, rest = shifted.as_independent(*shifted.free_symbols, as_Add=True)
        if number == 0:
            return None
        of_number, of_rest = coefficient_sign(number), coefficient_sign(rest)
        return of_rest if of_number in (0, of_rest) else None
    if sp.simplify(sp.exp(shifted) - 1) == 0:
        return 0
    found = sign(lambda: _arb(shifted))
    if not found:
        raise ArithmeticError(f"the sign of {value} is not certain")
    return found


def neighbor_bound(size: sp.Expr, patterns: sp.Expr) -> sp.Expr:
    """For any energy P(all stored) is at most this: one over the expected number of pairs that differ in one bit."""
    return 2 * 2**size / (size * patterns * (patterns - 1))


def neighbor_scale() -> sp.Expr:
    """The d at which the leading part n d^2/2^n of the expected number of neighbors stays constant."""
    leading = sp.limit(1 / (neighbor_bound(n, d) * d**2), d, sp.oo) * d**2
    (root,) = sp.solve(sp.Eq(2 * leading, 1), d)
    return sp.powsimp(root)


def crowd_rate(patterns: sp.Expr) -> sp.Expr:
    """Limit of 1/n times the log of n d (e^3 d q^(n-1))^(e^2): negative when far patterns do not matter."""
    log_d = sp.expand_log(sp.log(patterns), force=True)
    q = (1 + sp.exp(-4)) / 2
    log_bound = sp.log(n) + log_d + sp.exp(2) * (3 + log_d + (n - 1) * sp.log(q))
    return sp.limit(sp.expand(log_bound / n), n, sp.oo)


def spread_vanishes(law: FlipLaw) -> bool:
    """K/s -> 0, the condition under which s is the capacity in the reading "bit"."""
    return bool(log_limit(law.fourth, law.variance * law.signal**2) == -sp.oo)


def bit_law(network: Network) -> FlipLaw:
    """The law of one bit: exact for the quadratic and the exponential energy, its leading terms for powers.

    Raises
    ------
    ArithmeticError
        If the leading law of the powers differs from the exact polynomials.
    """
    if network == "quadratic":
        return power_law(2)
    if network == "exponential":
        return exponential_law()
    law = leading_law()
    if any(gap != 0 for power in POWERS for gap in leading_mismatch(power, law)):
        raise ArithmeticError("the leading law of the powers differs from the exact polynomials")
    return law


@cache
def bracket(network: Network, reading: Reading) -> tuple[sp.Expr, sp.Expr]:
    """Orders of growth between which the capacity is proved to lie; equal where it is known up to a constant.

    Raises
    ------
    ArithmeticError
        If a condition of the proof (see the module's text) is not confirmed.
    """
    law = bit_law(network)
    if not spread_vanishes(law):
        raise ArithmeticError(f"K/s does not vanish for network={network!r}")
    scale = sp.powsimp(sp.simplify(law.signal**2 / law.variance))
    if reading == "bit":
        return scale, scale
    if network == "quadratic":
        return n / sp.log(n), scale
    if network == "exponential" and reading == "all":
        if exponential_reduction() != 0 or sign(lambda: _arb(crowd_rate(neighbor_scale()))) != -1:
            raise ArithmeticError("far patterns are not negligible")
        return neighbor_scale(), neighbor_scale()
    return (scale / n if reading == "pattern" else sp.sqrt(scale / n)), scale


def compare(relation: Relation, growth: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> bool | None:
    """Whether a capacity between ``lower`` and ``upper`` is O, Omega or Theta of ``growth``; None if that is open."""
    over, under = log_limit(growth, upper), log_limit(growth, lower)
    known = sp.nan not in (over, under)
    bounds = True if known and over != -sp.oo else (False if under == -sp.oo else None)
    reached = True if known and under != sp.oo else (False if over == sp.oo else None)
    asked = {"O": (bounds,), "Omega": (reached,), "Theta": (bounds, reached)}[relation]
    if False in asked:
        return False
    return None if None in asked else True


@dataclass(frozen=True)
class Capacity:
    """A row of Table 1: the capacity of a network is O, Omega or Theta of ``growth`` in n (and the degree r).

    ``reading`` is None where the statement does not say which success it counts; ``terms`` is the number of patterns
    that the energy sums, ``diagonal`` whether the weights keep the diagonal of the outer products, and ``image`` the
    printed energy as a function of the network's own.
    """

    network: Network
    relation: Relation
    growth: sp.Expr
    reading: Reading | None = None
    terms: sp.Expr = d
    diagonal: bool = False
    image: sp.Expr | None = None

    def verdicts(self) -> dict[Reading, bool | None]:
        """For each reading the statement allows: true, false or open."""
        names = READINGS if self.reading is None else (self.reading,)
        return {name: compare(self.relation, self.growth, *bracket(self.network, name)) for name in names}


def _arb(expr: sp.Expr) -> arb:
    """A ball around a real expression in exp, log, +, *, at the working precision."""
    if expr.is_Rational:
        return to_arb(Fraction(int(expr.p), int(expr.q)))
    if expr == sp.E:
        return arb(1).exp()
    args = [_arb(a) for a in expr.args] if not expr.is_Pow else []
    if expr.is_Add:
        return sum(args, arb(0))
    if expr.is_Mul:
        return math.prod(args, start=arb(1))
    if isinstance(expr, sp.exp):
        return args[0].exp()
    if isinstance(expr, sp.log):
        return args[0].log()
    if expr.is_Pow:
        return _arb(expr.base) ** _arb(expr.exp)
    raise TypeError(f"expr={expr} holds something other than exp, log, sums, products and rationals")


# Quadratic energies: the exact law of the Hebb rule, and Cover's bound for any weights.


@dataclass(frozen=True)
class WalkLaw:
    """The bit error of the Hebb rule is P(S < -barrier) for a simple random walk S of so many steps.

    ``factors`` are the numbers k such that n/((k+delta) log n) patterns are stored, in "pattern" and in "all".
    """

    steps: sp.Expr
    barrier: sp.Expr
    factors: tuple[sp.Expr, sp.Expr]

    def error(self, size: int, patterns: int) -> Fraction:
        """The bit error at one size, exactly."""
        steps, barrier = (int(e.subs({n: size, d: patterns})) for e in (self.steps, self.barrier))
        return walk_error(steps, barrier)


def hebb_moment_ratio(law: WalkLaw) -> sp.Expr:
    """Moment generating function of the walk over that of N/4, for all n and d; 1 proves the law of the crosstalk.

    One pattern adds xi S with xi a fair sign and S a sum of n-1 fair signs: E e^(t xi S) = (cosh(t)^m + cosh(-t)^m)/2.
    """
    t, m = sp.Symbol("tau", real=True), n - 1
    one = (sp.cosh(t) ** m + sp.cosh(-t) ** m) / 2
    return sp.simplify(sp.powsimp(sp.expand(sp.log(sp.cosh(t)) * law.steps) - sp.log(one) * (d - 1)))


def hebb_gap_ratio() -> tuple[sp.Expr, sp.Expr]:
    """h(S)/(4S) and A/4 of F(z) = z^2: the crosstalk and the barrier of the walk."""
    spread = sp.factor((z + 1) ** 2 - (z - 1) ** 2)
    return sp.cancel(spread / (4 * z)), sp.cancel(power_law(2).signal / 4)


def hoeffding_exponents(law: WalkLaw) -> tuple[sp.Expr, sp.Expr]:
    """Powers of n that bound the failure at d - 1 = (n-1)/((k+delta) log n): of n bits, and of all d n <= n^2 bits.

    Each is (1 or 2) - (k + delta)/2 from Hoeffding's exp(-barrier^2/(2 steps)); negative for all delta > 0 exactly when
    k is large enough.
    """
    delta = sp.Symbol("delta", positive=True)
    out = []
    for bits, factor in zip((1, 2), law.factors, strict=True):
        log_error = -(law.barrier**2) / (2 * law.steps)
        at = log_error.subs(d, 1 + (n - 1) / ((factor + delta) * sp.log(n)))
        out.append(sp.expand(bits + sp.simplify(at / sp.log(n))))
    return out[0], out[1]


def bit_flip_ignores_diagonal(size: int = 3) -> sp.Expr:
    """Change of -x'Wx/2 - b'x under a flip of x_1, minus 2 x_1 (sum_{j>1} W_1j x_j + b_1); 0 where x_1^2 = 1.

    Only row 1 of W and the coordinates that it meets take part, so one further coordinate each suffices.
    """
    x, b = sp.symbols(f"x1:{size + 1}"), sp.symbols(f"b1:{size + 1}")
    w = sp.Matrix(size, size, lambda i, j: sp.Symbol(f"w{min(i, j)}{max(i, j)}"))

    def value(v: Sequence[sp.Expr]) -> sp.Expr:
        column = sp.Matrix(v)
        return -(column.T * w * column)[0] / 2 - (sp.Matrix(b).T * column)[0]

    change = value((-x[0], *x[1:])) - value(x)
    field = sum(w[0, j] * x[j] for j in range(1, size)) + b[0]
    return sp.expand(change - 2 * x[0] * field)


def square_step() -> sp.Expr:
    """(rho . x)^2 minus its diagonal and off-diagonal parts, when one coordinate joins n others; 0 proves all n.

    For each pattern (rho . x)^2 = x' rho rho' x: with S the product of the first n coordinates, the coordinate (p, x)
    adds the off-diagonal 2 S p x and the diagonal p^2 x^2, which is 1. So row 2 of the table with r = 2 is twice row 1
    with b = 0, and without the diagonal it differs by n d.
    """
    partial_product, p, x = sp.symbols("S p x")
    return sp.expand((partial_product + p * x) ** 2 - partial_product**2 - 2 * partial_product * p * x - p**2 * x**2)


def binary_units_shift() -> sp.Expr:
    """-v_i T v_j/2 with v = (1+x)/2 minus the terms of -x'Wx/2 - b'x + const that W = T/4, b = T1/4 give; 0 proves it.

    One pair of units: the energy with units 0, 1 and no thresholds is the printed one up to a constant.
    """
    x, y, t = sp.symbols("x y T")
    units = -t * (1 + x) / 2 * (1 + y) / 2
    signs = -(t / 4) * x * y - (t / 4) * (x + y)
    return sp.expand(units - signs) + t / 4


def unkept_ceiling(*, diagonal: bool) -> sp.Expr:
    """Chebyshev bound on P(sgn(Wx) changes a given bit of a random pattern x), Hebb weights with or without diagonal.

    x_k (Wx)_k = n - 1 + N/4 + W_kk, where N/4 has variance (d-1)(n-1) and W_kk is d or 0.
    """
    kept = d if hebb(states(1)[:1], diagonal=diagonal)[0, 0] else 0
    return (d - 1) * (n - 1) / (2 * (n - 1 + kept) ** 2)


def corners_fixed(size: int, *, diagonal: bool) -> int:
    """How many of the 2^n states are strict fixed points of x -> sgn(Wx) when all 2^n states are the patterns.

    Then W is 2^n I with its diagonal and 0 without, for every n: sum_x x_i x_j = 0 for i != j.
    """
    every = states(size)
    weights = hebb(every, diagonal=diagonal)
    return int(((every @ weights) * every > 0).all(1).sum())


@dataclass(frozen=True)
class CoverBound:
    """P(d random patterns are all stored for some W, b) <= P(Bin(d-1+extra, 1/2) <= n-1+more)."""

    more: int = 0
    extra: int = 0

    def value(self, size: int, patterns: int) -> Fraction:
        """The bound at one size, exactly."""
        trials = patterns - 1 + self.extra
        below = sum(math.comb(trials, k) for k in range(min(size - 1 + self.more, trials) + 1))
        return Fraction(below, 2**trials)

    def recursion_residual(self) -> sp.Expr:
        """f(d+1,n) - f(d,n) - f(d,n-1) for the count f = 2^d value, term by term (Pascal's rule); 0 for every term."""
        t, k = sp.symbols("t k", positive=True, integer=True)
        gap = sp.binomial(t + 1, k) - sp.binomial(t, k) - sp.binomial(t, k - 1)
        return sp.simplify(sp.gammasimp(gap.rewrite(sp.gamma)))

    def base_slacks(self) -> tuple[sp.Expr, sp.Expr]:
        """f(1,1) - 2 and f(d,1) - 2 with d = 1 + m: both must be nonnegative for the induction to start.

        Only offsets with extra = 0 or with a finite number of terms occur; f(1,n) >= f(1,1).
        """
        m = sp.Symbol("m", nonnegative=True, integer=True)
        trials = m + self.extra
        terms = [sp.expand_func(sp.ff(trials, k) / sp.factorial(k)) for k in range(self.more + 1)]
        count = sp.expand(2 ** (1 - self.extra) * sum(terms, sp.Integer(0)))
        return count.subs(m, 0) - 2, sp.expand(count - 2)


def cover_rate() -> sp.Expr:
    """Hoeffding's exponent per n of P(Bin(d-1, 1/2) <= n-1) at d = (2+delta) n: negative for every delta > 0."""
    delta = sp.Symbol("delta", positive=True)
    trials = (2 + delta) * n - 1
    return sp.factor(sp.limit(-2 * trials * (sp.Rational(1, 2) - (n - 1) / trials) ** 2 / n, n, sp.oo))


@cache
def storable_sets(size: int, largest: int = 2) -> frozenset[frozenset[int]]:
    """Sets of states that are the strict minima of some energy with integer weights and biases up to ``largest``."""
    every = states(size)
    pairs = [(i, j) for i in range(size) for j in range(i)]
    span = range(-largest, largest + 1)
    found = set()
    for choice in product(span, repeat=len(pairs)):
        weights = np.zeros((size, size), dtype=np.int64)
        for (i, j), w in zip(pairs, choice, strict=True):
            weights[i, j] = weights[j, i] = w
        fields = every @ weights
        for bias in product(span, repeat=size):
            kept = ((fields + np.array(bias)) * every > 0).all(1)
            found.add(frozenset(np.flatnonzero(kept).tolist()))
    return frozenset(found)


def storable_probability(size: int, patterns: int, largest: int = 2) -> Fraction:
    """P(d random patterns are all strict minima of one such energy): exact for these energies, a floor for all."""
    sets = storable_sets(size, largest)
    good = 0
    for chosen in range(1, 2 ** (2**size)):
        members = frozenset(i for i in range(2**size) if chosen >> i & 1)
        if len(members) <= patterns and any(members <= kept for kept in sets):
            count = len(members)
            good += sum((-1) ** j * math.comb(count, j) * (count - j) ** patterns for j in range(count + 1))
    return Fraction(good, 2 ** (size * patterns))
