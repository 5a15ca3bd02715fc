"""Quotes, invoices, payments, documents."""
