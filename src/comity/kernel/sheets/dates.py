"""One text as a date, with or without its time: in which orders of day and month it can be read."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache, lru_cache

_LONGEST = 48
_TIME = (
    r"(?:[T\s,]+(?:в\s+|о\s+|at\s+)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
)
_END = r"\s*(?:г\.?|р\.?|року|года)?"
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})" + _TIME)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?=T|$)" + _TIME)
_YEAR_LAST = re.compile(
    r"(?P<first>\d{1,2})(?P<sign>[-/.])(?P<second_>\d{1,2})(?P=sign)(?P<year>\d{4}|\d\d)" + _END + _TIME
)
_NAMED = re.compile(
    r"(?:(?P<day>\d{1,2})\.?[\s-]+(?P<name>[^\W\d_]{3,})\.?"
    r"|(?P<name2>[^\W\d_]{3,})\.?\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?)"
    r",?[\s-]+(?P<year>\d{4})" + _END + _TIME
)
_LANGUAGES = ("en", "ru", "uk", "bg", "id", "ar")

Moment = date | datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A text that can be a date; `possible` has the date by the order of day and month, under "" where that is sure."""

    possible: dict[str, Moment]
    timed: bool = False

    @property
    def readings(self) -> dict[str, object]:
        """What speaks for an order: {} where it plays no part, one entry where only that one can be meant."""
        return {} if "" in self.possible else dict(self.possible)

    def value(self, order: str) -> Moment | None:
        """The date; where the text alone does not tell, in this order; None where that is not known."""
        if len(self.possible) == 1:
            return next(iter(self.possible.values()))
        return self.possible.get(order)


@lru_cache(maxsize=1000)  # the days of a column come again and again, and it is read more than once
def read(text: str) -> Found | None:
    """The ways in which a text can be read as a date; None where it is none.

    Years of two digits are read as POSIX does: 69 to 99 in the last century. Points part day.month.year only.
    """
    if not 6 <= len(text) <= _LONGEST:
        return None
    plain = text.strip() if text.isascii() else _ordinary(text)
    if match := _YEAR_FIRST.fullmatch(plain) or _COMPACT.fullmatch(plain):
        made = _made(match, int(match["year"]), int(match["month"]), int(match["day"]))
        return None if made is None else Found({"": made}, match["hour"] is not None)
    if match := _YEAR_LAST.fullmatch(plain):
        return _year_last(match)
    if match := _NAMED.fullmatch(plain):
        return _named(match)
    return None


def _year_last(match: re.Match[str]) -> Found | None:
    first, second = int(match["first"]), int(match["second_"])
    year = int(match["year"])
    if len(match["year"]) == 2:
        year += 1900 if year >= 69 else 2000
    timed = match["hour"] is not None
    day_first = _made(match, year, second, first)
    if match["sign"] == ".":
        return None if day_first is None else Found({"": day_first}, timed)
    month_first = _made(match, year, first, second)
    if day_first is not None and day_first == month_first:
        return Found({"": day_first}, timed)
    possible = {"dmy": day_first, "mdy": month_first}
    found = {order: moment for order, moment in possible.items() if moment is not None}
    return Found(found, timed) if found else None


def _named(match: re.Match[str]) -> Found | None:
    month = _months().get((match["name"] or match["name2"]).casefold())
    made = _made(match, int(match["year"]), month, int(match["day"] or match["day2"])) if month else None
    return None if made is None else Found({"": made}, match["hour"] is not None)


def _made(match: re.Match[str], year: int, month: int, day: int) -> Moment | None:
    try:
        made = date(year, month, day)
        if match["hour"] is None:
            return made
        hour = int(match["hour"])
        if half := match["half"]:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if half[0] in "pP" else 0)
        micro = int((match["part"] or "0").ljust(6, "0")[:6])
        at = time(hour, int(match["minute"]), int(match["second"] or 0), micro)
        return datetime.combine(made, at, _zone(match["zone"]))
    except ValueError:
        return None


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _ordinary(text: str) -> str:
    signs = (sign for sign in text.strip() if sign not in "\u200e\u200f\u061c")
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in signs)


@cache
def _months() -> dict[str, int]:
    """The names of months, as they stand alone and in a date, in our languages; a name of two months is none."""
    from babel import Locale

    found: dict[str, int] = {}
    doubtful = set()
    for language in _LANGUAGES:
        months = Locale.parse(language).months
        for names in (months[place][width] for place in ("format", "stand-alone") for width in ("wide", "abbreviated")):
            for number, name in names.items():
                key = name.casefold().strip(".")
                if found.setdefault(key, number) != number:
                    doubtful.add(key)
    return {name: number for name, number in found.items() if name not in doubtful}
