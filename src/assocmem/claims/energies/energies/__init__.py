"""The checks that decide the claims of ``energies/energies.yaml``, one module a topic."""
