"""What is measured: runs and benchmarks write records, and the book reads nothing but records.

The names of ``__init__.pyi`` are loaded when they are first used.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
