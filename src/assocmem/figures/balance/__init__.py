"""Pictures of chapter 7."""
