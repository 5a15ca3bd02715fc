"""Periods of reports: whole days as the reader counts them, chosen in one click or from any day to any other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from comity.ui.cells import written_day

DAY = timedelta(days=1)
EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)
MOST_MONTHS = 36  # a longer period is told year by year
OFFERED = (
    "this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_year", "past_year",
)  # fmt: skip


def first_of_month(day: date, months: int = 0) -> date:
    """The first day of the month so many months after (before, if negative) the month of a day."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True)
class Period:
    """From a day to a day, both within. `key` is one of OFFERED, "" = chosen freely."""

    key: str
    first: date
    last: date

    def edges(self, timezone: str) -> tuple[datetime, datetime]:
        """The moment the first day begins in a zone, and the moment the day after the last one does; UTC."""
        zone = ZoneInfo(timezone)
        first, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (self.first, self.last + DAY))
        return first, end

    def leaf(self, field: str) -> dict[str, Any]:
        """The condition that a date or moment lies within."""
        return {"field": field, "op": "between", "value": [self.first.isoformat(), self.last.isoformat()]}

    def params(self) -> list[tuple[str, str]]:
        """How addresses name it."""
        if self.key:
            return [("period", self.key)]
        return [("from", self.first.isoformat()), ("to", self.last.isoformat())]

    @property
    def by_year(self) -> bool:
        """Whether its steps are years."""
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return months > MOST_MONTHS

    def steps(self) -> list["Period"]:
        """Its months, or years when there would be too many; the first and the last one cut to the period."""
        found: list[Period] = []
        start = self.first
        while start <= self.last:
            after = date(start.year + 1, 1, 1) if self.by_year else first_of_month(start, 1)
            found.append(Period("", start, min(after - DAY, self.last)))
            start = after
        return found

    def step_label(self, language: str, short: bool = False) -> str:
        """A step's name: "March 2026", short "Mar"; of a year its number."""
        if self.first.month != self.last.month or self.first.year != self.last.year:
            return str(self.first.year)
        return written_day(self.first, "LLL" if short else "LLLL y", language)

    def text(self, language: str) -> str:
        """ "1 Jan 2026 to 31 Mar 2026"."""
        days = (written_day(day, "d MMM y", language) for day in (self.first, self.last))
        return _("%(first)s to %(last)s") % dict(zip(("first", "last"), days, strict=True))


def offered(key: str, today: date) -> Period:
    """One of the periods offered, as it lies on a day."""
    month, quarter = first_of_month(today), first_of_month(today, -((today.month - 1) % 3))
    year = date(today.year, 1, 1)
    spans = {
        "this_month": (month, first_of_month(month, 1)),
        "last_month": (first_of_month(month, -1), month),
        "this_quarter": (quarter, first_of_month(quarter, 3)),
        "last_quarter": (first_of_month(quarter, -3), quarter),
        "this_year": (year, date(today.year + 1, 1, 1)),
        "last_year": (date(today.year - 1, 1, 1), year),
        "past_year": (first_of_month(month, -11), first_of_month(month, 1)),
    }
    first, after = spans[key]
    return Period(key, first, after - DAY)


def chosen(params: Mapping[str, str], today: date, default: str) -> Period:
    """The period an address names; what makes no sense gives the default."""
    if params.get("period") in OFFERED:
        return offered(params["period"], today)
    first, last = _day(params.get("from", "")), _day(params.get("to", ""))
    if first is None and last is None:
        return offered(default, today)
    ends = sorted((first or last or today, last or max(today, first or today)))
    for key in (default, *OFFERED):
        if (known := offered(key, today)).first == ends[0] and known.last == ends[1]:
            return known
    return Period("", ends[0], ends[1])


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def labels() -> dict[str, str]:
    """What the periods offered are called."""
    return {
        "this_month": _("This month"), "last_month": _("Last month"), "this_quarter": _("This quarter"),
        "last_quarter": _("Last quarter"), "this_year": _("This year"), "last_year": _("Last year"),
        "past_year": _("12 months"),
    }  # fmt: skip
