"""Chapter 3: retrieval, storage, real attention."""
