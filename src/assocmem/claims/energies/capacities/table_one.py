"""Checks of Table 1's energies and storage capacities, of their corrected forms, and of the MCHN energy (chapter 2)."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
import sympy as sp

from assocmem.claims import Finding, check, claim, uncovered
from assocmem.theory.energies import sign_capacity, sphere_capacity
from assocmem.theory.energies.sign_capacity import GROWTH, Capacity, CoverBound, FlipLaw, WalkLaw, d, n, r
from assocmem.theory.energies.sphere_capacity import (
    ContinuousEnergy,
    SphereCapacity,
    beta,
    cosine,
    image_gaps,
    negative,
    radius,
)
from assocmem.theory.exact.certified import sign

HALF, ROOT = sp.Rational(1, 2), 2 ** (n / 2)
LOGARITHM = -sp.log(-negative)

# Rows 1-3: memories of signs.

ROW1 = Capacity("quadratic", "O", n, diagonal=True)
ROW2 = Capacity("power", "Theta", n**r)
ROW2_FIX = Capacity("power", "Theta", n ** (r - 1), "bit")
ROW3 = Capacity("exponential", "Theta", ROOT, image=LOGARITHM)
ROW3_FIX = Capacity("exponential", "Theta", ROOT / sp.sqrt(n), "all", image=LOGARITHM)
ROW3_ONE = Capacity("exponential", "Theta", GROWTH**n, "bit", image=LOGARITHM)

claim(
    "T1-row1",
    ROW1,
    mutants={
        "diagonal removed": Capacity("quadratic", "O", n),
        "O(sqrt n)": Capacity("quadratic", "O", sp.sqrt(n), diagonal=True),
        "O(n / log n)": Capacity("quadratic", "O", n / sp.log(n), diagonal=True),
    },
)
claim("T1-row2", ROW2, mutants={"the corrected row put in its place": ROW2_FIX})
claim("T1-row2-SUM", n, mutants={"the sum over d patterns": d})
claim(
    "T1-row2-FIX",
    ROW2_FIX,
    mutants={
        "n^r": Capacity("power", "Theta", n**r, "bit"),
        "n^(r-2)": Capacity("power", "Theta", n ** (r - 2), "bit"),
        "n^(r-1) log n": Capacity("power", "Theta", n ** (r - 1) * sp.log(n), "bit"),
        "sum over n patterns": uncovered(Capacity("power", "Theta", n ** (r - 1), "bit", terms=n)),
        "all patterns without an error": uncovered(Capacity("power", "Theta", n ** (r - 1), "all")),
    },
)
claim(
    "T1-row3",
    ROW3,
    mutants={
        "lower bound only": Capacity("exponential", "Omega", ROOT, image=LOGARITHM),
        "the corrected growth": Capacity("exponential", "Theta", ROOT / sp.sqrt(n), image=LOGARITHM),
    },
)
claim(
    "T1-row3-FIX",
    ROW3_FIX,
    mutants={
        "2^(n/2)": Capacity("exponential", "Theta", ROOT, "all", image=LOGARITHM),
        "2^(n/2)/n": Capacity("exponential", "Theta", ROOT / n, "all", image=LOGARITHM),
        "one bit": Capacity("exponential", "Theta", ROOT / sp.sqrt(n), "bit", image=LOGARITHM),
        "plus LogSumExp": Capacity("exponential", "Theta", ROOT / sp.sqrt(n), "all", image=sp.log(-negative)),
    },
)
claim(
    "T1-row3-ONE",
    ROW3_ONE,
    mutants={
        "2^(n/2)": Capacity("exponential", "Theta", ROOT, "bit", image=LOGARITHM),
        "2^n": Capacity("exponential", "Theta", 2**n, "bit", image=LOGARITHM),
        "e^-2 for e^-4": Capacity("exponential", "Theta", (2 / (1 + sp.exp(-2))) ** n, "bit"),
    },
)


WHAT = {"bit": "a given bit", "pattern": "a given pattern", "all": "all patterns at once"}


def _said(verdicts: dict[sign_capacity.Reading, bool | None]) -> str:
    words = {True: "true", False: "false", None: "open"}
    return ", ".join(f"{words[v]} for {WHAT[name]}" for name, v in verdicts.items())


@check(
    "T1-row2",
    "T1-row2-FIX",
    "T1-row3",
    "T1-row3-FIX",
    kind="symbolic",
    scope="all large n, every degree r >= 2, uniformly random patterns",
    in_words="the inequalities of Chebyshev, Paley and Zygmund, and Bennett, and how they bound the capacity",
)
def readings(stmt: Capacity) -> Finding:
    """The stated growth against the proved capacity, for each success that the row may count."""
    answers = stmt.verdicts()
    text = f"{stmt.relation}({stmt.growth}) is {_said(answers)}"
    whole = stmt.terms == d and (stmt.image is None or bool(image_gaps(stmt.image)[1].is_positive))
    if all(answers.values()) and not whole:
        return Finding.undecided("the law speaks of the sum over all d patterns, or an increasing function of it")
    if all(answers.values()):
        return Finding.holds(text)
    if all(v is False for v in answers.values()):
        return Finding.fails(text, margin="the ratio tends to 0 or to infinity")
    if stmt.reading is None and any(answers.values()):
        return Finding.holds_if("capacity counts " + ", ".join(WHAT[k] for k, v in answers.items() if v), text)
    return Finding.undecided(text)


@check("T1-row2-SUM", kind="certified", scope="n = 1..3, d = n + 1 distinct patterns, r = 2, exhaustively")
def summed(stmt: sp.Expr) -> Finding:
    """A sum over the stated number of patterns stores no pattern that it leaves out."""
    example = sign_capacity.dropped_example(stmt)
    if example is None:
        return Finding.survived("no pattern is lost: the sum takes every pattern")
    patterns, lost = example
    if not _loses(patterns.tolist(), lost, stmt):
        return Finding.violated("the example does not lose a pattern that the whole sum stores")
    rows = ", ".join("(" + ", ".join(map(str, row)) + ")" for row in patterns.tolist())
    return Finding.fails(f"D = {rows}: the sum over {stmt} patterns loses pattern {lost + 1}", margin="exact")


def _loses(rows: list[list[int]], lost: int, terms: sp.Expr) -> bool:
    """Whether the sum over all n + 1 patterns of signs stores one that the stated number of them loses, at r = 2."""
    here, size = rows[lost], len(rows[lost])
    flips = [[-v if j == k else v for j, v in enumerate(here)] for k in range(size)]

    def squares(x: list[int], some: list[list[int]]) -> int:
        return sum(sum(a * b for a, b in zip(row, x, strict=True)) ** 2 for row in some)

    few = rows[: int(terms.subs({n: size, d: len(rows)}))]
    stored = [all(squares(y, some) < squares(here, some) for y in flips) for some in (rows, few)]
    return stored == [True, False] and len(rows) == size + 1 and {abs(v) for row in rows for v in row} == {1}


@check("T1-row2", "T1-row2-FIX", kind="symbolic", scope="r = 2, all n and d")
def as_row_one(stmt: Capacity) -> Finding:
    """For r = 2 the energy is twice that of row 1, so the growth at r = 2 must be that row's O(n)."""
    squared = stmt.growth.subs(r, 2)
    if sign_capacity.square_step() != 0:
        return Finding.violated("the identity of the two energies was not confirmed")
    if sign_capacity.compare("O", n, squared, squared) is False:
        return Finding.fails(f"row 1 prints O(n) for the same energy, this row {squared}", margin="exact")
    return Finding.survived(f"{squared} at r = 2, within the O(n) of row 1")


