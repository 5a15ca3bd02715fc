"""Branches: the legal entities of the company with their requisites, addresses and accounts."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.changes.branches import SETTING
from comity.changes.settings import DeleteSetting, RestoreSetting, SaveSetting, version_of
from comity.identity.models import Branch
from comity.kernel.errors import NotFound
from comity.kernel.text import listed
from comity.ui.codes import countries
from comity.ui.names import code_name
from comity.ui.pages.settings import holidays, kit
from comity.ui.pages.settings.company import weekdays
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.pages.settings.me import timezone_choices
from comity.ui.render import done

NAMES = ("name", "legal_name", "country", "tax_number", "reg_number", "reason_code", "legal_address", "actual_address",
         "bank_account")  # fmt: skip


def _branch(item: str) -> Branch:
    found = Branch.objects.filter(pk=kit.key_of(item)).first()
    if found is None:
        raise NotFound()
    return found


def _cards(request: HttpRequest, item: str) -> list[Card]:
    return _item_cards(request, _branch(item)) if item else [_list(request)]


def _list(request: HttpRequest) -> Card:
    language, rows = actor_of(request).language, []
    for row in Branch.objects.order_by("archived_at", "name", "id"):
        state = _("archived") if row.archived_at else ""
        cells = [row.name, row.legal_name, code_name("country", row.country, language), row.tax_number, state]
        rows.append({"cells": cells, "url": f"{BRANCHES.url}/{row.pk}"})
    columns = [_("Branch"), _("Legal name"), _("Country"), _("Tax number"), _("State")]
    make = button(_("New branch"), act_url("branches", "new"), icon="plus", primary=True)
    table = {"caption": _("Branches"), "columns": columns, "rows": rows, "empty_text": _("No branches yet.")}
    return card("branches", _("Branches"), actions=[make], table=table)


def _fields(request: HttpRequest, row: Branch | None) -> list[dict[str, Any]]:
    actor = actor_of(request)
    organization = actor.state.organization
    country = row.country if row else organization.country if organization else ""

    def text(name: str, label: str, limit: int, **more: Any) -> dict[str, Any]:
        return {"key": name, "kind": "text", "label": label, "max_length": limit,
                "value": getattr(row, name) if row else "", **more}  # fmt: skip

    def lines(name: str, label: str, **more: Any) -> dict[str, Any]:
        return text(name, label, 2000, **more) | {"kind": "longtext", "rows": 3}

    return [
        text("name", _("Short name"), 80, required=True),
        text("legal_name", _("Legal name"), 300, required=True),
        {"key": "country", "kind": "country", "label": _("Country"), "value": country, "required": True,
         "choices": countries(actor.language), "help": _("The numbers below are checked as this country has it.")},
        text("tax_number", _("Tax number"), 32),
        text("reg_number", _("Registration number"), 40),
        text("reason_code", _("Tax office code (KPP)"), 20),
        lines("legal_address", _("Legal address")),
        lines("actual_address", _("Actual address")),
        lines("bank_account", _("Bank accounts"),
              help=_("One account a line: an IBAN, or the number with the bank’s code (BIK) behind it.")),
    ]  # fmt: skip


def _item_cards(request: HttpRequest, row: Branch) -> list[Card]:
    key = str(row.pk)
    if row.archived_at:
        again = button(_("Take back into use"), act_url("branches", "restore", key), method="post")
        return [card("archived", _("Archived"), help=_("It is no longer offered; papers keep it."), actions=[again])]
    away = button(_("Archive"), act_url("branches", "archive", key), method="post", icon="archive")
    url = act_url("branches", "branch", key)
    fields = _fields(request, row)
    cards = [
        card("branch", _("Branch"), url=url, version=version_of(row), fields=fields, actions=[away]),
        _hours(request, row),
    ]
    if row.own_hours:
        explain = _("On these days nobody of this branch is expected to answer.")
        cards.append(holidays.card_of(request, _place(request, key), explain))
    return cards


def _hours(request: HttpRequest, row: Branch) -> Card:
    """The branch's working calendar: its own, or the company's."""
    language, teams = actor_of(request).language, actor_of(request).state.teams
    named = listed(sorted(one.name for one in teams.values() if one.branch_id == row.pk), language)
    told = _("They hold for the people of these teams and of the teams below: %(teams)s.") % {"teams": named}
    fields: list[dict[str, Any]] = [
        {"key": "own_hours", "kind": "bool", "label": _("Keeps working hours of its own"), "value": row.own_hours,
         "help": _("Else those of the company hold.")},
        {"key": "work_days", "kind": "multichoice", "label": _("We work on"),
         "choices": weekdays(language, row.country), "value": [str(day) for day in row.work_days]},
        {"key": "work_from", "kind": "text", "label": _("Work begins at"), "value": row.work_from, "required": True,
         "max_length": 5, "placeholder": "09:00"},
        {"key": "work_to", "kind": "text", "label": _("Work ends at"), "value": row.work_to, "required": True,
         "max_length": 5, "placeholder": "18:00", "help": _("24:00 is midnight.")},
        {"key": "timezone", "kind": "choice", "label": _("Time zone"), "value": row.timezone,
         "choices": timezone_choices(), "help": _("Empty: that of the company.")},
    ]  # fmt: skip
    return card(
        "hours", _("Working hours"), url=act_url("branches", "hours", str(row.pk)), version=version_of(row),
        fields=fields,
        help=told if named else _("Choose this branch in a team: then its hours hold for the people there."),
    )  # fmt: skip


def _place(request: HttpRequest, item: str) -> holidays.Place:
    row = _branch(item)
    return holidays.Place("branches", item, SETTING, row.pk, tuple(row.holidays), row.country)


def _save_hours(request: HttpRequest, item: str) -> HttpResponse:
    row = _branch(item)
    values: dict[str, Any] = kit.posted(request, "work_from", "work_to", "timezone")
    if "work_days" in request.POST:
        values["work_days"] = kit.many(request, "work_days") or [""]  # none at all is no wish for the usual ones
    if "own_hours" in request.POST:
        values["own_hours"] = kit.flag(request, "own_hours")
    command = SaveSetting(SETTING, values, row.pk, request.POST.get("version", ""))

    def after(response: HttpResponse) -> None:
        response["HX-Refresh"] = "true"  # its holidays come and go with it

    return kit.save(request, "branches", "hours", command, item, after=after)


def _new(request: HttpRequest, item: str) -> HttpResponse:
    made = kit.form(_("New branch"), act_url("branches", "new"), _fields(request, None), back=BRANCHES,
                    submit=_("Add branch"))  # fmt: skip
    return kit.fill_in(
        request, made, lambda: SaveSetting(SETTING, kit.posted(request, *NAMES)),
        lambda result: done(request, f"{BRANCHES.url}/{result.record.id}", _("Saved")),
    )  # fmt: skip


def _save(request: HttpRequest, item: str) -> HttpResponse:
    command = SaveSetting(SETTING, kit.posted(request, *NAMES), _branch(item).pk, request.POST.get("version", ""))
    return kit.save(request, "branches", "branch", command, item)


def _archive(request: HttpRequest, item: str) -> HttpResponse:
    row = _branch(item)
    return kit.press(request, f"{BRANCHES.url}/{row.pk}", DeleteSetting(SETTING, row.pk), _("Archived."))


def _restore(request: HttpRequest, item: str) -> HttpResponse:
    row = _branch(item)
    return kit.press(request, f"{BRANCHES.url}/{row.pk}", RestoreSetting(SETTING, row.pk), _("Back in use."))


BRANCHES = kit.add(SettingsPage(
    "branches", lambda: _("Branches"), "building", 102, _cards,
    {"new": _new, "branch": _save, "archive": _archive, "restore": _restore, "hours": _save_hours,
     **holidays.acts(_place)}, permit="settings",
    words=lambda: _("legal entities, requisites, bank accounts, IBAN, addresses, working hours, holidays"),
    intro=lambda: _("The firms yours consists of, as they stand in papers."),
    item_title=lambda request, item: _branch(item).name,
))  # fmt: skip
