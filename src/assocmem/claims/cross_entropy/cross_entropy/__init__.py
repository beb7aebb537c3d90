"""The checks that decide the claims of ``cross_entropy/cross_entropy.yaml``, one module a topic."""
