"""What an index is made of: rows that were read once, the checks of its queries, its file."""
