"""Layers: exact stacks against plain arithmetic, identities at random energies, steps against a grid, torch too."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy as sp
import torch
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from assocmem.claims import claims
from assocmem.figures.layers import trajectories
from assocmem.memory import energy, global_energy, layered_path, mixture_step, nearest, retrieve, toward_nearest
from assocmem.memory.layers import RULES, LayeredPath
from assocmem.theory.exact.certified import to_arb
from assocmem.theory.exact.distances import PAPER, Distance, as_distance
from assocmem.theory.layers import majorization, remainder, steps
from assocmem.theory.layers import stack as stack_theory
from assocmem.theory.layers.stack import SPLITS, Stack, points, rows

QUICK = settings(max_examples=40, deadline=None, derandomize=True)
energies = st.lists(st.floats(-30, 30), min_size=1, max_size=6)
moves = st.lists(st.tuples(st.floats(-30, 30), st.floats(-9, 9)), min_size=1, max_size=6)
quarters = st.integers(-12, 12).map(lambda k: Fraction(k, 4))


def lse(values: np.ndarray) -> float:
    top = values.max()
    return float(top + np.log(np.exp(values - top).sum()))


def plain(stack: Stack, x: tuple[Fraction, ...]) -> np.ndarray:
    """Energies of the layers in float64, by the formulas of the readings."""
    out = []
    for k, layer in enumerate(stack.layers):
        distances = np.array([sum(float(a - b) ** 2 for a, b in zip(x, row, strict=True)) for row in layer])
        g, z = distances.min(), float(stack.normalizers[k]) if stack.normalizers else 1.0
        out.append({"printed": np.exp(-g) / z, "A": g, "B": g + np.log(z), "C": -lse(-distances)}[stack.reading])
    return np.array(out)


def test_stacks_evaluate_the_formulas() -> None:
    for stack in stack_theory.stacks():
        for x in points(stack.layers):
            expected = plain(stack, x)
            assert np.allclose([float(e.mid()) for e in stack.energies(x)], expected, rtol=1e-12, atol=1e-12)
            assert np.isclose(float(stack.total(x).mid()), -lse(-expected), rtol=1e-12, atol=1e-12)
            assert expected[stack.active(x)] == expected.min()


@QUICK
@given(moves)
def test_mixture_statements_at_random_energies(moved: list[tuple[float, float]]) -> None:
    before, change = np.array(moved).T
    after = before + change
    start, end = -lse(-before), -lse(-after)
    shares = np.exp(start - before)
    divergence = float(shares @ ((start - before) - (end - after)))
    entropy = float(-shares @ (start - before))
    assert np.isclose(start - end, shares @ (before - after) + divergence, atol=1e-9)
    assert divergence >= -1e-9
    assert shares @ after >= end + entropy - 1e-9
    assert np.isclose(shares @ before, start + entropy, atol=1e-9)
    assert start <= before.mean() - np.log(len(before)) + 1e-9
    for t in np.flatnonzero(change <= 0):
        assert end - start <= (before[t] - start) + 1e-9


@QUICK
@given(energies)
def test_remainder_at_random_energies(here: list[float]) -> None:
    e = np.array(here)
    size = np.log(len(e))
    c = -lse(-e) - e + size
    assert -1e-9 <= c[e.argmin()] <= e.mean() - e.min() + 1e-9
    assert np.all(c <= size + 1e-9)
    assert np.array_equal(c >= -1e-9, np.array([np.exp(v - e).sum() <= len(e) * (1 + 1e-9) for v in e]))


@QUICK
@given(quarters, st.lists(quarters, min_size=1, max_size=4, unique=True), quarters.filter(bool).map(abs))
def test_minimizers_on_the_line_beat_a_grid(x: Fraction, patterns: list[Fraction], reach: Fraction) -> None:
    grid = [x + reach * Fraction(k, 40) for k in range(-40, 41)]
    for reading, better in (("printed", max), ("A", min)):
        minimizers = steps.minimizers(x, patterns, reach, reading)  # type: ignore[arg-type]
        values = {min(abs(y - p) for p in patterns) for y in minimizers}
        best = better(min(abs(y - p) for p in patterns) for y in grid)
        assert len(values) == 1
        assert better(best, next(iter(values))) == next(iter(values))
        assert all(abs(y - x) <= reach for y in minimizers)


@pytest.mark.parametrize("case", range(len(steps.CASES)))
def test_torch_steps_like_the_exact_closed_form(case: int) -> None:
    x, patterns, delta = steps.CASES[case]
    lengths = [steps.length(PAPER, x, p) for p in patterns]
    exact = steps.move(steps.Toward(), PAPER, x, patterns[lengths.index(min(lengths))], delta)
    stored = torch.tensor([[float(c) for c in p] for p in patterns], dtype=torch.float64)
    moved = toward_nearest(torch.tensor([[float(c) for c in x]], dtype=torch.float64), stored, float(delta))
    assert torch.allclose(moved[0], torch.tensor([float(c) for c in exact], dtype=torch.float64))


def test_closed_form_is_refused_where_nothing_is_known() -> None:
    unknown = as_distance(lambda x, y: sum(abs(a - b) ** 3 for a, b in zip(x, y, strict=True)))
    with pytest.raises(ValueError, match="norm"):
        steps.radius(unknown, Fraction(4))
    with pytest.raises(ValueError, match="norm"):
        remainder.kink_slopes("A", unknown)
    with pytest.raises(ValueError, match="square"):
        steps.radius(PAPER, Fraction(2))
    with pytest.raises(ValueError, match="reading"):
        stack_theory.of_nearest("C", sp.Symbol("g"), sp.Symbol("Z"))
    with pytest.raises(ValueError, match="reading"):
        remainder.far_remainder("A")


@pytest.mark.parametrize("metric", ["sqeuclidean", "l1", "euclidean", "linf"])
def test_kink_of_the_remainder_is_seen_in_differences(metric: str) -> None:
    for reading in ("printed", "A"):
        stack, step = Stack(remainder.KINKED, reading, as_distance(metric)), Fraction(1, 10**6)  # type: ignore[arg-type]
        one = dict.fromkeys(sp.symbols("Z_1 Z_2", positive=True), 1)
        for t, slope in enumerate(remainder.kink_slopes(stack.reading, stack.distance)):
            for side in (-1, 1):
                near, at = ((side * step,), (Fraction(0),))
                change = remainder.remainder(stack, t, near) - remainder.remainder(stack, t, at)
                assert float(change.mid()) / float(step) == pytest.approx(float(slope.subs(one)), rel=1e-4)
        assert remainder.kink_is_seen(stack.reading, stack.distance)


def sample() -> tuple[torch.Tensor, list[torch.Tensor], torch.Tensor]:
    make = torch.Generator().manual_seed(0)
    patterns = torch.randn(90, 4, generator=make, dtype=torch.float64)
    return torch.randn(20, 4, generator=make, dtype=torch.float64), list(patterns.split([10, 50, 30])), patterns


@pytest.mark.parametrize("beta", [0.3, 1.0, 20.0])
def test_the_mixture_of_layers_is_the_attention_of_all(beta: float) -> None:
    x, layers, patterns = sample()
    assert torch.allclose(mixture_step(x, layers, beta=beta), retrieve(x, patterns, beta=beta), atol=1e-10)
    assert torch.allclose(global_energy(x, layers, beta=beta), energy(x, patterns, beta=beta), atol=1e-10)


@pytest.mark.parametrize("beta", [0.3, 1.0, 20.0])
def test_only_the_mixture_never_raises_the_global_energy(beta: float) -> None:
    x, layers, patterns = sample()
    paths = {rule: layered_path(x, layers, rule=rule, steps=9, beta=beta) for rule in RULES}
    assert not paths["mixture"].rises.any()
    assert paths["in turn"].rises.any()
    assert paths["nearest"].rises.any()
    for path in paths.values():
        assert path.points.shape == (10, *x.shape)
        assert torch.allclose(path.energy[3], energy(path.points[3], patterns, beta=beta), atol=1e-10)
        assert torch.equal(path.points[0], x)


def test_a_rise_is_seen_whatever_else_is_in_the_batch() -> None:
    """A step from 0 to 1e-4 rises, with and without a query of energy 1e12 beside it."""
    energy = torch.tensor([[0.0, 1e12, 0.0], [1e-4, 1e12, 1e-18]], dtype=torch.float64)
    rises = [LayeredPath(torch.zeros(2, 3, 1), energy[:, k]).rises for k in ([0, 1, 2], [0], [1], [2])]
    assert rises[0].tolist() == [[True, False, False]]
    assert torch.equal(rises[0], torch.cat(rises[1:], 1))


def test_no_query_makes_an_empty_path() -> None:
    x, layers, _ = sample()
    for rule in RULES:
        path = layered_path(x[:0], layers, rule=rule, steps=2)
        assert path.points.shape == (3, 0, 4)
        assert path.rises.shape == (2, 0)


def test_the_mixture_far_out_keeps_what_the_patterns_say() -> None:
    """x - gradient/2 would cancel: 1e6 away float32 is spaced by 1/16, the mean is not."""
    x = torch.tensor([[1e6, 0.0]])
    layers = [torch.tensor([[0.0, 0.0], [0.3, 0.7]]), torch.tensor([[0.9, 0.1], [-0.4, 0.2]])]
    wide = retrieve(x.double(), torch.cat(layers).double(), beta=1e-7)
    assert torch.allclose(mixture_step(x, layers, beta=1e-7).double(), wide, atol=1e-5, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_every_rule_keeps_the_dtype(dtype: torch.dtype) -> None:
    x, layers, _ = sample()
    for rule in RULES:
        path = layered_path(x.to(dtype), [p.to(dtype) for p in layers], rule=rule, steps=2)
        assert path.points.dtype == dtype


def test_large_radius_ends_in_the_last_layer() -> None:
    x, layers, _ = sample()
    path = layered_path(x, layers, rule="nearest", steps=3, delta=1e4)
    assert torch.all(nearest(path.points[-1], layers[-1])[0] < 1e-12)
    still = layered_path(x, layers, rule="nearest", steps=1, delta=0.0)
    assert torch.equal(still.points[1], x)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"rule": "sideways"}, "rule"),
        ({"steps": 0}, "steps"),
        ({"layers": []}, "layers"),
        ({"delta": -1.0}, "delta"),
        ({"delta": -1.0, "rule": "mixture"}, "delta"),
        ({"delta": None}, "delta"),
        ({"delta": True}, "delta"),
        ({"delta": float("inf"), "rule": "in turn"}, "delta"),
        ({"beta": 0.0, "rule": "mixture"}, "beta"),
    ],
)
def test_bad_input_is_named(change: dict[str, object], word: str) -> None:
    x, layers, _ = sample()
    with pytest.raises(ValueError, match=word):
        layered_path(**{"x": x, "layers": layers, "rule": "nearest", "steps": 2, **change})  # type: ignore[arg-type]


def test_criterion_is_an_equivalence_at_random_points() -> None:
    stack = Stack(SPLITS["three layers"], "C")
    for y, x in product([(Fraction(k, 3),) for k in range(-3, 18, 4)], repeat=2):
        for t in range(3):
            share = [float((e - stack.total(p)).mid()) for p in (x, y) for e in [stack.energies(p)[t]]]
            if x != y and abs(share[0] - share[1]) > 1e-9:
                assert majorization.touches("share falls", stack, t, y, x) == (share[0] > share[1])


def test_which_claims_are_about_the_square() -> None:
    with_distance = [c for c in claims.values() if c.chapter == 4 and c.takes_distance]
    assert len(with_distance) >= 30
    changed = {c.id: v for c in with_distance if (v := c.check(distance="linf").verdict) != c.verdict}
    assert changed == {"X-MM-ATTN": "refuted", "EQ7-NC-FIX": "undecided", "X-SERVES": "refuted"}


def test_a_bare_callable_meets_counterexamples_but_few_proofs() -> None:
    def quartic(x: list, y: list) -> object:
        return sum((a - b) ** 4 for a, b in zip(x, y, strict=True))

    expected = {
        "EQ10-b": "refuted",
        "EQ8-SUN": "refuted",
        "EQ8-SUN-FIX": "proved",
        "X-MM-MIX": "proved",
        "EQ6-FIX": "undecided",
        "EQ7-NC": "undecided",
        "EQ8": "proved with a condition",
    }
    for name, verdict in expected.items():
        assert claims[name].check(distance=quartic).verdict == verdict, name


def test_interactive_figure_offers_every_set_and_radius() -> None:
    figure = trajectories.explore(steps=3)
    assert len(figure.frames) == len(trajectories.DELTAS)
    assert len(figure.data) == 7 * len(trajectories.SETS)
    assert sum(bool(trace.visible) for trace in figure.data) == 7
    assert all(len(frame.data) == len(frame.traces) for frame in figure.frames)
    assert {figure.data[k].name for k in figure.frames[0].traces} == {"nearest"}


def test_variation_of_the_remainder_is_the_sum_of_its_slopes() -> None:
    size, step = 3, 1e-6
    energies = np.zeros(size)
    c = [lse(-(energies + step * np.eye(size)[k])) - lse(-(energies - step * np.eye(size)[k])) for k in range(size)]
    slopes = -np.array(c) / (2 * step) - np.eye(size)[0]  # of E_global - E_1 + log l
    assert np.abs(slopes).sum() == pytest.approx(float(remainder.variation_needed()) * (1 - 1 / size), rel=1e-6)


def test_points_in_words() -> None:
    assert [stack_theory.word(p) for p in rows("1/3", "1 -2")] == ["1/3", "(1, -2)"]


def test_rows_are_exact() -> None:
    assert rows("1/3 -2") == ((Fraction(1, 3), Fraction(-2)),)


def test_every_refutation_of_the_surrogate_stands_alone() -> None:
    outcomes = {e.check.name: e.finding.outcome for e in claims["EQ6-SUN3"].check().evidence}
    assert outcomes == {"majorizes": "fails", "mixture_majorizes": "undecided", "tangent": "fails"}


def test_what_a_symmetric_distance_that_separates_decides() -> None:
    """Not the triangle inequality, nor a norm: a ball of radius d(x, rho) holds rho."""

    def quartic(x: list, y: list) -> object:
        return sum((a - b) ** 4 for a, b in zip(x, y, strict=True))

    granted = Distance("quartic", quartic, frozenset({"nonnegative", "separates", "symmetric"}))
    assert claims["X-LAST"].check(distance=granted).verdict == "proved"
    assert claims["EQ6-DELTA-FIX"].check(distance=granted).verdict == "proved"
    assert claims["EQ6-DELTA"].check(distance=granted).verdict == "undecided"
    for name in ("nonnegative", "separates", "symmetric"):
        less = Distance("quartic", quartic, granted.properties - {name})
        assert claims["X-LAST"].check(distance=less).verdict == "undecided"
        assert claims["EQ6-DELTA-FIX"].check(distance=less).verdict == "undecided"
        assert claims["EQ6"].check(distance=less).verdict == "undecided"


def test_each_fault_of_a_step_is_seen_alone() -> None:
    x, rho, delta = (Fraction(0), Fraction(0)), (Fraction(3), Fraction(4)), Fraction(4)
    right, short, far = (tuple(c * Fraction(k, 5) for c in rho) for k in (2, 1, 4))
    behind = tuple(c * Fraction(6, 5) for c in rho)
    assert steps.leaves(PAPER, x, rho, right, delta) is None
    assert steps.misses(PAPER, x, rho, right, delta) is None
    assert steps.beaten(PAPER, x, (rho,), right, delta) is None
    assert "leaves" in str(steps.leaves(PAPER, x, rho, far, delta))
    assert steps.leaves(PAPER, x, rho, short, delta) is None
    assert "ends 4 away" in str(steps.misses(PAPER, x, rho, short, delta))
    assert "ends -1 away" in str(steps.misses(PAPER, x, rho, behind, Fraction(36)))
    assert "nearer" in str(steps.beaten(PAPER, x, (rho,), x, delta))
    assert steps.leaves(as_distance("l1"), (Fraction(0),), (Fraction(5),), (Fraction(3),), Fraction(3)) is None


def test_stacks_come_with_equal_and_with_unequal_normalizers() -> None:
    for reading in ("printed", "B"):
        several = [s for s in stack_theory.stacks() if s.reading == reading and s.count > 1]
        assert sum(len(set(s.normalizers)) == s.count for s in several) == len(several) / 2


def test_bowls_bounds_and_limits() -> None:
    u = sp.Symbol("u", real=True)
    assert stack_theory.bowl(sp.exp(-u) - 1 + u, u)
    assert not any(stack_theory.bowl(f, u) for f in (1 - sp.cosh(u), 1 - sp.cos(u), sp.exp(-u) - 1, sp.cosh(u), 0 * u))
    assert [stack_theory.bounded(r) for r in ("printed", "A", "B")] == [True, False, False]
    far = Stack(SPLITS["three layers"], "printed")
    assert float(stack_theory.far_total(3)) == pytest.approx(float(far.total((Fraction(90),)).mid()))
    assert remainder.far_remainder("printed") == 0
    assert remainder.least_share()[0] == 1 / remainder.least_share()[1]
    assert stack_theory.union_residual() == 0
    assert stack_theory.union_residual(2) != 0
    assert stack_theory.deficit_holds()


def test_slacks_are_sums_and_lower_constants_are_not() -> None:
    own, active = majorization.step_slacks(majorization.StepBound())
    assert {str(s) for s in (own + active).free_symbols} == {"p", "q", "a"}
    lower = majorization.step_slacks(majorization.StepBound(Fraction(9, 10), Fraction(9, 10)))
    for slack in lower:
        assert slack.subs({v: int(str(v) == "s") for v in slack.free_symbols}) < 0
    assert str(majorization.active_decrease(True)) == "p + q"
    assert str(majorization.surrogate_decrease(majorization.Surrogate())) == "p + q"
    rate, k, valid = majorization.proximal_rate()
    assert valid
    assert sp.simplify(rate - k / (k + 1)) == 0


def test_undecided_signs_refute_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 10 to -10 layer {0} stands still up to a ball of 1e-30, while the global energy rises by log 2."""
    blurred = as_distance(lambda x, y: to_arb(sum((a - b) ** 2 for a, b in zip(x, y, strict=True))) + arb(0, 1e-30))
    stack = Stack(SPLITS["far apart"], "A", blurred)
    pair = [(stack, (Fraction(10),), (Fraction(-10),))]
    monkeypatch.setattr(majorization, "pairs", lambda distance: pair)
    assert majorization.broken_step(majorization.StepBound(own=Fraction(0))) is None
    exact = [(Stack(SPLITS["far apart"], "A"), *pair[0][1:])]
    monkeypatch.setattr(majorization, "pairs", lambda distance: exact)
    assert majorization.broken_step(majorization.StepBound(own=Fraction(0))) is not None


