"""Chapter 8: what nearest-neighbor distances say of the radius of balls, and the radius of (14) at GPT-2's numbers."""
