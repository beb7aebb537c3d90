"""What a derivation must refuse: false steps, certificates that do not fit, what sympy passes over in silence."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import pytest
import sympy as sp
from flint import arb
from sympy.tensor.indexed import IndexedBase

from assocmem.theory.exact.derivation import (
    Derivation,
    Refused,
    Step,
    bowl,
    by_sign,
    given,
    growing,
    lemma,
    no_negative_term,
    residual,
    summed,
    termwise,
)
from assocmem.theory.exact.derivation.certificates import Certificate, facts_of
from assocmem.theory.exact.derivation.points import Point

i, j, k = sp.symbols("i j k", integer=True)
n, d = sp.symbols("n d", integer=True, positive=True)
x, y = sp.symbols("x y", real=True)
q, t = sp.symbols("q t", nonnegative=True)
z = sp.Symbol("z", positive=True)
a, b = IndexedBase("a", nonnegative=True), IndexedBase("b", real=True)

FALSE: dict[str, tuple[sp.Expr, sp.Expr, Certificate]] = {
    "negative in between": (sp.Integer(0), x**2 - 1, bowl(x)),
    "concave": (sp.Integer(0), -(x**2), bowl(x)),
    "falls": (sp.Integer(0), -q, growing(q)),
    "starts below": (sp.Integer(0), q - 1, growing(q)),
    "not its slope": (sp.Integer(0), x + x**2, bowl(x)),
    "a real symbol may be negative": (sp.Integer(0), x, growing(x)),
    "a term may be negative": (sp.Integer(0), sp.Sum(b[i], (i, 1, d)), no_negative_term),
    "the sum has the wrong sign": (sp.Integer(0), -sp.Sum(a[i], (i, 1, d)), no_negative_term),
}


@pytest.mark.parametrize("case", FALSE)
def test_a_certificate_that_does_not_fit_is_refused(case: str) -> None:
    small, large, by = FALSE[case]
    with pytest.raises(Refused):
        Derivation("false", small, (Step("<=", large, "hoped", by),))


@pytest.mark.parametrize("case", FALSE)
def test_the_certificate_itself_refuses_it_without_points(case: str) -> None:
    small, large, by = FALSE[case]
    assert not by(small, large, {}, False)


def test_a_sum_of_terms_that_may_vanish_is_not_positive() -> None:
    with pytest.raises(Refused):
        Derivation("strict", sp.Integer(0), (Step("<", sp.Sum(a[i], (i, 1, d)), "hoped", no_negative_term),))


def test_a_sum_that_may_be_empty_is_not_positive() -> None:
    with pytest.raises(Refused):
        Derivation("empty", sp.Integer(0), (Step("<", sp.Sum(sp.exp(-a[i]), (i, 2, d)), "terms are positive"),))


def test_a_sum_that_may_be_empty_has_no_sign_even_without_points() -> None:
    terms = sp.exp(-a[i])
    assert by_sign(sp.Integer(0), sp.Sum(terms, (i, 1, d)), {}, True)
    assert by_sign(sp.Integer(0), sp.Sum(terms, (i, 2, d)), {}, False)
    assert not by_sign(sp.Integer(0), sp.Sum(terms, (i, 2, d)), {}, True)


def test_a_falling_function_turns_an_inequality() -> None:
    low, high = sp.Sum(sp.exp(-a[i]), (i, 1, d)), sp.Sum(sp.Integer(1), (i, 1, d))
    by = termwise(low, high, growing(a[i]), lambda total: -sp.log(total))
    with pytest.raises(Refused):
        Derivation("turned", -sp.log(low), (Step("<=", -sp.log(high), "monotone", by),))


def test_sums_are_equal_whatever_their_index_is_called() -> None:
    pairs = IndexedBase("c", real=True)
    assert residual(sp.Sum(b[i], (i, 1, d)), sp.Sum(b[j], (j, 1, d))) == 0
    nested = sp.Sum(b[i] * sp.Sum(pairs[i, k], (k, 1, n)), (i, 1, d))
    assert residual(nested, sp.Sum(sp.Sum(b[i] * pairs[i, k], (i, 1, d)), (k, 1, n))) == 0
    assert residual(sp.Sum(b[i] ** 2, (i, 1, d)), sp.Sum(b[i], (i, 1, d)) ** 2) != 0
    assert residual(sp.Sum(pairs[i, j], (i, 1, d), (j, 1, d)), sp.Sum(pairs[i, i], (i, 1, d))) != 0


@pytest.mark.parametrize(
    ("left", "right"), [((x**2 - 1) / (x - 1), x + 1), (sp.log(x**2), 2 * sp.log(x)), (sp.sqrt(x), sp.sqrt(x))]
)
def test_what_may_be_undefined_is_refused(left: sp.Expr, right: sp.Expr) -> None:
    with pytest.raises(Refused, match="undefined"):
        Derivation("pole", left, (Step("=", right, "cancelled"),))


def test_a_sum_that_may_run_backwards_has_no_number_of_terms() -> None:
    with pytest.raises(ValueError, match="backwards"):
        residual(sp.Sum(sp.Integer(1), (i, 3, d)), d - 2)


def test_a_start_that_is_defined_as_a_number_proves_nothing() -> None:
    with pytest.raises(Refused, match="defined as the number 5"):
        Derivation("L", x, (Step("=", sp.Integer(5), "by definition"),), {x: sp.Integer(5)})


def test_a_function_that_cannot_be_evaluated_is_named() -> None:
    with pytest.raises(Refused, match="zeta"):
        Derivation("zeta", sp.zeta(z + 2), (Step("=", sp.zeta(z + 3), "hoped"),))


def test_relations_that_point_both_ways_conclude_nothing() -> None:
    steps = (Step("<=", q + t, "more"), Step(">=", t, "less"))
    made = Derivation("both", q, steps)
    with pytest.raises(Refused, match="do not chain"):
        made.conclusion()


def test_a_lemma_about_one_value_says_nothing_of_the_others() -> None:
    known = Derivation("one", x + y, (Step("=", 1 + y, "put in"),), {x: sp.Integer(1)})
    with pytest.raises(Refused):
        Derivation("all", x, (Step("=", sp.Integer(1), "the lemma", lemma(known)),))
    free = Derivation("any", sp.log(z), (Step("=", x, "z = e^x"),), {z: sp.exp(x)})
    assert not lemma(free)(sp.log(z), x, {}, True)


def test_a_strict_step_needs_a_strict_lemma() -> None:
    known = Derivation("weak", sp.Integer(0), (Step("<=", q, "q is not negative"),))
    Derivation("again", sp.Integer(0), (Step("<=", q, "the lemma", lemma(known)),))
    with pytest.raises(Refused):
        Derivation("strict", sp.Integer(0), (Step("<", q, "the lemma", lemma(known)),))


def test_values_at_a_point_are_certified_and_follow_definitions() -> None:
    point = Point({z: sp.exp(x)}, random.Random(0), lambda draw: {"x": Fraction(1, 2), "d": Fraction(2)})
    assert point.value(sp.log(z)).overlaps(arb("0.5"))
    assert point.value(sp.Sum(1 / (i + 1), (i, 1, d))).overlaps(arb(5) / 6)
    assert point.value(sp.Max(x, 2, sp.erf(0))) == 2
    assert point.words() == "d=2, x=1/2"


def test_an_inconsistent_sample_refuses_a_true_step() -> None:
    where = {y: x + 1}
    Derivation("true", y, (Step(">", x, "one more"),), where)
    tied = IndexedBase("c", real=True)
    largest = sp.Symbol("m", real=True)
    sample = lambda draw: {"c[1]": Fraction(1), "c[2]": Fraction(3), "m": Fraction(2), "d": Fraction(2)}  # noqa: E731
    with pytest.raises(Refused, match="false at"):
        Derivation("tied", sp.Sum(tied[i], (i, 1, d)), (Step("<=", d * largest / 2, "hoped"),), sample=sample)


root = sp.sqrt(z**2)
BAD: dict[str, tuple[sp.Expr, sp.Expr, dict[sp.Expr, sp.Expr], str]] = {
    "of another sign": (root, -sp.exp(x), {z: -sp.exp(x)}, "is positive, its definition"),
    "a real name for what may be complex": (x, x, {x: sp.Symbol("any")}, "is real, its definition"),
    "in a circle": (x, x, {x: y + 1, y: x - 1}, "defined by itself"),
    "by another index of itself": (b[i], b[i], {b[i]: b[i + 1]}, "defined by itself"),
    "a number by way of another": (x, sp.Integer(5), {x: y, y: sp.Integer(5)}, "defined as the number 5"),
    "two names written alike": (x, x + sp.Symbol("x", positive=True), {}, "two different symbols are called x"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_definition_that_proves_too_much_is_refused(case: str) -> None:
    start, end, where, text = BAD[case]
    with pytest.raises(Refused, match=text):
        Derivation("definition", start, (Step("=", end, "by definition"),), where)


def test_a_divisor_is_not_cancelled_by_what_is_put_in() -> None:
    with pytest.raises(Refused, match="undefined"):
        Derivation("x/x", q + x / y, (Step("=", q + 1, "put in"),), {x: y})


def test_what_sympy_cancels_before_a_line_is_made_cannot_be_seen() -> None:
    Derivation("x y/x", x * y / x, (Step("=", y, "as sympy hands it over"),))


@pytest.mark.parametrize("function", [sp.gamma, sp.loggamma])
def test_gamma_of_what_may_be_negative_is_refused(function: sp.Function) -> None:
    with pytest.raises(Refused, match="undefined"):
        Derivation("gamma", function(x), (Step("=", function(x), "itself"),))
    Derivation("gamma", function(z), (Step("=", function(z), "itself"),))


def test_a_lemma_does_not_free_a_name_that_is_used_twice() -> None:
    other = sp.Symbol("w", positive=True)
    used = Derivation("used", sp.log(z), (Step("=", x, "z = e^x"),), {z: sp.exp(x)})
    assert not lemma(used)(sp.log(z), x, {}, False)
    tied = Derivation("tied", q + z * other, (Step("=", q + 1, "inverse"),), {z: sp.exp(x), other: sp.exp(-x)})
    assert not lemma(tied)(z * other, sp.Integer(1), {}, False)
    assert lemma(tied)(z * other, sp.Integer(1), tied.where, False)


def test_a_derivation_from_facts_is_no_lemma_and_shows_them() -> None:
    fact = given({x: q}, growing(q))
    made = Derivation(
        "fact", sp.Integer(0), (Step("<=", x, "given", fact),), sample=lambda draw: {"x": Fraction(draw.randint(0, 9))}
    )
    assert "*Taken as given:* $x = q$." in made._repr_markdown_()
    assert made.as_dict()["facts"] == ["x = q"]
    assert "taken as given: x = q" in str(made)
    assert not lemma(made)(sp.Integer(0), x, {}, False)
    inside = termwise(sp.Sum(sp.exp(-q), (i, 1, d)), sp.Sum(sp.Integer(1), (i, 1, d)), fact)
    assert facts_of(inside) == {x: q}


def test_a_fact_that_the_points_contradict_is_refused() -> None:
    with pytest.raises(Refused, match="false at"):
        Derivation("fact", sp.Integer(0), (Step("<=", x, "hoped", given({x: q}, growing(q))),))


def test_what_grows_from_zero_is_positive_only_beyond_zero() -> None:
    assert growing(z)(sp.Integer(0), sp.exp(z) - 1, {}, True)
    assert not growing(q)(sp.Integer(0), sp.exp(q) - 1, {}, True)
    assert not growing(z)(sp.Integer(0), sp.Integer(0) * z, {}, True)


def test_a_sum_is_nonnegative_only_if_each_term_is_shown_to_be() -> None:
    total = sp.Sum(b[i] ** 2, (i, 1, d))
    assert summed(total, by_sign)(q, q + total, {}, False)
    assert not summed(total, by_sign)(q, q + total, {}, True)
    assert not summed(total, by_sign)(q, q + 2 * total, {}, False)
    assert not summed(sp.Sum(b[i], (i, 1, d)), by_sign)(q, q + sp.Sum(b[i], (i, 1, d)), {}, False)


def test_a_sum_without_negative_terms_is_told_from_one_with_them_on_either_side_of_zero() -> None:
    up, down, zero = sp.Sum(a[i], (i, 1, d)), sp.Sum(-a[i], (i, 1, d)), sp.Integer(0)
    assert all(no_negative_term(*sides, {}, False) for sides in ((zero, up), (-up, zero), (down, zero), (zero, -down)))
    wrong = ((up, zero), (zero, -up), (zero, down), (-down, zero), (sp.Integer(1), up), (sp.Integer(-1), up))
    assert not any(no_negative_term(*sides, {}, False) for sides in wrong)


def test_a_logarithm_of_sums_that_may_be_empty_is_not_compared_term_by_term() -> None:
    def certified(first: int, through: Callable[[sp.Expr], sp.Expr]) -> bool:
        low, high = sp.Sum(sp.exp(-a[i]), (i, first, d)), sp.Sum(sp.Integer(1), (i, first, d))
        return termwise(low, high, growing(a[i]), through)(through(low), through(high), {}, False)

    assert certified(1, sp.log)
    assert not certified(2, sp.log), "from 2 to d = 1 there is nothing, and its logarithm is none"
    assert certified(2, lambda total: 1 + total)


def test_a_chain_concludes_what_its_weakest_and_its_strictest_line_allow() -> None:
    weak, strict = Step("<=", z + q, "a sum", growing(q)), Step("<", z + q + 1, "one more")
    assert Derivation("both", z, (weak, strict)).conclusion()[1] == "<"
    assert Derivation("weak", z, (weak, Step("=", q + z, "the same"))).conclusion()[1] == "<="
    assert Derivation("equal", z + q, (Step("=", q + z, "the same"),)).conclusion()[1] == "="


def test_a_lemma_gives_the_difference_of_its_ends_in_its_own_direction() -> None:
    up = lemma(Derivation("up", z, (Step("<=", z + q, "a sum", growing(q)),)))
    assert up(x, x + q, {}, False)
    assert not any(up(*sides, {}, False) for sides in ((x + q, x), (x, x + 2 * z + q), (x + 2 * z + q, x)))
    down = lemma(Derivation("down", z + q, (Step(">=", z, "less", growing(q)),)))
    assert down(x, x + q, {}, False)
    assert not any(down(*sides, {}, False) for sides in ((x + q, x), (x, x + 2 * z + q), (x + 2 * z + q, x)))
    same = lemma(Derivation("same", z + q, (Step("=", q + z, "order"),)))
    assert same(x, x, {}, False)
    assert not same(x, x + 2 * z, {}, False)


def test_a_double_sum_has_the_value_of_its_terms() -> None:
    point = Point({}, random.Random(0))
    assert point.value(sp.Sum(i * j, (i, 1, j), (j, 1, 3))) == 25
    assert point.value(sp.Sum(i * j * k, (i, 1, 2), (j, 1, 2), (k, 2, 3))) == 45
