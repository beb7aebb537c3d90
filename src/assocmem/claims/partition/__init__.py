"""Chapter 6: the partition function and volumes."""
