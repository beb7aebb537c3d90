"""Chapter 6: the partition function of balls, volumes, Stirling."""