@check("T1-row2", "T1-row2-FIX", kind="search", scope="r = 2 at n = 8, 16; r = 3 at n = 6, 12; d = the printed growth")
def drift(stmt: Capacity) -> Finding:
    """Signal to noise at d = the printed growth, read off the bit error's exact law: constant or drifting."""
    exact = sign_capacity.exact_bit_error(6, 20, 3, ties=True)
    if abs(sign_capacity.float_bit_error(6, 20, 3) - float(exact)) > 1e-11:
        return Finding.violated("the bit errors by Fourier transform and by exact integers differ")
    ratios = [sign_capacity.noise_drift(stmt.growth, power, size) for power, size in ((2, 8), (3, 6))]
    make = Finding.survived if all(0.75 < x < 4 / 3 for x in ratios) else Finding.violated
    shown = ", ".join(f"{x:.3f}" for x in ratios)
    return make(f"from n to 2n the squared signal-to-noise ratio changes by the factors {shown}", margin=shown)


@check("T1-row3", "T1-row3-FIX", "T1-row3-ONE", kind="symbolic", scope="all patterns and states")
def printed_energy(stmt: Capacity) -> Finding:
    """The printed energy as a strictly increasing function of Demircigil's: same order, same stored patterns."""
    residual, slope = sphere_capacity.image_gaps(stmt.image if stmt.image is not None else negative)
    if residual == 0 and slope.is_positive:
        return Finding.survived("-LSE(M'x) = -log(-E) with E = -sum exp(rho.x), increasing for E < 0")
    return Finding.fails(f"residual {residual}, slope {slope}: not the printed energy, or not increasing")


@check("T1-row3-FIX", kind="search", scope="d = the stated growth, n = 12 and 16, 200 seeded networks each")
def all_stored(stmt: Capacity) -> Finding:
    """Share of simulated networks that store all their patterns at d = the stated growth: neither near 0 nor 1."""
    few = sign_capacity.random_patterns(np.random.default_rng(0), 5, 6)
    ups = [[sign_capacity.exponential_energy(np.where(np.arange(6) == k, -x, x), few) for k in range(6)] for x in few]
    rises = np.array(ups) - np.array([[sign_capacity.exponential_energy(x, few)] for x in few])
    if not np.allclose(sign_capacity.exponential_gains(few) * (math.e**6 - math.e**4), rises, rtol=1e-9, atol=1e-9):
        return Finding.violated("the changes in a flip are not those of the energy")
    sizes = (12, 16)
    counts = [int(sp.floor(stmt.growth.subs(n, size))) for size in sizes]
    shares = [sign_capacity.simulated_all_stored(a, b, 200, seed=7)[0] for a, b in zip(sizes, counts, strict=True)]
    rate = float(sign_capacity.crowd_rate(sign_capacity.neighbor_scale()))
    by_hand = math.log(2) / 2 + math.e**2 * (math.log(2) / 2 + math.log((1 + math.exp(-4)) / 2))
    if not math.isclose(rate, by_hand, rel_tol=1e-12):
        return Finding.violated(f"the far patterns fade at the rate {by_hand:.6f}, not {rate:.6f}")
    make = Finding.survived if all(0.4 < share < 0.8 for share in shares) else Finding.violated
    return make(f"{shares[0]:.2f} at n = 12 and {shares[1]:.2f} at n = 16", margin=f"{min(shares):.2f}")


