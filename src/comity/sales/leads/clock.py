"""The first-answer clock of a lead: by when, and how long it took, in the company's working hours."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from comity.access.snapshot import Snapshot
from comity.kernel.clock import now
from comity.kernel.worktime import work_hours

CLOSED = frozenset({"converted", "refused"})
UNANSWERED = frozenset({"", "new"})


def due(state: Snapshot) -> datetime:
    """By when an inquiry that comes now is to be answered."""
    minutes = state.organization.answer_minutes if state.organization else 60
    return work_hours(state.organization).add_minutes(now(), minutes)


def first_answer(state: Snapshot, lead: Any, at: datetime) -> dict[str, Any]:
    """What the first answer at a moment writes into a lead; {} when it has been answered before."""
    if lead.answered_at is not None:
        return {}
    took = work_hours(state.organization).minutes_between(lead.created_at, at)
    return {"answered_at": at, "answer_minutes": took}


def minutes_left(state: Snapshot, lead: Any) -> int:
    """Working minutes until the answer is late; below zero: since it is late; at least one either way."""
    hours, moment = work_hours(state.organization), now()
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
