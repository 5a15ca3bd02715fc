"""Two values to choose from become one: asked with what it touches, taken back within a month."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from comity.changes.value_merging import MergeValues, Place, UnmergeValues, mergeable, open_merges, used
from comity.kernel.errors import NotFound
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, act_url, actor_of, button, card
from comity.ui.render import done


def merge_button(request: HttpRequest, page: str, item: str, key: str, place: Place) -> list[dict[str, Any]]:
    """The button of a value, where there is another one it could become."""
    if not mergeable(actor_of(request).state, place):
        return []
    return [button(_("Merge"), act_url(page, "merge", item, key=key), dialog=True, icon="arrows-join")]


def merged_cards(request: HttpRequest, page: str, item: str, place: Place) -> list[Card]:
    """What was merged of late, each with the way back."""
    merges, actor = open_merges(place), actor_of(request)
    if not merges:
        return []
    known, rows = place.choices(), []
    for one in merges:
        names = [known[key][0][actor.language] if key in known else key for key in (one.lost, one.kept)]
        back = button(_("Undo"), act_url(page, "unmerge", item, merge=str(one.pk)), dialog=True,
                      icon="arrows-split")  # fmt: skip
        rows.append({"cells": [*names, str(one.cards), kit.moment(actor, one.made_at)], "actions": [back]})
    columns = [_("Value"), _("Became"), _("Cards"), _("When")]
    return [card("merged", _("Merged values"), help=_("For 30 days this can be taken back."),
                 table={"caption": _("Merged values"), "columns": columns, "rows": rows})]  # fmt: skip


def ask_merge(request: HttpRequest, back_url: str, place: Place) -> HttpResponse:
    """GET: into which value, and how many cards it touches. POST: merge."""
    actor, key = actor_of(request), request.GET.get("key", "")
    known = place.choices()
    if key not in known or not mergeable(actor.state, place):
        raise NotFound()
    name = known[key][0][actor.language]
    others = [
        {"value": other, "label": label[actor.language]}
        for other, (label, offered) in known.items() if offered and other != key
    ]  # fmt: skip
    number = used(actor.state, place, key)
    touched = ngettext(
        "%(n)s card has it and gets the other value.", "%(n)s cards have it and get the other value.", number
    )
    text = _("%(touched)s Lists, sharing rules and webhooks follow. You can take it back for 30 days.") % {
        "touched": touched % {"n": number}
    }
    into = {
        "key": "into",
        "kind": "choice",
        "label": pgettext("a value", "Into"),
        "required": True,
        "choices": others,
        "value": "",
    }
    return kit.ask(
        request, _("Merge the value “%(name)s” into another one?") % {"name": name}, text, _("Merge"), back_url,
        lambda: MergeValues(place, key, request.POST.get("into", "")), "", fields=[into],
        finish=lambda result: done(request, back_url, _merged(int(result.data["cards"]))),
    )  # fmt: skip


def _merged(number: int) -> str:
    text = ngettext(
        "The values are one. %(n)s card was changed.", "The values are one. %(n)s cards were changed.", number
    )
    return text % {"n": number}


def ask_unmerge(request: HttpRequest, back_url: str, place: Place) -> HttpResponse:
    """GET: the question. POST: two values again."""
    key = kit.key_of(request.GET.get("merge", ""))
    if not any(one.pk == key for one in open_merges(place)):
        raise NotFound()
    return kit.ask(
        request, _("Take this merge back?"),
        _("The cards that had the value get it again. Those that somebody has given another value since stay so."),
        _("Undo"), back_url, UnmergeValues(UUID(str(key))), "",
        finish=lambda result: done(request, back_url, _parted(int(result.data["left"]))),
    )  # fmt: skip


def _parted(left: int) -> str:
    if not left:
        return _("Two values again.")
    text = ngettext("Two values again. %(n)s card was changed since and stays.",
                    "Two values again. %(n)s cards were changed since and stay.", left)  # fmt: skip
    return text % {"n": left}
