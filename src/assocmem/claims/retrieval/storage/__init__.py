"""The checks that decide the claims of ``retrieval/storage.yaml``, one module a topic."""
