"""The moments people mean: the next working morning, in an hour, tomorrow, on Monday, in a week."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.kernel.clock import now
from comity.kernel.worktime import work_hours
from comity.work.tasks.repeating import moment

FAR = 31  # days: a calendar without a working day among them is taken as none


def next_morning(actor: Actor) -> datetime:
    """When the next working day begins, by the actor's clock."""
    hours = work_hours(actor.state.organization)
    zone = ZoneInfo(actor.timezone)
    day = now().astimezone(zone).date() + timedelta(days=1)
    for n in range(FAR):
        one = day + timedelta(days=n)
        if one.weekday() in hours.days and one not in hours.holidays:
            day = one
            break
    return moment(datetime.combine(day, time(hours.start // 60 % 24, hours.start % 60)), zone)


def later(actor: Actor, due: datetime | None = None) -> list[tuple[str, str, datetime]]:
    """The chips of "later": key, words, moment. Those for a day keep the clock time of `due` (else: the morning's)."""
    zone = ZoneInfo(actor.timezone)
    present = now().astimezone(zone)
    start = work_hours(actor.state.organization).start
    kept = due.astimezone(zone).time() if due else time(start // 60 % 24, start % 60)
    hour = (now() + timedelta(hours=1)).replace(second=0, microsecond=0)

    def day(n: int) -> datetime:
        return moment(datetime.combine(present.date() + timedelta(days=n), kept), zone)

    monday = 7 - present.weekday()
    found = [("hour", _("In an hour"), hour), ("tomorrow", _("Tomorrow"), day(1)), ("week", _("In a week"), day(7))]
    if monday not in (1, 7):
        found.insert(2, ("monday", _("On Monday"), day(monday)))
    return found
