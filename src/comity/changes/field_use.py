"""How much the fields of the administrator's are used: counted in the background; those nobody uses are put away.

A field whose `keep_months` have gone by without a new value is marked first, and archived WARNED days later unless
somebody has used it since. Its values stay, and it comes back by a click.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _

from comity.access.actors import Actor, system
from comity.access.snapshot import Snapshot
from comity.changes.bus import Work, run
from comity.changes.settings import DeleteSetting, ref_of
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, Refused
from comity.kernel.transaction import write_transaction
from comity.records import json_access
from comity.records.fields import CONTACT_KINDS
from comity.records.labels import Label
from comity.records.models import ContactPoint, CustomField, CustomType, FieldUse, Relation, SavedView, StoredFile
from comity.records.types import RecordType
from comity.timeline.models import Event
from comity.timeline.types import EventType, Payload, register

JOB = "changes.field_use"
MONTH = timedelta(days=30)
WARNED = 30  # days between the mark and the archive
IDLE = "field.idle"
Look = Callable[[Snapshot, str, str], int]  # (state, type key, field key) -> in how many places it is used
_places: dict[str, Look] = {}


def used_in(name: str, look: Look) -> None:
    """Register a kind of places where fields are used: rooms above know theirs."""
    _places[name] = look


@dataclass
class CountUse:
    """Count the use of all fields anew, in the background. Needs the right to change fields."""

    key: ClassVar[str] = "field.count_use"

    def apply(self, work: Work) -> None:
        """Raises Refused."""
        if not work.actor.permits("fields"):
            raise Refused()
        jobs.enqueue(JOB)


@jobs.schedule(JOB, daily="04:20", lease=600)
def _count(args: dict[str, Any], beat: jobs.Beat) -> None:
    house = system("fields")
    for record_type in house.state.record_types.values():
        rows = list(CustomField.objects.filter(type_key=record_type.key, archived_at=None).select_related("use"))
        if rows:
            _count_type(house.state, record_type, rows, beat)
    for row in CustomField.objects.filter(archived_at=None, keep_months__gt=0).select_related("use"):
        _keep(row)
        beat()


def _count_type(state: Snapshot, record_type: RecordType, rows: list[CustomField], beat: jobs.Beat) -> None:
    live = record_type.rows.filter(deleted_at=None)
    kept = [row for row in rows if row.kind not in {"relation", "file", *CONTACT_KINDS}]
    names = {f"n_{row.key}": row for row in kept}
    figures = live.aggregate(
        cards=Count("pk"), **{name: Count(json_access.CustomText(row.key)) for name, row in names.items()}
    )
    filled = {row.key: figures[name] for name, row in names.items()}
    for row in rows:
        if row.key not in filled:
            filled[row.key] = live.filter(Exists(_rows_of(record_type, row))).count()
    beat()
    uses = {row.key: row.use if hasattr(row, "use") else FieldUse(field=row) for row in rows}
    moment = now()
    latest = _changes(record_type, min(_since(row, uses[row.key]) for row in rows), set(uses), beat)
    with write_transaction():
        for row in rows:
            use = uses[row.key]
            use.filled, use.cards, use.counted_at = filled[row.key], figures["cards"], moment
            if row.key in latest:
                use.changed_at, use.changed_by = latest[row.key]
            use.places = {name: number for name, look in _places.items()
                          if (number := look(state, record_type.key, row.key))}  # fmt: skip
            use.save()


def _rows_of(record_type: RecordType, row: CustomField) -> Any:
    """The rows that hold a card's values of a field that is not in the JSON."""
    if row.kind == "relation":
        return Relation.objects.filter(kind=row.key, from_type=record_type.key, from_id=OuterRef("pk"))
    model: Any = StoredFile if row.kind == "file" else ContactPoint
    rows = model.objects.filter(type_key=record_type.key, record_id=OuterRef("pk"), field=row.key)
    return rows.filter(deleted_at=None) if row.kind == "file" else rows


def _since(row: CustomField, use: FieldUse) -> datetime:
    """From when on the events say something new of a field."""
    return use.counted_at if use.pk and not use._state.adding else row.made_at


