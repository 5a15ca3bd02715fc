"""Lists of values that fields choose from: sources, reasons, competitors, kinds of files."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.changes.bus import Command
from comity.changes.options import OrderOption, RetireOption, SaveOption, open_list, row_of
from comity.changes.settings import version_of
from comity.changes.value_merging import LIST, Place
from comity.identity.models import HUES
from comity.kernel.errors import NotFound
from comity.kernel.text import listed
from comity.records import options
from comity.records.fields import Choice
from comity.records.options import OptionList
from comity.ui.pages.settings import kit, value_merges
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.render import Markup, done


def hue_choices(none: bool = True) -> list[dict[str, Any]]:
    """The eight colours, and none of them."""
    hues: list[dict[str, Any]] = [{"value": "0", "label": _("No colour"), "hue": 0}] if none else []
    hues += [
        {"value": str(hue), "label": _("Colour %(number)s") % {"number": hue}, "hue": hue} for hue in range(1, HUES + 1)
    ]
    return hues


def coloured(hue: int, text: str) -> Markup:
    """A text behind the dot of its colour."""
    dotted = Markup('<span class="hued"><i class="dot h{}"></i><span>{}</span></span>')
    return dotted.format(hue, text) if hue else Markup("{}").format(text)


def order_buttons(request: HttpRequest, page: str, item: str, place: int, last: int, key: str) -> list[dict[str, Any]]:
    """Up and down of a row; who pressed one finds it under his finger again. The acts are "up" and "down"."""
    moved = request.GET.get("moved", "")
    here, way = (True, request.GET.get("way")) if moved == key else (False, "")
    found = []
    if place:
        focus = here and (way == "up" or place == last)
        found.append(button(_("Up"), act_url(page, "up", item, key=key), method="post", icon="arrow-up",
                            autofocus=focus))  # fmt: skip
    if place < last:
        focus = here and (way == "down" or not place)
        found.append(button(_("Down"), act_url(page, "down", item, key=key), method="post", icon="arrow-down",
                            autofocus=focus))  # fmt: skip
    return found


def _cards(request: HttpRequest, item: str) -> list[Card]:
    return _item_cards(request, open_list(item)) if item else [_every(request)]


def _every(request: HttpRequest) -> Card:
    actor, rows = actor_of(request), []
    for one in options.all_lists():
        if one.load is None:
            used = [choice.label[actor.language] for choice in _values(request, one) if not choice.retired]
            cells = [one.label[actor.language], str(len(used)), _fields(request, one)]
            rows.append({"cells": cells, "url": f"{LISTS.url}/{one.key}"})
    columns = [_("List"), _("Values"), _("Chosen in")]
    return card("lists", _("Lists"), table={"caption": _("Lists"), "columns": columns, "rows": rows})


def _values(request: HttpRequest, one: OptionList) -> tuple[Choice, ...]:
    return actor_of(request).state.options[one.key]


def _fields(request: HttpRequest, one: OptionList) -> str:
    """ "Deal: Why lost": where a list is chosen from."""
    actor = actor_of(request)
    return listed(
        (
            f"{kind.label[actor.language]}: {spec.label[actor.language]}"
            for kind in actor.state.types_on
            for spec in kind.specs
            if spec.options == one.key
        ),
        actor.language,
    )


def _item_cards(request: HttpRequest, one: OptionList) -> list[Card]:
    language, values = actor_of(request).language, _values(request, one)
    used = [choice for choice in values if not choice.retired]
    rows = []
    for place, choice in enumerate(used):
        retire = button(_("Retire"), act_url("lists", "retire", one.key, key=choice.key), method="post", icon="archive")
        rows.append({
            "cells": [coloured(choice.hue, choice.label[language])], "url": _edit_url(one, choice.key),
            "actions": [
                *order_buttons(request, "lists", one.key, place, len(used) - 1, choice.key),
                *(value_merges.merge_button(request, "lists", one.key, choice.key, Place(LIST, one.key))
                  if len(used) > 1 else ()),
                retire,
            ],
        })  # fmt: skip
    cards = [card(
        "values", _("Values"), help=_("A retired value stays on the cards that have it, and is not offered any more."),
        actions=[button(_("Add value"), _edit_url(one), icon="plus", primary=True)],
        table={"caption": _("Values"), "columns": [_("Name")], "rows": rows},
    )]  # fmt: skip
    retired = [
        {"cells": [coloured(choice.hue, choice.label[language])], "url": _edit_url(one, choice.key),
         "actions": [button(_("Take back into use"), act_url("lists", "restore", one.key, key=choice.key),
                            method="post", icon="arrow-back-up")]}
        for choice in values if choice.retired
    ]  # fmt: skip
    if retired:
        table = {"caption": _("Retired values"), "columns": [_("Name")], "rows": retired}
        cards.append(card("retired", _("Retired values"), table=table))
    return [*cards, *value_merges.merged_cards(request, "lists", one.key, Place(LIST, one.key))]


def _edit_url(one: OptionList, key: str = "") -> str:
    return act_url("lists", "value", one.key, key=key) if key else act_url("lists", "value", one.key)


def _value(request: HttpRequest, item: str) -> HttpResponse:
    """Add a value, or change its name and colour."""
    one, key = open_list(item), request.GET.get("key", "")
    row = row_of(one, key) if key else None
    here = f"{LISTS.url}/{one.key}"
    made = kit.form(_("Value of the list"), _edit_url(one, key), [
        *kit.labels("label", _("Name"), row.label if row else {}, limit=60),
        {"key": "hue", "kind": "swatch", "label": _("Colour"), "choices": hue_choices(),
         "value": str(row.hue if row else 0)},
    ], back=LISTS, submit=_("Save"), back_url=here, explain=one.label[actor_of(request).language])  # fmt: skip
    made["back"] = {"label": one.label[actor_of(request).language], "url": here}
    if row:
        made["version"] = version_of(row)

    def command() -> SaveOption:
        values = {"label": kit.posted_labels(request, "label"), **kit.posted(request, "hue")}
        return SaveOption(one.key, key, values, request.POST.get("version", ""))

    return kit.fill_in(request, made, command, lambda result: done(request, here, _("Saved")))


def _press(
    request: HttpRequest, item: str, command: Callable[[str, str], Command], text: str, way: str = ""
) -> HttpResponse:
    one, key = open_list(item), request.GET.get("key", "")
    if not key:
        raise NotFound()
    url = f"{LISTS.url}/{one.key}"
    if way:
        url = f"{url}?{urlencode({'moved': key, 'way': way})}"
    return kit.press(request, url, command(one.key, key), text)


def _retire(request: HttpRequest, item: str) -> HttpResponse:
    return _press(request, item, lambda name, key: RetireOption(name, key), _("The value is retired."))


def _restore(request: HttpRequest, item: str) -> HttpResponse:
    return _press(request, item, lambda name, key: RetireOption(name, key, back=True), _("The value is in use again."))


def _up(request: HttpRequest, item: str) -> HttpResponse:
    return _press(request, item, lambda name, key: OrderOption(name, key, -1), _("Saved"), way="up")


def _down(request: HttpRequest, item: str) -> HttpResponse:
    return _press(request, item, lambda name, key: OrderOption(name, key, 1), _("Saved"), way="down")


def _merge(request: HttpRequest, item: str) -> HttpResponse:
    return value_merges.ask_merge(request, f"{LISTS.url}/{open_list(item).key}", Place(LIST, item))


def _unmerge(request: HttpRequest, item: str) -> HttpResponse:
    return value_merges.ask_unmerge(request, f"{LISTS.url}/{open_list(item).key}", Place(LIST, item))


LISTS = kit.add(SettingsPage(
    "lists", lambda: _("Lists"), "list", 155, _cards,
    {"value": _value, "retire": _retire, "restore": _restore, "up": _up, "down": _down,
     "merge": _merge, "unmerge": _unmerge}, permit="settings",
    words=lambda: _("sources, reasons, competitors, values to choose from"),
    item_title=lambda request, item: open_list(item).label[actor_of(request).language],
))  # fmt: skip
