"""The checks that decide the claims of ``logsumexp/logsumexp.yaml``, one module a topic."""
