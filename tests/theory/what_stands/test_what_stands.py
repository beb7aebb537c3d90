"""Chapter 11: verdicts that follow from other verdicts, and the small theories behind the framing sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from assocmem.claims import Finding, claims, derived, survey
from assocmem.claims.what_stands.what_stands import framing, setup, sources
from assocmem.theory.balance import best_dimension
from assocmem.theory.cross_entropy import larger_models
from assocmem.theory.cross_entropy.fitted_laws import PAPER_CHINCHILLA
from assocmem.theory.exact.distances import PAPER, as_distance
from assocmem.theory.question_formation.experiment import Plateau
from assocmem.theory.what_stands import (
    cited_numbers,
    early_stopping,
    experiments_in_theory_variables,
    linear_risk,
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

    for module in (framing, setup, sources):
        monkeypatch.setattr(module, "conjunction", recorded)
    total = 0
    for claim in (c for c in claims.values() if c.chapter == 11):
        requested.clear()
        claim.check(claim.formal)
        assert requested <= set(claim.depends_on), claim.id
        total += len(requested)
    assert total > 10


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("ABS-BAL", "P5-PRINTED"),
        ("ABS-BAL", "P5-MIN-FIX"),
        ("ABS-BOUND", "X-CE-DISCRETE"),
        ("ABS-ENERGY", "P2-CLOSE"),
        ("ABS-MM", "EQ6-MM"),
        ("INT-STOP", "INT-2T"),
        ("LIM-DEP", "F3-GAP"),
        ("CONC-NN", "NN"),
        ("LIM-HQ", "ASM3-QUAL"),
    ],
)
def test_a_part_that_opens_again_changes_what_is_found(name: str, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [item.finding for item in claims[name].check().evidence]
    opened = {**claims, part: replace(claims[part], verdict="not yet treated")}
    for module in (framing, setup, sources):
        monkeypatch.setattr(module, "conjunction", lambda names: derived.conjunction(names, opened))
    assert [item.finding for item in claims[name].check(claims[name].formal).evidence] != before


def test_assumptions_are_read_from_the_graph() -> None:
    assert not any(name.startswith("ASM") for name in derived.bases(["P1", "P2", "P3"]))
    assert {"ASM1", "ASM2", "ASM3"} <= derived.bases(["P4"])


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


def test_gradient_flow_against_small_steps() -> None:
    for target in (2, 1, 3):
        assert early_stopping.flow_residual(target) == 0
        w, path = 0.0, []
        for _ in range(20_000):
            path.append((w - 1) ** 2)
            w += 1e-3 * (target - w)
        losses = [path[0], path[round(math.log(2) / 1e-3)], path[-1]]
        assert np.allclose(losses, [float(v) for v in early_stopping.losses(target)], atol=5e-3)


def test_numbers_of_the_experiments_by_plain_arithmetic() -> None:
    assert math.isclose(float(Radius().predicted().mid()), 2 * math.sqrt(256 * 1024 / (2 * math.pi * math.e)))
    n, d = 5000 * 512, 2_000_000 / 5000
    z = d / math.sqrt(math.pi * n)
    assert Plateau().d == d
    assert math.isclose(float(Plateau().largest_partition().mid()), z, rel_tol=1e-6)
    assert math.isclose(float(Plateau().least_loss().mid()), math.log(z) + 1 / z, rel_tol=1e-6)


def test_an_experiment_that_the_theory_gives_is_no_mismatch() -> None:
    assert all(item.mismatch() for item in experiments_in_theory_variables.REPORTED)
    assert not any(item.mismatch() for item in experiments_in_theory_variables.predicted())
    assert Radius(Fraction(20), tokens=1).mismatch() is None
    assert Plateau(width=1, tokens=512).mismatch() is None
    assert replace(Grid(), chosen=(0, 0, 1)).mismatch()


def test_with_the_width_alone_as_dimension_the_third_mismatch_remains() -> None:
    radius, plateau = experiments_in_theory_variables.BY_WIDTH[:2]
    assert isinstance(radius, Radius)
    assert isinstance(plateau, Plateau)
    assert math.isclose(float(radius.predicted().mid()), 2 * math.sqrt(1024 / (2 * math.pi * math.e)))
    assert (plateau.n, plateau.d) == (512, Plateau().d)
    assert [bool(item.mismatch()) for item in experiments_in_theory_variables.BY_WIDTH] == [False, False, True]
    assert claims["ABS-EXP"].check(experiments_in_theory_variables.BY_WIDTH).verdict == "refuted"
    assert claims["ABS-EXP"].check((radius, plateau)).verdict == "undecided"


def test_the_gap_vanishes_for_distances_that_vanish_at_the_patterns() -> None:
    assert Grid().mismatch(as_distance("l1"))
    assert Grid().mismatch(as_distance(lambda x, y: sum(abs(a - b) for a, b in zip(x, y, strict=True)) + x[0])) is None


def test_passes_over_the_data() -> None:
    assert experiments_in_theory_variables.passes(Fraction("294.912")) == 10


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


def test_means_of_the_suite_are_those_that_its_authors_print() -> None:
    printed = {"MiniCPM-2B": "52.33", "Llama2-7B": "35.40", "Mistral-7B": "48.97", "Llama2-13B": "41.48"}
    assert {model: f"{float(cited_numbers.mean(model)):.2f}" for model in cited_numbers.MINICPM} == printed
    assert cited_numbers.widest_deficit("Mistral-7B", "MiniCPM-2B")[0] == "HumanEval"


def test_numbers_of_recent_models() -> None:
    assert cited_numbers.reaching("GPUs", 4480) == list(cited_numbers.MODELS)
    assert cited_numbers.reaching("GPUs", 10_000) == ["the 175B model of MegaScale"]
    assert cited_numbers.reaching("tokens", 10**11) == ["MT-NLG"]
    beyond = {"least": {"GPUs": 10**6}, "one model": "no"}
    assert claims["INT-530B"].check(beyond).verdict == "undecided"


def test_memorization_and_performance_go_together_over_sizes_alone() -> None:
    verdicts = {what: claims["ABS-MEM"].check({"compared": what}).verdict for what in cited_numbers.ASSOCIATIONS}
    assert verdicts.pop("models of different size") == "proved"
    assert set(verdicts.values()) == {"refuted"}


def test_share_of_table_two() -> None:
    near = [cited_numbers.share_near(Fraction("2.2"), Fraction(w)) for w in ("0", "0.1", "0.2", "0.3")]
    assert near == [Fraction(1, 6), Fraction(1, 3), Fraction(5, 6), 1]


def test_a_source_answers_only_for_what_is_recorded() -> None:
    assert cited_numbers.contradicted("Du et al. (2024)", {"which tasks": "some"}) == []
    assert cited_numbers.contradicted("Du et al. (2024)", {"which tasks": "all"})
    with pytest.raises(KeyError):
        cited_numbers.contradicted("Du et al. (2024)", {"which models": "all"})


@QUICK
@given(st.lists(st.integers(-9, 9), min_size=2, max_size=4, unique=True))
def test_order_of_layers_moves_the_output_alone(places: list[int]) -> None:
    layers = tuple((Fraction(p),) for p in places[:2])
    energy, output = framing.order_matters(layers, PAPER)
    assert not energy
    inside = [p for p in places[:2] if abs(p) <= 3]
    if len(inside) == 2 and abs(places[0] - places[1]) <= 3:
        assert output


def test_a_pass_through_the_layers_by_plain_arithmetic() -> None:
    energy = [-math.log(math.exp(-(x**2)) + math.exp(-((x - 3) ** 2))) for x in (0, 1)]
    assert energy[0] < energy[1]
    assert framing.pass_raises_energy(framing.ORDER, PAPER)
    assert not framing.pass_raises_energy(framing.ORDER[:1], PAPER)
    assert not framing.pass_raises_energy(framing.ORDER[::-1], PAPER)
    assert framing.layer_swap_residual() == 0


def test_counterexample_to_the_order_of_energies_by_plain_arithmetic() -> None:
    rows = [float(row[0]) for row in framing.NEAR]
    energy = [-math.log(sum(math.exp(-((x - r) ** 2)) for r in rows)) for x in (0, 3)]
    assert energy[0] < energy[1]
    assert 3 in rows
    assert 0 not in rows


@pytest.mark.parametrize(
    "name",
    [
        "ABS-SIZE",
        "ABS-BAL",
        "ABS-BOUND",
        "CONC-NN",
        "DISC-COND",
        "DISC-PINN",
        "INT-530B",
        "INT-BEYOND",
        "INT-GEN",
        "INT-MINICPM",
        "INT-STOP",
    ],
)
def test_a_condition_is_shown_to_be_needed(name: str) -> None:
    findings = {item.finding.outcome: item.finding for item in claims[name].check().evidence}
    assert set(findings) == {"holds if", "fails"}
    assert findings["fails"].outside


def test_other_distances_get_their_own_verdicts() -> None:
    rows = survey("l1", ["ABS-BOUND", "ABS-EXP", "CONC-NN", "DISC-HAM", "DISC-HAM-FIX"])
    assert {row.id: row.verdict for row in rows} == {
        "ABS-BOUND": "proved with a condition",
        "ABS-EXP": "refuted",
        "CONC-NN": "proved with a condition",
        "DISC-HAM": "refuted",
        "DISC-HAM-FIX": "proved",
    }
