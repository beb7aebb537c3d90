"""The checks that decide the claims of ``size_grid/size_grid.yaml``, one module a topic."""
