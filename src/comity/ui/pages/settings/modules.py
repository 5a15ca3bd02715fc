"""Modules: which parts of the product the company works with; a small firm sees a small product."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.changes.settings import SaveSetting
from comity.kernel.text import listed
from comity.records import modules
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, card


def _cards(request: HttpRequest, item: str) -> list[Card]:
    off, language = actor_of(request).state.off, actor_of(request).language
    labels = {one.key: one.label() for one in modules.every()}
    fields = []
    for one in modules.every():
        text = one.text()
        if one.needs:
            needed = listed([labels[key] for key in sorted(one.needs)], language)
            needs = _("Needs: %(modules)s.") % {"modules": needed}
            text = f"{text} {needs}"
        fields.append({"key": one.key, "kind": "bool", "label": one.label(), "help": text,
                       "value": one.key not in off.keys})  # fmt: skip
    return [card("modules", _("Modules"), url=act_url("modules", "save"), fields=fields)]


def _save(request: HttpRequest, item: str) -> HttpResponse:
    """What is ticked on also wants what it needs; what is off stays off by itself or by what it needed."""
    before = actor_of(request).state.off.keys
    on = {one.key for one in modules.every() if (kit.flag(request, one.key) if one.key in request.POST
                                                 else one.key not in before)}  # fmt: skip
    for one in modules.every():
        if one.key in on and one.key in before:  # switched on just now
            on |= one.needs
    off = [one.key for one in modules.every() if one.key not in on]

    def after(response: HttpResponse) -> None:
        response["HX-Refresh"] = "true"  # the menu beside it is another one

    command: Any = SaveSetting("organization", {"modules_off": off}, 1)
    return kit.save(request, "modules", "modules", command, after=after)


MODULES = kit.add(SettingsPage(
    "modules", lambda: _("Modules"), "box", 105, _cards, {"save": _save}, permit="settings",
    words=lambda: _("switch parts of the product on and off, a smaller product"),
    intro=lambda: _("What is off is out of everybody’s sight: menu, pages, fields, other programs. Nothing is deleted; "
                    "switch it on and it is there again."),
))  # fmt: skip
