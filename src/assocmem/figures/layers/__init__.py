"""Pictures of chapter 4."""
