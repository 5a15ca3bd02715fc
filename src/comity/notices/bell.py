"""The bell: what a colleague is told, checked again against what he sees now; read marks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, QuerySet, Subquery
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.transaction import write_transaction
from comity.notices import kinds
from comity.notices.consumer import BATCH
from comity.notices.kinds import NoticeKind
from comity.notices.models import Notice
from comity.records.models import RecordRef
from comity.timeline.models import Event

COUNTED = 100  # unread notices looked at for the number on the bell
FRESH = 5  # seconds
KEPT = timedelta(days=180)
ROUNDS = 5


@dataclass(frozen=True)
class Item:
    """One notice as its reader sees it."""

    id: int
    kind: NoticeKind
    text: str
    at: datetime
    unread: bool


@dataclass
class Group:
    """The notices about one card, the newest first. `ref` is None for those about no card."""

    ref: RecordRef | None
    title: str
    items: list[Item] = field(default_factory=list)
    type_key: str = ""  # for a bulk act: the type of its cards
    url: str = ""  # of what is no card

    @property
    def first(self) -> bool:
        """Whether something in it should stand on top."""
        return any(item.unread and item.kind.first for item in self.items)


def _own(actor: Actor) -> QuerySet[Notice]:
    return Notice.objects.filter(user_id=actor.user_id) if actor.user_id else Notice.objects.none()


@dataclass(frozen=True)
class _Unread:
    """What his newest unread notices are about."""

    actor: Actor

    def build(self) -> Any:
        """The query."""
        rows = _own(self.actor).filter(read_at=None).order_by("-id")
        return rows.values_list("kind", "type_key", "record_id", "other_type", "other_id")[:COUNTED]


@dataclass(frozen=True)
class _Mark:
    """By what one sees that nothing has happened: how many unread notices he has, the newest, the newest event."""

    actor: Actor

    def build(self) -> Any:
        """The query; no row where nothing is unread."""
        newest_event = Subquery(Event.objects.order_by("-id").values("id")[:1])
        rows = _own(self.actor).filter(read_at=None).order_by().values("user_id")
        return rows.annotate(number=Count("pk"), newest=Max("pk"), event=newest_event).values_list(
            "number", "newest", "event"
        )


def unread_cards(actor: Actor) -> list[tuple[str, UUID] | None]:
    """What his unread notices are about, one entry a notice, at most 100: type and key of a card he sees, or None for a
    bulk act.

    Every page asks, mostly while nothing has happened: the answer is kept until there is a new notice or event, or one
    is read; and for a few seconds at most, since what is open to him may end by the clock. One query then, else three.
    """
    if actor.user_id is None:
        return []
    marks = actor.state.statements.of(_Mark(actor)).rows()
    if not marks:
        return []
    key = (tuple(marks[0]), int(now().timestamp()) // FRESH)
    held: tuple[Any, list[tuple[str, UUID] | None]] | None = actor.derived.get("unread")
    if held is None or held[0] != key:
        held = actor.derived["unread"] = (key, _looked_at(actor))
    return held[1]


def _looked_at(actor: Actor) -> list[tuple[str, UUID] | None]:
    marks = actor.state.statements.of(_Unread(actor)).rows()
    wanted: dict[str, dict[UUID, None]] = {}
    for _kind, type_key, record_id, other_type, other_id in marks:
        wanted.setdefault(type_key, {})[record_id] = None
        if other_id is not None:
            wanted.setdefault(other_type, {})[other_id] = None
    seen = policy.seen(actor, {key: list(ids) for key, ids in wanted.items() if key != BATCH})
    return [
        (type_key, record_id) if type_key != BATCH else None
        for kind, type_key, record_id, other_type, other_id in marks
        if kinds.get(kind) and (type_key == BATCH or record_id in seen.get(type_key, ()))
        and (other_id is None or other_id in seen.get(other_type, ()))
    ]  # fmt: skip


def unread_count(actor: Actor) -> int:
    """How many unread notices he has about cards he sees, counted up to 100. One query when there is none."""
    return len(unread_cards(actor))


def recent(actor: Actor, limit: int = 30, before: int = 0) -> tuple[list[Group], int]:
    """His notices by card, newest first, what should stand on top before the rest: (groups, `before` of the next page).

    What is about a card he no longer sees is left out.
    """
    groups: dict[RecordRef | int, Group] = {}
    count = 0
    for _round in range(ROUNDS):
        rows = _own(actor).order_by("-id")
        page = list((rows.filter(id__lt=before) if before else rows)[:limit])
        titles = policy.titles(actor, {ref for row in page for ref in _refs_of(row)})
        for row in page:
            before = row.id
            kind = kinds.get(row.kind)
            if kind is None or not all(ref in titles for ref in _refs_of(row)):
                continue
            key, group = _group(row, titles)
            groups.setdefault(key, group).items.append(_item(actor, kind, row))
            count += 1
            if count == limit:
                break
        if count == limit or len(page) < limit:
            break
    more = before if count == limit or len(page) == limit else 0
    return sorted(groups.values(), key=lambda group: not group.first), more


def _group(row: Notice, titles: dict[RecordRef, str]) -> tuple[RecordRef | int, Group]:
    if row.type_key == BATCH:
        kind = kinds.get(row.kind)
        if kind is not None and kind.place is not None:
            title, url = kind.place(row.data)
            return row.id, Group(None, title, url=url)
        return row.id, Group(None, _("Many cards at once"), type_key=row.data.get("type", ""))
    ref = RecordRef(row.type_key, row.record_id)
    return ref, Group(ref, titles[ref])


def _item(actor: Actor, kind: NoticeKind, row: Notice) -> Item:
    member = actor.state.users.get(row.actor_id) if row.actor_id else None
    text = kind.text(row.data, member.name if member else _("Comity"))
    return Item(row.id, kind, text, row.at, row.read_at is None)


def _refs_of(row: Notice) -> list[RecordRef]:
    return _refs(row.type_key, row.record_id, row.other_type, row.other_id)


def _refs(type_key: str, record_id: Any, other_type: str, other_id: Any) -> list[RecordRef]:
    refs = [RecordRef(type_key, record_id)] if type_key != BATCH else []
    return [*refs, RecordRef(other_type, other_id)] if other_id is not None else refs


def mark_read(actor: Actor, ids: Sequence[int] | None = None, ref: RecordRef | None = None) -> int:
    """Mark his notices as read: those named, those about a card, else all. Returns how many were new."""
    rows = _own(actor).filter(read_at=None)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    if ref is not None:
        rows = rows.filter(type_key=ref.type, record_id=ref.id)
    if not rows.exists():
        return 0  # a card read again takes no write lock
    with write_transaction():
        return rows.update(read_at=now())


@jobs.schedule("notices.purge", daily="03:40")
def _purge(args: dict[str, Any], beat: jobs.Beat) -> None:
    """Notices are news: after half a year they go."""
    while ids := list(Notice.objects.filter(at__lt=now() - KEPT).values_list("pk", flat=True)[:1000]):
        with write_transaction():
            Notice.objects.filter(pk__in=ids).delete()
        beat()
