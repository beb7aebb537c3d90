"""The docstring rules: each planted fault is named, and what numpydoc and docutils accept passes."""

from __future__ import annotations

import ast
import textwrap

import pytest

import lint_docstrings


def faults(code: str) -> list[str]:
    """All faults of a module's source."""
    module = ast.parse(textwrap.dedent(code))
    return [
        f"{item.name}: {fault}"
        for item in lint_docstrings.documented(module, "m")
        for fault in lint_docstrings.faults_of(item)
    ]


GOOD = '''
"""A module: of ``|x|`` and :func:`math.sqrt`."""

SIZE = 3
"""What counts: ``a_`` of them."""

class Box:
    """A box.

    Attributes
    ----------
    width, height : float
        Sizes.

    Raises
    ------
    ValueError
        For no width.
    """

    width: float
    height: float

    def __post_init__(self):
        if not self.width:
            raise ValueError("width")

    @property
    def area(self):
        """The area: width times height.

        Raises
        ------
        ArithmeticError
            If it overflows.
        """
        raise ArithmeticError

def f(x, *rest, flag=False, **more):
    """Do.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        The input.
    *rest : int
        More.
    flag : bool, default False
        A switch.
    **more
        Passed on.

    Returns
    -------
    tuple[int, str] or None
        What comes out.

    Raises
    ------
    OSError, m.OwnError
        For any reason.
    """
    def inner():
        raise KeyError
    try:
        raise OwnError("x")
    except OwnError as error:
        raise OSError from error
    raise

def _private(x):
    """|x| is private.

    Parameters
    ----------
    y : the old dialect.
    """
    raise ValueError
'''


def test_what_is_right_passes() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("``|x|``", "|x - y|^2", "m: Inline substitution_reference"),
        ("of ``|x|``", "of ``|x|", "m: Inline literal"),
        ("of ``|x|``", "of x_", "m: Unknown target name"),
        ("of ``|x|``", "of `x`", "m: `x` in single backticks"),
        ("of ``|x|``", r"of \\beta", "m: a backslash"),
        (":func:`math.sqrt`", ":func:`math.squirt`", "m: :func:`math.squirt` leads nowhere"),
        ("``|x|``", "``assocmem.theory.nowhere``", "m: ``assocmem.theory.nowhere`` leads nowhere"),
        ("``a_``", "a_", "m.SIZE: Unknown target name"),
        ("width, height : float\n        Sizes.", "width, depth : float\n        Sizes.", "m.Box: Attributes: 'depth'"),
        ("ValueError\n        For no", "TypeError\n        For no", "m.Box: raises ValueError"),
        ("ArithmeticError\n            If", "OSError\n            If", "m.Box.area: raises ArithmeticError"),
        ("width times height.", "|width| times height.", "m.Box.area: Undefined substitution"),
        ('x : Float[Tensor, "m n"]\n        The input.', "x : the input.", "m.f: Parameters: 'x : the input.'"),
        ('x : Float[Tensor, "m n"]', "x : of shape, m n", "m.f: Parameters: 'x : of shape, m n' is no"),
        ('x : Float[Tensor, "m n"]', 'z : Float[Tensor, "m n"]', "m.f: Parameters: 'z' is not in the code"),
        ("tuple[int, str] or None\n        What", "What", "m.f: Returns: 'What comes out.' is no"),
        ("OSError, m.OwnError\n        For", "OSError : for\n        For", "m.f: Raises: 'OSError : for' is no"),
        ("OSError, m.OwnError", "OSError", "m.f: raises OwnError, which no Raises section names"),
        ("OSError, m.OwnError", "m.OwnError", "m.f: raises OSError, which no Raises section names"),
        ("Do.\n", "Do:\n      - one\n    two\n", "m.f: "),
        ("_private", "private", "m.private: raises ValueError"),
    ],
)
def test_each_fault_is_named(right: str, wrong: str, message: str) -> None:
    assert right in GOOD
    named = faults(GOOD.replace(right, wrong))
    assert any(fault.startswith(message) for fault in named), named


def test_private_files_are_skipped_and_places_are_named(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "assocmem"
    (package / "_hidden").mkdir(parents=True)
    (package / "_hidden" / "a.py").write_text('"""|x| is hidden."""\n', encoding="utf-8")
    (package / "b.py").write_text('"""Fine."""\n\ndef f():\n    """|x| is not."""\n', encoding="utf-8")
    monkeypatch.setattr(lint_docstrings, "PACKAGE", package)
    (fault,) = {text.split(": ", 2)[1] for text in lint_docstrings.lint([package])}
    assert fault == "assocmem.b.f"
    assert lint_docstrings.lint([package / "b.py"])[0].startswith(f"{package / 'b.py'}:3: ")
