"""Chapter 11: the small theories behind the paper's own summary."""
