"""What Z = 1 forces, against independent routes: quadrature, scipy's root finder, brute-force families, and bounds."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, special

from assocmem.claims.balance.balance import laws as laws_checks
from assocmem.claims.balance.balance import solution as solution_checks
from assocmem.figures.balance import solutions
from assocmem.theory.balance import (
    certified_solution,
    derivations,
    dimension_bounds,
    laws,
    loss,
    size_conversion,
    solution,
)
from assocmem.theory.balance import radius as radius_theory
from assocmem.theory.balance.derivations.writing import tokens
from assocmem.theory.balance.solution import FORMULAS, C, Formula
from assocmem.theory.cross_entropy import one_layer
from assocmem.theory.exact.ball_integrals import log_ball_integral, paper_radius
from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.distances import NAMED
from assocmem.theory.exact.enclose import enclose

FEW = settings(max_examples=30, deadline=None)
formulas = st.sampled_from(FORMULAS)


def direct(n: float, formula: Formula) -> float:
    """log d at Z = 1 from scipy's incomplete gamma functions, without the series of the package."""
    a, r = n / 2, math.sqrt(C * n)
    volume = a * math.log(math.pi) + n * math.log(r) - math.lgamma(a + 1)
    if formula == "exact":
        return -(a * math.log(math.pi) + math.log(special.gammainc(a, r * r)))
    if formula == "printed":
        mass = special.gammaln(n) + math.log(special.gammainc(n, r))
        return -float(math.log(2) + a * math.log(math.pi) + mass - math.lgamma(a))
    return -volume + (r if formula == "lower" else 0.0)


# The solver.