@check(
    "T1-row3-ONE",
    kind="symbolic",
    scope="all large n; for a whole pattern, every base smaller than the stated one",
    in_words="the inequalities of Chebyshev, and of Paley and Zygmund, and how they bound the capacity",
)
def one_bit(stmt: Capacity) -> Finding:
    """The stated growth against s, and the union bound n (d-1)/(2s) over a pattern at d = growth * exp(-eta n)."""
    answers = stmt.verdicts()
    fewer = stmt.growth * sp.exp(-sp.Symbol("eta", positive=True) * n)
    vanishes = sign_capacity.log_limit(n * fewer, sign_capacity.bracket(stmt.network, "bit")[0]) == -sp.oo
    text = f"{stmt.relation}({stmt.growth}) is {_said(answers)}; the union bound over a pattern vanishes: {vanishes}"
    if False in answers.values():
        return Finding.fails(text, margin="the ratio tends to 0 or to infinity")
    if not sign_capacity.exponential_moments_agree(5):
        return Finding.violated("the moments by the formula and by the binomial weights differ")
    if not _noise_bounds_agree():
        return Finding.violated("the bounds by Chebyshev and by Paley and Zygmund are not those of the noise's moments")
    return Finding.holds(text) if vanishes and all(answers.values()) else Finding.undecided(text)


def _noise_bounds_agree() -> bool:
    """Both bounds of the law of one bit at r = 2, n = 3, d = 4, against the moments of the noise N by enumeration.

    Chebyshev: E N^2/(2 A^2); Paley-Zygmund: (E N^2 - A^2)^2/(2 E N^4), for A = 8 and steps 4 xi S.
    """
    steps = [4 * signs[0] * sum(signs[1:]) for signs in product((-1, 1), repeat=3)]
    noise = [sum(some) for some in product(steps, repeat=3)]
    second, fourth = (sp.Rational(sum(v**k for v in noise), len(noise)) for k in (2, 4))
    law = sign_capacity.power_law(2)
    bounds = [bound.subs(n, 3) for bound in (law.ceiling(4), law.floor(4))]
    return bounds == [second / (2 * 8**2), (second - 8**2) ** 2 / (2 * fourth)]


@check(
    "T1-row1",
    kind="symbolic",
    scope="all large n, uniformly random patterns, Hebb weights",
    in_words="a fixed bias shifts the noise by a constant, and an interval of length 2A holds a vanishing share of it",
)
def linear(stmt: Capacity) -> Finding:
    """The bound for strict minima under single flips, in every reading; a flip does not see the weights' diagonal."""
    answers = stmt.verdicts()
    text = f"{stmt.relation}({stmt.growth}) is {_said(answers)}"
    if sign_capacity.bit_flip_ignores_diagonal() != 0:
        return Finding.undecided("the change under a flip was not confirmed")
    if all(answers.values()):
        if sign_capacity.hebb(sign_capacity.states(1), diagonal=stmt.diagonal)[0, 0] == 0:
            return Finding.holds(text)
        return Finding.holds_if("W without its diagonal, and a bias fixed before the patterns are drawn", text)
    if all(v is False for v in answers.values()):
        return Finding.fails(text)
    return Finding.undecided(text)


@check(
    "T1-row1",
    kind="symbolic",
    scope="all n >= 2, random patterns; and all 2^n states as patterns, n = 1..4",
    in_words="that all states together have no correlation between two units, for every n",
)
def fixed_points(stmt: Capacity) -> Finding:
    """Fixed points of sgn(Wx) with the weights as printed: whether more patterns ever spoil them."""
    ceiling, law = sign_capacity.changed_bit_ceiling(diagonal=stmt.diagonal), sign_capacity.power_law(2)
    for kept in (False, True):
        by_law = (d - 1) * law.variance / (2 * (law.signal + 4 * d * int(kept)) ** 2)
        if sp.simplify(sign_capacity.changed_bit_ceiling(diagonal=kept) - by_law) != 0:
            return Finding.violated("Chebyshev's bound is not that of the law of one bit")
    corners = [sign_capacity.corners_fixed(size, diagonal=stmt.diagonal) for size in range(1, 5)]
    if sp.limit(ceiling, d, sp.oo) == 0 and corners == [2**size for size in range(1, 5)]:
        return Finding.fails(
            f"with the diagonal sgn(Wx) loses a bit with probability at most {ceiling}, which vanishes as d grows; "
            "all 2^n states together are all kept: no bound in n",
            margin="exact",
            outside=True,
        )
    return Finding.survived(f"of all 2^n states as patterns {', '.join(map(str, corners))} are kept for n = 1..4")


