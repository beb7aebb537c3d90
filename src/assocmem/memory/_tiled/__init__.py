"""The engine behind the public faces of the room: one tiled pass over the patterns, exact where it matters."""
