"""Chapter 9: the Question-Formation experiment."""
