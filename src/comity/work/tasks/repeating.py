"""When a repeated task comes again: recurrence rules of RFC 5545, reckoned in the days of the one responsible."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from django.utils.translation import gettext as _

from comity.kernel.errors import Invalid

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKING_DAYS = DAYS[:5]
HORIZON = 366 * 9  # days: 29 February comes within them, whatever the century
MOST_COUNT = 500
LONGEST = 120  # characters, as the column holds
_INT = r"[1-9]\d{0,2}"
_DAY = r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)"
_DAY_OF_MONTH = r"-?([1-9]|[12]\d|3[01])"
_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": _INT,
    "COUNT": _INT,
    "UNTIL": r"\d{8}(T\d{6}Z?)?",
    "BYDAY": rf"{_DAY}(,{_DAY})*",
    "BYMONTHDAY": rf"{_DAY_OF_MONTH}(,{_DAY_OF_MONTH})*",
    "BYMONTH": r"([1-9]|1[0-2])(,([1-9]|1[0-2]))*",
    "BYSETPOS": r"-?[1-5]",
    "BYHOUR": r"[01]?\d|2[0-3]",
    "BYMINUTE": r"[0-5]?\d",
    "WKST": "|".join(DAYS),
}
# What names days of a month or a year belongs to rules of months and years: others count through days in vain.
_ONLY_WITH = {"BYMONTH": ("YEARLY",), "BYMONTHDAY": ("MONTHLY", "YEARLY"), "BYSETPOS": ("MONTHLY", "YEARLY")}
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")


def _refuse(text: str) -> Invalid:
    return Invalid(fields={"repeat": [text]})


def parts_of(rule: str) -> dict[str, str]:
    """The parts of a rule's text by name; raises Invalid in plain words for what no task can keep to."""
    text = rule.strip().upper().removeprefix("RRULE:")
    found: dict[str, str] = {}
    for part in filter(None, text.split(";")):
        name, _equals, value = part.partition("=")
        if name in found:
            raise _refuse(_("This is no rule for repeating. Choose how often instead."))
        found[name] = value
    if found.get("FREQ") in _TOO_OFTEN:
        raise _refuse(_("A task can come once a day at most. Choose days, weeks, months or years."))
    if "FREQ" not in found or len(text) > LONGEST:
        raise _refuse(_("This is no rule for repeating. Choose how often instead."))
    for name, value in found.items():
        if name == "COUNT" and not (value.isdecimal() and len(value) < 9 and 1 <= int(value) <= MOST_COUNT):
            raise _refuse(_("It may repeat %(limit)s times at most; leave the number out for ever.")
                          % {"limit": MOST_COUNT})  # fmt: skip
        fits = found["FREQ"] in _ONLY_WITH.get(name, (found["FREQ"],))
        if not (fits and re.fullmatch(_PARTS.get(name, r"(?!)"), value)):
            raise _refuse(_("This is no rule for repeating. Choose how often instead."))
    if re.search(r"\d", found.get("BYDAY", "")) and ("BYMONTHDAY" in found or found["FREQ"] in ("DAILY", "WEEKLY")):
        raise _refuse(_("This is no rule for repeating. Choose how often instead."))
    return found


def _written(parts: Mapping[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def of_month(day: int) -> dict[str, str]:
    """A day of each month; of the 29th to 31st, the last day there is."""
    if day <= 28:
        return {"BYMONTHDAY": str(day)}
    return {"BYMONTHDAY": ",".join(str(one) for one in range(28, day + 1)), "BYSETPOS": "-1"}


def settled(rule: str, due: datetime, zone: ZoneInfo, whole_day: bool) -> str:
    """A rule that stands by itself: day and clock time of the task it is given to are written into it, so that moving
    one task does not move the series. Raises Invalid, also when it never comes."""
    parts = parts_of(rule)
    local = due.astimezone(zone)
    days = {"BYDAY", "BYMONTHDAY"} & parts.keys()
    if parts["FREQ"] == "WEEKLY" and not days:
        parts["BYDAY"] = DAYS[local.weekday()]
    elif parts["FREQ"] == "MONTHLY" and not days:
        parts |= of_month(local.day)
    elif parts["FREQ"] == "YEARLY" and not days:
        parts = {"BYMONTH": str(local.month)} | parts | of_month(local.day)
        parts = {"FREQ": parts.pop("FREQ")} | parts
    if whole_day:
        parts.pop("BYHOUR", None)
        parts.pop("BYMINUTE", None)
    elif "BYHOUR" not in parts:
        parts |= {"BYHOUR": str(local.hour), "BYMINUTE": str(local.minute)}
    elif "BYMINUTE" not in parts:
        parts["BYMINUTE"] = "0"
    if "UNTIL" in parts:
        _until(parts["UNTIL"], zone)
    text = _written(parts)
    if len(text) > LONGEST:
        raise _refuse(_("This is no rule for repeating. Choose how often instead."))
    probe = _written({name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")})
    if following(probe, due, zone, whole_day, due) is None:
        raise _refuse(_("No such day comes in the next years. Choose how often instead."))
    return text


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The moment that stands for "at any time of that day": its last minute where the responsible one lives."""
    return moment(datetime.combine(day, time(23, 59)), zone)


def ends_a_day(at: datetime, zone: ZoneInfo) -> bool:
    """Whether a moment is the last minute of a day there."""
    local = at.astimezone(zone)
    return (local.hour, local.minute) == (23, 59)


def moment(local: datetime, zone: ZoneInfo) -> datetime:
    """A clock time of a zone in UTC. One that the clocks skip in spring is as much later as they go forward; one that
    comes twice in autumn is the first."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def following(
    rule: str, due: datetime, zone: ZoneInfo, whole_day: bool, after: datetime
) -> tuple[datetime, str] | None:
    """When the task due at `due` comes again, later than `after` too, and the rule it has then; None = no more."""
    parts = parts_of(rule)
    if "COUNT" in parts:
        left = int(parts["COUNT"]) - 1
        if left < 1:
            return None
        parts["COUNT"] = str(left)
    local = due.astimezone(zone).replace(tzinfo=None)
    today = after.astimezone(zone).replace(tzinfo=None)
    if whole_day:
        local = local.replace(hour=23, minute=59)
    last = max(local, today) + timedelta(days=HORIZON)
    if "UNTIL" in parts:
        last = min(last, _until(parts["UNTIL"], zone))
    # Nobody waits until the days of some years long ago are counted through.
    begin = max(local, datetime.combine(today.date() - timedelta(days=HORIZON), local.time()))
    plain = _written({name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")})
    for again in rrulestr(plain, dtstart=begin.replace(second=0, microsecond=0)):
        if again > last:
            return None
        at = moment(again, zone)
        if at > due and at > after:
            return at, _written(parts)
    return None


def _until(text: str, zone: ZoneInfo) -> datetime:
    """The last moment of a series as a clock time of the zone."""
    try:
        if text.endswith("Z"):
            at = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return at.astimezone(zone).replace(tzinfo=None)
        if "T" in text:
            return datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a clock time, as the rule says
        return datetime.combine(datetime.strptime(text, "%Y%m%d"), time.max)  # noqa: DTZ007
    except ValueError as problem:
        raise _refuse(_("Enter a date such as 2026-03-31.")) from problem
