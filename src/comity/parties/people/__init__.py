"""People: those we talk to."""
