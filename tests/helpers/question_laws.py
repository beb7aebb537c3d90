"""A second route to the law of question grammars: one rule a line, expanded into all strings without any thought."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import product

from flint import arb
from hypothesis import strategies as st

from assocmem.language.questions.grammar import (
    Grammar,
    Pattern,
)
from assocmem.theory.exact.certified import to_arb

F = Fraction


Sentence = tuple[str, ...]


Law = dict[Sentence, Fraction]


TINY = Grammar(
    determiners=("a",),
    nouns=(("cat",), ("cats",)),
    auxiliaries=(("does", "doesn't"), ("do", "don't")),
    intransitive=("nap",),
    transitive=("see",),
    prepositions=("by",),
    relatives=("who",),
    subject=(F(1, 2), F(1, 5), F(1, 10), F(1, 20), F(3, 20)),
    object=(F(1, 3), F(1, 6), F(1, 4), F(1, 8), F(1, 16), F(1, 16)),
)


def rules(g: Grammar) -> dict[str, list[tuple[Fraction, tuple[str, ...]]]]:
    """Weighted rules; a symbol without any is a word. _s and _p mark the number."""
    expansions: dict[str, list[tuple[Fraction, tuple[str, ...]]]] = {}
    number = {"s": 1 - g.plural, "p": g.plural}

    def words(symbol: str, class_: tuple[str, ...]) -> None:
        expansions[symbol] = [(F(1, len(class_)), (word,)) for word in class_]

    words("DET", g.determiners)
    words("VI", g.intransitive)
    words("VT", g.transitive)
    words("PREP", g.prepositions)
    words("REL", g.relatives)
    for k, n in enumerate("sp"):
        words(f"N_{n}", g.nouns[k])
        words(f"AUX_{n}", g.auxiliaries[k])
        agreeing = ("REL", f"AUX_{n}")
        tails = [(), ("PREP", "DET", "N"), (*agreeing, "VI"), (*agreeing, "VT", "DET", "N"), ("REL", "OBJREL")]
        for role, weights in (("SUBJ", g.subject), ("OBJ", g.object[1:])):
            total = sum(weights)
            if total:
                rows = zip(weights, tails, strict=True)
                expansions[f"{role}_{n}"] = [(w / total, ("DET", f"N_{n}", *tail)) for w, tail in rows]
        expansions[f"CLAUSE_{n}"] = [(F(1), (f"SUBJ_{n}", f"AUX_{n}", "VP"))]
    expansions["N"] = [(p, (f"N_{n}",)) for n, p in number.items()]
    expansions["OBJREL"] = [(p, ("DET", f"N_{n}", f"AUX_{n}", "VT")) for n, p in number.items()]
    expansions["S"] = [(p, (f"CLAUSE_{n}",)) for n, p in number.items()]
    with_object = [((1 - g.object[0]) * p, ("VT", f"OBJ_{n}")) for n, p in number.items() if g.object[0] < 1]
    expansions["VP"] = [(g.object[0], ("VI",)), *with_object]
    return expansions


def expand(symbol: str, g: dict[str, list[tuple[Fraction, tuple[str, ...]]]], known: dict[str, Law]) -> Law:
    """All strings of a symbol with their probabilities, added up over derivations."""
    if symbol not in g:
        return {(symbol,): F(1)}
    if symbol not in known:
        law: Law = {}
        for weight, parts in g[symbol]:
            for choice in product(*(expand(part, g, known).items() for part in parts)):
                text = tuple(word for piece, _ in choice for word in piece)
                chance = weight * math.prod((p for _, p in choice), start=F(1))
                if chance:
                    law[text] = law.get(text, F(0)) + chance
        known[symbol] = law
    return known[symbol]


def line_law(g: Grammar) -> Law:
    """Probability of each sentence and task; a question goes if the third word of its sentence is a relative."""
    law = {}
    for text, p in expand("S", rules(g), {}).items():
        for task, share in (("decl", 1 - g.quest), ("quest", g.quest)):
            hidden = g.withheld and task == "quest" and text[2] in g.relatives
            if p * share and not hidden:
                law[(*text, ".", task)] = p * share
    total = sum(law.values())
    return {line: p / total for line, p in law.items()}


def entropy(law: Iterable[Fraction]) -> arb:
    return -sum((n * to_arb(p) * to_arb(p).log() for p, n in Counter(law).items()), arb(0))


def same(a: arb, b: arb) -> bool:
    """The balls meet, and are so small that this means something."""
    return bool(a.overlaps(b)) and float(a.rad()) < 1e-30 and float(b.rad()) < 1e-30


weight = st.integers(0, 4)


@st.composite
def grammars(draw: st.DrawFn) -> Grammar:
    """Small random grammars: one or two words a class, uneven weights, zeros among them."""
    sizes = draw(st.lists(st.integers(1, 2), min_size=4, max_size=4).filter(lambda row: sum(row) <= 5))
    subject, object_ = (draw(st.lists(weight, min_size=n, max_size=n).filter(any)) for n in (5, 6))
    plural = draw(st.sampled_from([F(1, 2), F(1, 3), F(0), F(1)]))
    quest = draw(st.sampled_from([F(1, 2), F(1, 5), F(0), F(1)]))
    withheld = draw(st.booleans()) and (any(subject[:2]) or quest < 1)
    return replace(
        TINY,
        intransitive=("nap", "nod")[: sizes[0]],
        prepositions=("by", "at")[: sizes[1]],
        relatives=("who", "that")[: sizes[2]],
        nouns=(("cat", "dog")[: sizes[3]], ("cats",)),
        subject=tuple(F(w, sum(subject)) for w in subject),
        object=tuple(F(w, sum(object_)) for w in object_),
        plural=plural,
        quest=quest,
        withheld=withheld,
        copies=draw(st.integers(0, 3)),
    )


def pattern_law(rows: Iterable[Pattern]) -> Law:
    """Every line of the patterns, added up where two of them held the same one."""
    law: Law = {}
    for row in rows:
        for k in range(row.count):
            line = (*row.sentence(k), ".", row.task)
            law[line] = law.get(line, F(0)) + row.weight / row.count
    return law
