"""Inbound and outbound conversations; adapters for mail, calls, forms, chats."""
