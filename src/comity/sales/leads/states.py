"""How a lead goes from one state into another: what every command on leads shares."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import commands, demands, writer
from comity.changes.bus import Work
from comity.changes.commands import changed_since
from comity.kernel.errors import Conflict, Invalid
from comity.kernel.text import listed
from comity.records import kinds
from comity.records.models import RecordRef, Relation
from comity.records.types import RecordType
from comity.sales.leads.clock import CLOSED
from comity.timeline.models import Event

# Fields that only the commands of this room write.
HOUSE = frozenset({
    "state", "answer_due_at", "answered_at", "answer_minutes", "refuse_reason", "refuse_note", "person", "company",
    "deal",
})  # fmt: skip


def ref_of(lead: Any) -> RecordRef:
    """The pointer to a lead."""
    return RecordRef("lead", lead.pk)


def still_open(actor: Actor, lead: Any) -> None:
    """Raises Conflict, saying whose hand it was, when a lead is converted or refused already."""
    if lead.state not in CLOSED:
        return
    name = closed_by(actor, lead)
    if lead.state == "converted":
        what, todo = _("%(name)s has converted this lead already."), _("Open what it became.")
    else:
        what, todo = _("%(name)s has refused this lead already."), _("Reopen it first.")
    raise Conflict(what % {"name": name}, kept=_("Nothing was changed."), todo=todo, current={"state": lead.state})


def check(actor: Actor, lead: Any, version: int) -> None:
    """The same, and Conflict when others have changed the state since `version` (0 = whatever is there). What else they
    changed is no hindrance."""
    still_open(actor, lead)
    if version and version != lead.version and "state" in changed_since("lead", lead.pk, version):
        raise Conflict(current={"version": lead.version, "state": lead.state})


def closed_by(actor: Actor, lead: Any) -> str:
    """The name of who converted or refused a lead last."""
    events = Event.objects.filter(primary_type="lead", primary_id=lead.pk, type=f"lead.{lead.state}")
    user_id = events.order_by("-id").values_list("actor_id", flat=True).first()
    member = actor.state.users.get(user_id) if user_id else None
    return member.name if member else _("Comity")


def related(kind: str, one: RecordRef, other: RecordRef) -> bool:
    """Whether two cards are related that way, from either side."""
    rows = Relation.objects.filter(kind=kind)
    there = rows.filter(from_type=one.type, from_id=one.id, to_type=other.type, to_id=other.id)
    back = rows.filter(from_type=other.type, from_id=other.id, to_type=one.type, to_id=one.id)
    return there.exists() or back.exists()


def _check_filled(actor: Actor, record_type: RecordType, lead: Any, state: str) -> None:
    """A lead that goes on has the fields that must be filled from there on; raises Invalid."""
    places = [one.key for one in _way(actor)]
    if not {state, lead.state} <= set(places) or places.index(state) <= places.index(lead.state):
        return
    specs = tuple(one for one in record_type.custom if one.since in places[: places.index(state) + 1])
    held = writer.current(record_type, lead, specs) if specs else {}
    missing = [one for one in specs if kinds.empty(held[one.key]) or held[one.key] is False]
    if missing:
        shown = [one for one in missing if policy.level(actor, record_type, one) != "hide"]
        words = listed((one.label[actor.language] for one in shown), actor.language)
        what = _("This must be filled in first: %(fields)s.") % {"fields": words} if shown else None
        raise Invalid(
            what or _("Something is missing in a field you may not see."),
            fields={one.key: [_("Fill this in.")] for one in shown},
        )


def _way(actor: Actor) -> list[demands.Step]:
    """The states from which on a field of leads can be demanded."""
    choices = actor.state.record_types["lead"].spec("state").choices
    return [demands.Step(one.key, one.label) for one in choices if one.key != "refused"]


demands.goes_along("lead", _way)


def change(
    work: Work, record_type: RecordType, lead: Any, values: dict[str, Any], event: str,
    subjects: Iterable[RecordRef] = (), **more: Any,
) -> Event:  # fmt: skip
    """Write values into a held lead and tell it as an event, the first of its command: the one a message offers to
    undo."""
    _check_filled(work.actor, record_type, lead, values.get("state", lead.state))
    changes = commands.amend(work, record_type, lead, values)
    payload = {"title": lead.title, "changes": changes, **more}
    told = work.tell(event, ref_of(lead), payload, subjects, lead.version)
    work.result.events.remove(told.id)
    work.result.events.insert(0, told.id)
    return told
