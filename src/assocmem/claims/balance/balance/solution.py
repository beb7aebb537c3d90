"""Checks of equation (2) and of Proposition 5: from Z = 1 to a relation between model and data size (chapter 7)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.claims.balance.balance.laws import OPTIMUM
from assocmem.theory.balance import derivations, dimension_bounds, laws, loss, size_conversion
from assocmem.theory.balance.certified_solution import certified_log_patterns
from assocmem.theory.balance.laws import PAPER
from assocmem.theory.balance.size_conversion import SHALLOWER, WIDTH, Family, Growth, T, p, w
from assocmem.theory.exact.distances import Distance
from assocmem.theory.exact.residual import nonzero_point

claim("EQ2-ID", T * w, mutants={"the sum of context and width": T + w, "one token": w})


@check("EQ2-ID", kind="symbolic", scope="all A, l, d_emb and T_max")
def second_form(stmt: sp.Expr) -> Finding:
    """A l d_emb^2 minus (A l d_emb/T_max) n with the stated n."""
    residual = size_conversion.identity_residual(stmt)
    if residual == 0:
        return Finding.holds("the difference is 0")
    point = nonzero_point([residual])
    if point is None:
        return Finding.undecided("the difference was not recognized")
    return Finding.fails(f"at {point[0]} the two differ by {point[1]}", margin=point[1])


FULL = "the texts are cut into samples of $T_{\\max}$ tokens and are much longer than that"
claim("EQ2-D", T, mutants={"one token more": T + 1, "half the tokens": T / 2})


@check(
    "EQ2-D",
    kind="symbolic",
    scope="all numbers and lengths of texts, all T_max",
    in_words="that the gap is linear in the length of the last segment, and so lies between its ends",
)
def full_samples(stmt: sp.Expr) -> Finding:
    """Tokens for each full sample, and what the last segment of a text leaves empty."""
    if sp.simplify(stmt - T) != 0:
        return Finding.fails(f"a full sample has T tokens, not {stmt}", margin="exact")
    if [sp.simplify(e) for e in size_conversion.gap_bounds()] == [T - 1, 0]:
        return Finding.holds_if(FULL, "0 <= T d - D <= T - 1 for each text, since ceil(L/T) T - L is between these")
    return Finding.undecided("the bounds on the gap were not confirmed")


@check("EQ2-D", kind="certified", scope="100 texts of 20 tokens, T_max = 5000")
def short_samples(stmt: sp.Expr) -> Finding:
    """T d against D for sentences that are one padded sample each."""
    lengths, context = [20] * 100, 5000
    stated = stmt.subs(T, context) * len(lengths)
    if stated > 2 * sum(lengths):
        text = f"D = {sum(lengths)} tokens in {len(lengths)} samples, while T d = {stated}"
        return Finding.fails(text, margin="exact", outside=True)
    return Finding.survived("within a factor of two")


Families = tuple[Family, ...]
claim("EQ2-CONV", (WIDTH,), mutants={"a depth inverse to the width": (SHALLOWER,)})


@check("EQ2-CONV", kind="symbolic", scope="A and T_max constant, n = kappa d^2 grows through d_emb, at a fixed depth")
def conversion(stmt: Families) -> Finding:
    """The exponent of N in D for n ~ d^2, and N itself for n = kappa d^2, whose exponent must be the same."""
    for family in stmt:
        power, exact = family.exponent(2), size_conversion.in_tokens(2)[family.name]
        if power != size_conversion.growth(exact):
            return Finding.undecided(f"N = {exact} does not grow like D^{power}")
        if power > 2:
            return Finding.fails(f"n = kappa d^2 gives N ~ D^{power}, in the {family.name}: N = {exact}", "exact")
    return Finding.holds("n = O(d^2) gives N = O(D^2)")


@dataclass(frozen=True)
class Exponents:
    """E for n ~ d^p and for n ~ log d, as formulas in the exponents of width, context and depth."""

    powers: sp.Expr
    logs: sp.Expr


total = sp.Symbol("s", positive=True)
tau, lam = sp.Symbol("tau", nonnegative=True), sp.Symbol("lambda", real=True)
omega = total - tau
EXPONENTS = Exponents(p * (lam + 2 * omega) / (omega + tau + tau * p), (lam + 2 * omega) / (omega + tau))
claim(
    "EQ2-CONV-FIX",
    EXPONENTS,
    mutants={
        "no growth of D with the context": replace(EXPONENTS, powers=p * (lam + 2 * omega) / (omega + tau)),
        "the width counted once": replace(EXPONENTS, powers=p * (lam + omega) / (omega + tau + tau * p)),
        "the log law without the depth": replace(EXPONENTS, logs=2 * omega / (omega + tau)),
    },
)


def _of_families(stmt: Exponents) -> list[tuple[sp.Expr, sp.Expr]]:
    """The stated exponents, and those of the families that the page lists, at their exponents."""
    pairs = []
    for family in size_conversion.FAMILIES:
        at = {total: family.width + family.context, tau: family.context, lam: family.depth}
        values = {symbol: sp.Rational(value.numerator, value.denominator) for symbol, value in at.items()}
        pairs += [(stmt.powers.subs(values), family.exponent(p)), (stmt.logs.subs(values), family.log_exponent())]
    return pairs


def _solved() -> bool:
    """Whether N, solved for exactly at n = kappa d^2, grows in D with the exponents of its families."""
    exact = size_conversion.in_tokens(2)
    growths = {f.name: f.exponent(2) for f in size_conversion.FAMILIES if f.name in exact}
    return growths == {name: size_conversion.growth(size) for name, size in exact.items()}


@check("EQ2-CONV-FIX", kind="symbolic", scope="all exponents with omega + tau > 0 and tau >= 0, all p > 0")
def exponents(stmt: Exponents) -> Finding:
    """Logarithmic derivatives of N and D in the common scale t, n = T w inverted for d."""
    t = sp.Symbol("t", positive=True)
    size, count = t**total, t ** (lam + 2 * omega)
    tokens = t**tau * size ** (1 / p)
    ratio = sp.simplify(sp.diff(sp.log(count), t) / sp.diff(sp.log(tokens), t))
    in_log = sp.simplify((t * sp.diff(sp.log(count), t)) / (t * sp.diff(sp.log(size), t)))
    tokens_log = sp.limit((tau * sp.log(t) + size) / size, t, sp.oo)  # log D = log T + log d with log d ~ n
    residuals = [sp.simplify(ratio - stmt.powers), sp.simplify(in_log - stmt.logs)]
    residuals += [sp.simplify(given - wanted) for given, wanted in _of_families(stmt)]
    if all(r == 0 for r in residuals):
        keeping = [family for family in size_conversion.FAMILIES if size_conversion.keeps_every_power(family)]
        if [family.exponent(2) for family in size_conversion.FAMILIES] != [4, 0, 1, 6, 2, 2] or not _solved():
            return Finding.undecided("the exponents of the listed families at p = 2 were not confirmed")
        if tokens_log == 1 and size_conversion.only_family() and keeping == [SHALLOWER]:
            made = (derivations.square_with_width_alone(), derivations.square_with_width_and_context_alike())
            text = "both residuals are 0; E = p for all p only if tau = 0 and lambda = -omega"
            return Finding.derived(text, *made)
        return Finding.undecided("the family that keeps every power was not confirmed")
    point = nonzero_point(residuals)
    if point is None:
        return Finding.undecided("a residual was not recognized")
    return Finding.fails(f"at {point[0]} the exponent is off by {point[1]}", margin=point[1])


BOUNDED = "$A$ and the number $\\ell$ of layers are bounded"
"""Without it a model may have d^3 layers, and N ~ D^3. A bound at Z = 1 keeps its purpose under it, and excludes."""
AT_MOST_SQUARE, LIKE_SQUARE = Growth("O", 2), Growth("Theta", 2)
claim("P5-Z1", AT_MOST_SQUARE, mutants={"a proportion": LIKE_SQUARE, "a bounded model": Growth("O", 0)})
claim("P5-QUAD", LIKE_SQUARE, mutants={"an upper bound": AT_MOST_SQUARE})


def _at_unit_partition(stmt: Growth, distance: Distance) -> tuple[bool, int] | None:
    """Whether the relation holds at Z = 1, and the exponent k of N = Theta((log D)^k); None if this is not proved."""
    steps = size_conversion.logarithms(distance)
    proved = (
        laws.monotone_steps()
        and dimension_bounds.exact_bounds(100) is not None
        and dimension_bounds.square_log_steps(100)
    )
    if distance.has("squared euclidean") and 2 * (steps or 0) != size_conversion.CORRECT.width[0]:
        return None  # not the power in P5-FIX
    if steps is None or not proved:
        return None
    return size_conversion.width_growth(stmt, 2 * steps), 2 * steps


MONOTONE = "that an integral falls in n where its integrand does, and that a continuous function takes what is between"


WIDEST = "that N <= A l n^2, as T_max is at least 1, and d <= D; from the law of n to that of N"


@check(
    "P5-Z1",
    kind="symbolic",
    scope="equal disjoint balls of the paper's radius, all d >= 100, any context length",
    in_words=WIDEST,
)
def needed_for_one(stmt: Growth, distance: Distance) -> Finding:
    """At Z = 1, N <= A l n^2 with n below a power of log d <= log D; the limit of that over the stated power of D."""
    growth = _at_unit_partition(stmt, distance)
    if growth is None:
        return Finding.undecided("the solutions of Z = 1 are not known for this distance")
    if growth[0]:
        if not size_conversion.below_every_power(growth[1]):
            return Finding.undecided("the limit for every power was not recognized")
        return Finding.holds_if(BOUNDED, f"N = O((log D)^{growth[1]}), hence O(D^p) for every p > 0: far from sharp")
    if stmt.power == 0:
        return Finding.fails("n and with it N grows without bound as d does", margin="exact")
    return Finding.fails(f"N/D^{stmt.power} tends to 0", margin="exact")


@check("P5-Z1", kind="symbolic", scope="l = d^3 layers, A and T_max fixed")
def depth_unbounded(stmt: Growth) -> Finding:
    """N/D^2 where the depth grows with the data: d_emb is at least 1."""
    deep = size_conversion.deep_growth(3)
    if deep != 3:
        return Finding.fails(f"D^3 layers give N ~ D^{deep}")
    if stmt.relation == "O" and 0 < stmt.power < deep:
        return Finding.fails(f"with d^3 layers N grows like D^{deep}", margin="exact", outside=stmt == AT_MOST_SQUARE)
    return Finding.survived("nothing against it")


@check("P5-QUAD", kind="symbolic", scope="width varied with A, l and T_max fixed", in_words=WIDEST)
def proportional(stmt: Growth, distance: Distance) -> Finding:
    """N/D^2 at Z = 1: its limit, with N = Theta of a power of log D."""
    growth = _at_unit_partition(stmt, distance)
    if growth is None:
        return Finding.undecided("the solutions of Z = 1 are not known for this distance")
    if growth[0]:
        return Finding.holds_if(BOUNDED, f"N = Theta((log D)^{growth[1]}), which is O(D^2)")
    return Finding.fails(f"N = Theta((log D)^{growth[1]}), so N/D^{stmt.power} tends to 0", margin="exact")


@check("P5-QUAD", kind="certified", scope="T_max = A = l = 1, n = 160 and n = 320")
def ratio_falls(stmt: Growth) -> Finding:
    """N/D^2 = n^2/d^2 at two solutions of Z = 1: by how much it falls."""
    first, second = 160, 320
    fall = 2 * (certified_log_patterns(second) - certified_log_patterns(first)) - 2 * arb(second / first).log()
    if stmt.relation == "Theta" and fall > 10:
        return Finding.survived(f"from n=160 to n=320 N/D^2 falls by a factor e^{float(fall.mid()):.1f}")
    return Finding.survived("no proportion is stated")


READINGS = ("printed", "A", "B")
"""The energies of one layer that the text allows: as printed in (10), and the two for which exp(-E) integrates to Z."""


@dataclass(frozen=True)
class Balance:
    """How N grows where the loss is least, under every one of the readings of the layer's energy that are named."""

    readings: tuple[str, ...] = READINGS
    growth: Growth = AT_MOST_SQUARE


