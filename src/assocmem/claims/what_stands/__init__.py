"""Chapter 11: what stands of the paper's own summary."""
