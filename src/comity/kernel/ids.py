"""Keys of records: UUIDv7, ordered by creation, unguessable enough for addresses."""

from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562)."""
    return _uuid7()
