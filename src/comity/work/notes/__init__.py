"""Notes: what colleagues write on a card."""
