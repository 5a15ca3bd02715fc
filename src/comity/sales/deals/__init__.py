"""Deals: what may be sold to a client, on its way along the stages of a pipeline."""
