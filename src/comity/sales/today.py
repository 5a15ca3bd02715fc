"""What sales adds to Today: cards without a next step, inquiries nobody has answered, the month's goals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Window
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
        rows = policy.visible(self.actor, self.actor.state.record_types[self.type_key])
        rows = rows.filter(self.whose.q(), state__in=self.states)
        rows = rows.filter(next_at__isnull=True) if self.unplanned else rows
        rows = rows.annotate(total=Window(Count("*"))).order_by(F(self.order).asc(nulls_last=True), "id")
        return rows.values("id", "title", "owner_id", "total", *self.names)[: self.size]


def _rows(actor: Actor, plan: _Waiting) -> list[dict[str, Any]]:
    if actor.scope(plan.type_key, "view") == "none" and plan.type_key not in policy.shared_types(actor):
        return []
    return actor.state.statements.of(plan).values()


def _reads(actor: Actor, record_type: RecordType, key: str) -> bool:
    return policy.level(actor, record_type, record_type.spec(key)) in ("read", "write")


def _planner(actor: Actor) -> Callable[[RecordRef], tuple[dict[str, Any], ...]]:
    """Makes the way to a next step, for who may plan one."""
    if actor.scope("task", "create") == "none" or actor.seen_by is not None:
        return lambda ref: ()
    act = {"label": _("Plan a step"), "icon": "calendar-plus", "dialog": True}
    rest = urlencode({"next": "/today"})
    return lambda ref: (act | {"url": f"/tasks/plan?about={ref.type}%3A{ref.id}&{rest}"},)


def unplanned(actor: Actor, whose: Whose, limit: int) -> Sequence[Row]:
    """Open deals and leads for which nothing is planned."""
    deals = _deals(actor, whose, limit)
    leads = _leads(actor, whose, limit, UNPLANNED_LEADS, unplanned=True)
    total = sum(some[0].total for some in (deals, leads) if some)
    return [replace(row, total=total) for row in [*deals, *leads][:limit]]


def _deals(actor: Actor, whose: Whose, limit: int) -> list[Row]:
    deal = actor.state.record_types["deal"]
    names = ("stage", "company_id", "person_id")
    shown = {key: _reads(actor, deal, key) for key in ("stage", "company", "person")}
    stages = {one.key: one.label[actor.language] for one in deal.spec("stage").choices}
    made, plan = [], _planner(actor)
    for row in _rows(actor, _Waiting(actor, whose, "deal", ("open",), True, names, "stage_since", limit)):
        ref = RecordRef("deal", row["id"])
        clients = tuple(
            RecordRef(key, row[f"{key}_id"]) for key in ("company", "person") if shown[key] and row[f"{key}_id"]
        )
        note = stages.get(row["stage"], "") if shown["stage"] else ""
        made.append(Row(
            ref, row["title"], deal.icon, subs=clients, owner=row["owner_id"], note=note, total=row["total"],
            acts=plan(ref),
        ))  # fmt: skip
    return made


def _leads(actor: Actor, whose: Whose, limit: int, states: tuple[str, ...], *, unplanned: bool) -> list[Row]:
    lead = actor.state.record_types["lead"]
    names, order = ("source", "answer_due_at"), "created_at" if unplanned else "answer_due_at"
    sources = {one.key: one.label[actor.language] for one in lead.spec("source").choices}
    shown = {key: _reads(actor, lead, key) for key in ("source", "answer_due_at")}
    made, plan = [], _planner(actor)
    for row in _rows(actor, _Waiting(actor, whose, "lead", states, unplanned, names, order, limit)):
        ref = RecordRef("lead", row["id"])
        note = sources.get(row["source"], "") if shown["source"] else ""
        at = row["answer_due_at"] if shown["answer_due_at"] and not unplanned else None
        made.append(Row(
            ref, row["title"], lead.icon, at=at, owner=row["owner_id"], note=note, total=row["total"],
            acts=plan(ref),
        ))  # fmt: skip
    return made


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
