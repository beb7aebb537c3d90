"""The exact entropy of the lines that a question grammar makes: the least loss that a language model can have on them.

Where no line belongs to two patterns, each of the c_k lines of pattern k has probability w_k/c_k, w_k being the weight
of the pattern, and the entropy of the line is H(w) + sum_k w_k log c_k. That no line belongs to two is checked first,
by reading the patterns from left to right; the same reading gives the entropy of each next token (the chain rule).
The target is a function of what stands before it and adds nothing. All logarithms are natural. EOS is the end of a
line.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from flint import arb
from scipy.optimize import brentq

from assocmem.language.questions.grammar import FULL_STOP, Grammar, Pattern, Words, pattern_of, patterns
from assocmem.language.questions.pairs import Pair
from assocmem.theory.exact.certified import precision, to_arb

__all__ = [
    "Floor",
    "Repetition",
    "chain_rule",
    "entropy_floor",
    "expected_tokens",
    "line_tokens",
    "memorization_floor",
    "surprisal",
    "training_floor",
    "unseen_floor",
]

BITS = 192


@dataclass(frozen=True)
class Floor:
    """Certified entropies of a line, which add up to that of the line, and its expected length.

    Attributes
    ----------
    structure : arb
        Nats per line for which pattern it is, apart from its task (kinds and numbers).
    task : arb
        Nats per line for decl or quest, where the sentence is known.
    words : arb
        Nats per line for which line of the pattern it is.
    tokens : Fraction
        The exact expected number of tokens of a line, EOS not among them.
    """

    structure: arb
    task: arb
    words: arb
    tokens: Fraction

    @property
    def line(self) -> arb:
        """Nats per line."""
        with precision(BITS):
            return self.structure + self.task + self.words

    def per_token(self, *, eos: bool = True) -> arb:
        """Nats per predicted token, all tokens of a long corpus weighed alike.

        The token after the start is predicted, the start itself is not.

        Parameters
        ----------
        eos : bool
            Whether the end of a line is predicted.

        Returns
        -------
        arb
            Certified.
        """
        with precision(BITS):
            return self.line / to_arb(self.tokens + eos)


def entropy_floor(grammar: Grammar, rows: Sequence[Pattern] | None = None) -> Floor:
    """The floor of independent lines from a grammar.

    Parameters
    ----------
    grammar : Grammar
        Whose patterns and copies count.
    rows : sequence of Pattern or None
        Other patterns with weights that add up to 1, such as those for generalization; by default the law of train,
        dev and test.

    Returns
    -------
    Floor
        Certified.

    Raises
    ------
    ValueError
        Where some line may belong to two of the patterns, and for weights that are no law.
    """
    rows = patterns(grammar) if rows is None else rows
    _check_rows(rows)
    shapes: dict[tuple[Words, ...], Fraction] = defaultdict(Fraction)
    for row in rows:
        shapes[row.slots] += row.weight
    with precision(BITS):
        structure = _entropy(shapes.values())
        return Floor(
            structure=structure,
            task=_entropy(row.weight for row in rows) - structure,
            words=sum((to_arb(row.weight) * arb(row.count).log() for row in rows), arb(0)),
            tokens=expected_tokens(rows, grammar.copies),
        )


def line_tokens(words: int, copies: int) -> int:
    """Tokens of a line: the words of its sentence, two marks, and each copy with its mark; EOS is not counted."""
    return words + 2 + copies * (words + 1)


def expected_tokens(rows: Iterable[Pattern], copies: int) -> Fraction:
    """Expected number of tokens of a line, exact, without EOS."""
    return sum((row.weight * line_tokens(len(row.slots), copies) for row in rows), Fraction(0))


def memorization_floor(lines: int, tokens: Fraction | float, *, eos: bool = True) -> float:
    """Least loss per token on training lines that are known by heart.

    All that is left is which line comes next, ``log(lines)`` nats.

    Parameters
    ----------
    lines : int
        How many different ones there are.
    tokens : Fraction or float
        Of a line on average, EOS not counted.
    eos : bool
        Whether the end of a line is predicted.

    Returns
    -------
    float
        Nats per predicted token.

    Raises
    ------
    ValueError
        For lines < 1 and tokens <= 0.
    """
    if lines < 1:
        raise ValueError(f"lines must be at least 1, got {lines}")
    if not tokens > 0:
        raise ValueError(f"tokens must be positive, got {tokens}")
    return math.log(lines) / float(tokens + eos)


def chain_rule(grammar: Grammar, rows: Sequence[Pattern] | None = None) -> list[arb]:
    """Expected entropy of each token up to the task where all before it is known; lines that have ended count 0.

    Parameters
    ----------
    grammar : Grammar
        Whose patterns count.
    rows : sequence of Pattern or None
        Other patterns, as for :func:`~assocmem.language.questions.entropy.entropy_floor`.

    Returns
    -------
    list of arb
        Nats of token 0, 1, ...; their sum is the entropy of the line.

    Raises
    ------
    ValueError
        As :func:`~assocmem.language.questions.entropy.entropy_floor`.
    """
    rows = patterns(grammar) if rows is None else rows
    _check_rows(rows)
    longest = max(len(row.slots) for row in rows) + 2
    with precision(BITS):
        by_place = [arb(0)] * longest
        for place, reach, branches in _reading(rows):
            local = _entropy(chance / reach for chance in branches.values())
            local += sum((to_arb(chance / reach) * arb(len(slot)).log() for slot, chance in branches.items()), arb(0))
            by_place[place] += to_arb(reach) * local
    return by_place


def surprisal(grammar: Grammar, pair: Pair) -> float:
    """The negative logarithm of the probability of a line.

    Parameters
    ----------
    grammar : Grammar
        Whose law counts.
    pair : Pair
        The line.

    Returns
    -------
    float
        Nats.

    Raises
    ------
    ValueError
        For a line that the grammar does not generate.
    """
    row = pattern_of(grammar, pair.sentence, pair.task)
    return math.log(row.count) - math.log(row.weight)


@dataclass(frozen=True)
class Repetition:
    """What follows from refusing repetitions until there are ``lines`` lines, in expectation and in floats.

    Attributes
    ----------
    lines : int
        Different lines.
    draws : float
        How many lines had to be drawn.
    entropy : float
        Nats per line.
    tokens : float
        Per line, EOS not counted.
    """

    lines: int
    draws: float
    entropy: float
    tokens: float

    def per_token(self, *, eos: bool = True) -> float:
        """Nats per predicted token; the end of a line is one if ``eos``."""
        return self.entropy / (self.tokens + eos)


def training_floor(grammar: Grammar, lines: int) -> Repetition:
    """Floor on a training file of different lines for a model that does not know which ones were drawn.

    One of its lines at random, over all files that may arise, has a law Q, and no fixed model has a smaller expected
    loss than H(Q). Here ``Q(x) = (1 - exp(-t p(x)))/lines``: line x comes at the times of a Poisson process of rate
    p(x), and at time t ``lines`` different ones are expected. For a file of exactly that size this is an approximation,
    which adds too much by about one part in ``lines`` (tests: exactly for 2 and 3 lines, simulated files for 20,000).

    Parameters
    ----------
    grammar : Grammar
        Whose law lines are drawn from.
    lines : int
        Of the file.

    Returns
    -------
    Repetition
        Draws, entropy and length.

    Raises
    ------
    ValueError
        Unless 0 < lines < all lines of the language.
    """
    return _repetition(grammar, lines, lambda chance, draws: -math.expm1(-draws * chance))


def unseen_floor(grammar: Grammar, lines: int) -> Repetition:
    """Floor on a line that is none of those before it, as in dev and test: ``Q(x)`` goes as ``p(x) exp(-t p(x))``.

    The time t is as in :func:`~assocmem.language.questions.entropy.training_floor`, which says what is approximate.

    Parameters
    ----------
    grammar : Grammar
        Whose law lines are drawn from.
    lines : int
        Those before it.

    Returns
    -------
    Repetition
        Draws, entropy and length.

    Raises
    ------
    ValueError
        Unless 0 < lines < all lines of the language.
    """
    return _repetition(grammar, lines, lambda chance, draws: chance * math.exp(-draws * chance))


def _repetition(grammar: Grammar, lines: int, share: Callable[[float, float], float]) -> Repetition:
    rows = patterns(grammar)
    _check_rows(rows)
    possible = sum(row.count for row in rows)
    if not 0 < lines < possible:
        raise ValueError(f"lines must lie between 0 and the {possible} lines of the language, got {lines}")
    chances = [(row.count, float(row.weight / row.count), len(row.slots)) for row in rows]
    draws = _draws_needed(chances, lines)
    shares = [(count, share(chance, draws), words) for count, chance, words in chances]
    total = math.fsum(count * part for count, part, _ in shares)
    live = [(count * part / total, part / total, words) for count, part, words in shares if part > 0]
    return Repetition(
        lines=lines,
        draws=draws,
        entropy=math.fsum(-weight * math.log(each) for weight, each, _ in live),
        tokens=math.fsum(weight * line_tokens(words, grammar.copies) for weight, _, words in live),
    )


def _draws_needed(chances: list[tuple[int, float, int]], lines: int) -> float:
    """Draws after which ``lines`` different lines are expected."""

    def excess(draws: float) -> float:
        return math.fsum(-count * math.expm1(-draws * chance) for count, chance, _ in chances) - lines

    upper = 2.0 * lines
    while excess(upper) < 0:
        upper *= 2
    return float(brentq(excess, 0.0, upper, xtol=1e-9, rtol=1e-14))


def _entropy(law: Iterable[Fraction]) -> arb:
    return -sum((to_arb(p) * to_arb(p).log() for p in law if p), arb(0))


def _reading(rows: Sequence[Pattern]) -> Iterator[tuple[int, Fraction, dict[Words, Fraction]]]:
    """Each state of a reader of the patterns: its place, the probability to be there, and that of each slot to come."""
    for place, group in _states(rows):
        branches: dict[Words, Fraction] = defaultdict(Fraction)
        for row in group:
            branches[_slots(row)[place]] += row.weight
        yield place, sum(branches.values(), Fraction(0)), branches


@lru_cache(maxsize=64)
def _check_tuple(rows: tuple[Pattern, ...]) -> None:
    total = sum(row.weight for row in rows)
    if total != 1 or any(row.weight < 0 for row in rows):
        raise ValueError(
            f"rows must have weights of 0 or more that add up to 1, got {len(rows)} that add up to {total}"
        )
    for place, group in _states(rows):
        slots = {_slots(row)[place] for row in group}
        taken: set[str] = set()
        for slot in slots:
            repeated = sorted(taken & set(slot))
            if repeated or len(set(slot)) < len(slot):
                raise ValueError(f"ambiguous patterns: token {place} {repeated or slot} may be read in two ways")
            taken |= set(slot)


def _check_rows(rows: Sequence[Pattern]) -> None:
    """The weights are a law; after any beginning of a line, at most one slot can hold the next token, and after a
    whole line, at most one pattern is left."""
    _check_tuple(tuple(rows))


def _states(rows: Sequence[Pattern]) -> Iterator[tuple[int, list[Pattern]]]:
    """Place and patterns that agree on all slots before it, for every place but the ends.

    Raises ValueError where two patterns agree to their ends.
    """
    waiting: list[tuple[int, list[Pattern]]] = [(0, list(rows))]
    while waiting:
        place, group = waiting.pop()
        yield place, group
        after: dict[Words, list[Pattern]] = defaultdict(list)
        for row in group:
            after[_slots(row)[place]].append(row)
        for same in after.values():
            ended = [row for row in same if place + 1 == len(_slots(row))]
            if len(ended) > 1:
                raise ValueError(f"ambiguous patterns: two of them hold the same {ended[0].task!r} lines")
            if len(ended) < len(same):
                waiting.append((place + 1, same))


def _slots(row: Pattern) -> tuple[Words, ...]:
    return (*row.slots, (FULL_STOP,), (row.task,))
