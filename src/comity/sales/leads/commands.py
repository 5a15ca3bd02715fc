"""Make a lead, answer it, qualify, refuse, reopen and convert it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.changes import commands
from comity.changes.bus import Work, automatable
from comity.changes.commands import Create, Link
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid, NotFound
from comity.records import kinds
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.sales.leads import clock
from comity.sales.leads.conversion import ConvertLead
from comity.sales.leads.states import change, check, ref_of, related, still_open

__all__ = ["AnswerLead", "ConvertLead", "CreateLead", "QualifyLead", "RefuseLead", "ReopenLead", "TellUnanswered"]


@automatable
@dataclass
class CreateLead(Create):
    """Take an inquiry down. From now on the clock of its first answer runs."""

    key: ClassVar[str] = "lead.create"
    type_key: str = "lead"
    values: dict[str, Any] = field(default_factory=dict)

    def given(self, work: Work, record_type: RecordType, values: dict[str, Any]) -> dict[str, Any]:
        """State, and by when it is to be answered."""
        return {"state": "new", "answer_due_at": clock.due(work.actor.state, values.get("owner") or work.actor.user_id)}


@automatable
@dataclass
class AnswerLead:
    """Say that the client was given a first answer, now or `at` a moment past. A second answer changes nothing."""

    key: ClassVar[str] = "lead.answer"
    lead_id: UUID
    version: int = 0
    at: datetime | None = None

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Conflict."""
        record_type, lead = commands.hold(work, "lead", self.lead_id)
        values = clock.first_answer(work.actor.state, lead, self.at or now())
        if not values:
            work.result.records.append(ref_of(lead))
            return
        check(work.actor, lead, self.version)
        if lead.state in clock.UNANSWERED:
            values["state"] = "working"
        change(work, record_type, lead, values, "lead.answered")


@automatable
@dataclass
class QualifyLead:
    """Say that a lead is worth going on with."""

    key: ClassVar[str] = "lead.qualify"
    lead_id: UUID
    version: int = 0

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Conflict."""
        record_type, lead = commands.hold(work, "lead", self.lead_id)
        if lead.state == "qualified":
            work.result.records.append(ref_of(lead))
            return
        check(work.actor, lead, self.version)
        values = clock.first_answer(work.actor.state, lead, now()) | {"state": "qualified"}
        change(work, record_type, lead, values, "lead.qualified")


@automatable
@dataclass
class RefuseLead:
    """Say that nothing will come of a lead, and why (`reason`, of the list "refuse_reason").

    `same` is the card it doubles, where it is here already: the two are linked.
    """

    key: ClassVar[str] = "lead.refuse"
    lead_id: UUID
    version: int
    reason: str
    note: str = ""
    same: RecordRef | None = None

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        record_type, lead = commands.hold(work, "lead", self.lead_id)
        check(work.actor, lead, self.version)
        choice = record_type.spec("refuse_reason").choice(self.reason)
        if choice is None or choice.retired:
            raise Invalid(fields={"reason": [_("Choose why it is refused.")]})
        try:
            note = kinds.clean(record_type.spec("refuse_note"), self.note, work.actor.env)
        except kinds.BadValue as problem:
            raise Invalid(fields={"note": [str(problem)]}) from problem
        linked = self._link(work) if self.same else None
        values = clock.first_answer(work.actor.state, lead, now())
        values |= {"state": "refused", "refuse_reason": choice.key, "refuse_note": note}
        more = {"with": [linked]} if linked else {}
        change(work, record_type, lead, values, "lead.refused", [self.same] if self.same else (), **more)

    def _link(self, work: Work) -> int | None:
        """Relate it to the card it doubles; the event of that, None when they were related."""
        assert self.same is not None  # noqa: S101 - asked before
        lead, told = RecordRef("lead", self.lead_id), len(work.result.events)
        if related("related", lead, self.same):
            return None
        try:
            Link("related", lead, self.same).apply(work)
        except (Invalid, NotFound) as problem:
            raise Invalid(fields={"same": [_("Choose another card.")]}) from problem
        return work.result.events[told] if len(work.result.events) > told else None


@automatable
@dataclass
class ReopenLead:
    """Take a refused lead up again."""

    key: ClassVar[str] = "lead.reopen"
    lead_id: UUID
    version: int = 0

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        record_type, lead = commands.hold(work, "lead", self.lead_id)
        if lead.state == "converted":
            still_open(work.actor, lead)
        if lead.state != "refused":
            work.result.records.append(ref_of(lead))
            return
        if self.version and "state" in commands.changed_since("lead", lead.pk, self.version):
            raise Conflict(current={"version": lead.version, "state": lead.state})
        state = "working" if lead.answered_at else "new"
        values = {"state": state, "refuse_reason": "", "refuse_note": ""}
        change(work, record_type, lead, values, "lead.reopened")


@dataclass
class TellUnanswered:
    """Tell that the first answer to a lead is late."""

    key: ClassVar[str] = "lead.unanswered"
    lead_id: UUID

    def apply(self, work: Work) -> None:
        """Writes nothing but the event; by the house itself."""
        _type, lead = commands.hold(work, "lead", self.lead_id)
        if lead.answered_at is None and lead.state not in clock.CLOSED:
            work.tell("lead.unanswered", ref_of(lead), {"owner": str(lead.owner_id or "")})
