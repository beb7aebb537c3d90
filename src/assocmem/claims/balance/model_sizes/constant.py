"""Checks of the constant A of equation (2): what it depends on, and who holds most of the parameters (chapter 7)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance import transformer_laws
from assocmem.theory.balance.transformer_laws import LAYERS, OWN_MODELS, context, d, e, g, k, l, m, vocabulary
from assocmem.theory.balance.transformer_shapes import GPT2, GptShape
from assocmem.theory.balance.transformer_size import FINAL_NORM, NORMS
from assocmem.theory.exact.residual import nonzero_point

RATIOS = frozenset({e, g, m})
FIXED_RATIOS = "fixed ratios of the widths inside a block (query and key columns, inner width) to d_emb"
FIXED_DEPTH = f"fixed depth and {FIXED_RATIOS}"


@dataclass(frozen=True)
class PowerLaw:
    """N = A l^layers d^width with A the same for all models in which what is named ``fixed`` is fixed."""

    layers: int = 1
    width: int = 2
    fixed: frozenset[sp.Symbol] = frozenset()


claim(
    "EQ2-A",
    PowerLaw(),
    mutants={
        "a cube of the width": PowerLaw(width=3),
        "a square of the depth": PowerLaw(layers=2),
        "no depth": PowerLaw(layers=0),
        "the ratios fixed": PowerLaw(fixed=RATIOS),
    },
)


@check("EQ2-A", kind="symbolic", scope="blocks of GPT-2's and of LLaMA's type, any depth, wide models")
def what_the_constant_depends_on(stmt: PowerLaw) -> Finding:
    """The limit of N/(l^a d^b) for large d: it must be positive, finite, and free of all that is not fixed."""
    scale = l * d**2 / (l**stmt.layers * d**stmt.width)
    limits = [
        sp.limit(sp.expand(law * scale), d, sp.oo)
        for law in (transformer_laws.plain_constant(), transformer_laws.gated_constant())
    ]
    for limit in limits:
        if limit in (0, sp.oo) or l in limit.free_symbols:
            return Finding.fails(f"N/(l^{stmt.layers} d^{stmt.width}) tends to {limit}", margin=str(limit))
    free = {s for limit in limits for s in limit.free_symbols} - stmt.fixed
    shown = " and ".join(str(limit) for limit in limits)
    if not free:
        return Finding.holds(f"A tends to {shown}: constant")
    return Finding.holds_if(FIXED_RATIOS, f"A tends to {shown}, whatever the depth; only the ratios enter")


@check("EQ2-A", kind="certified", scope="the paper's three models, N to the printed digits")
def constant_of_own_models(stmt: PowerLaw) -> Finding:
    """A = N/(l d^2) of the three trained models, with bounds from the rounding of N."""
    if stmt.fixed:
        return Finding.survived("these three do not share their ratios")
    bounds = [model.constant for model in OWN_MODELS.values()]
    ratio = transformer_laws.spread_of(bounds)
    if ratio > 1:
        shown = ", ".join(f"{float(sum(pair) / 2):.2f}" for pair in bounds)
        return Finding.fails(f"A is {shown} for the three models", margin=f"{float(ratio):.3f}", outside=True)
    return Finding.survived("the three constants may be equal")


claim(
    "EQ2-SQ",
    PowerLaw(),
    mutants={
        "proportional to the width": PowerLaw(width=1),
        "proportional to the cube": PowerLaw(width=3),
        "depth and ratios fixed": PowerLaw(fixed=RATIOS | {l}),
    },
)


@check("EQ2-SQ", kind="symbolic", scope="blocks of GPT-2's and of LLaMA's type; widths d and t d, d large")
def square_of_the_width(stmt: PowerLaw) -> Finding:
    """N(t d)/N(d) at fixed depth and ratios tends to t^2 for every t > 0."""
    t = sp.Symbol("t", positive=True)
    for law in (transformer_laws.plain_constant(), transformer_laws.gated_constant()):
        size = sp.expand(law * l * d**2)
        factor = sp.simplify(sp.limit(size.subs(d, t * d) / size, d, sp.oo))
        if sp.simplify(factor - t**stmt.width) != 0:
            return Finding.fails(f"N(t d)/N(d) tends to {factor}, not t^{stmt.width}", margin=str(factor))
    if l in stmt.fixed and stmt.fixed >= RATIOS:
        return Finding.holds("N(t d)/N(d) tends to t^2")
    return Finding.holds_if(FIXED_DEPTH, "N(t d)/N(d) tends to t^2; for GPT-2's blocks N = l d (12 d + 13) exactly")


@check("EQ2-SQ", kind="certified", scope="GPT-2 small and XL; 24 layers with d_FF = 4096 at widths 1024 and 2048")
def other_powers(stmt: PowerLaw) -> Finding:
    """N/d^2 of a wider model over that of a narrower one: 1 if N were proportional to d^2."""
    if l in stmt.fixed:
        return Finding.survived("these models differ in depth or ratios")
    family = transformer_laws.growth(GPT2["GPT-2 small"].decoder(), GPT2["GPT-2 XL"].decoder())
    narrow, wide = (GptShape(24, width, 16, inner=4096).decoder() for width in (1024, 2048))
    fixed = transformer_laws.growth(narrow, wide)
    # l d (12 d + 9) in GPT-2; l d (4 d + 2 f + 5) + l f with the inner width f.
    small, large, *two = (
        layers * (4 + sp.Rational(2 * inner + 5, width) + sp.Rational(inner, width**2))
        for layers, width, inner in ((12, 768, 3072), (48, 1600, 6400), (24, 1024, 4096), (24, 2048, 4096))
    )
    if (family, fixed) != (large / small, two[1] / two[0]):
        return Finding.fails(f"N/d^2 grows by {family} and {fixed}, not by {large / small} and {two[1] / two[0]}")
    if abs(family - 4) < Fraction(1, 10) and fixed < 1:
        text = f"N/d^2 grows {float(family):.3f}-fold from GPT-2 small to XL, falls to {float(fixed):.3f} at fixed d_FF"
        return Finding.fails(text, margin="exact", outside=True)
    return Finding.survived("N/d^2 stays")


claim(
    "EQ2-A-DEP",
    frozenset({l, d}),
    mutants={"on the ratios alone": RATIOS, "on the depth alone": frozenset({l})},
)


@check("EQ2-A-DEP", kind="symbolic", scope="every model; blocks of GPT-2's and of LLaMA's type, wide models")
def any_number_for_each_model(stmt: frozenset[sp.Symbol]) -> Finding:
    """The equation solved for A; what the limits of the counts depend on."""
    size, constant = sp.symbols("N A", positive=True)
    solutions = sp.solve(size - constant * l * d**2, constant)
    limits = [sp.limit(law, d, sp.oo) for law in (transformer_laws.plain_constant(), transformer_laws.gated_constant())]
    entering = {s for limit in limits for s in limit.free_symbols}
    if stmt >= {l, d} and len(solutions) == 1:
        reading = "$A$ may be another number for each number of layers and each width"
        return Finding.empty(reading, f"A = {solutions[0]} then makes the equation true of every model")
    if entering <= stmt:
        return Finding.holds(f"A tends to {' and '.join(map(str, limits))}")
    return Finding.fails(f"A tends to {' and '.join(map(str, limits))}", margin="exact")


@check("EQ2-A-DEP", kind="certified", scope="blocks of GPT-2's type with the inner width 4 d, of 12 and of 48 layers")
def same_at_every_depth(stmt: frozenset[sp.Symbol]) -> Finding:
    """A at two depths: equal, so that as a constant that varies with the depth it is not what the counts give."""
    shallow, deep = (GptShape(depth, 1024, 16).decoder().constant() for depth in (12, 48))
    if l in stmt and shallow == deep:
        return Finding.fails(f"A is {float(shallow):.4f} with 12 and with 48 layers", margin="exact", outside=d in stmt)
    return Finding.survived("the depth is not said to enter")


PLAIN, GATED = 4 + 2 * m + (9 + m) / d, 2 * e * (1 + g) + 3 * m + 2 / d + 2 * k / d**2
claim(
    "X-SIZE-A",
    PLAIN,
    mutants={
        "three feed-forward matrices in GPT-2": 4 + 3 * m + (9 + m) / d,
        "one normalization less": 4 + 2 * m + (7 + m) / d,
        "a number of layers in it": PLAIN + 1 / l,
    },
)
claim(
    "X-SIZE-GATED",
    GATED,
    mutants={
        "values as wide as queries": e * (3 + g) + 3 * m + 2 / d + 2 * k / d**2,
        "two feed-forward matrices in LLaMA": GATED - m,
        "no normalizations": 2 * e * (1 + g) + 3 * m,
    },
)


@check("X-SIZE-A", "X-SIZE-GATED", kind="symbolic", scope="all l, d, e, g, m and k")
def block_law(stmt: sp.Expr, claim_id: str) -> Finding:
    """The exact count at symbols, less the stated constant."""
    laws = {"X-SIZE-A": transformer_laws.plain_constant, "X-SIZE-GATED": transformer_laws.gated_constant}
    residual = sp.expand(laws[claim_id]() - stmt)
    point = nonzero_point([residual])
    if point is not None:
        return Finding.fails(f"at {point[0]} the constants differ by {point[1]}", margin=point[1])
    if residual == 0:
        return Finding.holds("the residual is 0, whatever the number of layers")
    return Finding.undecided("the residual was not recognized")


claim("X-SIZE-MEAN", Fraction(1), mutants={"the first block counted twice": Fraction(2)})


@check(
    "X-SIZE-MEAN",
    kind="symbolic",
    scope="three kinds of blocks in any numbers, all ratios",
    in_words="that a stack of more kinds adds up kind by kind, as three do",
)
def mean_of_blocks(stmt: Fraction) -> Finding:
    """A of the stack less the mean over its blocks, the first kind with the stated weight."""
    residual = transformer_laws.mean_residual(weight=stmt)
    if residual == 0:
        return Finding.holds("the residual is 0")
    point = nonzero_point([residual])
    if point is None:
        return Finding.undecided("the residual was not recognized")
    return Finding.fails(f"at {point[0]} the two differ by {point[1]}", margin=point[1])


OWN = {
    "Model 1": ("5.49", "40.9"),
    "Model 2": ("4.60", "46.0"),
    "Model 3": ("4.83", "54.4"),
    "spread": ("1.19", "1.33"),
}
claim(
    "X-SIZE-OWN",
    OWN,
    mutants={
        "one constant": OWN | {"Model 2": ("5.49", "46.0"), "Model 3": ("5.49", "54.4")},
        "one factor": OWN | {"Model 2": ("4.60", "40.9"), "Model 3": ("4.83", "40.9")},
        "last digit": OWN | {"Model 3": ("4.84", "54.4")},
        "equal factors": OWN | {"spread": ("1.19", "1.00")},
    },
)


@check("X-SIZE-OWN", kind="certified", scope="every N that is printed as 39.95M, 60.26M, 80.20M")
def own_models(stmt: dict[str, tuple[str, str]]) -> Finding:
    """Each stated number against the bounds that the rounding of N leaves."""
    bounds_by_name = {name: (model.constant, model.factor) for name, model in OWN_MODELS.items()}
    extremes = [_ratio([pair[i] for pair in bounds_by_name.values()]) for i in (0, 1)]
    bounds_by_name["spread"] = (extremes[0], extremes[1])
    for model in OWN_MODELS.values():
        half = Fraction(1, 2 * 10 ** len(model.millions.partition(".")[2]))
        if model.range != tuple((Fraction(model.millions) + side * half) * 1_000_000 for side in (-1, 1)):
            return Finding.undecided(f"{model.millions}M is not rounded to its last digit in {model.range}")
    least = [transformer_laws.spread_of([pair[i] for pair in bounds_by_name.values()][:-1]) for i in (0, 1)]
    if least != [pair[0] for pair in extremes]:
        return Finding.undecided(f"the least ratios are {least}")
    for name, stated in stmt.items():
        for text, bounds in zip(stated, bounds_by_name[name], strict=True):
            if not _rounds(text, bounds):
                low, high = (f"{float(b):.5g}" for b in bounds)
                return Finding.fails(f"{name}: between {low} and {high}, stated {text}", margin=low)
    return Finding.enumerated("every stated number is right for every N that rounds to the printed one")


def _ratio(bounds: list[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
    lows, highs = [b[0] for b in bounds], [b[1] for b in bounds]
    return max(lows) / min(highs), max(highs) / min(lows)


def _rounds(text: str, bounds: tuple[Fraction, Fraction]) -> bool:
    unit = Fraction(1, 10 ** max(0, -int(Decimal(text).as_tuple().exponent)))
    return all(abs(b - Fraction(text)) <= unit / 2 for b in bounds)


@dataclass(frozen=True)
class Majority:
    """Attention and feed-forward layers hold more than ``share`` of all parameters; ``stated``: under the condition."""

    share: Fraction = Fraction(1, 2)
    stated: bool = False


THRESHOLD = l * (12 * d + 5) - vocabulary - context - 2
ENOUGH = "a model that is deep and wide enough for its vocabulary: in GPT-2's type, l(12 d + 5) > n_voc + T_max + 2"
claim(
    "AppE-MOST",
    Majority(),
    mutants={"nine tenths": Majority(share=Fraction(9, 10)), "the condition stated": Majority(stated=True)},
)


@check("AppE-MOST", kind="symbolic", scope="GPT-2 of any depth, width, vocabulary and context; then its four sizes")
def most_of_gpt2(stmt: Majority) -> Finding:
    """Twice the layers less everything is d (l(12 d + 5) - n_voc - T_max - 2); the four sizes meet the condition."""
    shares = {name: shape.decoder().share(*LAYERS) for name, shape in GPT2.items()}
    shown = ", ".join(f"{float(share):.1%}" for share in shares.values())
    worst = min(shares, key=lambda name: float(shares[name]))
    if shares[worst] <= stmt.share:
        return Finding.fails(f"{worst}: {float(shares[worst]):.1%}", margin=f"{float(shares[worst] - stmt.share):.4g}")
    if stmt.share != Fraction(1, 2) or sp.expand(transformer_laws.layers_majority() - THRESHOLD) != 0:
        return Finding.undecided("the threshold is proved for one half")
    if stmt.stated:
        return Finding.holds(f"by the threshold; in the four sizes of GPT-2 {shown}")
    return Finding.holds_if(ENOUGH, f"in the four sizes of GPT-2 {shown}")


@check("AppE-MOST", kind="certified", scope="the paper's three models with 50257 words; embeddings counted once")
def not_most_of_own_models(stmt: Majority) -> Finding:
    """The layers have at most the printed N; the word table alone may be larger."""
    if stmt.stated:
        return Finding.survived("the models are outside the condition")
    for name, model in OWN_MODELS.items():
        table = 50257 * model.width
        most = model.range[1] / (model.range[1] + table)
        if most <= stmt.share:
            text = f"{name}: {model.millions}M in the layers, {table / 1e6:.2f}M in the word table"
            return Finding.fails(text, margin=f"at most {float(most):.3f}", outside=stmt.share == Fraction(1, 2))
    return Finding.survived("the layers may hold the stated share of each")


FIRST = THRESHOLD
LAST = vocabulary + context - l * (12 * d + 13) - 2
claim(
    "X-SIZE-MOST",
    {"layers": FIRST, "embeddings": LAST},
    mutants={
        "normalizations counted in": {"layers": l * (12 * d + 13) - vocabulary - context - 2, "embeddings": LAST},
        "without positions": {"layers": FIRST + context, "embeddings": LAST},
        "without the last normalization": {"layers": FIRST, "embeddings": LAST + 2},
        "ten in place of twelve": {"layers": FIRST, "embeddings": LAST + 2 * l * d},
    },
)


@check("X-SIZE-MOST", kind="symbolic", scope="GPT-2 of any depth, width, vocabulary and context")
def thresholds(stmt: Any) -> Finding:
    """Twice a part less everything, over d, from the exact counts, against the stated expression."""
    residuals = [
        sp.expand(transformer_laws.layers_majority() - stmt["layers"]),
        sp.expand(transformer_laws.embedding_majority() - stmt["embeddings"]),
    ]
    point = nonzero_point(residuals)
    if point is not None:
        return Finding.fails(f"at {point[0]} the excess differs by {point[1]}", margin=point[1])
    between = sp.expand(-transformer_laws.layers_majority() - transformer_laws.embedding_majority())
    norms = sp.expand((GptShape(l, d, 1).decoder().count(*NORMS, *FINAL_NORM)) * 2 / d)
    if all(r == 0 for r in residuals) and sp.expand(between - norms) == 0:
        return Finding.holds("both excesses are exact; between them lies only what the normalizations hold")
    return Finding.undecided("a residual was not recognized")
