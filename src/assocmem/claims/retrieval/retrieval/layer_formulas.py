"""Checks of the formulas of attention and feed-forward layers in Section 3.2 (chapter 3)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.retrieval import layer_formulas

claim("ATT", {"order": "V first"}, mutants={"weights first": {"order": "weights first"}})


@check("ATT", kind="certified", scope="shapes T = 3, T' = 5, d_v = 4; exact matrices with T = T' = d_v = 2")
def attention_formula(stmt: Any) -> Finding:
    """Whether the stated product exists for unequal sizes, and what it gives where both orders exist.

    With columns as tokens in V alone it exists for T = T' and sums over queries, so that equal values do not come back.
    """
    shapes = (5, 4), (3, 5)
    stated = (
        layer_formulas.product_shape(*shapes)
        if stmt["order"] == "V first"
        else layer_formulas.product_shape(*shapes[::-1])
    )
    w, v = layer_formulas.example()
    summed, values = layer_formulas.column_order()
    printed = sp.Matrix([[1, 3], [2, 2]]) / 4  # the weights as the entry prints them
    shown = w == printed and v == sp.diag(1, 0) and summed == sp.Matrix([[3, 5]]) / 4
    if stated is None and shown and v * w != w * v and summed != values:
        text = (
            f"rows as tokens: no product for d_v != T; for d_v = T = 2 it is {(v * w).tolist()}, not "
            f"{(w * v).tolist()}; columns as tokens of V: equal values 1, 1 give {summed.tolist()[0]}"
        )
        return Finding.fails(text, margin="exact")
    return Finding.survived("the stated product exists")


claim(
    "ATT-FIX",
    {"order": "weights first", "normalized": "rows"},
    mutants={
        "V first": {"order": "V first", "normalized": "rows"},
        "normalized by columns": {"order": "weights first", "normalized": "columns"},
    },
)


@check(
    "ATT-FIX",
    kind="symbolic",
    scope="any sizes",
    in_words="that the entries of the product are the same for sizes other than T = 2, T' = 3, d_v = 2",
)
def weighted_rows(stmt: Any) -> Finding:
    """Rows of weights are positive and sum to 1, so each output row is a weighted mean of the rows of V."""
    zero = all(
        v == 0
        for v in (*layer_formulas.row_sums_residual(), *layer_formulas.transposed_residual().applyfunc(sp.simplify))
    )
    if zero and stmt == {"order": "weights first", "normalized": "rows"}:
        return Finding.holds("softmax over each row, times V; transposed, V' times softmax over each column")
    return Finding.undecided("another order or normalization")


@check("ATT-FIX", kind="certified", scope="the exact example with equal values")
def equal_values_come_back(stmt: Any) -> Finding:
    """If all rows of V are equal, every output row must be that row."""
    w, _ = layer_formulas.example()
    v = sp.Matrix([[1, 2], [1, 2]])
    columns = sp.Matrix(2, 2, lambda i, j: w[i, j] / (w[0, j] + w[1, j]))
    used = w if stmt["normalized"] == "rows" else columns
    out = used * v if stmt["order"] == "weights first" else v * used
    if out != v:
        return Finding.fails(f"values (1,2), (1,2) give {out.tolist()}", margin="exact")
    return Finding.survived("equal values come back")


SIZES = {"tokens": 3, "d_emb": 4, "d_k": 2, "d_v": 5}
claim("ATT-W", {"keys": "W_K"}, mutants={"keys XW_K": {"keys": "X W_K"}})


@check("ATT-W", kind="certified", scope="shapes T = 3, d_emb = 4, d_k = 2")
def weights_are_keys(stmt: Any) -> Finding:
    """The keys are the rows of X W_K, one for each token; those of W_K belong to coordinates."""
    w_k = (SIZES["d_emb"], SIZES["d_k"])
    keys = layer_formulas.product_shape((SIZES["tokens"], SIZES["d_emb"]), w_k)
    stated = w_k if stmt["keys"] == "W_K" else keys
    if stated != keys and keys == (SIZES["tokens"], SIZES["d_k"]):
        return Finding.fails(f"W_K is {w_k}, the keys X W_K are {keys}", margin="exact")
    return Finding.survived("the keys have the stated shape")


claim("ATT-UPD", {"output": "attention matrix"}, mutants={"T rows of d_v": {"output": "weighted values"}})


@check("ATT-UPD", kind="certified", scope="shapes T = 3, d_v = 5")
def update_is_a_matrix_of_weights(stmt: Any) -> Finding:
    """The attention matrix is T by T, the output of an update T by d_v."""
    tokens = SIZES["tokens"]
    output = layer_formulas.product_shape((tokens, tokens), (tokens, SIZES["d_v"]))
    stated = (tokens, tokens) if stmt["output"] == "attention matrix" else output
    if stated != output and output == (tokens, SIZES["d_v"]):
        return Finding.fails(f"the attention matrix is {stated}, one update gives {output}", margin="exact")
    return Finding.survived("the output has the stated shape")


claim("RES", {"heads": 2, "projection": False}, mutants={"one head": {"heads": 1, "projection": False}})


@check("RES", kind="symbolic", scope="any T and d_emb; h heads side by side")
def residual_conforms(stmt: Any) -> Finding:
    """x + Attention(x) needs as many columns as x: h d_v = d_emb, or a projection after the heads."""
    width, heads = sp.Symbol("d_emb", positive=True), stmt["heads"]
    if sp.simplify(heads * width - width) == 0 or stmt["projection"]:
        return Finding.holds("the sum x + Attention(x) exists")
    return Finding.holds_if("one head, or a projection of the heads to d_emb columns", "then x + Attention(x) exists")


@check("RES", kind="certified", scope="two heads, d_emb = d_v = 4")
def residual_counterexample(stmt: Any) -> Finding:
    """Two heads of d_v = d_emb columns are twice as wide as x."""
    width = SIZES["d_emb"]
    columns = layer_formulas.side_by_side(stmt["heads"], width)
    if columns != width and not stmt["projection"]:
        return Finding.fails(f"x has {width} columns, the heads together {columns}", margin="exact", outside=True)
    return Finding.survived("the columns agree")


claim("FF", {"biases": True}, mutants={"without biases": {"biases": False}})


@check(
    "FF",
    kind="symbolic",
    scope="one hidden layer, as Geva et al. (2020) write it",
    in_words="that an exact example of a layer with ReLU shows it for any sizes, and any f with f(1) other than 0",
)
def key_value_form(stmt: Any) -> Finding:
    """x K' are scores of the rows of K, and f of them weights the rows of V; biases become an input and a unit of 1."""
    absorbed = all(v == 0 for v in layer_formulas.biased_residual())
    if not stmt["biases"]:
        return Finding.holds("f(x K') V is the layer, as Geva et al. write it")
    if absorbed:
        return Finding.holds_if("biases absorbed into an input and a unit that are always 1", "the layer is f(x K') V")
    return Finding.undecided("the biases were not absorbed")


