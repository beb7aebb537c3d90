"""Chapter 3: retrieval, storage, attention as one retrieval step."""
