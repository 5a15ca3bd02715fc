"""Segments, campaigns, loyalty."""
