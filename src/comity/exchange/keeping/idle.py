"""Which cards nobody has touched: judged by the house, by the days of the company."""

import hashlib
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from comity.access import policy
from comity.access.actors import Actor
from comity.access.rules import house_scope
from comity.access.snapshot import Snapshot
from comity.exchange.keeping.model import KeepingRule
from comity.kernel.clock import now
from comity.records.conditions import BadCondition, compile_q
from comity.records.models import Relation
from comity.records.types import RecordType
from comity.timeline.models import EventSubject

DEAL = "deal"  # an open one is work itself
ALL = Q()


def zone_of(state: Snapshot) -> ZoneInfo:
    """Where the company's days begin."""
    return ZoneInfo(state.organization.timezone if state.organization else "UTC")


def today(state: Snapshot) -> date:
    """The day it is at the company's place."""
    return now().astimezone(zone_of(state)).date()


def begin_of(state: Snapshot, day: date) -> datetime:
    """When a day of the company begins."""
    return datetime.combine(day, time(), zone_of(state)).astimezone(UTC)


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month; its last one where it has none of that number."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    first = date(year, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def digest(rule: KeepingRule) -> str:
    """What tells a rule from what it was: all of it but its name."""
    text = json.dumps([rule.type_key, rule.where, rule.months, rule.then], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def kinds(state: Snapshot) -> list[RecordType]:
    """The kinds of cards rules may be written for: those that stand by themselves."""
    return [one for one in state.types_on if not one.follows]


def kind_of(state: Snapshot, rule: KeepingRule) -> RecordType | None:
    """The kind of a rule's cards; None when it is archived, or went with a module."""
    return next((one for one in kinds(state) if one.key == rule.type_key), None)


def fitting(house: Actor, rule: KeepingRule) -> Q | None:
    """The cards outside the trash a rule is about, as a condition over their table; None when it can't be judged.

    `house` is the house itself: it judges with every field and every card, whoever asks.
    """
    state = house.state
    record_type = kind_of(state, rule)
    if record_type is None:
        return None
    try:
        q = compile_q(rule.where, house_scope(record_type, timezone=zone_of(state).key)) if rule.where else Q()
    except BadCondition:
        return None  # a field of it is gone
    return q & untouched(house, record_type, begin_of(state, months_before(today(state), rule.months)))


def untouched(house: Actor, record_type: RecordType, since: datetime) -> Q:
    """The cards nobody has touched since then: no event of a person on them, no work under way, nothing planned."""
    told = EventSubject.objects.filter(
        type_key=record_type.key, record_id=OuterRef("pk"), event__at__gte=since, event__actor_kind="user"
    )
    q = Q(updated_at__lt=since) & (Q(next_at=None) | Q(next_at__lt=now())) & Q(~Exists(told))
    for one in house.state.record_types.values():
        is_open = under_way(one)
        if is_open is None:
            continue
        if one.key == record_type.key == DEAL:
            q &= ~is_open
        for part in pointing(house, one, record_type, is_open):
            q &= Q(~part)
    return q


def under_way(record_type: RecordType) -> Q | None:
    """Which cards of a kind of work are not finished; None where the kind is no work."""
    if record_type.closing and record_type.spec(record_type.closing[0]).stored == "column":
        return ~Q(**{f"{record_type.closing[0]}__in": sorted(record_type.closing[1])})
    return Q(state="open") if record_type.key == "task" else None


def pointing(house: Actor, one: RecordType, target: RecordType, which: Q = ALL) -> list[Exists]:
    """Whether cards of kind `one` outside the trash, those that are `which`, point to a card: a test per way."""
    live = policy.visible(house, one).filter(which).order_by()
    found = []
    for spec in one.links:
        if spec.stored != "column":
            continue
        if spec.kind == "card":
            found.append(Exists(live.filter(**{f"{spec.key}_type": target.key, spec.attname: OuterRef("pk")})))
        elif spec.target == target.key:
            found.append(Exists(live.filter(**{spec.attname: OuterRef("pk")})))
    rows: Any = Relation.objects.filter(from_type=one.key, to_type=target.key, to_id=OuterRef("pk"))
    return [*found, Exists(rows.filter(from_id__in=live.values("pk")))]
