"""Checks of what stands in place of Proposition 4: exact losses, models of any loss, layers, and discrete data."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.claims.cross_entropy.cross_entropy.proof import HALF, number
from assocmem.theory.cross_entropy import arbitrarily_small, bounds, derivations, discrete, several_layers
from assocmem.theory.cross_entropy.arbitrarily_small import Small
from assocmem.theory.cross_entropy.bounds import BallLoss, Nearest, Printed
from assocmem.theory.cross_entropy.discrete import Floor, Shift
from assocmem.theory.cross_entropy.line import line
from assocmem.theory.cross_entropy.one_layer import Balls, certified_loss
from assocmem.theory.cross_entropy.proof_steps import Z, steps
from assocmem.theory.cross_entropy.several_layers import Spread, Together
from assocmem.theory.exact.certified import to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.layers.stack import Reading

ANY = "any continuous d >= 0 that vanishes only at equal points"
VAGUE = "the distance may be negative, vanish elsewhere, or not be integrable"
OTHER = "not the constants of the proof"

claim(
    "P4-FIX",
    Nearest(),
    mutants={
        "1/Z added": Nearest(extra=Fraction(1)),
        "99/100 of the mean distance": Nearest(lower=Fraction(99, 100)),
        "1/1000 below log of the volume": Nearest(upper=Fraction(-1, 1000)),
    },
)


@check(
    "P4-FIX",
    kind="symbolic",
    scope=f"one layer, {ANY}, 0 < |Omega| < oo",
    in_words="the mean of an affine function is its value at the mean, and means of unequal numbers are strict",
)
def log_z(stmt: Nearest, distance: Distance) -> Finding:
    """g = 0 at every pattern, a constant changes nothing: L = log Z; Jensen's inequality and exp(-g) < 1 bound it."""
    if not distance.has("nonnegative", "separates", "continuous"):
        return Finding.undecided(VAGUE)
    exact = steps("A").loss() == sp.log(Z) == steps("B").loss()
    if exact and bounds.jensen_holds() and stmt == Nearest(Fraction(1), Fraction(0), Fraction(0)):
        text = "strict, since g > 0 outside the finite set of patterns and is not constant there"
        return Finding.attempt(text, derivations.loss_of_one_layer)
    return Finding.undecided(OTHER)


@check("P4-FIX", kind="certified", scope="layers {0} and {0, 3} on the line, r = 1/1000, 1/2, 1, readings A and B")
def log_z_line(stmt: Nearest, distance: Distance) -> Finding:
    """Loss, log Z and both bounds on the line, by quadrature."""
    hit = bounds.broken_nearest(stmt, distance)
    return Finding.survived("within the bounds") if hit is None else Finding.fails(hit, margin="certified")


claim("X-CE-BALLS", BallLoss(), mutants={"without log d": BallLoss(count=0), "n/(n+3)": BallLoss(shift=3)})


@check(
    "X-CE-BALLS",
    kind="symbolic",
    scope="all n, d and r <= s/2",
    in_words="within r <= s/2 the own pattern is nearest (EQ5-OWN), so that each ball contributes I_n(r)",
)
def ball_formula(stmt: BallLoss) -> Finding:
    """d equal integrals; the mean of |y|^2 over a ball is the ratio of two radial moments, n r^2/(n+2)."""
    n = sp.Symbol("n", positive=True)
    if bounds.jensen_holds() and sp.simplify(bounds.mean_square(n) - n / (n + stmt.shift)) == 0 and stmt.count == 1:
        return Finding.holds("d equal integrals, and the mean of |y|^2 over a ball is n r^2/(n+2)")
    return Finding.undecided(OTHER)


@check("X-CE-BALLS", kind="certified", scope="n from 1 to 30, small and large balls, up to 5 10^34 patterns")
def ball_formula_cases(stmt: BallLoss) -> Finding:
    """The closed form against radial quadrature, and both bounds."""
    hit = bounds.broken_balls(stmt)
    return Finding.survived("agreement within the balls") if hit is None else Finding.fails(hit, margin="certified")


@dataclass(frozen=True)
class Monotone:
    """Under A and B the loss grows with r and d (or falls); ``least_z``: the Z at which it would be least."""

    grows: bool = True
    least_z: Fraction | None = None


