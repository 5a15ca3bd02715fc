"""Numbers committed events and chains them, so that nothing that follows `seq` can miss or forge one."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Subquery

from comity.records import saving
from comity.records.prepared import EVERYBODYS
from comity.timeline.models import Event

_LOCK = 0x436F6D697479  # advisory lock of the one sequencer on PostgreSQL
CHUNK = 1000
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
_COMPACT = json.JSONEncoder(separators=(",", ":"))
FEW = 10  # events of one change: written one by one sooner than the ORM has made one statement of them


def digest(salt: bytes, payload: Mapping[str, Any]) -> bytes:
    """SHA-256 of salt and canonical payload."""
    return hashlib.sha256(salt + _CANONICAL.encode(payload).encode()).digest()


def new_salt() -> bytes:
    """Sixteen random bytes."""
    return secrets.token_bytes(16)


@lru_cache(maxsize=64)  # events of one act share their actor and batch
def _words(key: UUID | None) -> str:
    return str(key or "")


def chain(before: bytes, event: Event) -> bytes:
    """The next link: the chain before, the event's header and the digest of its payload."""
    header = [
        event.seq, event.id, event.at.isoformat(), event.type, event.actor_kind, _words(event.actor_id),
        event.primary_type, str(event.primary_id), event.cause_id, _words(event.batch_id),
    ]  # fmt: skip
    return hashlib.sha256(before + _COMPACT.encode(header).encode() + bytes(event.digest)).digest()


@dataclass(frozen=True)
class _Highest:
    """The columns `names` of the event with the highest value in the first of them; `with_id`: and the highest id."""

    names: tuple[str, ...]
    with_id: bool = False

    def build(self) -> Any:
        """The query."""
        first = self.names[0]
        events = Event.objects.filter(**{f"{first}__isnull": False}).order_by(f"-{first}")
        found = events.values_list(*self.names)
        if self.with_id:
            found = found.annotate(highest=Subquery(Event.objects.order_by("-id").values("id")[:1]))
        return found[:1]


def _last() -> tuple[int, bytes]:
    found = EVERYBODYS.of(_Highest(("seq", "chain"))).rows()
    return (found[0][0], bytes(found[0][1] or b"")) if found else (0, b"")


def number_inside(event: Event) -> None:
    """SQLite: number and save an event inside the writing transaction, which holds the only write lock."""
    found = EVERYBODYS.of(_Highest(("seq", "chain"), with_id=True)).rows()
    seq, before, highest = found[0] if found else (0, b"", 0)
    event.seq = seq + 1
    event.id = event.id or highest + 1
    event.chain = chain(bytes(before or b""), event)
    saving.insert([event])


def number_many_inside(events: Sequence[Event]) -> None:
    """The same for many at once."""
    if not events:
        return
    found = EVERYBODYS.of(_Highest(("seq", "chain"), with_id=True)).rows()
    seq, before, highest = found[0] if found else (0, b"", 0)
    before = bytes(before or b"")
    for place, event in enumerate(events, 1):
        event.seq, event.id = seq + place, highest + place
        before = event.chain = chain(before, event)
    saving.insert_many(events)


def number_committed() -> int:
    """PostgreSQL: number what has been committed since, one sequencer at a time; returns how many.

    Rows of transactions still open are not visible here; they get their (higher) numbers after they commit. It does not
    wait for the disk: a number lost in a crash is given again, and whoever wrote down having seen it has brought it to
    the disk with his own words.
    """
    if connection.vendor != "postgresql":
        return 0
    numbered = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(%s), set_config('synchronous_commit', 'off', true)", [_LOCK]
            )
            if not cursor.fetchone()[0]:
                return numbered
            events = list(Event.objects.filter(seq__isnull=True).order_by("id")[:CHUNK])
            seq, before = _last()
            for event in events:
                seq += 1
                event.seq = seq
                before = event.chain = chain(before, event)
            if len(events) <= FEW:
                for event in events:
                    saving.change(event, ["seq", "chain"])
            else:
                Event.objects.bulk_update(events, ["seq", "chain"], batch_size=200)
        numbered += len(events)
        if len(events) < CHUNK:
            return numbered


def head() -> int:
    """The highest number given, 0 when nothing happened yet."""
    return _last()[0]


def broken_links(start: int = 1) -> list[int]:
    """The numbers whose chain or digest no longer fits: an empty list proves the story whole."""
    bad: list[int] = []
    previous = Event.objects.filter(seq=start - 1).values_list("chain", flat=True).first() if start > 1 else b""
    before = bytes(previous or b"")
    for event in Event.objects.filter(seq__gte=start).order_by("seq").iterator(chunk_size=CHUNK):
        intact = not event.salt or digest(bytes(event.salt), event.payload) == bytes(event.digest)
        if not intact or chain(before, event) != bytes(event.chain or b""):
            bad.append(event.seq or 0)
        before = bytes(event.chain or b"")
    return bad
