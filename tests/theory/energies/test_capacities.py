"""Storage capacities against independent routes: exhaustive enumeration, scipy, linear programs and simulation."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.special import betainc, factorial2, logsumexp
from scipy.stats import binom, norm

from assocmem.theory.energies import sign_capacity, sphere_capacity
from assocmem.theory.energies.sign_capacity import CoverBound, Signs, d, n, r, z
from assocmem.theory.exact.certified import precision

SMALL = settings(max_examples=25, deadline=None)


def pattern_sets(size: int, count: int) -> list[Signs]:
    """Every choice of ``count`` patterns in {-1,1}^size."""
    return [np.array(rows) for rows in product(sign_capacity.states(size), repeat=count)]


@st.composite
def patterns_of_signs(draw: Callable[..., int]) -> Signs:
    size, count, seed = draw(st.integers(1, 5)), draw(st.integers(1, 6)), draw(st.integers(0, 10**6))
    return sign_capacity.random_patterns(np.random.default_rng(seed), count, size)


def hopfield_energy(x: Signs, weights: np.ndarray, bias: np.ndarray | int = 0) -> float:
    """-x'Wx/2 - b'x (Table 1, row 1)."""
    return float(-(x @ weights @ x) / 2 - np.sum(bias * x))


def normal_radius(size: int, patterns: int, law: sign_capacity.FlipLaw, constant: float = 0.4748) -> float:
    """How far the bit error can lie from that of the normal law, by Berry and Esseen."""
    return constant * math.sqrt(float(law.kurtosis.subs(n, size)) / (patterns - 1))


def cap_bound(size: int, cos: float) -> float:
    """(1-t^2)^((n-1)/2)/2, at least P(u . v >= t) for independent uniform unit vectors and t >= 0."""
    return float((1 - cos**2) ** ((size - 1) / 2) / 2)


# Energies.


@SMALL
@given(patterns_of_signs())
def test_quadratic_power_is_twice_hopfields_energy_up_to_a_constant(patterns: Signs) -> None:
    count, size = patterns.shape
    for x in sign_capacity.states(size):
        with_diagonal = hopfield_energy(x, sign_capacity.hebb(patterns))
        without = hopfield_energy(x, sign_capacity.hebb(patterns, diagonal=False))
        assert sign_capacity.krotov_energy(x, patterns, 2) == 2 * with_diagonal == 2 * without - size * count


@SMALL
@given(patterns_of_signs(), st.integers(1, 5))
def test_flip_gains_are_energy_differences(patterns: Signs, power: int) -> None:
    gains = sign_capacity.flip_gains(patterns, power, row=len(patterns) - 1)
    x = patterns[-1]
    for k in range(len(x)):
        flipped = x.copy()
        flipped[k] *= -1
        before, after = (sign_capacity.krotov_energy(y, patterns, power) for y in (x, flipped))
        assert gains[k] == after - before
    assert sign_capacity.is_stored(lambda y: sign_capacity.krotov_energy(y, patterns, power), x) == bool(
        (gains > 0).all()
    )


def test_flip_gains_refuse_to_overflow() -> None:
    with pytest.raises(OverflowError, match="power=12"):
        sign_capacity.flip_gains(np.ones((100, 60), dtype=np.int64), 12)


@SMALL
@given(patterns_of_signs())
def test_logarithm_of_demircigils_energy_keeps_order_and_stored_patterns(patterns: Signs) -> None:
    every = sign_capacity.states(patterns.shape[1])
    printed = [sign_capacity.lse_energy(x, patterns) for x in every]
    original = [sign_capacity.exponential_energy(x, patterns) for x in every]
    np.testing.assert_allclose(printed, [-math.log(-e) for e in original], rtol=1e-12)
    for x in patterns:
        stored = [
            sign_capacity.is_stored(lambda y, f=f: f(y, patterns), x)
            for f in (sign_capacity.lse_energy, sign_capacity.exponential_energy)
        ]
        margins = [
            sign_capacity.exponential_energy(y, patterns) - sign_capacity.exponential_energy(x, patterns) for y in every
        ]
        if min((abs(m) for m in margins if m), default=1) > 1e-6:
            assert stored[0] == stored[1]


def test_one_spin_and_one_pattern_tell_the_two_exponential_energies_apart() -> None:
    one = np.ones((1, 1), dtype=np.int64)
    assert sign_capacity.lse_energy(one[0], one) == pytest.approx(-1)
    assert sign_capacity.exponential_energy(one[0], one) == pytest.approx(-math.e)


def test_the_sum_over_n_patterns_loses_a_pattern_that_the_sum_over_d_stores() -> None:
    example = sign_capacity.dropped_example(n)
    assert example is not None
    patterns, lost = example
    assert patterns.shape == (3, 2)
    values = {tuple(x): -int(((patterns[:2] @ x) ** 2).sum()) for x in sign_capacity.states(2)}
    assert set(values.values()) == {-4}  # two orthogonal patterns of two spins: a flat energy, nothing stored
    full = {tuple(x): -int(((patterns @ x) ** 2).sum()) for x in sign_capacity.states(2)}
    assert full[tuple(patterns[lost])] == min(full.values())
    assert sign_capacity.dropped_example(d) is None


def test_hopfields_binary_units_are_the_printed_energy_with_a_bias() -> None:
    rng = np.random.default_rng(3)
    couplings = sign_capacity.hebb(sign_capacity.random_patterns(rng, 4, 5), diagonal=False)
    gaps = set()
    for x in sign_capacity.states(5):
        units = (1 + x) // 2
        gaps.add(round(-(units @ couplings @ units) / 2 - hopfield_energy(x, couplings / 4, couplings.sum(1) / 4), 9))
    assert len(gaps) == 1
    assert sign_capacity.binary_units_shift() == 0


# The law of one bit.


@SMALL
@given(st.integers(1, 12), st.integers(0, 10))
def test_moments_of_a_sum_of_signs(size: int, order: int) -> None:
    exact = sum(Fraction(math.comb(size - 1, j), 2 ** (size - 1)) * (2 * j - size + 1) ** order for j in range(size))
    assert sign_capacity.sign_sum_moment(order).subs(n, size) == exact


@SMALL
@given(st.lists(st.integers(-3, 3), min_size=2, max_size=5), st.integers(1, 4), st.integers(2, 9))
def test_polynomial_law_against_enumeration(lower: list[int], top: int, size: int) -> None:
    coefficients = [*lower, top]
    law = sign_capacity.polynomial_law(sum(c * z**k for k, c in enumerate(coefficients)))

    def value(v: int) -> int:
        return sum(c * v**k for k, c in enumerate(coefficients))

    counts = [(math.comb(size - 1, j), 2 * j - size + 1) for j in range(size)]
    for power, claimed in ((2, law.variance), (4, law.fourth)):
        exact = sum(c * (value(s + 1) - value(s - 1)) ** power for c, s in counts)
        assert claimed.subs(n, size) == Fraction(exact, 2 ** (size - 1))
    assert law.signal.subs(n, size) == value(size) - value(size - 2)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=2, max_size=4), st.integers(1, 4))
def test_any_polynomial_of_order_r_has_the_scale_of_its_leading_power(lower: list[int], top: int) -> None:
    order = len(lower)
    law = sign_capacity.polynomial_law(sum(c * z**k for k, c in enumerate([*lower, top])))
    ratio = sp.cancel(law.signal**2 / law.variance / n ** (order - 1))
    assert sp.limit(ratio, n, sp.oo) == sp.Rational(1, int(factorial2(2 * order - 3)))


def test_leading_law_is_the_one_with_double_factorials() -> None:
    law = sign_capacity.leading_law()
    for power in range(2, 9):
        assert law.signal.subs(r, power) == 2 * power * n ** (power - 1)
        odd, odd4 = (int(factorial2(k)) for k in (2 * power - 3, 4 * power - 5))
        assert sp.simplify(law.variance.subs(r, power) - 4 * power**2 * odd * n ** (power - 1)) == 0
        assert sp.simplify(law.fourth.subs(r, power) - 16 * power**4 * odd4 * n ** (2 * power - 2)) == 0


@pytest.mark.parametrize(
    ("size", "count", "power"), [(2, 2, 2), (2, 4, 2), (3, 3, 2), (3, 3, 3), (4, 2, 3), (3, 3, 4), (2, 3, 5)]
)
def test_exact_bit_error_against_all_pattern_sets(size: int, count: int, power: int) -> None:
    gains = [int(sign_capacity.flip_gains(rows, power)[0]) for rows in pattern_sets(size, count)]
    lost, tied = (Fraction(sum(test(g) for g in gains), len(gains)) for test in (lambda g: g < 0, lambda g: g == 0))
    assert sign_capacity.exact_bit_error(size, count, power) == lost
    assert sign_capacity.exact_bit_error(size, count, power, ties=True) == lost + tied / 2
    assert sign_capacity.float_bit_error(size, count, power) == pytest.approx(float(lost + tied / 2), abs=1e-12)


@pytest.mark.parametrize(
    ("size", "count", "power"), [(5, 20, 2), (6, 30, 3), (10, 300, 2), (4, 9, 4), (7, 60, 3), (12, 144, 3)]
)
def test_exact_bit_error_lies_between_the_bounds(size: int, count: int, power: int) -> None:
    law = sign_capacity.power_law(power)
    error = sign_capacity.exact_bit_error(size, count, power)
    assert error <= Fraction(str(law.ceiling(count).subs(n, size)))
    if law.scale.subs(n, size) <= count - 1:
        assert error >= Fraction(str(law.floor(count).subs(n, size)))
    assert abs(float(error) - sign_capacity.normal_bit_error(size, count, law)) <= normal_radius(size, count, law)
    assert sign_capacity.normal_holds(size, count, power)
    assert sign_capacity.float_bit_error(size, count, power) == pytest.approx(
        float(sign_capacity.exact_bit_error(size, count, power, ties=True)), abs=1e-11
    )


def test_chebyshevs_bound_counts_ties_as_failures_and_is_attained() -> None:
    error, half_tied = (sign_capacity.exact_bit_error(2, 2, 2, ties=ties) for ties in (False, True))
    assert 2 * half_tied - error == sign_capacity.power_law(2).ceiling(2).subs(n, 2) == sp.Rational(1, 2)


@pytest.mark.parametrize(("size", "count", "power"), [(5, 3, 2), (8, 30, 3), (6, 40, 4)])
def test_certified_distance_to_the_normal_law_is_the_distance(size: int, count: int, power: int) -> None:
    law, exact = sign_capacity.power_law(power), float(sign_capacity.exact_bit_error(size, count, power))
    unit = normal_radius(size, count, law, 1.0)
    distance = abs(exact - norm.cdf(-math.sqrt(float(law.scale.subs(n, size)) / (count - 1)))) / unit
    assert sign_capacity.normal_holds(size, count, power, Fraction(distance * 1.0001)) is True
    assert sign_capacity.normal_holds(size, count, power, Fraction(distance * 0.9999)) is False


def test_with_n_to_the_r_patterns_a_bit_fails_with_probability_near_one_half() -> None:
    for power in (2, 3):
        law = sign_capacity.power_law(power)
        assert sp.limit(sp.cancel(law.floor(n**power)), n, sp.oo) == sp.Rational(1, 6)
    errors = [sign_capacity.float_bit_error(size, size**3, 3) for size in (4, 8, 16)]
    assert errors == sorted(errors)
    assert 0.4 < errors[-1] < 0.5


@pytest.mark.parametrize(("size", "count"), [(2, 2), (3, 5), (6, 9), (20, 50), (40, 200)])
def test_hebb_rule_is_a_random_walk(size: int, count: int) -> None:
    law = sign_capacity.WalkLaw((d - 1) * (n - 1), n - 1, (sp.Integer(2), sp.Integer(4)))
    steps = (count - 1) * (size - 1)
    expected = binom.cdf(math.ceil((steps - size + 1) / 2) - 1, steps, 0.5)  # fewer than (steps - barrier)/2 steps up
    assert float(law.error(size, count)) == pytest.approx(expected, rel=1e-9)
    assert law.error(size, count) == sign_capacity.exact_bit_error(size, count, 2)
    assert float(law.error(size, count)) <= math.exp(-(size - 1) / (2 * (count - 1)))


@pytest.mark.parametrize(
    ("size", "count", "power", "trials"), [(40, 20, 2, 150), (40, 400, 2, 60), (12, 100, 3, 150), (8, 60, 4, 150)]
)
def test_simulated_networks_follow_the_law(size: int, count: int, power: int, trials: int) -> None:
    """Four standard errors between fresh networks; the bound of the normal law is checked separately and exactly."""
    mean, error = sign_capacity.simulated_bit_error(size, count, power, trials, seed=11)
    exact = float(
        sign_capacity.walk_error((count - 1) * (size - 1), size - 1)
        if power == 2
        else sign_capacity.exact_bit_error(size, count, power)
    )
    assert error < 0.02
    assert abs(mean - exact) <= 4 * error
    law = sign_capacity.power_law(power)
    assert abs(exact - norm.cdf(-math.sqrt(float(law.scale.subs(n, size)) / (count - 1)))) <= normal_radius(
        size, count, law
    )


def test_noise_drift_sees_a_wrong_exponent() -> None:
    assert sign_capacity.noise_drift(n ** (r - 1), 2, 8) == pytest.approx(1, abs=0.1)
    assert sign_capacity.noise_drift(n**r, 2, 16) == pytest.approx(0.5, abs=0.05)
    assert sign_capacity.noise_drift(n ** (r - 2), 3, 6) == pytest.approx(2, abs=0.3)


# Growths.


@SMALL
@given(
    st.tuples(*[st.fractions(-2, 2, max_denominator=4)] * 3), st.tuples(*[st.fractions(-2, 2, max_denominator=4)] * 3)
)
def test_log_limit_compares_rate_then_power_then_logarithm(
    first: tuple[Fraction, ...], second: tuple[Fraction, ...]
) -> None:
    def growth(rate: Fraction, power: Fraction, log: Fraction) -> sp.Expr:
        a, b, c = (sp.Rational(v.numerator, v.denominator) for v in (rate, power, log))
        return sp.exp(a * n) * n**b * sp.log(n) ** c

    difference = next((x - y for x, y in zip(first, second, strict=True) if x != y), Fraction(0))
    expected = sp.oo if difference > 0 else (-sp.oo if difference < 0 else 0)
    assert sign_capacity.log_limit(growth(*first), growth(*second)) == expected


def test_equal_rates_in_different_clothes_are_equal() -> None:
    other = (2 * sp.exp(4) / (1 + sp.exp(4))) ** (n - 1)
    assert sign_capacity.log_limit(sign_capacity.GROWTH**n, other) not in (sp.oo, -sp.oo)
    assert sign_capacity.log_limit(sign_capacity.GROWTH**n, other * n) == -sp.oo


@pytest.mark.parametrize("reading", sign_capacity.READINGS)
def test_brackets_are_ordered_and_weaker_success_holds_more(reading: sign_capacity.Reading) -> None:
    for network in ("quadratic", "power", "exponential"):
        lower, upper = sign_capacity.bracket(network, reading)
        for power in (2, 3, 5):
            low, high, bit = (e.subs(r, power) for e in (lower, upper, sign_capacity.bracket(network, "bit")[1]))
            assert sign_capacity.log_limit(low, high) != sp.oo
            assert sign_capacity.log_limit(high, bit) != sp.oo


# The exponential memory.


@pytest.mark.parametrize(("size", "count"), [(2, 2), (2, 3), (2, 4), (3, 2), (3, 3)])
def test_exponential_storage_against_all_pattern_sets(size: int, count: int) -> None:
    """Exact storage by exhaustive energies, the union bound below and the neighbor bound above it."""
    law, stored, lost, sets = sign_capacity.exponential_law(), 0, 0, pattern_sets(size, count)
    for rows in sets:
        stable = [
            sign_capacity.is_stored(lambda y, p=rows: round(sign_capacity.exponential_energy(y, p), 9), x) for x in rows
        ]
        assert all(stable) == sign_capacity.all_stored_exponential(rows)
        stored += all(stable)
        flipped = rows[0] * np.where(np.arange(size) == 0, -1, 1)
        lost += sign_capacity.exponential_energy(flipped, rows) < sign_capacity.exponential_energy(rows[0], rows) - 1e-9
    assert stored / len(sets) <= float(sign_capacity.neighbor_bound(size, count))
    assert lost / len(sets) <= float(law.ceiling(count).subs(n, size)) + 1e-12
    if float(law.scale.subs(n, size)) <= count - 1:
        assert lost / len(sets) >= float(law.floor(count).subs(n, size)) - 1e-12


@SMALL
@given(st.integers(1, 4), st.integers(0, 10**6))
def test_no_energy_has_strict_minima_at_neighbors(size: int, seed: int) -> None:
    values = dict(
        zip(
            map(tuple, sign_capacity.states(size).tolist()),
            np.random.default_rng(seed).normal(size=2**size),
            strict=True,
        )
    )
    minima = [
        x for x in sign_capacity.states(size) if sign_capacity.is_stored(lambda y: float(values[tuple(y.tolist())]), x)
    ]
    assert all((a != b).sum() != 1 for a in minima for b in minima)
    assert len(minima) <= 2 ** (size - 1)


@SMALL
@given(patterns_of_signs())
def test_exponential_gains_are_energy_differences(patterns: Signs) -> None:
    size = patterns.shape[1]
    unit = math.exp(size - 1) * (math.e - 1 / math.e)
    for row, x in zip(sign_capacity.exponential_gains(patterns), patterns, strict=True):
        for k in range(size):
            y = np.where(np.arange(size) == k, -x, x)
            change = sign_capacity.exponential_energy(y, patterns) - sign_capacity.exponential_energy(x, patterns)
            assert row[k] == pytest.approx(change / unit, abs=1e-9)


def test_exponential_moments_against_the_binomial_sum() -> None:
    law = sign_capacity.exponential_law()
    for size in (2, 5, 9):
        for power, claimed in ((2, law.variance), (4, law.fourth)):
            exact = sum(binom.pmf(k, size - 1, 0.5) * math.exp(-2 * power * k) for k in range(size))
            assert float(claimed.subs(n, size)) == pytest.approx(exact, rel=1e-12)
    assert sign_capacity.exponential_reduction() == 0


def test_all_patterns_at_the_critical_number_are_stored_with_the_poisson_share() -> None:
    """At d = 2^(n/2)/sqrt(n) about half a pair of neighbors is expected, so the share is near exp(-1/2)."""
    size = 16
    count = int(sign_capacity.neighbor_scale().subs(n, size))
    share, error = sign_capacity.simulated_all_stored(size, count, 300, seed=5)
    pairs = 1 / float(sign_capacity.neighbor_bound(size, count))
    assert abs(share - math.exp(-pairs)) <= 4 * error
    crowd, _ = sign_capacity.simulated_all_stored(size, 2 ** (size // 2), 50, seed=5)
    assert crowd <= float(sign_capacity.neighbor_bound(size, 2 ** (size // 2)))


def test_far_patterns_do_not_matter_at_the_critical_number() -> None:
    rate = float(sign_capacity.crowd_rate(sign_capacity.neighbor_scale()))
    q = (1 + math.exp(-4)) / 2
    assert rate == pytest.approx(math.log(2) / 2 + math.exp(2) * (math.log(2) / 2 + math.log(q)))
    assert rate < -2


# Any quadratic energy.


def dichotomies(points: np.ndarray) -> int:
    """Number of sign patterns of affine functions on points, by linear programs."""
    lifted = np.hstack([points, np.ones((len(points), 1))])
    count = 0
    for signs in product((-1, 1), repeat=len(points)):
        rows = -np.array(signs)[:, None] * lifted
        count += linprog(np.zeros(lifted.shape[1]), A_ub=rows, b_ub=-np.ones(len(points)), bounds=(None, None)).success
    return count


@pytest.mark.parametrize(("size", "count", "seed"), [(1, 4, 0), (2, 5, 1), (3, 5, 2), (3, 6, 3), (2, 6, 4)])
def test_cover_counts_points_in_general_position_and_bounds_signs(size: int, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    if size == 1:
        assert CoverBound().value(1, count) == Fraction(2, 2**count)
        return
    bound = CoverBound().value(size, count) * 2**count
    assert dichotomies(rng.normal(size=(count, size - 1))) == bound
    assert dichotomies(sign_capacity.random_patterns(rng, count, size - 1).astype(float)) <= bound


def test_storable_sets_are_strict_minima_of_an_energy_and_stay_below_covers_bound() -> None:
    for size in (1, 2, 3):
        for stored in sign_capacity.storable_sets(size):
            rows = sign_capacity.states(size)[sorted(stored)]
            assert all((a != b).sum() != 1 for a in rows for b in rows)
        for count in (1, 2, 4, 7):
            assert sign_capacity.storable_probability(size, count) <= CoverBound().value(size, count)
    assert sign_capacity.storable_probability(1, 5) == CoverBound().value(1, 5) == Fraction(1, 16)


def test_covers_bound_is_the_binomial_tail() -> None:
    for size, count in ((3, 4), (10, 25), (50, 120)):
        assert float(CoverBound().value(size, count)) == pytest.approx(binom.cdf(size - 1, count - 1, 0.5), rel=1e-9)


@SMALL
@given(patterns_of_signs(), st.integers(0, 10**6))
def test_a_flip_does_not_see_the_diagonal_but_the_update_does(patterns: Signs, seed: int) -> None:
    assert sign_capacity.bit_flip_ignores_diagonal() == 0
    x = sign_capacity.random_patterns(np.random.default_rng(seed), 1, patterns.shape[1])[0]
    for k in range(len(x)):
        y = np.where(np.arange(len(x)) == k, -x, x)
        pairs = [(sign_capacity.hebb(patterns, diagonal=diagonal)) for diagonal in (True, False)]
        changes = [hopfield_energy(y, w) - hopfield_energy(x, w) for w in pairs]
        assert changes[0] == changes[1] == 2 * x[k] * (pairs[1] @ x)[k]
        assert (pairs[0] @ x)[k] == (pairs[1] @ x)[k] + len(patterns) * x[k]


@pytest.mark.parametrize("diagonal", [True, False])
def test_chebyshevs_bound_for_the_update_holds_and_is_attained(diagonal: bool) -> None:
    """sgn(Wx) loses a bit if the walk is at or below -(n-1) minus the diagonal; small cases are enumerated."""
    ceiling = sign_capacity.changed_bit_ceiling(diagonal=diagonal)
    for size, count in ((2, 2), (3, 2), (3, 3), (4, 4)):
        exact = sign_capacity.walk_error((count - 1) * (size - 1), size - 1 + diagonal * count - 1)
        sets = pattern_sets(size, count) if size < 4 else []
        lost = [(rows[0] * (sign_capacity.hebb(rows, diagonal=diagonal) @ rows[0]))[0] <= 0 for rows in sets]
        assert not sets or exact == Fraction(sum(map(int, lost)), len(sets))
        assert exact <= Fraction(str(ceiling.subs({n: size, d: count})))
    if not diagonal:
        assert ceiling.subs({n: 3, d: 2}) == sign_capacity.walk_error(2, 1) == Fraction(1, 4)


def test_more_patterns_keep_every_state_when_the_diagonal_stays() -> None:
    ceiling = sign_capacity.changed_bit_ceiling(diagonal=True)
    rng, size = np.random.default_rng(2), 12
    shares = []
    for count in (12, 60, 400):
        rows = sign_capacity.random_patterns(rng, count, size)
        stable = (rows[:100] @ sign_capacity.hebb(rows)) * rows[:100] > 0
        shares.append(1 - stable.mean())
        assert shares[-1] <= float(ceiling.subs({n: size, d: count})) + 0.02
    assert shares[-1] < shares[0]
    assert [sign_capacity.corners_fixed(k, diagonal=True) for k in (1, 2, 3)] == [2, 4, 8]
    assert [sign_capacity.corners_fixed(k, diagonal=False) for k in (1, 2, 3)] == [0, 0, 0]


# Continuous memories.


def update(x: np.ndarray, rows: np.ndarray, inverse: float = 1.0) -> np.ndarray:
    scores = inverse * rows @ x
    return np.exp(scores - logsumexp(scores)) @ rows


def circle(count: int, size: float) -> np.ndarray:
    angle = 2 * np.pi * np.arange(count) / count
    return size * np.stack([np.cos(angle), np.sin(angle)], 1)


@pytest.mark.parametrize("count", [2, 3, 8, 50])
def test_a_large_circle_stores_any_number_of_patterns(count: int) -> None:
    size = sphere_capacity.circle_radius(count)
    assert sphere_capacity.circle_stored(count, size)
    rows = circle(count, size)
    reach = size * np.sin(np.pi / count) / 2
    rng = np.random.default_rng(count)
    for i in range(min(count, 5)):
        x = rows[i] + reach * rng.uniform(-0.7, 0.7, 2)
        for _ in range(60):
            x = update(x, rows)
        assert np.linalg.norm(x - rows[i]) < reach


def test_a_small_circle_does_not() -> None:
    rows = circle(8, 1.0)
    assert not sphere_capacity.circle_stored(8, 1)
    x = rows[0].copy()
    for _ in range(500):
        x = update(x, rows)
    assert np.linalg.norm(x) < 1e-6


@SMALL
@given(st.integers(2, 6), st.integers(2, 12), st.integers(0, 10**6))
def test_storage_condition_on_spheres(size: int, count: int, seed: int) -> None:
    """Whenever N - 1 < e^(u/4)/u with u = s^2 >= 4, points near each pattern stay near it under the update."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, size))
    rows *= 12 / np.linalg.norm(rows, axis=1, keepdims=True)
    gaps = np.linalg.norm(rows[:, None] - rows, axis=2) + 1e9 * np.eye(count)
    s = gaps.min()
    if s**2 < 4 or count - 1 >= float(sphere_capacity.storable(sp.Float(s**2))):
        return
    for row in rows:
        step = rng.normal(size=size)
        x = row + s / 4 * step / np.linalg.norm(step)
        first = update(x, rows)
        assert np.linalg.norm(first - row) <= s / 4
        other = row + s / 4 * rng.uniform(-1, 1, size) / math.sqrt(size)
        assert np.linalg.norm(update(other, rows) - first) <= np.linalg.norm(other - x)