claim(
    "P4-MIN-FIX",
    Monotone(),
    mutants={"it falls": Monotone(grows=False), "least at Z = 1": Monotone(least_z=Fraction(1))},
)


@check("P4-MIN-FIX", kind="symbolic", scope="all n and d")
def monotone(stmt: Monotone) -> Finding:
    """dZ/dr = d A r^(n-1) exp(-r^2) > 0, log Z <= log(d V_n(r)) -> -oo as r -> 0, and Z -> d pi^(n/2) as r -> oo."""
    r, n, d, area = sp.symbols("r n d A", positive=True)
    slope = d * area * r ** (n - 1) * sp.exp(-(r**2))
    volume = sp.Symbol("V", positive=True)
    whole = sp.integrate(slope, (r, 0, sp.oo)).subs(area, 2 * sp.pi ** (n / 2) / sp.gamma(n / 2))
    ends = sp.limit(sp.log(volume), volume, 0, "+") == -sp.oo and sp.simplify(whole - d * sp.pi ** (n / 2)) == 0
    if slope.is_positive and ends and stmt == Monotone():
        return Finding.holds("strictly increasing in r and d, unbounded below: no minimum")
    return Finding.undecided("a minimum, or the other direction, was stated")


@check("P4-MIN-FIX", kind="certified", scope="n = 1, 2, 10 at r = 1/4, 1/2, 1, 2 and d = 1, 2")
def monotone_cases(stmt: Monotone) -> Finding:
    """Losses at growing radii and numbers of patterns."""
    for n in (1, 2, 10):
        values = [certified_loss("A", Balls(n, Fraction(r))) for r in ("1/4", "1/2", "1", "2")]
        pairs = [*pairwise(values), (values[0], certified_loss("A", Balls(n, Fraction(1, 4), 2)))]
        if any((a < b) != stmt.grows for a, b in pairs):
            return Finding.fails(f"n={n}: {', '.join(number(v) for v in values)} at growing radii", margin="certified")
        if stmt.least_z is not None and values[0] < to_arb(stmt.least_z).log():
            return Finding.fails(f"n={n}, r=1/4: L = {number(values[0])}, smaller than log 1", margin="certified")
    return Finding.survived("increasing in all cases")


claim(
    "X-CE-PRINTED",
    Printed(),
    mutants={
        "9/10 of the upper term": Printed(upper=Fraction(9, 10)),
        "half of the upper term from below": Printed(lower=HALF),
    },
)


@check(
    "X-CE-PRINTED",
    kind="symbolic",
    scope=f"{ANY}, g <= m on Omega",
    in_words="the mean of an affine function is its value at the mean, and means of unequal numbers are strict",
)
def printed_bounds(stmt: Printed, distance: Distance) -> Finding:
    """The integral of E is 1, so M >= |Omega| exp(-1/|Omega|), and Z <= |Omega|; E >= e^-m/Z and Z >= e^-m |Omega|."""
    if not distance.has("nonnegative", "separates", "continuous"):
        return Finding.undecided(VAGUE)
    proved = bounds.jensen_holds() and bounds.printed_lower_residual() == 0 == bounds.printed_upper_residual()
    if proved and stmt == Printed(Fraction(0), Fraction(1)):
        return Finding.holds("L = log M + 1/Z; strict, since g is neither 0 nor m almost everywhere")
    return Finding.undecided(OTHER)


@check("X-CE-PRINTED", kind="certified", scope="n from 1 to 30, small and large balls; other norms on the line")
def printed_cases(stmt: Printed, distance: Distance) -> Finding:
    """Certified signs of both slacks, by radial quadrature, or on the line for a norm."""
    square = distance.has("squared euclidean")
    if square and not bounds.slacks_agree(stmt):
        return Finding.fails("one pattern, r=1/2: the bounds by radial quadrature are not those on the line")
    hit = bounds.broken_printed(stmt) if square else bounds.broken_printed_line(stmt, distance)
    return Finding.survived("within the bounds") if hit is None else Finding.fails(hit, margin="certified")


