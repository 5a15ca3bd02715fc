"""How far deals came along a pipeline: its stages as places, what each deal reached, and the sets behind the figures.

A deal reached a stage when it has ever been in it or in a later one. Won deals reached everything; a stage no longer in
use counts as the one before it. So going back and forth changes nothing, and no deal counts twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from comity.insight.money import Rates, Tally
from comity.kernel.clock import now
from comity.sales.deals.model import Seconds, StageVisit
from comity.sales.pipelines.state import PipelineState, StageState

MOMENT = StageVisit._meta.get_field("entered_at")


@dataclass(frozen=True)
class Places:
    """The stages in use of a pipeline, in order, and the place of every stage a deal may ever have been in."""

    pipeline: PipelineState

    @cached_property
    def stages(self) -> tuple[StageState, ...]:
        """The open stages; winning is the place after the last of them."""
        return self.pipeline.open

    @cached_property
    def of(self) -> Mapping[str, int]:
        """Stage key -> place. Having been won once, and reopened, is having come to the last open stage."""
        found: dict[str, int] = {}
        place = -1
        for stage in self.pipeline.stages:
            if stage.kind == "open":
                place += not stage.retired
                found[stage.key] = max(place, 0)
            elif stage.kind == "won":
                found[stage.key] = len(self.stages) - 1
        return found

    def beginning(self, place: int) -> tuple[str, ...]:
        """The keys of all stages from a place on."""
        return tuple(key for key, one in self.of.items() if one >= place)


@dataclass(frozen=True)
class CameThrough:
    """Deals that have been in one of the stages of `reach`, the first time within the two moments, and in none of
    `beyond`; `or_won`: those won too, wherever they have been."""

    pipeline: str
    reach: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    or_won: bool = False

    def q(self) -> Q:
        """The set, over deals."""
        found = Q()
        if self.reach:
            found &= self._been(self.reach, self.since, self.until)
            if self.since:
                found &= ~self._been(self.reach, None, self.since)
        if self.beyond:
            found &= ~self._been(self.beyond, None, self.until)
        return found | Q(state="won") if self.or_won else found

    def _been(self, stages: tuple[str, ...], since: datetime | None, until: datetime | None) -> Q:
        stays = StageVisit.objects.filter(deal_id=OuterRef("pk"), pipeline=self.pipeline, stage__in=stages)
        if since:
            stays = stays.filter(entered_at__gte=since)
        if until:
            stays = stays.filter(entered_at__lt=until)
        return Q(Exists(stays))


@dataclass
class Course:
    """What the deals of a funnel did: for each place who reached it, who was lost or is open there, and how long they
    stayed (seconds, deal by deal); `reached` has one place more, for those won, and `cycles` is what they took."""

    reached: list[Tally]
    lost: list[Tally]
    open: list[Tally]
    stays: list[list[int]]
    cycles: list[int] = field(default_factory=list)


Span = tuple[datetime, datetime]


def course(deals: Any, places: Places, span: Span | None, rates: Rates, today: date) -> Course:
    """How far these deals (a query) came: ever, or (`span`) what of it happened between two moments."""
    last = len(places.stages)
    found = Course(
        [Tally(rates.own) for _ in range(last + 1)], [Tally(rates.own) for _ in range(last)],
        [Tally(rates.own) for _ in range(last)], [[] for _ in range(last)],
    )  # fmt: skip
    for state, ended, before, top, currency, count, priced, units, cycles, *stays in _groups(deals, places, span):
        if ended:
            found.cycles += _numbers(cycles)
        for held, seconds in zip(found.stays, stays, strict=True):
            held += _numbers(seconds)
        rate = rates.on(currency, today) if priced else None
        for tally in _places(found, state, ended, before, top, last, span is not None):
            tally.add(int(units) if priced else None, currency, rate, count)
    return found


def _numbers(text: str | None) -> list[int]:
    """The numbers the base has strung together."""
    return [int(one) for one in text.split(",")] if text else []


def _places(
    found: Course, state: str, ended: int, before: int | None, top: int | None, last: int, within: bool
) -> Iterable[Tally]:
    """The tallies a deal counts in: `before` is the furthest place it had reached when the span began."""
    if not within:
        furthest = last if state == "won" else top or 0
        yield from found.reached[: furthest + 1]
    else:
        furthest = top or 0
        if top is not None:
            yield from found.reached[0 if before is None else before + 1 : top + 1]
        if state == "won" and ended:
            yield found.reached[last]
    if state == "lost" and ended:
        yield found.lost[furthest]
    elif state == "open" and not within:
        yield found.open[furthest]


def _groups(deals: Any, places: Places, span: Span | None) -> list[tuple[Any, ...]]:
    """A row for all deals that are alike in state, whether they ended in the span, the furthest place before the span
    and by its end, and currency: how many, how many have an amount, what these are worth, then strung together the
    seconds from added to won of each, and those in each stage. One query: a row per deal takes longer to read than to
    find. The ORM can't group within a join."""
    ended = Case(When(closed_at__gte=span[0], closed_at__lt=span[1], then=1), default=0) if span else Value(1)
    inner = deals.annotate(
        cycle=Case(When(state="won", then=Seconds("created_at", "closed_at")), output_field=IntegerField()),
        ended=ended,
    ).values_list("id", "state", "amount", "amount_currency", "cycle", "ended")  # fmt: skip
    try:
        deals_sql, given = inner.query.sql_with_params()
    except EmptyResultSet:
        return []
    stays = [f"stay_{n}" for n in range(len(places.stages))]
    parts = [*_reached(places, span), *(_stay(stage.key, span) for stage in places.stages)]
    asked = [one for _text, ours in parts for one in ours]
    columns = ", ".join(f"{text} AS {name}" for (text, _given), name in zip(parts, ["was", "top", *stays], strict=True))
    visits, mine = StageVisit._meta.db_table, "v.deal_id = d.id AND v.pipeline = %s"
    if connection.vendor == "sqlite":  # in the order of the deals, which is that of the index too
        strung, given = "GROUP_CONCAT({})", (*asked, *given)
        each = f"SELECT d.*, {columns} FROM ({deals_sql}) d LEFT JOIN {visits} v ON {mine} GROUP BY d.id"  # noqa: S608 - ours and the ORM's
    else:  # PostgreSQL takes twice as long for that: it sorts the stays of each deal once more
        strung, given = "STRING_AGG({}::text, ',')", (*given, *asked)
        each = f"SELECT * FROM ({deals_sql}) d, LATERAL (SELECT {columns} FROM {visits} v WHERE {mine}) stays"  # noqa: S608
    kinds = "state, ended, was, top, amount_currency"
    numbers = ", ".join(strung.format(name) for name in ("cycle", *stays))
    sql = f"SELECT {kinds}, COUNT(*), COUNT(amount), SUM(amount), {numbers} FROM ({each}) deals GROUP BY {kinds}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*given, places.pipeline.key])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