# Row 1, sharper: any weights, and the exact law of the Hebb rule.

claim(
    "T1-row1-FIX",
    CoverBound(),
    mutants={"at most n-2 successes": CoverBound(more=-1), "one trial more": CoverBound(extra=1)},
)
WALK = WalkLaw((d - 1) * (n - 1), n - 1, (sp.Integer(2), sp.Integer(4)))
claim(
    "T1-row1-LAW",
    WALK,
    mutants={
        "one pattern more": WalkLaw(d * (n - 1), n - 1, WALK.factors),
        "barrier n": WalkLaw(WALK.steps, n, WALK.factors),
    },
)
claim(
    "T1-row1-BIT",
    Capacity("quadratic", "Theta", n, "bit"),
    mutants={
        "n / log n": Capacity("quadratic", "Theta", n / sp.log(n), "bit"),
        "n log n": Capacity("quadratic", "Theta", n * sp.log(n), "bit"),
        "n^2": Capacity("quadratic", "Theta", n**2, "bit"),
        "a pattern without an error": uncovered(Capacity("quadratic", "Theta", n, "pattern")),
    },
)
claim(
    "T1-row1-ALL",
    WALK.factors,
    mutants={
        "n/(log n) for a pattern": uncovered((sp.Integer(1), sp.Integer(4))),
        "n/(3 log n) patterns at once": uncovered((sp.Integer(2), sp.Integer(3))),
    },
)


@check(
    "T1-row1-FIX",
    kind="symbolic",
    scope="all n and d, all symmetric weights and all biases",
    in_words="Cover's argument: which dichotomies a new point splits, and that the signs are fair and independent",
)
def dichotomies(stmt: CoverBound) -> Finding:
    """The count of dichotomies satisfies Cover's recursion and starts high enough, so it bounds them all."""
    bases, delta = stmt.base_slacks(), sp.Symbol("delta", positive=True)
    if (
        stmt.recursion_residual() == 0
        and all(b == 0 for b in bases)
        and sp.simplify(sign_capacity.cover_rate() + delta**2 / (2 * (2 + delta))) == 0
    ):
        return Finding.holds(
            f"recursion exact, bases exceed 2 by {bases[0]} and {bases[1]}; exponent per n at d = (2+delta)n: "
            f"{sign_capacity.cover_rate()}"
        )
    return Finding.undecided(f"the induction does not start: bases exceed 2 by {bases[0]} and {bases[1]}")


@check("T1-row1-FIX", kind="certified", scope="n = 1..3, d = 1..8, integer weights and biases up to 2")
def enumerated_energies(stmt: CoverBound) -> Finding:
    """Exact probability that some energy of an exhaustive family stores all patterns, against the bound."""
    for size in (1, 2, 3):
        for count in range(1, 9):
            exact, bound = sign_capacity.storable_probability(size, count), stmt.value(size, count)
            if exact > bound:
                return Finding.fails(f"n={size}, d={count}: stored with probability {exact} > {bound}", margin="exact")
            if size == 1 and exact != bound:
                return Finding.violated(f"n=1, d={count}: {exact}, not the bound {bound}")
    return Finding.survived("the bound is attained for n = 1 at every d", margin="0")


@check("T1-row1-LAW", kind="symbolic", scope="all n and d, Hebb weights")
def walk(stmt: WalkLaw) -> Finding:
    """The crosstalk's moment generating function is the walk's, and the energy's signal is its barrier."""
    ratio, barrier = sign_capacity.hebb_gap_ratio()
    if sign_capacity.hebb_moment_ratio(stmt) == 0 and ratio == 1 and sp.expand(barrier - stmt.barrier) == 0:
        return Finding.holds("each pattern adds n - 1 fair signs, for all n and d: the generating functions agree")
    return Finding.undecided("the crosstalk is not the stated walk")


@check(
    "T1-row1-BIT",
    kind="symbolic",
    scope="all large n, Hebb weights",
    in_words="the inequalities of Chebyshev, and of Paley and Zygmund, and how they bound the capacity",
)
def linear_bit(stmt: Capacity) -> Finding:
    """The stated growth against s = A^2/V of the exact law."""
    answers = stmt.verdicts()
    text = f"{stmt.relation}({stmt.growth}) is {_said(answers)}"
    if False in answers.values():
        return Finding.fails(text, margin="the ratio tends to 0 or to infinity")
    return Finding.holds(text) if all(answers.values()) else Finding.undecided(text)


@check("T1-row1-BIT", kind="certified", scope="d = 1 + 2 (n-1) and 1 + (n-1)/2 at n = 5 and 9, exactly")
def bit_error_between(stmt: Capacity) -> Finding:
    """Exact bit errors between the bounds of Chebyshev and of Paley and Zygmund at d - 1 = a multiple of n - 1."""
    law = sign_capacity.power_law(2)
    for size, others in ((5, 8), (9, 16), (5, 2), (9, 4)):
        error = sign_capacity.exact_bit_error(size, others + 1, 2)
        low, high = (Fraction(str(f(others + 1).subs(n, size))) for f in (law.floor, law.ceiling))
        if error > high or (others > size - 1 and error < low):
            return Finding.violated(f"n={size}, d={others + 1}: {error} is not in [{low}, {high}]", margin="exact")
    return Finding.survived("within both bounds at four sizes")


