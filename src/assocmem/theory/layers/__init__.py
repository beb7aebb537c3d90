"""Chapter 4: layers as steps of majorization-minimization, and the global energy."""
