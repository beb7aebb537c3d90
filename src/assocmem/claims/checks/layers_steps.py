"""Checks of equation (6) (chapter 4): what one layer's step does as printed, and with the sign fixed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from assocmem.claims.model import Finding, check, formal, mutation
from assocmem.theory import layer_steps as theory
from assocmem.theory.certified import sign, to_arb
from assocmem.theory.layer_steps import Toward
from assocmem.theory.layers import Reading
from assocmem.theory.memories import Memory

HALF = Fraction(1, 2)


def _exact(memory: Memory) -> bool:
    return memory.has("norm") or memory.has("squared euclidean")


@dataclass(frozen=True)
class Output:
    """x^(t) minimizes E_t in the ball and is no farther from the layer; ``single``: one point does so."""

    reading: Reading = "printed"
    single: bool = True


formal("EQ6", Output())
mutation("EQ6", "E_t = g_t, any minimizer", Output("A", single=False))
mutation("EQ6", "E_t = g_t + log Z_t, any minimizer", Output("B", single=False))


@check("EQ6", kind="certified", scope="layers {0} from 1 and {-1, 1} from 0 on the line, all minimizers exactly")
def moves_away(stmt: Output, memory: Memory) -> Finding:
    """The minimizers in balls of radius 1 and 1/2: how far from the layer, and how many."""
    zero, one = Fraction(0), Fraction(1)
    away = theory.minimizers(one, [zero], one, stmt.reading)
    both = theory.minimizers(zero, [-one, one], HALF, "A" if stmt.reading == "C" else stmt.reading)
    centered = theory.minimizers(zero, [zero], one, stmt.reading)
    farther = sign(lambda: memory((max(away),), (zero,)) - memory((one,), (zero,))) == 1
    if farther:
        text = f"{{0}} from 1 within 1: the minimizer is {away[0]}, farther away; from 0 the minimizers are "
        return Finding.fails(text + " and ".join(map(str, centered)), margin="exact")
    if stmt.single and len(both) > 1:
        return Finding.fails(f"{{-1, 1}} from 0 within 1/2: two minimizers, {both[0]} and {both[1]}", margin="exact")
    return Finding.survived("not farther away, and no more minimizers than the statement allows")


@check("EQ6", kind="symbolic", scope="any n, layer and input; norms and the squared Euclidean distance")
def moves_toward(stmt: Output, memory: Memory) -> Finding:
    """With an energy that grows with g_t the closed form attains the bound of the triangle inequality."""
    if not _exact(memory) or stmt.reading in ("printed", "C") or stmt.single:
        return Finding.undecided("proved for an energy that grows with g_t, and for any one of its minimizers")
    if theory.remaining_residual(Toward()) == 0:
        return Finding.holds("the minimizer lies on the way to the nearest pattern")
    return Finding.undecided("the closed form does not attain the bound")


formal("EQ6-FIX", Toward())
mutation("EQ6-FIX", "half the radius", Toward(share=HALF))
mutation("EQ6-FIX", "twice the radius", Toward(share=Fraction(2)))
mutation("EQ6-FIX", "delta for its root", Toward(squared=True))


@check("EQ6-FIX", kind="symbolic", scope="any n, layer, input and delta; norms and the squared Euclidean distance")
def closed_form(stmt: Toward, memory: Memory) -> Finding:
    """|y - rho_j| >= |x - rho_j| - R for every pattern, so g_t >= max(0, r - R) in the ball; the point attains it."""
    if not _exact(memory):
        return Finding.undecided("the bound is the triangle inequality of a norm")
    residual = theory.remaining_residual(stmt)
    if residual == 0:
        return Finding.holds("on the segment to a nearest pattern, r - R is left, or nothing when R >= r")
    return Finding.undecided(f"off the bound by {residual}")


@check("EQ6-FIX", kind="certified", scope="nine exact inputs on the line and in the plane, against points of the ball")
def closed_form_points(stmt: Toward, memory: Memory) -> Finding:
    """Whether the point leaves the ball, misses the value, or is beaten at an exact point of the ball."""
    if not _exact(memory):
        return Finding.undecided("the radius of the ball is known for norms and the squared Euclidean distance")
    hit = theory.fault(stmt, memory)
    return Finding.survived(f"no fault in {len(theory.CASES)} cases") if hit is None else Finding.fails(hit, "exact")


formal("EQ6-DELTA", Fraction(1))
mutation("EQ6-DELTA", "a quarter of g_t is enough", Fraction(1, 4))
mutation("EQ6-DELTA", "nine tenths of g_t are enough", Fraction(9, 10))


@check("EQ6-DELTA", kind="symbolic", scope="sign fixed, any layer and input; norms and the squared Euclidean distance")
def reaches(stmt: Fraction, memory: Memory) -> Finding:
    """With delta >= stmt * g_t(x) the ball holds a nearest pattern, which minimizes and from which no step moves."""
    if _exact(memory) and stmt >= 1 and theory.remaining_residual(Toward()) == 0:
        return Finding.holds_if(
            "delta_t >= g_t(x^(t-1)), and an energy that is smallest at the patterns",
            "the output is a pattern of the layer, where every further step stays",
        )
    return Finding.undecided("the ball need not hold a pattern")


@check("EQ6-DELTA", kind="certified", scope="layer {0}, reading A, from 2 and from 26/25 within 1")
def stops_short(stmt: Fraction, memory: Memory) -> Finding:
    """A ball that holds no pattern: the step ends on its boundary, and the next step moves on."""
    if not _exact(memory):
        return Finding.undecided("the step is solved exactly for norms and the squared Euclidean distance")
    zero, text = Fraction(0), ""
    for start in (Fraction(2), Fraction(26, 25)):
        (first,) = theory.minimizers(start, [zero], Fraction(1), "A")
        (second,) = theory.minimizers(first, [zero], Fraction(1), "A")
        text = f"{{0}} from {start} within 1: {first}, then {second}: near the input, but no fixed point"
        if first != second and memory((start,), (first,)) >= memory((start,), (zero,)) * to_arb(stmt):
            return Finding.fails(text, margin="exact")
    return Finding.fails(text, margin="exact", outside=True)


formal("X-LAST", "last layer")
mutation("X-LAST", "the nearest pattern of all layers", "nearest of all")


@check("X-LAST", kind="symbolic", scope="any layers; delta_l >= g_l(x^(l-1)); norms and the squared Euclidean distance")
def last_decides(stmt: str, memory: Memory) -> Finding:
    """The closed form of the last step with R >= r ends at the pattern itself."""
    if stmt == "last layer" and _exact(memory) and theory.remaining_residual(Toward()) == 0:
        return Finding.holds("r - R <= 0: the last step ends in the last layer's set, whatever came before")
    return Finding.undecided("not what the closed form says")


@check("X-LAST", kind="certified", scope="layers {0}, {3} from 0 with radius 3")
def last_decides_point(stmt: str, memory: Memory) -> Finding:
    """The exact route of a stored pattern of the first layer through both layers."""
    zero, three = Fraction(0), Fraction(3)
    route = theory.composed(zero, [[zero], [three]], three, "A")
    nearest = zero if memory((zero,), (zero,)) < memory((three,), (zero,)) else three
    if stmt == "nearest of all" and route[-1] != nearest:
        shown = ", ".join(map(str, route))
        return Finding.fails(
            f"{{0}}, {{3}}: {shown}; the stored pattern {nearest} is left for {route[-1]}", margin="exact"
        )
    if stmt == "last layer" and route[-1] != three:
        return Finding.fails(f"the output is {route[-1]}", margin="exact")
    return Finding.survived("the output is 3")
