"""Actors, roles, scopes, visible(), readable_fields(), shares: who may see and do what."""
