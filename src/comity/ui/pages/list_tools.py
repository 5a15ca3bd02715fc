"""Tools of a list: filter editor, columns, order, saved views."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.colleagues import SavePreferences
from comity.changes.settings import DeleteSetting, SaveSetting
from comity.kernel.errors import Invalid
from comity.records.types import RecordType
from comity.ui import boards, filters
from comity.ui.layouts.fields import GROUPS
from comity.ui.pages.lists import Listing, sort_label, title_label, type_by_slug
from comity.ui.render import done, fresh_key, panel
from comity.ui.totals import totals as summed


def _back(record_type: RecordType, actor: Actor) -> dict[str, str]:
    return {"label": record_type.plural[actor.language], "url": f"/{record_type.slug}/"}


def _home(record_type: RecordType, query: QueryDict) -> str:
    """The page a tool was opened on: the list, or (`in`) the board."""
    return f"/{record_type.slug}/board" if query.get("in") == "board" else f"/{record_type.slug}/"


def _lane(record_type: RecordType, query: QueryDict) -> list[tuple[str, str]]:
    """What else of a board's address is kept: that it is one, and which."""
    board = boards.of(record_type)
    if board is None or query.get("in") != "board":
        return []
    lane = str(query.get(board.by, ""))
    return [("in", "board"), *([(board.by, lane)] if lane else [])]


