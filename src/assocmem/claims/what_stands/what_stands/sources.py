"""Checks of what the introduction and the discussion say that other works found."""

from __future__ import annotations

from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.claims.derived import conjunction
from assocmem.theory.what_stands import cited_numbers, early_stopping
from assocmem.theory.what_stands.linear_risk import risk

SAID = {"parameters": 530 * 10**9, "tokens": 10**11, "GPUs": 10_000}
claim(
    "INT-530B",
    {"least": SAID, "one model": "unsaid"},
    mutants={
        "all three of the cited model": {"least": SAID, "one model": "yes"},
        "each of some recent model": {"least": SAID, "one model": "no"},
        "a thousand GPUs, the cited model": {"least": {**SAID, "GPUs": 1000}, "one model": "yes"},
    },
)


@check("INT-530B", kind="argument", scope="MT-NLG (cited; tokens from memory) and MegaScale (not cited; abstract)")
def sizes_reached(stmt: Any) -> Finding:
    """Whether each number is reached by the cited model, or by some recent model."""
    reached = {name: cited_numbers.reaching(name, least) for name, least in stmt["least"].items()}
    text = "; ".join(f"{name}: {', '.join(models) or 'none known'}" for name, models in reached.items())
    if all("MT-NLG" in models for models in reached.values()):
        return Finding.holds("the cited work reports it")
    if stmt["one model"] == "yes" or not all(reached.values()):
        return Finding.undecided(f"not reached by one of the models known here: {text}")
    if stmt["one model"] == "no":
        return Finding.holds(text)
    return Finding.holds_if("the three numbers may belong to different models", text)


@check("INT-530B", kind="argument", scope="the cited model, MT-NLG, and all GPUs of the machine that trained it")
def size_of_mt_nlg(stmt: Any) -> Finding:
    """Parameters, tokens and GPUs of the cited model; its machine as a whole bounds the GPUs from above."""
    known = cited_numbers.MT_NLG
    short = [f"{name}: at most {known[name]:,}, not {n:,}" for name, n in stmt["least"].items() if known[name] < n]
    if short and stmt["one model"] != "no":
        return Finding.fails(f"MT-NLG: {'; '.join(short)}", outside=stmt["one model"] == "unsaid")
    return Finding.survived("the cited model alone is not spoken of, or reaches the numbers")


claim(
    "INT-MINICPM",
    {"comparable": "unsaid"},
    mutants={
        "on every benchmark within five points": {"comparable": "each"},
        "on the mean of the suite": {"comparable": "mean"},
    },
)


@check("INT-MINICPM", kind="argument", scope="eleven benchmarks in the model's README; Gemma-7B from memory")
def mean_scores(stmt: Any) -> Finding:
    """The mean over the suite, in which the small model must not fall behind."""
    own = cited_numbers.mean("MiniCPM-2B")
    ahead = all(own >= cited_numbers.mean(model) for model in cited_numbers.MINICPM)
    if not ahead or stmt["comparable"] == "each":
        return Finding.undecided("the means say nothing of each benchmark")
    best = max(float(cited_numbers.mean(model)) for model in cited_numbers.MINICPM if model != "MiniCPM-2B")
    text = f"mean score {float(own):.2f}, after fine-tuning, against base models with at most {best:.2f}"
    if stmt["comparable"] == "mean":
        return Finding.holds(text)
    return Finding.holds_if("on the mean of the benchmarks that its authors chose", text)


@check("INT-MINICPM", kind="certified", scope="eleven benchmarks in the model's README")
def single_scores(stmt: Any) -> Finding:
    """The benchmark on which the small model falls behind the most."""
    name, gap = cited_numbers.widest_deficit("MiniCPM-2B", "Mistral-7B")
    if gap > 5 and stmt["comparable"] != "mean":
        text = f"{name}: Mistral-7B leads by {float(gap):.2f} points"
        return Finding.fails(text, margin=f"{float(gap):.2f}", outside=stmt["comparable"] == "unsaid")
    return Finding.survived("only the mean is spoken of")


claim(
    "INT-GEN",
    {"regime": "unsaid"},
    mutants={"everywhere": {"regime": "everywhere"}, "where the cited works find it": {"regime": "cited"}},
)


@check("INT-GEN", kind="argument", scope="abstracts of the three cited works")
def double_descent(stmt: Any) -> Finding:
    """Beyond the interpolation threshold more parameters help; near it, and only there, more samples can hurt."""
    text = "Belkin et al.: risk falls beyond the threshold; Nakkiran et al.: in some regimes more samples hurt"
    if stmt["regime"] == "cited":
        return Finding.holds(text)
    if stmt["regime"] == "unsaid":
        return Finding.holds_if("parameters beyond the interpolation threshold, samples close to it", text)
    return Finding.undecided("the cited works find other regimes as well")


