"""Checks of the rule that picks D* in Table 3: its definition, what it selects, what rounding leaves (chapter 7)."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance import table_rule, table_three
from assocmem.theory.cross_entropy.law_proofs import D, N, equation_one, falls, kaplan
from assocmem.theory.exact.certified import sign
from assocmem.theory.exact.distances import Distance

STAR = tuple(row.chosen for row in table_three.ROWS)
CURVE = {"gap": Fraction(19, 100), "fall": Fraction(2, 100)}
claim("F3-LMIN", {**CURVE, "sides": (-1, 1)}, mutants={"the preceding steps": {**CURVE, "sides": (-1,)}})


@check("F3-LMIN", kind="certified", scope="one training loss, over the 1000 steps before and after the best step")
def window_meant(stmt: Any) -> Finding:
    """The error of a training loss 0.19 below the best validation loss that falls by 0.02 within 1000 steps."""
    errors = [table_rule.window_error(stmt["gap"], stmt["fall"], side) for side in stmt["sides"]]
    if errors != [_mean_square(stmt["gap"], side * stmt["fall"], 1000) for side in stmt["sides"]]:
        return Finding.undecided("the errors are not those of the sums in closed form")
    chosen = {error < table_three.THRESHOLD for error in errors}
    text = ", ".join(f"{float(error):.5f}" for error in errors)
    if len(chosen) > 1:
        return Finding.ill_defined(f"before and after the best step: {text}; only the first is below 0.04")
    return Finding.enumerated(f"one window, one error: {text}")


def _mean_square(gap: Fraction, slope: Fraction, window: int) -> Fraction:
    """The mean of (gap + slope k/window)^2 over k = 1, ..., window, by the sums of k and of k^2."""
    return (
        gap**2
        + gap * slope * Fraction(window + 1, window)
        + slope**2 * Fraction((window + 1) * (2 * window + 1), 6 * window**2)
    )


claim("F3-DSTAR", {"sizes": "finite", "strict": True}, mutants={"all real sizes": {"sizes": "real", "strict": True}})


@check(
    "F3-DSTAR",
    kind="symbolic",
    scope="any finite list; the code on up to six sizes; real sizes",
    in_words="from the sizes after the first to one size more: induction over the length of the list",
)
def exists(stmt: Any) -> Finding:
    """A minimum over finitely many sizes exists if some size meets the rule; over all sizes D > 0 it need not.

    The first size meets the rule, or what the rule takes is taken from the sizes after it.
    """
    if stmt["sizes"] == "real":
        size = sp.symbols("D", positive=True)
        meets = sp.solveset(1 / size < sp.Rational(1, 25), size, sp.S.Reals).intersect(sp.Interval.open(0, sp.oo))
        attained = meets.contains(meets.inf) == sp.true
        return Finding.undecided("attained") if attained else Finding.fails("errors 1/D: (25, oo) has no least size")
    for count in range(1, 7):
        for errors in product((Fraction(0), Fraction(1)), repeat=count):
            first = table_rule.first_below(errors, strict=stmt["strict"])
            if (first is None) != (Fraction(0) not in errors) or (first is not None and 0 in errors[:first]):
                return Finding.fails(f"no least size for {errors}", margin="exact")
            rest = table_rule.first_below(errors[1:], strict=stmt["strict"])
            if first != (0 if errors[0] == 0 else rest if rest is None else rest + 1):
                return Finding.fails(f"not the first of {errors} or one of the rest", margin="exact")
    return Finding.holds_if(
        "the sizes are a fixed list with one error each, and one of them meets the rule",
        "a finite set that is not empty has a minimum",
    )


@check("F3-DSTAR", kind="certified", scope="row 1 of Table 3, its printed errors taken as exact")
def may_be_empty(stmt: Any) -> Finding:
    """No size meets the strict rule in a row whose errors are 0.07, 0.05, 0.04, 0.04."""
    if table_rule.first_below(table_three.ROWS[0].errors, strict=stmt["strict"]) is None:
        return Finding.fails("no error of the row is below 0.04: D* does not exist", margin="exact", outside=True)
    return Finding.survived("a size meets the rule")


PLATEAU = {"laws": (equation_one, kaplan), "place": 2, "fall": Fraction(6, 10)}
claim("F3-PLATEAU", PLATEAU, mutants={"the largest size, a level loss": {**PLATEAU, "place": 3, "fall": Fraction(0)}})


@check("F3-PLATEAU", kind="symbolic", scope="both laws that the paper prints, with any positive constants, at fixed N")
def test_loss_at_star(stmt: Any) -> Finding:
    """By both laws the loss at fixed N falls strictly with D, so the largest size has the least.

    The law of Kaplan et al. is one of the loss with early stopping, the least over the steps of a run.
    """
    falling = all(falls(law, D) for law in stmt["laws"])
    if falling and stmt["place"] < len(table_three.ROWS[0].tokens) - 1:
        return Finding.fails("dL/dD < 0 in both laws, while D* is the third of four sizes", margin="exact")
    return Finding.survived("D* is the size with the least loss, or the laws do not say")


@check("F3-PLATEAU", kind="certified", scope="one training loss that crosses the best validation loss")
def no_plateau(stmt: Any) -> Finding:
    """A training loss that falls by the stated amount within the window, from half of it above to half below.

    The window may follow the best step or precede it.
    """
    fall = stmt["fall"]
    error = max(table_rule.window_error(-side * fall / 2, fall, side) for side in (-1, 1))
    if fall > 0 and error < table_three.THRESHOLD:
        return Finding.fails(f"it falls by {float(fall)} nats, its error is {float(error):.4f} < 0.04", margin="exact")
    return Finding.survived("a level loss")


claim("F3-GAP", {"gap": None}, mutants={"a gap that grows like N/D^2": {"gap": N / D**2}})


@check("F3-GAP", kind="certified", scope="2 to 6 patterns on the line, every set of validation patterns")
def gap_in_theory(stmt: Any, distance: Distance) -> Finding:
    """In the theory both losses are means over patterns, so the gap is 0 and the rule picks the smallest size tried."""
    if stmt["gap"] is not None:
        least = sp.solve(sp.Eq(stmt["gap"], sp.Rational(1, 5)), D)[0]
        return Finding.undecided(f"not the theory's gap: with it D* would be {least}")
    for count in range(2, 7):
        for mask in range(1, 2**count):
            chosen = [k for k in range(count) if mask >> k & 1]
            if sign(lambda c=count, s=chosen: table_rule.theory_gap(distance, c, s)) != 0:  # type: ignore[misc]
                return Finding.undecided("patterns differ in their energy")
    return Finding.fails(
        "the gap is exactly 0 for every D, so min{D: 0 < 0.04} is the smallest size, whatever N is", margin="exact"
    )


BELOW, ABOVE = "below", "at or above"
NEEDED = {(0, 2): BELOW, (1, 1): ABOVE, (2, 1): ABOVE}
claim(
    "T3-RULE",
    {"threshold": table_three.THRESHOLD, "places": STAR, "needed": NEEDED},
    mutants={
        "threshold 0.05": {"threshold": Fraction(5, 100), "places": STAR, "needed": NEEDED},
        "second places": {"threshold": table_three.THRESHOLD, "places": (1, 1, 1), "needed": NEEDED},
        "row 1 suffices": {"threshold": table_three.THRESHOLD, "places": STAR, "needed": {(0, 2): BELOW}},
    },
)


@check("T3-RULE", kind="symbolic", scope="all unrounded errors that print as the table does")
def rule_selects(stmt: Any) -> Finding:
    """Every way in which the errors printed as 0.04 may lie to either side of the threshold, enumerated."""
    shares = {
        (i, k): table_rule.share_below(error, stmt["threshold"])
        for i, row in enumerate(table_three.ROWS)
        for k, error in enumerate(row.errors)
    }
    good, open_cells = [], [cell for cell, share in shares.items() if 0 < share < 1]
    for sides in product((True, False), repeat=len(open_cells)):
        below = {cell: share == 1 for cell, share in shares.items()} | dict(zip(open_cells, sides, strict=True))
        firsts = tuple(next((k for k in range(4) if below[i, k]), None) for i in range(3))
        if firsts == stmt["places"]:
            good.append({cell: BELOW if low else ABOVE for cell, low in below.items() if cell in open_cells})
    if not good:
        return Finding.fails("no unrounded errors select the highlighted sizes", margin="exact")
    common = {cell: side for cell, side in good[0].items() if all(g[cell] == side for g in good)}
    if common != stmt["needed"]:
        return Finding.fails(f"what is needed: {common}", margin="exact")
    return Finding.holds_if(
        "the error printed as 0.04 at D* is below 0.04 in row 1, and those before D* in rows 2 and 3 are not",
        f"{len(good)} of {2 ** len(open_cells)} ways to lie about the threshold, exactly these",
    )


@check("T3-RULE", kind="certified", scope="the printed errors taken as exact")
def as_printed(stmt: Any) -> Finding:
    """The rule applied to the printed numbers, with < and with <=."""
    strict, weak = (table_rule.selected(stmt["threshold"], strict=kind) for kind in (True, False))
    if strict == stmt["places"]:
        return Finding.survived("the printed numbers select the highlighted sizes")
    return Finding.fails(
        f"strictly it selects {strict}, with <= {weak} (counted from 0), not {stmt['places']}",
        margin="exact",
        outside=True,
    )


RULE: dict[str, Any] = {"strict": (None, 2, 2), "weak": (2, 1, 1), "thresholds": None}
claim(
    "X-T3-RULE",
    RULE,
    mutants={
        "the strict rule selects row 1": {**RULE, "strict": (2, 2, 2)},
        "the other selects the highlighted sizes": {**RULE, "weak": (2, 2, 2)},
        "a threshold for the printed numbers": {**RULE, "thresholds": (Fraction(4, 100),) * 2},
    },
)


@check("X-T3-RULE", kind="certified", scope="the printed errors as exact numbers")
def on_printed_errors(stmt: Any) -> Finding:
    """Selections with either sign, and the thresholds for the highlighted sizes without rounding."""
    facts = {
        "strict": table_rule.selected(strict=True),
        "weak": table_rule.selected(strict=False),
        "thresholds": table_rule.thresholds(STAR, Fraction(0)),
    }
    wrong = [f"{name}: {value}" for name, value in facts.items() if value != stmt[name]]
    if wrong:
        return Finding.fails(", ".join(wrong), margin="exact")
    return Finding.enumerated(f"sizes counted from 0: < selects {facts['strict']}, <= selects {facts['weak']}")


ROUND: dict[str, Any] = {"selections": 12, "complete": 8, "share": Fraction(1, 8)}
claim(
    "X-T3-ROUND",
    ROUND,
    mutants={
        "eleven selections": {**ROUND, "selections": 11},
        "a D* in every row": {**ROUND, "complete": 12},
        "one in four": {**ROUND, "share": Fraction(1, 4)},
    },
)


@check("X-T3-ROUND", kind="certified", scope="all numbers that print as the errors do")
def on_unrounded_errors(stmt: Any) -> Finding:
    """Selections by exact enumeration of which errors may lie below the threshold, with their shares."""
    selections = table_rule.selections()
    facts = {
        "selections": len(selections),
        "complete": sum(map(table_rule.complete, selections)),
        "share": selections[STAR],
    }
    wrong = [f"{name}: {value}" for name, value in facts.items() if value != stmt[name]]
    if wrong or sum(selections.values()) != 1:
        return Finding.fails(", ".join(wrong), margin="exact")
    return Finding.enumerated(f"{len(selections)} selections; the printed one has share {facts['share']}")


SIGMA = (Fraction(35, 1000), Fraction(45, 1000))
claim(
    "X-T3-SIGMA",
    SIGMA,
    mutants={"up to 0.05": (SIGMA[0], Fraction(5, 100)), "from 0.04 on": (Fraction(4, 100), SIGMA[1])},
)


@check("X-T3-SIGMA", kind="certified", scope="all numbers that print as the errors do, all thresholds")
def thresholds_of_the_highlighted(stmt: Any) -> Finding:
    """The interval of thresholds, and shares of the selection at its ends and beside them."""
    if table_rule.thresholds(STAR) != stmt:
        return Finding.fails(f"thresholds {table_rule.thresholds(STAR)}", margin="exact")
    low, high = stmt
    beside = Fraction(1, 10**6)
    possible = [STAR in table_rule.selections(t) for t in (low, low + beside, high - beside, high, high + beside)]
    if possible[1:3] != [True, True] or possible[0] or possible[4]:
        return Finding.undecided(f"selections at the ends: {possible}")
    return Finding.enumerated(f"from {float(low)}, which it must exceed, to {float(high)}")
