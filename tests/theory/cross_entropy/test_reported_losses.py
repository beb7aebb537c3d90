"""Fitted and reported losses against independent routes: numerical optimization, published outputs, random models."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, logsumexp

from assocmem.claims import claims
from assocmem.figures.cross_entropy import losses as losses_figure
from assocmem.theory.cross_entropy import certified_laws, fitted_laws, law_proofs, published_losses, table_two, units
from assocmem.theory.cross_entropy.fitted_laws import BESIROGLU, KAPLAN, LAWS, FittedLaw, KaplanLaw
from assocmem.theory.exact.certified import to_arb

SMALL = settings(max_examples=25, deadline=None)
EVERY: tuple[FittedLaw | KaplanLaw, ...] = (*LAWS, KAPLAN, fitted_laws.KAPLAN_SEPARATE)
positive = st.floats(0.05, 1)
laws = st.builds(
    lambda e, a, b, x, y: FittedLaw("drawn", e, a, b, x, y, "test"),
    st.floats(0.1, 3),
    st.floats(1, 3000),
    st.floats(1, 3000),
    positive,
    positive,
)


# The laws and their optimum.


@pytest.mark.parametrize("law", EVERY, ids=lambda law: law.name)
@pytest.mark.parametrize("compute", [1e19, 5.76e23])
def test_optimum_is_the_minimum_that_a_numerical_search_finds(law: FittedLaw | KaplanLaw, compute: float) -> None:
    parameters, data = law.optimum(compute)
    assert 6 * parameters * data == pytest.approx(compute)
    least = minimize_scalar(
        lambda u: law.loss(math.exp(u), compute / 6 / math.exp(u)),
        bounds=(10, 35),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert math.log(parameters) == pytest.approx(least.x, abs=1e-4)
    assert fitted_laws.optimum_by_search(law, compute) == pytest.approx(parameters, rel=3e-4)


@SMALL
@given(laws, st.floats(15, 26))
def test_optima_at_two_budgets_lie_on_the_power_law(law: FittedLaw, log_compute: float) -> None:
    first, second = law.optimum(10**log_compute), law.optimum(10 ** (log_compute + 1))
    assert law.optimal_parameters(first[1]) == pytest.approx(first[0], rel=1e-9)
    assert law.optimal_data(second[0]) == pytest.approx(second[1], rel=1e-9)
    slope = math.log(second[0] / first[0]) / math.log(second[1] / first[1])
    assert slope == pytest.approx(law.exponent, rel=1e-9)
    assert math.log10(second[0] / first[0]) == pytest.approx(law.shares[0], rel=1e-9)
    assert sum(law.shares) == pytest.approx(1)


def test_laws_refuse_constants_budgets_and_fields_that_mean_nothing() -> None:
    with pytest.raises(ValueError, match=r"alpha=-0\.3"):
        FittedLaw("no law", 1.0, 400.0, 400.0, -0.3, 0.3, "test")
    with pytest.raises(ValueError, match="D_c=0"):
        KaplanLaw("no law", 1e13, 0, 0.08, 0.1, "test")
    for law in (LAWS[0], KAPLAN):
        with pytest.raises(ValueError, match="compute=-1"):
            law.optimum(-1.0)
    with pytest.raises(ValueError, match="field='gamma'"):
        LAWS[0].interval("gamma")


@pytest.mark.parametrize("budget", [1e18, 1e24])
def test_kaplans_law_has_the_exponent_of_its_overfitting_rule(budget: float) -> None:
    first, second = KAPLAN.optimum(budget), KAPLAN.optimum(2 * budget)
    slope = math.log(second[0] / first[0]) / math.log(second[1] / first[1])
    assert slope == pytest.approx(KAPLAN.exponent)
    assert pytest.approx(KAPLAN.overfitting_exponent, rel=0.005) == KAPLAN.exponent
    assert KAPLAN.least_data(1e9) == pytest.approx(5e3 * 1e9**0.74)


def test_the_sources_table_of_optima_needs_the_unrounded_constants() -> None:
    for parameters, data in fitted_laws.HOFFMANN_TABLE.items():
        assert fitted_laws.HOFFMANN.optimal_data(parameters) == pytest.approx(data, rel=0.2)
        assert fitted_laws.HOFFMANN_ROUNDED.optimal_data(parameters) > 1.5 * data


def test_constants_are_those_of_the_ledger() -> None:
    printed = dict(re.findall(r"(E|A|B|\\alpha|\\beta)=([\d.]+)", claims["CHIN-CONST"].statement))
    paper = {name.strip("\\"): float(value) for name, value in printed.items()}
    assert paper == {name: getattr(fitted_laws.PAPER_CHINCHILLA, name) for name in ("alpha", "beta", "E", "A", "B")}
    kaplan = dict(re.findall(r"(\w+) = ([\d.e]+\d)", claims["KAP-EQ"].reason))
    assert {name: float(value) for name, value in kaplan.items()} == {
        name: getattr(KAPLAN, name) for name in ("alpha_N", "alpha_D", "N_c", "D_c")
    }


def test_fits_say_what_their_authors_say_of_chinchillas_budget() -> None:
    """About twenty tokens a parameter by the refit; by Kaplan et al. the two laws of N agree where data abound."""
    parameters, data = fitted_laws.BESIROGLU.optimum(5.76e23)
    assert 15 < data / parameters < 30
    many, separate = KAPLAN.loss(1.5e9, 1e15), fitted_laws.KAPLAN_SEPARATE.loss(1.5e9, 1e15)
    assert many == pytest.approx(separate, rel=0.03)


def test_exponents_none_of_which_is_two() -> None:
    rows = fitted_laws.exponent_table()
    assert all(a + b == pytest.approx(1) and a / b == pytest.approx(p) for _, a, b, p in rows)
    exponents = sorted(p for *_, p in rows)
    assert [p for p in exponents if 1.4 < p < 2.6] == []
    assert exponents[0] == pytest.approx(0.79, abs=0.01)
    assert exponents[-1] == pytest.approx(2.70, abs=0.01)


def test_interval_of_the_refit() -> None:
    assert fitted_laws.BESIROGLU.interval() == pytest.approx((1.7584, 1.876))
    assert fitted_laws.BESIROGLU.interval("alpha", 1) == pytest.approx((0.3278, 0.3678))
    assert LAWS[0].interval() is None


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_certified_loss_is_a_tight_ball_around_the_float(law: FittedLaw) -> None:
    ball = certified_laws.certified_loss(law, 7 * 10**10, 14 * 10**11)
    assert float(ball.mid()) == pytest.approx(law.loss(7e10, 1.4e12), rel=1e-13)
    assert float(ball.rad()) < 1e-12


def test_certified_losses_refuse_nothing_trained_on_nothing() -> None:
    for call in (
        lambda: certified_laws.certified_loss(LAWS[0], 0, 1),
        lambda: certified_laws.certified_kaplan_loss(KAPLAN, 1, 0),
    ):
        with pytest.raises(ValueError, match="at least 1"):
            call()
    ball = certified_laws.certified_kaplan_loss(KAPLAN, 15 * 10**8, 22 * 10**9)
    assert float(ball.mid()) == pytest.approx(KAPLAN.loss(1.5e9, 2.2e10), rel=1e-13)


@pytest.mark.parametrize(
    ("value", "printed", "expected"),
    [("2.2499", 2.2, True), ("2.25", 2.2, True), ("2.2501", 2.2, False), ("2.1499", 2.2, False), ("1.694", 1.69, True)],
)
def test_rounding_is_to_the_printed_digits(value: str, printed: float, expected: bool) -> None:
    assert certified_laws.rounds_to(lambda: to_arb(Fraction(value)), printed) is expected


def test_decimals_are_exact() -> None:
    assert certified_laws.exact(0.34) == Fraction(17, 50)
    assert certified_laws.exact(6.4e13) == 64 * 10**12
    assert certified_laws.exact(np.float64(0.34)) == Fraction(17, 50)
    assert certified_laws.rounds_to(lambda: to_arb(Fraction("2.04")), 2) is True
    assert certified_laws.rounds_to(lambda: to_arb(0), 1e-7) is False
    assert certified_laws.rounds_to(lambda: to_arb(Fraction("1.4e-7")), 1e-7) is True


# The relatives of equation (1).


@pytest.mark.parametrize(
    ("parameters", "tokens", "expected"), [(6.34e9, 242e9, 2.2256440889984477), (8.67e9, 178e9, 2.2269634075087867)]
)
def test_law_for_repeated_data_against_the_authors_published_output(
    parameters: float, tokens: float, expected: float
) -> None:
    distinct, exponent = 25e9, 0.3526596
    constants = {"E": math.exp(0.6254804), "A": math.exp(6.255414), "B": math.exp(7.3049974)}
    fit = FittedLaw("theirs", *constants.values(), exponent, exponent, "test")
    useful = min(parameters, fit.optimal_parameters(distinct))
    value = law_proofs.muennighoff().subs(
        {
            **{getattr(law_proofs, k): v for k, v in constants.items()},
            law_proofs.alpha: exponent,
            law_proofs.beta: exponent,
            law_proofs.U_N: useful,
            law_proofs.R_N: parameters / useful - 1,
            law_proofs.U_D: distinct,
            law_proofs.R_D: tokens / distinct - 1,
            law_proofs.Q_N: 5.309743,
            law_proofs.Q_D: 15.387756,
        }
    )
    assert float(value) == pytest.approx(expected, rel=1e-9)


def test_rounded_constants_stand_for_the_authors() -> None:
    unrounded = (math.exp(0.6254804), math.exp(6.255414), math.exp(7.3049974), 0.3526596)
    law = fitted_laws.MUENNIGHOFF
    assert (law.E, law.A, law.B, law.alpha) == pytest.approx(unrounded, rel=1e-3)


def test_gadres_law_is_equation_one_with_equal_exponents() -> None:
    point = {
        law_proofs.E: 1.7,
        law_proofs.A: 300.0,
        law_proofs.B: 900.0,
        law_proofs.alpha: 0.3,
        law_proofs.N: 1e9,
        law_proofs.D: 3e10,
    }
    ours = law_proofs.equation_one(law_proofs.N, law_proofs.D).subs({law_proofs.beta: law_proofs.alpha})
    assert float(ours.subs(point)) == pytest.approx(
        float(law_proofs.gadre(law_proofs.N, law_proofs.D).subs(point)), rel=1e-12
    )


def test_both_laws_are_increasing_functions_of_a_sum_of_two_powers() -> None:
    (x, y), rng = (law_proofs.alpha_N / law_proofs.alpha_D, sp.Integer(1)), np.random.default_rng(2)
    names = (law_proofs.N, law_proofs.D, law_proofs.N_c, law_proofs.D_c, law_proofs.alpha_N, law_proofs.alpha_D)
    for values in rng.uniform(0.2, 3, (5, 6)):
        at = dict(zip(names, values, strict=True))
        n, d, big_n, big_d, a, b = values
        inner = big_n ** (a / b) * n ** -float(x.subs(at)) + big_d * d ** -float(y)
        assert inner**b == pytest.approx(float(law_proofs.kaplan(*names[:2]).subs(at)))
    exponents = {"equation (1)": (law_proofs.alpha, law_proofs.beta), "Kaplan et al.": (x, y)}
    assert law_proofs.relative_residuals(exponents) == [0, 0]
    assert law_proofs.falls(law_proofs.kaplan, law_proofs.D)


def test_joint_limit_is_not_given_where_the_variables_mix() -> None:
    assert law_proofs.joint_limit(law_proofs.kaplan) is None
    assert law_proofs.joint_limit(lambda n, d: law_proofs.E + n / d) is None


@SMALL
@given(laws, st.floats(17, 24), st.floats(1.05, 50))
def test_at_equal_compute_the_loss_rises_away_from_the_optimum(law: FittedLaw, log_compute: float, step: float) -> None:
    best, _ = law.optimum(10**log_compute)
    for side in (1, -1):
        sizes = [best * step ** (side * k) for k in (0, 1, 2)]
        values = [law.loss(n, 10**log_compute / 6 / n) for n in sizes]
        assert values == sorted(values)


# Units.

texts = st.lists(st.floats(0.01, 1), min_size=1, max_size=5)


@SMALL
@given(texts, st.integers(1, 4))
def test_blocks_and_codes_rescale_the_loss(probabilities: list[float], size: int) -> None:
    text = probabilities * size  # a length that the size divides
    own = -np.mean(np.log(text))
    assert float(units.loss(units.grouped(text, size))) == pytest.approx(size * own, abs=1e-12)
    assert float(units.loss(units.spread(text, size))) == pytest.approx(own / size, abs=1e-12)
    assert float(units.perplexity(text)) == pytest.approx(math.exp(own))


@SMALL
@given(texts, st.integers(1, 4))
def test_no_unit_makes_the_loss_larger_than_the_text_in_one_block(probabilities: list[float], size: int) -> None:
    text = probabilities * size
    whole = -math.fsum(math.log(p) for p in text)
    longest = float(units.loss(units.grouped(text, len(text))))
    assert longest == pytest.approx(whole, abs=1e-12)
    for cut in (units.grouped(text, size), units.spread(text, size), text):
        assert float(units.loss(cut)) <= longest + 1e-12


def test_units_refuse_empty_texts_and_uneven_blocks() -> None:
    with pytest.raises(ValueError, match="empty"):
        units.loss([])
    with pytest.raises(ValueError, match="size=2"):
        units.grouped([0.5] * 3, 2)
    with pytest.raises(ValueError, match="size=0"):
        units.spread([0.5], 0)


@SMALL
@given(st.lists(st.integers(0, 3), min_size=1, max_size=20), st.lists(st.floats(-5, 0), min_size=4, max_size=4))
def test_sum_over_the_vocabulary_is_the_mean_over_a_text(text: list[int], logs: list[float]) -> None:
    counts = [text.count(k) for k in range(4)]
    mean = -float(np.mean([logs[k] for k in text]))
    assert float(units.vocabulary_form(counts, logs)) == pytest.approx(mean, abs=1e-12)
    assert float(units.token_form(counts, logs)) == pytest.approx(mean, abs=1e-12)


@SMALL
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=6), st.floats(-3, 3))
def test_shifting_the_logits_changes_log_z_only(logits: list[float], shift: float) -> None:
    shifted = [u + shift for u in logits]
    assert float(units.cross_entropy(logits, 0)) == pytest.approx(-log_softmax(logits)[0], abs=1e-9)
    assert float(units.cross_entropy(shifted, 0)) == pytest.approx(-log_softmax(logits)[0], abs=1e-9)
    centered = [u - logsumexp(logits) for u in logits]
    assert float(units.log_partition(centered)) == pytest.approx(0, abs=1e-12)
    assert float(units.log_partition(shifted)) == pytest.approx(logsumexp(logits) + shift, abs=1e-9)


@pytest.mark.parametrize(("tokens", "width", "rows", "norm"), [(2, 1, 1.0, 1.0), (5, 3, 0.7, 2.0), (50, 8, 2.0, 1.5)])
def test_no_bounded_head_goes_below_the_bound(tokens: int, width: int, rows: float, norm: float) -> None:
    rng = np.random.default_rng(4)
    bound = float(units.bounded_head(tokens, rows, norm))
    head = rng.normal(size=(2000, tokens, width))
    head *= rows / np.linalg.norm(head, axis=-1, keepdims=True)
    hidden = norm * head[:, 0] / rows
    losses = -log_softmax(np.einsum("mvn,mn->mv", head, hidden), axis=-1)[:, 0]
    assert losses.min() >= bound - 1e-12
    extreme = np.full(tokens, -rows * norm)
    extreme[0] *= -1
    assert -log_softmax(extreme)[0] == pytest.approx(bound)


def test_published_compressions() -> None:
    assert float(published_losses.WEBTEXT2.bytes_per_token) == pytest.approx(96 / 22.9)
    assert 1 / float(published_losses.MASSIVETEXT.per_byte(1.0)) == pytest.approx(10.5 / (0.3 / 0.128), rel=1e-3)


# The tables.


@pytest.mark.parametrize("name", table_two.TABLE_TWO)
def test_rows_are_those_of_the_ledger(name: str) -> None:
    row, statement = table_two.TABLE_TWO[name], claims[name].statement
    scales = {"B": 10**9, "T": 10**12}
    numbers = [Fraction(value) * scales[unit] for value, unit in re.findall(r"\$([\d.]+)\$([BT])", statement)]
    assert numbers == [row.parameters, row.tokens]
    assert float(re.findall(r"L=([\d.]+)", statement)[0]) == row.loss
    assert row.source.split(" et al.")[0] in claims[name].source
    assert claims[name].argued is not None


def test_the_sources_printed_constants_are_its_unrounded_ones_rounded() -> None:
    for name in ("E", "A", "B", "alpha", "beta"):
        unrounded = Fraction(str(getattr(fitted_laws.HOFFMANN, name)))
        assert certified_laws.rounds_to(lambda v=unrounded: to_arb(v), getattr(fitted_laws.HOFFMANN_ROUNDED, name)), (
            name
        )


def test_laws_of_kaplan_at_the_transformer_of_the_table() -> None:
    row, separate = table_two.TABLE_TWO["T2-TRANS"], fitted_laws.KAPLAN_SEPARATE
    ball = certified_laws.certified_power_law(separate.N_c, row.parameters, separate.alpha_N)
    assert float(ball.mid()) == pytest.approx((8.8e13 / 1.5e9) ** 0.076, rel=1e-13)
    assert KAPLAN.loss(row.parameters, row.tokens) == pytest.approx(2.31, abs=5e-3)


def test_the_spread_of_the_table_in_compute() -> None:
    """Along the optima of Hoffmann et al. the loss is E plus a multiple of a power of the compute."""
    law = fitted_laws.HOFFMANN
    losses = [row.loss for row in table_two.TABLE_TWO.values()]
    rate = law.alpha * law.beta / (law.alpha + law.beta)
    assert ((max(losses) - law.E) / (min(losses) - law.E)) ** (1 / rate) == pytest.approx(20, abs=0.5)


def test_palm_row_is_the_run_of_the_study_with_1e22_operations() -> None:
    tokens = 1e22 / 6 / 16.1e9
    assert tokens / table_two.TABLE_TWO["T2-PALM2"].tokens == pytest.approx(1, abs=0.05)


def test_losses_below_one_are_converted_by_log_two() -> None:
    for loss in published_losses.BELOW_ONE:
        assert float(loss.nats().mid()) == pytest.approx(loss.value * math.log(2))
    assert published_losses.below_one() == list(published_losses.BELOW_ONE)
    above = published_losses.PublishedLoss("m", "d", 1.45, "bits per byte", "test", True)
    assert published_losses.below_one((above,)) == []


def test_equal_logits_lose_log_v() -> None:
    assert sp.simplify(units.cross_entropy([sp.Integer(0)] * 3, 1) - sp.log(3)) == 0


def test_data_seen_twice_are_worth_less_than_new_ones() -> None:
    assert law_proofs.repetition_is_worth_less()
    for q in (0.1, 1.0, 15.4, 1e3):
        assert 1 < 1 + q * (1 - math.exp(-1 / q)) < 2


def test_steps_of_the_general_arguments_at_numbers() -> None:
    rng = np.random.default_rng(3)
    assert units.cut_residuals() == (0, 0)
    assert units.shift_step() == (0, 0, 0)
    assert units.lagrange_step() == (0, 0)
    for size in (2, 5):
        w, h = rng.normal(size=(2, size))
        squares = sum((w[i] * h[j] - w[j] * h[i]) ** 2 for i in range(size) for j in range(i))
        assert (w @ w) * (h @ h) - (w @ h) ** 2 == pytest.approx(squares)


# The pictures.


def test_pictures_show_the_numbers_that_they_are_given() -> None:
    points = {row.model: (row.parameters, row.tokens, row.loss) for row in table_two.TABLE_TWO.values()}
    printed, *laws, one = losses_figure.at_points(points).figure.axes[0].lines
    assert list(printed.get_xdata()) == [loss for *_, loss in points.values()]
    assert len({line.get_marker() for line in laws}) == len(LAWS) + 1
    assert laws[0].get_xdata()[1] == pytest.approx(LAWS[0].loss(70e9, 1.4e12))
    assert set(one.get_xdata()) == {1}
    plate = losses_figure.limits()
    marks = [line for line in plate.figure.axes[0].lines if line.get_marker() in losses_figure.MARKERS]
    assert [line.get_xdata()[0] for line in marks] == [law.E for law in LAWS]
    assert "from {:.3f} to {:.3f}".format(*BESIROGLU.interval()) in plate.alt
    joined = losses_figure.in_two_units(published_losses.comparable()).figure.axes[0].lines[0].get_xdata()
    assert joined[0] == pytest.approx(joined[1] / float(published_losses.WEBTEXT2.bytes_per_token))


def test_the_words_name_the_models_below_whose_loss_all_laws_lie() -> None:
    parameters, tokens = 10**9, 10**10
    highest = max(law.loss(parameters, tokens) for law in (*LAWS, fitted_laws.KAPLAN))
    points = {"above": (parameters, tokens, highest + 0.01), "below": (parameters, tokens, highest - 0.01)}
    assert losses_figure.at_points(points).alt.endswith("All laws lie below the printed loss for above.")


def test_slider_moves_every_curve_and_its_optimum() -> None:
    with pytest.raises(ValueError, match="0 laws"):
        losses_figure.explore(laws=())
    many = losses_figure.explore(laws=(*LAWS, *LAWS), budgets=(20,))
    assert len(many.frames[""]["10²⁰"].curves) == 4 * len(LAWS)
    figure = losses_figure.explore(budgets=(20, 22))
    assert figure.steps == ("10²⁰", "10²²")
    for budget, state in zip((20, 22), figure.frames[""].values(), strict=True):
        lines = [curve for curve in state.curves if curve.mode == "lines"]
        assert len({(curve.dash, curve.color) for curve in lines}) == len(LAWS)
        curve, spot = state.curves[:2]
        assert spot.y[0] <= min(curve.y) + 1e-4
        assert spot.x[0] == pytest.approx(LAWS[1].optimum(10.0**budget)[0], rel=1e-3)
        assert f"{KAPLAN.optimum(10.0**budget)[0]:.2g}" in state.says
