"""Checks of what the paper says on volumes of balls, and on the radius of a ball of volume O(1)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_volume
from assocmem.theory.partition import volumes
from assocmem.theory.partition.bounds import value
from assocmem.theory.partition.stirling import mu as stirling_mu
from assocmem.theory.partition.volumes import MIDDLE, STIRLING, VOLUME, Monotony, n, r

SIZES = (1, 2, 3, 10, 100, 1024, 10**5)

claim(
    "VOLF",
    VOLUME,
    mutants={
        "Gamma(n/2)": sp.pi ** (n / 2) * r**n / sp.gamma(n / 2),
        "r^(n-1), the area's power": sp.pi ** (n / 2) * r ** (n - 1) / sp.gamma(1 + n / 2),
        "pi^n": sp.pi**n * r**n / sp.gamma(1 + n / 2),
    },
)
KNOWN = {1: 2 * r, 2: sp.pi * r**2, 3: sp.Rational(4, 3) * sp.pi * r**3}


@check(
    "VOLF",
    kind="symbolic",
    scope="all n and r",
    in_words="that volumes scale like r^n, and that the Gaussian mass on R^n is the n-th power of that on the line",
)
def by_gaussian(stmt: sp.Expr) -> Finding:
    """The Gaussian integral over R^n, the n-th power of the root of pi, is also V_n(1) times a Gamma integral."""
    if volumes.homogeneous(stmt) and volumes.volume_residual(stmt) == 0:
        return Finding.holds("integrating exp(-t^2) over the shells of the balls gives pi^(n/2), which fixes V_n(1)")
    return Finding.undecided("the stated volume does not give the Gaussian integral")


@check("VOLF", kind="certified", scope="n = 1, 2, 3, exactly")
def known_volumes(stmt: sp.Expr) -> Finding:
    """The length 2r, the area of the disc and the volume of the ball in space."""
    for size, known in KNOWN.items():
        gap = sp.simplify(stmt.subs(n, size) - known)
        if gap != 0:
            return Finding.fails(f"n={size}: {sp.simplify(stmt.subs(n, size))}, not {known}", margin=str(gap))
    return Finding.survived("n = 1, 2, 3 agree")


claim(
    "VOL-DEC",
    Monotony(volumes.PEAK),
    mutants={"from n = 1 on": Monotony(1), "from n = 4 on": Monotony(4)},
)
claim(
    "VOL-DEC-FIX",
    Monotony(volumes.PEAK, volumes.PEAK),
    mutants={"from n = 4 on": Monotony(4, 4), "rising up to n = 6": Monotony(6, 6)},
)


STEPS = "that ratios below 1 at two neighbors, which fall in steps of two, are below 1 from there on"


@check("VOL-DEC", kind="symbolic", scope="all integers n from the first on", in_words=STEPS)
def falls(stmt: Monotony) -> Finding:
    """V_{n+1}/V_n < 1 at n = 5 and 6, and this ratio falls in steps of two; V_{n+2}/V_n = 2 pi/(n+2) -> 0."""
    fast = sp.limit(volumes.two_step_ratio(), n, sp.oo) == 0
    if stmt.first >= volumes.PEAK and fast and volumes.falls_from(stmt.first):
        return Finding.holds(f"falls from n={stmt.first} on, faster than any geometric sequence")
    return Finding.undecided("the ratios were not confirmed")


@check("VOL-DEC", kind="certified", scope="ten dimensions from the first on, exactly")
def rises(stmt: Monotony) -> Finding:
    """The ratios V_{n+1}/V_n from the stated dimension on."""
    for size in range(stmt.first, stmt.first + 10):
        ratio = volumes.one_step(size)
        if ratio > 1:
            return Finding.fails(f"V_{size + 1}(1)/V_{size}(1) = {ratio} > 1", margin=str(ratio))
    return Finding.survived(f"no rise from n={stmt.first} to {stmt.first + 10}")


@check(
    "VOL-DEC-FIX",
    kind="symbolic",
    scope="all integers n; the maximum over real n by the sign of the slope",
    in_words=f"{STEPS}; that the digamma function rises, so that the slope changes its sign once",
)
def rises_then_falls(stmt: Monotony) -> Finding:
    """Exact ratios up to the peak and the induction in steps of two after it; certified bracket of the real maximum."""
    ratio = sp.simplify(volumes.two_step_ratio() - 2 * sp.pi / (n + 2)) == 0
    low, high = volumes.real_peak()
    real = Fraction("5.2569") <= low and high <= Fraction("5.2570")
    if ratio and real and volumes.rises_up_to(stmt.rises_to) and volumes.falls_from(stmt.first):
        return Finding.holds(f"largest at n={stmt.first}; over real n between {float(low)} and {float(high)}")
    return Finding.undecided("rise and fall were not confirmed")


@check("VOL-DEC-FIX", kind="certified", scope="n = 1, ..., 10, exactly")
def small_ratios(stmt: Monotony) -> Finding:
    """The ratios V_{n+1}/V_n for n up to 10, against the stated rise and fall."""
    for size in range(1, 11):
        ratio = volumes.one_step(size)
        if (size < stmt.rises_to and not ratio > 1) or (size >= stmt.first and not ratio < 1):
            return Finding.fails(f"V_{size + 1}(1)/V_{size}(1) = {ratio}", margin=str(ratio))
    return Finding.survived("the first ten ratios agree")


@dataclass(frozen=True)
class Order:
    """V_n(r) = O(1), or of order one (``below`` as well), asks for r/sqrt(square) -> 1."""

    square: sp.Expr
    below: bool


@dataclass(frozen=True)
class OrderOne:
    """V_n(r_n) is bounded, and bounded away from 0, exactly if r_n = R_n (1 + O(n^-power))."""

    power: Fraction = Fraction(1)


@dataclass(frozen=True)
class UnitRadius:
    """R_n = sqrt(n/(2 pi e)) (pi n)^(exponent/n) e^(lambda/n) with low(n) < lambda < high(n)."""

    exponent: Fraction
    low: sp.Expr
    high: sp.Expr


PAPER_SQUARE = n / (2 * sp.pi * sp.E)
LOW, HIGH = 1 / (6 * n + 1), 1 / (6 * n)
claim(
    "VOL-R",
    Order(PAPER_SQUARE, below=False),
    mutants={"of order one": Order(PAPER_SQUARE, below=True), "without e": Order(n / (2 * sp.pi), below=False)},
)
claim(
    "VOL-R-UNIT",
    UnitRadius(Fraction(1, 2), LOW, HIGH),
    mutants={
        "without the factor (pi n)^(1/(2n))": UnitRadius(Fraction(0), LOW, HIGH),
        "(pi n)^(1/n)": UnitRadius(Fraction(1), LOW, HIGH),
        "upper bound 1/(7n)": UnitRadius(Fraction(1, 2), LOW, 1 / (7 * n)),
        "lower bound 1/(6n)": UnitRadius(Fraction(1, 2), HIGH, 1 / (5 * n)),
    },
)


@check(
    "VOL-R",
    kind="symbolic",
    scope="all sequences r_n, n -> infinity",
    in_words="that V_n(r_n) is of order one only if n log(r_n/R_n) is bounded",
)
def order_one(stmt: Order) -> Finding:
    """V_n(r) = (r/R_n)^n is of order one only if n log(r/R_n) is bounded, and R_n/sqrt(n/(2 pi e)) -> 1."""
    ratio = sp.limit(sp.simplify(stmt.square / PAPER_SQUARE), n, sp.oo)
    if ratio != 1:
        return Finding.fails(f"at the radius R_n of volume 1 the squared ratio tends to {1 / ratio}", margin="exact")
    to_one = sp.limit(sp.log(sp.pi * n) / (2 * n), n, sp.oo) == 0
    if not (to_one and volumes.radius_residual() == 0):
        return Finding.undecided("the expansion of R_n was not confirmed")
    text = "r/sqrt(n/(2 pi e)) -> 1, as log(r/R_n) = O(1/n) and R_n is that root times (pi n)^(1/(2n)) (1 + O(1/n^2))"
    if stmt.below:
        return Finding.holds(text)
    return Finding.holds_if("the volume is bounded away from 0 as well, so that it is of order one", text)


@check("VOL-R", kind="symbolic", scope="r_n = 1 for all n")
def bounded_elsewhere(stmt: Order) -> Finding:
    """The constant radius 1: its volume is at most 8 pi^2/15, that of n = 5, and 1/sqrt(n/(2 pi e)) -> 0."""
    top = sp.simplify(VOLUME.subs({n: volumes.PEAK, r: 1}))
    small = volumes.rises_up_to(volumes.PEAK) and volumes.falls_from(volumes.PEAK)
    if not stmt.below and small and sp.limit(1 / sp.sqrt(stmt.square), n, sp.oo) == 0:
        return Finding.fails(f"r=1: V_n(1) <= {top} is O(1), and r over the stated radius tends to 0", outside=True)
    return Finding.survived("the constant radius has no volume of order one")


@check("VOL-R-UNIT", kind="symbolic", scope="all n")
def exact_radius(stmt: UnitRadius) -> Finding:
    """V_n(R) = 1 solved for R, with Stirling's remainder at n/2; V_n is homogeneous of degree n.

    At sqrt(n/(2 pi e)) the volume is that over R_n to the power n, which tends to 0.
    """
    exact = volumes.radius_residual() == 0 and volumes.homogeneous(VOLUME)
    exact = exact and sp.limit(volumes.at_paper_radius(), n, sp.oo) == 0
    bounds = (sp.simplify(stmt.low - LOW), sp.simplify(HIGH - stmt.high)) == (0, 0)
    if exact and bounds and stmt.exponent == Fraction(1, 2) and volumes.exponent_bounds() == (LOW, HIGH):
        return Finding.holds("n log R_n = log Gamma(n/2+1) - (n/2) log pi, and Gamma by the remainder mu(n/2)")
    return Finding.undecided("not the derived radius")


claim(
    "VOL-R-FIX",
    OrderOne(),
    mutants={"within O(n^(-1/2))": OrderOne(Fraction(1, 2)), "within O(n^-2)": OrderOne(Fraction(2))},
)


@check(
    "VOL-R-FIX",
    kind="symbolic",
    scope="all sequences r_n, n -> infinity",
    in_words="that log V_n(r_n) lies between two bounds exactly if r_n/R_n lies between their exponentials over n",
)
def bounded_logarithm(stmt: OrderOne) -> Finding:
    """log V_n(R_n (1 + y n^-p)) -> y for p = 1, and R_n e^(y/n) = R_n (1 + y/n + ...), for both signs of y."""
    if not volumes.homogeneous(VOLUME):
        return Finding.undecided("the volume was not seen to be homogeneous")
    within, back = volumes.log_volume_limit(stmt.power), volumes.relative_width(stmt.power)
    if within == volumes.SHIFT == back:
        return Finding.holds("n log(1 + y/n) and n (e^(y/n) - 1) both tend to y, for every real y")
    if within.is_infinite:
        return Finding.fails(f"at R_n (1 + y n^-{stmt.power}), y > 0, log V_n tends to {within}", margin="exact")
    if back.is_infinite:
        return Finding.fails(f"at R_n e^(y/n), y > 0, V_n = e^y, and n^{stmt.power} (r/R_n - 1) tends to {back}")
    return Finding.undecided("the limits were not recognized")


@check("VOL-R-UNIT", kind="certified", scope="n = 1, 2, 3, 10, 100, 1024, 10^5")
def radius_values(stmt: UnitRadius) -> Finding:
    """n log of R_n over the stated expansion, against the stated bounds."""
    for size in SIZES:
        with precision(256):
            stated = volumes.radius_expansion(size, exponent=stmt.exponent)
            gap = size * (volumes.certified_unit_volume_radius(size) / stated).log()
            if gap < value(stmt.low, size) or gap > value(stmt.high, size):
                return Finding.fails(f"n={size}: lambda = {float(gap.mid()):.3g}, outside the bounds")
    return Finding.survived("lambda lies between the bounds in all seven dimensions")


claim(
    "STIR-V1", {"middle": MIDDLE["later"]}, mutants={"the submission's middle term": {"middle": MIDDLE["submission"]}}
)
claim(
    "STIR-V",
    {"middle": STIRLING},
    mutants={
        "the later version's middle term": {"middle": MIDDLE["later"]},
        "without pi under the root": {"middle": STIRLING * sp.sqrt(sp.pi)},
        "without the root": {"middle": STIRLING * sp.sqrt(sp.pi * n)},
    },
)


@check("STIR-V1", "STIR-V", kind="symbolic", scope="n -> infinity; the ratio of both sides, for all n")
def ratio_tends_to_one(stmt: Any) -> Finding:
    """The logarithm of the stated term over V_n(1), up to Stirling's remainder, which tends to 0."""
    gap = volumes.volume_exponent_residual(stmt["middle"])
    if gap == 0 and [sp.limit(bound, n, sp.oo) for bound in volumes.exponent_bounds()] == [0, 0]:
        return Finding.holds("the ratio to V_n(1) is e^mu(n/2), with 1/(6n+1) < mu(n/2) < 1/(6n)")
    return Finding.fails(f"the ratio to V_n(1) is exp({gap}) times a factor that tends to 1", margin=str(gap))