@pytest.mark.parametrize("size", [2, 3, 10, 200])
def test_cap_bound_against_the_exact_cap(size: int) -> None:
    for cos in (0.0, 0.1, 0.5, 0.9, 0.999):
        exact = betainc((size - 1) / 2, 0.5, 1 - cos**2) / 2
        assert exact <= cap_bound(size, cos) * (1 + 1e-12)
        assert size > 3 or exact >= cap_bound(size, cos) / 4


def test_published_constants_of_the_lower_bound_come_back() -> None:
    assert sphere_capacity.published_base(1, 3, 0.001, 20) == pytest.approx(3.1546, abs=5e-5)
    assert sphere_capacity.published_base(1, 1, 0.001, 75) == pytest.approx(1.3718, abs=1e-4)


def test_no_constant_base_serves_every_radius() -> None:
    squares = [
        float(sphere_capacity.needed_radius().subs({sphere_capacity.beta: 1, sphere_capacity.cosine: t}))
        for t in (0.1, 0.5, 0.9)
    ]
    assert squares == sorted(squares)
    for t, square in zip((0.1, 0.5, 0.9), squares, strict=True):
        assert math.log(1 / (1 - t**2)) == pytest.approx(2 * square * (1 - t))
    assert sphere_capacity.base_range() == (1, sp.oo)
    assert sphere_capacity.storage_lemma_holds()