claim("X-CE-SMALL", Small(), mutants={"n log r": Small(near=Fraction(1)), "log(r/2) + e^(r^2)": Small(rim=HALF)})


@check(
    "X-CE-SMALL",
    kind="symbolic",
    scope="all n, 0 < r <= 1/2",
    in_words="the ball lies in a cube of side 2r, and rounding up adds less than one ball",
)
def small(stmt: Small) -> Finding:
    """The ball lies in a cube of side 2r; d = ceil(r^2/V) patterns bring |Omega| between r^2 and r^2 + V."""
    if arbitrarily_small.small_steps_hold() and stmt == Small(Fraction(2), Fraction(3)):
        return Finding.holds("V_n(r) <= (2r)^n, and the bounds of A and of the printed energy in |Omega|")
    return Finding.undecided(OTHER)


@check("X-CE-SMALL", kind="certified", scope="n = 1, 2, 3, 10, 40 at r = 1/2, 1/8 and 1/100")
def small_cases(stmt: Small) -> Finding:
    """Exact losses of the stated models against the bounds."""
    hit = arbitrarily_small.broken_small(stmt, (1, 2, 3, 10, 40), (HALF, Fraction(1, 8), Fraction(1, 100)))
    return Finding.survived("below the bounds") if hit is None else Finding.fails(hit, margin="certified")


claim(
    "X-CE-LAYERS",
    Together(),
    mutants={
        "the patterns of one layer counted": Together(count="first layer"),
        "the exponent s^2": Together(squared=True),
    },
)


@check(
    "X-CE-LAYERS",
    kind="symbolic",
    scope="all n, l, d and r <= s/2, no pattern in two layers",
    in_words="the sum over the other layers, and that means keep bounds",
)
def together(stmt: Together) -> Finding:
    """On a ball the other terms are at most exp(-s(s-2r)) of the own one; both means lie in [0, log(1+eta)]."""
    if several_layers.deviation_holds() and several_layers.own_term_holds() and stmt == Together():
        return Finding.holds("Z = integral of exp(-g) h and L = log Z - mean of log h, with 1 <= h <= 1 + eta")
    return Finding.undecided(OTHER)


@check("X-CE-LAYERS", kind="certified", scope="seven sets of layers on the line, touching intervals among them")
def together_line(stmt: Together) -> Finding:
    """Exact losses by quadrature against the bound, and the bound where its exponent is known."""
    if not several_layers.together_agrees(stmt):
        return Finding.fails("the bound is not log(1 + (m-1) exp(-s(s-2r))) where it is known", margin="certified")
    hit = several_layers.broken_together(stmt)
    return Finding.survived("within the bound") if hit is None else Finding.fails(hit, margin="certified")


claim(
    "X-CE-GAP",
    ("printed", "A", "B"),
    mutants={"under C too": ("printed", "A", "B", "C")},
)


@check(
    "X-CE-GAP",
    kind="symbolic",
    scope="one layer, any d >= 0 that vanishes only at equal points",
    in_words="the loss is log Z plus the mean of E at the samples, and a mean of equal numbers is that number",
)
def one_value(stmt: tuple[Reading, ...], distance: Distance) -> Finding:
    """g is 0 at every pattern, so that E there depends on Z alone."""
    if not distance.has("nonnegative", "separates"):
        return Finding.undecided("the distance may be negative, or vanish elsewhere")
    if "C" not in stmt and all(steps(reading).at_patterns.free_symbols <= {Z} for reading in stmt):  # type: ignore[arg-type]
        return Finding.holds(f"the energy has one value at all patterns, for {distance.name} and the like")
    return Finding.undecided("the energy depends on the other patterns")


@check(
    "X-CE-GAP", kind="certified", scope="one layer {0, 2, 3} on the line, r = 1/2, every validation set of one pattern"
)
def one_value_line(stmt: tuple[Reading, ...], distance: Distance) -> Finding:
    """Exact losses of single patterns against that of all."""
    for reading in stmt:
        one = line("0 2 3", radius=HALF, reading=reading, distance=distance)
        for p in one.patterns:
            gap = one.loss([p]) - one.loss()
            if not gap.contains(0):
                return Finding.fails(f"reading {reading}: at {p} the loss is {number(gap)} larger", margin="certified")
    return Finding.survived("one loss for all validation sets")


