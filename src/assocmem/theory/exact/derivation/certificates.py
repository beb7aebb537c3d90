"""Certificates of inequalities: each takes the two sides of a step and says whether ``small <= large`` was shown.

A certificate answers False when it does not fit, also where the inequality is true: a step without a certificate that
fits is refused. For a strict step it must show ``small < large``.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from assocmem.theory.exact.derivation.sums import Definitions, plain, residual

Certificate = Callable[[sp.Expr, sp.Expr, Definitions, bool], bool]
"""(small, large, definitions, strict): whether small <= large, or small < large, was shown."""


def facts_of(certificate: Certificate) -> Definitions:
    """The facts that a certificate takes for granted, itself or in what it rests on."""
    return getattr(certificate, "facts", {})


def _with(certificate: Certificate, facts: Definitions) -> Certificate:
    certificate.facts = dict(facts)  # type: ignore[attr-defined]
    return certificate


def by_sign(small: sp.Expr, large: sp.Expr, where: Definitions, strict: bool) -> bool:
    """The difference is a sum of pieces of known sign, or its factors are."""
    gap = residual(large, small, where)
    return any(bool(form.is_positive if strict else form.is_nonnegative) for form in (gap, sp.factor(gap)))


def growing(symbol: sp.Expr) -> Certificate:
    """The difference is nonnegative where the symbol is 0 and grows with the symbol, which is nonnegative.

    It is positive if it is so where the symbol is 0, or if it grows strictly and the symbol is positive.
    """

    def shown(small: sp.Expr, large: sp.Expr, where: Definitions, strict: bool) -> bool:
        gap, t = plain(large - small, where), sp.Dummy(nonnegative=True)
        gap, start = gap.subs(symbol, t), sp.simplify(gap.subs(symbol, 0))
        slope = sp.simplify(sp.diff(gap, t))
        first = start.is_positive or (
            start.is_nonnegative and (not strict or (symbol.is_positive and slope.is_positive))
        )
        return bool(symbol.is_nonnegative and first and slope.is_nonnegative)

    return shown


def bowl(symbol: sp.Symbol, at: sp.Expr = sp.S.Zero) -> Certificate:
    """The difference vanishes with its slope at a point and is convex in the symbol there and everywhere.

    This is the tangent that lies below its curve; it is never strict.
    """

    def shown(small: sp.Expr, large: sp.Expr, where: Definitions, strict: bool) -> bool:
        gap = plain(large - small, where)
        zero = [sp.simplify(form.subs(symbol, at)) for form in (gap, sp.diff(gap, symbol))]
        bends = bool(sp.simplify(sp.diff(gap, symbol, 2)).is_nonnegative)
        return bool(not strict and symbol.is_real and zero == [0, 0] and bends)

    return shown


def termwise(
    small: sp.Sum, large: sp.Sum, by: Certificate, through: Callable[[sp.Expr], sp.Expr] = lambda total: total
) -> Certificate:
    """Both sides are one monotone function of two sums over one range, and each term is at most the other.

    The side that is smaller is the one with the smaller sum where ``through`` rises, and the other where it falls.
    """

    def shown(left: sp.Expr, right: sp.Expr, where: Definitions, strict: bool) -> bool:
        total = sp.Symbol("u", positive=True)
        slope = sp.simplify(sp.diff(plain(through(total), where), total))
        low, high = (small, large) if slope.is_nonnegative else (large, small)
        fits = residual(through(low), left, where) == 0 == residual(through(high), right, where)
        (_, first, last), same = small.limits[0], small.limits == large.limits
        same &= bool(small.function.is_positive and large.function.is_positive)
        same &= bool((last - first).is_nonnegative or plain(through(sp.S.Zero), where).is_finite)  # Or an empty sum.
        known = slope.is_nonnegative or slope.is_nonpositive
        return bool(not strict and known and same and fits and by(small.function, large.function, where, False))

    return _with(shown, facts_of(by))


def no_negative_term(small: sp.Expr, large: sp.Expr, where: Definitions, strict: bool) -> bool:
    """One side is 0 and the other a sum, written as such, none of whose terms has the wrong sign; never strict."""
    terms = [-small if large == 0 else large] if 0 in (small, large) else []
    sums = [(term.func(*term.args), 1) for term in terms if isinstance(term, sp.Sum)]
    sums += [(-term, -1) for term in terms if isinstance(-term, sp.Sum)]
    return not strict and any(bool((sign * one.function).is_nonnegative) for one, sign in sums)


def summed(total: sp.Sum, by: Certificate) -> Certificate:
    """The difference is a sum each of whose terms is shown to be nonnegative; never strict."""

    def shown(small: sp.Expr, large: sp.Expr, where: Definitions, strict: bool) -> bool:
        same = residual(large - small, total, where) == 0
        return not strict and same and by(sp.S.Zero, total.function, where, False)

    return _with(shown, facts_of(by))


def given(facts: Definitions, by: Certificate) -> Certificate:
    """A certificate that may use facts: quantities, and what each equals in symbols of known sign.

    Nothing here shows the facts; they are printed with the definitions, and a sampler of points should satisfy them.
    """

    def shown(small: sp.Expr, large: sp.Expr, where: Definitions, strict: bool) -> bool:
        return by(small.xreplace(dict(facts)), large.xreplace(dict(facts)), where, strict)

    return _with(shown, {**facts, **facts_of(by)})
