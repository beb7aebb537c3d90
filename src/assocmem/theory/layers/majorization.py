"""Which majorization-minimization statements are true of layers: identities for any number of layers, any energies.

One fact carries all of them: with pi = softmax(-E_1, ..., -E_l), E_t - E_global = -log pi_t >= 0. Hence

    E_global(y) - E_global(x) = sum_t pi_t(y) (E_t(y) - E_t(x)) + KL(pi(y) || pi(x)),

the identity of ``descent`` one level up: layers take the place of patterns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.distances import PAPER, Distance, Point
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.layers.stack import HARD, SPLITS, Reading, Stack, of_nearest, points, show, stacks
from assocmem.theory.retrieval.descent import Descent, gibbs_holds, identity_residual, log_weight_residual, softmax


@dataclass(frozen=True)
class Mixture:
    """E_global(y) - E_global(x) = change * (Q(y|y) - Q(x|y)) + divergence * KL(pi(y) || pi(x)), and
    Q(x|y) >= E_global(x) + entropy * H(pi(y)) with equality at x = y, where Q(x|y) = sum_t pi_t(y) E_t(x).
    """

    change: Fraction = Fraction(1)
    divergence: Fraction = Fraction(1)
    entropy: Fraction = Fraction(1)


STEP = Fraction(1, 10**4)
"""Of the differences that show a slope."""


def log_share_holds() -> bool:
    """E_t - E_global = -log pi_t for any sum of exponentials (beta = 1)."""
    return bool(log_weight_residual() == 0)


def mixture_residuals(stmt: Mixture) -> tuple[sp.Expr, sp.Expr]:
    """Residuals of the identity and of Q - E_global - entropy H - KL, for any number of layers; (0, 0) proves both.

    H = -sum pi_t(y) log pi_t(y) = sum pi_t(y) E_t(y) - E_global(y), and likewise for KL; all is linear in the energies.
    """
    here, there, sum_here, sum_there = sp.symbols("G_y G_x Q_yy Q_xy")
    entropy = sum_here - here
    divergence = (here - sum_here) - (there - sum_there)
    identity = identity_residual(Descent(stmt.change, stmt.divergence))
    return identity, sp.expand(sum_there - there - stmt.entropy * entropy - divergence)


def mixture_gaps(stmt: Mixture, stack: Stack, y: Point, x: Point) -> tuple[arb, arb]:
    """Left minus right side of the identity at exact points, and Q(y|y) - E_global(y) - entropy H(pi(y)); balls."""
    here, there = stack.energies(y), stack.energies(x)
    own, other = softmax([-e for e in here]), softmax([-e for e in there])
    change = stack.total(y) - stack.total(x)
    divergence, entropy = arb(0), arb(0)
    for w, v, a, b in zip(own, other, here, there, strict=True):
        change -= to_arb(stmt.change) * w * (a - b)
        divergence += w * (w / v).log()
        entropy -= w * w.log()
    surrogate = sum((w * e for w, e in zip(own, here, strict=True)), arb(0))
    return change - to_arb(stmt.divergence) * divergence, surrogate - stack.total(y) - to_arb(stmt.entropy) * entropy


PAIRED = (0, 1, 3, 6, 7)
"""Which of the exact points make pairs: two very near ones, and two as far away on either side."""


def pairs(distance: Distance = PAPER) -> Iterator[tuple[Stack, Point, Point]]:
    """Every stack with ordered pairs (y, x) of exact points."""
    for stack in stacks(distance):
        at = [points(stack.layers)[k] for k in PAIRED]
        yield from ((stack, y, x) for y in at for x in at if x != y)


def broken_mixture(stmt: Mixture, distance: Distance = PAPER) -> str | None:
    """The first pair at which a ball of ``mixture_gaps`` excludes 0, in words."""
    with precision(256):
        for stack, y, x in pairs(distance):
            for gap in mixture_gaps(stmt, stack, y, x):
                if not gap.contains(0):
                    return f"{show(stack, y, x)}: off by {float(gap.mid()):.3g}"
    return None


@dataclass(frozen=True)
class StepBound:
    """After any step that does not raise E_t: E_global(x) - E_global(y) <= own * (-log pi_t(y)).

    If layer t has the smallest energy at y, the increase is at most active * log l.
    """

    own: Fraction = Fraction(1)
    active: Fraction = Fraction(1)


def step_slacks(stmt: StepBound) -> tuple[sp.Expr, sp.Expr]:
    """Both bounds minus the increase of G = E_global, for a step from y that lowers E_t by q.

    p = -log pi_t(x) and s = -log pi_t(y) are E_t - G at both ends; log l = s + a for an active layer. All are >= 0.
    """
    p, q, s, a = sp.symbols("p q s a", nonnegative=True)
    before = sp.Symbol("E_t", real=True)
    after = before - q
    increase = (after - p) - (before - s)
    return sp.expand(stmt.own * s - increase), sp.expand(stmt.active * (s + a) - increase)


def step_slacks_are_seen(stmt: StepBound) -> bool:
    """Whether ``step_slacks`` are those of layer 1 of three, of smallest energy, from 1/3 to 1/4 under A; in balls."""
    stack, y, x = Stack(SPLITS["three layers"], "A"), (Fraction(1, 3),), (Fraction(1, 4),)
    near, far = ((stack.energies(v)[0], stack.total(v)) for v in (x, y))
    size, share, rise = arb(stack.count).log(), far[0] - far[1], near[1] - far[1]
    values = (near[0] - near[1], far[0] - near[0], share, size - share)
    at = dict(zip(sp.symbols("p q s a", nonnegative=True), values, strict=True))
    stated = (to_arb(stmt.own) * share - rise, to_arb(stmt.active) * size - rise)
    return all((enclose(s, at) - v).contains(0) for s, v in zip(step_slacks(stmt), stated, strict=True))


def active_decrease(active: bool) -> sp.Expr:
    """F(y) - F(x) for F = min_s E_s and a step from y that lowers E_t by q; E_t - F is p at x, e at y (0 if active)."""
    p, q, e = sp.symbols("p q e", nonnegative=True)
    before = sp.Symbol("E_t", real=True)
    after = before - q
    return sp.expand((before - (0 if active else e)) - (after - p))


def broken_step(stmt: StepBound, distance: Distance = PAPER) -> str | None:
    """A layer and a step that does not raise its energy, at which a bound certainly fails, in words."""
    for stack, y, x in pairs(distance):
        for t in range(stack.count):
            rise = sign(lambda s=stack, y=y, x=x, t=t: s.energies(x)[t] - s.energies(y)[t], HARD)  # type: ignore[misc]
            if rise not in (-1, 0):
                continue

            def slack(kind: str, stack: Stack = stack, y: Point = y, x: Point = x, t: int = t) -> arb:
                share = stack.energies(y)[t] - stack.total(y)
                bound = to_arb(stmt.own) * share if kind == "own" else to_arb(stmt.active) * arb(stack.count).log()
                return bound - (stack.total(x) - stack.total(y))

            kinds = ("own", "active") if stack.active(y) == t else ("own",)
            for kind in kinds:
                if stack.count > 1 and sign(lambda k=kind, f=slack: f(k), HARD) == -1:  # type: ignore[misc]
                    return f"layer {t + 1}, {show(stack, y, x)}"
    return None


Criterion = Literal["share falls", "share rises", "active"]


def touches(criterion: Criterion, stack: Stack, t: int, y: Point, x: Point) -> bool | None:
    """Whether the criterion grants E_t(x) - E_global(x) >= E_t(y) - E_global(y); None where the balls do not tell."""
    if criterion == "active":
        return stack.active(y) == t

    def fall() -> arb:
        return softmax([-e for e in stack.energies(y)])[t] - softmax([-e for e in stack.energies(x)])[t]

    direction = sign(fall, HARD)
    if direction in (None, 0):
        return None
    return (direction == 1) == (criterion == "share falls")


def broken_criterion(criterion: Criterion, distance: Distance = PAPER) -> str | None:
    """The first layer and pair at which criterion and surrogate inequality certainly disagree, in words."""
    for stack, y, x in pairs(distance):
        for t in range(stack.count):

            def slack(stack: Stack = stack, y: Point = y, x: Point = x, t: int = t) -> arb:
                return surrogate_gap(stack, t, y, x)

            direction, granted = sign(slack, HARD), touches(criterion, stack, t, y, x)
            if direction in (-1, 1) and granted is not None and stack.count > 1 and (direction == 1) != granted:
                return f"layer {t + 1}, {show(stack, y, x)}"
    return None


def surrogate_gap(stack: Stack, t: int, y: Point, x: Point) -> arb:
    """E_t(x) - E_global(x) minus its value at y: negative where E_t plus the constant that touches at y lies below."""
    return (stack.energies(x)[t] - stack.total(x)) - (stack.energies(y)[t] - stack.total(y))


def slopes_between(reading: Reading) -> tuple[sp.Expr, sp.Expr]:
    """Slopes of E_1 and of E_global halfway between the patterns of the layers {0} and {1}, Z_t = 1."""
    x = sp.Symbol("x", real=True)
    first, second = (of_nearest(reading, d, sp.Integer(1)) for d in (x**2, (x - 1) ** 2))
    whole = -sp.log(sp.exp(-first) + sp.exp(-second))
    own, joined = (sp.simplify(sp.diff(f, x).subs(x, sp.Rational(1, 2))) for f in (first, whole))
    return own, joined


def slopes_are_seen(reading: Reading) -> bool:
    """Whether certified differences at 1/2 have the slopes of ``slopes_between``, to one in ten thousand."""
    stack, half = Stack(SPLITS["zero and one"], reading), Fraction(1, 2)
    (left,), (right,) = ends = ((half - STEP,), (half + STEP,))
    own = stack.energies(ends[1])[0] - stack.energies(ends[0])[0]
    joined = stack.total(ends[1]) - stack.total(ends[0])
    run = to_arb(right - left)
    return all(
        bool(abs(rise / run - enclose(slope, {})) < to_arb(STEP))
        for rise, slope in zip((own, joined), slopes_between(reading), strict=True)
    )


def height_is_seen() -> bool:
    """Whether ``height`` is E_t - E_global for three layers at 1/2 under A, with R from the energies; in balls."""
    stack, x = Stack(SPLITS["three layers"], "A"), (Fraction(1, 2),)
    first, *others = stack.energies(x)
    rest = sum(((first - other).exp() for other in others), arb(0))
    return bool((enclose(height(), {sp.Symbol("R", positive=True): rest}) - (first - stack.total(x))).contains(0))


def height() -> sp.Expr:
    """E_t - E_global for two layers or more, R > 0 being the sum of exp(E_t - E_s) over the layers s other than t."""
    own, rest = sp.Symbol("E_t", real=True), sp.Symbol("R", positive=True)
    whole = -sp.log(sp.exp(-own) * (1 + rest))
    return sp.simplify(own - sp.expand_log(whole))


@dataclass(frozen=True)
class Surrogate:
    """What is asked of u(.|y) so that minimizing it cannot raise f: u >= f + c everywhere, and c = u(y|y) - f(y).

    ``convex``: that it is convex as well follows, or is asked for.
    """

    majorizes: bool = True
    touches: bool = True
    convex: bool = False


def surrogate_decrease(stmt: Surrogate) -> sp.Expr:
    """f(y) - f(x) for a minimizer x: u(x) = f(x) + c + p and u(y) = u(x) + q with p, q >= 0, u(y) = f(y) + c + e.

    p is free without majorization and e >= 0 without touching.
    """
    q = sp.Symbol("q", nonnegative=True)
    p = sp.Symbol("p", nonnegative=True) if stmt.majorizes else sp.Symbol("p", real=True)
    e = sp.Integer(0) if stmt.touches else sp.Symbol("e", nonnegative=True)
    start, c = sp.symbols("f_y c", real=True)
    there = (start + c + e) - q  # u(x|y)
    return sp.expand(start - (there - c - p))


def surrogate_example(stmt: Surrogate) -> sp.Expr:
    """f(y) - f(x) for f = x^2 on [-1, 1] and y = 0, with a surrogate that has exactly the stated properties.

    (x-1)^2 does not majorize, 10 + (x-1)^2 does not touch; 2 x^2 does both, and its minimizer stays at 0.
    """
    x = sp.Symbol("x", real=True)
    f = x**2
    u = 2 * x**2 if stmt.majorizes and stmt.touches else (x - 1) ** 2 + (10 if stmt.majorizes else 0)
    (at,) = sp.solve(sp.diff(u, x), x)
    return f.subs(x, 0) - f.subs(x, at)


def bent_surrogate(reading: Reading = "printed") -> sp.Expr:
    """Second derivative at the pattern 1 of Q(x|0) for layers {-1}, {1} with equal Z_t: both shares at 0 are 1/2.

    Q majorizes E_global and touches it at 0, as ``mixture_residuals`` and ``gibbs`` prove for any energies.
    """
    x, z = sp.Symbol("x", real=True), sp.Symbol("Z", positive=True)
    energies = [of_nearest(reading, (x - p) ** 2, z) for p in (-1, 1)]
    shares = [sp.exp(-e.subs(x, 0)) for e in energies]
    mixed = sum(w / sum(shares) * e for w, e in zip(shares, energies, strict=True))
    return sp.simplify(sp.diff(mixed, x, 2).subs(x, 1))


def bend_is_seen() -> bool:
    """Whether a certified second difference of Q(x|0) at 1, with Z_t = 1, is ``bent_surrogate``, to a thousandth."""
    with precision(128):
        stack, at = Stack(SPLITS["one each"], "printed"), Fraction(1)
        shares = softmax([-e for e in stack.energies((Fraction(0),))])

        def mixed(x: Fraction) -> arb:
            return sum((w * e for w, e in zip(shares, stack.energies((x,)), strict=True)), arb(0))

        bend = (mixed(at + STEP) + mixed(at - STEP) - 2 * mixed(at)) / to_arb(STEP * STEP)
        return bool(abs(bend - enclose(bent_surrogate(), {sp.Symbol("Z", positive=True): 1})) < to_arb(STEP))


def proximal_rate() -> tuple[sp.Expr, sp.Symbol, bool]:
    """(x/y, k, whether it majorizes and touches) for the surrogate x^2/2 + (k/2)(x-y)^2 of f = x^2/2.

    Newton's step from y arrives at the minimum 0 at once.

    Raises
    ------
    ArithmeticError
        If Newton's step does not arrive.
    """
    x, y = sp.symbols("x y", real=True)
    k = sp.Symbol("k", positive=True)
    f, excess = x**2 / 2, k / 2 * (x - y) ** 2
    if sp.simplify(x - sp.diff(f, x) / sp.diff(f, x, 2)) != 0:
        raise ArithmeticError("Newton's step did not arrive")
    (at,) = sp.solve(sp.diff(f + excess, x), x)
    return sp.simplify(at / y), k, bool(excess.is_nonnegative and excess.subs(x, y) == 0)


def attention_residual(step: sp.Expr | int) -> sp.Expr:
    """One coordinate of x - step * grad E with one more pattern, minus the softmax mean of all patterns.

    The patterns before have the sum S of exp(-d) and, by the induction, the softmax mean x - grad E / 2 with
    E = -log S; the new one has this coordinate rho and the squared differences c in the others. For one pattern the
    mean is the pattern itself. 0 proves the identity in every coordinate, for any number of patterns.
    """
    x, rho, c = sp.symbols("x rho c", real=True)
    before, term = sp.Function("S", positive=True)(x), sp.exp(-((x - rho) ** 2) - c)
    earlier = x + sp.diff(sp.log(before), x) / 2
    whole = -sp.log(before + term)
    mean = (before * earlier + term * rho) / (before + term)
    return sp.simplify(x - step * sp.diff(whole, x) - mean)


def single_attention_residual(step: sp.Expr | int) -> sp.Expr:
    """The same for a single pattern, from which ``attention_residual`` starts: x - step * (distance)' - rho."""
    x, rho, c = sp.symbols("x rho c", real=True)
    return sp.expand(x - step * sp.diff((x - rho) ** 2 + c, x) - rho)


def gibbs() -> bool:
    """KL >= 0."""
    return gibbs_holds()
