"""The checks that decide the claims of ``cross_entropy/reported_losses.yaml``, one module a topic."""
