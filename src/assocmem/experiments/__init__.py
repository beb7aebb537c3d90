"""What is measured: runs and benchmarks write records, and the book reads nothing but records."""

from __future__ import annotations

from assocmem.experiments.records import Record, read, write

__all__ = ["Record", "read", "write"]