@check(
    "T1-row1-ALL",
    kind="symbolic",
    scope="all large n, Hebb weights",
    in_words="Hoeffding's inequality and the union bounds",
)
def without_an_error(stmt: tuple[sp.Expr, sp.Expr]) -> Finding:
    """Hoeffding's bound for the walk, over the bits of a pattern and over all bits, closes for the stated factors."""
    powers = sign_capacity.hoeffding_exponents(WalkLaw(WALK.steps, WALK.barrier, stmt))
    if all(p.is_negative for p in powers):
        return Finding.holds(f"failures at most n to the powers {powers[0]} (a pattern) and {powers[1]} (all of them)")
    return Finding.undecided(f"powers {powers[0]} and {powers[1]}, which are not negative for all delta > 0")


@check("T1-row1-ALL", kind="certified", scope="n = 8, 20 and 60, two and three patterns, exactly")
def hoeffding_holds(stmt: tuple[sp.Expr, sp.Expr]) -> Finding:
    """The exact error of a bit against Hoeffding's bound exp(-(n-1)/(2(d-1))), on which the factors rest."""
    for size, count in ((8, 2), (20, 3), (60, 3)):
        if not sign_capacity.hoeffding_covers(WALK, size, count):
            return Finding.violated(f"n={size}, d={count}: the error exceeds the bound")
    return Finding.survived("at most the bound at three sizes")


@check("T1-row1-LAW", kind="certified", scope="n = 2..8, d = 2..12")
def convolution(stmt: WalkLaw) -> Finding:
    """The binomial formula against the exact distribution of the energy change under a flip."""
    for size, count in ((2, 2), (2, 7), (3, 5), (5, 4), (6, 9), (8, 12)):
        exact, claimed = sign_capacity.exact_bit_error(size, count, 2), stmt.error(size, count)
        if exact != claimed:
            return Finding.fails(f"n={size}, d={count}: {exact}, not {claimed}", margin="exact")
    return Finding.survived("equal as fractions", margin="0")


# Row 2, the law of one bit.

ODD = sp.factorial(2 * r - 2) / (2 ** (r - 1) * sp.factorial(r - 1))
"""(2r-3)!!, the product of the odd numbers up to 2r - 3."""
ODD_TWICE = sp.factorial(4 * r - 4) / (2 ** (2 * r - 2) * sp.factorial(2 * r - 2))
"""(4r-5)!!."""
LAW = FlipLaw(2 * r * n ** (r - 1), 4 * r**2 * ODD * n ** (r - 1), 16 * r**4 * ODD_TWICE * n ** (2 * r - 2))
claim(
    "T1-row2-LAW",
    LAW,
    mutants={
        "(2r-1)!! for (2r-3)!!": FlipLaw(LAW.signal, LAW.variance * (2 * r - 1), LAW.fourth),
        "half the signal": FlipLaw(LAW.signal / 2, LAW.variance, LAW.fourth),
        "variance n^r": FlipLaw(LAW.signal, LAW.variance * n, LAW.fourth),
        "twice the fourth moment": FlipLaw(LAW.signal, LAW.variance, 2 * LAW.fourth),
    },
)
claim(
    "T1-row2-NORMAL",
    Fraction(4748, 10000),
    mutants={
        "the constant 1/100": Fraction(1, 100),
        "the constant 0.47": uncovered(Fraction(47, 100)),
    },
)


@check(
    "T1-row2-LAW",
    kind="symbolic",
    scope="every degree r >= 2",
    in_words="that the moments of a sum of signs have no higher power of n",
)
def leading(stmt: FlipLaw) -> Finding:
    """The stated leading terms against those that three Taylor coefficients give."""
    derived = sign_capacity.leading_law()
    pairs = ((derived.signal, stmt.signal), (derived.variance, stmt.variance), (derived.fourth, stmt.fourth))
    gaps = [sp.simplify(sp.gammasimp((a / b).rewrite(sp.gamma))) for a, b in pairs]
    if all(gap == 1 for gap in gaps):
        return Finding.holds("signal, variance and fourth moment agree for symbolic r")
    return Finding.fails(f"derived over stated: {', '.join(map(str, gaps))}", margin="exact")


@check("T1-row2-LAW", kind="certified", scope="r = 2..6, all n")
def polynomials(stmt: FlipLaw) -> Finding:
    """The stated leading terms against exact moments, which are polynomials in n."""
    for power in sign_capacity.POWERS:
        gaps = sign_capacity.leading_mismatch(power, stmt)
        if any(gap != 0 for gap in gaps):
            shown = ", ".join(map(str, gaps))
            return Finding.fails(f"r={power}: exact over stated tends to 1 plus {shown}", margin="exact")
        law, sums = sign_capacity.power_law(power), [5 - 2 * k for k in range(6)]
        steps = [(math.comb(5, k), (total + 1) ** power - (total - 1) ** power) for k, total in enumerate(sums)]
        summed = [sp.Rational(sum(ways * step**k for ways, step in steps), 2**5) for k in (2, 4)]
        if summed != [law.variance.subs(n, 6), law.fourth.subs(n, 6)]:
            return Finding.violated(f"r={power}: the exact moments at n=6 are not the sums over all signs")
    return Finding.survived("limits exactly 1 for the three moments")


