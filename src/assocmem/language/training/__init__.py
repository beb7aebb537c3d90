"""Training with the transformers Trainer: plan, run folder, throughput."""
