"""Causal language models: where they come from, the book's own, and a look into their attention."""
