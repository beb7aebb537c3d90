"""Chapter 9: the theory at the numbers of the Question-Formation experiment."""