EXACT_CASES = ((4, 5, 2), (5, 3, 2), (7, 7, 2), (10, 100, 2), (3, 9, 3), (6, 2, 3), (8, 30, 3), (5, 12, 4), (6, 40, 4))
"""(n, d, r) of exact distributions, from two patterns to a hundred."""


@check("T1-row2-NORMAL", kind="argument", scope="every degree, every n and d; the theorem and its constant are cited")
def berry_esseen(stmt: Fraction) -> Finding:
    """The cited theorem for d - 1 independent equal terms, whose third moment Cauchy and Schwarz bound by sqrt(V Q)."""
    bounded = all(sign_capacity.third_moment_holds(size, power) for size in (2, 5, 8) for power in (2, 3, 4))
    if bounded and stmt >= sign_capacity.BERRY_ESSEEN:
        return Finding.holds("constant times E|D|^3/(V^(3/2) sqrt(d-1)), and E|D|^3 <= sqrt(V Q)")
    return Finding.undecided(f"the constant of the cited theorem is {sign_capacity.BERRY_ESSEEN}")


@check("T1-row2-NORMAL", kind="certified", scope="nine exact distributions, r = 2..4")
def near_normal(stmt: Fraction) -> Finding:
    """The exact bit error lies within the stated distance of the normal one."""
    for size, count, power in EXACT_CASES:
        if sign_capacity.normal_holds(size, count, power, stmt) is False:
            return Finding.fails(f"not at n={size}, d={count}, r={power}", margin="certified")
    for size, count, power in ((5, 3, 2), (8, 30, 3)):
        law, error = sign_capacity.power_law(power), float(sign_capacity.exact_bit_error(size, count, power))
        unit = (float(law.kurtosis.subs(n, size)) / (count - 1)) ** 0.5
        apart = abs(error - sign_capacity.normal_bit_error(size, count, law)) / unit
        at = [sign_capacity.normal_holds(size, count, power, Fraction(apart * part)) for part in (0.999, 1.001)]
        if at != [False, True]:
            return Finding.violated(f"the distance at n={size}, d={count}, r={power} is not {apart:.6f} units")
    return Finding.survived("certified at all of them; at two the distance itself, by a second route")


# Row 3, any energy.

ONE_OVER_PAIRS = 2 * 2**n / (n * d * (d - 1))
claim(
    "T1-row3-ANY",
    ONE_OVER_PAIRS,
    mutants={
        "a fifth of the bound": ONE_OVER_PAIRS / 5,
        "2^(n/2) for 2^n": uncovered(ONE_OVER_PAIRS / 2 ** (n / 2)),
        "the square": ONE_OVER_PAIRS**2,
    },
)


@check(
    "T1-row3-ANY",
    kind="symbolic",
    scope="all n, d >= 2 and energies",
    in_words="two neighbors are not both strict minima; a pair is uniform given one of its members, hence independence",
)
def neighbors_expected(stmt: sp.Expr) -> Finding:
    """Chebyshev: none of the C(d, 2) pairs is at distance one with at most variance over mean squared, q = n/2^n."""
    share = n / 2**n
    mean, variance = (d * (d - 1) / 2 * part for part in (share, share * (1 - share)))
    exact = [sign_capacity.neighbor_moments(size, count) for size, count in ((2, 3), (3, 3))]
    counted = [tuple(e.subs({n: a, d: b}) for e in (mean, variance)) for a, b in ((2, 3), (3, 3))]
    slack = sp.simplify((1 / mean - variance / mean**2) * mean)
    inverse = all(sp.simplify(bound * mean - 1) == 0 for bound in (stmt, sign_capacity.neighbor_bound(n, d)))
    if inverse and exact == counted and slack == sp.simplify(share):
        return Finding.holds("variance over mean squared is (1 - q)/mean, so P(none) <= 1/mean", margin="q/mean")
    return Finding.undecided("Chebyshev's inequality gives one over the expected number of pairs")


@check("T1-row3-ANY", kind="certified", scope="all sets of d patterns, n = 1..3, d = 2..4, exhaustively")
def no_neighbors(stmt: sp.Expr) -> Finding:
    """The exact probability that no two patterns differ in one bit, when some energy stores them all."""
    for size, count in ((1, 2), (1, 4), (2, 3), (2, 4), (3, 3), (3, 4)):
        exact, bound = sign_capacity.without_neighbors(size, count), sp.simplify(stmt.subs({n: size, d: count}))
        if exact > bound:
            return Finding.fails(f"n={size}, d={count}: probability {exact} > {bound}", margin="exact")
    return Finding.survived("below the bound at six sizes")


