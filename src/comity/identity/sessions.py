"""Browsers that are logged in: started, read on every request in one statement, ended."""

from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from django.db import connection

from comity.identity import secrets
from comity.identity.models import Session, User
from comity.kernel import stamps
from comity.kernel.clock import now
from comity.kernel.errors import Busy
from comity.kernel.models import Stamp
from comity.kernel.transaction import write_transaction

LIFETIME = timedelta(days=30)  # without a visit
SEEN_EVERY = timedelta(minutes=5)


class Holder(TypedDict):
    """Who stands behind a cookie or a token, and the settings stamp of the same moment."""

    id: UUID
    user_id: UUID
    see_as_id: UUID | None
    stamp: int
    scopes: NotRequired[str]  # of a token: see access.bounds


def start(user_id: UUID, address: str, agent: str) -> str:
    """Log a browser in; returns the value of its cookie, which is kept nowhere else."""
    secret = secrets.new()
    moment = now()
    with write_transaction():
        Session.objects.filter(expires_at__lte=moment).delete()
        Session.objects.create(
            key_hash=secrets.digest(secret), user_id=user_id, address=address[:45], agent=agent[:200],
            created_at=moment, seen_at=moment, expires_at=moment + LIFETIME,
        )  # fmt: skip
    return secret


def read(cookie: str) -> Holder | None:
    """Whose session a cookie is; None when there is none, it has expired or its user is switched off. One statement.

    Each visit extends the session; that is written at most every five minutes and never fails a page.
    """
    if not cookie:
        return None
    moment = now()
    row = fetch(_READ, [moment - SEEN_EVERY, stamps.SETTINGS, secrets.digest(cookie), moment])
    if row is None:
        return None
    key, user_id, see_as_id, stale, stamp = row
    if stale:
        _seen(as_uuid(key), moment)
    return {
        "id": as_uuid(key), "user_id": as_uuid(user_id), "see_as_id": as_uuid(see_as_id) if see_as_id else None,
        "stamp": stamp or 0,
    }  # fmt: skip


# By hand, because the ORM spends more on building this query than the base on answering it.
_READ = f"""
SELECT s.id, s.user_id, s.see_as_id, s.seen_at < %s,
       (SELECT value FROM {Stamp._meta.db_table} WHERE name = %s)
FROM {Session._meta.db_table} s JOIN {User._meta.db_table} u ON u.id = s.user_id
WHERE s.key_hash = %s AND s.expires_at > %s AND u.active
"""  # noqa: S608 - table names of ours


def fetch(sql: str, parameters: list[Any]) -> tuple[Any, ...] | None:
    """The first row of a statement written by hand; moments among the parameters in the form of the engine."""
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(sql, [adapt(one) if isinstance(one, datetime) else one for one in parameters])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def as_uuid(value: Any) -> UUID:
    """A key as the engine gives it."""
    return UUID(bytes=bytes(value)) if isinstance(value, bytes | memoryview) else value


def _seen(session_id: UUID, moment: datetime) -> None:
    try:
        with write_transaction():
            Session.objects.filter(pk=session_id).update(seen_at=moment, expires_at=moment + LIFETIME)
    except Busy:
        return  # the next visit writes it


def listing(user_id: UUID) -> list[Session]:
    """A user's living sessions, the latest visit first."""
    return list(Session.objects.filter(user_id=user_id, expires_at__gt=now()).order_by("-seen_at", "-id"))


def end(session_id: UUID) -> bool:
    """Log one browser out; False when it already was."""
    with write_transaction():
        return bool(Session.objects.filter(pk=session_id).delete()[0])


def end_all(user_id: UUID, but: UUID | None = None) -> int:
    """Log a user out everywhere (except in session `but`); returns how many sessions ended."""
    with write_transaction():
        held = Session.objects.filter(user_id=user_id)
        return (held.exclude(pk=but) if but else held).delete()[0]
