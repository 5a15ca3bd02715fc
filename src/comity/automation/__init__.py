"""Triggers, rules and business processes: one engine."""
