"""Checks of the abstract's sentences on size, energy, layers, balance and loss, and of what the conclusion repeats."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.claims.derived import PROPOSITIONS, bases, conjunction
from assocmem.theory.balance import best_dimension
from assocmem.theory.cross_entropy import larger_models
from assocmem.theory.cross_entropy.one_layer import Balls, certified_loss
from assocmem.theory.exact.certified import precision, sign
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_integral
from assocmem.theory.exact.distances import PAPER, Distance, Rows
from assocmem.theory.layers import steps
from assocmem.theory.what_stands import cited_numbers

HALF = Fraction(1, 2)

claim(
    "ABS-NOT",
    {"larger is better": "not always"},
    mutants={"always": {"larger is better": "always"}, "never": {"larger is better": "never"}},
)


@check("ABS-NOT", kind="argument", scope="two published series of Transformers that differ in size alone")
def sizes_compared(stmt: Any) -> Finding:
    """One series in which the larger model is worse refutes always; one in which it is better refutes never."""
    by_size = {item.larger: item for item in cited_numbers.SIZES}
    better, worse = by_size.get("better"), by_size.get("worse")
    if stmt["larger is better"] == "always" and worse:
        return Finding.fails(f"{worse.source}: {worse.what}")
    if stmt["larger is better"] == "never" and better:
        return Finding.fails(f"{better.source}: {better.what}")
    if stmt["larger is better"] == "not always" and worse:
        return Finding.holds(f"{worse.source}: {worse.what}, a larger model is worse")
    return Finding.undecided("no series decides this")


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
    """Two models with the same product N D: whether the law itself gives the larger one more loss."""
    if stmt["same"] != "data" and larger_models.larger_is_worse():
        text = "with the same compute the law makes the model of four times the size worse: it does explain that"
        return Finding.fails(text, margin="certified", outside=stmt["same"] == "unsaid")
    return Finding.survived("no example with the same data")


@dataclass(frozen=True)
class Joined:
    """A sentence that asserts each of the named claims."""

    parts: tuple[str, ...]


claim(
    "ABS-ENERGY",
    Joined(("MCHN-ATT", "P2-CLOSE")),
    mutants={
        "the distance energy is convex as well": Joined(("MCHN-ATT", "P2-CLOSE", "EQ4-NOREG")),
        "what is proved without a condition": Joined(("X-BIAS", "P2-CLOSE-FIX")),
    },
)
claim(
    "ABS-MM",
    Joined(("C-SM", "EQ6-MM", "EQ7")),
    mutants={
        "without the layers": Joined(("C-SM", "EQ7")),
        "the mixture of all layers at once": Joined(("C-SM", "X-MM-MIX", "EQ7")),
    },
)
claim(
    "LIM-HQ",
    Joined(("ASM3-QUAL",)),
    mutants={
        "disjoint balls need distinct patterns": Joined(("X-DISJOINT",)),
        "the balls are disjoint": Joined(("ASM3",)),
    },
)


@check("ABS-ENERGY", "ABS-MM", "LIM-HQ", kind="argument", scope="the verdicts of the claims that the sentence asserts")
def weakest_part(stmt: Joined) -> Finding:
    """A sentence that joins claims is worth as much as the weakest of them."""
    return conjunction(stmt.parts)


claim(
    "ABS-BAL",
    {"energies": "unsaid"},
    mutants={"the printed energies of layers": {"energies": "printed"}, "the energies g_t": {"energies": "g"}},
)


@check("ABS-BAL", kind="argument", scope="one layer of two or more equal disjoint balls of the paper's radius")
def best_dimension_depends(stmt: Any) -> Finding:
    """With the printed energies some n is best for each d (P5-PRINTED), and not the same for 2 and for 100 patterns.

    The loss itself depends on both under each reading, as log Z does.
    """
    if stmt["energies"] == "g" or conjunction(("P5-PRINTED",)).outcome != "holds" or not best_dimension.moves():
        return Finding.undecided("shown for the printed energies")
    text = "the best n lies below 2 pi e log d; for 2 patterns it is at most 11, for 100 it exceeds 11"
    if stmt["energies"] == "printed":
        return Finding.holds(text)
    return Finding.holds_if("the printed energies, two or more patterns, and the paper's radius", text)


@check("ABS-BAL", kind="symbolic", scope="the energies g_t, equal disjoint balls of the paper's radius")
def no_dimension_is_best(stmt: Any) -> Finding:
    """With g_t the loss is log Z, which falls strictly in n and below all bounds, for every d (P5-MIN-FIX)."""
    if stmt["energies"] != "printed" and conjunction(("P5-MIN-FIX",)).outcome == "holds":
        text = "with the energies g_t the loss log Z falls in n without bound, for every d: no n is best"
        return Finding.fails(text, outside=stmt["energies"] == "unsaid")
    return Finding.survived("the printed energies are meant")


POINT = Balls(1, HALF, 1)
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
    if stmt["loss"] == "formula" or stmt["least"] is None:
        return Finding.survived("log Z + 1/Z is at least 1; no model has this loss")
    printed, plain = certified_loss("printed", POINT), certified_loss("A", POINT)
    if printed < stmt["least"] and plain < stmt["least"]:
        values = f"{float(printed.mid()):.4f} with the printed energy, {float(plain.mid()):.4f} with g"
        return Finding.fails(f"one pattern on the line, radius 1/2: loss {values}, below {stmt['least']}", "certified")
    return Finding.survived("this model does not undercut the value")


claim(
    "ABS-BOUND",
    {"data": "unsaid"},
    mutants={"data that are tokens": {"data": "tokens"}, "densities on R^n": {"data": "densities"}},
)


@check("ABS-BOUND", kind="argument", scope="any data and model over finitely or countably many outcomes")
def discrete_floor(stmt: Any, distance: Distance) -> Finding:
    """The loss per token is at least the entropy of the data per token (X-CE-DISCRETE); no distance occurs."""
    if stmt["data"] == "densities" or conjunction(("X-CE-DISCRETE",)).outcome != "holds":
        return Finding.undecided("shown for discrete data")
    if stmt["data"] == "tokens":
        return Finding.holds(f"the entropy is a lower bound, and so is 0, whatever the distance ({distance.name})")
    return Finding.holds_if("the data are discrete", "then the loss is at least the entropy of the data")


@check("ABS-BOUND", kind="certified", scope="one pattern on the line, radius 1/2 and 1/200; any distance >= 0")
def density_below_zero(stmt: Any, distance: Distance) -> Finding:
    """The loss log Z of the model of Section 5 is at most the logarithm of the volume of its balls."""
    if stmt["data"] == "tokens":
        return Finding.survived("no density is meant")
    if not distance.has("nonnegative"):
        return Finding.undecided("the distance may be negative")
    text = "one pattern on the line, radius 1/200: the loss is at most log(1/100) = -4.6"
    if distance.has("squared euclidean"):
        value = certified_log_ball_integral(1, HALF)
        if not value < 0:
            return Finding.survived("not below 0")
        text = f"one pattern on the line: radius 1/2 gives {float(value.mid()):.4f}, radius 1/200 at most -4.6"
    return Finding.fails(text, margin="certified", outside=stmt["data"] == "unsaid")


NEAR: Rows = ((-HALF,), (HALF,), (Fraction(3),))
claim(
    "CONC-NN",
    {"parts": ("P1", "NN"), "as": "unsaid"},
    mutants={
        "for the order of points as well": {"parts": ("P1", "NN", "EQ4-MONO"), "as": "order"},
        "for the value within log d alone": {"parts": ("P1",), "as": "value"},
    },
)


@check("CONC-NN", kind="argument", scope="the verdicts of Proposition 1 and of the sentence on attention")
def search_by_parts(stmt: Any, distance: Distance) -> Finding:
    """E follows the value of the search (Proposition 1); the key that attention finds is the nearest conditionally.

    In another distance the first part remains (X-P1-ANY), and nothing is known of the second.
    """
    if distance is not PAPER:
        value = conjunction(("X-P1-ANY",)).outcome == "holds" and stmt["as"] != "order"
        if not value:
            return Finding.undecided("nothing is known of the order of points")
        return Finding.holds_if("read as the value, within log d", "Proposition 1 holds for any distance")
    return conjunction(stmt["parts"])


@check("CONC-NN", kind="certified", scope="D = {-1/2, 1/2, 3} at 0 and at 3")
def nearer_with_more_energy(stmt: Any, distance: Distance) -> Finding:
    """A search ranks points by the distance to their nearest pattern; E must rank these two points alike."""
    middle, far = (Fraction(0),), (Fraction(3),)
    nearer = sign(lambda: distance.nearest(middle, NEAR) - distance.nearest(far, NEAR)) == 1
    lower = sign(lambda: distance.energy(far, NEAR) - distance.energy(middle, NEAR)) == 1
    if stmt["as"] != "value" and nearer and lower:
        text = "D={-1/2, 1/2, 3}: 3 is a pattern, 0 is none, and E(0) < E(3)"
        return Finding.fails(text, margin="certified", outside=stmt["as"] == "unsaid")
    return Finding.survived("the order is not spoken of, or agrees at these points")


ORDER = ((Fraction(0),), (Fraction(3),))
claim("DISC-HAM", {"layers": ORDER}, mutants={"two equal layers": {"layers": (ORDER[0], ORDER[0])}})
START = Fraction(0)
claim(
    "DISC-HAM-FIX",
    {"energy sees the order": False, "output sees the order": True},
    mutants={
        "neither does": {"energy sees the order": False, "output sees the order": False},
        "both do": {"energy sees the order": True, "output sees the order": True},
    },
)


Layers = tuple[tuple[Fraction, ...], ...]


def global_energy(x: Fraction, layers: Layers, distance: Distance) -> arb:
    """A ball around E_global at a point of the line, with E_t = g_t."""
    nearest = [distance.nearest((x,), [(p,) for p in layer]) for layer in layers]
    return -sum(((-e).exp() for e in nearest), arb(0)).log()


def order_matters(layers: Layers, distance: Distance) -> tuple[bool, bool]:
    """Whether E_global at 1 and the output from 0 (reach 3) change when the two layers on the line change places."""
    orders = (layers, layers[::-1])
    with precision(128):
        first, second = (global_energy(Fraction(1), order, distance) for order in orders)
    outputs = [steps.composed(START, order, Fraction(3), "A")[-1] for order in orders]
    return not (first - second).contains(0), outputs[0] != outputs[1]


def pass_raises_energy(layers: Layers, distance: Distance) -> bool:
    """Whether the output from 0, with steps of at most 1, certainly has more E_global than the input."""
    output = steps.composed(START, layers, Fraction(1), "A")[-1]
    return sign(lambda: global_energy(output, layers, distance) - global_energy(START, layers, distance)) == 1


@check("DISC-HAM", kind="certified", scope="layers {0} and {3} on the line, input 0, energies g_t")
def energy_rises_along_the_layers(stmt: Any, distance: Distance) -> Finding:
    """An energy of a feedforward network, as that of the hierarchical memory is of its own, does not rise as it runs.

    Section 4.1 introduces E_global as what the layers in turn minimize. Besides, their output depends on their order.
    """
    if not distance.by_length:
        return Finding.undecided("the step is solved for norms and the squared Euclidean distance")
    if not pass_raises_energy(stmt["layers"], distance):
        return Finding.survived("the pass does not raise the energy here")
    text = "layers {0}, {3} with steps of at most 1 lead from 0 to 1, and E_global(1) > E_global(0)"
    if order_matters(stmt["layers"], distance) == (False, True):
        text += "; with steps of at most 3 they end at 3, in the other order at 0, and E_global is the same"
    return Finding.fails(text, margin="certified")


def layer_swap_residual() -> sp.Expr:
    """E_global minus itself after two neighbors changed places; zero. Swaps of neighbors give every order."""
    before, a, b, after = sp.symbols("R_1 E_t E_u R_2", real=True)  # R: the sums over the other layers
    first, second = (-sp.log(before + sp.exp(-e) + sp.exp(-f) + after) for e, f in ((a, b), (b, a)))
    return sp.simplify(first - second)


@check("DISC-HAM-FIX", kind="symbolic", scope="any number of layers, any energies: neighbors change places")
def sum_forgets_the_order(stmt: Any, distance: Distance) -> Finding:
    """-log sum exp(-E_t) is a function of a sum, hence of the set of layers; the outputs differ in the example."""
    if not distance.by_length:
        return Finding.undecided("the example is solved for norms and the squared Euclidean distance")
    if layer_swap_residual() == 0 and stmt == {"energy sees the order": False, "output sees the order": True}:
        return Finding.holds("the sum commutes; layers {0} and {3} from 0 end at 3 or at 0")
    return Finding.undecided("shown: the energy does not see the order, the output may")


@check("DISC-HAM-FIX", kind="certified", scope="layers {0} and {3} on the line, input 0, reach 3, energies g_t")
def order_at_points(stmt: Any, distance: Distance) -> Finding:
    """Energy and output of both orders."""
    if not distance.by_length:
        return Finding.undecided("the step is solved for norms and the squared Euclidean distance")
    energy, output = order_matters(ORDER, distance)
    if output != stmt["output sees the order"] or energy != stmt["energy sees the order"]:
        return Finding.fails("layers {0}, {3}: outputs 3 and 0, one energy", margin="exact")
    return Finding.survived("outputs 3 and 0, one energy")


BOTH = ("ASM1", "ASM3")
claim(
    "LIM-ASM",
    {"results": PROPOSITIONS, "named": BOTH, "only these": False},
    mutants={
        "the first three propositions": {"results": PROPOSITIONS[:3], "named": BOTH, "only these": False},
        "no other assumption": {"results": PROPOSITIONS, "named": BOTH, "only these": True},
    },
)


@check("LIM-ASM", kind="argument", scope="the graph of the ledger, whose edges are set by reading the paper's proofs")
def assumptions_used(stmt: Any) -> Finding:
    """The assumptions among all that the propositions rest on, directly or through others."""
    used = {name: sorted(b for b in bases([name]) if b in ("ASM1", "ASM2", "ASM3")) for name in stmt["results"]}
    together = {name for held in used.values() for name in held}
    missing = sorted(set(stmt["named"]) - together)
    if missing:
        return Finding.fails(f"{', '.join(stmt['results'])} rest on no {', '.join(missing)}")
    if stmt["only these"] and together != set(stmt["named"]):
        return Finding.fails(f"they rest on {', '.join(sorted(together - set(stmt['named'])))} as well")
    rests = [f"{name} on {', '.join(held) or 'none'}" for name, held in used.items()]
    return Finding.holds(f"of Assumptions 1 to 3: {'; '.join(rests)}")
