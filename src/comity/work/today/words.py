"""When something is due, and how late it is, in the reader's words."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta
from django.utils.translation import gettext as _

from comity.ui.cells import moment_format, written_day

DAY = timedelta(days=1)


@lru_cache(maxsize=2048)
def _length(number: int, unit: str, language: str) -> str:
    length = timedelta(**{f"{unit}s": number})
    return str(format_timedelta(length, granularity=unit, threshold=1000, locale=language))  # type: ignore[arg-type]


def how_late(at: datetime, whole_day: bool, moment: datetime, zone: ZoneInfo, language: str) -> str:
    """The time since a deadline passed, in its largest unit: "2 days", "3 hours"; of a day: whole days."""
    days = (moment.astimezone(zone).date() - at.astimezone(zone).date()).days
    if whole_day or moment - at >= DAY:
        return _length(max(days, 1), "day", language)
    minutes = int((moment - at).total_seconds() // 60)
    return _length(minutes // 60, "hour", language) if minutes >= 60 else _length(max(minutes, 1), "minute", language)


def due_format(language: str, moment: datetime, timezone: str) -> Callable[[datetime, bool], str]:
    """Writes when something is due: the clock today, else day and clock; a day without a clock by its name."""
    show, zone = moment_format(language, moment, timezone), ZoneInfo(timezone)
    today, this_day = moment.astimezone(zone).date(), _("today")

    def write(at: datetime, whole_day: bool) -> str:
        if not whole_day:
            return show(at)
        day = at.astimezone(zone).date()
        return this_day if day == today else written_day(day, "d MMM" if day.year == today.year else "d MMM y",
                                                           language)  # fmt: skip

    return write
