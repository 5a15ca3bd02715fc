"""Clients given to other colleagues, with what belongs to them."""