@FEW
@given(st.floats(0.5, 200), formulas)
def test_number_of_patterns_agrees_with_incomplete_gamma_functions(n: float, formula: Formula) -> None:
    assert solution.log_patterns(n, formula) == pytest.approx(direct(n, formula), rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_number_of_patterns_agrees_with_quadrature(n: int) -> None:
    area = 2 * math.pi ** (n / 2) / math.gamma(n / 2)
    radius = float(paper_radius(n))
    exact = integrate.quad(lambda t: area * t ** (n - 1) * math.exp(-t * t), 0, radius)[0]
    printed = integrate.quad(lambda t: area * t ** (n - 1) * math.exp(-t), 0, radius)[0]
    assert solution.log_patterns(n) == pytest.approx(-math.log(exact), rel=1e-10)
    assert solution.log_patterns(n, "printed") == pytest.approx(-math.log(printed), rel=1e-10)


@pytest.mark.parametrize("formula", FORMULAS)
def test_stated_accuracy_from_tiny_to_huge_dimensions(formula: Formula) -> None:
    for power in (-12, -6, -4.9, -3, -1, 0, 3, 9, 15):
        n = 10.0**power
        exact = float(certified_solution.certified_log_patterns(Fraction(n), formula).mid())
        assert solution.log_patterns(n, formula) == pytest.approx(exact, rel=1e-13 if n >= 0.01 else 1e-10, abs=0)


@FEW
@given(st.floats(-8, 16), formulas)
def test_the_two_directions_are_inverse(power: float, formula: Formula) -> None:
    n = 10.0**power
    log_d = solution.solve_balance(n=n, formula=formula)
    assert solution.solve_balance(log_d=log_d, formula=formula) == pytest.approx(n, rel=1e-9)


@pytest.mark.parametrize("formula", FORMULAS)
def test_solutions_agree_with_a_root_finder_and_lie_in_their_certified_ball(formula: Formula) -> None:
    for d in (3, 255645, 10**6):
        n = float(solution.solve_balance(d=d, formula=formula))
        ball = certified_solution.certified_solve_balance(d=d, formula=formula)
        assert abs(n / float(ball.mid()) - 1) < 1e-12
        assert float(ball.rad()) < 1e-15 * n
        if n < 185:
            root = optimize.brentq(lambda size, d=d: direct(size, formula) - math.log(d), 1, 190)
            assert n == pytest.approx(root, rel=1e-9)


def test_table_of_the_page() -> None:
    assert solution.solve_balance(d=[1e2, 1e4, 1e6, 1e12]).round(1).tolist() == [39.4, 109.5, 183.7, 412.8]
    assert solution.solve_balance(d=[1e2, 1e6], formula="printed").round(1).tolist() == [66.0, 1564.7]
    assert solution.solve_balance(d=100, formula="upper") == pytest.approx(1e4 / math.pi - 1 / 3, abs=1e-4)


@pytest.mark.parametrize("formula", FORMULAS)
def test_dimension_rises_with_the_number_of_patterns_from_zero_to_infinity(formula: Formula) -> None:
    n = solution.solve_balance(log_d=np.geomspace(1e-6, 300, 200), formula=formula)
    assert (np.diff(n) > 0).all()
    assert n[0] < 1e-3
    assert solution.solve_balance(log_d=1e5) == pytest.approx(1e5 / C, rel=1e-3)


def test_huge_numbers_of_patterns_do_not_overflow() -> None:
    assert solution.solve_balance(log_d=1e12) == pytest.approx(1e12 / C, rel=1e-9)
    assert solution.log_dimension(1e6, "upper") == pytest.approx(2e6 - math.log(math.pi))
    with pytest.raises(OverflowError, match="log_dimension"):
        solution.solve_balance(log_d=1e6, formula="upper")
    ball = certified_solution.certified_solve_balance(d=10**50, formula="upper")
    with precision(256):
        assert abs(ball * arb.pi() / arb(10) ** 100 - 1) < 1e-30


def test_logarithm_of_the_dimension_goes_on_where_the_dimension_overflows() -> None:
    for formula, far in (("exact", 1e307), ("printed", 1e200), ("lower", 1e200), ("upper", 400.0)):
        logs = solution.log_dimension([10, far], formula)
        leading = {"upper": 2 * far - math.log(math.pi), "exact": math.log(far / C)}
        assert logs[1] == pytest.approx(leading.get(formula, 2 * math.log(far) - math.log(C)), rel=1e-14)
        assert logs[0] == solution.log_dimension(10, formula)
    near = solution.log_dimension([9.99e99, 1.001e100], "printed")
    assert near[1] - near[0] == pytest.approx(2 * math.log(1.001 / 0.999), rel=1e-6)
    for bad in ({"log_d": 1e300, "formula": "printed"}, {"d": 10**400}):
        with pytest.raises(OverflowError, match="log_d"):
            solution.solve_balance(**bad)


def test_numbers_of_patterns_next_to_one_and_beyond_float64_are_certified() -> None:
    tiny = Fraction(1, 10**300)
    ball = certified_solution.certified_solve_balance(log_d=tiny)
    assert float(ball.mid()) == pytest.approx(float(solution.solve_balance(log_d=1e-300)), rel=1e-9)
    assert float(ball.rad()) < 1e-20 * float(ball.mid())
    assert certified_solution.certified_solve_balance(d=1 + tiny).overlaps(ball)
    with precision(64):
        pi_n = certified_solution.certified_solve_balance(d=10**400, formula="upper") * arb.pi()
        assert abs(pi_n / arb(10) ** 800 - 1) < 1e-15
    assert float(certified_solution.certified_solve_balance(n=10**12).mid()) == pytest.approx(
        solution.log_patterns(1e12)
    )


def test_certified_ends_are_below_and_above() -> None:
    ball = certified_solution.certified_solve_balance(log_d=Fraction(20), bits=64)
    low, high = (certified_solution.certified_log_patterns(end) for end in (ball.lower(), ball.upper()))
    assert low < 20 < high
    assert certified_solution.certified_solve_balance(n=100).overlaps(certified_solution.certified_log_patterns(100))


def test_a_wrong_guess_never_yields_a_ball_without_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    right = certified_solution.certified_solve_balance(d=1000)
    monkeypatch.setattr(certified_solution, "_secant", lambda residual, guess: (guess * 1.001).mid())
    wide = certified_solution.certified_solve_balance(d=1000)
    assert wide.contains(right)
    assert 1e-4 < float(wide.rad() / wide.mid()) < 0.1


def test_arguments_that_make_no_sense_are_named() -> None:
    with pytest.raises(TypeError, match="exactly one"):
        solution.solve_balance(n=1, d=2)
    with pytest.raises(TypeError, match="none"):
        certified_solution.certified_solve_balance()
    with pytest.raises(ValueError, match="formula='middle'"):
        solution.solve_balance(n=1, formula="middle")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="n=0"):
        solution.solve_balance(n=[1, 0])
    with pytest.raises(ValueError, match="n=inf"):
        solution.solve_balance(n=[1, math.inf])
    for bad in (1, 0, -3, math.inf, math.nan):
        with pytest.raises(ValueError, match="greater than 1"):
            solution.solve_balance(d=bad)
    with pytest.raises(ValueError, match="greater than 1"):
        certified_solution.certified_solve_balance(d=1)


