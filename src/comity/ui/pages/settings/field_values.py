"""Values to choose from, of a field of the administrator's: added, renamed, ordered, taken away."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.changes.settings import SaveSetting, free_key
from comity.changes.value_merging import FIELD, Place
from comity.kernel.errors import NotFound
from comity.kernel.text import whole_number
from comity.records.labels import Label
from comity.records.models import CustomField
from comity.ui.pages.settings import kit, value_merges
from comity.ui.pages.settings.kit import Card, act_url, actor_of, button, card
from comity.ui.pages.settings.lists import order_buttons
from comity.ui.render import done


def url_of(row: CustomField) -> str:
    """Where the field's page is."""
    return f"/settings/fields/{row.pk}"


def card_of(request: HttpRequest, row: CustomField) -> Card:
    """The values with what can be done to each."""
    language, key = actor_of(request).language, str(row.pk)
    used = [one for one in row.choices if not one.get("retired")]
    rows = []
    for place, one in enumerate(used):
        name = one["key"]
        rows.append({"cells": [Label.of(one["label"])[language], name], "actions": [
            *order_buttons(request, "fields", key, place, len(used) - 1, name),
            *(value_merges.merge_button(request, "fields", key, name, place_of(row)) if len(used) > 1 else ()),
            button(_("Edit"), act_url("fields", "value", key, key=name), icon="edit"),
            button(_("Delete"), act_url("fields", "drop", key, key=name), method="post", icon="trash"),
        ]})  # fmt: skip
    return card("choices", _("Values to choose from"),
                actions=[button(_("Add value"), act_url("fields", "value", key), icon="plus")],
                table={"caption": _("Values"), "columns": [_("Name"), _("Key")], "rows": rows})  # fmt: skip


def place_of(row: CustomField) -> Place:
    """Where its values are kept."""
    return Place(FIELD, str(row.pk))


def merged_cards(request: HttpRequest, row: CustomField) -> list[Card]:
    """What was merged of late."""
    return value_merges.merged_cards(request, "fields", str(row.pk), place_of(row))


def typed(request: HttpRequest) -> list[dict[str, Any]]:
    """The lines of the form of a new field as choices with keys of their own."""
    language, found = actor_of(request).language, []
    keys: set[str] = set()
    for line in request.POST.get("choices", "").splitlines():
        if line.strip():
            key = free_key({"en": line}, "value", keys)
            keys.add(key)
            found.append({"key": key, "label": {language: line.strip()}, "hue": 0})
    return found


def _value(request: HttpRequest, row: CustomField) -> HttpResponse:
    """Add a value to choose from, or rename one."""
    from comity.ui.pages.settings.fields import FIELDS

    key = request.GET.get("key", "")
    held = next((one for one in row.choices if one["key"] == key), None)
    if key and held is None:
        raise NotFound()
    here = url_of(row)
    hues = [{"value": "0", "label": _("No colour")}]
    hues += [{"value": str(hue), "label": _("Colour %(number)s") % {"number": hue}} for hue in range(1, 9)]
    url = act_url("fields", "value", row.pk, key=key) if key else act_url("fields", "value", row.pk)
    made = kit.form(_("Value to choose"), url, [
        *kit.labels("choices", _("Name"), held["label"] if held else {}),
        {"key": "hue", "kind": "choice", "label": _("Colour"), "required": True, "choices": hues,
         "value": str(held["hue"] if held else 0)},
    ], back=FIELDS, submit=_("Save"), back_url=here)  # fmt: skip

    def command() -> SaveSetting:
        names, hue = kit.posted_labels(request, "choices"), request.POST.get("hue", "0")
        one = {"key": key or free_key(names, "value", {one["key"] for one in row.choices}), "label": names,
               "hue": whole_number(hue)}  # fmt: skip
        choices = [one if other is held else other for other in row.choices] if held else [*row.choices, one]
        return SaveSetting("field", {"choices": choices}, row.pk)

    return kit.fill_in(request, made, command, lambda result: done(request, here, _("Saved")))


def _drop(request: HttpRequest, row: CustomField) -> HttpResponse:
    choices = [one for one in row.choices if one["key"] != request.GET.get("key")]
    return kit.press(request, url_of(row), SaveSetting("field", {"choices": choices}, row.pk), _("Saved"))


def _move(request: HttpRequest, row: CustomField, shift: int) -> HttpResponse:
    """Change places with the value in use before or after; those that were merged away keep theirs."""
    choices, key = list(row.choices), request.GET.get("key", "")
    used = [n for n, one in enumerate(choices) if not one.get("retired")]
    at = next((n for n, place in enumerate(used) if choices[place]["key"] == key), -1)
    if at >= 0 and 0 <= at + shift < len(used):
        one, other = used[at], used[at + shift]
        choices[one], choices[other] = choices[other], choices[one]
    url = f"{url_of(row)}?{urlencode({'moved': key, 'way': 'up' if shift < 0 else 'down'})}"
    return kit.press(request, url, SaveSetting("field", {"choices": choices}, row.pk), _("Saved"))


ACTS = {
    "merge": lambda request, row: value_merges.ask_merge(request, url_of(row), place_of(row)),
    "unmerge": lambda request, row: value_merges.ask_unmerge(request, url_of(row), place_of(row)),
    "value": _value, "drop": _drop,
    "up": lambda request, row: _move(request, row, -1), "down": lambda request, row: _move(request, row, 1),
}  # fmt: skip
