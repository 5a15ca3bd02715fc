"""Consents: to what a person has agreed, since when, and how one knows."""
