"""Today: what is late, what is due, what has no next step, what is new; each line is done where it stands."""
