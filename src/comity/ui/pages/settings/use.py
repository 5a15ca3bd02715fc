"""How much the fields of the administrator's are used: counted in the background, archived by a click."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.actors import Actor
from comity.changes.field_use import CountUse, due_at
from comity.kernel.text import listed
from comity.records.labels import Label
from comity.records.models import CustomField
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card


def place_label(name: str, number: int) -> str:
    """A kind of places where a field is used, with how many there are."""
    words = {
        "views": ngettext("%(n)s view", "%(n)s views", number),
        "layout": ngettext("%(n)s layout", "%(n)s layouts", number),
        "formulas": ngettext("%(n)s formula", "%(n)s formulas", number),
        "gates": ngettext("%(n)s stage", "%(n)s stages", number),
    }
    return words[name] % {"n": number}


def _cards(request: HttpRequest, item: str) -> list[Card]:
    actor = actor_of(request)
    rows = CustomField.objects.filter(archived_at=None).select_related("use").order_by("type_key", "position", "id")
    by_type: dict[str, list[CustomField]] = {}
    for row in rows:
        by_type.setdefault(row.type_key, []).append(row)
    count = button(_("Count now"), act_url("use", "count"), method="post", icon="refresh")
    cards: list[Card] = []
    for record_type in actor.state.types_on:
        if found := by_type.get(record_type.key):
            cards.append(card(
                f"use-{record_type.key}", record_type.plural[actor.language], actions=[] if cards else [count],
                table={"caption": record_type.plural[actor.language], "rows": [_line(actor, one) for one in found],
                       "columns": [_("Field"), _("Cards with a value"), _("Last changed"), _("Used in")]},
            ))  # fmt: skip
    return cards or [card("none", _("Use of fields"), help=_("There are no own fields yet."))]


def _line(actor: Actor, row: CustomField) -> dict[str, Any]:
    use = getattr(row, "use", None)
    label = Label.of(row.label)[actor.language]
    archive = button(_("Archive"), act_url("fields", "archive", row.pk), dialog=True, icon="archive")
    line: dict[str, Any] = {"url": f"/settings/fields/{row.pk}", "actions": [archive]}
    if use is None:
        return line | {"cells": [label, _("not counted yet"), "", ""]}
    share = f"{use.filled} / {use.cards}"
    changed = _("never")
    if use.changed_at is not None:
        who = actor.state.users.get(use.changed_by) if use.changed_by else None
        changed = listed((kit.moment(actor, use.changed_at), who.name if who else ""), actor.language)
    places = listed((place_label(name, number) for name, number in use.places.items()), actor.language)
    if (day := due_at(row)) is not None:
        told = _("unused, archived by itself after %(day)s") % {"day": kit.moment(actor, day)}
        places = listed((places, told), actor.language)
    return line | {"cells": [label, share, changed, places]}


def _count(request: HttpRequest, item: str) -> HttpResponse:
    return kit.press(request, USE.url, CountUse(), _("It is being counted. Load this page again in a while."))


USE = kit.add(SettingsPage(
    "use", lambda: _("Use of fields"), "chart-bar", 155, _cards, {"count": _count}, permit="fields",
    words=lambda: _("unused fields, retention, archive"),
    intro=lambda: _("How many cards have a value in each own field. Counted every night."),
))  # fmt: skip
