"""The checks that decide the claims of ``layers/layers.yaml``, one module a topic."""
