"""The checks that decide the claims of ``partition/partition.yaml``, one module a topic."""
