"""The grammars' words, weights and patterns, and which lines are set apart for generalization."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assocmem.language.questions.entropy import (
    entropy_floor,
)
from assocmem.language.questions.grammar import (
    MEASURED,
    PUBLISHED,
    generalization_patterns,
    resized,
    vocabulary,
)
from assocmem.theory.exact.certified import precision
from question_laws import TINY, F, Law, entropy, line_law, pattern_law, same


@pytest.mark.parametrize(("singular", "plural"), [(2, 2), (1, 2), (2, 4), (3, 1)])
def test_generalization_law_is_what_the_definition_leaves_of_all_questions(singular: int, plural: int) -> None:
    """Also where the numbers have different choices of an auxiliary, or one of them none."""
    words = ("does", "doesn't", "has")[:singular], ("do", "don't", "have", "can")[:plural]
    g = replace(TINY, auxiliaries=words, plural=F(1, 3))
    everything = line_law(replace(g, withheld=False, quest=F(1)))
    number = {word: mark for mark, class_ in zip("sp", words, strict=True) for word in class_}
    left: Law = {}
    for line, p in everything.items():
        auxiliaries = [word for word in line if word in number]
        if line[2] != "who" or line.count("who") != 1:
            continue
        first, main = auxiliaries
        if first != main and number[first] == number[main]:
            left[line] = p
    total = sum(left.values())
    assert pattern_law(generalization_patterns(g)) == {line: p / total for line, p in left.items()}
    with precision(192):
        floor = entropy_floor(g, generalization_patterns(g))
        assert same(floor.line, entropy(p / total for p in left.values()))


def test_vocabulary_is_that_of_the_task() -> None:
    words = vocabulary(MEASURED)
    assert len(words) == len(set(words)) == 68
    assert [len(c) for c in MEASURED.classes().values()] == [6, 13, 13, 2, 2, 9, 9, 8, 2]
    assert {"tyrannosauruses", "walruses", "yaks", "high_five", "decl", "?"} <= set(words)
    assert vocabulary(PUBLISHED) == words


def test_new_words_are_numbered_and_no_word_comes_twice() -> None:
    more = resized(MEASURED, 30)
    assert more.nouns[0][12:15] == ("zebra", "newt_2", "orangutan_2")
    assert more.transitive[8:10] == ("comfort", "entertain_2")
    again = resized(more, 32)
    assert again.nouns[1][:30] == more.nouns[1]
    assert len(set(vocabulary(again))) == len(vocabulary(again)) == 24 + 4 * 32
    assert resized(again, 5) == resized(MEASURED, 5)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"determiners": ()}, ValueError, "determiners must not be empty"),
        ({"determiners": ["a"]}, TypeError, "determiners must be a tuple"),
        ({"determiners": (3,)}, TypeError, "determiners must hold strings"),
        ({"determiners": ("a", "a")}, ValueError, "'a' is in determiners and again in determiners"),
        ({"transitive": ("nap",)}, ValueError, "'nap' is in intransitive and again in transitive"),
        ({"relatives": ("decl",)}, ValueError, "'decl' is in the marks"),
        ({"relatives": ("of which",)}, ValueError, "without white space"),
        ({"subject": (F(1),)}, ValueError, "subject must have 5 weights"),
        ({"subject": [F(1), 0, 0, 0, 0]}, TypeError, "subject must be a tuple"),
        ({"subject": (0.2,) * 5}, TypeError, "subject must be exact"),
        ({"object": (F(1, 5),) * 6}, ValueError, "object must add up to 1, got 6/5"),
        ({"object": (F(2), F(-1), F(0), F(0), F(0), F(0))}, ValueError, r"object must lie in \[0, 1\]"),
        ({"plural": F(3, 2)}, ValueError, "plural must lie"),
        ({"quest": 0.5}, TypeError, "quest must be exact"),
        ({"withheld": 1}, TypeError, "withheld must be a bool"),
        ({"copies": -1}, ValueError, "copies must not be negative"),
        ({"copies": True}, TypeError, "copies must be an int"),
        ({"nouns": (("cat",),)}, TypeError, "nouns must be a tuple of two"),
        ({"nouns": (("cat",), ("cats",), ("catses",))}, TypeError, "nouns must be a tuple of two"),
        ({"auxiliaries": [("does",), ("do",)]}, TypeError, "auxiliaries must be a tuple of two"),
        ({"quest": F(1), "subject": (F(0), F(0), F(1), F(0), F(0))}, ValueError, "every line would be withheld"),
    ],
)
def test_fields_of_no_grammar_are_refused(change: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        replace(TINY, **change)  # type: ignore[arg-type]
