"""Checks of the update of the MCHN and of E as attention, and of where the two retrieve different memories."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision, squared_norm, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.retrieval import attention
from assocmem.theory.retrieval.attention import Scores, Slab

ONE = Fraction(1)
PAIR = ((Fraction(0),), (Fraction(2),))
NEAR = (Fraction(1, 2),)

claim(
    "MCHN-ATT",
    {"keys": ((1,), (-1,)), "values": ((1,), (1,))},
    mutants={"values that are the keys": {"keys": ((1,), (-1,)), "values": ((1,), (-1,))}},
)


@check("MCHN-ATT", kind="symbolic", scope="any beta, n, d and patterns, by coordinate")
def is_attention(stmt: Any) -> Finding:
    """x - grad E_MCHN = softmax(beta x K') K; attention has values V of its own, which must be K W."""
    if attention.mchn_step_residual() != 0 or any(r != 0 for r in attention.mchn_rules()):
        return Finding.undecided("the update was not confirmed")
    if attention.value_map(stmt["keys"], stmt["values"]):
        return Finding.holds("one update is attention with query x and the patterns as keys and values, then W")
    return Finding.holds_if(
        "values V = K W", "one update, then W, is attention with scale beta; attention takes one step"
    )


@check("MCHN-ATT", kind="certified", scope="one query 0, two keys")
def attention_with_other_values(stmt: Any) -> Finding:
    """At query 0 all weights are equal: attention gives the mean value, the update the mean key, times any W."""
    mean_key = sum(Fraction(k[0]) for k in stmt["keys"]) / len(stmt["keys"])
    mean_value = sum(Fraction(v[0]) for v in stmt["values"]) / len(stmt["values"])
    if mean_key == 0 and mean_value != 0:
        text = f"keys 1, -1 and values 1, 1: attention gives {mean_value} at query 0, the update 0, whatever W"
        return Finding.fails(text, margin="exact", outside=not attention.value_map(stmt["keys"], stmt["values"]))
    return Finding.survived("the two agree at query 0")


claim("MCHN-QKV", {"shift": 0}, mutants={"keys that are moved": {"shift": 1}})


@check("MCHN-QKV", kind="symbolic", scope="any beta, n, d and patterns, by coordinate")
def corresponds(stmt: Any) -> Finding:
    """x - grad E_MCHN is the mean of the patterns with the weights softmax(beta x.rho), from sums over any of them."""
    steps = attention.mchn_step_residual() == 0 and all(r == 0 for r in attention.mchn_rules())
    if steps and stmt["shift"] == 0:
        return Finding.holds("query x, keys and values rho, scale beta", margin="residual 0")
    return Finding.undecided("the update was not confirmed")


@check("MCHN-QKV", kind="certified", scope="patterns 0 and 2 at x = 1/2, beta = 2")
def corresponds_at_a_point(stmt: Any) -> Finding:
    """The step at an exact point, with the energy differentiated by a quotient of balls, against attention."""
    with precision(256):
        step = attention.mchn_step_by_differences(NEAR[0], PAIR, Fraction(2))
        values = tuple((c[0] + stmt["shift"],) for c in PAIR)
        attended = attention.update(NEAR, values, Fraction(2), Scores(dot=ONE, bias=Fraction(0)))[0]
        gap = abs(step - attended)
    if gap > arb("1e-15"):
        return Finding.fails(f"the step and attention differ by {float(gap.mid()):.6f}", margin="certified")
    return Finding.survived("step and attention agree to 15 digits")


claim(
    "X-BIAS",
    Scores(),
    mutants={
        "no key bias": Scores(bias=Fraction(0)),
        "half the dot product": Scores(dot=ONE),
        "half the bias": Scores(bias=Fraction(-1, 2)),
    },
)


@check("X-BIAS", kind="symbolic", scope="any n, d, patterns, x and beta > 0, by coordinate")
def biased_attention(stmt: Scores, distance: Distance) -> Finding:
    """-beta |x-rho|^2 minus the score does not depend on rho, so softmax does not see it."""
    if not distance.has("squared euclidean"):
        return Finding.undecided("the square is completed for the squared Euclidean distance only")
    residual = attention.shared_residual(stmt)
    if residual == 0:
        return Finding.holds("the scores differ by -beta |x|^2, the same for all patterns", margin="residual 0")
    return Finding.undecided(f"the rest depends on rho, with slope {residual}")


@check("X-BIAS", kind="certified", scope="D = {0, 2}, x = 1/2 and x = 5")
def biased_attention_points(stmt: Scores, distance: Distance) -> Finding:
    """The ratio of the two weights by the score against that by the distance; elsewhere, for no beta at both points."""
    with precision(128):
        if not distance.has("squared euclidean"):
            gap = attention.scale_free_gap(stmt, distance, NEAR, (Fraction(5),), PAIR)
            if gap.is_finite() and not gap.contains(0):
                text = "D={0,2}, x=1/2 and x=5: no beta gives the ratios of both weights"
                return Finding.fails(text, margin="certified")
            return Finding.survived("some beta gives both ratios")
        for x in (NEAR, (Fraction(5),)):
            gap = attention.score_gap(stmt, distance, x, PAIR, 0, 1)
            if not gap.contains(0):
                text = f"D={{0,2}}, x={x[0]}: the logarithm of the weights' ratio is off by {float(gap.mid()):.6f}"
                return Finding.fails(text, margin="certified")
    return Finding.survived("the ratios agree")


claim(
    "X-BIAS-NORMS",
    {"equal norms": True, "scale": 2},
    mutants={
        "for unequal norms, too": {"equal norms": False, "scale": 2},
        "at beta itself": {"equal norms": True, "scale": 1},
    },
)


@check(
    "X-BIAS-NORMS",
    kind="symbolic",
    scope="any n, d and distinct patterns",
    in_words="that gradients which agree everywhere make the sums of exponentials proportional",
)
def unbiased_iff_equal(stmt: Any) -> Finding:
    """Equal norms: the bias is shared. Equal steps: sum_i (e^(-beta |rho_i|^2) - c) e^(2 beta rho_i.x) = 0 for all x.

    Both steps are gradients of logarithms of sums of exponentials, so the sums are proportional; along a line on which
    the rho_i.x differ, the exponentials are linearly independent, by induction on their number.
    """
    scores = Scores(dot=Fraction(stmt["scale"]))
    if stmt["equal norms"] and attention.shared_residual(scores) == 0 and attention.independence_step():
        return Finding.holds("the key bias is the same for all patterns exactly when the norms are equal")
    return Finding.undecided("the stated condition or scale is not the one of the argument")


@check("X-BIAS-NORMS", kind="certified", scope="D = {0, 2} and D = {-1, 1} at x = 1/2, beta = 1")
def unbiased_points(stmt: Any) -> Finding:
    """T(x) against the dot-product step at scale * beta, for one set of unequal and one of equal norms."""
    plain = Scores(dot=Fraction(stmt["scale"]), bias=Fraction(0))
    with precision(128):
        for rows in (((-ONE,), (ONE,)), PAIR):
            equal = len({squared_norm(r) for r in rows}) == 1
            gap = attention.update(NEAR, rows, ONE, plain)[0] - attention.update(NEAR, rows, ONE, Scores())[0]
            if not gap.contains(0) and (equal or not stmt["equal norms"]):
                shown = ", ".join(str(r[0]) for r in rows)
                return Finding.fails(
                    f"D={{{shown}}}: the steps from 1/2 differ by {float(gap.mid()):.6f}", margin="certified"
                )
    return Finding.survived("equal for {-1,1}; only unequal norms make them differ")


claim(
    "X-OPPOSITE",
    {"patterns": PAIR, "query": NEAR},
    mutants={"equal norms": {"patterns": ((-ONE,), (ONE,)), "query": NEAR}},
)


@check("X-OPPOSITE", kind="certified", scope="the stated patterns and query, beta = 1 and 2")
def opposite_memory(stmt: Any) -> Finding:
    """One step by distance lands nearer to one pattern, one dot-product step nearer to the other."""
    rows, x = stmt["patterns"], stmt["query"]
    middle = to_arb((rows[0][0] + rows[1][0]) / 2)
    with precision(128):
        by_distance = attention.update(x, rows, ONE, Scores())[0]
        by_dot = attention.update(x, rows, ONE, Scores(bias=Fraction(0)))[0]
    if by_distance < middle and by_dot > middle:
        return Finding.enumerated(f"T(1/2) = {float(by_distance.mid()):.4f}, MCHN step {float(by_dot.mid()):.4f}")
    if (by_distance - middle) * (by_dot - middle) > 0:
        return Finding.fails("both steps land on the same side of the middle", margin="certified")
    return Finding.undecided("a step could not be told from the middle")


claim(
    "X-RETR",
    Slab(),
    mutants={
        "twice as wide": Slab(high=Fraction(2)),
        "from -1": Slab(low=Fraction(-1)),
        "half as wide": Slab(high=Fraction(1, 2)),
    },
)


@check("X-RETR", kind="symbolic", scope="any n and any pair of patterns, by coordinate")
def slab(stmt: Slab, distance: Distance) -> Finding:
    """d_i - d_j = p - q, so rho_i is nearer iff p < q; rho_j has the larger dot product iff p > 0."""
    if not distance.has("squared euclidean"):
        return Finding.undecided("d_i - d_j = p - q is an identity of the squared Euclidean distance")
    if attention.order_residual() == 0 and stmt == Slab():
        return Finding.holds("both at once iff 0 < p < q", margin="residual 0")
    return Finding.undecided("the stated slab is not 0 < p < q")


@check("X-RETR", kind="certified", scope="988 exact points in the plane with four pairs of patterns")
def slab_points(stmt: Slab, distance: Distance) -> Finding:
    """The stated slab against the two winners, ties included."""
    wrong = attention.slab_errors(stmt, distance)
    if wrong:
        x, first, second = (", ".join(map(str, p)) for p in wrong[0])
        return Finding.fails(f"x=({x}), patterns ({first}) and ({second})", margin="exact")
    return Finding.survived(f"{len(attention.GRID)} points agree")
