"""Text and language models: corpora, a grammar of known entropy, tokens on disk, models and a look into attention.

The names of ``__init__.pyi`` are loaded when they are first used, so that the grammar needs no transformers. Inside the
package ``text``, ``questions``, ``models`` and ``training`` stand in this order; each imports only those before it.
"""

from __future__ import annotations

import warnings

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# In a notebook without widgets tqdm warns when transformers loads it. Only the filter is set here: tqdm comes later.
warnings.filterwarnings("ignore", message="IProgress not found")