def filter_editor(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: the editor with the rows of the address; `add` one more, `remove` one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    listing = Listing(actor, record_type, request.GET)
    fields = filters.filterable(actor, record_type)
    query = request.GET.copy()
    if not filters.row_numbers(query):
        query.update(QueryDict(urlencode(filters.to_params(listing.where))))
    if request.GET.get("remove", "").isdecimal():
        for name in (f"f-{request.GET['remove']}", f"op-{request.GET['remove']}", f"v-{request.GET['remove']}"):
            query.pop(name, None)
    numbers = filters.row_numbers(query)
    if not numbers or request.GET.get("add"):
        n = max(numbers, default=-1) + 1
        taken = {query.get(f"f-{m}") for m in numbers}
        query[f"f-{n}"] = next((key for key in fields if key not in taken), next(iter(fields)))
    for name in ("add", "remove", "again"):
        query.pop(name, None)
    url = f"/{slug}/filter"
    keep = [[name, value] for name, value in listing.params() if name in ("view", "sort")]
    home = _home(record_type, request.GET)
    context: dict[str, Any] = {
        "url": home,
        "keep": keep + [list(pair) for pair in _lane(record_type, request.GET)],
        "match": query.get("match", "all"),
        "rows": filters.editor_rows(actor, record_type, query, url),
        "fields": field_choices(actor, record_type, far=True),
        "rows_url": url,
        "clear_url": f"{home}?view=all",
    }
    return panel(request, "ui/fragments/filter.html", _("Filter"), _back(record_type, actor), filter=context)


def field_choices(actor: Actor, record_type: RecordType, far: bool = False) -> list[dict[str, Any]]:
    """The fields he may filter by, by group; with `far` those of linked cards behind them."""
    grouped: dict[str, list[dict[str, str]]] = {}
    for spec in policy.readable_fields(actor, record_type):
        label = spec.label[actor.language]
        grouped.setdefault(spec.group, []).append({"value": spec.key, "label": label})
    return [
        {"label": GROUPS[key][actor.language] if key in GROUPS else record_type.label[actor.language], "choices": found}
        for key, found in grouped.items()
    ] + (_far_choices(actor, record_type) if far else [])


def _far_choices(actor: Actor, record_type: RecordType) -> list[dict[str, Any]]:
    fields, language = filters.filterable(actor, record_type), actor.language
    return [
        {"label": _("Of the linked card: %(field)s") % {"field": via.label[language]}, "choices": [
            {"value": one.key, "label": one.label[language]} for one in fields.beyond(via.key)
        ]}
        for via in fields.links()
    ]  # fmt: skip


def columns(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: the column chooser. POST: keep the choice (`up`/`down` move one, `reset`: the first choice again)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    listing = Listing(actor, record_type, request.GET)
    known = {spec.key: spec for spec, _level in policy.shown_fields(actor, record_type) if spec.in_list}
    if request.POST.get("reset"):
        run(actor, SavePreferences({"columns": {record_type.key: []}}))
        return done(request, f"/{slug}/")
    shown = [spec.key for spec, _level in listing.shown]
    order = [*shown, *(key for key in known if key not in shown)]
    if request.method == "POST":
        posted = [key for key in request.POST.getlist("order") if key in known]
        order = [*posted, *(key for key in order if key not in posted)]
        shown = [key for key in order if key in request.POST.getlist("col")]
        moved = request.POST.get("up") or request.POST.get("down")
        if moved not in order:
            run(actor, SavePreferences({"columns": {record_type.key: shown[:12]}}))
            return done(request, f"/{slug}/")
        place = order.index(moved)
        other = max(0, place - 1) if "up" in request.POST else min(len(order) - 1, place + 1)
        order[place], order[other] = order[other], order[place]
    context = {
        "url": f"/{slug}/columns",
        "items": [{"key": key, "label": known[key].label[actor.language], "shown": key in shown} for key in order],
        "idempotency": fresh_key(),
    }
    return panel(request, "ui/fragments/columns.html", _("Columns"), _back(record_type, actor), columns=context)


def sort(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: what the list may be ordered by."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    listing = Listing(actor, record_type, request.GET)
    order = listing.order
    items = []
    for key, label in [
        ("title", title_label(record_type, actor.language)),
        *((key, spec.label[actor.language]) for key, spec in listing.sortable.items()),
    ]:
        current = key == order.key
        turned = f"-{key}" if current and not order.descending else key
        items.append({
            "label": label, "url": listing.address(sort=turned), "current": current,
            "direction": "descending" if current and order.descending else "ascending",
        })  # fmt: skip
    context = {"items": items, "label": sort_label(listing)}
    return panel(request, "ui/fragments/sort.html", _("Sort by"), _back(record_type, actor), sort=context)


def totals(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: the sums of the list's figures; they come after the page because they look at every record of the filter."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    listing = Listing(actor, record_type, request.GET)
    sums = summed(actor, record_type, listing.shown, listing.where)
    return panel(request, "ui/fragments/totals.html", _("Sums"), _back(record_type, actor), totals=sums)


def save_view(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: name the list as it stands. POST: keep it, for oneself or for everybody."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    query = QueryDict(request.POST.get("query", "")) if request.method == "POST" else request.GET
    listing = Listing(actor, record_type, query)
    errors: list[str] = []
    row = listing.view.row
    own = row is not None and (row.owner_id == actor.user_id or (row.shared and actor.permits("views")))
    name = request.POST.get("name", "") if request.method == "POST" else ""
    shared = request.POST.getlist("shared")[-1:] == ["1"]
    if request.method == "POST":
        values = {
            "type_key": record_type.key, "name": name, "where": listing.where, "sort": str(listing.order),
            "columns": [spec.key for spec, _level in listing.shown], "shared": shared and actor.permits("views"),
        }  # fmt: skip
        try:
            result = run(actor, SaveSetting("view", values), key=request.POST.get("idempotency", ""))
            kept = urlencode([*_lane(record_type, query)[1:], ("view", str(result.record.id))])
            return done(request, f"{_home(record_type, query)}?{kept}", _("View saved."))
        except Invalid as problem:
            errors = [str(text) for found in problem.fields.values() for text in found]
    context = {
        "url": f"/{slug}/views/new",
        "name": name,
        "shared": shared,
        "can_share": actor.permits("views"),
        "errors": errors,
        "query": urlencode([*listing.params(), *_lane(record_type, query)]),
        "idempotency": fresh_key(),
        "delete_url": f"/{slug}/views/{row.id}/delete" if own and row else None,
    }
    status = 422 if errors else 200
    return panel(
        request, "ui/fragments/view_form.html", _("Save view"), _back(record_type, actor), status, view=context
    )


@require_POST
def delete_view(request: HttpRequest, slug: str, view_id: UUID) -> HttpResponse:
    """POST: take a saved view away."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    type_by_slug(request, slug)
    run(actor, DeleteSetting("view", view_id))
    return done(request, f"/{slug}/", _("View removed."))
