"""Rows and cards that are drawn once: their HTML is kept for as long as all that it was drawn from stays as it is.

A wrong key would show one reader what only another may see, so no key is trusted: what is kept lies beside all that it
was drawn from (the values read, the titles, phones and tags this reader sees), and is taken only where that is equal.
What is the same for all rows of a page (columns and their levels, language, zone) is its *look*.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from comity.access.actors import Actor
from comity.access.snapshot import Snapshot

Row = Mapping[str, Any]
KEPT = 3000  # rows of one generation, of about 2 KB each; there are two


class Drawn:
    """The HTML of rows in one state of settings: it goes when that is replaced, for names and colours come from it."""

    def __init__(self) -> None:
        self._looks: dict[Hashable, int] = {}
        self._numbers = count()  # gives each number once, whatever threads ask at a time: no two looks may share one
        self._young: dict[tuple[int, UUID], tuple[Any, datetime, datetime, str]] = {}
        self._old: dict[tuple[int, UUID], tuple[Any, datetime, datetime, str]] = {}

    @classmethod
    def of(cls, state: Snapshot) -> "Drawn":
        """What is kept for a state."""
        held: Drawn = state.derived.setdefault(cls, cls())
        return held

    def each(
        self, actor: Actor, look: Hashable, moment: datetime, rows: Sequence[Row],
        beside: Callable[[Row], Any], draw: Callable[[Row], str],
    ) -> list[str]:  # fmt: skip
        """The HTML of each row, as `draw` makes it at that moment.

        look    all that `draw` depends on apart from the row, the moment and the state of settings
        beside  what else goes into a row's HTML: whatever can be compared (titles of its links, tags, ...)
        """
        number = self._looks.setdefault((look, actor.language, actor.timezone), next(self._numbers))
        midnight = _midnight(moment, actor.timezone)
        young, old, found = self._young, self._old, []
        for row in rows:
            key, made_of = (number, row["id"]), (row, beside(row))
            held = young.get(key)
            if held is None and (held := old.get(key)) is not None:
                young[key] = held
            if held is None or not held[1] <= moment < held[2] or held[0] != made_of:
                held = young[key] = (made_of, moment, _end(row, moment, midnight), draw(row))
            found.append(held[3])
        if len(young) > KEPT:
            self._old, self._young = young, {}
        return found


def _midnight(moment: datetime, timezone: str) -> datetime:
    """When the reader's day ends: "today" is another one then."""
    zone = ZoneInfo(timezone)
    return datetime.combine(moment.astimezone(zone).date() + timedelta(days=1), time(), zone)


def _end(row: Row, moment: datetime, midnight: datetime) -> datetime:
    """Until when a row looks the same: to the end of the day, or to the next moment it tells of, which is late then."""
    ahead = [value for value in row.values() if type(value) is datetime and moment < value < midnight]
    return min(ahead) if ahead else midnight
