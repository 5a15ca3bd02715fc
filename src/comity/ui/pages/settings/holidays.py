"""Days on which nobody works, of the company or of one of its branches: added one by one, in a row, or a country's."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.changes.settings import SaveSetting
from comity.kernel import public_holidays as public
from comity.kernel.clock import now
from comity.kernel.errors import Invalid
from comity.ui.codes import countries
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Act, Card, act_url, actor_of, button, card
from comity.ui.render import done

LONGEST = 60  # days added at once


@dataclass(frozen=True)
class Place:
    """Whose days: the settings page (and its item) they stand on, the setting they are kept in, of which country."""

    page: str
    item: str
    setting: str
    key: Any
    days: tuple[str, ...]
    country: str

    @property
    def url(self) -> str:
        """The page's address."""
        return f"{kit.ROOT}/{self.page}/{self.item}" if self.item else f"{kit.ROOT}/{self.page}"

    def save(self, days: list[str]) -> SaveSetting:
        """The command that keeps these days."""
        return SaveSetting(self.setting, {"holidays": days}, self.key)


def card_of(request: HttpRequest, place: Place, explain: str) -> Card:
    """The days with what can be done."""
    language = actor_of(request).language

    def url(name: str, **query: str) -> str:
        return act_url(place.page, name, place.item, **query)

    return card(
        "holidays", _("Holidays"), help=explain,
        actions=[button(_("Add holidays"), url("add-holidays"), icon="plus"),
                 button(_("Public holidays of a country"), url("public-holidays"), icon="calendar-plus")],
        table={"caption": _("Holidays"), "columns": [_("Day")], "rows": [
            {"cells": [format_date(date.fromisoformat(day), "full", language)],
             "actions": [button(_("Remove"), url("remove-holiday", day=day), method="post")]}
            for day in place.days
        ]},
    )  # fmt: skip


def acts(place: Callable[[HttpRequest, str], Place]) -> dict[str, Act]:
    """What the buttons of the card do on a page that says whose days they are."""
    return {
        "add-holidays": lambda request, item: _add(request, place(request, item)),
        "public-holidays": lambda request, item: _public(request, place(request, item)),
        "remove-holiday": lambda request, item: _remove(request, place(request, item)),
    }


def _form(request: HttpRequest, place: Place, name: str, title: str, fields: list[dict[str, Any]], explain: str = "",
          *, find: Callable[[], list[str]]) -> HttpResponse:  # fmt: skip
    made = kit.form(title, act_url(place.page, name, place.item), fields, back=kit.find(request, place.page),
                    submit=_("Add holidays"), explain=explain, back_url=place.url)  # fmt: skip
    return kit.fill_in(
        request, made, lambda: place.save([*place.days, *find()]),
        lambda result: done(request, place.url, _("The holidays are added.")),
    )  # fmt: skip


def _add(request: HttpRequest, place: Place) -> HttpResponse:
    def find() -> list[str]:
        first = _day(request, "holidays")
        last = _day(request, "until") if request.POST.get("until", "").strip() else first
        if not first <= last <= first + timedelta(days=LONGEST):
            raise Invalid(fields={"until": [_("Enter a day soon after the first one.")]})
        return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]

    return _form(request, place, "add-holidays", _("Add holidays"), [
        {"key": "holidays", "kind": "date", "label": _("From"), "required": True},
        {"key": "until", "kind": "date", "label": _("To, if it is more than one day")},
    ], find=find)  # fmt: skip


def _public(request: HttpRequest, place: Place) -> HttpResponse:
    """A country's public holidays of a year, as they are known; each may be taken out again by itself."""
    year, known = now().year, public.countries()

    def find() -> list[str]:
        country, chosen = request.POST.get("country", ""), request.POST.get("year", "")
        if country not in known:
            raise Invalid(fields={"country": [_("Choose one of the list.")]})
        if chosen not in (str(year), str(year + 1)):
            raise Invalid(fields={"year": [_("Choose one of the list.")]})
        days = public.days(country, int(chosen))
        if not days:
            raise Invalid(fields={"year": [_("No public holidays are known for this year.")]})
        return [day.isoformat() for day in days]

    return _form(request, place, "public-holidays", _("Public holidays"), [
        {"key": "country", "kind": "country", "label": _("Country"), "required": True,
         "value": place.country if place.country in known else "",
         "choices": [one for one in countries(actor_of(request).language) if one["value"] in known]},
        {"key": "year", "kind": "choice", "label": _("Year"), "required": True, "value": str(year),
         "choices": [{"value": str(one), "label": str(one)} for one in (year, year + 1)]},
    ], _("They join the days that are here already."), find=find)  # fmt: skip


def _remove(request: HttpRequest, place: Place) -> HttpResponse:
    days = [day for day in place.days if day != request.GET.get("day")]
    return kit.press(request, place.url, place.save(days), _("The holiday is removed."))


def _day(request: HttpRequest, name: str) -> date:
    try:
        return date.fromisoformat(request.POST.get(name, "").strip())
    except ValueError:
        raise Invalid(fields={name: [_("Enter a date such as 2026-03-31.")]}) from None
