"""Equation (10): the remainder c = E_global - E_t + log l, which layer may serve, its kinks, when it is constant.

    c = log l - log sum_s exp(E_t - E_s),    so c < log l always (l >= 2), and c >= 0 iff the sum is at most l.

For the layer of smallest energy every term is at most 1. For l = 2 no other layer will do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.certified import sign, to_arb
from assocmem.theory.layer_steps import length
from assocmem.theory.layers import HARD, SPLITS, Layers, Reading, Stack, of_nearest, points, show, stacks
from assocmem.theory.majorization import pairs
from assocmem.theory.memories import PAPER, Memory, Point, Rows


def remainder(stack: Stack, t: int, x: Point) -> arb:
    """c for layer t at an exact point; a ball."""
    return stack.total(x) - stack.energies(x)[t] + arb(stack.count).log()


@dataclass(frozen=True)
class Remainder:
    """0 <= c < log l for a layer, from ``from_l`` layers on; c <= mean * (mean E - min E); ``any_layer``: for each."""

    from_l: int = 1
    mean: Fraction | None = None
    any_layer: bool = False


def broken(stmt: Remainder, memory: Memory = PAPER) -> str | None:
    """A stack (at least two layers) and point at which a bound certainly fails, in words."""
    for stack in stacks(memory):
        if stack.count < 2:
            continue
        for x in points(stack.layers):
            layers = range(stack.count) if stmt.any_layer else (stack.active(x),)
            for t in layers:
                if any(sign(lambda f=f, s=stack, t=t, x=x: f(s, t, x), HARD) == -1 for f in _slacks(stmt)):  # type: ignore[misc]
                    return f"layer {t + 1}, {show(stack, x)}"
    return None


def _slacks(stmt: Remainder) -> list[Callable[[Stack, int, Point], arb]]:
    def above(stack: Stack, t: int, x: Point) -> arb:
        return remainder(stack, t, x)

    def below(stack: Stack, t: int, x: Point) -> arb:
        return arb(stack.count).log() - remainder(stack, t, x)

    def mean(stack: Stack, t: int, x: Point) -> arb:
        energies = stack.energies(x)
        spread = sum(energies, arb(0)) / stack.count - energies[stack.active(x)]
        return to_arb(stmt.mean or 0) * spread - remainder(stack, t, x)

    return [above, below] if stmt.mean is None else [above, below, mean]


def unserved(layers: Layers, reading: Reading, memory: Memory = PAPER) -> list[Point] | None:
    """For each layer a point at which its c is certainly negative, so that it does not serve; None if one has none."""
    stack, found = Stack(layers, reading, memory), []
    candidates = [*stack.patterns(), *points(layers)]
    for t in range(stack.count):
        hit = next((x for x in candidates if sign(lambda x=x, t=t: remainder(stack, t, x), HARD) == -1), None)  # type: ignore[misc]
        if hit is None:
            return None
        found.append(hit)
    return found


def same_layers(layers: Layers) -> bool:
    """Whether all layers hold the same patterns: then E_t = E_global + log l for all t, and c = 0."""
    return len({frozenset(layer) for layer in layers}) == 1


def kink_slopes(reading: Reading, memory: Memory = PAPER) -> tuple[sp.Expr, sp.Expr]:
    """One-sided slopes at 0 of c for layers {-1}, {1}, where c = log 2 - log(1 + exp(-|E_1 - E_2|)), Z = 1.

    For the squared distance and for a norm on the line. Raises ValueError for another memory.
    """
    h = sp.Symbol("h", positive=True)
    if memory.has("squared euclidean"):
        near, far = (1 - h) ** 2, (1 + h) ** 2
    elif memory.has("norm"):
        unit = sp.Rational(length(memory, (Fraction(0),), (Fraction(1),)))
        near, far = unit * (1 - h), unit * (1 + h)
    else:
        raise ValueError(f"memory {memory.name!r} must be a norm or the squared Euclidean distance")
    gap = far - near if reading != "printed" else sp.exp(-near) - sp.exp(-far)
    value = sp.log(2) - sp.log(1 + sp.exp(-gap))
    slope = sp.simplify(sp.diff(value, h).subs(h, 0))
    return -slope, slope  # value is smooth for h >= 0, and c(-h) = c(h) by symmetry


@dataclass(frozen=True)
class Variation:
    """|c(x) - c(y)| <= factor (1 - 1/l) max_t |E_t(x) - E_t(y)| for c with the layer of smallest energy."""

    factor: Fraction = Fraction(2)


def variation_needed() -> sp.Expr:
    """Largest sum of |dc/dE_s| over the layers, divided by 1 - 1/l.

    c = log l - log(1 + R) with R = sum over s != t of exp(E_t - E_s) <= l - 1. Raising E_t by u, or lowering all others
    by u, takes R to R e^u: both have the slope -R/(1+R), and the others' slopes have one sign.
    """
    layers, u = sp.Symbol("l", positive=True), sp.Symbol("u", real=True)
    rest = sp.Symbol("R", positive=True)
    slope = sp.diff(sp.log(layers) - sp.log(1 + rest * sp.exp(u)), u).subs(u, 0)
    own, others = -slope, -slope
    if not sp.simplify(sp.diff(own + others, rest)).is_positive:
        raise ArithmeticError("the slopes were not largest at equal energies")
    return sp.simplify((own + others).subs(rest, layers - 1) / (1 - 1 / layers))


def broken_variation(stmt: Variation, memory: Memory = PAPER) -> str | None:
    """A stack and pair of points at which the bound certainly fails, in words."""
    for stack, y, x in pairs(memory):
        if stack.count < 2:
            continue

        def slack(direction: int, stack: Stack = stack, y: Point = y, x: Point = x) -> arb:
            change = remainder(stack, stack.active(x), x) - remainder(stack, stack.active(y), y)
            largest = arb(0)
            for a, b in zip(stack.energies(x), stack.energies(y), strict=True):
                largest = largest.max(abs(a - b))
            return to_arb(stmt.factor * (1 - Fraction(1, stack.count))) * largest - direction * change

        if any(sign(lambda d=d, f=slack: f(d), HARD) == -1 for d in (1, -1)):  # type: ignore[misc]
            return show(stack, y, x)
    return None


def far_remainder(reading: Reading) -> sp.Expr:
    """Limit of c far from all patterns, for l layers whose g_t grow without bound, each with a Z_t of its own.

    Raises ValueError for a reading whose energies have no finite limit.
    """
    g, z = sp.symbols("g Z", positive=True)
    layers = sp.Symbol("l", integer=True, positive=True)
    limit = sp.limit(of_nearest(reading, g, z), g, sp.oo)
    if limit.free_symbols or not limit.is_finite:
        raise ValueError(f"reading {reading!r} has no finite limit far away that all layers share")
    return sp.simplify(sp.log(layers) - sp.log(layers * sp.exp(limit - limit)))  # c = log l - log sum exp(E_t - E_s)


Predicate = Callable[[Rows, Rows], bool]


def subset_either_way(first: Rows, second: Rows) -> bool:
    """Whether one layer's patterns contain the other's."""
    return set(first) <= set(second) or set(second) <= set(first)


def broken_predicate(predicate: Predicate, memory: Memory = PAPER) -> str | None:
    """Two layers (reading A) for which the predicate is wrong about one layer serving at all points, in words.

    A larger set has the smaller g everywhere and serves; otherwise each layer fails at a pattern of the other.
    """
    extra = ((SPLITS["overlap"][0], SPLITS["overlap"][0]),)
    two = [layers for layers in (*SPLITS.values(), *extra) if len(layers) == 2]
    for first, second in two:
        fails_all = unserved((first, second), "A", memory) is not None
        if predicate(first, second) == fails_all and (fails_all or subset_either_way(first, second)):
            return f"{show(Stack((first, second), 'A', memory))}: {'no layer' if fails_all else 'one layer'} serves"
    return None
