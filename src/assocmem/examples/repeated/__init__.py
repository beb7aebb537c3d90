"""The invented chapter of the guide that adds a claim: what it states, and how it is checked."""
