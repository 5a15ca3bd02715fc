"""Settings of the company: who it is, its languages, its working hours, its money and rates."""

from datetime import date
from typing import Any

from babel.dates import format_date, get_day_names
from babel.numbers import list_currencies
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.changes.settings import DeleteSetting, SaveSetting, version_of
from comity.identity.models import ACCENT_HUES, ExchangeRate, Organization
from comity.kernel import units
from comity.kernel.clock import now
from comity.kernel.errors import Invalid
from comity.kernel.money import format_number, parse, to_units
from comity.kernel.text import listed
from comity.ui.codes import countries, first_weekday
from comity.ui.names import accent_name, code_name
from comity.ui.pages.settings import changed, holidays, kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.pages.settings.me import language_choices, timezone_choices
from comity.ui.render import done

# First in every list of currencies; the rest follows by code.
COMMON = ("EUR", "USD", "RUB", "UAH", "BGN", "IDR", "KZT", "BYN", "GBP", "CHF", "CNY", "TRY", "AED", "SAR")


def currency_choices(language: str, without: Any = ()) -> list[dict[str, str]]:
    """Every currency with its name, the common ones first."""
    codes = [*COMMON, *sorted(set(list_currencies()) - set(COMMON))]
    return [{"value": code, "label": code_name("currency", code, language)} for code in codes if code not in without]


def accent_choices() -> list[dict[str, Any]]:
    """The accents a company may take; the house's own is the empty value."""
    return [
        {"value": hue if place > 1 else "", "label": accent_name(hue), "hue": place}
        for place, hue in enumerate(ACCENT_HUES, 1)
    ]


def _organization() -> Organization:
    return Organization.objects.get(pk=1)


def _company_cards(request: HttpRequest, item: str) -> list[Card]:
    row, language = _organization(), actor_of(request).language
    return [
        card("company", _("Company"), url=act_url("company", "company"), version=version_of(row), fields=[
            {"key": "name", "kind": "text", "label": _("Name"), "value": row.name, "required": True,
             "max_length": 200, "autocomplete": "organization"},
            {"key": "country", "kind": "country", "label": _("Country"), "value": row.country, "required": True,
             "choices": countries(language), "help": _("Phone numbers without a country code are read as of here.")},
            {"key": "timezone", "kind": "choice", "label": _("Time zone"), "value": row.timezone, "required": True,
             "choices": timezone_choices()},
            {"key": "person_clients", "kind": "bool", "label": _("People are clients themselves"),
             "value": row.person_clients,
             "help": _("They get a status of their own and stand first in the menu.")},
        ]),
        card("look", _("Look"), url=act_url("company", "look"), version=version_of(row), fields=[
            {"key": "accent_hue", "kind": "swatch", "label": _("Accent"), "value": row.accent_hue or "",
             "choices": accent_choices(), "help": _("The colour of buttons and of what is chosen, for everybody.")},
        ]),
        card("languages", _("Languages"), url=act_url("company", "languages"), version=version_of(row), fields=[
            {"key": "language", "kind": "language", "label": _("Language of the company"), "value": row.language,
             "required": True, "choices": language_choices()},
            {"key": "languages", "kind": "multichoice", "label": _("Colleagues may choose"), "value": row.languages,
             "choices": language_choices(), "help": _("None ticked: all of them.")},
        ]),
        card("hours", _("Working hours"), url=act_url("company", "hours"), version=version_of(row), fields=[
            {"key": "work_days", "kind": "multichoice", "label": _("We work on"),
             "choices": weekdays(language, row.country), "value": [str(day) for day in row.work_days]},
            {"key": "work_from", "kind": "text", "label": _("Work begins at"), "value": row.work_from, "required": True,
             "max_length": 5, "placeholder": "09:00"},
            {"key": "work_to", "kind": "text", "label": _("Work ends at"), "value": row.work_to, "required": True,
             "max_length": 5, "placeholder": "18:00", "help": _("24:00 is midnight.")},
            {"key": "answer_minutes", "kind": "integer", "label": _("Answer a new lead within"),
             "value": str(row.answer_minutes), "unit": str(units.MINUTES.sign), "required": True,
             "help": _("Only working time counts. Later than this is shown in red and told to the manager.")},
        ]),
        holidays.card_of(request, _place(request, item), _("On these days nobody is expected to answer.")),
    ]  # fmt: skip


