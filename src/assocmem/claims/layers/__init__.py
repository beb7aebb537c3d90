"""Chapter 4: layers and majorization-minimization."""
