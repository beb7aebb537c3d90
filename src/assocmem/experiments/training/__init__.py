"""Training a model on one's own text."""
