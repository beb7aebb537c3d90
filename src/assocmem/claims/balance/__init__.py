"""Chapter 7: model size against data size."""
