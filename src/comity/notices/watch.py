"""What has changed since the last look, as topics per reader: the thread's side of the live stream."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import close_old_connections, connection

from comity.access import policy
from comity.access.actors import Actor, user_actor
from comity.access.snapshot import snapshot
from comity.identity import sessions
from comity.identity.models import Session
from comity.kernel.clock import now
from comity.notices.consumer import BATCH, visible_refs
from comity.notices.models import Notice
from comity.records.models import RecordRef
from comity.timeline import sequencer
from comity.timeline.models import Event, EventSubject

CHUNK = 500  # events looked at in one go
REPLAY = 2000  # events a returning browser is told one by one; behind by more, it hears EVERYTHING
EVERYTHING = "all"
BELL = "notices"


@dataclass(frozen=True, slots=True)
class Login:
    """A browser: its session and the user through whose eyes it looks."""

    session_id: UUID
    user_id: UUID


@dataclass
class News:
    """The topics each user may hear of, the sessions that have ended, how far the events were read."""

    seq: int
    topics: dict[UUID, set[str]] = field(default_factory=dict)
    ended: set[UUID] = field(default_factory=set)


def login(cookie: str) -> Login | None:
    """Whose browser it is; None when nobody is logged in there."""
    close_old_connections()
    holder = sessions.read(cookie)
    if holder is None:
        return None
    member = snapshot(holder["stamp"]).users.get(holder["user_id"])
    if member is None:
        return None
    return Login(holder["id"], _eyes(holder["user_id"], holder["see_as_id"], member.administrator))


def put_away() -> None:
    """Close this thread's connection: nobody listens, or it broke."""
    connection.close()


def replay(user_id: UUID, after: int, upto: int) -> set[str]:
    """What a user may hear of the events after one number up to another."""
    if upto - after > REPLAY:
        return {EVERYTHING}
    events = list(Event.objects.filter(seq__gt=after, seq__lte=upto))
    return _topics(user_actor(user_id), _told_on(events)) | {BELL}


class Watch:
    """Follows the events and the notices; used by one thread only."""

    def __init__(self) -> None:
        self.seq = sequencer.head()
        self._notice = self._last_notice()
        self._version: object = None

    def look(self, logins: Iterable[Login], check: bool) -> News:
        """The news since the last look; `check`: also which sessions have ended. Cheap when nothing was written."""
        close_old_connections()
        logins = list(logins)
        news = News(self.seq)
        if check:
            news.ended = _ended(logins)
        if not self._changed():
            return news
        users = {one.user_id for one in logins if one.session_id not in news.ended}
        events = list(Event.objects.filter(seq__gt=self.seq).order_by("seq")[:CHUNK])
        if events:
            told_on = _told_on(events)
            state = snapshot()
            for user_id in users:
                news.topics[user_id] = _topics(user_actor(user_id, state), told_on)
            news.seq = self.seq = events[-1].seq or self.seq
            if len(events) == CHUNK:
                self._version = None  # more is waiting
        self._bells(users, news)
        return news

    def _changed(self) -> bool:
        """May something have been written? SQLite says so for the price of a page read."""
        if connection.vendor != "sqlite":
            return True
        with connection.cursor() as cursor:
            version = cursor.execute("PRAGMA data_version").fetchone()
        before, self._version = self._version, version
        return bool(before != version)

    def _bells(self, users: set[UUID], news: News) -> None:
        last = self._last_notice()
        if last == self._notice:
            return
        fresh = Notice.objects.filter(id__gt=self._notice, id__lte=last, user_id__in=users)
        state = snapshot()
        for row in fresh:
            refs = {RecordRef(row.type_key, row.record_id)} if row.type_key != BATCH else set()
            if row.other_id is not None:
                refs.add(RecordRef(row.other_type, row.other_id))
            heard = news.topics.setdefault(row.user_id, set())
            if BELL not in heard and visible_refs(user_actor(row.user_id, state), refs) == refs:
                heard.add(BELL)
        self._notice = last

    @staticmethod
    def _last_notice() -> int:
        return Notice.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _eyes(user_id: UUID, see_as_id: UUID | None, administrator: bool) -> UUID:
    return see_as_id if see_as_id and administrator else user_id


def _ended(logins: list[Login]) -> set[UUID]:
    """Sessions that are over, whose user was switched off or who looks through other eyes by now; one query."""
    rows = Session.objects.filter(
        pk__in={one.session_id for one in logins}, expires_at__gt=now(), user__active=True
    ).values_list("pk", "user_id", "see_as_id", "user__administrator")
    living = {key: _eyes(user_id, see_as_id, administrator) for key, user_id, see_as_id, administrator in rows}
    return {one.session_id for one in logins if living.get(one.session_id) != one.user_id}


def _told_on(events: list[Event]) -> Mapping[RecordRef, set[RecordRef]]:
    """The cards whose stories these events appear on, by the primary card that decides who may know."""
    primaries = {event.id: RecordRef(event.primary_type, event.primary_id) for event in events}
    found: dict[RecordRef, set[RecordRef]] = {primary: {primary} for primary in primaries.values()}
    rows = EventSubject.objects.filter(event_id__in=primaries).values_list("event_id", "type_key", "record_id")
    for event_id, type_key, record_id in rows:
        found[primaries[event_id]].add(RecordRef(type_key, record_id))
    return found


def _topics(actor: Actor, told_on: Mapping[RecordRef, set[RecordRef]]) -> set[str]:
    """Names of types and cards, nothing of what happened; only of cards the actor's rights reach."""
    refs = {ref for subjects in told_on.values() for ref in subjects}
    reached: set[RecordRef] = set()
    for type_key in {ref.type for ref in refs} & actor.state.record_types.keys():
        ids = [ref.id for ref in refs if ref.type == type_key]
        record_type = actor.state.record_types[type_key]
        reached |= {RecordRef(type_key, key) for key in policy.reached(actor, record_type, ids)}
    heard = {ref for primary, subjects in told_on.items() if primary in reached for ref in subjects & reached}
    return {ref.type for ref in heard} | {str(ref) for ref in heard}
