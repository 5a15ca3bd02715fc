"""What sales adds to Today: cards without a next step, inquiries nobody has answered, the month's goals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.records.models import RecordRef
from comity.records.prepared import Slot
from comity.records.types import RecordType
from comity.sales import goal_bars
from comity.work.today import sections
from comity.work.today.sections import Row, Section
from comity.work.whose import Whose, list_url

UNPLANNED_LEADS = ("working", "qualified")  # those still new stand under "New"


@dataclass(frozen=True)
class _Waiting:
    """Open cards of a type: without a next step, or (leads) not answered yet; the longest waiting first."""

    actor: Actor
    whose: Whose
    type_key: str
    states: tuple[str, ...]
    unplanned: bool
    names: tuple[str, ...]
    order: str
    size: int

    def build(self) -> Any:
        """The query; `total` says how many there are without the limit."""
        rows = self.whose.rows(self.actor, self.actor.state.record_types[self.type_key]).filter(state__in=self.states)
        rows = rows.filter(next_at__isnull=True) if self.unplanned else rows
        rows = sections.counted(rows).order_by(F(self.order).asc(nulls_last=True), "id")
        return rows.values_list("id", "title", "owner_id", "total", *self.names)[: self.size]


def _rows(actor: Actor, plan: _Waiting) -> list[Sequence[Any]]:
    if actor.scope(plan.type_key, "view") == "none" and plan.type_key not in policy.shared_types(actor):
        return []
    return actor.state.statements.of(plan).rows()


def _reads(actor: Actor, record_type: RecordType, key: str) -> bool:
    return policy.level(actor, record_type, record_type.spec(key)) in ("read", "write")


def _may_plan(actor: Actor) -> bool:
    return actor.scope("task", "create") != "none" and actor.seen_by is None


def unplanned(actor: Actor, whose: Whose, limit: int) -> Sequence[Row]:
    """Open deals and leads for which nothing is planned."""
    deals = _deals(actor, whose, limit)
    room = limit if len(deals) < limit else 1  # where there is no room for leads, their number is wanted still
    leads = _leads(actor, whose, room, UNPLANNED_LEADS, unplanned=True)
    total = sum(some[0].total for some in (deals, leads) if some)
    return [row._replace(total=total) for row in [*deals, *leads][:limit]]


def _deals(actor: Actor, whose: Whose, limit: int) -> list[Row]:
    deal, may_plan = actor.state.record_types["deal"], _may_plan(actor)
    names = ("stage", "company_id", "person_id")
    stage, *clients = (_reads(actor, deal, key) for key in ("stage", "company", "person"))
    stages = {one.key: one.label[actor.language] for one in deal.spec("stage").choices} if stage else {}
    shown = [key for key, reads in zip(("company", "person"), clients, strict=True) if reads]
    made = []
    waiting = _Waiting(actor, whose, "deal", ("open",), True, names, "stage_since", limit)
    for key, title, owner, total, stage_key, company, person in _rows(actor, waiting):
        held = {"company": company, "person": person}
        subs = tuple([RecordRef(kind, held[kind]) for kind in shown if held[kind]])
        made.append(Row(
            RecordRef("deal", key), title, deal.icon, subs=subs, owner=owner, note=stages.get(stage_key, ""),
            total=total, plan=may_plan,
        ))  # fmt: skip
    return made


def _leads(actor: Actor, whose: Whose, limit: int, states: tuple[str, ...], *, unplanned: bool) -> list[Row]:
    lead, may_plan = actor.state.record_types["lead"], _may_plan(actor)
    names, order = ("source", "answer_due_at"), "created_at" if unplanned else "answer_due_at"
    sources = {}
    if _reads(actor, lead, "source"):
        sources = {one.key: one.label[actor.language] for one in lead.spec("source").choices}
    timed = not unplanned and _reads(actor, lead, "answer_due_at")
    waiting = _Waiting(actor, whose, "lead", states, unplanned, names, order, limit)
    return [
        Row(RecordRef("lead", key), title, lead.icon, at=answer_due_at if timed else None, owner=owner,
            note=sources.get(source, ""), total=total, plan=may_plan)
        for key, title, owner, total, source, answer_due_at in _rows(actor, waiting)
    ]  # fmt: skip


def unanswered(actor: Actor, whose: Whose, limit: int) -> Sequence[Row]:
    """New leads, the one whose answer is due first on top."""
    return _leads(actor, whose, limit, ("new",), unplanned=False)


def people_of_deal(actor: Actor, deal_id: Slot) -> Any:
    """Whom one calls about a deal: its main contact, of those the actor sees."""
    types = actor.state.record_types
    if not _reads(actor, types["deal"], "person"):
        return policy.visible(actor, types["person"]).none()
    deal = policy.visible(actor, types["deal"]).filter(pk=deal_id)
    return policy.visible(actor, types["person"]).filter(pk__in=deal.values("person_id")).values_list("pk", flat=True)


def register() -> None:
    """Put the sections on the page."""
    sections.add(Section(
        "unplanned", lambda: _("No next step"), "calendar-event", unplanned, 30, "warn",
        topics=frozenset({"deal", "lead"}),
        more=lambda actor, whose: list_url("deals", whose, ("state", "any", "open"), ("next_at", "empty", "")),
    ))  # fmt: skip
    sections.add(Section(
        "new", lambda: _("New leads"), "star", unanswered, 40, "now", topics=frozenset({"lead"}),
        more=lambda actor, whose: list_url("leads", whose, ("state", "any", "new"), sort="created_at"),
    ))  # fmt: skip
    sections.add_reach("deal", people_of_deal)
    sections.add_foot("goals", goal_bars.below_today)
