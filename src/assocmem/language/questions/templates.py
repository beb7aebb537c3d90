"""The templates of a question grammar as arrays, from which averages and errors are computed, and the lines counted."""

from __future__ import annotations

import math

import numpy as np

from assocmem.language.questions.entropy import line_tokens
from assocmem.language.questions.facts import COUNTED
from assocmem.language.questions.grammar import KINDS, OBJECTS, Grammar, patterns
from assocmem.theory.question_formation.ratios import Templates

__all__ = ["FITTED", "LEFT_OUT", "templates", "weights_error"]

FITTED = ("first 20,000 lines of question.train", "question.dev", "question.test")
"""The files whose lines the weights of ``MEASURED`` were fitted to, by their names in ``COUNTED``."""
LEFT_OUT = (KINDS.index("plain"), OBJECTS.index("none"))
"""Subject and object of the lines that the fit leaves out, because the files use them up."""


def templates(grammar: Grammar) -> Templates:
    """Weights, nats, predicted tokens and kinds of the templates of a grammar."""
    rows = patterns(grammar)
    return Templates(
        weights=np.array([float(row.weight) for row in rows]),
        nats=np.array([math.log(row.count) - math.log(row.weight) for row in rows]),
        tokens=np.array([line_tokens(len(row.slots), grammar.copies) + 1 for row in rows], dtype=float),
        subjects=np.array([KINDS.index(row.subject) for row in rows]),
        objects=np.array([OBJECTS.index(row.object) for row in rows]),
    )


def weights_error(grammar: Grammar) -> float:
    """Standard error of the entropy per token, as if the grammar had been fitted to the lines of ``FITTED``."""
    return templates(grammar).standard_error(sum(COUNTED[name].lines for name in FITTED), LEFT_OUT)
