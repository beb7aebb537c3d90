"""Checks of Propositions 1-3 and of their corrected forms."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import derivations, sandwich
from assocmem.theory.energies.sandwich import LinearSandwich
from assocmem.theory.exact.distances import Distance

GAP = {"M": 1, "log_d": -1, "E": -1}
SHIFT = {"g": 1, "M": -1}
P1 = LinearSandwich({"g": 1, "log_d": -1}, {"E": 1}, {"g": 1})
P2 = LinearSandwich({"delta": -1}, GAP, {"delta": 1})
P2_FIX = LinearSandwich({}, GAP, {"delta": 1})
P3 = LinearSandwich({"delta": -1}, SHIFT, {"delta": 1, "log_d": 1})
P3_FIX = LinearSandwich({"delta": -1, "log_d": -1}, SHIFT, {})

claim(
    "P1",
    P1,
    mutants={
        "without log d": LinearSandwich({"g": 1}, {"E": 1}, {"g": 1}),
        "0.99 log d in place of log d": LinearSandwich({"g": 1, "log_d": Fraction(-99, 100)}, {"E": 1}, {"g": 1}),
        "sign of E flipped": LinearSandwich({"g": 1, "log_d": -1}, {"E": -1}, {"g": 1}),
    },
)
claim(
    "P2",
    P2,
    mutants={
        "0.99 Delta in place of Delta": LinearSandwich({"delta": -1}, GAP, {"delta": Fraction(99, 100)}),
        "without log d": LinearSandwich({"delta": -1}, {"M": 1, "E": -1}, {"delta": 1}),
    },
)
claim(
    "P2-FIX",
    P2_FIX,
    mutants={
        "one side flipped": LinearSandwich({"delta": -1}, GAP, {}),
        "0.99 Delta in place of Delta": LinearSandwich({}, GAP, {"delta": Fraction(99, 100)}),
    },
)
claim(
    "P3",
    P3,
    mutants={
        "the corrected bounds put in its place": P3_FIX,
        "the sign of the middle flipped": LinearSandwich(P3.lower, {"M": 1, "g": -1}, P3.upper),
    },
)
claim(
    "P3-FIX",
    P3_FIX,
    mutants={
        "without log d": LinearSandwich({"delta": -1}, SHIFT, {}),
        "0.99 log d in place of log d": LinearSandwich({"delta": -1, "log_d": Fraction(-99, 100)}, SHIFT, {}),
        "upper bound lowered to -delta": LinearSandwich(P3_FIX.lower, SHIFT, {"delta": -1}),
    },
)


def _show(x: sandwich.Point, patterns: tuple[sandwich.Point, ...]) -> str:
    rows = ", ".join("(" + ", ".join(str(c) for c in p) + ")" for p in patterns)
    return f"D={{{rows}}}, x=({', '.join(str(c) for c in x)})"


@check(
    "P1",
    "P2",
    "P2-FIX",
    "P3",
    "P3-FIX",
    kind="symbolic",
    scope="all n (by coordinate), all d >= 1 (by induction), all patterns and points",
)
def certificate(stmt: LinearSandwich, distance: Distance) -> Finding:
    """Each side is a nonnegative combination of facts that are proved termwise.

    The facts on g and E hold for any real-valued distance, those on the MCHN energy for the squared one. Where the two
    sides are conclusions of derivations, these are shown.
    """
    certificates = [sandwich.certificate(slack, distance) for slack in stmt.slacks()]
    if sandwich.facts_hold(distance) and all(item is not None for item in certificates):
        shown = ["; ".join(f"{w} x ({k})" for k, w in (item or {}).items()) for item in certificates]
        about = "; M is twice the MCHN energy" if "M" in stmt.middle else ""
        text = f"lower side: {shown[0] or '0'}. Upper side: {shown[1] or '0'}{about}"
        return Finding.derived(text, *derivations.sandwich(stmt.lower, stmt.middle, stmt.upper))
    against = derivations.refuted_by(stmt.lower, stmt.middle) if distance.has("squared euclidean") else ()
    if against:
        found = Finding.fails("the patterns -1 and 1 break the lower bound at every point t > 0", margin="exact")
        return replace(found, derivations=against)
    return Finding.undecided("no nonnegative combination of the proved facts gives both sides")


@check(
    "P1", "P2", "P2-FIX", "P3", "P3-FIX", kind="certified", scope="exact adversarial points in one and two dimensions"
)
def certified(stmt: LinearSandwich, distance: Distance) -> Finding:
    """Certified signs of both slacks at exact points."""
    if any(sandwich.certified_sign({}, *case, distance) != 0 for case in sandwich.CASES[:3]):
        return Finding.fails("the linear form without any term is not 0", margin="certified")
    hit = sandwich.counterexample(stmt, distance)
    if hit is None:
        return Finding.survived(f"no certain violation at {len(sandwich.CASES)} exact points")
    side, x, patterns = hit
    return Finding.fails(f"the {side} bound fails at {_show(x, patterns)}", margin="certified")


@check(
    "P1",
    "P2",
    "P2-FIX",
    "P3",
    "P3-FIX",
    kind="search",
    scope="descent over point and patterns together, (n, d) in (1,2), (1,3), (2,3)",
)
def attack(stmt: LinearSandwich) -> Finding:
    """Smallest slack met by descending it."""
    slack = sandwich.search(stmt)
    make = Finding.violated if slack < -1e-9 else Finding.survived
    return make("descent from 6 seeded starts for each shape; float64 rounding 1e-9 allowed", margin=f"{slack:.3g}")
