"""Pictures of chapter 2."""
