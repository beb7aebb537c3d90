"""Equation (10): the remainder c = E_global - E_t + log l, which layer may serve, its kinks, when it is constant.

    c = log l - log sum_s exp(E_t - E_s),    so c < log l always (l >= 2), and c >= 0 iff the sum is at most l.

For the layer of smallest energy every term is at most 1. For l = 2 no other layer will do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.distances import PAPER, Distance, Point, Rows
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.layers.majorization import pairs
from assocmem.theory.layers.stack import HARD, SPLITS, Layers, Reading, Stack, of_nearest, points, rows, show, stacks
from assocmem.theory.layers.steps import length


def remainder(stack: Stack, t: int, x: Point) -> arb:
    """c for layer t at an exact point; a ball."""
    return stack.total(x) - stack.energies(x)[t] + arb(stack.count).log()


def remainders(stack: Stack, t: int | None, at: Sequence[Point]) -> Callable[[], list[arb]]:
    """What gives c at each of the points, for layer t, or for that of smallest energy there."""
    return lambda: [remainder(stack, stack.active(x) if t is None else t, x) for x in at]


@dataclass(frozen=True)
class Remainder:
    """0 <= c < below * log l for the layer of smallest energy, from ``from_l`` layers on; ``any_layer``: for each.

    ``mean``: also c <= mean * (mean E - min E). ``share``: also, for every layer, c < below * log l, and c >= 0
    iff pi_t >= share / l.
    """

    from_l: int = 1
    mean: Fraction | None = None
    any_layer: bool = False
    share: Fraction | None = None
    below: Fraction = Fraction(1)


def broken(stmt: Remainder, distance: Distance = PAPER) -> str | None:
    """A stack (at least two layers) and point at which a bound certainly fails, in words."""
    for stack in stacks(distance):
        if stack.count < 2:
            continue
        for x in points(stack.layers):
            for t in range(stack.count):
                chosen = stmt.any_layer or t == stack.active(x)
                if _fails(stmt, stack, t, x, chosen):
                    return f"layer {t + 1}, {show(stack, x)}"
    return None


def _fails(stmt: Remainder, stack: Stack, t: int, x: Point, chosen: bool) -> bool:
    """Whether a bound certainly fails for a layer; those of the layer of smallest energy only where it is chosen."""

    def room() -> arb:
        return to_arb(stmt.below) * arb(stack.count).log() - remainder(stack, t, x)

    def mean() -> arb:
        energies = stack.energies(x)
        spread = sum(energies, arb(0)) / stack.count - energies[stack.active(x)]
        return to_arb(stmt.mean or 0) * spread - remainder(stack, t, x)

    c = sign(lambda: remainder(stack, t, x), HARD)
    if chosen and (c == -1 or (stmt.mean is not None and sign(mean, HARD) == -1)):
        return True
    if (chosen or stmt.share is not None) and sign(room, HARD) in (-1, 0):
        return True
    if stmt.share is None:
        return False
    factor = stmt.share
    more = sign(lambda: (stack.total(x) - stack.energies(x)[t]).exp() - to_arb(factor / stack.count), HARD)
    return (c == -1 and more in (0, 1)) or (c in (0, 1) and more == -1)


def least_share() -> tuple[sp.Expr, sp.Symbol]:
    """(the share pi_t at which c is 0, l): c = E_global - E_t + log l with E_t - E_global = -log pi_t grows with it.

    Raises
    ------
    ArithmeticError
        If c does not grow with the share.
    """
    share, layers = sp.symbols("pi_t l", positive=True)
    c = sp.log(share) + sp.log(layers)
    if not sp.diff(c, share).is_positive:
        raise ArithmeticError("c did not grow with the share")
    (root,) = sp.solve(c, share)
    return root, layers


def unserved(layers: Layers, reading: Reading, distance: Distance = PAPER) -> list[Point] | None:
    """For each layer a point at which its c is certainly negative, so that it does not serve; None if one has none.

    Raises
    ------
    ArithmeticError
        If the share of the layer at such a point is not below 1/l.
    """
    stack, negative = Stack(layers, reading, distance), []
    candidates = [*stack.patterns(), *points(layers)]
    for t in range(stack.count):
        hit = next((x for x in candidates if sign(lambda x=x, t=t: remainder(stack, t, x), HARD) == -1), None)  # type: ignore[misc]
        if hit is None:
            return None
        if not _below_average(stack, t, hit):
            raise ArithmeticError(f"at {hit} the share of layer {t + 1} is not below that of an average layer")
        negative.append(hit)
    return negative


def _below_average(stack: Stack, t: int, x: Point) -> bool:
    """Whether l exp(-E_t) is certainly below the sum of all exp(-E_s): what a negative c of layer t says."""
    with precision(HARD[-1]):
        own = stack.energies(x)[t]
        return bool(sum(((own - other).exp() for other in stack.energies(x)), arb(0)) > stack.count)


@dataclass(frozen=True)
class Serving:
    """Under C one of the layers {-delta, delta} and {0} on the line has c >= 0 at all points iff
    delta^2 <= log(constant), or ``strict``, < log(constant).
    """

    constant: Fraction = Fraction(2)
    strict: bool = False


def least_ratio() -> tuple[sp.Expr, sp.Symbol]:
    """(min over x of exp(E_2 - E_1), delta) for E_1 of {-delta, delta} and E_2 of {0} under C, attained at x = 0.

    c >= 0 for layer 1 iff the ratio is >= 1, for layer 2 iff it is <= 1; it is convex in x, even and not constant, so
    it has no upper bound, and layer 2 never serves.

    Raises
    ------
    ArithmeticError
        Where the ratio is not convex in x.
    """
    x, delta = sp.Symbol("x", real=True), sp.Symbol("delta", positive=True)
    pair = -sp.log(sp.exp(-((x - delta) ** 2)) + sp.exp(-((x + delta) ** 2)))
    ratio = sp.exp(x**2 - pair)
    closed = 2 * sp.exp(-(delta**2)) * sp.cosh(2 * delta * x)
    same = sp.simplify((sp.expand(ratio, power_exp=True) - closed).rewrite(sp.exp).expand()) == 0
    if not (same and sp.diff(closed, x, 2).is_positive and sp.diff(closed, x).subs(x, 0) == 0):
        raise ArithmeticError("the ratio was not convex with its minimum at 0")
    return sp.simplify(closed.subs(x, 0)), delta


SERVED: Layers = (rows("-1/2", "1/2", "19/2", "21/2"), rows("0"), rows("10"))
"""Three layers that share no pattern: the first has two patterns beside each pattern of the others."""


def served_excess() -> sp.Expr:
    """E_1 - E_s under A for the layer {p} beside p - 1/2 and p + 1/2, at most, as a polynomial in y = ``|x - p|``.

    The nearer of the two is at the distance ``|y - 1/2|``, and E_1 is no larger than its square.
    """
    y = sp.Symbol("y", nonnegative=True)
    return sp.expand((y - sp.Rational(1, 2)) ** 2 - y**2)


def served_bound() -> arb:
    """A lower bound of c for the first layer of ``SERVED`` under A, at all points.

    E_1 - E_s <= 1/4 - ``|x - p|`` for p = 0 and p = 10, one at least 5 away from x, the other at least 0.

    Raises
    ------
    ArithmeticError
        If the excess is not that.
    """
    excess = served_excess()
    (y,) = excess.free_symbols
    if not sp.diff(excess, y).is_negative:
        raise ArithmeticError("the excess did not fall with the distance")
    centers = sorted(layer[0][0] for layer in SERVED[1:])
    away = (centers[1] - centers[0]) / 2
    near, far = (to_arb(Fraction(str(excess.subs(y, sp.Rational(str(v)))))) for v in (Fraction(0), away))
    return arb(len(SERVED)).log() - (1 + near.exp() + far.exp()).log()


def same_layers(layers: Layers) -> bool:
    """Whether all layers hold the same patterns: then E_t = E_global + log l for all t, and c = 0."""
    return len({frozenset(layer) for layer in layers}) == 1


KINKED: Layers = (rows("0"), rows("-1", "1"))
"""Layers whose remainder has a kink at 0, whichever of them is chosen: the second layer's energy has one there."""
STEP = Fraction(1, 10**6)
"""Of the differences that show it."""


