"""The checks that decide the claims of ``balance/table_three.yaml``, one module a topic."""
