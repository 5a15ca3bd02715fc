"""What deals tell: to the story, to those it concerns; and how a move is taken back."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.access.snapshot import Snapshot
from comity.changes.bus import Work
from comity.changes.events import cut_changes
from comity.changes.undo import put_back, way
from comity.kernel.errors import Refused
from comity.kernel.text import listed
from comity.notices import kinds as notices
from comity.records.types import RecordType
from comity.sales.deals import gates, lines, moving, steps, visits
from comity.sales.pipelines import state as pipeline_state
from comity.sales.pipelines.model import GatePass
from comity.timeline.models import Event
from comity.timeline.types import EventType, Payload, register
from comity.ui.cells import written_day

HOUSE = frozenset({
    "stage", "state", "stage_since", "moves_back", "closed_at", "won_reason", "lost_reason", "competitor", "close_note",
})  # fmt: skip


def _moved(payload: Payload, actor: Actor) -> str:
    """The move in words: "moved this to Quote sent", "won this"."""
    changes = payload["changes"]
    known = pipeline_state.of(actor.state)
    before, after = ((changes.get("state") or [None, None])[n] for n in (0, 1))
    stages = changes.get("stage") or [None, None]
    stage = known.stages.get(stages[1] or "")
    name = {"stage": stage.label[actor.language] if stage else stages[1] or "?"}
    if payload.get("retired"):
        return _("put this into “%(stage)s”: its stage is no longer in use") % name
    if payload.get("undone"):
        return _("took back a move: it is in “%(stage)s” again") % name
    if after in ("won", "lost"):
        text = _("won this") if after == "won" else _("lost this")
    elif before in ("won", "lost"):
        text = _("reopened this in “%(stage)s”") % name
    elif payload["back"]:
        text = _("moved this back to “%(stage)s”") % name
    else:
        text = _("moved this to “%(stage)s”") % name
    if "without" not in payload:
        return text
    left = known.stages.get(stages[0] or "")
    return listed((text, _passed(payload, actor, gates.passed_words(payload, left, actor))), actor.language)


def _passed(payload: Payload, actor: Actor, missing: list[str]) -> str:
    said = {"missing": listed(missing, actor.language)}
    if "allowed" in payload:
        until, said["reason"] = payload["allowed"]
        said["until"] = _day(until, actor)
        if missing:
            text = _("by a permission for this client until %(until)s without: %(missing)s; reason: %(reason)s")
        else:
            text = _("by a permission for this client until %(until)s; reason: %(reason)s")
        return text % said
    said["reason"] = payload["override"]
    if missing:
        text = _("passed the gate without: %(missing)s; reason: %(reason)s") % said
    else:
        text = _("passed the gate; reason: %(reason)s") % said
    if payload.get("until"):
        more = _("this client’s deals may do so until %(until)s") % {"until": _day(payload["until"], actor)}
        text = listed((text, more), actor.language)
    return text


def _day(text: str, actor: Actor) -> str:
    return written_day(date.fromisoformat(text), "d MMMM y", actor.language)


def _cut(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    """Without the fields he may not read, and what undo needs; nothing at all to who may not know the stage."""
    kept = {key: value for key, value in payload.items() if key not in ("planned", "dropped", "pass")}
    cut = cut_changes(kept, actor, record_type)
    if cut is None or record_type is None or "stage" not in cut["changes"]:
        return None
    if "without" not in cut or actor.administrator:
        return cut
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
    without = {**cut["without"], "fields": [key for key in cut["without"]["fields"] if key in readable]}
    return {**cut, "without": without}


register(
    EventType(
        "deal.stage_changed", _moved, icon="switch-horizontal", redact=_cut, undo="stage",
        said=frozenset({"stage", "state", "stage_since", "moves_back", "closed_at"}),
        webhook=lambda: _("A deal goes to another stage, is won or lost"),
    )
)  # fmt: skip


@way("stage")
def _take_back(work: Work, event: Event) -> None:
    """The deal stands where it stood, as if the move had not been: unless somebody has moved it since.

    Tasks the move planned go unless somebody has touched them, those it dropped are open again, a permission given
    with it is taken back. Fields filled in at the gate stay: they have an event, and an undo, of their own.
    To undo an undo is the move again, with its ordinary consequences.
    """
    payload, changes = event.payload, event.payload["changes"]
    known = moving.pipelines(work.actor)
    target, left = known.stages.get(changes["stage"][0] or ""), known.stages.get(changes["stage"][1] or "")
    if target is None or target.retired:
        raise Refused(_("The stage this deal was in is no longer there."))
    record = moving.hold_still(work, event.primary_id, 0)[1]
    told: dict[str, Any] = {"back": moving.goes_back(left, target), "override": "", "owner": str(record.owner_id or "")}
    again = "planned" not in payload  # the event of an undo
    dropped: list[steps.Planned] = []
    planned: list[tuple[UUID, Any]] = []
    if again:
        dropped, planned = moving.consequences(work, record, left, target)
        told |= {"planned": [str(one) for one, _step in planned], "dropped": [str(one.id) for one in dropped]}
    undone = put_back(work, event, HOUSE, "deal.stage_changed", told)
    visits.take_back(undone, again and told["back"])
    after = moving.after(work, work.result.events[-1])
    if again:
        moving.follow(after, undone, left, target, dropped, planned)
    else:
        steps.take_back(after, payload)
    if "pass" in payload:
        GatePass.objects.filter(pk=payload["pass"]).delete()


def _lines_changed(payload: Payload, actor: Actor) -> str:
    return _("took back a change of the lines") if payload.get("undone") else _("changed the lines")


def _cut_lines(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    """Lines are money: they are told to who reads the amount. What undo needs is nobody's."""
    readable = record_type is None or any(spec.key == "amount" for spec in policy.readable_fields(actor, record_type))
    if not readable:
        return None
    return {key: value for key, value in payload.items() if key not in ("before", "after", "amounts")}


