"""What can be read off the ledger: where a claim stands, which errors are roots, what another distance does."""
