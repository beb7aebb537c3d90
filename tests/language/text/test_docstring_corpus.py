"""The offline corpus is prose, the same for the same versions, and its parts do not overlap."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import pytest

from assocmem.language.text.docstring_corpus import offline_corpus, paragraphs

DOCSTRING = """Return the sum of all elements of the array along an axis, for every kind of array.

    Parameters
    ----------
    a : array_like
        Elements to sum, which may be of any kind that can be added; the array is not changed.
    axis : int, optional

    See Also
    --------
    mean : Compute the arithmetic mean along the specified axis of an array.

    Notes
    -----

    The sum of ``a`` and :func:`~numpy.add` are described in [1]_ and in the `guide <place.html>`_ for new
    readers. It is exact for integers.

    The value is :math:`x^2` for every element of the array that was given here:

    .. math:: x^2 = x x, which is not a sentence although it ends with a full stop.

    >>> np.sum([0.5, 1.5]) # Here is the sum of the array that was given above.
    2.0
    """


def test_prose_is_kept_and_code_signatures_and_formulas_are_not() -> None:
    assert paragraphs(DOCSTRING) == [
        "Return the sum of all elements of the array along an axis, for every kind of array.",
        "Elements to sum, which may be of any kind that can be added; the array is not changed.",
        "The sum of a and numpy.add are described in and in the guide for new readers. It is exact for integers.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Too short.",
        "no capital begins this line of words, which is long enough.",
        "A line of many words that ends without a full stop and so is none",
    ],
)
def test_what_is_no_prose_is_left_out(text: str) -> None:
    assert paragraphs(text) == []


@pytest.fixture(scope="module")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSOCMEM_CACHE", str(tmp_path_factory.mktemp("cache")))
        offline_corpus.cache_clear()
        first = offline_corpus(("networkx",))
        offline_corpus.cache_clear()
        assert offline_corpus(("networkx",)) == first  # Now from the cache.
        offline_corpus.cache_clear()
    return first


def test_parts_do_not_overlap_and_no_paragraph_occurs_twice(small_corpus: object) -> None:
    train, held_out = small_corpus.train, small_corpus.held_out  # type: ignore[attr-defined]
    assert not {name for name, _ in train} & {name for name, _ in held_out}
    lines = [line for _, text in (*train, *held_out) for line in text.split("\n")]
    assert len(lines) == len(set(lines))
    assert 0.03 < len(held_out) / (len(train) + len(held_out)) < 0.25


def test_the_identity_names_versions_hash_and_words(small_corpus: object) -> None:
    identity = small_corpus.identity  # type: ignore[attr-defined]
    assert set(identity["versions"]) == {"networkx"}
    assert len(identity["sha256"]) == 64
    assert identity["words"]["train"] > 30_000
    assert identity["words"]["held_out"] > 1_000


def test_the_text_is_what_python_itself_calls_docstrings(small_corpus: object) -> None:
    spec = importlib.util.find_spec("networkx")
    assert spec is not None
    assert spec.origin is not None
    documents = dict((*small_corpus.train, *small_corpus.held_out))  # type: ignore[attr-defined]
    name = "networkx.algorithms.centrality.katz"
    tree = ast.parse((Path(spec.origin).parent / "algorithms/centrality/katz.py").read_text(encoding="utf-8"))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, kinds)]
    expected = {p for text in docstrings for p in paragraphs(text)}
    lines = documents[name].split("\n")
    assert set(lines) <= expected
    assert len(lines) > 5


def test_a_package_that_is_not_there_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        offline_corpus(("no_such_package",))