claim(
    "P5",
    Balance(),
    mutants={
        "a proportion": Balance(growth=LIKE_SQUARE),
        "a bounded model": Balance(growth=Growth("O", 0)),
        "only the printed energy": Balance(("printed",)),
        "only the energy g": Balance(("A",)),
        "only the energies g and g + log Z": Balance(("A", "B")),
    },
)


def _least_with_printed(growth: Growth) -> tuple[bool, str] | None:
    """Whether the least loss of the printed energy lies where N grows as stated; None if that was not shown.

    n < 2 pi e log d there, so N <= A l n^2 = O((log D)^2); n/log d tends to 2 pi e, so with T_max fixed N is of the
    order of (log D)^2.
    """
    if not (loss.optimum_steps(OPTIMUM) and laws.stirling_steps()):
        return None
    if size_conversion.width_growth(growth, 2):
        return True, "with the printed energy an N is best, and it is O((log D)^2)"
    if growth.power == 0:
        return False, "L - log d tends to log V_n for fixed n, which falls in n: no n is best for all d"
    return False, f"with the printed energy the best N is O((log D)^2), so N/D^{growth.power} tends to 0"


def _least_with_distance() -> tuple[bool, str] | None:
    """With g, or g + log Z, L = log d - f(n) with f strictly rising to infinity: no balance minimizes it."""
    if not (laws.monotone_steps() and laws.law_proved(laws.radial_law().at(PAPER), PAPER)):
        return None
    return False, "with g or g + log Z no N is best: for every D the loss falls without bound as N grows"