def weekdays(language: str, country: str) -> list[dict[str, str]]:
    """The days of the week, from the one it begins with in a country."""
    names, first = get_day_names("wide", locale=language), first_weekday(country)
    return [{"value": str(day % 7), "label": names[day % 7]} for day in range(first, first + 7)]


def _version(request: HttpRequest) -> str:
    return request.POST.get("version", "")


def _save_company(request: HttpRequest, item: str) -> HttpResponse:
    values: dict[str, Any] = kit.posted(request, "name", "country", "timezone")
    if "person_clients" in request.POST:
        values["person_clients"] = request.POST.getlist("person_clients")[-1] == "1"
    return kit.save(request, "company", "company", SaveSetting("organization", values, 1, _version(request)))


def _save_look(request: HttpRequest, item: str) -> HttpResponse:
    command = SaveSetting("organization", kit.posted(request, "accent_hue"), 1, _version(request))

    def after(response: HttpResponse) -> None:
        response["HX-Refresh"] = "true"  # the whole page takes the new colour, not this card alone

    return kit.save(request, "company", "look", command, after=after)


def _save_languages(request: HttpRequest, item: str) -> HttpResponse:
    values: dict[str, Any] = kit.posted(request, "language")
    if "languages" in request.POST:
        values["languages"] = kit.many(request, "languages")
    return kit.save(request, "company", "languages", SaveSetting("organization", values, 1, _version(request)))


def _save_hours(request: HttpRequest, item: str) -> HttpResponse:
    values: dict[str, Any] = kit.posted(request, "work_from", "work_to", "answer_minutes")
    if "work_days" in request.POST:
        values["work_days"] = kit.many(request, "work_days") or [""]  # none at all is no wish for the usual ones
    return kit.save(request, "company", "hours", SaveSetting("organization", values, 1, _version(request)))


def _place(request: HttpRequest, item: str) -> holidays.Place:
    row = _organization()
    return holidays.Place("company", "", "organization", 1, tuple(row.holidays), row.country)


COMPANY = kit.add(SettingsPage(
    "company", lambda: _("Company"), "building", 100, _company_cards,
    {"company": _save_company, "look": _save_look, "languages": _save_languages, "hours": _save_hours,
     **holidays.acts(_place)},
    permit="settings",
    words=lambda: _("name, country, time zone, languages, colour, working hours, holidays"),
))  # fmt: skip


# --- currencies and rates --------------------------------------------------------------------------------------------


def _currency_cards(request: HttpRequest, item: str) -> list[Card]:
    row, language = _organization(), actor_of(request).language
    further = [
        {"cells": [code_name("currency", code, language)],
         "actions": [button(_("Remove"), act_url("currencies", "remove", code=code), method="post")]}
        for code in row.currencies
    ]  # fmt: skip
    rates = []
    for rate in ExchangeRate.objects.order_by("currency", "-day"):
        worth = _("%(rate)s %(currency)s for 1 %(other)s") % {
            "rate": _plain(rate, language), "currency": row.currency, "other": rate.currency,
        }  # fmt: skip
        delete = button(_("Delete"), act_url("currencies", "delete-rate", id=str(rate.pk)), method="post")
        rates.append({"cells": [rate.currency, rate.day.isoformat(), worth], "actions": [delete]})
    return [
        card("currency", _("Currency of the company"), url=act_url("currencies", "currency"), version=version_of(row),
             fields=[{"key": "currency", "kind": "currency", "label": _("Currency"), "value": row.currency,
                      "required": True, "choices": currency_choices(language),
                      "help": _("Sums of several currencies are shown in this one where a rate is set.")}]),
        card("further", _("Further currencies"),
             actions=[button(_("Add currency"), act_url("currencies", "add"), icon="plus")],
             table={"caption": _("Further currencies"), "columns": [_("Currency")], "rows": further}),
        card("rates", _("Exchange rates"), help=_("A rate holds from its day until the next one."),
             actions=[button(_("Add rate"), act_url("currencies", "rate"), icon="plus")] if row.currencies else [],
             table={"caption": _("Exchange rates"), "columns": [_("Currency"), _("From"), _("Worth")], "rows": rates}),
    ]  # fmt: skip


def _plain(rate: ExchangeRate, language: str) -> str:
    """A rate as written, four digits after the point where that is exact, else all of them."""
    four = rate.rate.quantize(rate.rate.__class__("0.0001"))
    return format_number(to_units(four), language, 2) if four == rate.rate else f"{rate.rate.normalize():f}"


