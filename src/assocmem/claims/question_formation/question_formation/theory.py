"""Checks of the theory's formulas at the numbers of the Question-Formation experiment (chapter 9).

Each check imports the grammar when it runs; the package of language loads a model library.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.question_formation import experiment, separation
from assocmem.theory.question_formation.experiment import LONGEST, READINGS, Plateau, Reading, log_partition, magnitude

AS_PRINTED = Plateau(loss=Fraction(1), tokens=5000, width=512, data=2_000_000)
TRUE = replace(AS_PRINTED, tokens=LONGEST)
"""The experiment, and the same with the length of its longest line in place of 5000."""


@dataclass(frozen=True)
class Agreement:
    """Numbers of the experiment, and whether the radius is that of equation (14) or free."""

    setting: Plateau = AS_PRINTED
    radius: str = "of (14)"


claim(
    "QF-L1-PRED",
    Agreement(),
    mutants={
        "a loss of 5 reported": Agreement(Plateau(loss=Fraction(5))),
        "the length of the longest line": Agreement(TRUE),
        "the radius free": Agreement(radius="free"),
    },
)


@check(
    "QF-L1-PRED",
    kind="certified",
    scope="every Z up to the right end of (14), which is true; the integral lies below the left end, which is false",
)
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


@dataclass(frozen=True)
class Consistent:
    """A reported loss agrees with Proposition 4: with the bound, with the formula at the Z of (14), or unsaid."""

    loss: Fraction = Fraction(1)
    means: str = "unsaid"


claim(
    "QF-L1-CON",
    Consistent(),
    mutants={
        "with the formula at the Z of (14)": Consistent(means="the formula at the Z of (14)"),
        "a loss of 0.675": Consistent(loss=Fraction("0.675")),
    },
)


@check("QF-L1-CON", kind="symbolic", scope="log Z + 1/Z for all Z > 0: least at Z = 1, without bound, continuous")
def every_loss_agrees(stmt: Consistent) -> Finding:
    """The formula takes every value of at least 1, so agreement with the bound singles out none of them."""
    if not experiment.scalar_steps() or not experiment.takes_all_above():
        return Finding.undecided("the range of the formula was not confirmed")
    if stmt.loss < 1:
        return Finding.fails(f"{float(stmt.loss)} lies below the bound", margin="exact")
    if stmt.means == "unsaid":
        text = "log Z + 1/Z takes every value from 1 on, so every loss of at least 1 agrees as well"
        return Finding.empty("as agreement with the bound L >= 1", text)
    return Finding.survived("the formula takes the value for some Z")


@check("QF-L1-CON", kind="certified", scope="every Z that equation (14) allows, n = 2,560,000 and d = 400")
def not_by_the_formula(stmt: Consistent) -> Finding:
    """The least value of the formula over the interval of (14) against the reported loss."""
    least = AS_PRINTED.least_loss()
    if least > to_arb(stmt.loss) + to_arb(Fraction(1, 2)):
        text = f"at the Z that (14) allows the formula is at least {float(least.mid()):.2f}"
        return Finding.fails(text, margin="certified", outside=stmt.means == "unsaid")
    return Finding.survived("(14) leaves room for the loss")


BELOW: tuple[Reading, ...] = ("lower end", "printed form", "exact")


@dataclass(frozen=True)
class Forced:
    """A setting with its n and d, the formula's least value by (14), its powers of ten by the readings of ``BELOW``."""

    setting: Plateau
    n: int
    d: Fraction
    least: str
    powers: tuple[int, ...]


FORCED = Forced(AS_PRINTED, 2_560_000, Fraction(400), "5.1311", (168, 168, 65_096))
SHORT = Forced(TRUE, 18_432, Fraction(2_000_000, 36), "1.0000", (11, 11, 466))
claim(
    "X-QF-FORCED",
    FORCED,
    mutants={
        "the formula's least value, 1": replace(FORCED, least="1.0000"),
        "the exact Z at the lower end": replace(FORCED, powers=(168, 168, 168)),
        "the length of the longest line": replace(FORCED, setting=TRUE),
    },
)
claim(
    "X-QF-FORCED-36",
    SHORT,
    mutants={
        "5.13 as well": replace(SHORT, least="5.1311"),
        "the exact Z at the lower end": replace(SHORT, powers=(11, 11, 11)),
        "T_max of 5000": replace(SHORT, setting=AS_PRINTED),
    },
)


