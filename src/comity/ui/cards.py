"""The cards of a board as HTML, made by hand as the cells of lists are: a board has up to 150 of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.actors import Actor
from comity.kernel.text import comma
from comity.records.erased import named
from comity.records.types import RecordType
from comity.ui import render
from comity.ui.boards import Board, Lane, Page, chosen_extras
from comity.ui.cells import CellContext, bind, day_format, small_icon, written_day
from comity.ui.drawn import Drawn
from comity.ui.rows import links_beside
from comity.ui.totals import short

Draw = Callable[[Mapping[str, Any]], str]


def drawer(
    actor: Actor, board: Board, record_type: RecordType, lane: Lane, page: Page, moment: datetime, movable: bool
) -> Callable[[Sequence[Mapping[str, Any]]], render.Markup]:
    """Draws cards; checked by the test that puts markup into everything they show."""
    ctx = CellContext(actor, moment, render.sprite(), links=page.links, tags=page.tags)
    # A kind made by clicks has no ends, so that nobody could tell which of its cards still want a step.
    step, stuck, owner = _step(ctx, wanted=not record_type.own), _stuck(ctx, board, lane), _owner(actor)
    extras = chosen_extras(actor, board, record_type)
    more = [(escape(spec.label[actor.language]), bind(spec, level, ctx)) for spec, level in extras]
    display, language, slug, column = record_type.display, actor.language, record_type.slug, board.field
    money, currency = board.money, f"{board.money}_currency"
    menu = escape(_("Move: %(card)s")) if movable else ""

    def card(row: Mapping[str, Any]) -> str:
        key, at = str(row["id"]), row["next_at"]
        title = escape((display(row, language) if display else "") or named(row["title"], language))
        under = escape(named(row["under"], language))
        worth = row.get(money)
        amount = escape(short(worth, row[currency], language)) if worth is not None else ""
        dots = (
            f'<button class="more" form="mv" name="id" value="{key}" aria-haspopup="menu" '
            f'aria-label="{menu.replace("%(card)s", title)}"></button>'
            if movable
            else ""
        )
        lines = "".join([
            f'<div class="ex"><span>{label}</span>{text}</div>' for label, draw in more if (text := draw(row))
        ])  # fmt: skip
        return (
            f'<article class="kc" id="{key}" data-v="{row["version"]}" data-c="{escape(row[column])}" '
            f'data-o="{place(at, moment)}"><a href="/{slug}/{key}" dir="auto">{title}</a>{dots}'
            f'<div class="co"><span dir="auto">{under}</span>{stuck(row)}{owner(row)}</div>{lines}'
            f'<div class="ft"><bdi class="amt num">{amount}</bdi>{step(row)}</div></article>'
        )

    drawn = Drawn.of(actor.state)
    columns = tuple((one.key, one.days) for one in lane.columns)
    look = ("card", slug, columns, tuple((spec.key, level) for spec, level in extras), movable)
    linked, tags = links_beside([spec for spec, _level in extras], page.links), page.tags
    beside = (lambda row: (linked(row), tags.get(row["id"]))) if extras else (lambda row: None)
    return lambda rows: render.Markup("\n".join(drawn.each(actor, look, moment, rows, beside, card)))


def place(at: datetime | None, moment: datetime) -> str:
    """Where a card stands in its column, as text that sorts: late, without a next step, to come; by the minute."""
    return "1" if at is None else f"{0 if at < moment else 2}{int(at.timestamp()) // 60:07x}"


def _owner(actor: Actor) -> Draw:
    """The avatar of the colleague responsible."""
    users, drawn = actor.state.users, {}

    def draw(row: Mapping[str, Any]) -> str:
        key = row.get("owner_id")
        if key not in drawn:
            user = users.get(key) if key else None
            drawn[key] = (
                f'<span class="av h{user.hue}" role="img" title="{escape(user.name)}">{escape(user.initials)}</span>'
                if user
                else ""
            )
        return drawn[key]

    return draw


def _step(ctx: CellContext, wanted: bool) -> Draw:
    """The pill of the next step: late, today, what comes when; none, where one is wanted."""
    language, zone = ctx.language, ZoneInfo(ctx.actor.timezone)
    now = ctx.now
    today = now.astimezone(zone).date()
    task = ctx.actor.state.record_types.get("task")
    kinds = {one.key: one.label[language] for one in task.spec("kind").choices} if task else {}
    some, none = _("Next step"), escape(_("No next step"))
    since, on_day = _("Late since %(time)s"), _("%(what)s today")
    show_day, between = day_format(language, now), comma(language)
    icons = {one: small_icon(ctx, one) for one in ("alert-circle", "bolt", "calendar-event", "calendar-plus")}
    nothing = f'<span class="pill warn">{icons["calendar-plus"]}{none}</span>' if wanted else ""
    drawn: dict[Any, str] = {}

    def late(local: datetime) -> str:
        days = (today - local.date()).days
        if days:
            text = ngettext("%(days)s day late", "%(days)s days late", days) % {"days": days}
        else:
            text = since % {"time": f"{local.hour:02}:{local.minute:02}"}
        return f'<span class="pill bad">{icons["alert-circle"]}{escape(text)}</span>'

    def coming(day: date, kind: str) -> str:
        what = kinds.get(kind, some)
        if day == today:
            return f'<span class="pill now">{icons["bolt"]}{escape(on_day % {"what": what})}</span>'
        near = day - today < timedelta(days=7)
        when = written_day(day, "EEE", language) if near else show_day(day)
        return f'<span class="pill">{icons["calendar-event"]}{escape(f"{what}{between}{when}")}</span>'

    def draw(row: Mapping[str, Any]) -> str:
        at = row["next_at"]
        if at is None:
            return nothing
        local = at.astimezone(zone)
        day = local.date()
        if at < now and day == today:
            return late(local)
        key = day if at < now else (day, row["next_kind"])
        found = drawn.get(key)
        if found is None:
            found = drawn[key] = late(local) if at < now else coming(day, row["next_kind"])
        return found

    return draw


def _stuck(ctx: CellContext, board: Board, lane: Lane) -> Draw:
    """The mark of a card that stands in its column for longer than is usual there."""
    edges = {}
    mark, since, field, zone = small_icon(ctx, "clock"), board.since, board.field, ZoneInfo(ctx.actor.timezone)
    today = ctx.now.astimezone(zone).date()
    for one in lane.columns:
        if one.days:
            edges[one.key] = datetime.combine(today - timedelta(days=one.days), time(), zone).astimezone(UTC)
    drawn: dict[int, str] = {}

    def draw(row: Mapping[str, Any]) -> str:
        entered, edge = row.get(since), edges.get(row[field])
        if entered is None or edge is None or entered >= edge:
            return ""
        days = (today - entered.astimezone(zone).date()).days
        if days not in drawn:
            text = ngettext("Stuck: %(days)s day in this column", "Stuck: %(days)s days in this column", days)
            label = escape(text % {"days": days})
            drawn[days] = f'<span class="stuck" role="img" title="{label}">{mark}</span>'
        return drawn[days]

    return draw
