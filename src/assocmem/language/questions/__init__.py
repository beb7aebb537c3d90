"""Question-Formation: its grammar, exact entropy, lines and rows."""
