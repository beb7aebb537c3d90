"""The ball integral: float and certified values against each other, scipy, mpmath and quadrature; bounds and proofs."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import acb, arb
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from scipy.special import logsumexp

from assocmem.claims import claims
from assocmem.figures.partition import ball_integral
from assocmem.theory.exact.ball_integrals import (
    _STIRLING,
    log_ball_integral,
    log_ball_volume,
    log_partition,
    paper_radius,
    stirling_remainder,
)
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import (
    UNIT_INTERVAL,
    _certified_series,
    certified_log_ball_integral,
    certified_log_ball_volume,
    certified_log_mean,
    certified_log_partition,
    certified_log_partition_of_radii,
    certified_paper_radius,
    log_gamma,
)
from assocmem.theory.exact.distances import NAMED, PAPER, Distance, l1
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.exact.incomplete_gamma import _C0, log_gamma_mass
from assocmem.theory.partition import (
    ball_bounds,
    bound_proofs,
    closed_forms,
    float_accuracy,
    lower_bound_fails,
    mean_weight_series,
    other_norms,
    printed_against_true,
)
from assocmem.theory.partition.ball_bounds import Bound, Bounds
from assocmem.theory.partition.mean_weight import a, certified_mean, n, power, r, x
from assocmem.theory.partition.printed_integral import certified_printed_log_ball_integral, printed_log_ball_integral

SIZES = st.one_of(st.integers(1, 60), st.integers(1, 10**6), st.sampled_from([1, 2, 3, 1024, 10**6]))
RADII = st.floats(-12, 5).map(lambda e: 10.0**e)
BUDGET = settings(max_examples=40, deadline=None, derandomize=True)
PAIRS = (
    (log_ball_integral, certified_log_ball_integral, 1),
    (log_ball_volume, certified_log_ball_volume, 1),
    (printed_log_ball_integral, certified_printed_log_ball_integral, 2),
)


def off(value: float, ball: arb) -> float:
    """|value - ball|, at the ball's own precision."""
    with precision(256):
        return abs(float((arb(float(value)) - ball).mid()))


# Float and certified functions.


@pytest.mark.parametrize(("fast", "certain", "scale"), PAIRS)
@BUDGET
@given(size=SIZES, radius=RADII)
def test_float_values_keep_the_stated_error_bound(fast, certain, scale, size: int, radius: float) -> None:
    value = float(fast(size, radius))
    allowed = 32 * (1 + scale * size + abs(value)) * 2.0**-53
    assert off(value, certain(size, Fraction(radius))) <= allowed


@settings(max_examples=15, deadline=None, derandomize=True)
@given(size=st.one_of(st.integers(10**3, 10**4), st.just(10**6)), offset=st.floats(-0.05, 0.05))
def test_float_integral_is_right_where_its_branches_meet(size: int, offset: float) -> None:
    radius = math.sqrt(size / 2) * math.exp(offset / math.sqrt(size))
    value = float(log_ball_integral(size, radius))
    assert off(value, certified_log_ball_integral(size, Fraction(radius))) <= 32 * (1 + size + abs(value)) * 2.0**-53


@BUDGET
@given(size=st.floats(-1, 4).map(lambda e: 10.0**e), near=st.booleans(), radius=RADII, offset=st.floats(-3, 3))
def test_error_bound_for_real_dimensions(size: float, near: bool, radius: float, offset: float) -> None:
    radius = math.sqrt(size / 2) * math.exp(offset / math.sqrt(size)) if near else radius
    for fast, certain, scale in PAIRS:
        value = float(fast(size, radius))
        exact = certain(Fraction(size), Fraction(radius))
        assert off(value, exact) <= 32 * (1 + scale * size + abs(value)) * 2.0**-53


@pytest.mark.parametrize(
    ("size", "radius"),
    [
        (1.0019668253605108, 0.7091312820362606),
        (1.0015153475061353, 0.7150121645016216),
        (0.5056622810319013, 0.5446179678295983),
    ],
)
def test_error_bound_where_scipy_loses_two_digits(size: float, radius: float) -> None:
    for fast, certain, scale in PAIRS:
        value = float(fast(size, radius))
        exact = certain(Fraction(size), Fraction(radius))
        assert off(value, exact) <= 32 * (1 + scale * size + abs(value)) * 2.0**-53


