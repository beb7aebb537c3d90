"""Checks of what the paper says of its own experiments: conditions, support for the theory, description."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.claims.derived import conjunction
from assocmem.claims.what_stands.what_stands.framing import Joined
from assocmem.theory.balance import table_three
from assocmem.theory.exact.distances import PAPER, Distance
from assocmem.theory.what_stands import cited_numbers, experiments_in_theory_variables
from assocmem.theory.what_stands.experiments_in_theory_variables import Grid

claim(
    "ABS-EXP",
    experiments_in_theory_variables.REPORTED,
    mutants={"numbers that the theory gives": experiments_in_theory_variables.predicted()},
)


@check("ABS-EXP", kind="certified", scope="the printed numbers in the theory's variables n = T_max d_emb, d = D/T_max")
def own_numbers(stmt: Any, distance: Distance) -> Finding:
    """Each experiment against what Section 5 gives for it; of another distance only the rule of F.3 can be asked."""
    items = [item for item in stmt if distance is PAPER or isinstance(item, Grid)]
    mismatches = [text for text in (item.mismatch(distance) for item in items) if text]
    if mismatches:
        return Finding.fails("; ".join(mismatches), margin="certified")
    return Finding.survived("the numbers are those of the theory")


claim("DISC-PRELIM", Joined(("ABS-EXP",)), mutants={"that the setup is idealized": Joined(("DISC-IDEAL",))})
claim(
    "DISC-IDEAL",
    Joined(("DISC-COND",)),
    mutants={"and its experiments support the theory": Joined(("DISC-COND", "ABS-EXP"))},
)
claim("LIM-DEP", Joined(("P5", "F3-GAP")), mutants={"in theory alone": Joined(("P5",))})


@check(
    "DISC-PRELIM",
    "DISC-IDEAL",
    "LIM-DEP",
    kind="argument",
    scope="the verdicts of the claims that the sentence asserts",
)
def weakest_part(stmt: Joined) -> Finding:
    """A sentence that joins claims is worth as much as the weakest of them."""
    return conjunction(stmt.parts)


claim("ABS-MEM", {"compared": None}, mutants={name: {"compared": name} for name in cited_numbers.ASSOCIATIONS})


@check("ABS-MEM", kind="argument", scope="three published comparisons, from their abstracts")
def associated(stmt: Any) -> Finding:
    """Memorization and performance go together or not, depending on what is compared."""
    known = cited_numbers.ASSOCIATIONS
    if stmt["compared"] is None:
        if len({outcome for outcome, _ in known.values()}) > 1:
            return Finding.ill_defined("; ".join(f"{what}: {outcome}" for what, (outcome, _) in known.items()))
        return Finding.undecided("the comparisons agree")
    outcome, source = known[stmt["compared"]]
    return Finding.holds(source) if outcome == "more of both" else Finding.fails(source)


claim("DISC-COND", {"experiments": ("F.1", "F.2", "F.3")}, mutants={"the grid of models": {"experiments": ("F.3",)}})


@check("DISC-COND", kind="argument", scope="passes over the data of F.3 up to step 6000; Chinchilla's from memory")
def passes_over_data(stmt: Any) -> Finding:
    """How often the data are repeated; memorization and separation, the other conditions, are not measured."""
    counts = [experiments_in_theory_variables.passes(size) for size in table_three.sizes()]
    if min(counts) < 4:
        return Finding.undecided("the data are hardly repeated")
    text = f"{float(min(counts)):.1f} to {float(max(counts)):.1f} passes over the data; Chinchilla made about one"
    if stmt["experiments"] == ("F.3",):
        return Finding.holds(text)
    return Finding.holds_if("the models that the authors trained, read as repetition of the data", text)


@check("DISC-COND", kind="certified", scope="the models of the three experiments")
def pretrained_model(stmt: Any) -> Finding:
    """Whether an experiment uses a model that others trained on text of the Internet."""
    if "F.1" in stmt["experiments"]:
        return Finding.fails("F.1 measures GPT-2, trained by others on pages of the web", outside=True)
    return Finding.survived("trained by the authors")


claim(
    "DISC-REDUCED",
    {"measured": ()},
    mutants={"with two measurements": {"measured": ("distance between patterns", "share memorized")}},
)


@check("DISC-REDUCED", kind="argument", scope="Section 6 and Appendix F of both versions")
def emulated(stmt: Any) -> Finding:
    """Fewer patterns are no nearer to each other; whether they are separated or memorized is not measured."""
    if not stmt["measured"]:
        return Finding.heuristic("an aim: no experiment measures distances of training patterns, or what is memorized")
    return Finding.undecided("the measurements would have to be examined")


claim(
    "DISC-2.2",
    {"within": None},
    mutants={
        "within a twentieth of a nat": {"within": Fraction(1, 20)},
        "within a fifth of a nat": {"within": Fraction(1, 5)},
    },
)
LOSS, WIDTHS = Fraction(11, 5), (Fraction(1, 20), Fraction(1, 10), Fraction(1, 5))


@check("DISC-2.2", kind="argument", scope="the six losses of the paper's Table 2")
def losses_near(stmt: Any) -> Finding:
    """The share of the paper's own list within several distances of 2.2."""
    widths = WIDTHS if stmt["within"] is None else (stmt["within"],)
    shares = {width: cited_numbers.share_near(LOSS, width) for width in widths}
    most = {share > Fraction(1, 2) for share in shares.values()}
    shown = ", ".join(f"{share} within {width}" for width, share in shares.items())
    if len(most) == 2:
        return Finding.ill_defined(f"of Table 2: {shown}; nor is the unit said, a token being that of each tokenizer")
    return Finding.holds_if("the models of Table 2", shown) if most == {True} else Finding.fails(shown)


PLACES = ("Section 6", "Appendix E", "Appendix F", "Murty et al. (2023)")
claim(
    "REPRO",
    {"places": PLACES, "needed": tuple(cited_numbers.NEEDED)},
    mutants={"what Appendix F lists": {"places": PLACES, "needed": tuple(cited_numbers.NEEDED)[:2]}},
)


@check("REPRO", kind="argument", scope="the text of the submission; its supplementary code is not public")
def described(stmt: Any) -> Finding:
    """What a reader needs, and whether the named places give it, or those to which Section 6 sends the reader on."""
    missing = [item for item in stmt["needed"] if cited_numbers.NEEDED[item] not in stmt["places"]]
    if missing:
        return Finding.fails(f"not given: {'; '.join(missing)}", margin=f"{len(missing)} of {len(stmt['needed'])}")
    return Finding.survived("all that is listed is given")