def _changes(
    record_type: RecordType, since: datetime, keys: set[str], beat: jobs.Beat
) -> dict[str, tuple[datetime, Any]]:
    """The last change of each field since then, and by whom."""
    found: dict[str, tuple[datetime, Any]] = {}
    events = Event.objects.filter(primary_type=record_type.key, at__gte=since).order_by("id")
    told = events.values_list("payload", "at", "actor_id").iterator(chunk_size=500)
    for n, (payload, at, actor_id) in enumerate(told):
        for key in keys & payload.get("changes", {}).keys():
            found[key] = (at, actor_id)
        if n % 500 == 0:
            beat()
    return found


def due_at(row: CustomField) -> datetime | None:
    """When a field that nobody uses is archived: None = not soon, or never."""
    use: FieldUse | None = getattr(row, "use", None)
    if not row.keep_months or use is None or use.warned_at is None:
        return None
    return use.warned_at + timedelta(days=WARNED)


def _keep(row: CustomField) -> None:
    use = getattr(row, "use", None)
    if use is None:
        return
    idle = (use.changed_at or row.made_at) < now() - MONTH * row.keep_months
    if not idle or use.warned_at is None:
        wanted = now() if idle else None
        if use.warned_at != wanted:
            use.warned_at = wanted
            run(system("fields"), TellIdle(row, use))
    elif due_at(row) <= now():  # type: ignore[operator]  # it was marked
        run(system("fields"), RetireIdle(row))


@dataclass
class TellIdle:
    """Mark a field that nobody uses, and say so to those who may change fields; or take the mark off in silence."""

    key: ClassVar[str] = "field.tell_idle"
    row: CustomField
    use: FieldUse

    def apply(self, work: Work) -> None:
        """Tells "field.idle"."""
        self.use.save(update_fields=["warned_at"])
        if self.use.warned_at is not None:
            due = (self.use.warned_at + timedelta(days=WARNED)).isoformat()
            work.tell(IDLE, ref_of("field", self.row), {"name": self.row.label, "due": due})


@dataclass
class RetireIdle:
    """Archive a field that nobody has used since it was marked, and say what was done."""

    key: ClassVar[str] = "field.retire_idle"
    row: CustomField

    def apply(self, work: Work) -> None:
        """Tells "field.idle"; a field that formulas need stays, and that is said too."""
        payload: dict[str, Any] = {"name": self.row.label, "archived": True}
        try:
            DeleteSetting("field", self.row.pk).apply(work)
        except Invalid as problem:
            FieldUse.objects.filter(field=self.row).update(warned_at=now())  # asked again when a month has gone by
            payload |= {"archived": False, "why": str(problem.what)}
        work.tell(IDLE, ref_of("field", self.row), payload)


def _for_keepers(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    return payload if actor.permits("fields") else None


def _idle_text(payload: Payload, actor: Actor) -> str:
    name = Label.of(payload["name"])[actor.language]
    if "due" in payload:
        return _("found that nobody uses the field “%(name)s”") % {"name": name}
    if payload["archived"]:
        return _("archived the field “%(name)s”, which nobody used") % {"name": name}
    return _("left the field “%(name)s” in use, though nobody fills it in") % {"name": name}


register(EventType(IDLE, _idle_text, icon="archive", redact=_for_keepers))


# --- the places of this house ----------------------------------------------------------------------------------------


def _views(state: Snapshot, type_key: str, key: str) -> int:
    views = SavedView.objects.filter(type_key=type_key)
    return sum(1 for one in views if f'"{key}"' in json.dumps([one.where, one.columns]) or one.sort.lstrip("-") == key)


def _layout(state: Snapshot, type_key: str, key: str) -> int:
    return sum((key in one.columns) + (key == one.board_by) for one in CustomType.objects.filter(key=type_key))


def _formulas(state: Snapshot, type_key: str, key: str) -> int:
    return CustomField.objects.filter(archived_at=None, formula__contains=key).exclude(key=key).count()


used_in("views", _views)
used_in("layout", _layout)
used_in("formulas", _formulas)
