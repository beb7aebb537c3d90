"""Checks of the abstract's sentences on size, energy, layers, balance and loss, and of what the conclusion repeats."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.claims.views.derived import conjunction
from assocmem.theory.balance import best_dimension
from assocmem.theory.cross_entropy import larger_models
from assocmem.theory.cross_entropy.one_layer import Balls, certified_loss
from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_integral
from assocmem.theory.exact.distances import PAPER, Distance, Rows
from assocmem.theory.what_stands import budget, order_of_layers

HALF = Fraction(1, 2)

claim(
    "ABS-SIZE",
    {"same": "unsaid"},
    mutants={"with the same data": {"same": "data"}, "with the same compute": {"same": "compute"}},
)


@check("ABS-SIZE", kind="symbolic", scope="equation (1) and the law of Kaplan et al. for any positive constants")
def monotone_in_size(stmt: Any) -> Finding:
    """Both laws fall strictly in N and in D, so neither gives more loss to a larger model that sees no less data."""
    if not all(slope.is_negative for slope in larger_models.data_slopes()):
        return Finding.undecided("the signs of the slopes were not confirmed")
    if stmt["same"] == "data":
        return Finding.holds("a law that falls in N cannot make the larger of two models worse on the same data")
    if stmt["same"] == "unsaid":
        return Finding.holds_if("the larger model sees no less data", "then both laws give it less loss")
    return Finding.undecided("with the same compute the larger model sees less data")


@check("ABS-SIZE", kind="certified", scope="equation (1) as printed, 70B on 1400B tokens against 280B on 350B")
def worse_on_a_budget(stmt: Any) -> Finding:
    """Two models with the same product N D: whether the law itself gives the larger one more loss, in two ways."""
    if not budget.agrees():
        return Finding.fails("the difference of the two losses is not what its closed form says")
    if stmt["same"] != "data" and larger_models.larger_is_worse():
        excess = float(budget.excess(larger_models.LARGE[0] // larger_models.SMALL[0]).mid())
        text = (
            f"with the same compute the law gives the model of four times the size {excess:.4f} more: it explains that"
        )
        return Finding.fails(text, margin=f"{excess:.4f}", outside=stmt["same"] == "unsaid")
    return Finding.survived("no example with the same data")


@dataclass(frozen=True)
class Joined:
    """A sentence that asserts each of the named claims."""

    parts: tuple[str, ...]


claim(
    "ABS-ENERGY",
    Joined(("MCHN-ATT",)),
    mutants={
        "and the bounds of Proposition 3 as printed": Joined(("MCHN-ATT", "P3")),
        "what is proved without a condition": Joined(("X-BIAS",)),
    },
)
claim(
    "ABS-APPROX",
    Joined(("P2-CLOSE",)),
    mutants={
        "and the bounds of Proposition 3 as printed": Joined(("P2-CLOSE", "P3")),
        "for patterns of one norm": Joined(("P2-CLOSE-FIX",)),
    },
)
claim(
    "ABS-MM",
    Joined(("C-SM", "EQ6-MM")),
    mutants={
        "without majorization-minimization": Joined(("C-SM",)),
        "the mixture of all layers at once": Joined(("C-SM", "X-MM-MIX")),
    },
)
claim(
    "ABS-BAL-LOSS",
    Joined(("P4",)),
    mutants={"the loss of one layer in closed form": Joined(("X-CE-BALLS",))},
)


@check(
    "ABS-ENERGY",
    "ABS-APPROX",
    "ABS-MM",
    "ABS-BAL-LOSS",
    kind="argument",
    scope="the verdicts of the claims that the sentence asserts",
)
def weakest_part(stmt: Joined) -> Finding:
    """A sentence that joins claims is worth as much as the weakest of them."""
    return conjunction(stmt.parts)


claim(
    "ABS-BAL",
    {"energies": "unsaid", "optimum": "Z = 1"},
    mutants={"the printed energies, wherever the optimum is": {"energies": "printed", "optimum": "somewhere"}},
)


@check("ABS-BAL", kind="argument", scope="the optimum of Proposition 5, at Z = 1, under every reading of the energy")
def optimum_that_is_demonstrated(stmt: Any) -> Finding:
    """The dependency that the paper demonstrates is that of Proposition 5: it puts the least loss where Z is 1."""
    return conjunction(("P4-MIN",)) if stmt["optimum"] == "Z = 1" else Finding.undecided("another optimum is meant")


@check("ABS-BAL", kind="argument", scope="the energies g_t, equal disjoint balls of the paper's radius")
def no_dimension_is_best(stmt: Any) -> Finding:
    """With g_t the loss is log Z, which falls strictly in n and below all bounds, for every d (P5-MIN-FIX)."""
    if stmt["energies"] != "printed" and conjunction(("P5-MIN-FIX",)).outcome == "holds":
        return Finding.fails("with the energies g_t the loss log Z falls in n without bound, for every d: no n is best")
    return Finding.undecided("the printed energies are meant")


@check("ABS-BAL", kind="argument", scope="one layer of two or more equal disjoint balls of the paper's radius")
def best_dimension_depends(stmt: Any) -> Finding:
    """With the printed energies some n is best for each d (P5-PRINTED), and not the same for 2 and for 100 patterns."""
    few, many = 2, 100
    if conjunction(("P5-PRINTED",)).outcome != "holds" or not best_dimension.moves(few, many):
        return Finding.undecided("a best n was not confirmed")
    last = best_dimension.last_dimension(few)
    text = f"the best n lies below 2 pi e log d; for {few} patterns it is at most {last}, for {many} it exceeds {last}"
    if stmt == {"energies": "printed", "optimum": "somewhere"}:
        return Finding.holds(text)
    return Finding.survived(f"with the printed energies, of which stored patterns have the most, {text}")


claim(
    "LIM-OPT",
    {"loss": "cross-entropy", "least": 1},
    mutants={
        "of the formula of Proposition 4": {"loss": "formula", "least": 1},
        "an unspecified value": {"loss": "cross-entropy", "least": None},
    },
)


@check("LIM-OPT", kind="certified", scope="one pattern on the line, radius 1/2, the printed energies and g_t")
def below_the_optimum(stmt: Any) -> Finding:
    """The loss of a model of the study against the least value that it gives, 1 at Z = 1."""
    one = Balls(1, HALF, 1)
    printed, plain = certified_loss("printed", one), certified_loss("A", one)
    if stmt["loss"] == "formula" or stmt["least"] is None:
        return Finding.undecided("log Z + 1/Z is at least 1; no model has this loss")
    if printed < stmt["least"] and plain < stmt["least"]:
        values = f"{float(printed.mid()):.4f} with the printed energy, {float(plain.mid()):.4f} with g"
        return Finding.heuristic(f"one pattern, n = 1, radius 1/2: loss {values}, below the optimum {stmt['least']}")
    return Finding.survived("this model does not undercut the value")


claim("ABS-BOUND", {"data": "unsaid"}, mutants={"data that are tokens": {"data": "tokens"}})


@check("ABS-BOUND", kind="argument", scope="the densities of Section 5, in every dimension, under each reading")
def no_constant_bounds_it(stmt: Any) -> Finding:
    """The loss that the paper computes is that of a density, and takes values below every constant (X-CE-SMALL)."""
    if stmt["data"] != "tokens" and conjunction(("X-CE-SMALL",)).outcome == "holds":
        return Finding.fails("of the densities of Section 5: the loss lies below every constant in each dimension")
    return Finding.undecided("no density is meant")


@check("ABS-BOUND", kind="certified", scope="one pattern on the line, radius 1/2 and smaller; any distance >= 0")
def density_below_zero(stmt: Any, distance: Distance) -> Finding:
    """The loss log Z of the model of Section 5 is at most the logarithm of the length of its ball, 2r."""
    if not distance.has("nonnegative"):
        return Finding.undecided("the distance may be negative")
    with precision(128):
        lengths = [float(to_arb(2 * r).log().mid()) for r in (Fraction(1, 200), Fraction(1, 2 * 10**6))]
    if stmt["data"] == "tokens":
        return Finding.survived("no density is meant")
    text = f"one pattern on the line: radius 1/200 gives at most {lengths[0]:.1f}, 1/2000000 at most {lengths[1]:.1f}"
    if distance.has("squared euclidean"):
        value, other = certified_log_ball_integral(1, HALF), certified_loss("A", Balls(1, HALF, 1))
        if not (value < 0 and value.overlaps(other)):
            return Finding.survived("not below 0")
        text += f", radius 1/2 gives {float(value.mid()):.4f}"
    return Finding.fails(text, margin="certified")


@check("ABS-BOUND", kind="argument", scope="any data and model over finitely or countably many outcomes")
def discrete_floor(stmt: Any) -> Finding:
    """The loss per token is at least the entropy of the data per token (X-CE-DISCRETE); no theory is needed."""
    if stmt["data"] == "tokens" and conjunction(("X-CE-DISCRETE",)).outcome == "holds":
        return Finding.holds("the entropy of the data is a lower bound, and so is 0")
    return Finding.undecided("shown for discrete data, of which the paper's loss is none")


NEAR: Rows = ((-HALF,), (HALF,), (Fraction(3),))
claim(
    "CONC-NN",
    {"corresponds": "unsaid"},
    mutants={
        "in value, within log d": {"corresponds": "in value"},
        "in the order of points": {"corresponds": "in order"},
    },
)


@check("CONC-NN", kind="argument", scope="in value: all patterns; in order: D = {-1/2, 1/2, 3} at 0 and at 3")
def corresponding(stmt: Any, distance: Distance) -> Finding:
    """In value E follows the search (Proposition 1); a point nearer to its nearest pattern may have more energy.

    In another distance the value follows by X-P1-ANY.
    """
    value = conjunction(("P1" if distance is PAPER else "X-P1-ANY",)).outcome == "holds"
    middle, far = (Fraction(0),), (Fraction(3),)
    nearer = sign(lambda: distance.nearest(middle, NEAR) - distance.nearest(far, NEAR)) == 1
    lower = sign(lambda: distance.energy(far, NEAR) - distance.energy(middle, NEAR)) == 1
    if stmt["corresponds"] == "in value":
        return Finding.holds("within log d of the nearest distance") if value else Finding.undecided("not confirmed")
    counterexample = "D={-1/2, 1/2, 3}: 3 is a pattern, 0 is none, and E(0) < E(3)"
    if stmt["corresponds"] == "in order":
        return Finding.fails(counterexample) if nearer and lower else Finding.undecided("the order agrees here")
    if value and nearer and lower:
        return Finding.ill_defined(
            f"in value it does, within log d; in the order of points it does not: {counterexample}"
        )
    return Finding.undecided("the readings were not told apart")


ORDER = ((Fraction(0),), (Fraction(3),))
claim("DISC-HAM", {"layers": ORDER}, mutants={"two equal layers": {"layers": (ORDER[0], ORDER[0])}})
claim(
    "DISC-HAM-FIX",
    {"energy sees the order": False, "output sees the order": True},
    mutants={
        "neither does": {"energy sees the order": False, "output sees the order": False},
        "both do": {"energy sees the order": True, "output sees the order": True},
    },
)


@check("DISC-HAM", kind="certified", scope="layers {0} and {3} on the line, input 0, energies g_t")
def energy_rises_along_the_layers(stmt: Any, distance: Distance) -> Finding:
    """An energy of a feedforward network, as that of the hierarchical memory is of its own, does not rise as it runs.

    Section 4.1 introduces E_global as what the layers in turn minimize. Besides, their output depends on their order.
    The rise is log((1 + e^-9)/(e^-1 + e^-4)) for the squared distance.
    """
    if not distance.by_length:
        return Finding.undecided("the step is solved for norms and the squared Euclidean distance")
    end, more = order_of_layers.rise(stmt["layers"], distance, 1)
    confirmed = distance is not PAPER or more.overlaps(order_of_layers.rise_in_closed_form())
    if not (more > 0 and confirmed):
        return Finding.survived("the pass does not raise the energy here")
    text = f"layers {{0}}, {{3}} with steps of at most 1 lead from 0 to {end}, where E_global is larger"
    energy, output, (one, other) = order_of_layers.order_seen(stmt["layers"], distance, 3)
    if output and not energy:
        text += f"; with steps of at most 3 they end at {one}, in the other order at {other}, and E_global is the same"
    return Finding.ill_defined(f"as a word on what is treated it holds of (6); as a property of the energy: {text}")


@check(
    "DISC-HAM-FIX",
    kind="symbolic",
    scope="any number of layers, any energies: neighbors change places",
    in_words="that neighbors which change places give every order",
)
def sum_forgets_the_order(stmt: Any, distance: Distance) -> Finding:
    """-log sum exp(-E_t) is a function of a sum, hence of the set of layers; the outputs differ in the example."""
    if not distance.by_length:
        return Finding.undecided("the example is solved for norms and the squared Euclidean distance")
    one, other = order_of_layers.order_seen(ORDER, distance, 3).ends
    asked = stmt == {"energy sees the order": False, "output sees the order": True}
    if asked and order_of_layers.swap_residual() == 0 and one == 3 and other == 0:
        return Finding.holds("the sum commutes; layers {0} and {3} from 0 end at 3 or at 0")
    return Finding.undecided("shown: the energy does not see the order, the output may")


@check("DISC-HAM-FIX", kind="certified", scope="layers {0} and {3} on the line, input 0, reach 3, energies g_t")
def order_at_points(stmt: Any, distance: Distance) -> Finding:
    """Energy and output of both orders."""
    if not distance.by_length:
        return Finding.undecided("the step is solved for norms and the squared Euclidean distance")
    energy, output, (one, other) = order_of_layers.order_seen(ORDER, distance, 3)
    if output != stmt["output sees the order"] or energy != stmt["energy sees the order"]:
        return Finding.fails(f"layers {{0}}, {{3}}: outputs {one} and {other}, one energy", margin="exact")
    return Finding.survived(f"outputs {one} and {other}, one energy")
