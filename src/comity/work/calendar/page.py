"""The calendar's page: a grid where scripts run and there is room for one, the same as a list everywhere."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_interval
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.access import policy
from comity.access.actors import Actor
from comity.access.branches import hours_of
from comity.kernel.clock import now
from comity.kernel.errors import Invalid
from comity.ui import registry
from comity.ui.cells import written_day
from comity.ui.render import is_fragment, page
from comity.work import whose as choice
from comity.work.calendar import feed
from comity.work.whose import Whose

URL = "/calendar"
AUTO, DAY, WEEK, MONTH, LIST = "", "day", "week", "month", "list"
VIEWS = (DAY, WEEK, MONTH, LIST)
MARGIN = 60  # minutes shown before and after the working hours


def first_weekday(actor: Actor) -> int:
    """The day a week begins with where he reads, Monday = 0."""
    organization = actor.state.organization
    for name in (f"{actor.language}_{organization.country}" if organization else "", actor.language):
        try:
            return int(Locale.parse(name).first_week_day)
        except (UnknownLocaleError, ValueError):
            continue
    return 0


@dataclass(frozen=True)
class Period:
    """The days of a view: from `first` to before `last`; `day` is the one it was asked for."""

    view: str
    day: date
    first: date
    last: date

    @classmethod
    def of(cls, actor: Actor, view: str, text: str) -> "Period":
        """From what an address says; today where it says no day."""
        view = view if view in VIEWS else AUTO
        day = _day(text) or policy.today(actor)
        if view == DAY:
            return cls(view, day, day, day + timedelta(days=1))
        if view == MONTH:
            first = day.replace(day=1)
            return cls(view, day, first, (first + timedelta(days=31)).replace(day=1))
        first = day - timedelta(days=(day.weekday() - first_weekday(actor)) % 7)
        return cls(view, day, first, first + timedelta(days=7))

    def title(self, language: str) -> str:
        """The days in words."""
        if self.view == DAY:
            return written_day(self.day, "EEEE d MMMM y", language)
        if self.view == MONTH:
            return written_day(self.day, "LLLL y", language)
        # Our English writes the day before the month, as all its other dates do.
        locale = "en_GB" if language == "en" else language
        return str(format_interval(self.first, self.last - timedelta(days=1), "yMMMd", locale=locale))

    def before(self) -> date:
        """A day of the period before."""
        return self.first - timedelta(days=1) if self.view in (DAY, MONTH) else self.day - timedelta(days=7)

    def after(self) -> date:
        """A day of the period after."""
        return self.last if self.view in (DAY, MONTH) else self.day + timedelta(days=7)


def _day(text: str) -> date | None:
    """A day of an address, None for anything else and for days no calendar shows."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 < day.year < 2200 else None


def address(whose: Whose, view: str, day: date | None = None) -> str:
    """A view of the calendar."""
    params = whose.params() | ({"view": view} if view else {}) | ({"day": day.isoformat()} if day else {})
    return f"{URL}?{urlencode(params)}" if params else URL


