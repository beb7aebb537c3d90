"""Chapter 5: cross-entropy and reported losses."""
