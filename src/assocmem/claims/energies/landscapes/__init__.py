"""The checks that decide the claims of ``energies/landscapes.yaml``, one module a topic."""
