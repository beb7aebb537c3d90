"""What the guides of part Extend build, as an extender would write it: a page with a claim, distances, a model."""

import assocmem.language  # noqa: F401  # Before transformers: it keeps tqdm quiet in a notebook without widgets.
