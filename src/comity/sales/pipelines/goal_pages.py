"""Settings of goals: what is to be won in a month, by the company, each team and each colleague."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from babel.dates import format_date
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.kernel.errors import Invalid, NotFound
from comity.kernel.money import format_number, parse, to_units
from comity.sales.pipelines.goals import (
    COMPANY,
    CopyGoals,
    SetGoals,
    Whose,
    goals,
    headed,
    may_set_any,
    month_before,
    version,
)
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.pages.settings.people import team_path
from comity.ui.render import done, html

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
PARTS = ("company", "teams", "people")


def _month(request: HttpRequest, item: str) -> date:
    if not item:
        return policy.today(actor_of(request)).replace(day=1)
    match = MONTH.fullmatch(item)
    if match is None:
        raise NotFound()
    return date(int(match[1]), int(match[2]), 1)


def _name(request: HttpRequest, month: date, pattern: str = "LLLL y") -> str:
    return str(format_date(month, pattern, locale=actor_of(request).language))


def _whose(request: HttpRequest, part: str) -> list[tuple[Whose, str]]:
    """Whose goals a card holds, with their names."""
    actor = actor_of(request)
    state, every = actor.state, actor.permits("settings")
    if part == "company":
        return [(COMPANY, state.organization.name if state.organization else "")] if every else []
    teams = frozenset(state.teams) if every else headed(actor)
    if part == "teams":
        return sorted(((("team", key), team_path(state.teams, key)) for key in teams), key=lambda one: one[1])
    return [
        (("user", key), one.name) for key, one in state.users.items()
        if one.active and (every or any(team in teams for team, _lead in state.memberships.get(key, ())))
    ]  # fmt: skip


def _field(whose: Whose) -> str:
    return f"{whose[0]}-{whose[1]}" if whose[1] else whose[0]


def _cards(request: HttpRequest, item: str) -> list[Card]:
    actor, month = actor_of(request), _month(request, item)
    held, titles = goals(actor, month), {"company": _("Company"), "teams": _("Teams"), "people": _("Colleagues")}
    currency = actor.state.organization.currency if actor.state.organization else ""
    last = month_before(month)
    label = _("Copy from %(month)s") % {"month": _name(request, last)}
    copy = button(label, act_url("goals", "copy", f"{month:%Y-%m}"), method="post", icon="history")
    cards = [card("month", _name(request, month), html=_months(request, month), actions=[copy])]
    for part in PARTS:
        whose = _whose(request, part)
        fields = [
            {"key": _field(one), "kind": "number", "label": name, "unit": currency,
             "value": format_number(held[one].units, actor.language) if one in held else ""}
            for one, name in whose
        ]  # fmt: skip
        if fields:
            cards.append(card(
                part, titles[part], url=act_url("goals", part, f"{month:%Y-%m}"), fields=fields,
                version=version(actor, month, [one for one, _name in whose]),
            ))  # fmt: skip
    return cards


def _months(request: HttpRequest, month: date) -> Any:
    def link(day: date, label: str) -> dict[str, Any]:
        return {"label": label, "title": _name(request, day), "url": f"{GOALS.url}/{day:%Y-%m}",
                "current": day == month}  # fmt: skip

    before, after = (month.replace(year=month.year + step) for step in (-1, 1))
    months = [link(day, _name(request, day, "LLL")) for day in (date(month.year, n, 1) for n in range(1, 13))]
    context = {"months": months, "before": link(before, str(before.year)), "after": link(after, str(after.year))}
    return html("sales/goal_months.html", context)


# --- what the forms do -----------------------------------------------------------------------------------------------


def _amounts(request: HttpRequest, whose: Sequence[tuple[Whose, str]]) -> dict[Whose, int | None]:
    """What was typed, by whose goal it is; raises Invalid with words for each field."""
    found: dict[Whose, int | None] = {}
    wrong: dict[str, list[str]] = {}
    for one, _name_of in whose:
        text = request.POST.get(_field(one))
        if text is None:
            continue
        try:
            found[one] = to_units(parse(text, actor_of(request).language)) if text.strip() else None
        except Invalid as problem:
            wrong[_field(one)] = [str(problem)]
        else:
            if (found[one] or 0) < 0:
                wrong[_field(one)] = [_("Enter an amount above zero.")]
    if wrong:
        raise Invalid(fields=wrong)
    return found


def _save(part: str) -> Any:
    def act(request: HttpRequest, item: str) -> HttpResponse:
        month, whose = _month(request, item), _whose(request, part)
        if not whose:
            raise NotFound()

        def command() -> SetGoals:
            return SetGoals(month, _amounts(request, whose), request.POST.get("version", ""))

        return kit.save(request, "goals", part, command, f"{month:%Y-%m}")

    return act


def _copy(request: HttpRequest, item: str) -> HttpResponse:
    month = _month(request, item)
    result = kit.do(request, CopyGoals(month))
    count = result.data["goals"]
    text = ngettext("%(n)s goal is copied.", "%(n)s goals are copied.", count) % {"n": count}
    return done(request, f"{GOALS.url}/{month:%Y-%m}", text if count else _("There is no goal to copy."))


GOALS = kit.add(SettingsPage(
    "goals", lambda: _("Goals"), "target", 147, _cards,
    {"copy": _copy, **{part: _save(part) for part in PARTS}}, permit="settings", shown=may_set_any,
    words=lambda: _("plan of the month, targets"),
    item_title=lambda request, item: _name(request, _month(request, item)),
))  # fmt: skip