@check(
    "P5",
    kind="symbolic",
    scope="equal disjoint balls of the paper's radius, one layer, all d >= 2",
    in_words=f"Jensen's inequality, which puts the printed energy's loss between the bounds compared; {MONOTONE}",
)
def least_loss(stmt: Balance) -> Finding:
    """Where the loss is least under each reading of the energy, and whether the readings agree."""
    answers = [
        _least_with_printed(stmt.growth) if name == "printed" else _least_with_distance() for name in stmt.readings
    ]
    known = [answer for answer in answers if answer is not None]
    if len(known) < len(answers):
        return Finding.undecided("where the loss is least was not shown for every reading")
    text = "; ".join(dict.fromkeys(words for _, words in known))
    if all(true for true, _ in known):
        return Finding.holds_if(f"the energy is the printed one of one layer, and {BOUNDED}", text)
    if not any(true for true, _ in known):
        return Finding.fails(text, margin="exact")
    return Finding.ill_defined(text)


@dataclass(frozen=True)
class NoMinimum:
    """L = log Z: its infimum over n at fixed d, and its value where Z = 1."""

    infimum: sp.Expr = -sp.oo
    at_one: sp.Expr = sp.S.Zero


claim(
    "P5-MIN-FIX",
    NoMinimum(),
    mutants={
        "bounded below by 0": NoMinimum(infimum=sp.Integer(0)),
        "bounded below by -10": NoMinimum(infimum=sp.Integer(-10)),
        "the loss 1 where Z = 1": NoMinimum(at_one=sp.Integer(1)),
    },
)