def test_local_exponent_is_the_slope_of_the_solutions() -> None:
    d = np.array([1e6 / 1.01, 1e6 * 1.01])
    for formula in FORMULAS:
        slope = np.diff(np.log(solution.solve_balance(d=d, formula=formula)))[0] / (2 * math.log(1.01))
        at = solution.solve_balance(d=1e6, formula=formula)
        assert solution.local_exponent(at, formula) == pytest.approx(slope, rel=1e-4)


# The laws.


@FEW
@given(st.floats(0.001, 0.499), st.floats(0.5, 2000))
def test_law_of_every_radius_below_one_over_root_two(square: float, n: float) -> None:
    law = laws.radial_law()
    numbers = [float(part.subs(laws.sigma, square)) for part in (law.rate, law.power, law.offset, law.slack)]
    log_d = -log_ball_integral(n, math.sqrt(square * n))
    eps = float(log_d) - numbers[0] * n - numbers[1] * math.log(math.pi * n) - numbers[2]
    room = 1e-13 * (n + 10)
    assert -room < eps < numbers[3] / n + room


def test_kappa_is_reached_in_the_limit() -> None:
    law = laws.radial_law().at(laws.PAPER)
    with precision(192):
        eps = laws.certified_log_d(Fraction(10**6)) - enclose(law.rate, {}) * 10**6
        eps -= (arb.pi() * 10**6).log() / 2 + enclose(law.offset, {})
    assert float(eps.mid()) * 10**6 == pytest.approx(float(law.slack), abs=2e-6)


def test_explicit_bounds_on_the_dimension_hold_and_their_difference_vanishes() -> None:
    logs = np.array([math.log(100), 6, 10, 30, 100, 1e3, 1e5])
    leading = np.array([float(dimension_bounds.LEADING.subs(laws.ell, value)) for value in logs])
    gap = solution.solve_balance(log_d=logs) - leading
    assert (gap > 0).all()
    assert (np.diff(gap) < 0).all()
    assert 5.7 < gap[0] < 5.92
    assert gap[-1] < 1e-3
    for formula in ("printed", "lower"):
        n = solution.solve_balance(log_d=logs, formula=formula)
        assert (n < logs**2 / C).all()
        assert (n > (logs - np.log(logs) - 2) ** 2 / C).all()


def test_bounds_do_not_follow_from_too_small_a_start() -> None:
    assert dimension_bounds.exact_bounds(50) is None
    assert not dimension_bounds.square_log_steps(10)
    assert not dimension_bounds.upper_end_steps(2)


def test_arguments_at_points_see_a_wrong_bound() -> None:
    wrong = dimension_bounds.Between(("exact",), dimension_bounds.LEADING, dimension_bounds.LEADING + 5, 100)
    assert dimension_bounds.outside(wrong, [Fraction(4606, 1000)]) == ("exact", "log d = 2303/500", "upper")


# Radii and temperatures.


def test_border_of_the_radii_is_where_the_rate_vanishes() -> None:
    root = optimize.brentq(lambda s: s * s - math.log(s * s / C) / 2, 0.2, 0.4)
    assert float(radius_theory.certified_critical().sqrt().mid()) == pytest.approx(root, rel=1e-12)


def test_border_by_newton_s_method_is_lambert_s() -> None:
    root = radius_theory.certified_root_of_rate()
    assert root.overlaps(radius_theory.certified_critical())
    assert float(root.rad()) < 1e-20
    assert radius_theory.square_residual() == 0


def test_number_of_patterns_runs_from_one_to_infinity() -> None:
    law = laws.radial_law().at(laws.PAPER)
    assert laws.ends(law) == (0, sp.oo)
    assert 0 < solution.log_patterns(1e-9) < 1e-7
    assert 0 < float(laws.least_slack(law).mid()) < 1e-6


def test_no_power_of_the_data_is_below_a_power_of_its_logarithm() -> None:
    assert size_conversion.below_every_power(2)
    assert size_conversion.below_every_power(4)


def test_radius_of_unit_integral() -> None:
    for n in (1, 2, 10, 200):
        root = optimize.brentq(lambda r, n=n: log_ball_integral(n, r), 0.1, 30)
        assert float(radius_theory.unit_integral_radius(n)) == pytest.approx(root, abs=2e-6)


