"""Chapter 10: what the printed configurations, sizes and steps of the model grid say without a run."""
