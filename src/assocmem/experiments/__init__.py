"""What is measured: runs and benchmarks write records, and the book reads nothing but records."""

from __future__ import annotations

from assocmem.experiments.records import Record, published, read, write

__all__ = ["Record", "published", "read", "write"]
