"""Webhooks: events sent to other programs, signed after Standard Webhooks, with the rights of their owner."""
