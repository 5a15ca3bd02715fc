"""Column types that both engines store alike."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import models

from comity.kernel.ids import new_id


@lru_cache(maxsize=16384)
def key_of(value: bytes) -> UUID:
    """The UUID of its 16 bytes. A page meets the same key several times, and making one is slow."""
    return UUID(bytes=value)


def moment_of(text: bytes) -> datetime:
    """The moment of a column of SQLite's, which keeps it as text in UTC."""
    return datetime.fromisoformat(text.decode() + "+00:00")


# Django's fields take no type arguments when the program runs.
class KeyField(models.UUIDField):  # type: ignore[type-arg]
    """A UUID: 16-byte blob on SQLite (Django would take 32 characters), native on PostgreSQL."""

    def get_internal_type(self) -> str:
        return "KeyField"  # not UUIDField: Django's own char(32) converter must not touch the bytes

    def db_type(self, connection: Any) -> str:
        return "blob" if connection.vendor == "sqlite" else "uuid"

    def rel_db_type(self, connection: Any) -> str:
        return self.db_type(connection)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if type(value) is not UUID:
            value = self.to_python(value)
        if value is not None and connection.vendor == "sqlite":
            return value.bytes
        return value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> UUID | None:
        return key_of(value) if isinstance(value, bytes) else value


def key_field() -> KeyField:
    """The primary key every record has."""
    return KeyField(primary_key=True, default=new_id, editable=False)


class FoldField(models.TextField):  # type: ignore[type-arg]
    """The casefolded twin of a text (see kernel.text.fold): compared byte by byte on both engines."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", "")
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        params = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            params["collation"] = "C"
        return params


class SortKeyField(models.BinaryField):  # type: ignore[type-arg]
    """A Unicode collation key (see kernel.text.sort_key), so order and keyset agree on both engines."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", b"")
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return bytes(value) if value is not None else None


class MoneyField(models.BigIntegerField):  # type: ignore[type-arg]
    """An amount in whole 1/10,000ths; its currency stands in the `<name>_currency` column beside it."""