@pytest.mark.parametrize("size", [3 * 10**6, 10**10, 10**12])
@pytest.mark.parametrize("share", [0.1, 0.89, 0.91, 0.94, 2.0])
def test_error_bound_for_large_dimensions(size: int, share: float) -> None:
    radius = math.sqrt(size / 2 * share)
    value = float(log_ball_integral(size, radius))
    assert off(value, certified_log_ball_integral(size, Fraction(radius))) <= 32 * (1 + size + abs(value)) * 2.0**-53


def test_large_dimensions_agree_with_scipy_near_the_middle() -> None:
    for half in (1.1e6, 1e8, 5e11):
        x = half + np.linspace(-4, 4, 41) * np.sqrt(half)
        mass = np.log(special.gammainc(half, x))
        assert np.allclose(log_gamma_mass(np.full_like(x, half), x), mass, rtol=1e-11)
    assert float(log_gamma_mass(np.array(1e7), np.array(np.inf))) == 0


def test_coefficients_of_the_uniform_expansion_solve_its_equation() -> None:
    """With mu = eta / (1 + eta C_0(eta)) the definition eta^2/2 = mu - log(1 + mu) holds as far as C_0 is known."""
    known, size = [Fraction(c).limit_denominator(10**6) for c in _C0], len(_C0) + 3
    mu = [Fraction(0), Fraction(1)]  # coefficients of the powers of eta
    for k in range(2, size):
        mu.append(-sum(c * m for c, m in zip(known, reversed(mu[:k]), strict=False)))
    power, half_square = mu, [Fraction(0)] * size
    for k in range(2, size):
        power = [sum(power[i] * mu[j - i] for i in range(j + 1)) for j in range(size)]
        half_square = [h + Fraction((-1) ** k, k) * p for h, p in zip(half_square, power, strict=True)]
    assert half_square == [Fraction(1, 2) if k == 2 else 0 for k in range(size)]


def test_coefficients_of_stirlings_series_are_bernoulli_numbers() -> None:
    exact = [sp.bernoulli(2 * k) / (2 * k * (2 * k - 1)) for k in range(1, len(_STIRLING) + 1)]
    assert list(_STIRLING) == pytest.approx([float(c) for c in exact], rel=1e-15)
    with pytest.raises(ValueError, match="a=0"):
        stirling_remainder(0)
    for half in (1e-3, 0.5, 3.0, 11.999, 12.0, 12.001, 100.0):
        with mpmath.workdps(40):
            b = mpmath.mpf(half)
            exact = mpmath.loggamma(b + 1) - (b * mpmath.log(b) - b + mpmath.log(2 * mpmath.pi * b) / 2)
        assert float(stirling_remainder(half)) == pytest.approx(float(exact), abs=2e-14 if half < 12 else 1e-16)


@pytest.mark.parametrize("fast", [log_ball_integral, log_ball_volume, printed_log_ball_integral])
def test_extreme_radii(fast) -> None:
    sizes = np.array([1, 2, 1024, 10**6])
    assert (fast(sizes, 0.0) == -np.inf).all()
    assert np.isfinite(fast(sizes, 5e-324)).all()
    assert np.isfinite(fast(sizes, 1e200)).all()


def test_whole_space() -> None:
    sizes = np.array([1, 2, 3, 1024, 10**6])
    whole = sizes / 2 * math.log(math.pi)
    for radius in (np.inf, 1e200, 1e5):
        assert np.allclose(log_ball_integral(sizes, radius), whole, rtol=1e-15)
    assert (log_ball_volume(sizes, np.inf) == np.inf).all()
    with precision(128):
        ratio = printed_log_ball_integral(sizes, np.inf) - whole
        exact = [enclose(sp.log(2) + sp.loggamma(n) - sp.loggamma(n / 2), {n: int(k)}) for k in sizes]
    assert all(off(value, ball) < 1e-9 * (1 + abs(value)) for value, ball in zip(ratio, exact, strict=True))


