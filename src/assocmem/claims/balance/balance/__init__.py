"""The checks that decide the claims of ``balance/balance.yaml``, one module a topic."""
