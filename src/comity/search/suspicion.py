"""A new record that repeats one hidden from its maker: he is told nothing, the nearest person who sees both is.

The maker's card is saved without a word. An event whose primary card is the hidden one names the new one, so it shows
only to those who see the hidden card, and only while they see the new one too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor, system, user_actor
from comity.access.snapshot import Snapshot, snapshot
from comity.changes import dispatcher
from comity.changes.bus import Cause, Work, run
from comity.kernel import jobs
from comity.records import kinds
from comity.records.fields import CONTACT_KINDS
from comity.records.models import ContactPoint, RecordRef
from comity.records.types import RecordType
from comity.search import rules as duplicate_rules
from comity.search.duplicates import compared, likely
from comity.timeline.models import Event
from comity.timeline.types import EventType, Payload, register

EVENT = "duplicate.suspected"


@dataclass
class Suspect:
    """Tell that a new record may repeat another one; `to` are the colleagues who should know."""

    key: ClassVar[str] = "duplicate.suspect"
    known: RecordRef
    new: RecordRef
    to: tuple[UUID, ...]

    def apply(self, work: Work) -> None:
        """Writes nothing but the event."""
        payload = {"other": [self.new.type, str(self.new.id)], "for": [str(one) for one in self.to]}
        work.tell(EVENT, self.known, payload, [self.new])


def handle(events: Sequence[Event]) -> None:
    """Put the records these events have made on the list for a look, unless their makers see everything."""
    state = snapshot()
    ids = [event.id for event in events if event.type == "record.created" and _maker_may_miss(event, state)]
    if ids:
        jobs.enqueue("search.suspicion", {"events": ids}, key=f"search.suspicion:{ids[0]}-{ids[-1]}")


def _maker_may_miss(event: Event, state: Snapshot) -> bool:
    if event.actor_kind != "user" or event.actor_id not in state.users:
        return False
    maker = user_actor(event.actor_id, state)
    return any(maker.scope(key, "view") != "all" for key in compared(event.primary_type))


@jobs.job("search.suspicion", lease=120)
def _look(args: dict[str, Any], beat: jobs.Beat) -> None:
    """Look for hidden twins: outside the dispatcher's transaction, since each look is a search."""
    for event in Event.objects.filter(pk__in=args["events"]).order_by("id"):
        if event.actor_id is not None:
            _check(event, event.actor_id)
        beat()


def _check(event: Event, maker_id: UUID) -> None:
    house = system("search")
    record_type = house.state.record_types.get(event.primary_type)
    values = _values(house, record_type, event.primary_id) if record_type else {}
    if record_type is None or not values:
        return
    new = RecordRef(record_type.key, event.primary_id)
    refs = [match.ref for match in likely(house, record_type, values, exclude_id=new.id, limit=20)]
    if not refs:
        return
    seen = policy.titles(user_actor(maker_id, house.state), refs)
    older = _older(house, new, refs)
    for known in refs:
        if known in older and known not in seen and not _told(known, new):
            run(house, Suspect(known, new, _nearest(house.state, maker_id, known, new)), Cause(event.id, event.depth))


def _older(house: Actor, new: RecordRef, refs: list[RecordRef]) -> set[RecordRef]:
    """Those that were there before: a later twin is found through its own event, with its own maker."""
    made: dict[RecordRef, Any] = {}
    for type_key in {ref.type for ref in (new, *refs)}:
        ids = [ref.id for ref in (new, *refs) if ref.type == type_key]
        rows = policy.visible(house, house.state.record_types[type_key]).filter(pk__in=ids)
        made |= {RecordRef(type_key, key): at for key, at in rows.values_list("pk", "created_at")}
    return {ref for ref in made if new in made and (made[ref], ref.id) < (made[new], new.id)}


def _values(house: Actor, record_type: RecordType, record_id: UUID) -> dict[str, object]:
    """The values of the fields that tell duplicates, as they are now; {} when the record is gone."""
    rules = duplicate_rules.of(house.state, record_type).weights
    specs = [spec for rule in rules for spec in duplicate_rules.fields_of(record_type, rule)]
    beside = {spec.extra.get("country", "country") for spec in specs if spec.kind == "taxnumber"}
    specs += [spec for spec in record_type.specs if spec.key in beside]
    columns = {name for spec in specs for name in kinds.column_names(spec)} | {"pk"}
    row = policy.visible(house, record_type).filter(pk=record_id).values(*columns).first()
    if row is None:
        return {}
    values = {spec.key: kinds.read(spec, row) for spec in specs if spec.kind not in CONTACT_KINDS}
    points = ContactPoint.objects.filter(type_key=record_type.key, record_id=record_id)
    for field, value in points.values_list("field", "value"):
        values[field] = [*values.get(field, []), value]
    return values


def _told(one: RecordRef, other: RecordRef) -> bool:
    """Whether this pair is known already, whichever of the two came first."""
    for primary, second in ((one, other), (other, one)):
        events = Event.objects.filter(primary_type=primary.type, primary_id=primary.id, type=EVENT)
        if any(event.payload.get("other") == [second.type, str(second.id)] for event in events):
            return True
    return False


def _nearest(state: Snapshot, maker_id: UUID, known: RecordRef, new: RecordRef) -> tuple[UUID, ...]:
    """The first of the maker's superiors who sees both cards, else the administrators."""
    for user_id in _superiors(state, maker_id):
        if _sees(state, user_id, known) and _sees(state, user_id, new):
            return (user_id,)
    return tuple(user.id for user in state.users.values() if user.active and user.administrator)


def _superiors(state: Snapshot, user_id: UUID) -> Iterator[UUID]:
    """Heads of his teams and of the teams above, then his manager, the manager's manager and so on; each once."""
    met = {user_id}
    leads: dict[UUID, list[UUID]] = {}
    for member, places in state.memberships.items():
        for team, lead in places:
            if lead:
                leads.setdefault(team, []).append(member)
    above: list[UUID] = []
    for team, _lead in state.memberships.get(user_id, ()):
        passed: set[UUID] = set()
        at: UUID | None = team
        while at is not None and at in state.teams and at not in passed:
            passed.add(at)
            above.extend(leads.get(at, []))
            at = state.teams[at].parent_id
    manager = state.users[user_id].manager_id if user_id in state.users else None
    climbed: set[UUID] = set()
    while manager is not None and manager in state.users and manager not in climbed:
        climbed.add(manager)
        above.append(manager)
        manager = state.users[manager].manager_id
    for one in above:
        if one not in met and state.users[one].active:
            met.add(one)
            yield one


def _sees(state: Snapshot, user_id: UUID, ref: RecordRef) -> bool:
    actor = user_actor(user_id, state)
    return bool(policy.visible(actor, state.record_types[ref.type]).filter(pk=ref.id).exists())


def _only_who_sees_both(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    type_key, key = payload["other"]
    other = actor.state.record_types.get(type_key)
    if other is None or not policy.visible(actor, other).filter(pk=UUID(key)).exists():
        return None
    return payload


register(
    EventType(
        EVENT,
        lambda payload, actor: _("found that another card may be about the same"),
        icon="users",
        redact=_only_who_sees_both,
    )
)
dispatcher.register(dispatcher.Consumer("search.duplicates", handle))
