"""Chapter 11: verdicts that follow from other verdicts, and the small theories behind the framing sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from assocmem.claims import Finding, claims, survey
from assocmem.claims.views import derived
from assocmem.claims.what_stands.what_stands import framing, setup, small_models
from assocmem.theory.balance import best_dimension
from assocmem.theory.cross_entropy import larger_models
from assocmem.theory.cross_entropy.fitted_laws import PAPER_CHINCHILLA
from assocmem.theory.exact.distances import PAPER, as_distance
from assocmem.theory.question_formation.experiment import Plateau
from assocmem.theory.what_stands import (
    budget,
    early_stopping,
    experiments_in_theory_variables,
    linear_risk,
    order_of_layers,
)
from assocmem.theory.what_stands.experiments_in_theory_variables import Grid, Radius

QUICK = settings(max_examples=20, deadline=None, derandomize=True)


@dataclass(frozen=True)
class Toy:
    """A claim of which only this much is read."""

    verdict: str
    depends_on: tuple[str, ...] = ()
    chapter: int = 1
    origin: str = "paper"


LEDGER = {
    "good": Toy("proved"),
    "half": Toy("proved with a condition", ("good",)),
    "vague": Toy("ill-defined", ("good", "half")),
    "wish": Toy("heuristic", (), 2),
    "open": Toy("not yet treated", ("vague",), 3),
    "bad": Toy("refuted", ("open", "wish"), 3),
    "ours": Toy("proved", (), 1, "book"),
}


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [
        (("good",), "holds"),
        (("good", "half"), "holds if"),
        (("half", "wish"), "heuristic"),
        (("wish", "vague", "good"), "ill-defined"),
        (("open", "vague", "half"), "undecided"),
        (("open", "bad"), "fails"),
        (("good", "half", "vague", "wish", "bad"), "fails"),
    ],
)
def test_a_sentence_is_worth_as_much_as_its_weakest_part(parts: tuple[str, ...], outcome: str) -> None:
    assert derived.conjunction(parts, LEDGER).outcome == outcome
    assert derived.conjunction(parts[::-1], LEDGER).outcome == outcome


def test_a_changed_part_changes_the_sentence() -> None:
    changed = {**LEDGER, "half": Toy("refuted")}
    assert derived.conjunction(("good", "half"), changed).outcome == "fails"
    assert "half" in derived.conjunction(("good", "half"), changed).text


def test_a_sentence_asserts_something_known() -> None:
    with pytest.raises(ValueError, match="names is empty"):
        derived.conjunction((), LEDGER)
    with pytest.raises(KeyError, match="near matches"):
        derived.conjunction(("P9",))


def test_bases_and_what_rests_on_them() -> None:
    assert derived.bases(["open"], LEDGER) == {"vague", "good", "half"}
    assert derived.bases(["good"], LEDGER) == set()
    assert derived.bases(["open", "half"], LEDGER) == {"vague", "good", "half"}
    assert derived.resting_on(["half"], LEDGER) == ["vague", "open", "bad"]
    assert derived.resting_on(["bad"], LEDGER) == []
    assert derived.fallen(["bad", "good"], LEDGER) == ["bad"]


def test_bases_agree_with_the_edges_one_by_one() -> None:
    for name in ("P4", "LIM-DEP", "X-DESC"):
        direct = set(claims[name].depends_on)
        assert derived.bases([name]) == direct | {b for other in direct for b in derived.bases([other])}


def test_tally_counts_chapters_that_are_decided_completely() -> None:
    assert derived.tally(LEDGER) == {
        1: Counter({"proved": 1, "proved with a condition": 1, "ill-defined": 1}),
        2: Counter({"heuristic": 1}),
    }
    assert derived.tally(LEDGER, "book") == {1: Counter({"proved": 1})}
    for chapter, counts in derived.tally().items():
        assert counts.total() == sum((c.chapter, c.origin) == (chapter, "paper") for c in claims.values())


@pytest.mark.parametrize("name", [c.id for c in claims.values() if c.chapter == 11])
def test_parts_of_a_sentence_are_edges_of_the_graph(name: str) -> None:
    stmt = claims[name].formal
    parts = stmt.parts if isinstance(stmt, framing.Joined) else stmt.get("parts", ()) if isinstance(stmt, dict) else ()
    assert set(parts) <= set(claims[name].depends_on)


def test_a_check_reads_the_verdicts_of_its_basis_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict that is read without an edge would change without the graph showing what it moves."""
    requested: set[str] = set()

    def recorded(names: Sequence[str]) -> Finding:
        requested.update(names)
        return derived.conjunction(names)

    monkeypatch.setattr(framing, "conjunction", recorded)
    total = 0
    for claim in (c for c in claims.values() if c.chapter == 11):
        requested.clear()
        claim.check(claim.formal)
        assert requested <= set(claim.depends_on), claim.id
        total += len(requested)
    assert total >= 10


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("ABS-BAL", "P4-MIN"),
        ("ABS-BAL", "P5-PRINTED"),
        ("ABS-BAL", "P5-MIN-FIX"),
        ("ABS-BAL-LOSS", "P4"),
        ("ABS-BOUND", "X-CE-SMALL"),
        ("ABS-ENERGY", "MCHN-ATT"),
        ("ABS-APPROX", "P2-CLOSE"),
        ("ABS-MM", "EQ6-MM"),
        ("CONC-NN", "P1"),
    ],
)
def test_a_part_that_opens_again_changes_what_is_found(name: str, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [item.finding for item in claims[name].check().evidence]
    opened = {**claims, part: replace(claims[part], verdict="not yet treated")}
    monkeypatch.setattr(framing, "conjunction", lambda names: derived.conjunction(names, opened))
    assert [item.finding for item in claims[name].check(claims[name].formal).evidence] != before


@pytest.mark.parametrize(("n", "p"), [(20, 4), (4, 12), (12, 4), (6, 24)])
def test_linear_risk_against_simulated_fits(n: int, p: int) -> None:
    features, noise, draws = 24, 0.25, 4000
    rng = np.random.default_rng(0)
    weights = np.full(features, (1 / features) ** 0.5)
    inputs = rng.standard_normal((draws, n, features))
    targets = inputs @ weights + noise**0.5 * rng.standard_normal((draws, n))
    fitted = np.zeros((draws, features))
    fitted[:, :p] = (np.linalg.pinv(inputs[:, :, :p]) @ targets[..., None])[..., 0]
    errors = ((fitted - weights) ** 2).sum(1) + noise
    exact = float(linear_risk.risk(n, p, features=features, noise=Fraction(1, 4)))
    assert abs(errors.mean() - exact) < 5 * errors.std() / draws**0.5


def test_linear_risk_of_one_parameter_is_an_inverse_chi_square_mean() -> None:
    for n in (3, 4, 7):
        inverse = chi2.expect(lambda s: 1 / s, args=(n,))
        assert math.isclose(linear_risk.risk(n, 1, features=1, noise=1) - 1, inverse, rel_tol=1e-6)


@pytest.mark.parametrize(("n", "p"), [(10, 10), (10, 9), (9, 10), (0, 3), (5, 0), (5, 41)])
def test_linear_risk_refuses_what_it_cannot_give(n: int, p: int) -> None:
    with pytest.raises(ValueError, match=f"n={n}, p={p}"):
        linear_risk.risk(n, p, features=40)


def test_directions_of_the_linear_risk_are_those_of_its_values() -> None:
    for what, (way, region) in small_models.PEAK.items():
        assert linear_risk.direction(what, region) == way
    for n, p, features in ((8, 3, 10), (20, 17, 22), (5, 3, 7)):
        few = linear_risk.risk(n, p, features=features), linear_risk.risk(n, p - 1, features=features)
        assert few[0] > few[1]
        assert linear_risk.risk(n + 1, p, features=features) < few[0]
    for n, p, features in ((3, 6, 12), (1, 4, 8), (8, 12, 24)):
        here = linear_risk.risk(n, p, features=features)
        assert linear_risk.risk(n, p + 1, features=features) < here
        assert linear_risk.risk(n + 1, p, features=features) > here


def test_a_difference_without_one_sign_is_neither() -> None:
    x, y = sp.symbols("x y", nonnegative=True)
    assert linear_risk.way(x - y + 1) == "both"
    assert linear_risk.way(x + y) == "both"  # 0 at the origin
    assert linear_risk.way((x + 1) / y) == "both"
    assert linear_risk.way(x + y + 1) == "rises"
    assert linear_risk.way(-1 / (x + 1)) == "falls"


@pytest.mark.parametrize("what", list(small_models.PEAK))
def test_a_range_that_reaches_the_peak_has_no_direction(what: str) -> None:
    way, region = small_models.PEAK[what]
    wider = tuple((name, least.replace("+ 3", "+ 1").replace("+ 2", "+ 0")) for name, least in region)
    assert linear_risk.direction(what, wider) == "both"
    assert way in ("rises", "falls")


def test_single_takes_one_sample_or_one_parameter() -> None:
    with pytest.raises(ValueError, match="n=2, p=5"):
        linear_risk.single(2, 5, 40)


def test_the_larger_model_loses_what_the_closed_form_says() -> None:
    (n, d), (large, less) = larger_models.SMALL, larger_models.LARGE
    difference = PAPER_CHINCHILLA.loss(large, less) - PAPER_CHINCHILLA.loss(n, d)
    assert math.isclose(float(budget.excess(4).mid()), difference, rel_tol=1e-9)
    assert budget.agrees()
    assert budget.excess(1).contains(0)


def test_slopes_of_a_fitted_law_against_differences() -> None:
    law = PAPER_CHINCHILLA
    values = {larger_models.a: law.A, larger_models.x: law.alpha, larger_models.b: law.B, larger_models.y: law.beta}
    values |= {larger_models.N: 1e9, larger_models.D: 2e10}
    slopes = [float(slope.subs(values)) for slope in larger_models.data_slopes()]
    over_n = (law.loss(1.001e9, 2e10) - law.loss(0.999e9, 2e10)) / 2e6
    over_d = (law.loss(1e9, 2.001e10) - law.loss(1e9, 1.999e10)) / 2e7
    assert np.allclose(slopes, [over_n, over_d], rtol=1e-5)


def test_the_larger_model_is_worse_on_the_budget_only() -> None:
    (n, d), (large, less) = larger_models.SMALL, larger_models.LARGE
    assert n * d == large * less
    assert larger_models.larger_is_worse() == (PAPER_CHINCHILLA.loss(large, less) > PAPER_CHINCHILLA.loss(n, d))
    assert not larger_models.larger_is_worse((n, d), (large, d))
    assert not larger_models.larger_is_worse((n, d), (n, d))


@pytest.mark.parametrize("target", [Fraction(2), Fraction(1), Fraction(3), Fraction(1, 2)])
def test_gradient_flow_against_small_steps(target: Fraction) -> None:
    w, path = 0.0, []
    for _ in range(20_000):
        path.append((w - 1) ** 2)
        w += 1e-3 * (float(target) - w)
    losses = [path[0], path[round(math.log(2) / 1e-3)], path[-1]]
    assert np.allclose(losses, [float(v) for v in early_stopping.losses(target)], atol=5e-3)
    if target > 1:
        assert abs(int(np.argmin(path)) * 1e-3 - math.log(target / (target - 1))) < 2e-3


def test_the_flow_and_the_slope_of_its_test_loss() -> None:
    assert early_stopping.flow_residuals() == (0, 0)
    assert early_stopping.slope_residual() == 0
    assert all(early_stopping.signs())


def test_numbers_of_the_experiments_by_plain_arithmetic() -> None:
    radius, plateau, grid = setup.REPORTED
    assert isinstance(radius, Radius)
    assert isinstance(plateau, Plateau)
    assert math.isclose(float(radius.predicted().mid()), 2 * math.sqrt(256 * 1024 / (2 * math.pi * math.e)))
    assert radius.purpose()
    n, d = 5000 * 512, 2_000_000 / 5000
    z = d / math.sqrt(math.pi * n)
    assert plateau == Plateau()
    assert plateau.d == d
    assert math.isclose(float(plateau.largest_partition().mid()), z, rel_tol=1e-6)
    assert math.isclose(float(plateau.least_loss().mid()), math.log(z) + 1 / z, rel_tol=1e-6)
    assert grid == Grid()


def test_an_experiment_that_the_theory_gives_is_no_mismatch() -> None:
    assert all(item.mismatch() for item in setup.REPORTED)
    assert not any(item.mismatch() for item in setup.GIVEN)
    radius, plateau, grid = setup.GIVEN
    assert isinstance(radius, Radius)
    assert isinstance(plateau, Plateau)
    assert isinstance(grid, Grid)
    given = [round(float(value.mid())) for value in (radius.predicted(), plateau.least_loss())]
    assert given == [radius.distance, plateau.loss]
    assert grid.chosen == grid.expected()
    assert Radius(Fraction(20), tokens=1, width=1024).mismatch() is None
    assert Plateau(width=1, tokens=512).mismatch() is None
    assert replace(grid, chosen=(0, 0, 1)).mismatch()


def test_with_the_width_alone_as_dimension_the_third_mismatch_remains() -> None:
    radius, plateau = setup.BY_WIDTH[:2]
    assert isinstance(radius, Radius)
    assert isinstance(plateau, Plateau)
    assert math.isclose(float(radius.predicted().mid()), 2 * math.sqrt(1024 / (2 * math.pi * math.e)))
    assert (plateau.n, plateau.d) == (512, Plateau().d)
    assert [bool(item.mismatch()) for item in setup.BY_WIDTH] == [False, False, True]
    assert claims["ABS-EXP"].check(setup.BY_WIDTH).verdict == "refuted"
    assert claims["ABS-EXP"].check((radius, plateau)).verdict == "undecided"


def test_the_gap_vanishes_for_distances_that_vanish_at_the_patterns() -> None:
    assert Grid().mismatch(as_distance("l1"))
    assert Grid().mismatch(as_distance(lambda x, y: sum(abs(a - b) for a, b in zip(x, y, strict=True)) + x[0])) is None


def test_passes_over_the_data() -> None:
    assert experiments_in_theory_variables.passes(Fraction("294.912"), 6000, 491_520) == 10


def test_parameters_for_the_data() -> None:
    tokens = experiments_in_theory_variables.parameters_per_token()
    assert len(tokens) == 12
    assert math.isclose(tokens[0], 39.95 / 237.98)
    assert math.isclose(tokens[-1], 80.20 / 261.78)
    assert experiments_in_theory_variables.parameters_per_sample()[0] == 1024 * tokens[0]


def test_best_dimension_is_best_among_all_and_grows() -> None:
    for d in (2, 5):
        chosen, last = best_dimension.best(d), best_dimension.last_dimension(d)
        values = {n: best_dimension.certified_at(d, n) for n in range(1, last + 3)}
        assert all(values[chosen] < values[n] for n in values if n != chosen)
    assert best_dimension.last_dimension(2) == math.floor(2 * math.pi * math.e * math.log(2))
    assert best_dimension.moves()
    assert not best_dimension.moves(few=100, many=100)
    with pytest.raises(ValueError, match="two patterns"):
        best_dimension.last_dimension(1)


@QUICK
@given(st.lists(st.integers(-9, 9), min_size=2, max_size=4, unique=True))
def test_order_of_layers_moves_the_output_alone(places: list[int]) -> None:
    layers = tuple((Fraction(p),) for p in places[:2])
    energy, output, _ = order_of_layers.order_seen(layers, PAPER, 3)
    assert not energy
    inside = [p for p in places[:2] if abs(p) <= 3]
    if len(inside) == 2 and abs(places[0] - places[1]) <= 3:
        assert output


def test_a_pass_through_the_layers_by_plain_arithmetic() -> None:
    energy = [-math.log(math.exp(-(x**2)) + math.exp(-((x - 3) ** 2))) for x in (0, 1)]
    end, more = order_of_layers.rise(framing.ORDER, PAPER, 1)
    assert end == 1
    assert math.isclose(float(more.mid()), energy[1] - energy[0])
    assert not order_of_layers.rise(framing.ORDER[:1], PAPER, 1)[1] > 0
    assert not order_of_layers.rise(framing.ORDER[::-1], PAPER, 1)[1] > 0
    assert order_of_layers.swap_residual() == 0


def test_counterexample_to_the_order_of_energies_by_plain_arithmetic() -> None:
    rows = [float(row[0]) for row in framing.NEAR]
    energy = [-math.log(sum(math.exp(-((x - r) ** 2)) for r in rows)) for x in (0, 3)]
    assert energy[0] < energy[1]
    assert 3 in rows
    assert 0 not in rows


def test_a_condition_is_shown_to_be_needed() -> None:
    findings = {item.finding.outcome: item.finding for item in claims["ABS-SIZE"].check().evidence}
    assert set(findings) == {"holds if", "fails"}
    assert findings["fails"].outside


def test_what_the_paper_says_of_sources_and_words_is_argued() -> None:
    words = [c for c in claims.values() if c.chapter == 11 and c.id.startswith(("INT-", "REPRO"))]
    assert words
    assert all(claim.argued and not claim.checks for claim in words)


def test_other_distances_get_their_own_verdicts() -> None:
    rows = survey("l1", ["ABS-BOUND", "ABS-EXP", "CONC-NN", "DISC-HAM", "DISC-HAM-FIX"])
    assert {row.id: row.verdict for row in rows} == {
        "ABS-BOUND": "refuted",
        "ABS-EXP": "refuted",
        "CONC-NN": "ill-defined",
        "DISC-HAM": "ill-defined",
        "DISC-HAM-FIX": "proved",
    }