# Row 4 and the energy of Ramsauer et al.

LIMIT = 2 * beta * radius**2 * (1 - cosine)
ROW4_FIX = SphereCapacity("Omega", HALF / 2, False, LIMIT)
claim(
    "T1-row4-FIX",
    ROW4_FIX,
    mutants={
        "(n-1)/2": uncovered(SphereCapacity("Omega", HALF, False, LIMIT)),
        "4 beta K^2": uncovered(SphereCapacity("Omega", HALF / 2, False, 2 * LIMIT)),
        "one constant c": uncovered(SphereCapacity("Omega", HALF / 2, False, None)),
        "upper bound too": uncovered(SphereCapacity("Theta", HALF / 2, False, LIMIT)),
    },
)
claim(
    "T1-row4",
    SphereCapacity("Theta", HALF / 2, True, None),
    mutants={
        "the corrected row put in its place": ROW4_FIX,
        "lower bound only": SphereCapacity("Omega", HALF / 2, True, None),
    },
)


@check(
    "T1-row4",
    "T1-row4-FIX",
    kind="symbolic",
    scope="all n >= 2, every number of patterns",
    in_words="that the storage condition gives disjoint balls which the update maps into themselves and contracts",
)
def crowded(stmt: SphereCapacity) -> Finding:
    """Whether the radius bounds the number of stored patterns, and whether one base c serves all radii."""
    room = sp.limit(sphere_capacity.storable(sphere_capacity.circle_crowding()), sphere_capacity.length, sp.oo)
    if not sphere_capacity.storage_lemma_holds():
        return Finding.undecided("the storage condition was not confirmed")
    upper = stmt.relation in ("O", "Theta")
    needed = sphere_capacity.needed_radius()
    if abs(
        sp.N(needed.subs({cosine: HALF, beta: 1}) - sp.log(sp.Rational(4, 3)))
    ) > 1e-12 or sphere_capacity.base_range() != (1, sp.oo):
        return Finding.undecided("the radius that reaches a base was not confirmed")
    if upper and stmt.free_radius and room == sp.oo:
        return Finding.fails(
            "a large enough circle in R^n stores any number of patterns: no bound in n; and on spheres every c > 1 is "
            f"exceeded once K^2 > {needed}"
        )
    if upper and stmt.limit is None and sphere_capacity.base_range() == (1, sp.oo):
        return Finding.fails(f"every c > 1 is exceeded once K^2 > {sphere_capacity.needed_radius()}: no one constant")
    return Finding.undecided("no upper bound is claimed, or none is known with c depending on beta and K")


@check(
    "T1-row4",
    "T1-row4-FIX",
    kind="symbolic",
    scope="every beta, K > 0, p in (0, 1] and t in (0, 1); all large n",
    in_words="the mass of a cap, the union bound over pairs, and what the storage condition gives",
)
def random_sphere(stmt: SphereCapacity) -> Finding:
    """The union bound over pairs and the storage condition close together at the stated exponent and base."""
    if stmt.relation != "Omega" or stmt.free_radius:
        return Finding.undecided("speaks of lower bounds for random patterns on a sphere only")
    union, slack = stmt.union_exponent(), stmt.storage_slack()
    if sphere_capacity.storage_lemma_holds() and union == 0 and slack == 0:
        return Finding.holds(f"some pair is too close with probability at most p c^({union} (n-1)); slack {slack}")
    return Finding.undecided(f"the chain does not close: exponent {union}, slack {slack}")


@check("T1-row4", kind="search", scope="beta = 1, certified enclosures of 3, 8 and 50 patterns on circles in R^2")
def circles(stmt: SphereCapacity) -> Finding:
    """Stored patterns in the plane over c^((n-1)/4) at n = 2: the constant in front would have to grow."""
    if not stmt.free_radius or stmt.relation == "Omega":
        return Finding.survived("no upper bound for free patterns is claimed")
    stored = [k for k in (3, 8, 50) if sphere_capacity.circle_stored(k, sphere_capacity.circle_radius(k))]
    unit = sphere_capacity.published_base(1, 3, 0.001, 20) ** float(stmt.exponent)
    ratios = [k / unit for k in stored]
    if len(ratios) < 2 or max(ratios) < 2 * ratios[0]:
        return Finding.survived("the ratio does not grow")
    shown = ", ".join(f"{k} at radius {sphere_capacity.circle_radius(k)}" for k in stored)
    return Finding.violated(f"{shown}; with the published c = {unit**4:.2f}", margin=f"{max(ratios):.0f} times c^(1/4)")


@check("T1-row4-FIX", kind="certified", scope="beta = 1, 3, 8 and 50 patterns on circles, with and without room")
def circles_with_room(stmt: SphereCapacity) -> Finding:
    """The storage condition in float64 at the certified radius and at half of it; the update enclosed without it."""
    for count in (3, 8, 50):
        size = sphere_capacity.circle_radius(count)
        crowding = [(2 * r * math.sin(math.pi / count)) ** 2 for r in (size, size / 2)]
        room = [u >= 4 and math.exp(u / 4) / u > count - 1 for u in crowding]
        if room != [True, False] or not sphere_capacity.circle_stored(count, size):
            return Finding.violated(f"{count} patterns at radius {size}: the condition and the enclosure differ")
    if sphere_capacity.circle_stored(8, 1) or sphere_capacity.circle_stored(50, 4):
        return Finding.violated("patterns without room are enclosed as stored")
    return Finding.survived("stored at the smallest power of two at which the condition holds, and not when crowded")