def test_numbers_of_the_page_lie_within_the_proved_bounds() -> None:
    for power in (0.5, 1, 2, 7):
        factor, ratio = radius_theory.rounded_numbers(50, power)
        assert math.exp(-power / 300) < ratio < 1
        assert abs(math.log(factor) - (0.5 - 1 / power) * math.log(50 * math.pi) / 50) < 1e-12
    for kappa in (0.1, 3, 40):
        scaled = radius_theory.heated_number(500, kappa) * math.exp(2 * kappa * C)
        assert math.exp(-1 / 1500) < scaled < (1 - 2 * kappa * C / 502) ** -2


# The loss.


def test_jensens_bounds_on_the_printed_loss() -> None:
    for n in (1, 3, 10, 40):
        for d in (1, 2, 100):
            balls = loss.balls(n, d)
            volume, z = (float(b.exp().mid()) for b in (balls.log_volume(), balls.log_z()))
            value = float(loss.loss("printed", n, d).mid())
            assert math.log(volume) + 1 / z - 1 / volume <= value + 1e-12
            assert value <= math.log(volume) + (1 - math.exp(-C * n)) / z + 1e-12


def test_least_printed_loss_of_a_hundred_patterns_is_not_at_one() -> None:
    sizes = range(1, 80)
    values = [float(one_layer.loss("printed", n, float(paper_radius(n)), 100)) for n in sizes]
    assert sizes[int(np.argmin(values))] == 23
    assert math.exp(math.log(100) - float(solution.log_patterns(23))) == pytest.approx(3.4, abs=0.01)
    assert solution.log_patterns(39) < math.log(100) < solution.log_patterns(40)
    assert values[-1] > math.log(100)


@pytest.mark.parametrize("d", [10**4, 10**8, 10**15])
def test_dimension_of_least_printed_loss_follows_its_asymptotic_equation(d: int) -> None:
    # The slope of -log(pi n)/2 + (1-2c) sqrt(pi n) e^(cn)/d vanishes.
    def slope(n: float) -> float:
        return C * n + 1.5 * math.log(n) + math.log(2 * C * math.sqrt(math.pi) * (1 - 2 * C)) - math.log(d)

    root = optimize.brentq(slope, 1, 5000)
    sizes = range(int(root) - 6, int(root) + 7)
    values = [float(one_layer.loss("printed", n, float(paper_radius(n)), d)) for n in sizes]
    assert abs(sizes[int(np.argmin(values))] - root) < 2
    assert loss.optimum_share() == 1 / laws.PAPER


def test_one_pattern_alone_is_outside_the_argument() -> None:
    assert not loss.optimum_steps(replace(laws_checks.OPTIMUM, first=1))


# From n and d to N and D.


@FEW
@given(st.integers(0, 6), st.integers(0, 6), st.integers(-4, 6), st.sampled_from([1, 2, 3, 5, 8]))
def test_exponents_by_brute_force(width: int, context: int, depth: int, twice: int) -> None:
    if width + context == 0:
        return
    family = size_conversion.Family("any", Fraction(width, 2), Fraction(context, 2), Fraction(depth, 2))
    power = Fraction(twice, 2)
    points = []
    for log_t in (1.0, 2.0):
        log_n = log_t * (width + context) / 2
        log_count = log_t * (depth + 2 * width) / 2
        points.append((log_count, log_t * context / 2 + log_n / float(power)))
    slope = (points[1][0] - points[0][0]) / (points[1][1] - points[0][1])
    assert float(family.exponent(sp.Rational(power.numerator, power.denominator))) == pytest.approx(slope, abs=1e-9)


def test_only_one_family_keeps_every_power() -> None:
    invariant = [f.name for f in size_conversion.FAMILIES if size_conversion.keeps_every_power(f)]
    assert invariant == [size_conversion.SHALLOWER.name]
    assert [f.exponent(2) for f in size_conversion.FAMILIES] == [4, 0, 1, 6, 2, 2]


def test_constants_of_the_conversion_at_numbers() -> None:
    symbols = (size_conversion.A, size_conversion.l, size_conversion.kappa, size_conversion.T, size_conversion.w)
    where = dict(zip(symbols, (12, 3, 0.5, 7, 5), strict=True))
    exact = {key: value.subs(where) for key, value in size_conversion.in_tokens(2).items()}
    D = size_conversion.D
    d = 40
    n = 0.5 * d**2
    assert float(exact["width"].subs(D, 7 * d)) == pytest.approx(12 * 3 * (n / 7) ** 2)
    assert float(exact["width and context alike"].subs(D, math.sqrt(n) * d)) == pytest.approx(12 * 3 * n)
    assert float(exact["depth inverse to width"].subs(D, 7 * d)) == pytest.approx(12 * 3 * 5 / 7 * n)


