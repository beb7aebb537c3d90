"""assocmem: the code behind the executable book on transformers as associative memories.

The packages, each importing only from those named before it: ``memory`` (torch: energies, neighbors, retrieval),
``theory`` (exact mathematics), ``language`` (text, models, training), ``experiments`` (runs and their records),
``figures``, ``claims`` (the ledger) and ``cli`` (the command). In ``theory``, ``figures`` and ``claims`` a chapter is a
folder. ``settings`` stands below all of them.
Nothing is imported here, so that ``import assocmem`` stays instant.
"""

from __future__ import annotations

__version__ = "0.1.0"