claim(
    "C-ADAPT",
    LOGARITHM,
    mutants={
        "the same function": negative,
        "LogSumExp without the minus": sp.log(-negative),
        "logarithm forgotten": -negative,
    },
)


@check("C-ADAPT", kind="symbolic", scope="all patterns and points")
def adapted(stmt: sp.Expr) -> Finding:
    """-LSE(M'x) as the stated function of -sum exp(rho.x), and the sign of its slope."""
    residual, slope = sphere_capacity.image_gaps(stmt)
    if residual == 0 and slope.is_positive:
        return Finding.holds(f"-LSE = {stmt} at e = -sum exp(rho.x), with slope {slope} > 0: same order, same minima")
    at_one = sp.N(residual.subs(sp.Symbol("Z", positive=True), sp.E), 6)
    return Finding.fails(f"residual {residual}; n = d = 1, rho = x = 1 gives {at_one}", margin=str(at_one))


@check("C-ADAPT", kind="search", scope="all 64 states, 20 seeded sets of five patterns, n = 6")
def same_order(stmt: sp.Expr) -> Finding:
    """Order of all states by -LSE and by the stated function of Demircigil's energy, in float64."""
    image = sp.lambdify(negative, stmt, "numpy")
    rng, every = np.random.default_rng(0), sign_capacity.states(6)
    for _ in range(20):
        patterns = sign_capacity.random_patterns(rng, 5, 6)
        ours = np.array([sign_capacity.lse_energy(x, patterns) for x in every])
        theirs = image(np.array([sign_capacity.exponential_energy(x, patterns) for x in every]))
        gaps = np.subtract.outer(ours, ours) * np.subtract.outer(theirs, theirs)
        if not (gaps.min() >= -1e-9):  # also where one of the energies is not a number
            return Finding.violated("two states are ordered the other way round")
    return Finding.survived("the same order of all states")


claim(
    "MCHN-NONNEG",
    ContinuousEnergy(sp.Integer(-1), HALF, 1 / beta, HALF),
    mutants={
        "log d dropped": ContinuousEnergy(sp.Integer(-1), HALF, sp.Integer(0), HALF),
        "beta log d": ContinuousEnergy(sp.Integer(-1), HALF, beta, HALF),
        "a quarter of the largest norm": ContinuousEnergy(sp.Integer(-1), HALF, 1 / beta, HALF / 2),
        "without the half": ContinuousEnergy(sp.Integer(-1), sp.Integer(1), 1 / beta, HALF),
        "plus LogSumExp": ContinuousEnergy(sp.Integer(1), HALF, 1 / beta, HALF),
    },
)

_ONE, _TWO = (Fraction(1), Fraction(2)), (Fraction(-1, 2), Fraction(3))
MCHN_POINTS = [
    (x, rows, inverse)
    for rows in ((_ONE,), (_ONE, _ONE), (_ONE, _TWO), (_ONE, _ONE, _TWO), ((Fraction(0), Fraction(0)), _TWO))
    for x in (_ONE, _TWO, (Fraction(0), Fraction(0)), (Fraction(50), Fraction(-7)))
    for inverse in (Fraction(1, 100), Fraction(1), Fraction(1000))
]


@check(
    "MCHN-NONNEG",
    kind="symbolic",
    scope="all n, d, beta, patterns and points",
    in_words="a mean of numbers in (0, 1] is 1 only if all of them are",
)
def completed_square(stmt: ContinuousEnergy) -> Finding:
    """The constants make exp(-beta E) a mean of numbers in (0, 1]: E >= 0, and 0 exactly if all patterns equal x."""
    residuals = stmt.exponent_residuals()
    if any(residual != 0 for residual in residuals):
        return Finding.undecided(f"residuals {', '.join(map(str, residuals))}")
    text = "exponents -beta(|x-rho_i|^2 + max|rho|^2 - |rho_i|^2)/2 <= 0, all 0 only if every rho_i = x"
    return Finding.holds(text)


@check("MCHN-NONNEG", kind="certified", scope="exact points in two dimensions, duplicates, beta from 1/100 to 1000")
def certified_values(stmt: ContinuousEnergy) -> Finding:
    """Certified signs: positive where some pattern differs from x, never away from 0 where none does."""
    for x, rows, inverse in MCHN_POINTS:
        actual = sign(lambda x=x, rows=rows, inverse=inverse: stmt.ball(x, rows, inverse))  # type: ignore[misc]
        wanted = (None, 0) if set(rows) == {x} else (1,)
        if actual not in wanted:
            where = f"x=({', '.join(map(str, x))}), d={len(rows)}, beta={inverse}"
            return Finding.fails(f"{where}: sign {actual}", margin="certified")
    return Finding.survived(f"{len(MCHN_POINTS)} points")