Part = tuple[str, list[Any]]  # SQL with its parameters


def _reached(places: Places, span: Span | None) -> list[Part]:
    """The furthest place before the span and by its end; without one, nothing and the furthest ever."""
    case = f"MAX(CASE v.stage {' '.join('WHEN %s THEN %s' for _key in places.of)} END)"
    given = [part for item in places.of.items() for part in item]
    if span is None:
        return [("NULL", []), (case, given)]
    before, until = f"{case} FILTER (WHERE v.entered_at < %s)", _end(span)
    by_end: Part = (before, [*given, *until]) if until else (case, given)
    return [(before, [*given, _stored(span[0])]), by_end]


def _stay(stage: str, span: Span | None) -> Part:
    """The seconds in a stage, of the stays that ended (in the span)."""
    given, within = [stage], ""
    if span:
        until = _end(span)
        given += [_stored(span[0]), *until]
        within = " AND v.left_at >= %s" + " AND v.left_at < %s" * len(until)
    return f"CAST(SUM(v.seconds) FILTER (WHERE v.stage = %s{within}) AS bigint)", given


def _end(span: Span) -> list[Any]:
    """The end of a span as the base keeps it; none where it is still to come: nothing has happened after it yet."""
    return [_stored(span[1])] if span[1] <= now() else []


def _stored(moment: datetime) -> Any:
    """A moment as the base keeps it."""
    return MOMENT.get_db_prep_value(moment, connection)
