"""Checks of Propositions 1-3, their corrected forms, and the convexity of both energies (chapter 2)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from assocmem.claims.model import Finding, check, formal, mutation
from assocmem.theory import energies as theory
from assocmem.theory.certified import sign
from assocmem.theory.energies import LinearSandwich
from assocmem.theory.memories import Memory
from assocmem.theory.metric_storage import bent

GAP = {"M": 1, "log_d": -1, "E": -1}
SHIFT = {"g": 1, "M": -1}
P1 = LinearSandwich({"g": 1, "log_d": -1}, {"E": 1}, {"g": 1})
P2 = LinearSandwich({"delta": -1}, GAP, {"delta": 1})
P2_FIX = LinearSandwich({}, GAP, {"delta": 1})
P3 = LinearSandwich({"delta": -1}, SHIFT, {"delta": 1, "log_d": 1})
P3_FIX = LinearSandwich({"delta": -1, "log_d": -1}, SHIFT, {})

formal("P1", P1)
formal("P2", P2)
formal("P2-FIX", P2_FIX)
formal("P3", P3)
formal("P3-FIX", P3_FIX)

mutation("P1", "log d dropped", LinearSandwich({"g": 1}, {"E": 1}, {"g": 1}))
mutation("P1", "99/100 of log d", LinearSandwich({"g": 1, "log_d": Fraction(-99, 100)}, {"E": 1}, {"g": 1}))
mutation("P1", "sign of E flipped", LinearSandwich({"g": 1, "log_d": -1}, {"E": -1}, {"g": 1}))
mutation("P2", "99/100 of delta", LinearSandwich({"delta": -1}, GAP, {"delta": Fraction(99, 100)}))
mutation("P2", "log d dropped", LinearSandwich({"delta": -1}, {"M": 1, "E": -1}, {"delta": 1}))
mutation("P2-FIX", "one side flipped", LinearSandwich({"delta": -1}, GAP, {}))
mutation("P2-FIX", "99/100 of delta", LinearSandwich({}, GAP, {"delta": Fraction(99, 100)}))
mutation("P3", "the corrected bounds put in its place", P3_FIX)
mutation("P3", "the sign of the middle flipped", LinearSandwich(P3.lower, {"M": 1, "g": -1}, P3.upper))
mutation("P3-FIX", "log d dropped", LinearSandwich({"delta": -1}, SHIFT, {}))
mutation(
    "P3-FIX",
    "99/100 of log d",
    LinearSandwich({"delta": -1, "log_d": Fraction(-99, 100)}, SHIFT, {}),
)
mutation("P3-FIX", "upper bound lowered to -delta", LinearSandwich(P3_FIX.lower, SHIFT, {"delta": -1}))


def _show(x: theory.Point, patterns: tuple[theory.Point, ...]) -> str:
    rows = ", ".join("(" + ", ".join(str(c) for c in p) + ")" for p in patterns)
    return f"D={{{rows}}}, x=({', '.join(str(c) for c in x)})"


for _name in ("P1", "P2", "P2-FIX", "P3", "P3-FIX"):

    @check(_name, kind="symbolic", scope="all n (by coordinate), all d >= 1 (by induction), all patterns and points")
    def certificate(stmt: LinearSandwich, memory: Memory) -> Finding:
        """Each side is a nonnegative combination of facts that are proved termwise.

        The facts on g and E hold for any real-valued distance, those on the MCHN energy for the squared one.
        """
        found = [theory.certificate(slack, memory) for slack in stmt.slacks()]
        if theory.facts_hold(memory) and all(item is not None for item in found):
            shown = ["; ".join(f"{w} x ({k})" for k, w in (item or {}).items()) for item in found]
            return Finding.holds(f"lower side: {shown[0] or '0'}. Upper side: {shown[1] or '0'}")
        return Finding.undecided("no nonnegative combination of the proved facts gives both sides")

    @check(_name, kind="certified", scope="exact adversarial points in one and two dimensions")
    def certified(stmt: LinearSandwich, memory: Memory) -> Finding:
        """Certified signs of both slacks at exact points."""
        hit = theory.counterexample(stmt, memory)
        if hit is None:
            return Finding.survived(f"no certain violation at {len(theory.CASES)} exact points")
        side, x, patterns = hit
        return Finding.fails(f"the {side} bound fails at {_show(x, patterns)}", margin="certified")

    @check(_name, kind="search", scope="descent over point and patterns together, (n, d) in (1,2), (1,3), (2,3)")
    def attack(stmt: LinearSandwich) -> Finding:
        """Smallest slack met by descending it."""
        slack = theory.search(stmt)
        make = Finding.violated if slack < -1e-9 else Finding.survived
        return make("descent from 6 seeded starts for each shape; float64 rounding 1e-9 allowed", margin=f"{slack:.3g}")


formal("C-MCHNCONVEX", {"kind": "mchn"})
mutation("C-MCHNCONVEX", "only the quadratic regularizer", {"kind": "quadratic"})
formal("EQ4-NOREG", {"kind": "E"})
mutation("EQ4-NOREG", "only the quadratic regularizer", {"kind": "quadratic"})

PAIRS = (((Fraction(-2),), (Fraction(2),)), ((Fraction(0),), (Fraction(1),)))
"""Two patterns on the line, near and far: convexity is asked for between them."""


@check("C-MCHNCONVEX", kind="certified", scope="n = 1, d = 2, D = {-2, 2}")
def midpoint(stmt: Any) -> Finding:
    """The value at the midpoint of the two patterns against the mean of the values at the patterns."""
    if sign(lambda: theory.midpoint_excess(Fraction(2), stmt["kind"])) == 1:
        excess = float(theory.midpoint_excess(Fraction(2), stmt["kind"]).mid())
        return Finding.fails("D={-2, 2}: f(0) exceeds (f(-2)+f(2))/2", margin=f"{excess:.4f}")
    return Finding.survived("no midpoint violation at D={-2, 2}")


@check("EQ4-NOREG", kind="certified", scope="n = 1, d = 2, D = {-2, 2} and {0, 1}")
def midpoint_of_e(stmt: Any, memory: Memory) -> Finding:
    """The value of E at the midpoint of the two patterns against the mean of the values at the patterns."""
    if stmt["kind"] != "E":
        return midpoint(stmt)
    for rows in PAIRS:
        hit = bent(memory, rows, [rows])
        if hit is not None:
            a, b = (str(p[0]) for p in rows)
            return Finding.fails(f"D={{{a}, {b}}}: E at the middle exceeds its mean at the two", margin=f"{hit[2]:.4f}")
    return Finding.survived("no midpoint violation between two patterns")