def calendar(request: HttpRequest) -> HttpResponse:
    """GET `view`, `day`, `scope`, `who`: the page; for scripts the list alone."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    whose = choice.choose(actor, request.GET)
    period = Period.of(actor, request.GET.get("view", ""), request.GET.get("day", ""))
    return page(request, "work/calendar.html", cal=context(actor, whose, period, is_fragment(request)))


def context(actor: Actor, whose: Whose, period: Period, part: bool = False) -> dict[str, Any]:
    """What work/calendar.html shows."""
    listed = period.view in (AUTO, LIST)
    return {
        "title": _("Calendar"),
        "period": period.title(actor.language),
        "view": period.view,
        "tabs": [
            {"label": label, "url": address(whose, view, period.day), "current": view == (period.view or WEEK)}
            for view, label in (
                (DAY, pgettext("calendar", "Day")), (WEEK, pgettext("calendar", "Week")),
                (MONTH, pgettext("calendar", "Month")), (LIST, _("List")),
            )
        ],
        "prev_url": address(whose, period.view, period.before()),
        "next_url": address(whose, period.view, period.after()),
        "today_url": address(whose, period.view),
        "list_url": address(whose, LIST, period.day),
        "people": _people(actor, whose, period),
        "days": _days(actor, whose, period) if listed else None,
        "live_url": address(whose, period.view, period.day),
        "grid": _grid(actor, whose, period) if period.view != LIST and not part else None,
        "plan_url": _plan_url(whose, period) if _may_plan(actor) else None,
        "next": urlencode({"next": address(whose, period.view, period.day)}),
    }  # fmt: skip


def _may_plan(actor: Actor) -> bool:
    return actor.scope("task", "create") != "none" and actor.seen_by is None


def _plan_url(whose: Whose, period: Period, day: date | None = None) -> str:
    """The form of a new task, on a day of its own; from there back to where one was."""
    query = {"next": address(whose, period.view, period.day)}
    return f"/tasks/plan?{urlencode(query | ({'due_at': f'{day}T00:00', 'whole_day': '1'} if day else {}))}"


def _people(actor: Actor, whose: Whose, period: Period) -> list[dict[str, Any]]:
    """Whose calendar it may be."""
    team = choice.colleagues(actor)
    if not team:
        return []
    me = {"label": _("Mine"), "url": address(Whose(choice.MINE, ()), period.view, period.day), "hue": 0,
          "current": whose.mine}  # fmt: skip
    everybody = actor.scope("task", "view") == "all"
    all_of_them = choice.choose(actor, {"scope": choice.TEAM})
    all_ = {"label": _("Everybody’s") if everybody else _("My team’s"), "hue": 0,
            "url": address(all_of_them, period.view, period.day),
            "current": not whose.mine and whose.who is None}  # fmt: skip
    others = [
        {"label": user.name, "url": address(Whose(choice.TEAM, (key,), key), period.view, period.day),
         "hue": user.hue, "current": key == whose.who}
        for key, user in team.items() if key != actor.user_id or key == whose.who
    ]  # fmt: skip
    return [me, all_, *others]


def _days(actor: Actor, whose: Whose, period: Period) -> dict[str, Any]:
    """The list: every day of the period with its tasks."""
    found, more = feed.entries(actor, whose, period.first, period.last)
    today = policy.today(actor)
    days = []
    for n in range((period.last - period.first).days):
        day = period.first + timedelta(days=n)
        days.append({
            "label": written_day(day, "EEEE d MMMM", actor.language),
            "iso": day.isoformat(),
            "today": day == today,
            "entries": [_entry(one, whose) for one in found if one.start.date() == day],
            "plan_url": _plan_url(whose, period, day) if _may_plan(actor) else None,
        })  # fmt: skip
    return {"days": days, "more": more}


def _entry(one: feed.Entry, whose: Whose) -> dict[str, Any]:
    return {
        "id": str(one.id), "title": one.title, "url": f"/tasks/{one.id}", "icon": one.icon, "hue": one.hue,
        "clock": "" if one.whole_day else f"{one.start:%H:%M}", "iso": one.start.isoformat(timespec="minutes"),
        "about": one.about, "about_url": one.about_url, "done": one.done,
        "owner": one.owner.name if one.owner and not whose.mine else "",
        "move_url": f"{URL}/{one.id}/move" if one.editable else "",
    }  # fmt: skip


def _grid(actor: Actor, whose: Whose, period: Period) -> dict[str, Any]:
    """What the calendar's script is told: as data of the page, its words in the reader's language."""
    hours = hours_of(actor.state, actor.user_id)
    offset = now().astimezone(ZoneInfo(actor.timezone)).utcoffset() or timedelta()
    sign, minutes = ("-" if offset < timedelta() else "+"), abs(offset) // timedelta(minutes=1)
    return {
        "view": period.view or WEEK,
        "day": period.day.isoformat(),
        "feed": f"{URL}/feed?{urlencode(whose.params())}",
        "lang": f"{actor.language}-u-nu-latn",
        "firstDay": (first_weekday(actor) + 1) % 7,
        "offset": f"{sign}{minutes // 60:02}:{minutes % 60:02}",
        "from": _clock(max(0, hours.start - MARGIN)),
        "to": _clock(min(24 * 60, hours.end + 2 * MARGIN)),
        "workDays": [(day + 1) % 7 for day in sorted(hours.days)],
        "holidays": [day.isoformat() for day in sorted(hours.holidays)],
        "plan": _plan_url(whose, period) if _may_plan(actor) else "",
        "here": address(whose, period.view, period.day),
        "texts": {
            "allDay": _("At any time"), "more": _("%s more"), "close": _("Close"), "over": _("Not everything fits."),
            "failed": _("The tasks could not be loaded. Load the page again."), "done": _("Done"),
        },
    }  # fmt: skip


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}:00"


def data(request: HttpRequest) -> HttpResponse:
    """GET `from`, `to` (days), `scope`, `who`: {"events": [...], "more": are there more than one answer holds}."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    first, last = _day(request.GET.get("from", "")), _day(request.GET.get("to", ""))
    if first is None or last is None or not first < last <= first + timedelta(days=2 * feed.LONGEST):
        raise Invalid(fields={"from": [_("Enter a date such as 2026-03-31.")]})
    whose = choice.choose(actor, request.GET)
    found, more = feed.entries(actor, whose, first, last)
    return JsonResponse({"events": [feed.as_event(one, whose) for one in found], "more": more})


def register() -> None:
    """Put the calendar into the menu; its letter is A, C leads to the companies."""
    registry.add(registry.NavItem(
        "agenda", lambda: _("Calendar"), URL, "calendar-event", lambda actor, seen: "task" in seen, order=5
    ))  # fmt: skip