def _save_currency(request: HttpRequest, item: str) -> HttpResponse:
    command = SaveSetting("organization", kit.posted(request, "currency"), 1, _version(request))
    return kit.save(request, "currencies", "currency", command)


def _add_currency(request: HttpRequest, item: str) -> HttpResponse:
    row, language = _organization(), actor_of(request).language
    choices = currency_choices(language, {row.currency, *row.currencies})
    made = kit.form(_("Add currency"), act_url("currencies", "add"), [
        {"key": "currencies", "kind": "currency", "label": _("Currency"), "required": True, "choices": choices},
    ], back=CURRENCIES, submit=_("Add currency"))  # fmt: skip
    codes = [*row.currencies, request.POST.get("currencies", "")]
    return kit.fill_in(
        request, made, lambda: SaveSetting("organization", {"currencies": codes}, 1),
        lambda result: done(request, CURRENCIES.url, _("The currency is added.")),
    )  # fmt: skip


def _remove_currency(request: HttpRequest, item: str) -> HttpResponse:
    codes = [code for code in _organization().currencies if code != request.GET.get("code")]
    command = SaveSetting("organization", {"currencies": codes}, 1)
    return kit.press(request, CURRENCIES.url, command, _("The currency is removed from the list."))


def _add_rate(request: HttpRequest, item: str) -> HttpResponse:
    row, actor = _organization(), actor_of(request)
    choices = [{"value": code, "label": code_name("currency", code, actor.language)} for code in row.currencies]
    made = kit.form(_("Add rate"), act_url("currencies", "rate"), [
        {"key": "currency", "kind": "currency", "label": _("Currency"), "required": True, "choices": choices},
        {"key": "day", "kind": "date", "label": _("From"), "required": True, "value": now().date().isoformat()},
        {"key": "rate", "kind": "number", "label": _("One unit is worth"), "unit": row.currency, "required": True},
    ], back=CURRENCIES, submit=_("Save"))  # fmt: skip

    def command() -> SaveSetting:
        values: dict[str, Any] = kit.posted(request, "currency", "day")
        try:
            values["rate"] = str(parse(request.POST.get("rate", ""), actor.language))
        except (Invalid, ValueError):
            raise Invalid(fields={"rate": [_("Enter a number above zero.")]}) from None
        return SaveSetting("rate", values)

    return kit.fill_in(request, made, command, lambda result: done(request, CURRENCIES.url, _("The rate is set.")))


def _delete_rate(request: HttpRequest, item: str) -> HttpResponse:
    command = DeleteSetting("rate", kit.key_of(request.GET.get("id", "")))
    return kit.press(request, CURRENCIES.url, command, _("The rate is deleted."))


CURRENCIES = kit.add(SettingsPage(
    "currencies", lambda: _("Currencies and rates"), "coin", 110, _currency_cards,
    {"currency": _save_currency, "add": _add_currency, "remove": _remove_currency, "rate": _add_rate,
     "delete-rate": _delete_rate},
    permit="settings", words=lambda: _("money, exchange rates"),
))  # fmt: skip


def _said(actor: Actor, name: str, value: Any) -> str | None:
    """Days of the week and holidays by their names, for the audit."""
    if name == "work_days" and value:
        names = get_day_names("abbreviated", locale=actor.language)
        return listed([names[day] for day in value], actor.language)
    if name == "holidays" and value:
        return listed([format_date(date.fromisoformat(day), "medium", actor.language) for day in value], actor.language)
    return None


changed.add("branch", changed.Words(lambda: {
    "work_days": _("We work on"), "work_from": _("Work begins at"), "work_to": _("Work ends at"),
    "holidays": _("Holidays"), "own_hours": _("Keeps working hours of its own"), "legal_name": _("Legal name"),
    "tax_number": _("Tax number"), "reg_number": _("Registration number"), "reason_code": _("Tax office code (KPP)"),
    "legal_address": _("Legal address"), "actual_address": _("Actual address"), "bank_account": _("Bank accounts"),
}, _said))  # fmt: skip
changed.add("organization", changed.Words(lambda: {
    "work_days": _("We work on"), "work_from": _("Work begins at"), "work_to": _("Work ends at"),
    "answer_minutes": _("Answer a new lead within"), "holidays": _("Holidays"),
}, _said))  # fmt: skip
