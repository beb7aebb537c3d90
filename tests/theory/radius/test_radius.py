"""Chapter 8 against other routes: balls by sampling, subsets by simulation, volumes and shares in plain floats."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from assocmem.figures.radius import doubled_radius
from assocmem.theory.radius import at_gpt2, disjoint_balls, samples

DOCUMENTS = 8_013_769
SMALL = settings(max_examples=30, deadline=None)
POINTS = st.lists(st.integers(0, 60).map(Fraction), min_size=2, max_size=7, unique=True)


@SMALL
@given(POINTS, st.lists(st.integers(0, 40).map(lambda k: Fraction(k, 4)), min_size=7, max_size=7))
def test_balls_are_disjoint_exactly_if_no_two_radii_reach_the_distance(
    points: list[Fraction], radii: list[Fraction]
) -> None:
    radii = radii[: len(points)]
    assert disjoint_balls.disjoint(points, radii) == disjoint_balls.by_sums(points, radii)


@SMALL
@given(POINTS)
def test_equal_balls_are_disjoint_below_the_bound_and_meet_at_it(points: list[Fraction]) -> None:
    bound = disjoint_balls.largest_equal_radius(points)
    assert disjoint_balls.disjoint(points, [bound * Fraction(99, 100)] * len(points))
    assert not disjoint_balls.disjoint(points, [bound] * len(points))
    assert 2 * bound == min(disjoint_balls.nearest_distances(points))


def test_examples_have_the_reported_mean_and_median() -> None:
    for points in (disjoint_balls.CLOSE_PAIRS, disjoint_balls.EQUALLY_SPACED):
        near = disjoint_balls.nearest_distances(points)
        assert disjoint_balls.mean(near) == disjoint_balls.middle(near) == 20
    assert disjoint_balls.largest_equal_radius(disjoint_balls.CLOSE_PAIRS) == Fraction(1, 20)
    assert disjoint_balls.mean(disjoint_balls.UNEQUAL_RADII) == Fraction(797, 60)


def test_points_beside_the_centers_lie_in_one_ball_each() -> None:
    points, centers, radius = disjoint_balls.OFF_CENTER, disjoint_balls.CENTERS, disjoint_balls.WIDE
    assert disjoint_balls.held(points, centers, radius)
    assert disjoint_balls.by_sums(centers, (radius,) * 2)
    assert disjoint_balls.held(points, centers, Fraction(11, 2))
    assert not disjoint_balls.held(points, centers, Fraction(5))
    assert not disjoint_balls.held(points[::-1], centers, radius)


def test_one_point_has_no_neighbor() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        disjoint_balls.nearest_distances([Fraction(0)])


@SMALL
@given(POINTS, st.integers(1, 30).map(Fraction))
def test_shares_by_enumeration_and_by_formula(points: list[Fraction], value: Fraction) -> None:
    shares = [samples.counted_farther(points, m, value) for m in range(2, len(points) + 1)]
    assert shares == [samples.expected_farther(points, m, value) for m in range(2, len(points) + 1)]
    assert shares == sorted(shares, reverse=True)
    means = [samples.expected_mean(points, m) for m in range(2, len(points) + 1)]
    assert means == sorted(means, reverse=True)


def test_expected_means_by_simulation() -> None:
    draw = random.Random(0)
    points = [Fraction(k * k) for k in range(9)]
    rows = [disjoint_balls.nearest_distances(draw.sample(points, 4)) for _ in range(4000)]
    simulated = sum(float(disjoint_balls.mean(row)) for row in rows) / len(rows)
    assert simulated == pytest.approx(float(samples.expected_mean(points, 4)), rel=0.05)


@SMALL
@given(POINTS)
def test_a_sample_never_estimates_too_little(points: list[Fraction]) -> None:
    bound = disjoint_balls.largest_equal_radius(points)
    for size in range(2, len(points) + 1):
        for part in combinations(points, size):
            inside, whole = samples.estimate(part, points)
            assert inside >= whole >= bound


def test_a_sample_is_a_part() -> None:
    with pytest.raises(ValueError, match="part"):
        samples.estimate([Fraction(5), Fraction(6)], [Fraction(0), Fraction(5)])


def test_the_least_dimension_by_logarithms() -> None:
    assert math.ceil(math.log(4) / -math.log(0.95)) == 28
    assert next(k for k in range(1, 60) if samples.stays_within(4, Fraction(1, 20), k)) == 28


def test_radii_and_volumes_in_floats() -> None:
    for tokens in (1, 256, 1024):
        n = at_gpt2.dimension(tokens)
        assert n == 1024 * tokens
        root = math.sqrt(n / (2 * math.pi * math.e))
        assert float(at_gpt2.radius(n).mid()) == pytest.approx(root)
        assert float(at_gpt2.squared_radius(n).mid()) == pytest.approx(root**2)
        assert float(at_gpt2.relative(Fraction(20), n).mid()) == pytest.approx(10 / root)
    volume = (512 * math.log(math.pi) + 1024 * math.log(10) - math.lgamma(513)) / math.log(10)
    assert float(at_gpt2.log10_volume(1024, Fraction(10)).mid()) == pytest.approx(volume)
    assert float(at_gpt2.log10_even_volume(1024, Fraction(100)).mid()) == pytest.approx(volume)
    with pytest.raises(ValueError, match="even"):
        at_gpt2.log10_even_volume(3, Fraction(1))


@pytest.mark.parametrize(("text", "factor", "prints"), [("7.74", 1, True), ("7.75", 1, False), ("15.486", 2, True)])
def test_what_the_radius_prints_as(text: str, factor: int, prints: bool) -> None:
    assert at_gpt2.prints_as(1024, text, factor) == prints


def test_digits() -> None:
    assert at_gpt2.half_digit("0.25") == Fraction(1, 200)
    assert at_gpt2.half_digit("9") == Fraction(1, 2)
    assert [at_gpt2.next_digit(text) for text in ("7.74", "1.99")] == ["7.75", "2.00"]


def test_shares_of_documents_and_tokens() -> None:
    share = at_gpt2.documents_covered(80_000, DOCUMENTS)
    expected = 1 - (1 - 1 / DOCUMENTS) ** 80_000
    assert float(share.low) <= expected <= float(share.high)
    assert float(share.low) == pytest.approx(expected, rel=1e-4)
    assert share.prints_as("1.0")
    assert at_gpt2.documents_covered(100_000, DOCUMENTS).below("1.3")
    assert not at_gpt2.documents_covered(105_000, DOCUMENTS).below("1.3")
    assert at_gpt2.documents_covered(9_000_000, DOCUMENTS).high == 1
    tokens = at_gpt2.tokens_covered(80_000, 256, 9)
    assert (float(tokens.low), float(tokens.high)) == pytest.approx((80_000 * 256 / 9.5e9, 80_000 * 256 / 8.5e9))
    assert at_gpt2.tokens_covered(100_000, 256, 9).above("0.25")
    assert (
        at_gpt2.tokens_covered(88_000, 256, 9).low < Fraction(25, 10_000) < at_gpt2.tokens_covered(88_000, 256, 9).high
    )


def test_the_figure_shows_the_three_dimensions() -> None:
    figure = doubled_radius.draw()
    drawn = {int(line.get_xdata()[0]): float(line.get_ydata()[0]) for line in figure.axes[0].lines[1:]}  # type: ignore[index, arg-type, call-overload]
    plt.close(figure)
    assert drawn == {n: pytest.approx(value) for n, value in doubled_radius.marks().values()}
    assert [round(value, 1) for value in drawn.values()] == [15.5, 247.8, 495.6]
