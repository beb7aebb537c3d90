"""Checks of what Table 3 says of a law between N and D: exponents, rivals, the theory's own variables (chapter 7)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance import derivations, exponent_interval, ratio_law, table_three
from assocmem.theory.balance.size_conversion import SHALLOWER, WIDTH, A, D, T, d, growth, in_tokens, l, w
from assocmem.theory.balance.transformer_laws import OWN_MODELS

RATIOS = tuple(row.ratio for row in table_three.ROWS)
"""N/D*^2 of the three rows as printed."""
BOXES = tuple(
    exponent_interval.Box(Fraction(size), Fraction(before), Fraction(star))
    for size, before, star in (
        ("39.95", "190.38", "214.18"),
        ("60.26", "237.98", "261.78"),
        ("80.20", "285.57", "309.37"),
    )
)
"""Of each row as printed N, the size before D*, and D*."""
GROWTH = Fraction("80.20") / Fraction("39.95")
LOW = exponent_interval.LogQuotient(GROWTH, Fraction("309.37") / Fraction("190.38"))
HIGH = exponent_interval.LogQuotient(GROWTH, Fraction("285.57") / Fraction("214.18"))
FINE = tuple(
    exponent_interval.Box(Fraction(40 * 4**k), Fraction(200 * 2**k - 1), Fraction(200 * 2**k)) for k in range(3)
)
RIVALS = (Fraction(3, 2), Fraction(12, 5))
"""Powers of D that are not 2."""

claim(
    "T3-EXP",
    {"ratios": RATIOS, "within": Fraction(5, 100), "means": "unsaid"},
    mutants={
        "nearly the same": {
            "ratios": RATIOS,
            "within": Fraction(5, 100),
            "means": "nearly the same",
        },
        "ratios that come nearer to each other": {
            "ratios": (Fraction("8.71"), Fraction("8.60"), Fraction("8.58")),
            "within": Fraction(5, 100),
            "means": "unsaid",
        },
    },
)


@check("T3-EXP", kind="certified", scope="the three printed ratios")
def near_or_nearer(stmt: Any) -> Finding:
    """Whether the ratios are nearly the same, and whether they come nearer to each other."""
    spread = table_three.spread(stmt["ratios"]) - 1
    first, second = (abs(step) for step in table_three.steps(stmt["ratios"]))
    readings = {"nearly the same": spread < stmt["within"], "nearer to each other": second < first}
    text = (
        f"they lie within {float(100 * spread):.2f} percent; they differ by {float(first)} and then by {float(second)}"
    )
    meant = set(readings.values()) if stmt["means"] == "unsaid" else {readings[stmt["means"]]}
    if len(meant) > 1:
        return Finding.ill_defined(
            f"{text}: as nearly the same it is {readings['nearly the same']}, as an approach not"
        )
    return Finding.enumerated(text) if meant.pop() else Finding.fails(text, margin="exact")


claim(
    "T3-EXP-SUP",
    {"power": Fraction(2), "boxes": BOXES},
    mutants={
        "N proportional to D": {"power": Fraction(1), "boxes": BOXES},
        "sixteenfold in N, a step of a million tokens": {"power": Fraction(2), "boxes": FINE},
    },
)


@check("T3-EXP-SUP", kind="certified", scope="the boxes of the table: its grid, without rounding or noise")
def singled_out(stmt: Any) -> Finding:
    """Whether N = c D^2 passes through the boxes of the table, and which other laws do."""
    boxes = stmt["boxes"]
    if not exponent_interval.multiple_passes(exponent_interval.power(stmt["power"]), boxes):
        return Finding.fails(f"N = c D^{stmt['power']} misses a box", margin="certified")
    powers = [f"c D^({p})" for p in RIVALS if exponent_interval.multiple_passes(exponent_interval.power(p), boxes)]
    others: tuple[exponent_interval.Family, ...] = ("affine", "logarithmic", "exponential")
    lines = [str(family) for family in others if exponent_interval.line_through(family, boxes)]
    if not powers + lines:
        return Finding.enumerated("the square passes and no rival does")
    return Finding.heuristic(f"the square passes, and so do {', '.join(powers + lines)}")


INTERVAL = {"low": LOW, "high": HIGH, "ends": False, "digits": (14353, 24225)}
claim(
    "X-T3-INTERVAL",
    INTERVAL,
    mutants={
        "from rows 1 and 2 alone": {
            **INTERVAL,
            "low": exponent_interval.LogQuotient(
                Fraction("60.26") / Fraction("39.95"), Fraction("261.78") / Fraction("190.38")
            ),
        },
        "no box: D* itself in the last row": {
            **INTERVAL,
            "high": exponent_interval.LogQuotient(GROWTH, Fraction("309.37") / Fraction("214.18")),
        },
        "with its ends": {**INTERVAL, "ends": True},
        "another fourth digit": {**INTERVAL, "digits": (14353, 24226)},
    },
)


@check("X-T3-INTERVAL", kind="certified", scope="all c and p, over the boxes (before, D*] of the three rows")
def interval(stmt: Any) -> Finding:
    """The pair of rows that bounds p on either side, by certified comparisons, and whether the ends are reached."""
    low, high = exponent_interval.exponent_limits()
    if high is None or (low, high) != (stmt["low"], stmt["high"]):
        return Finding.fails(f"the ends are {low} and {high}", margin="exact")
    a, b = exponent_interval.boxes()[0], exponent_interval.boxes()[-1]
    reached = any(a.holds(first) and b.holds(last) for first, last in ((a.above, b.upto), (a.upto, b.above)))
    if reached != stmt["ends"]:
        return Finding.fails("at the ends D equals a size that failed the rule, which its box excludes", margin="exact")
    for end, digits in zip((low, high), stmt["digits"], strict=True):
        if not (10**4 * end.ball() > digits and 10**4 * end.ball() < digits + 1):
            return Finding.fails(f"an end is {float(end):.6f}, not {digits / 10**4}...", margin="certified")
    return Finding.enumerated(f"p between {float(low):.4f} and {float(high):.4f}, both bounds from rows 1 and 3")


PASS = ("3/2", "2", "12/5")
MISS = ("1", "50/37", "27/10", "3")
LINES = {
    "affine": exponent_interval.Line("affine", Fraction(7, 3), Fraction(110)),
    "logarithmic": exponent_interval.Line("logarithmic", Fraction(1, 104), Fraction(69, 14)),
    "exponential": exponent_interval.Line("exponential", Fraction(137), Fraction(-307)),
}
RIVAL: dict[str, Any] = {"pass": PASS, "miss": MISS, "lines": LINES, "log powers": (1, 2)}
claim(
    "X-T3-RIVAL",
    RIVAL,
    mutants={
        "proportional": {**RIVAL, "pass": (*PASS, "1"), "miss": MISS[1:]},
        "Kaplan's rule against overfitting": {**RIVAL, "pass": (*PASS, "50/37"), "miss": MISS[2:]},
        "the square misses": {**RIVAL, "miss": (*MISS, "2"), "pass": ("3/2", "12/5")},
        "D = 120 + 8/3 N": {
            **RIVAL,
            "lines": {**LINES, "affine": exponent_interval.Line("affine", Fraction(8, 3), Fraction(120))},
        },
        "log(D/T)^20 misses": {**RIVAL, "log powers": (1, 2, 20)},
    },
)


@check("X-T3-RIVAL", kind="certified", scope="the three boxes; any factor, or the stated numbers")
def rivals(stmt: Any) -> Finding:
    """Each law sends the three N into their boxes, or certainly cannot for any factor."""
    wrong = [
        f"D^({p})" for p in stmt["pass"] if not exponent_interval.multiple_passes(exponent_interval.power(Fraction(p)))
    ]
    wrong += [
        f"D^({p})" for p in stmt["miss"] if exponent_interval.multiple_passes(exponent_interval.power(Fraction(p)))
    ]
    for name, line in stmt["lines"].items():
        step = Fraction(1, 4) if name == "logarithmic" else Fraction(30)  # of log D, or of D in millions
        beside = [replace(line, intercept=line.intercept + side * step) for side in (-1, 1)]
        if not line.passes() or any(moved.passes() for moved in beside):
            wrong.append(name)
        if exponent_interval.line_through(line.family) is None:
            wrong.append(f"no {name} law was found")
    wrong += [
        f"log(D/T)^{k}"
        for k in stmt["log powers"]
        if exponent_interval.multiple_passes(exponent_interval.log_samples(k))
    ]
    if wrong:
        return Finding.fails(f"not as stated: {', '.join(wrong)}", margin="certified")
    return Finding.enumerated("the stated laws pass, and the others miss a box for every factor")


N_OVER_D_SQUARED = A * l * (T * w / d) ** 2 / T**4
"""In n = T w and d alone, beside what is the same for all rows."""
OWN = {"identity": N_OVER_D_SQUARED, "square": Fraction("1.38"), "linear": Fraction("1.10")}
claim(
    "X-T3-OWN",
    OWN,
    mutants={
        "a function of n/d^2": {**OWN, "identity": N_OVER_D_SQUARED / d**2},
        "n/d^2 varies no more than n/d": {**OWN, "square": Fraction("1.10")},
    },
)


@check("X-T3-OWN", kind="symbolic", scope="equation (2) for all sizes; the three rows of the table exactly")
def own_variables(stmt: Any) -> Finding:
    """N/D^2 rewritten in n and d, and how far n/d^2 and n/d vary over the rows."""
    if any(sp.simplify(form - stmt["identity"]) != 0 for form in (ratio_law.ratio(), ratio_law.own_ratio())):
        return Finding.fails("N/D^2 is another function of n and d", margin="exact")
    shapes = [(m.millions, m.width, m.layers, m.context) for m in OWN_MODELS.values()]
    printed = [(f"{float(row.size):.2f}", row.width) for row in table_three.ROWS]
    if shapes != [(*own, table_three.LAYERS, table_three.CONTEXT) for own in printed]:
        return Finding.undecided("the three models of the table are not those of the appendix")
    for power, name in ((2, "square"), (1, "linear")):
        factor = table_three.spread(table_three.own_ratios(power))
        if not table_three.prints_as(factor, stmt[name]):
            return Finding.fails(f"n/d^{power} varies by the factor {float(factor):.3f}", margin="exact")
    square, linear = (float(table_three.spread(table_three.own_ratios(power)) - 1) for power in (2, 1))
    text = f"N/D^2 = A l (n/d)^2/T^4; over the rows n/d^2 varies by {square:.0%}, n/d by {linear:.0%}"
    return Finding.derived(text, derivations.ratio_of_table_three())


claim(
    "F3-RATIO",
    {"family": WIDTH, "power": 2},
    mutants={
        "A l d_emb/T held fixed": {"family": SHALLOWER, "power": 2},
        "n proportional to d": {"family": WIDTH, "power": 1},
    },
)


@check("F3-RATIO", kind="symbolic", scope="n = kappa d^2 for any kappa, at fixed depth and context")
def common_ratio(stmt: Any) -> Finding:
    """N/D^2 along the quadratic balance in n and d, by equation (2), when the width alone is varied."""
    exponent = ratio_law.drift(stmt["family"], stmt["power"])
    if exponent != growth(in_tokens(stmt["power"])[stmt["family"].name] / D**2):
        return Finding.undecided("N, solved for exactly, grows with another power of D")
    if exponent == 0:
        return Finding.holds("N/D^2 is one number along the balance")
    shapes = [table_three.shape(row) for row in table_three.ROWS]
    return Finding.fails(
        f"N/D^2 grows like D^{exponent}: the best ratio would depend on the size of the data; for the "
        f"three models A l d_emb/T differs by the factor {float(table_three.spread(shapes)):.2f}",
        margin="exact",
    )
