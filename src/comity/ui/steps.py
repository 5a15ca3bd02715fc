"""The next step of a card and a deadline, with their tone: late, today, none; docs/ui-rows.md fixes the markup."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.kernel.text import comma
from comity.records.fields import FieldSpec
from comity.ui.cells import CellContext, Render, Row, day_format, moment_format, small_icon, written_day

WEEK = timedelta(days=7)
ICONS = {"bad": "alert-circle", "now": "bolt", "": "calendar-event", "warn": "calendar-plus"}


def tone(at: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """The class of a next step: bad = late, now = today, warn = there is none, "" = later."""
    if at is None:
        return "warn"
    if at < now:
        return "bad"
    return "now" if at.astimezone(zone).date() == now.astimezone(zone).date() else ""


def step_words(ctx: CellContext) -> Callable[[datetime | None, str], str]:
    """Writes a next step in few words: "5 days late", "Call today", "Meeting, Mon", "No next step"."""
    language, zone, now = ctx.language, ZoneInfo(ctx.actor.timezone), ctx.now
    today = now.astimezone(zone).date()
    task = ctx.actor.state.record_types.get("task")
    kinds = {one.key: one.label[language] for one in task.spec("kind").choices} if task else {}
    some, none, since, on_day = _("Next step"), _("No next step"), _("Late since %(time)s"), _("%(what)s today")
    show_day, between = day_format(language, now), comma(language)

    def write(at: datetime | None, kind: str) -> str:
        if at is None:
            return none
        local = at.astimezone(zone)
        day, what = local.date(), kinds.get(kind, some)
        if at < now:
            days = (today - day).days
            if days:
                return ngettext("%(days)s day late", "%(days)s days late", days) % {"days": days}
            return since % {"time": f"{local.hour:02}:{local.minute:02}"}
        if day == today:
            return on_day % {"what": what}
        when = written_day(day, "EEE", language) if day - today < WEEK else show_day(day)
        return f"{what}{between}{when}"

    return write


def step_pill(ctx: CellContext) -> Callable[[datetime | None, str], str]:
    """Draws a next step as a pill; the same one is drawn once."""
    zone, write = ZoneInfo(ctx.actor.timezone), step_words(ctx)
    icons = {key: small_icon(ctx, icon) for key, icon in ICONS.items()}
    drawn: dict[tuple[datetime | None, str], str] = {}

    def draw(at: datetime | None, kind: str) -> str:
        held = drawn.get((at, kind))
        if held is None:
            cls = tone(at, ctx.now, zone)
            held = f'<span class="pill{f" {cls}" if cls else ""}">{icons[cls]}{escape(write(at, kind))}</span>'
            drawn[at, kind] = held
        return held

    return draw


def next_cell(spec: FieldSpec, ctx: CellContext) -> Render:
    """The next step of a row: pill and words; a closed card wants none."""
    draw = step_pill(ctx)
    field, closed = spec.extra.get("closing") or ("", frozenset[str]())

    def render(row: Row) -> str:
        at = row["next_at"]
        if at is None and row.get(field) in closed:
            return ""
        text = row.get("next_text") or ""
        words = f' <span class="cut" dir="auto">{escape(text)}</span>' if text else ""
        return f"{draw(at, row.get('next_kind') or '')}{words}"

    return render


def due_cell(spec: FieldSpec, ctx: CellContext) -> Render:
    """A deadline: red while its task is open and it has passed; of a whole day, without the clock."""
    zone = ZoneInfo(ctx.actor.timezone)
    show, show_day = moment_format(ctx.language, ctx.now, ctx.actor.timezone), day_format(ctx.language, ctx.now)
    today, this_day = ctx.now.astimezone(zone).date(), _("today")
    late = small_icon(ctx, "alert-circle")

    def render(row: Row) -> str:
        at: Any = row[spec.key]
        if at is None:
            return ""
        day = at.astimezone(zone).date()
        text = show(at)
        if row.get("whole_day"):
            text = this_day if day == today else show_day(day)
        iso = at.astimezone(UTC).isoformat()[:16]
        made = f'<time datetime="{iso}Z" class="num">{escape(text)}</time>'
        if row.get("state") == "open" and at < ctx.now:
            return f'<span class="pill bad">{late}{made}</span>'
        return made

    return render
