"""Chapter 10: the grid of model and data sizes; statements that wait for their experiment."""