def kink_slopes(reading: Reading, distance: Distance = PAPER) -> tuple[sp.Expr, sp.Expr]:
    """Slopes at 0, to the right, of c for each layer of {0} and {-1, 1}, with any Z_1 and Z_2; to the left minus these.

    c is even, so that it has a kink at 0 unless the slope is 0. For the squared distance and for a norm on the line.

    Raises
    ------
    ValueError
        For another distance.
    """
    h = sp.Symbol("h", positive=True)
    if distance.has("squared euclidean"):
        near, far = h**2, (1 - h) ** 2
    elif distance.has("norm"):
        unit = sp.Rational(length(distance, (Fraction(0),), (Fraction(1),)))
        near, far = unit * h, unit * (1 - h)
    else:
        raise ValueError(f"distance {distance.name!r} must be a norm or the squared Euclidean distance")
    scales = sp.symbols("Z_1 Z_2", positive=True)
    energies = [of_nearest(reading, g, z) for g, z in zip((near, far), scales, strict=True)]
    whole = -sp.log(sum(sp.exp(-e) for e in energies))
    one, other = (sp.factor(sp.simplify(sp.diff(whole - e, h).subs(h, 0))) for e in energies)
    return one, other


def kink_is_seen(reading: Reading, distance: Distance = PAPER) -> bool:
    """Whether certified differences of c at 0, with Z_t = 1, have the slopes of ``kink_slopes``, to a thousandth."""
    stack = Stack(KINKED, reading, distance)
    for t, slope in enumerate(kink_slopes(reading, distance)):
        stated = enclose(slope, dict.fromkeys(sp.symbols("Z_1 Z_2", positive=True), 1))
        for side in (-STEP, STEP):
            rise = remainder(stack, t, (side,)) - remainder(stack, t, (Fraction(0),))
            if not abs(rise / to_arb(STEP) - stated) < abs(stated) / 1000:
                return False
    return True


