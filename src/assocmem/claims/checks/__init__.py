"""The checks that decide the claims, one module a topic; importing a module registers its checks."""