register(EventType("deal.lines_changed", _lines_changed, icon="list", redact=_cut_lines, undo="deal.lines",
                   webhook=lambda: _("The lines of a deal are changed")))  # fmt: skip
way("deal.lines")(lines.put_back)


def _stuck(payload: Payload, actor: Actor) -> str:
    stage = pipeline_state.of(actor.state).stages.get(payload["stage"])
    said = {"stage": stage.label[actor.language] if stage else payload["stage"], "days": payload["days"]}
    return (
        ngettext(
            "This deal has stood in “%(stage)s” for %(days)s day, longer than usual",
            "This deal has stood in “%(stage)s” for %(days)s days, longer than usual",
            payload["days"],
        )
        % said
    )


def _cut_stuck(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    if record_type is None:
        return payload
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
    return payload if {"stage", "stage_since"} <= readable else None


register(EventType("deal.stuck", _stuck, icon="clock", tone="warn", redact=_cut_stuck,
                   webhook=lambda: _("A deal stands in its stage for too long")))  # fmt: skip


def _manager_of(payload: Payload, state: Snapshot) -> list[UUID]:
    member = next((one for key, one in state.users.items() if str(key) == payload.get("owner")), None)
    return [member.manager_id] if member and member.manager_id else []


def _won(event: Event, state: Snapshot) -> Iterable[UUID]:
    change = event.payload["changes"].get("state")
    won = change and change[1] == "won" and not event.payload.get("undone")
    return _manager_of(event.payload, state) if won else []


def _concerned(event: Event, state: Snapshot) -> Iterable[UUID]:
    owner = [key for key in state.users if str(key) == event.payload["owner"]]
    return [*owner, *_manager_of(event.payload, state)]


notices.register(
    notices.NoticeKind(
        "deal_won", lambda: _("A colleague who reports to me wins a deal"), ("deal.stage_changed",), _won,
        lambda data, name: _("%(name)s won this deal") % {"name": name}, "circle-check",
    )
)  # fmt: skip
notices.register(
    notices.NoticeKind(
        "deal_stuck", lambda: _("A deal of mine, or of a colleague who reports to me, is stuck"), ("deal.stuck",),
        _concerned,
        lambda data, name: ngettext(
            "This deal has stood in its stage for %(days)s day, longer than usual",
            "This deal has stood in its stage for %(days)s days, longer than usual",
            data["days"],
        ) % {"days": data["days"]},
        "clock", tone="warn", data=lambda event: {"days": event.payload["days"]},
    )
)  # fmt: skip