@check(
    "X-QF-FORCED", "X-QF-FORCED-36", kind="certified", scope="n = 512 T and d = D/T for one T; all four readings of Z"
)
def formula_by_reading(stmt: Forced) -> Finding:
    """Least value over the interval of (14), and the formula at its lower end, the printed form and the exact Z."""
    setting = stmt.setting
    least, shown = setting.least_loss(), []
    if (setting.n, setting.d) != (stmt.n, stmt.d):
        return Finding.fails(f"n = {setting.n} and d = {setting.d}", margin="exact")
    with precision(experiment.BITS):
        beyond = least - to_arb(Fraction(stmt.least))
        near = beyond >= 0 and beyond < to_arb(Fraction(1, 10**4))
        if not near or experiment.allows_one(setting) != (Fraction(stmt.least) == 1):
            return Finding.fails(f"the least value is {float(least.mid()):.4f}", margin="certified")
        for reading, power in zip(BELOW, stmt.powers, strict=True):
            value = experiment.formula(log_partition(setting, reading))
            shown.append(f"{reading} {magnitude(value)}")
            inside = value > to_arb(10**power) and value < to_arb(10 ** (power + 1))
            if not inside or magnitude(value) != f"1e{power}":
                return Finding.fails(shown[-1], margin="certified")
    return Finding.enumerated(f"at least {float(least.mid()):.4f}; {', '.join(shown)}")


@dataclass(frozen=True)
class OneRadius:
    """The radius to six decimals, and what the formula exceeds at radii a millionth smaller and larger."""

    low: Fraction = Fraction(413_955_392, 10**6)
    beside: tuple[Fraction, Fraction] = (Fraction("6.96"), Fraction("2.33"))


claim(
    "X-QF-RADIUS",
    OneRadius(),
    mutants={
        "the radius of (14)": OneRadius(low=Fraction(387_153_162, 10**6)),
        "the next millionth": OneRadius(low=Fraction(413_955_393, 10**6)),
        "6.97 a millionth below": OneRadius(beside=(Fraction("6.97"), Fraction("2.33"))),
    },
)


@check("X-QF-RADIUS", kind="certified", scope="n = 2,560,000 and d = 400; Z rises with r")
def one_radius(stmt: OneRadius) -> Finding:
    """Z is below 1 at one end and above at the other; the formula a millionth away on either side."""
    setting = Plateau()
    radius = experiment.unit_radius(setting)
    if radius.low != stmt.low:
        return Finding.fails(f"Z = 1 between {float(radius.low):.6f} and the next millionth", margin="certified")
    ends = (radius.low, radius.low + Fraction(1, 10**6))
    below, above = (experiment.log_partition_at(setting, r) for r in ends)
    if not (below < 0 and above > 0):
        return Finding.undecided("the ends do not enclose Z = 1")
    for value, bound in zip(radius.loss_beside(setting, Fraction(1, 10**6)), stmt.beside, strict=True):
        if not (value > to_arb(bound) and value < to_arb(bound + Fraction(1, 100))):
            return Finding.fails(f"a millionth away the formula is {float(value.mid()):.3f}", margin="certified")
    paper = float(setting.n) ** 0.5
    return Finding.enumerated(f"r = {float(radius.low):.6f} = {float(radius.low) / paper:.6f} sqrt(n)")


@dataclass(frozen=True)
class TwoSizes:
    """Layers of two models on one dataset, the quotient of their N, and the exponent of D in the bound on N."""

    layers: tuple[int, int] = (6, 10)
    quotient: Fraction = Fraction(5, 3)
    power: int = 2
    balanced: str = "at most one"


claim(
    "X-QF-DEPTH",
    TwoSizes(),
    mutants={
        "one N for each D holds of both": replace(TwoSizes(), balanced="both"),
        "N below D": replace(TwoSizes(), power=1),
        "twice as many parameters": replace(TwoSizes(), quotient=Fraction(2)),
    },
)


@check(
    "X-QF-DEPTH", kind="symbolic", scope="N = A l d_emb^2 for every A > 0 (12 for the bound); one width, T_max and D"
)
def sizes_at_one_size_of_data(stmt: TwoSizes) -> Finding:
    """The quotient of N by equation (2), n and d without depth, and exact counts against a power of D."""
    quotient, moves = experiment.by_depth(*stmt.layers)
    if moves:
        return Finding.undecided("depth enters n or d")
    if quotient != stmt.quotient:
        return Finding.fails(f"N differs by the factor {quotient}", margin="exact")
    if stmt.balanced == "both" and quotient != 1:
        return Finding.fails(f"N differs by the factor {quotient} at one D", margin="exact")
    sizes = [experiment.block_parameters(layers) for layers in stmt.layers]
    bound = Plateau().data ** stmt.power
    if any(size > bound for size in sizes):
        return Finding.fails(f"N = {sizes[0]:,} and {sizes[1]:,} exceed D^{stmt.power} = {bound:,}", margin="exact")
    return Finding.holds(f"n and d do not contain the depth, N differs by the factor {quotient}, both N below D^2")


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
    if not separation.placed(first, second, places) or sum(first) != len(lines[0]):
        return Finding.undecided("the rows of one-hot vectors do not lie as they must")
    if not separation.balls_meet(distance, first, second, square):
        return Finding.survived("the midpoint lies outside")
    with precision(separation.BITS):
        apart, radius = float(distance(first, second).mid()), float(square.sqrt().mid())
    text = f"lines that differ in {places} places have distance {apart:g}, and both balls hold the midpoint: the radius"
    text += f" is {radius:.1f} for T = {LONGEST} and more for T = 5000"
    return Finding.fails(text, margin="certified")


