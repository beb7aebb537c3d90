"""Pictures of chapter 6."""
