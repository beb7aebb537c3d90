"""The checks that decide the claims of ``what_stands/what_stands.yaml``, one module a topic."""
