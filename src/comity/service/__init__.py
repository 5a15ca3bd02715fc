"""Tickets, SLA, warranty, knowledge base."""
