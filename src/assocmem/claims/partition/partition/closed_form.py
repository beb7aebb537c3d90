"""Checks of the ball integral's closed form, equation (12), and of what holds in its place for any norm (chapter 6)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.distances import Distance
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.partition import closed_forms, mean_weight_series
from assocmem.theory.partition.closed_forms import AREA, ClosedForm, p, t, v
from assocmem.theory.partition.mean_weight import a, certified_mean, n, power, r
from assocmem.theory.partition.mean_weight_series import Kummer
from assocmem.theory.partition.other_norms import is_euclidean, unit_area

RADIUS = Fraction(3, 2)
BY_SLICES = "n = 2, 3 and r = 3/2 by slices; for another norm the area of its unit ball in the plane"
POINTS = (("1/2", "1"), ("1", "9"), ("3/2", "1/7"), ("5", "40"), ("64", "100"), ("512", "60"))
"""Pairs (a, x)."""

claim(
    "AREA",
    AREA,
    mutants={
        "the volume of the unit ball": sp.pi ** (n / 2) / sp.gamma(n / 2 + 1),
        "Gamma(n) for Gamma(n/2)": 2 * sp.pi ** (n / 2) / sp.gamma(n),
        "2^n for 2": 2**n * sp.pi ** (n / 2) / sp.gamma(n / 2),
    },
)


@check(
    "AREA",
    kind="symbolic",
    scope="all n",
    in_words="that the mass on R^n is the n-th power of that on the line, and the sum of layers of constant norm",
)
def gaussian_mass(stmt: sp.Expr) -> Finding:
    """The mass of exp(-||y||^2) on R^n is the n-th power of that on the line, and A Gamma(n/2)/2 in polar form."""
    for size, known in closed_forms.SPHERES.items():
        if sp.simplify(stmt.subs(n, size) - known) != 0:
            return Finding.fails(f"n={size}: {stmt.subs(n, size)}, not {known}", margin="exact")
    if closed_forms.area_residual(stmt) == 0:
        return Finding.holds("A times the integral of t^(n-1) e^(-t^2), Gamma(n/2)/2, is pi^(n/2)")
    return Finding.undecided("the two masses were not seen to agree")


claim(
    "GAMMA-DEF",
    {"power": n - 1, "decay": t},
    mutants={"t^n": {"power": n, "decay": t}, "e^(-t^2)": {"power": n - 1, "decay": t**2}},
)


@check(
    "GAMMA-DEF",
    kind="symbolic",
    scope="all n > 0 and r > 0",
    in_words="that the integral of t^p e^-t converges at 0 for p > -1 and at infinity for every p",
)
def incomplete_gamma(stmt: Any) -> Finding:
    """Both integrals converge for n > 0 and add up to Gamma(n); they are what sympy calls lower and upper."""
    if closed_forms.gamma_facts(stmt["power"], stmt["decay"]):
        return Finding.holds("slopes r^(n-1) e^-r and minus that; 0 and Gamma(n) at r = 0")
    exact = sp.integrate((t ** stmt["power"] * sp.exp(-stmt["decay"])).subs(n, 2), (t, 0, 1))
    known = sp.expand_func(sp.lowergamma(2, 1))
    if sp.simplify(exact - known) != 0:
        text = f"n=2, r=1: {sp.simplify(exact)}, while gamma(2, 1) = {sp.simplify(known)}"
        return Finding.fails(text, margin="exact")
    return Finding.undecided("the facts were not confirmed")


claim(
    "EQ12-a",
    {"area": AREA, "degree": n - 1},
    mutants={"t^n": {"area": AREA, "degree": n}, "half the area": {"area": AREA / 2, "degree": n - 1}},
)


@check(
    "EQ12-a",
    kind="symbolic",
    scope="all n and r; the norm itself in place of its square, if it is Euclidean",
    in_words="that the ball of radius t has a volume in proportion to t^n, and that a rim has none",
)
def polar(stmt: Any, distance: Distance) -> Finding:
    """The ball of radius t has the volume V t^n, so the sphere has n V t^(n-1) = A t^(n-1); a rim has no volume."""
    if not (distance.has("squared euclidean") or is_euclidean(distance)):
        return Finding.undecided("the area is that of a Euclidean sphere")
    if closed_forms.area_residual(stmt["area"]) == 0 and stmt["degree"] == n - 1:
        return Finding.holds("translation to the origin, then layers of constant norm")
    return Finding.undecided("this is not the area of the sphere of radius t")


@check("EQ12-a", kind="certified", scope=BY_SLICES)
def sliced(stmt: Any, distance: Distance) -> Finding:
    """The radial integral by quadrature, against the ball cut into chords and disks."""
    if not distance.has("squared euclidean"):
        return _wrong_area(distance, "polar coordinates")
    for size in (2, 3):
        gap = closed_forms.sliced(size, RADIUS) - closed_forms.radial(stmt["area"], stmt["degree"], size, RADIUS)
        if not gap.contains(0):
            return Finding.fails(f"n={size}, r={RADIUS}: off by {float(gap.mid()):.6f}", margin="certified")
    return Finding.survived("the disk and the ball agree to thirty digits")


def _wrong_area(distance: Distance, what: str) -> Finding:
    """For a norm whose unit ball in the plane has another area than the disk, n = 2 is a counterexample."""
    if power(distance) != 1:
        return Finding.undecided("the distance is not granted to be that of a norm")
    if is_euclidean(distance):
        return Finding.survived("the unit ball is the Euclidean one")
    area = unit_area(distance)
    with precision(128):
        differs = not (area - enclose(sp.pi, {})).contains(0)
    if differs:
        text = f"n=2: {what} with area pi of the unit ball; it has {float(area.mid()):.2f}"
        return Finding.fails(text, margin="certified")
    return Finding.undecided("the area of the unit ball is too near to pi")


claim("EQ12-b", closed_forms.PRINTED_RADIAL, mutants={"half gamma(n/2, r^2)": closed_forms.CORRECT_RADIAL})
claim(
    "EQ12-FIX",
    closed_forms.CORRECT,
    mutants={
        "the printed form": closed_forms.PRINTED,
        "gamma(n, r^2)": ClosedForm(AREA / 2, n, r**2),
        "gamma(n/2, r)": ClosedForm(AREA / 2, n / 2, r),
        "factor 2 kept": ClosedForm(AREA, n / 2, r**2),
    },
)
claim(
    "X-EQ12-NORM",
    closed_forms.PRINTED,
    mutants={"the corrected form": closed_forms.CORRECT, "gamma(n+1, r)": ClosedForm(AREA, n + 1, r)},
)

AREAS = {"EQ12-b": sp.Integer(1), "EQ12-FIX": AREA, "X-EQ12-NORM": AREA}
"""What multiplies t^(n-1) exp(-t^p) under the integral; of (12) the factor that both sides share is left out."""


def _of_ball(stmt: ClosedForm, claim_id: str) -> ClosedForm:
    """The form for the ball integral, with the area of the sphere where the formal statement leaves it out."""
    return replace(stmt, factor=AREA / AREAS[claim_id] * stmt.factor)


def _closed(stmt: ClosedForm, area: sp.Expr, exponent: int) -> Finding:
    """Slope and value at 0 decide; a form that has another slope is refuted by exact values."""
    if stmt.starts_at_zero() and stmt.slope_over(area, exponent) == 1:
        return Finding.holds("the form is 0 at r = 0, and its slope in r is the integrand")
    for size, radius in ((2, 1), (2, 2), (1, 1)):
        error = stmt.error(area, exponent, size, radius)
        if error.is_zero is False or (error != 0 and abs(sp.N(error, 30)) > sp.Float("1e-20")):
            exact = closed_forms.exact_integral(area, exponent, size, radius)
            form = stmt.value(size, radius)
            if sp.simplify(exact - form - error) != 0:
                raise ArithmeticError(f"n={size}, r={radius}: the error is not the difference of the two")
            text = f"n={size}, r={radius}: the integral is {exact}, the form {form}"
            return Finding.fails(text, margin=f"{float(error):.7f}")
    return Finding.undecided("no exact point tells the form from the integral")


@check("EQ12-b", "EQ12-FIX", kind="symbolic", scope="all n and r; the norm itself in place of its square")
def closed_form(stmt: ClosedForm, distance: Distance, claim_id: str) -> Finding:
    """Derivative in r and value at r = 0; else exact values at small n and r."""
    exponent, area = power(distance), AREAS[claim_id]
    if exponent is None:
        return Finding.undecided("the distance is neither a norm nor the squared Euclidean one")
    if exponent == 1 and area == AREA and not is_euclidean(distance):
        return Finding.undecided("the area is that of a Euclidean sphere")
    return _closed(stmt, area, exponent)


@check("X-EQ12-NORM", kind="symbolic", scope="all n and r")
def norm_itself(stmt: ClosedForm) -> Finding:
    """The same test with exp(-t) in place of exp(-t^2)."""
    return _closed(stmt, AREA, 1)


@check("X-EQ12-NORM", kind="certified", scope="the ball in space of radius 3/2, by disks")
def norm_itself_in_space(stmt: ClosedForm) -> Finding:
    """The form at n = 3 against the ball cut into disks, without the area of the sphere."""
    with precision(128):
        gap = closed_forms.unsquared_mass(RADIUS) - enclose(stmt.formula, {n: 3, r: RADIUS})
    if not gap.contains(0):
        return Finding.fails(f"n=3, r={RADIUS}: off by {float(gap.mid()):.6f}", margin="certified")
    return Finding.survived("both agree to thirty digits")


@check("EQ12-b", "EQ12-FIX", kind="symbolic", scope="r -> oo, n = 1, 2, 4")
def whole_space(stmt: ClosedForm, claim_id: str) -> Finding:
    """The limit against the integral over the whole space, pi^(n/2)."""
    ball = _of_ball(stmt, claim_id)
    for size in (1, 2, 4):
        limit, whole = ball.total().subs(n, size), sp.pi ** sp.Rational(size, 2)
        if sp.simplify(limit - whole) != 0:
            text = f"r -> oo, n={size}: {sp.simplify(limit)}, while the whole space has {whole}"
            return Finding.fails(text, margin="exact")
    return Finding.survived("the limit is the integral over the whole space")


@check("EQ12-b", "EQ12-FIX", kind="certified", scope=BY_SLICES)
def against_slices(stmt: ClosedForm, distance: Distance, claim_id: str) -> Finding:
    """The form against the ball cut into chords and disks, without polar coordinates."""
    if not distance.has("squared euclidean"):
        if claim_id == "EQ12-b":
            return Finding.undecided("the last equality of (12) is one of integrals on the line")
        return _wrong_area(distance, "the form is a ball integral")
    ball = _of_ball(stmt, claim_id)
    for size in (2, 3):
        with precision(128):
            gap = closed_forms.sliced(size, RADIUS) - enclose(ball.formula, {n: size, r: RADIUS})
        if not gap.contains(0):
            return Finding.fails(f"n={size}, r={RADIUS}: off by {float(gap.mid()):.6f}", margin="certified")
    return Finding.survived("the disk and the ball agree to thirty digits")


claim(
    "X-BALL-NORM",
    closed_forms.ANY_NORM,
    mutants={
        "gamma(n/p, r)": ClosedForm(v * n / p, n / p, r),
        "gamma(n, r^p)": ClosedForm(v * n / p, n, r**p),
        "v n for v n/p": ClosedForm(v * n, n / p, r**p),
    },
)


@check(
    "X-BALL-NORM",
    kind="symbolic",
    scope="every norm, all n, p > 0 and r > 0",
    in_words="that {N < t} is t times the unit ball and has the volume v t^n",
)
def any_norm(stmt: ClosedForm, distance: Distance) -> Finding:
    """{N < t} is t times the unit ball, so it has the volume v t^n; slope and value at 0 of the form."""
    if power(distance) is None:
        return Finding.undecided("the distance is neither a norm nor the squared Euclidean one")
    if stmt.starts_at_zero() and stmt.slope_over(n * v, p) == 1:
        return Finding.holds("slope n v r^(n-1) e^(-r^p), and 0 at r = 0")
    return Finding.undecided("the slope is another one")


@check("X-BALL-NORM", kind="certified", scope="the taxicab ball in the plane, v = 2, p = 1 and 2, r = 2, by slices")
def taxicab_plane(stmt: ClosedForm) -> Finding:
    """Chords of the taxicab ball: no polar coordinates, no use of scaling."""
    for exponent in (1, 2):
        with precision(128):
            at = stmt.formula.subs({p: exponent, v: 2})
            gap = closed_forms.taxicab_mass(exponent, Fraction(2)) - enclose(at, {n: 2, r: 2})
        if not gap.contains(0):
            text = f"taxicab ball in the plane, p={exponent}, r=2: off by {float(gap.mid()):.6f}"
            return Finding.fails(text, margin="certified")
    return Finding.survived("both agree to thirty digits")


claim(
    "X-BALL-SERIES",
    mean_weight_series.KUMMER,
    mutants={
        "1F1(a; a+1; x)": (Kummer(0, a, a + 1, 1), mean_weight_series.KUMMER[1]),
        "1F1(1; a; x)": (mean_weight_series.KUMMER[0], Kummer(1, sp.Integer(1), a, 1)),
        "the factor e^-x dropped": (mean_weight_series.KUMMER[0], Kummer(0, sp.Integer(1), a + 1, 1)),
    },
)


@check(
    "X-BALL-SERIES",
    kind="symbolic",
    scope="all real a > 0 and x > 0",
    in_words="that the differential equation has only one solution that is analytic at 0",
)
def kummer(stmt: tuple[Kummer, ...]) -> Finding:
    """x M' = a (e^-x - M) has one solution that is analytic at 0; both series solve it, coefficient by coefficient."""
    if mean_weight_series.mean_equation_holds() and all(form.residual() == (0, 0) for form in stmt):
        return Finding.holds("(a+k) c_k = a (-1)^k/k! for the first, (a+k) c_k = c_(k-1) for the second")
    return Finding.undecided("the coefficients do not solve the equation")


@check("X-BALL-SERIES", kind="certified", scope="six exact points (a, x), a = 1/2 to 512")
def kummer_points(stmt: tuple[Kummer, ...]) -> Finding:
    """Arb's own confluent hypergeometric function against the series of this book."""
    for order, at in ((Fraction(first), Fraction(second)) for first, second in POINTS):
        for form in stmt:
            with precision(128):
                gap = form.ball(order, at, 256) - certified_mean(order, at, bits=256)
            if not gap.contains(0):
                return Finding.fails(f"a={order}, x={at}: off by {float(gap.mid()):.6g}", margin="certified")
    return Finding.survived("both forms agree with the positive series", margin="0")