@check("FF", kind="certified", scope="ReLU at x = 0")
def vanishes_at_zero(stmt: Any) -> Finding:
    """f(0 K') V is 0 for ReLU; a layer with an output bias is not."""
    zero = layer_formulas.feed_forward(sp.zeros(1, 2), sp.Matrix([[1, 2]]), sp.Matrix([[3]]))
    if stmt["biases"] and zero == sp.zeros(1, 1):
        return Finding.fails(
            "at x = 0 the formula gives 0, a layer with output bias 1 gives 1", margin="exact", outside=True
        )
    return Finding.survived("no biases")


claim("X-FFMERGE", {"clipped": False}, mutants={"the layer cut off at 1": {"clipped": True}})


@check("X-FFMERGE", kind="symbolic", scope="any fixed keys and values, by coordinate; every query")
def not_the_same_function(stmt: Any) -> Finding:
    """A weighted mean of values of at most M is at most M, and one more value keeps it so; max(0, x) has no bound."""
    if layer_formulas.mean_stays_below() and layer_formulas.largest_output(stmt["clipped"]) == sp.oo:
        return Finding.holds("attention stays within the bounds of its values, the layer grows without bound")
    return Finding.undecided("the layer is bounded")


@check("X-FFMERGE", kind="certified", scope="one key 1, one value 1, x = 10 and x = 1000")
def layer_grows(stmt: Any) -> Finding:
    """The outputs of the layer at two queries, exactly."""
    key, most = sp.ones(1, 1), layer_formulas.largest_output(stmt["clipped"])
    outputs = [sp.Min(most, layer_formulas.feed_forward(sp.Matrix([[x]]), key, key)[0]) for x in (10, 1000)]
    if outputs[1] <= outputs[0]:
        return Finding.fails(f"the layer gives {outputs[0]} at 10 and {outputs[1]} at 1000", margin="exact")
    return Finding.survived(f"the layer gives {outputs[0]} at 10 and {outputs[1]} at 1000")
