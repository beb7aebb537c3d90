"""The checks that decide the claims of ``radius/radius.yaml``, one module a topic."""
