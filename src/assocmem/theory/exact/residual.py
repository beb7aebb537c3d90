"""When a symbolic difference is certainly not zero: a point at which it is not, found exactly.

That sympy does not simplify an expression to 0 proves nothing; a refutation needs a point.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import sympy as sp

VALUES = (sp.Rational(1, 2), sp.Integer(0), sp.Integer(1), sp.Rational(7, 3), sp.Integer(2))


def nonzero_point(residuals: Iterable[sp.Expr]) -> tuple[dict[str, str], str] | None:
    """A rational point and a value there beyond doubt different from 0, or None.

    Values are computed to 30 digits by sympy, which raises its working precision until they are right.
    """
    for residual in residuals:
        symbols = sorted(residual.free_symbols, key=str)
        for point in product(VALUES, repeat=min(len(symbols), 4)):
            at = dict(zip(symbols, (*point, *[VALUES[0]] * (len(symbols) - len(point))), strict=True))
            value = sp.N(residual.subs(at), 30, maxn=400)
            if value.is_number and value.is_finite and abs(value) > sp.Float("1e-20"):
                return {str(k): str(v) for k, v in at.items()}, str(sp.N(value, 8))
    return None
