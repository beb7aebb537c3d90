"""Pictures of chapter 9."""
