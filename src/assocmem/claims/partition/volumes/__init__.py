"""The checks that decide the claims of ``partition/volumes.yaml``, one module a topic."""
