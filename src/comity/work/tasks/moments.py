"""The moments people mean: the next working morning, in an hour, tomorrow, on Monday, in a week."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.access.branches import hours_of
from comity.kernel.clock import now
from comity.work.tasks.repeating import moment

FAR = 31  # days: a calendar without a working day among them is taken as none


def next_morning(actor: Actor) -> datetime:
    """When the next working day begins, by the actor's clock."""
    hours = hours_of(actor.state, actor.user_id)
    zone = ZoneInfo(actor.timezone)
    day = now().astimezone(zone).date() + timedelta(days=1)
    for n in range(FAR):
        one = day + timedelta(days=n)
        if one.weekday() in hours.days and one not in hours.holidays:
            day = one
            break
    return moment(datetime.combine(day, time(hours.start // 60 % 24, hours.start % 60)), zone)


def later(actor: Actor, due: datetime | None = None) -> list[tuple[str, str, datetime]]:
    """The chips of "later": key, words, moment; all of them after `due`, and with its clock time (else the morning's).

    What is due today or late is put off from now on, what is due another day from that day on.
    """
    zone = ZoneInfo(actor.timezone)
    present = now().astimezone(zone)
    start = hours_of(actor.state, actor.user_id).start
    local = due.astimezone(zone) if due else None
    clock = local.time() if local else time(start // 60 % 24, start % 60)
    ahead = local is not None and local.date() > present.date()
    day = local.date() if ahead and local else present.date()

    def after(days: int) -> datetime:
        return moment(datetime.combine(day + timedelta(days=days), clock), zone)

    hour = (now() + timedelta(hours=1)).replace(second=0, microsecond=0)
    monday = 7 - day.weekday()
    found = [
        ("hour", _("In an hour"), hour),
        ("tomorrow", _("A day later") if ahead else _("Tomorrow"), after(1)),
        ("monday", _("On Monday"), after(monday)),
        ("week", _("A week later") if ahead else _("In a week"), after(7)),
    ]
    return [
        (key, words, at) for key, words, at in found
        if (due is None or at > due) and (key != "monday" or monday not in (1, 7))
    ]  # fmt: skip
