"""The first-answer clock of a lead: by when, and how long it took, in the working hours of who answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access.branches import hours_of
from comity.access.snapshot import Snapshot
from comity.kernel.clock import now

CLOSED = frozenset({"converted", "refused"})
UNANSWERED = frozenset({"", "new"})


def due(state: Snapshot, owner: UUID | None) -> datetime:
    """By when an inquiry that comes now is to be answered, in the hours of who is responsible for it."""
    minutes = state.organization.answer_minutes if state.organization else 60
    return hours_of(state, owner).add_minutes(now(), minutes)


def first_answer(state: Snapshot, lead: Any, at: datetime) -> dict[str, Any]:
    """What the first answer at a moment writes into a lead; {} when it has been answered before."""
    if lead.answered_at is not None:
        return {}
    took = hours_of(state, lead.owner_id).minutes_between(lead.created_at, at)
    return {"answered_at": at, "answer_minutes": took}


def minutes_left(state: Snapshot, lead: Any) -> int:
    """Working minutes until the answer is late; below zero: since it is late; at least one either way."""
    hours, moment = hours_of(state, lead.owner_id), now()
    if moment <= lead.answer_due_at:
        return max(hours.minutes_between(moment, lead.answer_due_at), 1)
    return -max(hours.minutes_between(lead.answer_due_at, moment), 1)


def spoken(minutes: int) -> str:
    """A length of working time in words: "35 min", "2 h 5 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)s min") % {"minutes": rest}
    if not rest:
        return _("%(hours)s h") % {"hours": hours}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
