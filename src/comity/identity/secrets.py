"""Random secrets that a browser or a program holds; the base keeps their hash only."""

import hashlib
import secrets as source

BYTES = 32


def new() -> str:
    """A fresh secret of 32 random bytes, safe in cookies and addresses."""
    return source.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """What is kept of it. No salt and no slow hash: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()