@pytest.mark.parametrize("fast", [log_ball_integral, log_ball_volume, printed_log_ball_integral])
@pytest.mark.parametrize(
    ("size", "radius", "named"),
    [
        (0, 1, "n=0"),
        (-1, 1, "n=-1"),
        (math.nan, 1, "n=nan"),
        (math.inf, 1, "n=inf"),
        (1, -1, "r=-1"),
        (1, math.nan, "r=nan"),
    ],
)
def test_bad_input_is_named(fast, size: float, radius: float, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        fast(size, radius)


@pytest.mark.parametrize("certain", [pair[1] for pair in PAIRS])
@pytest.mark.parametrize(("size", "radius", "named"), [(0, 1, "n=0"), (1, 0, "r=0"), (1, Fraction(-1, 2), "r=-1/2")])
def test_bad_exact_input_is_named(certain, size: int, radius: Fraction, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        certain(size, radius)


@pytest.mark.parametrize("value", [None, True, "3", 1j, arb(3), [1, None], [True, False]])
def test_what_is_no_real_number_is_refused_by_name(value) -> None:
    for fast in (log_ball_integral, log_ball_volume, printed_log_ball_integral, log_partition):
        for arguments, named in (((value, 1), "n="), ((1, value), "r=")):
            with pytest.raises(TypeError, match=named):
                fast(*arguments)
    for named in ("d", "beta"):
        with pytest.raises(TypeError, match=f"{named}="):
            log_partition(3, 1, **{named: value})


@pytest.mark.parametrize("value", [None, True, "3", 3.0, np.float64(3), 1j, [3]])
def test_what_is_not_exact_is_refused_by_name(value) -> None:
    for certain in (*(pair[1] for pair in PAIRS), certified_log_partition):
        for arguments, named in (((value, 1), "n="), ((1, value), "r=")):
            with pytest.raises(TypeError, match=named):
                certain(*arguments)
    for named in ("d", "beta"):
        with pytest.raises(TypeError, match=f"{named}="):
            certified_log_partition(3, 1, **{named: value})


def test_other_exact_numbers_are_taken() -> None:
    assert log_ball_integral(Fraction(3), np.float32(2)) == log_ball_integral(3, 2.0)
    same = certified_log_ball_integral(np.int64(3), sp.Rational(1, 2))
    assert str(same) == str(certified_log_ball_integral(3, Fraction(1, 2)))
    for ball in (arb("nan"), arb("inf"), arb(0, 1)):
        with pytest.raises(ValueError, match="r="):
            certified_log_ball_integral(3, ball)
    with pytest.raises(ValueError, match="d holds"):
        log_partition(3, 1.0, 10**400)
    assert float(certified_log_partition(3, 1, 10**400).mid()) == pytest.approx(400 * math.log(10), rel=1e-2)


@pytest.mark.parametrize("certain", [pair[1] for pair in PAIRS])
@pytest.mark.parametrize("size", [1, 1000, arb(10, 9), arb(1000, 1)])
@pytest.mark.parametrize("radius", [Fraction(3), arb(5, 3), arb(1000, 999), arb(3, 1e-9)])
def test_wide_balls_enclose_what_they_hold(certain, size, radius) -> None:
    whole = certain(size, radius)
    assert whole.is_finite()
    with precision(256):
        sizes = [size] if isinstance(size, int) else [size.lower(), size.mid(), size.upper()]
        radii = [radius] if isinstance(radius, Fraction) else [radius.lower(), radius.mid(), radius.upper()]
    assert all(whole.overlaps(certain(first, second)) for first in sizes for second in radii)


def test_log_gamma_of_a_wide_ball_holds_its_least_value() -> None:
    assert log_gamma(arb(2, 1.5)).contains(arb(1.5).lgamma().mid())


def test_log_gamma_of_a_ball_about_its_minimum_holds_the_least_value() -> None:
    with precision(128):
        least = arb("1.46163214496836234126")
        for ball in (arb(1.46, 0.01), arb(1.4616, 0.001)):
            assert log_gamma(ball).contains(least.lgamma().mid())


@pytest.mark.parametrize("half", [1, 2, 5])
@pytest.mark.parametrize("radius", [6, 7])
def test_the_mass_outside_the_ball_is_enclosed(half: int, radius: int) -> None:
    """In 2a dimensions it is exp(-x) sum_{k<a} x^k/k!, here far below the working precision of 8 bits, but not 0."""
    with precision(400):
        x = arb(radius**2)
        outside = (-x).exp() * sum((x**k / math.factorial(k) for k in range(half)), arb(0))
        exact = half * arb.pi().log() + (1 - outside).log()
        ball = certified_log_ball_integral(2 * half, radius, bits=8)
        assert ball.contains(exact)
        assert ball.rad() < 2 * outside


def test_balls_are_as_narrow_as_the_bits_asked_for() -> None:
    """Also where the mass outside the ball, exp(-81), is neither 0 to these bits nor large."""
    balls = (
        certified_log_ball_integral(2, 9),
        certified_log_mean(1, 81),
        certified_log_partition(2, 9, 7, beta=Fraction(1, 3)),
        certified_log_partition_of_radii(2, [9, Fraction(1, 3)]),
    )
    assert all(ball.rel_accuracy_bits() >= 128 for ball in balls)


def test_the_unit_interval() -> None:
    assert UNIT_INTERVAL.contains(0)
    assert UNIT_INTERVAL.contains(1)
    assert UNIT_INTERVAL.rad() < arb(0.5) + arb("1e-8")


def test_cut_series_encloses_its_rest() -> None:
    with precision(400):
        cut, fine = (_certified_series(arb(5), arb(4), bits) for bits in (8, 256))
        assert cut.contains(fine)


def test_wide_radii_give_the_range_of_the_integral() -> None:
    ball = certified_log_ball_integral(3, arb(5, 3))
    low, high = (certified_log_ball_integral(3, end) for end in (2, 8))
    assert float(ball.lower()) == pytest.approx(float(low.mid()), abs=1e-6)
    assert float(ball.upper()) == pytest.approx(float(high.mid()), abs=1e-6)


def test_shapes_broadcast() -> None:
    assert log_ball_integral(np.arange(1, 4)[:, None], np.ones(5)).shape == (3, 5)
    assert printed_log_ball_integral(np.arange(1, 4)[:, None], np.ones(5)).shape == (3, 5)
    assert np.ndim(log_ball_integral(3, 1.0)) == 0


def test_integral_agrees_with_scipy_where_that_is_accurate() -> None:
    size, radius = np.meshgrid(np.arange(1, 101), np.geomspace(0.5, 30, 15))
    with np.errstate(all="ignore"):
        mass = special.gammainc(size / 2, radius**2)
        printed = special.gammainc(size, radius)
    normal = (mass > 1e-200) & (printed > 1e-200)
    whole = size / 2 * math.log(math.pi)
    factor = math.log(2) + whole + special.gammaln(size) - special.gammaln(size / 2)
    assert normal.mean() > 0.9
    assert np.allclose(log_ball_integral(size, radius)[normal], (whole + np.log(mass))[normal], rtol=1e-11, atol=1e-11)
    with np.errstate(divide="ignore"):
        assert np.allclose(
            printed_log_ball_integral(size, radius)[normal], (factor + np.log(printed))[normal], atol=1e-10
        )


@pytest.mark.parametrize(
    ("size", "radius"), [(1, 1.0), (3, 3.0), (7, 0.001), (1024, 7.75), (1024, 40.0), (10**6, 242.0)]
)
def test_integral_agrees_with_mpmath(size: int, radius: float) -> None:
    value = float_accuracy.by_mpmath(size, radius)
    assert off(value, certified_log_ball_integral(size, Fraction(radius))) <= 4e-16 * max(abs(value), 1)
    with mpmath.workdps(40):
        mass = mpmath.log(2) + size / mpmath.mpf(2) * mpmath.log(mpmath.pi) - mpmath.loggamma(size / mpmath.mpf(2))
        printed = float(mass + mpmath.log(mpmath.gammainc(size, 0, radius))) if size < 2000 else None
    if printed is not None:
        assert off(printed, certified_printed_log_ball_integral(size, Fraction(radius))) <= 1e-15 * max(abs(printed), 1)


@pytest.mark.parametrize("size", [1, 2, 5, 16, 41])
@pytest.mark.parametrize("radius", [Fraction(1, 10), Fraction(1), Fraction(7, 2)])
def test_certified_values_contain_the_quadrature(size: int, radius: Fraction) -> None:
    with precision(128):
        scale = acb(to_arb(radius))
        true = acb.integral(lambda w, _: w ** (size - 1) * (-((scale * w) ** 2)).exp(), 0, 1).real
        plain = acb.integral(lambda w, _: w ** (size - 1) * (-scale * w).exp(), 0, 1).real
        area = enclose(closed_forms.AREA * r**n, {n: size, r: radius})
        assert ((area * true).log() - certified_log_ball_integral(size, radius)).contains(0)
        assert ((area * plain).log() - certified_printed_log_ball_integral(size, radius)).contains(0)
        assert not ((area * plain).log() - certified_log_ball_integral(size, radius)).contains(0)


@BUDGET
@given(size=st.integers(1, 5000), radius=st.floats(0.01, 60), beta=st.floats(0.1, 10), count=st.integers(1, 10**9))
def test_partition_function_of_equal_balls(size: int, radius: float, beta: float, count: int) -> None:
    value = float(log_partition(size, radius, count, beta=beta))
    exact = certified_log_partition(size, Fraction(radius), count, beta=Fraction(beta))
    assert off(value, exact) <= 64 * (1 + size + abs(value)) * 2.0**-53
    assert (
        off(float(log_partition(size, radius, count)), certified_log_partition(size, Fraction(radius), count))
        <= 64 * (1 + size * 20) * 2.0**-53
    )


@pytest.mark.parametrize(
    ("size", "radius", "beta"),
    [
        (1, 1e-300, 1e-300),
        (1000, 1e-200, 1e-250),
        (3, 1e150, 1e-300),
        (3, 1e-150, 1e300),
        (10**4, 24.2, 1e-300),
        (10**4, 1e300, 1e300),
        (7, 1.0, 1e-5),
        (10**6, 242.0, 3e-4),
    ],
)
def test_partition_function_at_extreme_temperatures(size: int, radius: float, beta: float) -> None:
    value = float(log_partition(size, radius, beta=beta))
    exact = certified_log_partition(size, Fraction(radius), beta=Fraction(beta))
    assert off(value, exact) <= 32 * (1 + size + abs(value)) * 2.0**-53


def test_partition_function_of_unequal_balls() -> None:
    radii = (Fraction(1, 2), Fraction(2), Fraction(5))
    value = float(logsumexp(log_ball_integral(10, [float(s) for s in radii])))
    assert off(value, certified_log_partition_of_radii(10, radii)) < 1e-13
    assert off(float(log_partition(10, 2.0, 7)), certified_log_partition_of_radii(10, [2] * 7)) < 7e-14
    with pytest.raises(ValueError, match="r=-1"):
        certified_log_partition_of_radii(3, [1, -1])
    with pytest.raises(ValueError, match="radii"):
        certified_log_partition_of_radii(3, [])


def test_paper_radius_has_the_stated_square() -> None:
    assert float(paper_radius(1024)) == pytest.approx(math.sqrt(1024 / (2 * math.pi * math.e)), rel=1e-15)
    with precision(128):
        assert (certified_paper_radius(1024) ** 2 * 2 * arb.pi() * arb(1).exp() - 1024).contains(0)


# The mean, formulas and norms.


def test_mean_is_the_integral_over_u() -> None:
    for order, at in ((1, Fraction(2)), (3, Fraction(1, 2)), (7, Fraction(11))):
        with precision(128):
            integral = acb.integral(lambda w, _, k=order, s=at: k * w ** (k - 1) * (-to_arb(s) * w).exp(), 0, 1).real
        assert (integral - certified_mean(order, at)).contains(0)


def test_formulas_are_enclosed() -> None:
    at = {n: 3, r: Fraction(2)}
    with precision(128):
        assert float(enclose(sp.exp(-r) * sp.gamma(n / 2) + sp.sqrt(r) / sp.log(n) - sp.pi, at).mid()) == pytest.approx(
            math.exp(-2) * math.gamma(1.5) + math.sqrt(2) / math.log(3) - math.pi, rel=1e-15
        )
        gamma = enclose(sp.lowergamma(n / 2, r**2), at)
        assert float(gamma.mid()) == pytest.approx(special.gammainc(1.5, 4) * math.gamma(1.5), rel=1e-14)
        assert enclose((r - n) ** 3, at) == -1
    with pytest.raises(TypeError, match="sin"):
        enclose(sp.sin(r), at)
    with pytest.raises(TypeError, match="a"):
        enclose(a, at)


def test_powers_of_the_named_distances() -> None:
    assert power(PAPER) == 2
    assert [power(NAMED[name]) for name in ("l1", "euclidean", "linf")] == [1, 1, 1]
    assert power(PAPER.scaled(2)) is None
    assert power(Distance("mine", l1)) is None


@pytest.mark.parametrize(("name", "area"), [("l1", 2.0), ("euclidean", math.pi), ("linf", 4.0)])
def test_area_of_unit_balls(name: str, area: float) -> None:
    ball = other_norms.unit_area(NAMED[name])
    assert ball.lower() < area < ball.upper()
    assert float(ball.rad()) < 0.15
    finer = other_norms.unit_area(NAMED[name], 256)
    assert ball.lower() <= finer.lower() < area < finer.upper() <= ball.upper()
    assert other_norms.unit_area(NAMED[name].scaled(2)).contains(area / 4)
    assert other_norms.is_euclidean(NAMED[name]) == (name == "euclidean")


def test_area_needs_a_norm_and_enough_pieces() -> None:
    with pytest.raises(ValueError, match="sqeuclidean"):
        other_norms.unit_area(PAPER)
    with pytest.raises(ArithmeticError, match="pieces=1"):
        other_norms.unit_area(
            Distance("slanted", lambda u, w: abs(u[0] - w[0]) + 9 * abs(u[1] - w[1]), frozenset({"norm"})), 1
        )


# Closed forms, bounds and proofs.


@pytest.mark.parametrize("size", [1, 2, 4])
def test_exact_values_of_both_forms(size: int) -> None:
    exact = float(closed_forms.exact_integral(closed_forms.AREA, 2, size, 2))
    assert float(closed_forms.CORRECT.value(size, 2)) == pytest.approx(exact, rel=1e-14)
    assert float(log_ball_integral(size, 2.0)) == pytest.approx(math.log(exact), rel=1e-13)
    printed = math.exp(printed_log_ball_integral(size, 2.0))
    assert float(closed_forms.PRINTED.value(size, 2)) == pytest.approx(printed, rel=1e-13)


def test_a_form_must_start_at_zero() -> None:
    assert closed_forms.CORRECT.starts_at_zero()
    assert not closed_forms.ClosedForm(closed_forms.AREA, n, r + 1).starts_at_zero()
    assert not closed_forms.ClosedForm(closed_forms.AREA, -n, r).starts_at_zero()


def test_any_norm_contains_both_readings() -> None:
    euclid = closed_forms.ANY_NORM.formula.subs(closed_forms.v, sp.pi ** (n / 2) / sp.gamma(n / 2 + 1))
    for exponent, form in ((2, closed_forms.CORRECT), (1, closed_forms.PRINTED)):
        assert sp.gammasimp(sp.simplify(euclid.subs(closed_forms.p, exponent) / form.formula)) == 1


@BUDGET
@given(size=st.integers(1, 2000), radius=st.fractions(Fraction(1, 1000), 50, max_denominator=1000))
def test_proved_bounds_hold_at_random_points(size: int, radius: Fraction) -> None:
    for pair in (ball_bounds.FIRST_ORDER, ball_bounds.SECOND_ORDER):
        assert ball_bounds.counterexample(pair, 2, [size], [radius]) is None
    assert ball_bounds.counterexample(ball_bounds.PRINTED, 1, [size], [radius]) is None


def test_search_finds_the_failing_lower_bound() -> None:
    assert ball_bounds.worst(ball_bounds.PRINTED_LOWER, count=500) > 1
    assert ball_bounds.worst(ball_bounds.PRINTED_LOWER, largest=2) < 0
    assert str(ball_bounds.counterexample(ball_bounds.PRINTED, 2)).startswith("n=3, r=3")
    assert ball_bounds.counterexample(ball_bounds.PRINTED_LOWER, 2, [1, 2]) is None


COEFFICIENTS = st.fractions(-2, 3, max_denominator=4)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    c=st.sampled_from([sp.Integer(0), x, a * x / (a + 1)]),
    top=COEFFICIENTS,
    bottom=COEFFICIENTS,
    shift=st.integers(1, 3),
    side=st.sampled_from(["lower", "upper"]),
    cut=st.booleans(),
)
def test_no_false_bound_is_proved(c, top: Fraction, bottom: Fraction, shift: int, side: str, cut: bool) -> None:
    ratio = x / (a + shift)
    value = sp.exp(-c) * (1 + sp.Rational(str(top)) * ratio) / (1 + sp.Rational(str(bottom)) * ratio)
    bound = Bound(value, a + 1 - x if cut else ball_bounds.ALWAYS)
    if bound_proofs.bound_proof(bound, side) is None:
        return
    for order in (Fraction(1, 2), Fraction(1), Fraction(3), Fraction(20)):
        for at in (Fraction(1, 100), Fraction(1, 2), Fraction(3, 2), Fraction(2), Fraction(5), Fraction(30)):
            if cut and at >= order + 1:
                continue
            with precision(128):
                slack = enclose(value, {a: order, x: at}) - certified_mean(order, at)
            assert not (slack > 0 if side == "lower" else slack < 0), (value, side, order, at)


@pytest.mark.parametrize(
    ("expr", "where", "result"),
    [
        (x / a, 1, True),
        (-x / a, 1, False),
        ((a - x) ** 2 / a, 1, True),
        (a - x, 1, False),
        (1 / (a + 1 - x), a + 1 - x, True),
        (1 / (a + 1 - x), 1, False),
        ((a + 1 - x) ** 2 + a + 1, 1, True),
        (x**2 - 2 * x * a + a**2 - 1, 1, False),
        (sp.exp(-x), 1, False),
        (-1 / (x - a - 1), a + 1 - x, True),
        (sp.Integer(0), 1, True),
    ],
)
def test_evident_signs(expr: sp.Expr, where: sp.Expr | int, result: bool) -> None:
    assert bound_proofs.evident(expr, sp.sympify(where)) is result


def test_poles_spoil_a_proof() -> None:
    squared = sp.exp(-x) / (1 - x / (a + 1)) ** 2
    assert bound_proofs.bound_proof(Bound(squared), "upper") is None
    geometric = ball_bounds.FIRST_ORDER.upper[2].at(2)
    assert bound_proofs.bound_proof(geometric, "upper")
    assert bound_proofs.bound_proof(Bound(geometric.value), "upper") is None
    assert bound_proofs.bound_proof(Bound(geometric.value, x - a), "upper") is None
    assert bound_proofs.bound_proof(Bound(sp.gamma(a + 1) * x**-a / 2), "upper") is None
    jump = sp.exp(-x / (1 - x))  # falls to 0 at x = 1 and comes back from infinity
    assert bound_proofs.bound_proof(Bound(jump), "lower") is None
    of_twice_x = sp.exp(-2 * x) / (1 - 2 * x / (a + 1))  # T >= 1, but q = -x; less than M at a = 1, x = 1/2
    assert bound_proofs.bound_proof(Bound(of_twice_x, a + 1 - 2 * x), "upper") is None


@pytest.mark.parametrize("terms", range(8))
def test_series_bounds_close_in(terms: int) -> None:
    where = {a: Fraction(5), x: Fraction(4)}
    low, high = (enclose(side, where) for side in mean_weight_series.SERIES.bounds(terms))
    mean = certified_mean(5, 4)
    assert low < mean < high
    assert float((high - low).mid()) < 3 * 0.7**terms


def test_windows_have_the_certified_ends() -> None:
    low, high = ball_bounds.window(4, 4)
    assert ball_bounds.fails(4, Fraction(2))
    for inside, outside in ((low + 2e-4, low), (high - 2e-4, high)):
        assert ball_bounds.fails(4, Fraction(inside).limit_denominator(10**6))
        assert not ball_bounds.fails(4, Fraction(outside).limit_denominator(10**6))
    with pytest.raises(ValueError, match="dimension=2"):
        ball_bounds.window(2)
    assert float(lower_bound_fails.exact_slack(4, 2)) == pytest.approx(0.5 - 4 / math.e**2 - 2.5 / math.e**4, rel=1e-14)


@pytest.mark.parametrize(("size", "at"), [(2, 2), (2, 5), (3, 1), (3, 3), (3, 4)])
def test_slacks_by_slices_are_the_exact_ones(size: int, at: int) -> None:
    assert lower_bound_fails.sliced_slack(size, at).overlaps(lower_bound_fails.certified_slack(size, at))


def test_steps_of_the_proofs_can_fail() -> None:
    assert printed_against_true.shape_proved(sp.Rational(1, 2))
    assert not printed_against_true.shape_proved(sp.Rational(1, 3))
    assert mean_weight_series.falls()
    for wrong in (mean_weight_series.u**a, mean_weight_series.u ** (-1 / a)):
        assert not mean_weight_series.falls(sp.exp(-x * wrong))
    assert closed_forms.area_residual(2 * closed_forms.AREA) == 1


def test_crossing_is_where_the_ratio_is_one() -> None:
    for size in (1, 2, 50):
        at = printed_against_true.crossing(size, 5)
        assert printed_against_true.above_one(size, Fraction(at) + Fraction(1, 10**4))
        assert printed_against_true.above_one(size, Fraction(at) - Fraction(1, 10**4)) is False


def test_bounds_can_be_joined_and_rewritten() -> None:
    joined = ball_bounds.PRINTED_LOWER | ball_bounds.VOLUME
    assert joined == ball_bounds.PRINTED
    assert ball_bounds.in_distance(joined, 2).lower[0].value == sp.exp(-(r**2))
    assert isinstance(joined, Bounds)


# Another distance in place of the squared one.

OTHERS = {
    "EQ12-a": "RPR",
    "EQ12-b": "PPP",
    "EQ12-FIX": "RRR",
    "SAND-LOW": "PPP",
    "SAND-UP": "PPP",
    "SAND-FIX": "RRR",
    "X-SAND-SHARP": "RRR",
    "X-SAND-WHEN": "RRR",
    "X-BALL-NORM": "PPP",
    "X-BALL-ANY": "PPP",
    "X-BALL-DEC": "PPP",
}
"""Verdicts under l1, the Euclidean norm and linf: proved or refuted."""


def cubic(u, w):
    return sum(abs(first - second) ** 3 for first, second in zip(u, w, strict=True))


@pytest.mark.parametrize("name", OTHERS)
def test_verdicts_under_other_distances(name: str) -> None:
    words = {"P": "proved", "R": "refuted"}
    for metric, letter in zip(("l1", "euclidean", "linf"), OTHERS[name], strict=True):
        assert claims[name].check(distance=metric).verdict == words[letter], metric
        if metric != "euclidean":
            assert claims[name].check(distance=NAMED[metric].scaled(2)).verdict == words[letter], metric
    assert claims[name].check(distance=cubic).verdict == "undecided"
    granted = claims[name].check(distance=Distance("cubic", cubic, frozenset({"nonnegative", "continuous"}))).verdict
    assert granted == ("proved" if name == "X-BALL-ANY" else "undecided")


# What the page prints and draws.


def test_verdicts_on_float_formulas() -> None:
    assert float_accuracy.verdict(float_accuracy.sum_of_logs, 1000, float(paper_radius(1000))) == "ok"
    assert float_accuracy.verdict(float_accuracy.sum_of_logs, 2000, float(paper_radius(2000))) == "-inf"
    assert float_accuracy.verdict(float_accuracy.product, 2000, float(paper_radius(2000))) == "nan"
    assert float_accuracy.verdict(float_accuracy.positive_series, 1, 40.0) == "inf"
    assert float_accuracy.verdict(lambda size, at: float_accuracy.ours(size, at) + 3e-5, 10, 1.0) == "1e-5"


@pytest.mark.parametrize("size", [1, 30, 1024, 10**5])
def test_drawn_orders_of_magnitude_are_the_certified_ones(size: int) -> None:
    drawn = float(ball_integral.orders(np.float64(size), paper_radius(size)))
    assert drawn == pytest.approx(printed_against_true.orders_of_magnitude(size), rel=1e-8, abs=1e-12)
    assert float(ball_integral.law(np.float64(size))) == pytest.approx(drawn, abs=0.1)


def test_figures_are_drawn() -> None:
    points = ball_integral.growth(1e4).figure.axes[0].lines[1]
    assert points.get_ydata()[-1] == pytest.approx(printed_against_true.orders_of_magnitude(10**4), rel=1e-8)
    assert "positive only for n = 2." in ball_integral.lower_bound((2, 3, 4, 10), (3, 10)).alt
    page = ball_integral.explore((1, 10), 11)
    assert page.steps == ("1", "10")
    curves = {curve.name: np.asarray(curve.y) for curve in page.frames[""]["10"].curves}
    integral, printed, lower, upper = (curves[name] for name, *_ in (ball_integral.LOOKS[k] for k in (0, 1, 3, 4)))
    assert printed[0] < integral[0]
    assert printed[-1] > integral[-1]
    factor = 10 ** printed_against_true.orders_of_magnitude(10)
    assert f"the printed form is {factor:.3g} times the integral" in page.frames[""]["10"].says
    assert (lower <= integral + 1e-6).all()
    assert (integral <= upper + 1e-6).all()
