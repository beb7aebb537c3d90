"""Drawing: plain data in, a figure out; nothing here knows the ledger or decides anything."""

from __future__ import annotations

from assocmem.figures.interactive import Interactive, show

__all__ = ["Interactive", "show"]