claim(
    "X-CE-GAP-L",
    Spread(),
    mutants={
        "no difference for any number of layers": Spread(others=Fraction(0)),
        "999/1000 of the other layers": Spread(others=Fraction(999, 1000)),
        "twice the distance in the exponent": Spread(power=Fraction(2)),
    },
)


@check(
    "X-CE-GAP-L",
    kind="symbolic",
    scope="layers without a common pattern, any d >= 0 that vanishes only at equal points",
    in_words="at a pattern the own layer adds 1 and the l-1 others at most exp(-delta) each; means keep both bounds",
)
def same_loss(stmt: Spread, distance: Distance) -> Finding:
    """-log(1 + v) with 0 <= v <= (l-1) exp(-delta) lies between -log(1 + (l-1) exp(-delta)) and 0."""
    if not distance.has("nonnegative", "separates"):
        return Finding.undecided("the distance may be negative, or vanish elsewhere")
    if several_layers.spread_holds() and stmt == Spread(Fraction(1), Fraction(1)):
        return Finding.holds(f"for {distance.name} and the like")
    return Finding.undecided(OTHER)


@check("X-CE-GAP-L", kind="certified", scope="the exact splits without common patterns, every pair of patterns")
def same_loss_pairs(stmt: Spread, distance: Distance) -> Finding:
    """Certified signs of the bound minus the difference of the energies at two patterns."""
    if not several_layers.spread_agrees(stmt):
        return Finding.fails("the bound is not log(1 + (l-1) exp(-delta)) where it is known", margin="certified")
    hit = several_layers.broken_spread(stmt, distance)
    return Finding.survived("within the bound") if hit is None else Finding.fails(hit, margin="certified")


claim(
    "X-CE-DISCRETE",
    Floor(),
    mutants={
        "9/10 of the entropy": Floor(Fraction(9, 10)),
        "11/10 of the entropy": Floor(Fraction(11, 10)),
        "not divided by T": Floor(power=0),
    },
)


@check(
    "X-CE-DISCRETE",
    kind="symbolic",
    scope="any law on a countable set of sequences, any model",
    in_words="the sum over the sequences of what holds at each, and that a continuous function takes what lies between",
)
def entropy_floor(stmt: Floor) -> Finding:
    """p log(p/q) >= p - q with equality iff q = p, summed; entropies of V^T = d + 1 sequences fill [0, T log V]."""
    d = sp.Symbol("d", positive=True)
    if discrete.gibbs_holds() and discrete.entropy_range() == (0, sp.log(d + 1)) and stmt == Floor():
        text = "CE = H + KL, and KL >= 0 vanishes only at q = p; H/T takes every value from 0 on"
        return Finding.attempt(text, derivations.loss_at_least_entropy)
    return Finding.undecided(OTHER)


@check("X-CE-DISCRETE", kind="certified", scope="2 and 5 equiprobable sequences, two models of each")
def entropy_floor_cases(stmt: Floor) -> Finding:
    """The loss of the model that equals the data, and of another one."""
    hit = discrete.broken_floor(stmt)
    return Finding.survived("attained by one model only") if hit is None else Finding.fails(hit, margin="certified")


claim("X-CE-SCALE", Shift(), mutants={"no shift": Shift(0), "the other direction": Shift(-1)})


@check("X-CE-SCALE", kind="symbolic", scope="any density on R^n, all s > 0")
def shifted(stmt: Shift) -> Finding:
    """The density of s x at y is s^-n p(y/s)."""
    if discrete.shift_residual(stmt) == 0:
        return Finding.holds("-log of it is -log p + n log s at every sample")
    return Finding.undecided(f"the loss is off by {discrete.shift_residual(stmt)}")


@check("X-CE-SCALE", kind="certified", scope="balls in R^1, R^3, R^10 with the energy |y|^2/s^2")
def shifted_cases(stmt: Shift) -> Finding:
    """Losses of reading A before and after the change of unit."""
    hit = discrete.broken_shift(stmt)
    return Finding.survived("the shift is n log s") if hit is None else Finding.fails(hit, margin="certified")
