"""Layouts: what of a card, a list, a board's card and the menu shows, and in which order; shaped by clicks."""
