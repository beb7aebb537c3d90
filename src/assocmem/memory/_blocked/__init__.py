"""The engine for any distance but the squared one: distances are formed in blocks, never m x d of them at once."""