@FEW
@given(st.lists(st.integers(1, 200), min_size=1, max_size=8), st.integers(1, 50))
def test_segments_waste_less_than_one_context_for_each_text(lengths: list[int], context: int) -> None:
    pieces = sum(len(range(0, length, context)) for length in lengths)
    most, least = (int(end.subs(size_conversion.T, context)) for end in size_conversion.gap_bounds())
    assert least * len(lengths) <= pieces * context - sum(lengths) <= most * len(lengths)
    assert (most, least) == (context - 1, 0)


# The ledger and the pictures.


def test_the_distance_itself_has_a_law_and_other_norms_are_left_open() -> None:
    for name, outcomes in (
        ("euclidean", ("fails", "holds if")),
        ("l1", ("undecided",) * 2),
        ("linf", ("undecided",) * 2),
    ):
        quadratic = solution_checks.proportional(solution_checks.LIKE_SQUARE, NAMED[name])
        assert (
            quadratic.outcome,
            solution_checks.needed_for_one(solution_checks.AT_MOST_SQUARE, NAMED[name]).outcome,
        ) == outcomes


def test_printed_form_is_the_integral_for_the_distance_itself() -> None:
    claimed = size_conversion.logarithms(NAMED["euclidean"])
    radius = float(paper_radius(3))
    slices = 4 * math.pi * integrate.quad(lambda t: t * t * math.exp(-t), 0, radius)[0]
    assert claimed == 2
    assert solution.log_patterns(3, "printed") == pytest.approx(-math.log(slices), rel=1e-10)


def test_pictures_hold_the_solutions() -> None:
    figure = solutions.solutions(10, 1e4).figure
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert len(lines) == len(FORMULAS)
    for formula, (_, _, label) in solutions.STYLES.items():
        x, y = (np.asarray(v) for v in lines[label].get_data())
        np.testing.assert_allclose(y[::20], solution.solve_balance(d=x[::20], formula=formula))
    assert len({line.get_linestyle() for line in lines.values()}) == len(FORMULAS)
    chart = solutions.radii((0.2, 0.242), count=9)
    assert chart.steps == ("0.2", "0.242")
    assert chart.start == 1
    at_paper, volume = chart.frames[""]["0.242"].curves
    chosen, paper, same = chart.frames[""]["0.2"].curves
    assert np.array_equal(at_paper.y, paper.y)
    assert np.array_equal(volume.y, same.y)
    np.testing.assert_allclose(paper.y, solution.log_patterns(np.asarray(paper.x)))
    assert np.abs(np.asarray(chosen.y) - np.asarray(paper.y)).max() > 0.5


def test_the_printed_chain_drops_a_factor_that_grows() -> None:
    *held, dropped = derivations.off_by(derivations.printed_chain())
    assert held == [1, 1, 1]
    assert sp.diff(sp.log(dropped), tokens) * tokens == 2
    rows = derivations.chain_table(str).rows
    assert [row[2] for row in rows[:4]] == ["", "none", "none", "none"]
    assert [row[3] for row in rows[1:]] == ["EQ2-ID", "P5-END", "EQ2-D", "EQ2-CONV"]


def test_the_series_of_a_ball_lies_between_its_bounds() -> None:
    c = solution.C
    for n in (1, 2, 10, 1000):
        terms = np.cumprod(2 * c * n / (n + 2 * np.arange(1, 200)))
        series = 1 + terms.sum()
        exact = solution.log_patterns(n, "upper") - solution.log_patterns(n) + c * n
        assert np.log(series) == pytest.approx(exact)
        assert -4 * c / ((1 - 2 * c) ** 2 * n) < np.log((1 - 2 * c) * series) < 0


@pytest.mark.parametrize(
    ("readings", "outcome"),
    [(("printed", "A", "B"), "ill-defined"), (("printed",), "holds if"), (("A", "B"), "fails"), (("B",), "fails")],
)
def test_the_best_size_depends_on_the_energy(readings: tuple[str, ...], outcome: str) -> None:
    assert solution_checks.least_loss(solution_checks.Balance(readings)).outcome == outcome
