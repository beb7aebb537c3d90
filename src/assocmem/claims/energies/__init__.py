"""Chapter 2: energies, landscapes, capacities."""
