"""The checks that decide the claims of ``balance/model_sizes.yaml``, one module a topic."""
