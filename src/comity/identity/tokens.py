"""Keys for programs: shown once, act with their user's rights, end with him."""

from datetime import datetime
from uuid import UUID

from comity.identity import secrets
from comity.identity.models import ApiToken, User
from comity.identity.sessions import SEEN_EVERY, Holder, as_uuid, fetch
from comity.kernel import stamps
from comity.kernel.clock import now
from comity.kernel.errors import Busy
from comity.kernel.models import Stamp
from comity.kernel.transaction import write_transaction

PREFIX = "cmt_"  # so that a leaked key is recognised for what it is


def make(user_id: UUID, name: str, expires_at: datetime | None = None, scopes: str = "") -> tuple[ApiToken, str]:
    """A new key: its row and the key itself, which is kept nowhere."""
    secret = PREFIX + secrets.new()
    with write_transaction():
        row = ApiToken.objects.create(
            key_hash=secrets.digest(secret), user_id=user_id, name=name, created_at=now(), expires_at=expires_at,
            scopes=scopes,
        )  # fmt: skip
    return row, secret


def read(secret: str) -> Holder | None:
    """Whose key it is; None when unknown, expired or its user is switched off. One statement."""
    if not secret.startswith(PREFIX):
        return None
    moment = now()
    row = fetch(_READ, [moment - SEEN_EVERY, stamps.SETTINGS, secrets.digest(secret), moment])
    if row is None:
        return None
    key, user_id, stale, stamp, scopes = row
    if stale:
        _seen(as_uuid(key), moment)
    return {"id": as_uuid(key), "user_id": as_uuid(user_id), "see_as_id": None, "stamp": stamp or 0, "scopes": scopes}


_READ = f"""
SELECT t.id, t.user_id, t.seen_at IS NULL OR t.seen_at < %s,
       (SELECT value FROM {Stamp._meta.db_table} WHERE name = %s), t.scopes
FROM {ApiToken._meta.db_table} t JOIN {User._meta.db_table} u ON u.id = t.user_id
WHERE t.key_hash = %s AND (t.expires_at IS NULL OR t.expires_at > %s) AND u.active
"""  # noqa: S608 - table names of ours


def _seen(token_id: UUID, moment: datetime) -> None:
    try:
        with write_transaction():
            ApiToken.objects.filter(pk=token_id).update(seen_at=moment)
    except Busy:
        return  # the next use writes it


def listing(user_id: UUID) -> list[ApiToken]:
    """A user's keys, the newest first."""
    return list(ApiToken.objects.filter(user_id=user_id).order_by("-id"))


def find(token_id: UUID) -> ApiToken | None:
    """A key's row."""
    return ApiToken.objects.filter(pk=token_id).first()


def end(token_id: UUID) -> bool:
    """Make a key useless; False when it is gone already."""
    with write_transaction():
        return bool(ApiToken.objects.filter(pk=token_id).delete()[0])


def end_all(user_id: UUID) -> int:
    """Make all keys of a user useless; returns how many there were."""
    with write_transaction():
        return ApiToken.objects.filter(user_id=user_id).delete()[0]
