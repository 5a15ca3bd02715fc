"""Spans of days that conditions mean, in the zone of whoever asks."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from comity.records import kinds
from comity.records.fields import FieldSpec
from comity.records.scope import BadCondition

MOVING = frozenset({"today", "this_month", "past_days", "next_days"})  # operators that mean other days tomorrow


def pair(value: Any) -> tuple[Any, Any]:
    """The two ends of a "between", both of them within."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise BadCondition("from and to are missing")
    return value[0], value[1]


def days(op: str, value: Any, today: date) -> tuple[date | None, date | None]:
    """The span [first, last) of days an operator means; None = open."""
    one = timedelta(days=1)
    try:
        match op:
            case "today":
                return today, today + one
            case "this_month":
                first = today.replace(day=1)
                return first, (first + timedelta(days=32)).replace(day=1)
            case "past_days":
                return today - timedelta(days=int(value)), today + one
            case "next_days":
                return today, today + timedelta(days=int(value)) + one
            case "between":
                low, high = (date.fromisoformat(str(one)) for one in pair(value))
                return low, high + one
        day = date.fromisoformat(str(value))
        return {"is": (day, day + one), "before": (None, day), "after": (day + one, None)}[op]
    except (ValueError, TypeError, OverflowError) as problem:
        raise BadCondition("a date or a number of days is missing") from problem


def edge(spec: FieldSpec, day: date | None, timezone: str) -> Any:
    """The bound to compare with: the day itself, or the moment it begins in the person's zone."""
    if day is None:
        return None
    if spec.kind == "date":
        return kinds.to_json(spec, day) if spec.stored == "custom" else day
    try:
        moment = datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)
    except OverflowError as problem:
        raise BadCondition("a day no clock reaches") from problem
    return kinds.to_json(spec, moment) if spec.stored == "custom" else moment
