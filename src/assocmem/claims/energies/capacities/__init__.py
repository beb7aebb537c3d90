"""The checks that decide the claims of ``energies/capacities.yaml``, one module a topic."""
