"""Two-way exchange with a named outside system."""
