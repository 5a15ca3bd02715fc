"""Leads: inquiries of whom we do not know yet whether they will become clients."""
