"""Branches: the legal entities of the company with their requisites, addresses and accounts."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.changes.branches import SETTING
from comity.changes.settings import DeleteSetting, RestoreSetting, SaveSetting, version_of
from comity.identity.models import Branch
from comity.kernel.errors import NotFound
from comity.ui.codes import countries
from comity.ui.names import code_name
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
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
    return [card("branch", _("Branch"), url=url, version=version_of(row), fields=fields, actions=[away])]


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
    {"new": _new, "branch": _save, "archive": _archive, "restore": _restore}, permit="settings",
    words=lambda: _("legal entities, requisites, bank accounts, IBAN, addresses"),
    intro=lambda: _("The firms yours consists of, as they stand in papers."),
    item_title=lambda request, item: _branch(item).name,
))  # fmt: skip