@check(
    "QF-SEP",
    kind="symbolic",
    scope="lines as rows of one-hot vectors of any length",
    in_words="different rows differ in some place, where their vectors are s sqrt 2 apart",
)
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
    """The factor of b sqrt(m) in the bound for lines that differ in m places."""

    factor: int = 2


claim("X-QF-CLOSE", Close(), mutants={"at most b sqrt m": Close(1), "some are 3b sqrt m apart": Close(3)})


@check("X-QF-CLOSE", kind="certified", scope="all embeddings of words; by coordinate and place")
def near_lines(stmt: Close) -> Finding:
    """The parallelogram identity in each place that differs, attained by opposite vectors."""
    residual, bound = separation.difference_bound()
    b = sp.Symbol("b", real=True)
    if residual != 0:
        return Finding.undecided("the identity was not confirmed")
    if bound != (stmt.factor * b) ** 2:
        return Finding.fails(f"the largest |u - v|^2 is {bound}, at u = -v", margin="exact")
    return Finding.enumerated("|u - v|^2 = 2(|u|^2 + |v|^2) - |u + v|^2 <= 4b^2 in each of the m places")


@dataclass(frozen=True)
class Pairs:
    """Lines, pairs of them whose sentences differ in one word, and the places in which these differ."""

    lines: int = 75_479_661_123_984
    pairs: int = 4_452_426_662_110_128
    places: int = 2


claim(
    "X-QF-PAIRS",
    Pairs(),
    mutants={
        "in one place": replace(Pairs(), places=1),
        "one pair less": replace(Pairs(), pairs=4_452_426_662_110_127),
        "one line more": replace(Pairs(), lines=75_479_661_123_985),
    },
)


@check("X-QF-PAIRS", kind="certified", scope="all lines of the measured grammar")
def near_lines_counted(stmt: Pairs) -> Finding:
    """Exact counts of lines and of pairs, and the places of one pair."""
    from assocmem.language.questions import facts
    from assocmem.language.questions.grammar import MEASURED

    apart = separation.places_apart(*facts.near_line(MEASURED))
    if not facts.neighbors_keep_the_main_place(MEASURED) or apart != stmt.places:
        return Finding.fails("the word is changed in the sentence and in its target", margin="exact")
    pairs, lines = facts.neighbor_pairs(MEASURED), facts.language_size(MEASURED)
    if (lines, pairs) != (stmt.lines, stmt.pairs):
        return Finding.fails(f"{lines} lines, {pairs} pairs", margin="exact")
    each = float(Fraction(2 * pairs, lines))
    return Finding.enumerated(f"{pairs:,} pairs of {lines:,} lines: {each:.1f} near lines for each, on average")


@dataclass(frozen=True)
class Rms:
    """Places in which lines differ, and the least root mean square of a word vector for T = 5000 and 36."""

    places: int = 2
    rms: tuple[str, str] = ("12.09", "1.02")


claim(
    "X-QF-RMS",
    Rms(),
    mutants={"word vectors of any length": Rms(rms=("0.00", "0.00")), "lines that differ in one place": Rms(places=1)},
)


@check("X-QF-RMS", kind="certified", scope="all embeddings of words into R^512")
def word_vectors_needed(stmt: Rms) -> Finding:
    """What 2b sqrt(m) >= 2r asks of b, per coordinate; and the bound at that b against the radius."""
    for tokens, text in zip((Plateau().tokens, LONGEST), stmt.rms, strict=True):
        needed, width = separation.needed_rms(tokens, stmt.places), Plateau().width
        if not (needed > to_arb(Fraction(text)) and needed < to_arb(Fraction(text) + Fraction(1, 100))):
            return Finding.fails(
                f"T={tokens}: the least root mean square is {float(needed.mid()):.4f}", margin="certified"
            )
        with precision(separation.BITS):
            reached = stmt.places * width * needed * needed - separation.squared_radius(tokens, width)
        if not reached.contains(0):
            return Finding.undecided("2b sqrt(m) is not 2r at the least root mean square")
    return Finding.enumerated(f"above {stmt.rms[0]} for T = {Plateau().tokens}, above {stmt.rms[1]} for T = {LONGEST}")


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
    if separation.spread_step() != 0 or not attained or stmt.many > 2 * width:
        return Finding.undecided("the bound was not confirmed")
    if best >= 2 * (1 + stmt.gain) ** 2:
        return Finding.fails(f"the squared distances are {best} and 2", margin="exact")
    return Finding.enumerated(f"squared distances {best} and 2: a gain of {float(best / 2) ** 0.5 - 1:.2%}")
