"""People and companies, and how they hang together."""
