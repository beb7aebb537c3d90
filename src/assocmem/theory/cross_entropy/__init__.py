"""Chapter 5: the cross-entropy of Proposition 4, and losses that are reported."""