@check("STIR-V1", "STIR-V", kind="certified", scope="n = 1024")
def ratio_at_1024(stmt: Any) -> Finding:
    """The certified logarithm of the stated term over V_n(1) in 1024 dimensions."""
    with precision(256):
        gap = value(sp.expand_log(sp.log(stmt["middle"]), force=True), 1024) - certified_log_ball_volume(1024, 1)
        mu = stirling_mu(512)
        shown = f"{float(gap.mid()):.6g}"
        if gap.overlaps(mu):
            return Finding.survived(f"n=1024: the logarithm of the ratio is {shown}", margin=shown)
        return Finding.fails(f"n=1024: the logarithm of the ratio is {shown}, not {float(mu.mid()):.4g}", margin=shown)


@dataclass(frozen=True)
class Relative:
    """low(n) < log of (pi n)^(-1/2) (2 pi e/n)^(n/2) / V_n(1) < high(n) for all n >= 1."""

    low: sp.Expr
    high: sp.Expr


claim(
    "STIR-V-FIX",
    Relative(LOW, HIGH),
    mutants={
        "the error has the other sign": Relative(-HIGH, -LOW),
        "upper bound 1/(7n)": Relative(LOW, 1 / (7 * n)),
        "lower bound 1/(6n)": Relative(HIGH, 1 / (5 * n)),
    },
)


@check("STIR-V-FIX", kind="symbolic", scope="all n")
def relative_bounds(stmt: Relative) -> Finding:
    """The ratio is e^mu(n/2) exactly; Robbins' bounds on mu at n/2, proved with Stirling's formula."""
    bounds = (sp.simplify(stmt.low - LOW), sp.simplify(HIGH - stmt.high)) == (0, 0)
    if bounds and volumes.volume_exponent_residual(STIRLING) == 0 and volumes.exponent_bounds() == (LOW, HIGH):
        return Finding.holds("1/(12z+1) < mu(z) < 1/(12z) at z = n/2")
    return Finding.undecided("not the bounds of the remainder at n/2")


@check("STIR-V-FIX", kind="certified", scope="n = 1, 2, 3, 10, 100, 1024, 10^5")
def relative_values(stmt: Relative) -> Finding:
    """The certified logarithm of the ratio against the stated bounds."""
    for size in SIZES:
        gap = volumes.stirling_excess(size)
        with precision(256):
            if gap < value(stmt.low, size) or gap > value(stmt.high, size):
                return Finding.fails(
                    f"n={size}: the logarithm of the ratio is {float(gap.mid()):.3g}", margin="certified"
                )
    return Finding.survived("inside the bounds in all seven dimensions")
