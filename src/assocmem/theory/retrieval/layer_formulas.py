"""The printed formulas of a Transformer block, by their shapes and on small exact matrices.

Rows are tokens: Q is (T, d_k), K is (T', d_k), V is (T', d_v), so softmax(QK'/sqrt(d_k)) by rows is (T, T') and stands
to the left of V. The output has T rows, each a weighted mean of the rows of V.
"""

from __future__ import annotations

import sympy as sp

Shape = tuple[int, int]


def product_shape(first: Shape, second: Shape) -> Shape | None:
    """Shape of a matrix product, or None when the factors do not conform."""
    return (first[0], second[1]) if first[1] == second[0] else None


def softmax_rows(scores: sp.Matrix) -> sp.Matrix:
    """Softmax of each row, exact."""
    terms = scores.applyfunc(sp.exp)
    return sp.Matrix(scores.rows, scores.cols, lambda i, j: terms[i, j] / sum(terms[i, :]))


def weights(q: sp.Matrix, k: sp.Matrix) -> sp.Matrix:
    """softmax_rows(Q K' / sqrt(d_k))."""
    return softmax_rows(q * k.T / sp.sqrt(q.cols))


def example() -> tuple[sp.Matrix, sp.Matrix]:
    """Weights with rows (1/4, 3/4), (1/2, 1/2) from logits log 3, and values with a single 1: shapes that conform.

    With T = T' = d_v = 2 and d_k = 1 both orders of the product exist.
    """
    q, k = sp.Matrix([[1], [0]]), sp.Matrix([[0], [sp.log(3)]])
    return sp.simplify(weights(q, k)), sp.Matrix([[1, 0], [0, 0]])


def transposed_residual() -> sp.Matrix:
    """(softmax_rows(S) V)' - V' softmax_columns(S') for symbols, T = 2, T' = 3, d_v = 2; 0 in every entry."""
    scores = sp.Matrix(2, 3, sp.symbols("s1:7", real=True))
    values = sp.Matrix(3, 2, sp.symbols("v1:7", real=True))
    terms = scores.T.applyfunc(sp.exp)
    columns = sp.Matrix(3, 2, lambda i, j: terms[i, j] / sum(terms[:, j]))
    return (softmax_rows(scores) * values).T - values.T * columns


def row_sums_residual() -> sp.Matrix:
    """Row sums of softmax_rows minus 1, for symbols; 0 in every entry, and the entries are positive."""
    scores = sp.Matrix(2, 3, sp.symbols("s1:7", real=True))
    return (softmax_rows(scores) * sp.ones(3, 1) - sp.ones(2, 1)).applyfunc(sp.simplify)


def column_order() -> tuple[sp.Matrix, sp.Matrix]:
    """(1 1) times the weights of ``example``, and (1 1): equal values that do not come back with columns as tokens.

    Values with columns as tokens are (d_v, T'); times softmax by rows, (T, T') with T = T', the sum runs over queries.
    """
    ones = sp.ones(1, 2)
    return ones * example()[0], ones


def relu(matrix: sp.Matrix) -> sp.Matrix:
    """max(0, entry)."""
    return matrix.applyfunc(lambda v: sp.Max(0, v))


def feed_forward(x: sp.Matrix, keys: sp.Matrix, values: sp.Matrix) -> sp.Matrix:
    """f(x K') V with f = ReLU."""
    return relu(x * keys.T) * values


def biased_residual() -> sp.Matrix:
    """ReLU(x K' + b) V + c minus ReLU of the augmented (x, 1) with one more unit that is always 1; exact numbers."""
    x, keys, b = sp.Matrix([[2, -1]]), sp.Matrix([[1, 0], [3, 1], [-1, 2]]), sp.Matrix([[1, -7, 5]])
    values, c = sp.Matrix([[1, 2], [0, 1], [3, -1]]), sp.Matrix([[4, -2]])
    plain = relu(x * keys.T + b) * values + c
    wide_keys = keys.row_join(b.T).col_join(sp.Matrix([[0, 0, 1]]))
    return plain - feed_forward(x.row_join(sp.ones(1, 1)), wide_keys, values.col_join(c))


def coordinates(tokens: sp.Expr | int, width: sp.Expr | int) -> sp.Expr | int:
    """How many coordinates the embedded tokens have together."""
    return tokens * width


def side_by_side(heads: int, columns: int) -> int:
    """Columns of the outputs of several heads, one beside the other."""
    return int(sp.Matrix.hstack(*[sp.zeros(1, columns) for _ in range(heads)]).cols)


def positive_sum_stays() -> bool:
    """Whether a weighted mean P/S of positive numbers stays positive with one more term: (P + t v)/(S + t)."""
    total, terms, term, value = sp.symbols("P S t v", positive=True)
    return bool(((total + term * value) / (terms + term)).is_positive)


def mean_stays_below(excess: int = 0) -> bool:
    """Whether a weighted mean of values of at most M stays so with one more value: M - ((S M - a) + t (M - b))/(S + t).

    a, b >= 0 are what the sum so far, and the new value, leave; the new value is at most M + excess.
    """
    bound, terms, term = sp.symbols("M S t", positive=True)
    left, more = sp.symbols("a b", nonnegative=True)
    gap = bound - ((terms * bound - left) + term * (bound + excess - more)) / (terms + term)
    return bool(sp.factor(gap).is_nonnegative)


def largest_output(clipped: bool) -> sp.Expr:
    """The limit of the layer max(0, x), or of its output cut off at 1, as x grows."""
    x = sp.Symbol("x", positive=True)
    value = feed_forward(sp.Matrix([[x]]), sp.ones(1, 1), sp.ones(1, 1))[0]
    return sp.Min(1, sp.limit(value, x, sp.oo)) if clipped else sp.limit(value, x, sp.oo)


def far_token_gap() -> sp.Expr:
    """How far attention with zero queries over t tokens moves when the first, outside of any window, grows by 1."""
    rest, first, length = sp.symbols("R a t", positive=True)
    return sp.simplify((rest + first + 1) / length - (rest + first) / length)


def uniform_attention(sequence: tuple[int, ...]) -> sp.Rational:
    """Attention with zero queries over all earlier tokens: their mean value, exact."""
    return sp.Rational(sum(sequence), len(sequence))


def prefix_information(sequences: tuple[str, ...], length: int) -> sp.Expr:
    """Mutual information, in nats, of a uniformly drawn sequence and its prefix: the entropy of the prefix."""
    counts: dict[str, int] = {}
    for text in sequences:
        counts[text[:length]] = counts.get(text[:length], 0) + 1
    total = len(sequences)
    return sp.simplify(sum(sp.Rational(c, total) * sp.log(sp.Rational(total, c)) for c in counts.values()))


def refinement_gain(gain: sp.Expr | None = None) -> bool:
    """Splitting a group of probability p + q gains p log(1+q/p) + q log(1+p/q) > 0 of entropy.

    Another ``gain``, an expression in the positive symbols p and q, is compared with the entropies instead.
    """
    p, q = sp.symbols("p q", positive=True)
    whole = -(p + q) * sp.log(p + q)
    parts = -p * sp.log(p) - q * sp.log(q)
    stated = p * sp.log(1 + q / p) + q * sp.log(1 + p / q) if gain is None else gain
    joined = stated.replace(sp.log, lambda v: sp.log(sp.together(v)))
    rest = sp.expand(sp.expand_log(parts - whole - joined, force=True))
    return bool(sp.simplify(rest) == 0 and stated.is_positive)
