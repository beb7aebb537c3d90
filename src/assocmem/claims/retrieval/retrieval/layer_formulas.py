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
    if stated is None and v * w != w * v and summed != values:
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


@check("ATT-FIX", kind="symbolic", scope="T = 2, T' = 3, d_v = 2 with symbols; other sizes alike")
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


claim(
    "ATT-W",
    {"keys": "W_K", "output": "attention matrix"},
    mutants={"keys XW_K and an output of T rows of d_v": {"keys": "X W_K", "output": "weighted values"}},
)


@check("ATT-W", kind="certified", scope="shapes T = 3, d_emb = 4, d_k = 2, d_v = 5")
def weights_are_keys(stmt: Any) -> Finding:
    """The keys are the rows of X W_K, one for each token; the attention matrix is T by T, the output T by d_v."""
    x, w_k, v = (3, 4), (4, 2), (3, 5)
    keys = layer_formulas.product_shape(x, w_k)
    output = layer_formulas.product_shape((3, 3), v)
    if stmt["keys"] == "W_K" and keys != w_k and output != (3, 3):
        text = f"W_K is {w_k}, the keys X W_K are {keys}; the attention matrix is (3, 3), one update gives {output}"
        return Finding.fails(text, margin="exact")
    return Finding.survived("keys and output have the stated shapes")


claim("RES", {"heads": 2, "projection": False}, mutants={"one head": {"heads": 1, "projection": False}})


@check("RES", kind="symbolic", scope="any T and d_emb; h heads side by side")
def residual_conforms(stmt: Any) -> Finding:
    """x + Attention(x) needs as many columns as x: h d_v = d_emb, or a projection after the heads."""
    width, heads = sp.Symbol("d_emb", positive=True), stmt["heads"]
    if sp.simplify(heads * width - width) == 0 or stmt["projection"]:
        return Finding.holds("the sum x + Attention(x) exists")
    text = "then x + Attention(x) exists; no energy of the paper has such a sum"
    return Finding.holds_if("one head, or a projection of the heads to d_emb columns", text)


@check("RES", kind="certified", scope="two heads, d_emb = d_v = 4; D = {1}")
def residual_counterexample(stmt: Any) -> Finding:
    """Two heads of d_v = d_emb columns are twice as wide as x."""
    columns, width = stmt["heads"] * 4, 4
    if columns != width and not stmt["projection"]:
        return Finding.fails(f"x has {width} columns, the heads together {columns}", margin="exact", outside=True)
    return Finding.survived("the columns agree")


claim("FF", {"biases": True}, mutants={"without biases": {"biases": False}})


@check("FF", kind="symbolic", scope="one hidden layer, any f that is applied to each entry; Geva et al. (2020)")
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


claim("FFMERGE", {"as a function": True}, mutants={"by their measured loss alone": {"as a function": False}})


@check(
    "FFMERGE",
    kind="argument",
    scope="Sukhbaatar et al. (2019), from memory: persistent keys and values in the attention",
)
def merged(stmt: Any) -> Finding:
    """They replace the layer by persistent vectors, which share the softmax, and train again; the loss was matched."""
    if stmt["as a function"]:
        return Finding.holds_if(
            "trained again, on their language modeling benchmarks", "the merged layer matched the loss"
        )
    return Finding.holds("on their benchmarks the merged layer matched the loss")


@check("FFMERGE", kind="certified", scope="one key 1, one value 1, ReLU")
def not_the_same_function(stmt: Any) -> Finding:
    """A ReLU layer is unbounded; attention gives weighted means of its values, which are bounded."""
    far = layer_formulas.feed_forward(sp.Matrix([[10]]), sp.ones(1, 1), sp.ones(1, 1))[0]
    if stmt["as a function"] and far > 1:
        text = f"FF(10) = {far}, while attention to any values in [-1, 1] stays there: not the same function"
        return Finding.fails(text, margin="exact", outside=True)
    return Finding.survived("nothing is said of the function")


claim("LAYERS-SHARE", {"measure": None}, mutants={"the share of parameters": {"measure": "parameters"}})


@check(
    "LAYERS-SHARE", kind="argument", scope="the sentences as they stand; a block of GPT-2's shape (inner width 4 d_emb)"
)
def most_important(stmt: Any) -> Finding:
    """No measure of contribution is given; by parameters the feed-forward layer has twice those of attention."""
    attention, feed_forward = layer_formulas.block_parameters(1024, 4096)
    if stmt["measure"] is None:
        return Finding.heuristic(
            f"without a measure of contribution; attention has {attention}, FF {feed_forward} weights"
        )
    if attention < feed_forward:
        return Finding.fails(f"attention has {attention} weights, the feed-forward layer {feed_forward}")
    return Finding.undecided("another measure")
