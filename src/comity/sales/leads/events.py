"""What leads tell: in the story and to colleagues, how it is taken back, and what follows from the events of tasks."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor, system
from comity.access.snapshot import Snapshot
from comity.changes import commands, dispatcher
from comity.changes.bus import Cause, Work, run
from comity.changes.commands import Trash, type_of
from comity.changes.events import cut_changes
from comity.changes.undo import Undo, put_back, way
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Problem
from comity.kernel.text import listed
from comity.notices import kinds as notices
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.sales.leads import clock
from comity.sales.leads.commands import AnswerLead, CreateLead, TellUnanswered
from comity.sales.leads.states import HOUSE, ref_of
from comity.timeline.models import Event, EventSubject
from comity.timeline.types import EventType, Payload, register
from comity.work.tasks import commands as tasks

TALKS = frozenset({"call", "letter", "meeting", "visit"})  # kinds of tasks that speak to the client
LONGEST_LATE = timedelta(days=7)  # what is late for longer was told, or came in by an import
commands.use("lead", create=CreateLead)


# --- how it is told --------------------------------------------------------------------------------------------------


def _new(payload: Payload, key: str) -> Any:
    return payload["changes"].get(key, (None, None))[1]


def _answered(payload: Payload, actor: Actor) -> str:
    minutes = _new(payload, "answer_minutes")
    if minutes is None:
        return _("gave the first answer")
    if not minutes:
        return _("gave the first answer at once")
    return _("gave the first answer, %(time)s after the inquiry") % {"time": clock.spoken(minutes)}


def _refused(payload: Payload, actor: Actor) -> str:
    spec = actor.state.record_types["lead"].spec("refuse_reason")
    choice = spec.choice(_new(payload, "refuse_reason") or "")
    words = listed((choice.label[actor.language] if choice else "", _new(payload, "refuse_note") or ""), actor.language)
    return _("refused the lead: %(why)s") % {"why": words} if words else _("refused the lead")


def _cut(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    """Without the fields he may not read, and what the way back needs to know; that it happened is no secret."""
    kept = {key: value for key, value in payload.items() if key not in ("made", "planned", "with")}
    cut = cut_changes({**kept, "title_before": ""}, actor, record_type) or kept
    return {key: value for key, value in cut.items() if key != "title_before"}


CLOCK = frozenset({"state", "answered_at", "answer_minutes"})
register(EventType("lead.answered", _answered, icon="phone", tone="call", redact=_cut, undo="lead", says_all=True,
                   webhook=lambda: _("A lead gets its first answer")))  # fmt: skip
register(EventType("lead.qualified", lambda p, a: _("found that the lead fits"), icon="circle-check", redact=_cut,
                   undo="lead", says_all=True, webhook=lambda: _("A lead is found to fit")))  # fmt: skip
register(EventType("lead.refused", _refused, icon="circle-x", big=True, redact=_cut, undo="lead", says_all=True,
                   webhook=lambda: _("A lead is refused")))  # fmt: skip
register(EventType("lead.reopened", lambda p, a: _("took the lead up again"), icon="arrow-back-up", redact=_cut,
                   undo="lead", says_all=True))  # fmt: skip
register(EventType("lead.converted", lambda p, a: _("converted the lead"), icon="target-arrow", tone="deal", big=True,
                   redact=_cut, undo="conversion", says_all=True,
                   webhook=lambda: _("A lead is converted")))  # fmt: skip
register(EventType("lead.taken_back", lambda p, a: _("took back what was done with the lead"), icon="arrow-back-up",
                   redact=_cut, said=CLOCK))  # fmt: skip
register(EventType("lead.unanswered", lambda p, a: _("The first answer is late"), icon="alert-circle", redact=_cut,
                   webhook=lambda: _("The first answer to a lead is late")))  # fmt: skip


# --- how it is taken back --------------------------------------------------------------------------------------------


@way("lead")
def _take_back(work: Work, event: Event) -> None:
    """State and clock as they were, a link made along with it gone."""
    work.result.records.append(RecordRef("lead", event.primary_id))
    put_back(work, event, HOUSE, "lead.taken_back")
    for key in event.payload.get("with", ()):
        Undo(key).apply(work)


@way("conversion")
def _unconvert(work: Work, event: Event) -> None:
    """What was made goes into the trash, what was changed goes back, unless somebody has worked on it since."""
    _type, lead = commands.hold(work, "lead", event.primary_id)
    work.result.records.append(ref_of(lead))
    made = [RecordRef(kind, UUID(key)) for kind, key in event.payload["made"]]
    _nobody_worked_on(work.actor, event, made)
    for key in reversed(event.payload["with"]):
        Undo(key).apply(work)
    tasks.drop_planned(work, event.payload["planned"])
    for ref in reversed(made):
        Trash(ref.type, ref.id).apply(work)
    put_back(work, event, HOUSE, "lead.taken_back")


def _nobody_worked_on(actor: Actor, event: Event, made: Iterable[RecordRef]) -> None:
    """Raises Conflict that names the cards somebody has worked on since a conversion, and who."""
    found: dict[RecordRef, Event] = {}
    for ref in made:
        told = EventSubject.objects.filter(type_key=ref.type, record_id=ref.id, event_id__gt=event.id)
        later = Event.objects.filter(pk__in=told.values("event_id")).exclude(actor_kind="system")
        later = later.exclude(primary_type="lead", primary_id=event.primary_id)  # told on what it became, too
        if (last := later.order_by("-id").first()) is not None:
            found[ref] = last
    if not found:
        return
    words = []
    for ref, title in policy.titles(actor, found).items():  # who works on the others is not his to know
        member = actor.state.users.get(found[ref].actor_id) if found[ref].actor_id else None
        words.append(_("%(who)s has worked on “%(card)s”.") % {
            "who": member.name if member else _("Somebody"), "card": title})  # fmt: skip
    raise Conflict(
        _("People have gone on working with what this lead became."),
        kept=_("Everything stays as it is."),
        todo=" ".join(words),
    )


# --- what follows from tasks and from time ---------------------------------------------------------------------------


def stop_clocks(events: Sequence[Event]) -> None:
    """A call, letter, meeting or visit about a lead that is finished is its first answer."""
    ended = {event.primary_id: event for event in events if event.type == "task.finished"}
    if not ended:
        return
    house = system("sales.leads")
    held = policy.visible(house, type_of(house, "task")).filter(pk__in=ended, about_type="lead", kind__in=TALKS)
    for task_id, lead_id in held.values_list("pk", "about_id"):
        event = ended[task_id]
        try:
            run(house, AnswerLead(lead_id, at=event.at), Cause(event.id, event.depth))
        except Problem:
            continue  # closed or in the trash by now


@jobs.schedule("sales.leads.unanswered", every=300)
def _tell_unanswered(args: dict[str, Any], beat: jobs.Beat) -> None:
    """Tell once of each lead whose first answer has become late."""
    house = system("sales.leads")
    told = Event.objects.filter(primary_type="lead", primary_id=OuterRef("pk"), type="lead.unanswered")
    late = policy.visible(house, type_of(house, "lead")).filter(
        state__in=clock.UNANSWERED, answered_at=None, answer_due_at__lte=now(),
        answer_due_at__gt=now() - LONGEST_LATE,
    )  # fmt: skip
    for lead_id in list(late.exclude(Exists(told)).order_by("answer_due_at").values_list("pk", flat=True)):
        run(house, TellUnanswered(lead_id))
        beat()


def _owner_and_manager(event: Event, state: Snapshot) -> list[UUID]:
    """Who was to answer, and his manager, else those who lead his team."""
    owner = next((key for key in state.users if str(key) == event.payload["owner"]), None)
    if owner is None:
        return []
    manager = state.users[owner].manager_id
    if manager is not None:
        return [owner, manager]
    teams = {team for team, _lead in state.memberships.get(owner, ())}
    leads = [user for user, places in state.memberships.items() if any(lead and team in teams for team, lead in places)]
    return [owner, *leads]


notices.register(
    notices.NoticeKind(
        "lead.unanswered", lambda: _("The first answer to a lead is late"), ("lead.unanswered",), _owner_and_manager,
        lambda data, name: _("Nobody has answered this lead in time"), "alert-circle", tone="bad", first=True,
    )
)  # fmt: skip
dispatcher.register(dispatcher.Consumer("sales.leads", stop_clocks))