@dataclass(frozen=True)
class Variation:
    """``|c(x) - c(y)| <= factor (1 - 1/l) max_t |E_t(x) - E_t(y)|`` for c with the layer of smallest energy."""

    factor: Fraction = Fraction(2)


def variation_needed() -> sp.Expr:
    """Largest sum of ``|dc/dE_s|`` over the layers, divided by 1 - 1/l.

    c = log l - log(1 + R) with R = sum over s != t of exp(E_t - E_s) <= l - 1. Raising E_t by u, or lowering all others
    by u, takes R to R e^u: both have the slope -R/(1+R), and the others' slopes have one sign.

    Raises
    ------
    ArithmeticError
        If the slopes are not largest at equal energies.
    """
    layers, u = sp.Symbol("l", positive=True), sp.Symbol("u", real=True)
    rest = sp.Symbol("R", positive=True)
    slope = sp.diff(sp.log(layers) - sp.log(1 + rest * sp.exp(u)), u).subs(u, 0)
    own, others = -slope, -slope
    if not sp.simplify(sp.diff(own + others, rest)).is_positive:
        raise ArithmeticError("the slopes were not largest at equal energies")
    return sp.simplify((own + others).subs(rest, layers - 1) / (1 - 1 / layers))


NEAR = Fraction(1, 10**12)
"""So near to a tie that the bound is nearly attained."""


def broken_variation(stmt: Variation, distance: Distance = PAPER) -> str | None:
    """A stack and an ordered pair of points at which c certainly rises by more than the bound, in words."""
    near = ((Stack(SPLITS["one each"], "A", distance), (Fraction(0),), (NEAR,)),)
    for stack, y, x in (*near, *pairs(distance)):
        if stack.count < 2:
            continue

        def slack(stack: Stack = stack, y: Point = y, x: Point = x) -> arb:
            rise = remainder(stack, stack.active(x), x) - remainder(stack, stack.active(y), y)
            largest = arb(0)
            for a, b in zip(stack.energies(x), stack.energies(y), strict=True):
                largest = largest.max(abs(a - b))
            return to_arb(stmt.factor * (1 - Fraction(1, stack.count))) * largest - rise

        if sign(slack, HARD) == -1:
            return show(stack, y, x)
    return None


def far_remainder(reading: Reading) -> sp.Expr:
    """Limit of c far from all patterns, for l layers whose g_t grow without bound, each with a Z_t of its own.

    c = log l - log(1 + sum over s != t of exp(E_t - E_s)); the limit of one term is the limit of all l - 1.

    Raises
    ------
    ValueError
        For a reading whose terms have no common finite limit.
    """
    near, other, z, w = sp.symbols("g_t g_s Z_t Z_s", positive=True)
    layers = sp.Symbol("l", integer=True, positive=True)
    term = sp.exp(of_nearest(reading, near, z) - of_nearest(reading, other, w))
    limit = sp.limit(sp.limit(term, near, sp.oo), other, sp.oo)
    if limit.free_symbols or not limit.is_finite:
        raise ValueError(f"reading {reading!r} has no finite limit far away that all layers share")
    return sp.simplify(sp.log(layers) - sp.log(1 + (layers - 1) * limit))


Predicate = Callable[[Rows, Rows], bool]


def subset_either_way(first: Rows, second: Rows) -> bool:
    """Whether one layer's patterns contain the other's."""
    return set(first) <= set(second) or set(second) <= set(first)


def broken_predicate(predicate: Predicate, distance: Distance = PAPER) -> str | None:
    """Two layers (reading A) for which the predicate is wrong about one layer serving at all points, in words.

    A larger set has the smaller g everywhere and serves; otherwise each layer fails at a pattern of the other.
    """
    extra = ((SPLITS["overlap"][0], SPLITS["overlap"][0]),)
    two = [layers for layers in (*SPLITS.values(), *extra) if len(layers) == 2]
    for first, second in two:
        fails_all = unserved((first, second), "A", distance) is not None
        if predicate(first, second) == fails_all and (fails_all or subset_either_way(first, second)):
            return f"{show(Stack((first, second), 'A', distance))}: {'no layer' if fails_all else 'one layer'} serves"
    return None
