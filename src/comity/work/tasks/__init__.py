"""Tasks of every kind: something one colleague is to do by a moment, on any card or on none."""
