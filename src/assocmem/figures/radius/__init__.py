"""Pictures of chapter 8."""
