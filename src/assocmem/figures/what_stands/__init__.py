"""Pictures of chapter 11."""