@SMALL
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 5), st.sampled_from(["1/100", "1", "7"]))
def test_ball_of_the_mchn_energy_is_the_definition_and_nonnegative(
    seed: int, size: int, count: int, inverse: str
) -> None:
    rng, at = np.random.default_rng(seed), Fraction(inverse)
    x, rows = rng.integers(-4, 5, size), rng.integers(-4, 5, (count, size))
    half = sp.Rational(1, 2)
    energy = sphere_capacity.ContinuousEnergy(sp.Integer(-1), half, 1 / sphere_capacity.beta, half)
    assert energy.exponent_residuals() == (0, 0, 0)
    with precision(256):
        ball = energy.ball(tuple(map(Fraction, x.tolist())), [tuple(map(Fraction, row)) for row in rows.tolist()], at)
        assert not ball < 0
    b = float(at)
    squares = (rows**2).sum(1)
    expected = -logsumexp(b * rows @ x) / b + x @ x / 2 + math.log(count) / b + squares.max() / 2
    assert float(ball.mid()) == pytest.approx(expected, abs=1e-9, rel=1e-9)
    terms = -b / 2 * (((x - rows) ** 2).sum(1) + squares.max() - squares)
    assert expected == pytest.approx(-(logsumexp(terms) - math.log(count)) / b, abs=1e-7)


# Bounds that hold at every size.


@pytest.mark.parametrize(("size", "count"), [(1, 2), (2, 3), (3, 3)])
def test_neighbors_among_all_sets(size: int, count: int) -> None:
    share, pairs = Fraction(size, 2**size), math.comb(count, 2)
    assert sign_capacity.neighbor_moments(size, count) == (pairs * share, pairs * share * (1 - share))
    apart = [
        all(int((a != b).sum()) != 1 for a in patterns for b in patterns) for patterns in pattern_sets(size, count)
    ]
    assert sign_capacity.without_neighbors(size, count) == Fraction(sum(apart), len(apart))


def test_hoeffding_covers_the_walk_and_not_a_smaller_barrier() -> None:
    law = sign_capacity.WalkLaw((d - 1) * (n - 1), n - 1, (sp.Integer(2), sp.Integer(4)))
    assert all(sign_capacity.hoeffding_covers(law, size, count) for size, count in ((4, 2), (9, 5), (30, 4)))


@pytest.mark.parametrize("power", [2, 3, 5])
def test_the_third_moment_of_the_noise(power: int) -> None:
    assert sign_capacity.third_moment_holds(6, power)