def test_a_layer_not_seen_to_fail_is_not_said_to_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remainder, "unserved", lambda *args: None)
    assert remainder.broken_predicate(remainder.subset_either_way) is None
    assert remainder.broken_predicate(lambda first, second: False) is not None


@pytest.mark.parametrize("delta", [0.3, 0.8, 0.83, 0.835, 1.2])
def test_a_pair_serves_up_to_the_root_of_log_two(delta: float) -> None:
    x = np.linspace(-4, 4, 801)
    pair = np.exp(-((x - delta) ** 2)) + np.exp(-((x + delta) ** 2))
    c = np.log(2 * pair / (pair + np.exp(-(x**2))))
    assert bool((c >= 0).all()) == (delta**2 <= np.log(2))
    assert np.all(c < np.log(2))
    assert c.max() > 0.5
    least, symbol = remainder.least_ratio()
    assert float(least.subs(symbol, delta)) == pytest.approx((pair / np.exp(-(x**2))).min())


def test_three_layers_without_a_shared_pattern_can_have_one_that_serves() -> None:
    """Reading A: the sum of exp(E_1 - E_s) is at most 1 + e^(1/4) + e^(-19/4) < 3, so c > 1/4."""
    stack = Stack((rows("-1/2", "1/2", "19/2", "21/2"), rows("0"), rows("10")), "A")
    for k in range(-200, 301):
        c = remainder.remainder(stack, 0, (Fraction(k, 10),))
        assert Fraction(1, 4) < float(c.mid()) < np.log(3)
