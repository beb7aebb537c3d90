"""How far attention is from a nearest-neighbor search, in models that were trained."""
