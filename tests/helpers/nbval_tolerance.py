"""pytest plugin: nbval compares notebook outputs with a numeric tolerance instead of letter by letter.

Two outputs match when their text between numbers is equal and each pair of numbers agrees: integers exactly, decimals
within ATOL + RTOL * |reference|. That is smaller than any effect that the book reports and larger than what another
CPU, thread count or math library changes in float64.
Kernels start in an empty folder, so a notebook that passes runs anywhere that the package is installed.
The HTML of an interactive figure is left out where its own text/plain, which is compared, summarizes its numbers.
"""

from __future__ import annotations

import re
import tempfile
from typing import Any

import nbformat
from nbval import plugin

RTOL = 1e-5
ATOL = 1e-9
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?(?![\w])")


def same_number(reference: str, got: str) -> bool:
    """Whether two printed numbers agree: integers exactly, decimals within the tolerance."""
    if reference == got:  # Also where it is too large for a float.
        return True
    if not re.search(r"[.eE]", reference + got):
        return False
    a, b = float(reference), float(got)
    return abs(a - b) <= ATOL + RTOL * abs(a)


def same_text(reference: str, got: str) -> bool:
    """Whether two outputs agree up to the tolerance in their numbers."""
    if NUMBER.sub("#", reference) != NUMBER.sub("#", got):
        return False
    pairs = zip(NUMBER.findall(reference), NUMBER.findall(got), strict=True)
    return all(same_number(a, b) for a, b in pairs)


class _Tolerant(str):
    """A string that equals another when the two agree up to the tolerance."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and same_text(str(self), str(other))

    def __ne__(self, other: object) -> bool:
        return not self == other


_sanitize = plugin.IPyNbCell.sanitize


def _tolerant_sanitize(self: Any, text: str) -> Any:
    cleaned = _sanitize(self, text)
    return _Tolerant(cleaned) if isinstance(cleaned, str) else cleaned


plugin.IPyNbCell.sanitize = _tolerant_sanitize
_compare = plugin.IPyNbCell.compare_outputs


def without_covered_html(output: Any) -> Any:
    """The output less the HTML for which its own text speaks."""
    data = output.get("data", {})
    if "interactive-figure" not in str(data.get("text/html", "")):
        return output
    from assocmem.figures.interactive import covered

    if not covered(data):
        return output
    rest = {kind: value for kind, value in data.items() if kind != "text/html"}
    return nbformat.from_dict({**output, "data": rest})


def _compare_texts(self: Any, test: list[Any], ref: list[Any], skip_compare: Any = None) -> Any:
    return _compare(self, *([*map(without_covered_html, outs)] for outs in (test, ref)), skip_compare)


plugin.IPyNbCell.compare_outputs = _compare_texts


class _ElsewhereKernel(plugin.RunningKernel):
    """A kernel outside the repository, where no relative path leads to its files."""

    def __init__(self, kernel_name: str, cwd: str | None = None, **options: Any) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="notebook-", ignore_cleanup_errors=True)
        super().__init__(kernel_name, cwd=self.folder.name, **options)


plugin.RunningKernel = _ElsewhereKernel