@check("P5-MIN-FIX", kind="symbolic", scope="all d and real n > 0", in_words=MONOTONE)
def loss_falls(stmt: NoMinimum) -> Finding:
    """L = log d - f(n), f continuous and strictly rising from 0; by the law it grows like cn."""
    law, n = laws.radial_law().at(PAPER), laws.n
    if stmt.at_one != sp.log(1):
        return Finding.fails(f"L = log Z is 0 where Z = 1, not {stmt.at_one}", margin="exact")
    far = sp.limit(-law.rate * n - law.power * sp.log(sp.pi * n), n, sp.oo)
    if stmt.infimum == far and laws.monotone_steps() and laws.law_proved(law, PAPER):
        return Finding.holds("f rises strictly from 0 to infinity")
    return Finding.undecided("the infimum is not the stated one")


@check("P5-MIN-FIX", kind="certified", scope="d = 1, n = 1, 10, 100, 1000")
def loss_at_points(stmt: NoMinimum) -> Finding:
    """Certified values of log Z = -f(n) for one pattern."""
    values = [-certified_log_patterns(n) for n in (1, 10, 100, 1000)]
    if stmt.infimum.is_finite and any(v < int(stmt.infimum) for v in values):
        return Finding.fails(f"d=1, n=1000: L = {float(values[-1].mid()):.1f} < {stmt.infimum}", margin="certified")
    return Finding.survived(f"L = {', '.join(f'{float(v.mid()):.2f}' for v in values)}")
