"""Volumes, Stirling's formula and sums over balls against independent routes: mpmath, quadrature, brute force."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from assocmem.claims.partition.volumes import sums
from assocmem.figures.partition import volumes as volumes_figure
from assocmem.theory.exact.ball_integrals import log_ball_integral, log_ball_volume, log_partition, paper_radius
from assocmem.theory.exact.certified import to_arb
from assocmem.theory.exact.distances import NAMED, Distance
from assocmem.theory.partition import asymptotics, bounds, stirling, unequal_radii, volumes
from assocmem.theory.partition.stirling import HIGH, LOW, Remainder, z
from assocmem.theory.partition.unequal_radii import Balls

QUICK = settings(max_examples=15, deadline=None)
positive = st.fractions(min_value=Fraction(1, 1000), max_value=5000, max_denominator=1000)


def peer_mu(point: complex) -> complex:
    """mu(z) by mpmath."""
    with mpmath.workdps(40):
        w = mpmath.mpmathify(point)
        return complex(mpmath.loggamma(w) - (w - 0.5) * mpmath.log(w) + w - mpmath.log(2 * mpmath.pi) / 2)


# Stirling's formula.


@QUICK
@given(positive)
def test_robbins_bounds_hold_on_the_whole_axis(x: Fraction) -> None:
    assert to_arb(stirling.at(LOW, x)) < stirling.mu(x) < to_arb(stirling.at(HIGH, x))
    assert float(stirling.mu(x).mid()) == pytest.approx(peer_mu(float(x)).real, rel=1e-9)


@QUICK
@given(st.fractions(-60, 60, max_denominator=50), st.fractions(Fraction(1, 50), 60, max_denominator=50))
def test_bound_off_the_axis_holds_and_mu_agrees_with_mpmath(re: Fraction, im: Fraction) -> None:
    assert stirling.sector_excess(Remainder(), re, im) < 0
    ball = stirling.complex_mu(re, im)
    assert complex(ball.real.mid(), ball.imag.mid()) == pytest.approx(peer_mu(complex(re, im)), abs=1e-9)


@pytest.mark.parametrize(("re", "im"), [("4", "-3"), ("-4", "1/5"), ("0", "2")])
def test_excess_off_the_axis_is_over_the_smaller_stated_bound(re: str, im: str) -> None:
    point = complex(float(Fraction(re)), float(Fraction(im)))
    angle = abs(np.angle(point))
    stieltjes = 1 / (12 * abs(point) * math.cos(angle / 2) ** 2)
    expected = abs(peer_mu(point)) - min(stieltjes, angle / (8 * abs(point.imag)))
    assert float(stirling.sector_excess(Remainder(), Fraction(re), Fraction(im)).mid()) == pytest.approx(expected)


def test_mu_is_the_sum_of_its_steps() -> None:
    step = sp.lambdify(z, stirling.STEP, "mpmath")
    with mpmath.workdps(30):
        for x in (0.5, 3.0):
            tail = 1 / (12 * (x + 2000))
            total = sum(step(mpmath.mpf(x) + k) for k in range(2000)) + tail
            assert float(total) == pytest.approx(peer_mu(x).real, abs=1e-10)


def test_second_differences_decide_only_true_bounds() -> None:
    assert stirling.side(LOW, Fraction(1, 2)) == stirling.side(stirling.CUBIC) == 1
    assert stirling.side(HIGH) == stirling.side(1 / (11 * z)) == -1
    for wrong in (1 / (12 * z) + 1, z, sp.exp(-z) + 1):
        assert stirling.side(wrong) is None
    assert stirling.side(1 / (13 * z)) != -1
    assert stirling.side(1 / (12 * z - 1), Fraction(1)) == -1


def test_remainder_falls_as_the_link_below_one_half_needs() -> None:
    slope = sp.diff(stirling.STEP, z, 2)
    assert sp.simplify(slope - 1 / (2 * z**2 * (z + 1) ** 2)) == 0
    assert stirling.side(sp.Integer(0)) == 1


def test_the_link_below_one_half_fails_for_a_bound_that_is_too_large() -> None:
    assert stirling.holds_near_zero(LOW)
    assert not stirling.holds_near_zero(1 / (11 * z + 1))
    assert not stirling.holds_near_zero(HIGH)


@pytest.mark.parametrize(("re", "im"), [("-21/2", "0"), ("-3", "1/10"), ("4", "-7"), ("-50", "3"), ("1/2", "0")])
def test_printed_ratio_agrees_with_mpmath(re: str, im: str) -> None:
    x, y = Fraction(re), Fraction(im)
    point = mpmath.mpc(float(x), float(y))
    with mpmath.workdps(30):
        log_z = mpmath.log(point)
        right = mpmath.exp(mpmath.log(2 * mpmath.pi) / 2 + (point - 0.5) * log_z - point)
        peer = complex(mpmath.gamma(point) / right)
    ball = stirling.printed_ratio(x, y)
    assert complex(ball.real.mid(), ball.imag.mid()) == pytest.approx(peer, rel=1e-9)


def test_ratio_on_the_negative_axis_is_the_reflected_one() -> None:
    x = Fraction(403, 10)
    expected = complex(stirling.reflected_ratio().subs(z, sp.Rational(403, 10)).evalf()) * math.exp(-peer_mu(40.3).real)
    ball = stirling.printed_ratio(-x)
    assert complex(ball.real.mid(), ball.imag.mid()) == pytest.approx(expected, rel=1e-9)


# Volumes.


def test_unit_balls_rise_to_five_and_fall_from_there() -> None:
    known = {1: 2.0, 2: math.pi}
    for n in range(3, 60):
        known[n] = known[n - 2] * 2 * math.pi / n
    assert max(known, key=lambda n: known[n]) == volumes.PEAK
    assert [volumes.falls_from(n) for n in range(1, 9)] == [False] * 4 + [True] * 4
    assert [volumes.rises_up_to(n) for n in range(1, 9)] == [True] * 5 + [False] * 3
    for n, value in known.items():
        assert float(log_ball_volume(n, 1.0)) == pytest.approx(math.log(value), abs=1e-12)


def test_real_peak_brackets_the_root_of_the_digamma_equation() -> None:
    low, high = volumes.real_peak(6)
    peer = float(mpmath.findroot(lambda n: mpmath.digamma(n / 2 + 1) - mpmath.log(mpmath.pi), 5.2))
    assert low < peer < high
    assert high - low == Fraction(1, 10**6)


def test_wrong_volumes_leave_a_residual() -> None:
    assert volumes.volume_residual(volumes.VOLUME) == 0
    assert volumes.volume_residual(2 * volumes.VOLUME) == 1
    assert not volumes.homogeneous(volumes.VOLUME + 1)


@pytest.mark.parametrize("n", [1, 2, 7, 100, 1024, 10**6])
def test_unit_radius_has_volume_one_and_float_agrees_with_certified(n: int) -> None:
    ball = volumes.certified_unit_volume_radius(n)
    assert float(volumes.unit_volume_radius(n)) == pytest.approx(float(ball.mid()), rel=1e-14)
    assert float(log_ball_volume(n, float(ball.mid()))) == pytest.approx(0, abs=1e-8)
    assert volumes.radius_expansion(n) < ball


def test_radii_of_order_one() -> None:
    assert volumes.log_volume_limit(Fraction(1)) == volumes.relative_width(Fraction(1)) == volumes.SHIFT
    assert volumes.log_volume_limit(Fraction(1, 2)) == volumes.relative_width(Fraction(2)) == sp.oo
    assert volumes.log_volume_limit(Fraction(2)) == volumes.relative_width(Fraction(1, 2)) == 0
    printed = volumes.at_paper_radius().subs(volumes.n, 100)
    assert float(printed) == pytest.approx(math.exp(log_ball_volume(100, paper_radius(100))), rel=1 / 500)


def test_versions_of_the_middle_member() -> None:
    assert volumes.middle_over_last("submission") == 1
    later = sp.lambdify(volumes.n, volumes.MIDDLE["later"] / volumes.STIRLING)
    assert later(20.0) == pytest.approx(2.0**-10)


# Balls of unequal radii.


@st.composite
def intervals(draw_: st.DrawFn) -> Balls:
    """Disjoint intervals on the line, in order, each with its pattern in the middle."""
    place, places, radii = Fraction(0), [], []
    for _ in range(draw_(st.integers(2, 4))):
        radius = draw_(st.fractions(Fraction(1, 20), 4, max_denominator=20))
        place += radius + draw_(st.fractions(0, 1, max_denominator=10))
        places.append(place)
        radii.append(radius)
        place += radius
    return Balls.on_line(places, radii)


@QUICK
@given(intervals())
def test_sum_over_own_balls_is_below_the_integral_and_within_the_bound(balls: Balls) -> None:
    assert balls.disjoint()
    whole, own = balls.line_partition(), balls.own_sum()
    if all(balls.own_is_nearest()):
        assert (whole - own).contains(0)
    else:
        assert own < whole
        assert whole - own < balls.excess_bound()


@QUICK
@given(intervals())
def test_closed_form_on_the_line_agrees_with_quadrature(balls: Balls) -> None:
    places = np.array([float(row[0]) for row in balls.patterns])
    middles = (places[1:] + places[:-1]) / 2
    total = 0.0
    for place, radius in zip(places, map(float, balls.radii), strict=True):
        inner = [m for m in middles if place - radius < m < place + radius] or None
        total += quad(
            lambda x: math.exp(-float(((x - places) ** 2).min())), place - radius, place + radius, points=inner
        )[0]
    assert float(balls.line_partition().mid()) == pytest.approx(total, rel=1e-7)


@pytest.mark.parametrize(
    ("first", "second", "equal"), [("3/2", "3/2", True), ("2", "1/2", False), ("5/2", "1/4", False)]
)
def test_discs_in_the_plane(first: str, second: str, equal: bool) -> None:
    balls = Balls(((Fraction(0), Fraction(0)), (Fraction(3), Fraction(0))), (Fraction(first), Fraction(second)))
    nodes, weights = np.polynomial.legendre.leggauss(200)
    angle = np.arange(720) * 2 * math.pi / 720
    whole = 0.0
    for (px, py), radius in zip(((0.0, 0.0), (3.0, 0.0)), map(float, balls.radii), strict=True):
        r = (nodes + 1) * radius / 2
        x, y = px + r[:, None] * np.cos(angle), py + r[:, None] * np.sin(angle)
        values = np.exp(-np.minimum(x**2 + y**2, (x - 3) ** 2 + y**2)).mean(1) * 2 * math.pi
        whole += float((weights * r * values).sum() * radius / 2)
    own = float(balls.own_sum().mid())
    assert (abs(whole - own) < 1e-6) == equal == all(balls.own_is_nearest())
    assert own - 1e-6 < whole < own + float(balls.excess_bound().mid()) + 1e-6


def test_excess_bound_is_the_stated_one() -> None:
    shell = math.exp(-1) * 2 - math.sqrt(math.pi) * (math.erf(3) - math.erf(2))
    bound = Balls.on_line([0, 4], [3, Fraction(1, 2)]).excess_bound()
    assert float(bound.mid()) == pytest.approx(shell, rel=1e-12)
    shell = math.exp(-9 / 4) - math.sqrt(math.pi) * (math.erf(2.5) - math.erf(2))
    assert float(Balls.on_line([0, 4], [Fraction(5, 2), 1]).excess_bound().mid()) == pytest.approx(shell, rel=1e-12)
    large = Balls.on_line([-10, 0, 10], [Fraction(1, 100), Fraction(99, 10), Fraction(1, 100)])
    rest = 3 * math.sqrt(math.pi) - float(large.own_sum().mid())
    assert float(large.excess_bound().mid()) == pytest.approx(rest, rel=1e-12)


@QUICK
@given(intervals())
def test_excess_and_its_bound_by_quadrature_are_the_closed_forms(balls: Balls) -> None:
    excess = sum((balls.excess_on_line(i) for i in range(len(balls.radii))), arb(0))
    assert excess.overlaps(balls.line_partition() - balls.own_sum())
    assert balls.bound_on_line().overlaps(balls.excess_bound())
    assert float(excess.rad()) < 1e-12


def test_balls_of_the_printed_energy_have_another_mass() -> None:
    total, other = (float(ball.mid()) for ball in unequal_radii.masses_of_one(Fraction(1, 2)))
    assert total == pytest.approx(quad(lambda x: math.exp(-x * x), -0.5, 0.5)[0])
    assert other == pytest.approx(quad(lambda x: math.exp(-math.exp(-x * x) / total), -0.5, 0.5)[0])


def test_half_is_the_share_up_to_which_the_own_pattern_is_nearest() -> None:
    half = sp.Rational(1, 2)
    assert unequal_radii.own_is_nearest_within(half)
    assert unequal_radii.other_is_nearer_beyond(half)
    assert not unequal_radii.own_is_nearest_within(half + sp.Rational(1, 100))
    assert not unequal_radii.other_is_nearer_beyond(half - sp.Rational(1, 100))
    assert [unequal_radii.largest_share(sp.Integer(k)) for k in (1, 2)] == [half, sp.Rational(2, 3)]


@pytest.mark.parametrize("neighbors", [1, 2])
def test_limit_ratio_is_approached(neighbors: int) -> None:
    ends = [-1, 1][:neighbors]
    balls = Balls.on_line([0, *[40 * s for s in ends]], [Fraction(399, 10), *[Fraction(1, 10**4)] * neighbors])
    ratio = float((balls.line_partition() / balls.own_sum()).mid())
    assert ratio == pytest.approx(1 + neighbors / 2, abs=0.15)
    assert unequal_radii.limit_ratio(neighbors) == 1 + sp.Rational(neighbors, 2)


def test_faulty_balls_are_refused() -> None:
    with pytest.raises(ValueError, match="radii"):
        Balls.on_line([0, 1], [1])
    with pytest.raises(ValueError, match="positive"):
        Balls.on_line([0, 1], [1, 0])
    with pytest.raises(ValueError, match="same dimension"):
        Balls(((Fraction(0),), (Fraction(0), Fraction(1))), (Fraction(1), Fraction(1)))
    with pytest.raises(ValueError, match="meet"):
        Balls.on_line([0, 1], [1, 1]).line_partition()
    with pytest.raises(ValueError, match="single"):
        Balls.on_line([0], [1]).squared_gaps()
    with pytest.raises(ValueError, match="line"):
        Balls(((Fraction(0), Fraction(1)),), (Fraction(1),)).line_partition()


@pytest.mark.parametrize("metric", ["l1", "euclidean", "linf"])
def test_sums_over_balls_of_a_norm_are_judged_like_the_papers(metric: str) -> None:
    norm = NAMED[metric]
    assert sums.nearer_stranger({"radii": (Fraction(3), Fraction(1, 2))}, norm).outcome == "fails"
    assert sums.nearer_stranger({"radii": (Fraction(2), Fraction(2))}, norm).outcome == "survived"
    assert sums.half_the_distance(sums.OwnBalls(), norm).outcome == "holds"
    assert sums.around_the_share(sums.OwnBalls(), norm).outcome == "survived"
    assert sums.around_the_share(sums.OwnBalls(Fraction(3, 5)), norm).outcome == "fails"
    assert sums.around_the_share(sums.OwnBalls(Fraction(2, 5)), norm).outcome == "fails"


def test_a_distance_without_properties_settles_nothing_about_sums() -> None:
    bare = Distance("bare", NAMED["l1"].function)
    findings = [
        sums.nearer_stranger({"radii": (Fraction(3), Fraction(1, 2))}, bare),
        sums.strangers_ball({"layers": 2}, bare),
        sums.half_the_distance(sums.OwnBalls(), bare),
        sums.around_the_share(sums.OwnBalls(), bare),
    ]
    assert {finding.outcome for finding in findings} == {"undecided"}


# Equation (14) and the law of log Z.


def test_printed_lower_bound_is_true_exactly_up_to_twenty() -> None:
    size = np.arange(1, 3001, dtype=float)
    radius = paper_radius(size)
    true = log_ball_integral(size, radius) - log_ball_volume(size, radius) >= -radius
    assert true.sum() == bounds.LAST_TRUE == np.flatnonzero(~true)[0]
    assert [bounds.true_up_to(last) for last in (19, 20, 21, 50)] == [20, 0, 21, 21]
    assert bounds.true_up_to(20, checked=21) is None  # from there the series is not yet enough


def test_printed_lower_bound_at_1024() -> None:
    violated = bounds.violation(bounds.PRINTED, (1024,))
    assert violated is not None
    assert violated[:2] == ("lower", 1024)
    assert math.exp(violated[2]) == pytest.approx(4.182e22, rel=1e-3)


def test_corrected_bounds_are_the_stated_ones() -> None:
    ratio = 1 / (2 * math.pi * math.e)
    for n in (1, 7, 300):
        low, high = (float(bounds.value(side, n).mid()) for side in (bounds.JENSEN, bounds.SERIES))
        assert low == pytest.approx(-ratio * n * n / (n + 2), rel=1e-14)
        assert high == pytest.approx(-ratio * n - math.log(1 - 2 * ratio * n / (n + 2)), rel=1e-14)


def test_corrected_bounds_stay_within_a_hundredth() -> None:
    sizes = np.unique(np.geomspace(1, 10**6, 60).astype(int))
    curves = volumes_figure.bounds_over_z(list(sizes))
    assert (curves["corrected lower bound"] < 1e-9).all()
    assert (curves["corrected upper bound"] > -1e-9).all()
    gap = curves["corrected upper bound"] - curves["corrected lower bound"]
    ratio = 1 / (math.pi * math.e)
    assert gap.max() < -ratio - math.log(1 - ratio) + 1e-8 < 0.01


def test_expressions_beyond_the_language_of_bounds_are_refused() -> None:
    with pytest.raises(TypeError, match="other than sums"):
        bounds.value(sp.sin(bounds.n), 3)


def error_interval(n: int, ratio: float) -> tuple[float, float]:
    """The bounds on e_n for q = ``ratio``, as float64; there is none from below where A >= 1."""
    low, high = (float(part.subs(asymptotics.n, n)) for part in asymptotics.error_parts(sp.Float(ratio)))
    return (low if 2 * ratio / ((1 - ratio) ** 2 * n) < 1 else -math.inf), high


@QUICK
@given(st.integers(1, 10**5), st.floats(0.01, 0.24), st.floats(0.2, 2.0), st.integers(1, 10**6))
def test_law_is_within_its_error_for_any_radius_and_temperature(n: int, share: float, beta: float, d: int) -> None:
    exact = float(log_partition(n, math.sqrt(share * n), d, beta=beta))
    error = exact - float(asymptotics.log_partition_law(n, d, share=share, beta=beta))
    low, high = error_interval(n, 2 * beta * share)
    rounding = 1e-14 * (n + abs(exact) + 1)
    assert low - rounding <= error <= high + rounding


def test_law_at_the_papers_radius_needs_its_error_constant() -> None:
    scaled = [float(asymptotics.law_error(asymptotics.LAW, n).mid()) for n in (1, 10, 100, 10**4, 10**6)]
    assert scaled == sorted(scaled)
    assert scaled[-1] == pytest.approx(asymptotics.limit(), abs=1e-4)
    assert asymptotics.law_violation(asymptotics.Law(error=Fraction(9, 10)), (10**4,)) is not None
    assert not asymptotics.law_follows(asymptotics.Law(error=Fraction(1)))


@pytest.mark.parametrize("size", [2, 4, 12, 100])
def test_error_of_the_law_by_a_finite_sum(size: int) -> None:
    by_sum, known = asymptotics.law_error_by_sum(asymptotics.LAW, size), asymptotics.law_error(asymptotics.LAW, size)
    assert by_sum.overlaps(known)
    assert float(by_sum.rad()) < 1e-12
    wrong = asymptotics.Law(constant=asymptotics.LAW.constant + sp.Rational(1, 10**6))
    assert not asymptotics.law_error_by_sum(wrong, size).overlaps(known)


def test_faulty_arguments_of_the_law_are_refused() -> None:
    with pytest.raises(ValueError, match="below 1"):
        asymptotics.log_partition_law(10, share=0.6)


# Figures.


def test_figures_show_what_the_theory_says() -> None:
    balls = Balls.on_line([0, 4], [3, Fraction(1, 2)])
    x, own, nearest = volumes_figure.integrands(balls)
    inside = ~np.isnan(own)
    assert (nearest[inside] >= own[inside]).all()
    assert x[inside][nearest[inside] > own[inside] + 1e-9].min() == pytest.approx(2, abs=0.01)
    assert "From x = 2.0 to 3.0" in volumes_figure.unequal(balls).alt
    assert "Nowhere" in volumes_figure.unequal(Balls.on_line([0, 4], [2, 2])).alt
    assert "largest at n = 5" in volumes_figure.unit_balls(10).alt
    above, below = volumes_figure.equation_fourteen((1, 20, 30)).figure.axes
    lines = {line.get_label(): line.get_ydata() for line in above.lines}
    assert lines["printed lower bound"][1] < 0 < lines["printed lower bound"][2]
    assert {line.get_label() for line in below.lines} >= {"corrected lower bound", "corrected upper bound"}
    (errors, *_) = volumes_figure.law_error((1, 9)).figure.axes[0].lines
    assert errors.get_ydata()[1] == pytest.approx(float(asymptotics.law_error(asymptotics.LAW, 9).mid()))


def test_explorer_says_what_the_sum_leaves_out_and_refuses_balls_that_meet() -> None:
    states = volumes_figure.radii_explorer([1.0, 3.0]).frames[""]
    assert states["1"].says.endswith("the same.")
    balls = Balls.on_line([0, 4], [3, Fraction(1, 4)])
    whole, own = (float(value.mid()) for value in (balls.line_partition(), balls.own_sum()))
    assert f"{whole:.4f} and the sum over the patterns {own:.4f}" in states["3"].says
    with pytest.raises(ValueError, match="add up"):
        volumes_figure.radii_explorer([1.0, 3.9])


@pytest.mark.parametrize(("place", "apart"), [(2, True), (Fraction(19, 10), False), (3, True)])
def test_balls_that_touch_are_disjoint_and_closer_ones_are_not(place: Fraction, apart: bool) -> None:
    assert unequal_radii.Balls.on_line([0, place], [1, 1]).disjoint() == apart