@check("INT-GEN", kind="certified", scope="least squares, 40 normal features: 10 samples, then 10 parameters")
def linear_model(stmt: Any) -> Finding:
    """Exact expected errors: with 2, 5, 8 parameters they grow, with 12, 20, 100 samples they fall."""
    rising = [risk(10, p, features=40) for p in (2, 5, 8)]
    falling = [risk(n, 10, features=40) for n in (12, 20, 100)]
    opposite = rising == sorted(rising) and falling == sorted(falling, reverse=True)
    if opposite and stmt["regime"] != "cited":
        first, second = (" < ".join(map(str, rising)), " > ".join(map(str, falling)))
        text = f"2, 5, 8 parameters: error {first}; 12, 20, 100 samples: {second}"
        return Finding.fails(text, margin="exact", outside=stmt["regime"] == "unsaid")
    return Finding.survived("the regimes of the cited works are meant")


claim(
    "INT-BEYOND",
    {"data": "unsaid"},
    mutants={"any data": {"data": "any"}, "tables of operations": {"data": "tables of operations"}},
)


@check("INT-BEYOND", kind="argument", scope="Power et al. (2022), abstract")
def grokking(stmt: Any) -> Finding:
    """They report it for small data sets that an algorithm generates, in some situations."""
    text = "Power et al. report it for small networks on tables of operations"
    if stmt["data"] == "tables of operations":
        return Finding.holds(text)
    return Finding.holds_if("the data follow a rule", text) if stmt["data"] == "unsaid" else Finding.undecided(text)


@check("INT-BEYOND", kind="argument", scope="fair labels that do not depend on the input, all predictions")
def random_labels(stmt: Any) -> Finding:
    """A prediction that does not depend on a fresh fair label meets it with probability one half, whatever it is."""
    if stmt["data"] == "tables of operations":
        return Finding.survived("the data follow a rule")
    text = "labels by the toss of a coin can be memorized; every network is right on fresh ones half the time"
    return Finding.fails(text, outside=stmt["data"] == "unsaid")


claim(
    "INT-2T",
    {"source": "Touvron et al. (2023)", "said": {"tokens": "2 trillion", "sign of saturation": "none"}},
    mutants={
        "another statement of the same source": {
            "source": "Touvron et al. (2023)",
            "said": {"tokens": "2 trillion", "sign of saturation": "some"},
        }
    },
)
claim(
    "INT-THRESH",
    {"source": "Du et al. (2024)", "said": {"which loss": "pre-training", "which tasks": "some"}},
    mutants={
        "another statement of the same source": {
            "source": "Du et al. (2024)",
            "said": {"which loss": "pre-training", "which tasks": "all"},
        }
    },
)
claim(
    "DISC-KERNEL",
    {
        "source": "Wu et al. (2024)",
        "said": {"mapped to a feature space": "the energy", "aim": "patterns separated there"},
    },
    mutants={
        "another statement of the same source": {
            "source": "Wu et al. (2024)",
            "said": {"mapped to a feature space": "the update alone", "aim": "patterns separated there"},
        }
    },
)


@check(
    "INT-2T",
    "INT-THRESH",
    "DISC-KERNEL",
    kind="argument",
    scope="the work that the sentence cites or the term refers to",
)
def source_says(stmt: Any) -> Finding:
    """Compares what is said, entry by entry, with what the source says."""
    wrong = cited_numbers.contradicted(stmt["source"], stmt["said"])
    return Finding.fails("; ".join(wrong)) if wrong else Finding.holds(f"{stmt['source']} say so")


claim(
    "DISC-PINN",
    {"term": "unsaid"},
    mutants={
        "as the work that introduced the term uses it": {"term": "introduced"},
        "networks built on ideas of physics": {"term": "wide"},
    },
)


@check("DISC-PINN", kind="argument", scope="the paragraph on Hopfield networks, which opens with the term")
def built_on_physics(stmt: Any) -> Finding:
    """An energy and its descent are ideas of statistical physics; whether that is meant, the paper does not say."""
    text = "the memories have an energy and descend it, as systems of statistical physics do"
    if stmt["term"] == "wide":
        return Finding.holds(text)
    if stmt["term"] == "unsaid":
        return Finding.holds_if("the term is meant for networks built on ideas of physics", text)
    return Finding.undecided("the work that introduced the term decides its narrow sense")


@check("DISC-PINN", kind="argument", scope="Raissi et al. (2019), abstract")
def residual_of_an_equation(stmt: Any) -> Finding:
    """In the sense of the work that introduced the term a network with an energy is none."""
    wrong = cited_numbers.contradicted("Raissi et al. (2019)", {"a physics-informed network": "has an energy"})
    if wrong and stmt["term"] != "wide":
        return Finding.fails("; ".join(wrong), outside=stmt["term"] == "unsaid")
    return Finding.survived("the narrow sense is not meant")


claim(
    "INT-STOP",
    {"first half": "as a rule"},
    mutants={"always": {"first half": "always"}, "the second half alone": {"first half": "left out"}},
)


