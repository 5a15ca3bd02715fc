"""A lead becomes a person, a company and a deal, without retyping; and the way back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.bus import Work, automatable
from comity.changes.commands import Create, Link, linked_refs, type_of
from comity.changes.writer import current, mirrored
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, NotFound
from comity.parties.people.names import take_apart
from comity.records import kinds
from comity.records.cleaning import MAX_POINTS
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.sales.leads.clock import first_answer
from comity.sales.leads.states import change, check, ref_of, related
from comity.timeline.models import Event
from comity.work.tasks import commands as tasks

NEW = "new"
POINTS = ("phones", "emails")
LONGEST_NAME = 80
Values = dict[str, Any]


@automatable
@dataclass
class ConvertLead:
    """Make of a lead what it has turned out to be.

    person, company   "new" = made of what the lead says, a key = that one (what the lead knows more is added to it
                      where the actor may), "" = none
    deal              raw values of the deal, None = none; name, amount and source come from the lead unless given
    next              raw values of the task that comes next, None = none

    Open tasks go along to the deal (else to the person, else the company); notes and files stay on the lead.
    A field the actor doesn't read on the lead is carried only to where he doesn't read it either.
    Result.data: {"person", "company", "deal"}, keys as text or "".
    """

    key: ClassVar[str] = "lead.convert"
    lead_id: UUID
    version: int = 0
    person: str = ""
    company: str = ""
    deal: Values | None = None
    next: Values | None = None

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Conflict, and Invalid with the fields of what is made: "person-given_name",
        "company-name", "deal-amount", "next-due_at", ..."""
        record_type, lead = commands.hold(work, "lead", self.lead_id)
        check(work.actor, lead, self.version)
        if not self.person and not self.company and self.deal is None:
            raise Invalid(fields={"person": [_("Choose what the lead becomes: a person, a company or a deal.")]})
        work.result.records.append(ref_of(lead))
        of = _Conversion(work, record_type, lead)
        company = of.company(self.company, alone=not self.person)
        person = of.person(self.person, company)
        deal = of.deal(self.deal, person, company) if self.deal is not None else None
        target = deal or person or company
        assert target is not None  # noqa: S101 - one of them was wanted
        of.take_tasks_along(target)
        if self.next:
            with _named("next"):
                tasks.plan(work, dict(self.next), handed={"about": target})
        lead = commands.hold(work, "lead", self.lead_id)[1]  # its next step has gone with its tasks
        values = first_answer(work.actor.state, lead, now()) | {"state": "converted"}
        made = {"person": person, "company": company, "deal": deal}
        values |= {key: ref.id for key, ref in made.items() if ref}
        change(work, record_type, lead, values, "lead.converted", filter(None, made.values()), **of.trace())
        work.result.data |= {key: str(ref.id) if ref else "" for key, ref in made.items()}


