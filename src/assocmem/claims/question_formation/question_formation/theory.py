"""Checks of the theory's formulas at the numbers of the Question-Formation experiment (chapter 9).

Each check imports the grammar when it runs; the room of language loads a model library.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.question_formation import experiment, separation
from assocmem.theory.question_formation.experiment import LONGEST, READINGS, Plateau, Reading, log_partition, magnitude

AS_PRINTED, TRUE = Plateau(), Plateau(tokens=LONGEST)
"""The experiment, and the same with the length of its longest line in place of 5000."""


@dataclass(frozen=True)
class Agreement:
    """Numbers of the experiment, and whether the radius is that of equation (14) or free."""

    setting: Plateau = AS_PRINTED
    radius: str = "of (14)"


claim(
    "P4-QF",
    Agreement(),
    mutants={
        "a loss of 5 reported": Agreement(Plateau(loss=Fraction(5))),
        "the length of the longest line": Agreement(TRUE),
        "the radius free": Agreement(radius="free"),
    },
)


@check("P4-QF", kind="certified", scope="every Z that equation (14) allows, and so every reading of Z between its ends")
def formula_at_the_experiment(stmt: Agreement) -> Finding:
    """The least value of log Z + 1/Z over the interval of (14), against the reported loss and a half."""
    if not experiment.scalar_steps():
        return Finding.undecided("where the formula is least was not confirmed")
    if stmt.radius == "free":
        radius = experiment.unit_radius(stmt.setting)
        return Finding.enumerated(f"r = {float(radius.low):.6f} has Z = 1, and the formula is 1")
    least = stmt.setting.least_loss()
    values = {name: magnitude(experiment.formula(log_partition(stmt.setting, name))) for name in READINGS}
    shown = ", ".join(f"{name} {value}" for name, value in values.items())
    if least > to_arb(stmt.setting.loss) + to_arb(Fraction(1, 2)):
        text = f"(14) forces L >= {float(least.mid()):.2f}, {stmt.setting.loss} is reported; by Z: {shown}"
        return Finding.fails(text, margin="certified")
    return Finding.enumerated(f"(14) leaves room for the reported loss; by Z: {shown}")


BELOW: tuple[Reading, ...] = ("lower end", "printed form", "exact")


@dataclass(frozen=True)
class Forced:
    """For T_max = 5000 and for the longest line: the formula's least value by (14), and its powers of ten by reading.

    The readings are those of ``BELOW``.
    """

    least: tuple[str, str] = ("5.1311", "1.0000")
    powers: tuple[tuple[int, ...], tuple[int, ...]] = ((168, 168, 65_096), (11, 11, 466))


claim(
    "X-QF-FORCED",
    Forced(),
    mutants={
        "the formula's least value, 1, for both": Forced(least=("1.0000", "1.0000")),
        "5.13 for both": Forced(least=("5.1311", "5.1311")),
        "the exact Z at the lower end": Forced(powers=((168, 168, 168), (11, 11, 466))),
    },
)


@check("X-QF-FORCED", kind="certified", scope="n = 512 T and d = D/T for T = 5000 and 36; all four readings of Z")
def formula_by_reading(stmt: Forced) -> Finding:
    """Least value over the interval of (14), and the formula at its lower end, the printed form and the exact Z."""
    for setting, text, powers in zip((AS_PRINTED, TRUE), stmt.least, stmt.powers, strict=True):
        least, name = setting.least_loss(), f"T={setting.tokens}"
        with precision(experiment.BITS):
            beyond = least - to_arb(Fraction(text))
            near = beyond >= 0 and beyond < to_arb(Fraction(1, 10**4))
            if not near or experiment.allows_one(setting) != (Fraction(text) == 1):
                return Finding.fails(f"{name}: the least value is {float(least.mid()):.4f}", margin="certified")
            for reading, power in zip(BELOW, powers, strict=True):
                value = experiment.formula(log_partition(setting, reading))
                if not (value > to_arb(10**power) and value < to_arb(10 ** (power + 1))):
                    return Finding.fails(f"{name}, {reading}: {magnitude(value)}", margin="certified")
    return Finding.enumerated("T=5000: at least 5.1311; T=36: at least 1; the exact Z gives 1e65096 and 1e466")


@dataclass(frozen=True)
class OneRadius:
    """The radius to six decimals, and what the formula exceeds at radii a millionth smaller and larger."""

    low: Fraction = Fraction(413_955_392, 10**6)
    beside: tuple[Fraction, Fraction] = (Fraction("6.9"), Fraction("2.3"))


claim(
    "X-QF-RADIUS",
    OneRadius(),
    mutants={
        "the radius of (14)": OneRadius(low=Fraction(387_153_162, 10**6)),
        "the next millionth": OneRadius(low=Fraction(413_955_393, 10**6)),
        "7 a millionth below": OneRadius(beside=(Fraction(7), Fraction("2.3"))),
    },
)


@check("X-QF-RADIUS", kind="certified", scope="n = 2,560,000 and d = 400; Z rises with r")
def one_radius(stmt: OneRadius) -> Finding:
    """Z is below 1 at one end and above at the other; the formula a millionth away on either side."""
    setting = Plateau()
    radius = experiment.unit_radius(setting)
    if radius.low != stmt.low:
        return Finding.fails(f"Z = 1 between {float(radius.low):.6f} and the next millionth", margin="certified")
    for value, bound in zip(radius.loss_beside(setting, Fraction(1, 10**6)), stmt.beside, strict=True):
        if not value > to_arb(bound):
            return Finding.fails(f"a millionth away the formula is {float(value.mid()):.3f}", margin="certified")
    paper = float(setting.n) ** 0.5
    return Finding.enumerated(f"r = {float(radius.low):.6f} = {float(radius.low) / paper:.6f} sqrt(n)")


@dataclass(frozen=True)
class TwoSizes:
    """Layers of two models on one dataset, and what Proposition 5 is taken to say."""

    layers: tuple[int, int] = (6, 10)
    law: str = "one N for each D"


claim(
    "QF-P5",
    TwoSizes(),
    mutants={"a bound N <= D^2": TwoSizes(law="bound"), "one n for each d": TwoSizes(law="one n for each d")},
)


@check("QF-P5", kind="symbolic", scope="N = A l d_emb^2 for every A > 0; one width, one T_max, one D")
def sizes_at_one_size_of_data(stmt: TwoSizes) -> Finding:
    """Whether both models can be the one that the law asks for."""
    a, width, length = sp.symbols("A d_emb T_max", positive=True)
    first, second = (a * layers * width**2 for layers in stmt.layers)
    if stmt.law == "one n for each d":
        n = [length * width for _ in stmt.layers]
        same = n[0] == n[1]
        text = "both have n = T_max d_emb and d = D/T_max: depth does not enter Z"
        return Finding.holds(text) if same else Finding.fails("n differs")
    if stmt.law == "bound":
        exact = [experiment.block_parameters(layers) for layers in stmt.layers]
        small = all(size <= Plateau().data ** 2 for size in exact)
        return Finding.holds(f"N = {exact[0]} and {exact[1]} are below D^2") if small else Finding.fails("N > D^2")
    if sp.simplify(second - first).is_positive:
        text = f"N differs by the factor {sp.simplify(second / first)} at one D: at most one of the two is balanced"
        return Finding.fails(text, margin="exact")
    return Finding.undecided("the sizes were not told apart")


@dataclass(frozen=True)
class Ratio:
    """N/D^2 of the two models over the largest ratio of Table 3, rounded down, for D = 2M and for D = 2.5M."""

    exact: tuple[int, int] = (5366, 8943)
    least: tuple[int, int] = (3434, 5723)


claim(
    "X-QF-RATIO",
    Ratio(),
    mutants={
        "the ratio of Table 3": Ratio(exact=(1, 1), least=(1, 1)),
        "the same for both models": Ratio(exact=(5366, 5366)),
        "the bound of D = 2M at D = 2.5M": Ratio(least=(5366, 8943)),
    },
)


@check("X-QF-RATIO", kind="certified", scope="N = 12 l 512^2 for l = 6, 10; the printed numbers of Table 3")
def ratio_to_the_table(stmt: Ratio) -> Finding:
    """Exact quotients, rounded down."""
    ratios = [tuple(int(experiment.against_table(k, d)) for k in (6, 10)) for d in (2 * 10**6, 25 * 10**5)]
    if [stmt.exact, stmt.least] != ratios:
        return Finding.fails(f"{ratios[0]} times for D = 2M, {ratios[1]} times for D = 2.5M", margin="exact")
    return Finding.enumerated(f"{ratios[0][0]} and {ratios[0][1]} times the largest ratio of Table 3")


@dataclass(frozen=True)
class Separated:
    """Which embeddings (any, or some), and the radius of the balls (that of (14), or free)."""

    embedding: str = "any"
    radius: str = "of (14)"


claim(
    "QF-SEP",
    Separated(),
    mutants={
        "for some embedding": Separated(embedding="some"),
        "with radii as small as needed": Separated(radius="free"),
    },
)


@check("QF-SEP", kind="certified", scope="one-hot words; two lines that differ in a noun, n of the longest line")
def balls_of_two_lines(stmt: Separated, distance: Distance) -> Finding:
    """The midpoint of two lines of the language, against the radius of (14) with d_emb = 512."""
    from assocmem.language.questions.facts import near_line
    from assocmem.language.questions.grammar import MEASURED, vocabulary

    if stmt != Separated():
        return Finding.survived("another embedding, or another radius, is spoken of")
    lines = near_line(MEASURED)
    places = separation.places_apart(*lines)
    first, second = (separation.one_hot(line, vocabulary(MEASURED)) for line in lines)
    square = separation.squared_radius(LONGEST, Plateau().width)
    if not separation.balls_meet(distance, first, second, square):
        return Finding.survived("the midpoint lies outside")
    with precision(separation.BITS):
        apart, radius = float(distance(first, second).mid()), float(square.sqrt().mid())
    text = f"lines that differ in {places} places have distance {apart:g}, and both balls hold the midpoint: the radius"
    text += f" is {radius:.1f} for T = {LONGEST} and more for T = 5000"
    return Finding.fails(text, margin="certified")


@check("QF-SEP", kind="symbolic", scope="lines as rows of one-hot vectors of any length")
def distinct_lines(stmt: Separated, distance: Distance) -> Finding:
    """Two different lines are at least s sqrt 2 apart; small radii or a large s separate them."""
    if not distance.has("squared euclidean"):
        return Finding.undecided("the bound s sqrt 2 is Euclidean")
    scale = Fraction(1000)
    enough = 2 * to_arb(scale) ** 2 > 4 * separation.squared_radius(Plateau().tokens, Plateau().width)
    if stmt.radius == "free":
        return Finding.holds("every radius below s/sqrt 2 will do, for any vocabulary: different rows are apart")
    if stmt.embedding == "some" and enough:
        return Finding.holds(f"one-hot vectors of length {scale} are enough, with any vocabulary")
    return Finding.undecided("for short word vectors nothing follows")


@dataclass(frozen=True)
class Close:
    """2b sqrt(m): its factor; places m of the nearest lines; pairs of them; rms of word vectors for T = 5000 and 36."""

    factor: int = 2
    places: int = 2
    pairs: int = 4_452_426_662_110_128
    rms: tuple[str, str] = ("12.09", "1.02")


claim(
    "X-QF-CLOSE",
    Close(),
    mutants={
        "distance at most b sqrt m": Close(factor=1),
        "in one place": Close(places=1),
        "one pair less": Close(pairs=4_452_426_662_110_127),
        "word vectors of any length": Close(rms=("0.00", "0.00")),
    },
)


@check("X-QF-CLOSE", kind="certified", scope="all embeddings of words into R^512; all lines of the measured grammar")
def near_lines(stmt: Close) -> Finding:
    """The parallelogram identity, attained by opposite vectors; exact counts; what 2b sqrt(m) >= 2r asks of b."""
    from assocmem.language.questions import facts
    from assocmem.language.questions.grammar import MEASURED

    residual, bound = separation.difference_bound()
    b = sp.Symbol("b", real=True)
    if residual != 0 or bound != (stmt.factor * b) ** 2:
        return Finding.fails("u = -v has |u - v| = 2b", margin="exact")
    apart = separation.places_apart(*facts.near_line(MEASURED))
    if not facts.neighbors_keep_the_main_place(MEASURED) or apart != stmt.places:
        return Finding.fails("the word is changed in the sentence and in its target", margin="exact")
    pairs, lines = facts.neighbor_pairs(MEASURED), facts.language_size(MEASURED)
    if pairs != stmt.pairs:
        return Finding.fails(f"{pairs} pairs", margin="exact")
    for tokens, text in zip((Plateau().tokens, LONGEST), stmt.rms, strict=True):
        needed = separation.needed_rms(tokens, stmt.places)
        if not (needed > to_arb(Fraction(text)) and needed < to_arb(Fraction(text) + Fraction(1, 100))):
            text = f"T={tokens}: the least root mean square is {float(needed.mid()):.4f}"
            return Finding.fails(text, margin="certified")
    each = float(Fraction(2 * pairs, lines))
    return Finding.enumerated(f"{pairs:,} pairs of {lines:,} lines: {each:.1f} near lines for each, on average")


@dataclass(frozen=True)
class Unit:
    """Sizes of two vocabularies of unit vectors in R^512, and the gain in the largest smallest distance."""

    few: int = 68
    many: int = 1024
    gain: Fraction = Fraction("0.0075")


claim("X-QF-WORDS", Unit(), mutants={"half a percent": Unit(gain=Fraction("0.005")), "three words": Unit(few=3)})


@check("X-QF-WORDS", kind="certified", scope="all choices of unit vectors for the smaller vocabulary")
def words_apart(stmt: Unit) -> Finding:
    """The simplex is best for the few; the coordinate axes and their opposites keep the many sqrt 2 apart."""
    width = Plateau().width
    best = separation.widest_words(stmt.few, width)
    attained = separation.simplex_distance(stmt.few) == best and stmt.few <= width + 1
    if separation.spread_residual() != 0 or not attained or stmt.many > 2 * width:
        return Finding.undecided("the bound was not confirmed")
    if best >= 2 * (1 + stmt.gain) ** 2:
        return Finding.fails(f"the squared distances are {best} and 2", margin="exact")
    return Finding.enumerated(f"squared distances {best} and 2: a gain of {float(best / 2) ** 0.5 - 1:.2%}")
