"""Working hours: how much working time lies between two moments, and when so much of it will have passed.

A company's day begins and ends by the clock on its wall; what lies between is counted as it really passes, so the night
a clock is put forward or back changes no sum.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

DAY = 24 * 60
HORIZON = 3660  # days looked ahead: a calendar that knows no working day by then is taken for a mistake
UNIVERSAL = ZoneInfo("UTC")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})")


@dataclass(frozen=True)
class WorkHours:
    """When a company works.

    days        weekdays, Monday = 0
    start, end  minutes since midnight by the clock on the wall; `end` may be 24:00
    holidays    days on which nobody works
    zone        where that clock hangs

    Raises ValueError when nobody would ever work.
    """

    days: frozenset[int]
    start: int
    end: int
    holidays: frozenset[date] = frozenset()
    zone: ZoneInfo = UNIVERSAL

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(7)) or not 0 <= self.start < self.end <= DAY:
            raise ValueError("Working hours need a weekday and an end after the start")

    def minutes_between(self, a: datetime, b: datetime) -> int:
        """Whole working minutes from `a` to `b` (both aware); 0 when `b` is not after `a`."""
        a, b = a.astimezone(UTC), b.astimezone(UTC)  # within one zone Python would subtract what the wall shows
        worked = timedelta()
        for begins, ends in self._spans(a):
            if max(begins, a) >= b:
                break
            worked += min(ends, b) - max(begins, a)
        return worked // timedelta(minutes=1)

    def add_minutes(self, at: datetime, minutes: int) -> datetime:
        """The first moment (UTC) by which `minutes` of working time have passed after `at` (aware)."""
        at, left = at.astimezone(UTC), timedelta(minutes=minutes)
        if left <= timedelta():
            return at
        for begins, ends in self._spans(at):
            begins = max(begins, at)
            if left <= ends - begins:
                return begins + left
            left -= ends - begins
        return at + left

    def _spans(self, after: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of work that end after a moment, in order."""
        first = after.astimezone(self.zone).date()
        for n in range(-1, HORIZON):
            day = first + timedelta(days=n)
            if day.weekday() not in self.days or day in self.holidays:
                continue
            begins, ends = self._moment(day, self.start), self._moment(day, self.end)
            skipped = begins.astimezone(self.zone).date() != day  # a day its zone jumped over
            if not skipped and begins < ends and ends > after:
                yield begins, ends

    def _moment(self, day: date, minute: int) -> datetime:
        """That minute by the wall's clock as a moment; one that the clock shows twice counts the first time."""
        local = datetime.combine(day + timedelta(days=minute // DAY), time(minute % DAY // 60, minute % 60))
        return local.replace(tzinfo=self.zone).astimezone(UTC)


def clock_minutes(text: str) -> int | None:
    """Minutes since midnight of "9:00", "18.30" or "24:00"; None for anything else."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes = int(found[1]), int(found[2])
    return hours * 60 + minutes if minutes < 60 and hours * 60 + minutes <= DAY else None


def clock_text(minutes: int) -> str:
    """The same as it is kept and shown: "09:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def work_hours(organization: Any, zone: str = "") -> WorkHours:
    """The hours a company or one of its branches keeps: of the row with work_days, work_from, work_to, holidays and
    timezone, in `zone` where it names none (None: Monday to Friday, nine to six in UTC)."""
    if organization is None:
        return WorkHours(frozenset(range(5)), 9 * 60, 18 * 60)
    return _hours(
        tuple(organization.work_days), organization.work_from, organization.work_to, tuple(organization.holidays),
        organization.timezone or zone or "UTC",
    )  # fmt: skip


@lru_cache(maxsize=64)
def _hours(days: tuple[int, ...], start: str, end: str, holidays: tuple[str, ...], zone: str) -> WorkHours:
    begins, ends = clock_minutes(start), clock_minutes(end)
    if begins is None or ends is None:
        raise ValueError(f"No working hours from {start!r} to {end!r}")
    return WorkHours(frozenset(days), begins, ends, frozenset(map(date.fromisoformat, holidays)), ZoneInfo(zone))
