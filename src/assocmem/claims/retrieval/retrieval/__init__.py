"""The checks that decide the claims of ``retrieval/retrieval.yaml``, one module a topic."""
