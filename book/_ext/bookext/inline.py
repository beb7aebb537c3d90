"""Words in a line that are computed: a verdict as a badge, a number from the ledger or from a record."""

from __future__ import annotations

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxRole

from assocmem.claims.verdicts import VERDICTS
from assocmem.claims.views.numbers import UnknownNumberError, number
from bookext.parts import badge


class VerdictRole(SphinxRole):
    """A verdict as a badge."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        if self.text not in VERDICTS:
            raise ExtensionError(f"verdict {self.text!r} is none of the ledger's: {', '.join(VERDICTS)}")
        return [badge(self.text)], []


class NumberRole(SphinxRole):
    """A number, or a phrase around one, that is computed when the book is built."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        try:
            return [nodes.Text(number(self.text))], []
        except UnknownNumberError as error:
            raise ExtensionError(str(error)) from None
