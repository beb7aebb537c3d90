"""Chapter 8: the radius of a pattern in GPT-2; statements that wait for their experiment."""
