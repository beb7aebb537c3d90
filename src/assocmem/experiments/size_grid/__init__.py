"""Chapter 10's experiment: models and data of many sizes under the paper's rule, and what exponent that gives."""
