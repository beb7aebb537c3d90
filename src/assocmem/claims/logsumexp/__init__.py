"""Chapter 1: LogSumExp and softmax."""
