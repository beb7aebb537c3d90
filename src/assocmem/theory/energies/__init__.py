"""Chapter 2: energies of associative memory, their landscapes and capacities."""
