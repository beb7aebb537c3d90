"""Pictures of chapter 3."""