@check("INT-STOP", kind="argument", scope="Murty et al. (2023); the training of Llama 2, which the paper cites next")
def stopping(stmt: Any) -> Finding:
    """Murty et al. blame early stopping for missed generalization; a model without saturation met no plateau."""
    text = "Murty et al.: stopping when the in-domain loss is flat underestimates what is learned later"
    ended_before = conjunction(("INT-2T",)).outcome == "holds"
    if stmt["first half"] == "always" and ended_before:
        return Finding.fails("Llama 2 ended after 2T tokens without a sign of saturation")
    if stmt["first half"] == "left out":
        return Finding.holds(text)
    return Finding.holds_if("the second half; the first, where no budget of tokens is fixed", text)


@check("INT-STOP", kind="certified", scope="the training of Llama 2, as reported")
def ended_without_plateau(stmt: Any) -> Finding:
    """Whether a training ended without a plateau."""
    if stmt["first half"] != "left out" and conjunction(("INT-2T",)).outcome == "holds":
        text = "Llama 2, cited in the same paragraph, ended after 2T tokens without a sign of saturation"
        return Finding.fails(text, outside=stmt["first half"] == "as a rule")
    return Finding.survived("nothing is said of the end of training")


claim(
    "DISC-EXPERT",
    {"harm": "can", "halves": "both"},
    mutants={
        "always harm": {"harm": "always", "halves": "both"},
        "the second half alone": {"harm": "can", "halves": "second"},
    },
)


@check("DISC-EXPERT", kind="symbolic", scope="one weight, gradient flow toward a target that is off by 1")
def both_ends_harm(stmt: Any) -> Finding:
    """The test loss at the start, at time log 2 and at the end; who sets the balance is not something to prove."""
    if early_stopping.flow_residual(2) != 0 or stmt["harm"] != "can":
        return Finding.undecided("an example shows that both can harm")
    start, middle, end = early_stopping.losses(2)
    if not (middle < start and middle < end):
        return Finding.undecided("the loss does not fall and rise")
    text = f"test loss {start} at the start, {middle} at time log 2, {end} at the end"
    return Finding.holds(text) if stmt["halves"] == "second" else Finding.holds_if("the second half", text)


@check("DISC-EXPERT", kind="certified", scope="one weight, gradient flow toward the true target")
def late_is_harmless(stmt: Any) -> Finding:
    """Without noise in the target the test loss only falls."""
    start, middle, end = early_stopping.losses(1)
    if stmt["harm"] == "always" and end < middle < start:
        return Finding.fails(f"without noise the test loss falls throughout: {start}, {middle}, {end}", margin="exact")
    return Finding.survived("only a possibility is stated")


claim("DISC-ET", {"state of the art": "unsaid"}, mutants={"strong results": {"state of the art": "strong results"}})


@check("DISC-ET", kind="argument", scope="Hoover et al. (2024): abstract; its tables from memory")
def energy_transformer(stmt: Any) -> Finding:
    """The abstract announces an engineered energy and strong results on both graph tasks; best on some data sets."""
    text = "an attention that descends an energy of its own; strong results on both graph tasks"
    if stmt["state of the art"] == "strong results":
        return Finding.holds(text)
    return Finding.holds_if("state of the art: on some of the data sets compared, when it appeared", text)


claim(
    "DISC-HU",
    {"framework": "Hu et al. (2024b)"},
    mutants={"the paper on nonparametric models": {"framework": "Hu et al., arXiv 2404.03900"}},
)


@check("DISC-HU", kind="argument", scope="abstracts of the two cited works and of a third by the same group")
def hopfield_frameworks(stmt: Any) -> Finding:
    """2024b derives one sparse model; a third work builds a family; 2024a proposes a layer that quantizes better."""
    text = "Hu et al. (2024a): a layer with superior performance after quantization"
    if stmt["framework"] == "Hu et al., arXiv 2404.03900":
        return Finding.holds(f"{text}; the family is built in that work")
    return Finding.holds_if("the second half, compression being quantization", f"{text}; 2024b: one sparse model")


claim(
    "DISC-PC", {"models": "unsaid"}, mutants={"the recurrent ones": {"models": "recurrent"}, "all": {"models": "all"}}
)


@check("DISC-PC", kind="argument", scope="Tang et al. (2023), abstract; the energy from memory")
def predictive_coding(stmt: Any) -> Finding:
    """Tang et al. give recurrent connections to a model that had none; how near it is to attention has no measure."""
    text = "the models of Tang et al. have recurrent connections and minimize a sum of squared errors"
    if stmt["models"] == "all":
        return Finding.fails("the hierarchical model named in the abstract of Tang et al. has no recurrent connections")
    if stmt["models"] == "recurrent":
        return Finding.holds(text)
    return Finding.holds_if("the recurrent ones, without the comparison to attention", text)
