"""A condition in the settings: as words on a card, and its editor, which is that of the filters."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from comity.changes.bus import Command
from comity.kernel.errors import Conflict, Invalid
from comity.records.conditions import Where
from comity.records.types import RecordType
from comity.ui import filters
from comity.ui.pages.list_tools import field_choices
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, actor_of, button, card
from comity.ui.render import done, fresh_key, html, panel


def condition_card(
    request: HttpRequest, record_type: RecordType, where: Where, url: str, *, none: str, broken: str = ""
) -> Card:
    """The condition in words. `none`: what it means to have none; `broken`: why it cannot be judged, if so."""
    chips = filters.chips(actor_of(request), record_type, where, url, [])
    match, leaves = filters.leaves_of(where)
    whole = len(chips) == len(leaves) > 0 or not where
    told = {"chips": chips, "any": match == "any", "rest": not whole, "broken": broken, "nothing": none}
    change = button(_("Change"), url, icon="filter")
    return card("where", _("Condition"), html=html("ui/settings/condition.html", told), actions=[change])


def edit_condition(
    request: HttpRequest, record_type: RecordType, where: Where, url: str, *, back: Mapping[str, str], lead: str,
    save: Callable[[Where], Command],
) -> HttpResponse:  # fmt: skip
    """GET: the editor, its rows out of the address. POST: keep the condition by the command `save` gives.

    back  {"label", "url"}: where the editor was opened
    lead  what stands before "all of these", "any of these"
    """
    actor, fields = actor_of(request), filters.filterable(actor_of(request), record_type)
    query: QueryDict = (request.POST if request.method == "POST" else request.GET).copy()
    problem = ""
    if request.method == "POST":
        try:
            kit.do(request, save(filters.from_query(query, fields)))
        except (Invalid, Conflict) as wrong:
            problem = " ".join(str(text) for texts in getattr(wrong, "fields", {}).values() for text in texts)
            problem = problem or f"{wrong.what} {wrong.todo}"
        else:
            return done(request, back["url"], _("Saved"))
    context = {
        "url": url, "match": query.get("match", "all"), "error": problem, "idempotency": fresh_key(), "lead": lead,
        "rows": filters.editor_rows(actor, record_type, _with_rows(query, where, fields), url),
        "fields": field_choices(actor, record_type), "cancel_url": back["url"],
    }  # fmt: skip
    status = 422 if problem else 200
    return panel(request, "ui/settings/condition_form.html", _("Condition"), back, status=status, filter=context)


def _with_rows(query: QueryDict, where: Where, fields: Mapping[str, Any]) -> QueryDict:
    """The rows of the form: those posted, else the condition's; one taken away, one more."""
    if not filters.row_numbers(query) and "idempotency" not in query:
        for name, value in filters.to_params(where):
            query.appendlist(name, value)
    removed = query.get("remove", "")
    if removed.isdecimal():
        for name in (f"f-{removed}", f"op-{removed}", f"v-{removed}"):
            query.pop(name, None)
    numbers = filters.row_numbers(query)
    if not numbers or query.get("add"):
        taken = {query.get(f"f-{n}") for n in numbers}
        query[f"f-{max(numbers, default=-1) + 1}"] = next(
            (one for one in fields if one not in taken), next(iter(fields))
        )
    for name in ("add", "remove", "again", "idempotency"):
        query.pop(name, None)
    return query