class _Conversion:
    """One conversion: the lead, its values, and what was made of them so far."""

    def __init__(self, work: Work, record_type: RecordType, lead: Any) -> None:
        self.work, self.actor, self.type, self.lead = work, work.actor, record_type, lead
        self.values = current(record_type, lead)
        self.made: list[RecordRef] = []

    def company(self, wanted: str, alone: bool) -> RecordRef | None:
        """The company; `alone`: there is no person, so phones and addresses are its own."""
        points = POINTS if alone else ()
        if wanted == NEW:
            name = self.says("company_name")
            if not name:
                raise Invalid(fields={"company": [_("The lead names no company. Write it on the lead first.")]})
            return self.make("company", {"name": name}, dict(zip(points, points, strict=True)))
        return self.complete("company", wanted, points, lambda before: {}) if wanted else None

    def person(self, wanted: str, company: RecordRef | None) -> RecordRef | None:
        """The person, who works at the company."""
        if wanted == NEW:
            parts = take_apart(self.says("contact_name"))
            if not parts:
                raise Invalid(fields={"person": [_("The lead bears no name. Write it on the lead first.")]})
            person = type_of(self.actor, "person")
            parts = {key: text for key, text in parts.items() if key != "salutation" or writes(self.actor, person, key)}
            handed = {"company": company.id} if company else {}
            return self.make("person", parts, dict(zip(POINTS, POINTS, strict=True)), handed)
        if not wanted:
            return None

        def works_there(before: Values) -> Values:
            return {"company": company.id} if company and not before["company"] else {}

        ref = self.complete("person", wanted, POINTS, works_there)
        may_edit = policy.find(self.actor, type_of(self.actor, "person"), ref.id, "edit") is not None
        if company and may_edit and not related("works_at", ref, company):
            Link("works_at", ref, company).apply(self.work)
        return ref

    def deal(self, given: Values, person: RecordRef | None, company: RecordRef | None) -> RecordRef:
        """The deal, linked to all of them."""
        raw = {key: value for key, value in given.items() if key not in ("person", "company", "lead")}
        if not str(raw.get("name") or "").strip():
            raw["name"] = deal_name(self.actor, self.type, self.lead)
        handed: Values = {"lead": self.lead.pk}
        handed |= {key: ref.id for key, ref in (("person", person), ("company", company)) if ref}
        carried = {"amount": "budget", "source": "source", "tags": "tags"}
        return self.make("deal", raw, {to: own for to, own in carried.items() if to not in raw}, handed)

    def says(self, key: str) -> str:
        """A text of the lead; "" where the actor doesn't read it."""
        return str(self.values[key]) if reads(self.actor, self.type, key) else ""

    def carried(self, target: RecordType, fields: Mapping[str, str]) -> Values:
        """The lead's values for fields {of the target: of the lead}, the empty ones left out."""
        known = {spec.key for spec in target.specs}
        return {
            to: self.values[own] for to, own in fields.items()
            if to in known and not kinds.empty(self.values[own])
            and (reads(self.actor, self.type, own) or not reads(self.actor, target, to))
        }  # fmt: skip

    def make(self, key: str, raw: Values, fields: Mapping[str, str], handed: Values | None = None) -> RecordRef:
        """A new card in the hands of the lead's owner, as far as the actor may give it to him."""
        record_type = type_of(self.actor, key)
        command = commands.create(key, raw)
        command.handed = self.carried(record_type, fields) | (handed or {})
        if "owner" not in raw and self._may_own(command, record_type):
            command.handed["owner"] = self.lead.owner_id
        told = len(self.work.result.events)
        with _named(key):
            command.apply(self.work)
        event = Event.objects.get(pk=self.work.result.events[told])
        self.made.append(RecordRef(event.primary_type, event.primary_id))
        return self.made[-1]

    def _may_own(self, command: Create, record_type: RecordType) -> bool:
        member = self.actor.state.users.get(self.lead.owner_id)
        if member is None or not member.active:
            return False
        try:
            command.check_owner(self.actor, record_type, member.id)
        except Invalid:
            return False
        return True

    def complete(
        self, key: str, wanted: str, points: tuple[str, ...], further: Callable[[Values], Values]
    ) -> RecordRef:  # fmt: skip
        """An existing card, with the phones and addresses it lacked, where the actor may change it."""
        record_type = type_of(self.actor, key)
        try:
            ref = RecordRef(key, UUID(wanted))
            policy.get(self.actor, record_type, ref.id)
        except (ValueError, NotFound) as problem:
            raise Invalid(fields={key: [_("Choose one of the list.")]}) from problem
        if policy.find(self.actor, record_type, ref.id, "edit") is None:
            return ref
        record = commands.hold(self.work, key, ref.id)[1]
        before = current(record_type, record)
        values = further(before)
        for name, mine in self.carried(record_type, dict(zip(points, points, strict=True))).items():
            held = {point["value"] for point in before[name]}
            lacked = tuple(point for point in mine if point["value"] not in held)
            values[name] = (before[name] + lacked)[: max(MAX_POINTS, len(before[name]))]
        relations = mirrored(record_type, record, before, values)
        changes = commands.amend(self.work, record_type, record, values)
        if changes:
            payload = {"title": record.title, "changes": changes} | ({"relations": relations} if relations else {})
            refs = linked_refs(record_type, before | values)
            self.work.tell("record.updated", ref, payload, refs, record.version)
        return ref

    def take_tasks_along(self, target: RecordRef) -> None:
        """What is still to be done about the lead is to be done about the deal."""
        mine = policy.visible(self.actor, type_of(self.actor, "task"), "edit")
        held = mine.filter(about_type="lead", about_id=self.lead.pk, state="open").order_by("due_at", "pk")
        for key in list(held.values_list("pk", flat=True)):
            commands.update("task", key, 0, {"about": target}).apply(self.work)

    def trace(self) -> Values:
        """What the way back needs to know: cards made, tasks planned, further changes told."""
        events = Event.objects.filter(pk__in=self.work.result.events).order_by("id")
        made, planned, along = set(self.made), [], []
        for key, kind, type_key, record_id in events.values_list("pk", "type", "primary_type", "primary_id"):
            ref = RecordRef(type_key, record_id)
            if kind == "record.created" and ref not in made:
                planned.append(str(record_id))
            elif kind in ("record.updated", "relation.set") and ref not in made:
                along.append(key)
        return {"made": [[ref.type, str(ref.id)] for ref in self.made], "planned": planned, "with": along}


def reads(actor: Actor, record_type: RecordType, key: str) -> bool:
    """Whether he reads a field in clear."""
    return policy.level(actor, record_type, record_type.spec(key)) in ("read", "write")


def writes(actor: Actor, record_type: RecordType, key: str) -> bool:
    """Whether he may write a field."""
    return policy.level(actor, record_type, record_type.spec(key)) == "write"


def deal_name(actor: Actor, record_type: RecordType, lead: Any) -> str:
    """What a deal of this lead is called unless somebody says otherwise: what they want, else who they are."""
    texts = [getattr(lead, key) for key in ("need", "company_name", "contact_name") if reads(actor, record_type, key)]
    lines = (" ".join(line.split()) for text in texts for line in text.splitlines())
    name = next(filter(None, lines), lead.title)
    if len(name) <= LONGEST_NAME:
        return name
    return name[:LONGEST_NAME].rpartition(" ")[0] or name[:LONGEST_NAME]


@contextmanager
def _named(part: str) -> Iterator[None]:
    """Errors of what is made say of which part they are."""
    try:
        yield
    except Invalid as problem:
        raise Invalid(fields={f"{part}-{key}": texts for key, texts in problem.fields.items()}) from problem
