"""Settings: for me, and for the company."""
