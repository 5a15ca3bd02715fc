"""The list page of any type, and its count that arrives after the page."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.errors import NotFound
from comity.kernel.money import format_number
from comity.records.conditions import Where
from comity.records.fields import SCALE, FieldSpec
from comity.records.types import RecordType
from comity.ui import boards, filters, lists, registry, rows
from comity.ui.bulk_actions import offered
from comity.ui.layouts.state import of as layout_of
from comity.ui.render import page
from comity.ui.totals import SUMMED
from comity.ui.views import View, choose, views_of

KEPT = ("view", "match", "sort")


def type_by_slug(request: HttpRequest, slug: str) -> RecordType:
    """The type of an address; NotFound for unknown ones, and for kinds of this house that mean nothing to the actor:
    their names and fields alone would tell of what is kept there."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = actor.state.by_slug.get(slug)
    if found is None or (found.own and not _means(actor, found)):
        raise NotFound()
    return found


def _means(actor: Actor, record_type: RecordType) -> bool:
    scopes = {actor.scope(record_type.key, action) for action in ("view", "create")}
    return scopes != {"none"} or record_type.key in policy.shared_types(actor)


class Listing:
    """What one address of a list asks for: view, filter, order, columns, place."""

    def __init__(self, actor: Actor, record_type: RecordType, query: QueryDict) -> None:
        self.actor, self.type, self.query = actor, record_type, query
        self.url = f"/{record_type.slug}/"
        self.views = views_of(actor, record_type)
        self.view: View = choose(self.views, query.get("view", ""))
        explicit = "match" in query
        self.where: Where = (
            filters.from_query(query, filters.filterable(actor, record_type)) if explicit else self.view.where
        )
        self.sortable = lists.sortable_fields(actor, record_type)
        self.layout = layout_of(actor, record_type.key, "list")
        own = self.layout["sort"] if self.layout else ""
        self.order = lists.Order.parse(query.get("sort") or self.view.sort or own or "title", self.sortable)
        at = query.get("at")
        self.cursor = lists.Cursor.parse(at) if at else None

    @property
    def shown(self) -> list[tuple[FieldSpec, str]]:
        """The columns with their levels: of the view, of the person, of his layout, of the type."""
        levels = {spec.key: (spec, level) for spec, level in policy.shown_fields(self.actor, self.type)}
        member = self.actor.member
        chosen = member.prefs.get("columns", {}).get(self.type.key) if member else None
        keys = self.view.columns or chosen or (self.layout["columns"] if self.layout else self.type.columns)
        return [levels[key] for key in keys if key in levels and levels[key][0].in_list]

    def params(self, **changes: str) -> list[tuple[str, str]]:
        """The address of this list with changes; "" takes a parameter away. The place is always left out."""
        found = [("view", self.view.key)] if self.view is not self.views[0] else []
        if "match" in self.query:
            found += filters.to_params(self.where)
        if self.query.get("sort"):
            found.append(("sort", str(self.order)))
        found = [(name, value) for name, value in found if name not in changes]
        return found + [(name, value) for name, value in changes.items() if value]

    def address(self, path: str = "", **changes: str) -> str:
        """The path below this list with `params(**changes)`."""
        params = urlencode(self.params(**changes))
        return f"{self.url}{path}{'?' if params else ''}{params}"


def count_words(number: int, record_type: RecordType, language: str) -> str:
    """ "248" or "10,000+"."""
    if number >= lists.CAP:
        return format_number((lists.CAP - 1) * SCALE, language) + "+"
    return format_number(number * SCALE, language)


def list_page(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: a page of the list."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    listing = Listing(actor, record_type, request.GET)
    shown = listing.shown
    found = lists.load(actor, record_type, shown, listing.where, listing.order, listing.cursor)
    number = len(found.rows) if not (found.next or found.previous) else lists.count(actor, record_type, listing.where)
    language = actor.language
    actions = offered(actor, record_type)
    context: dict[str, Any] = {
        "type": type_context(record_type, language, actor),
        "title": record_type.plural[language],
        "count_text": count_words(number, record_type, language),
        "views": view_tabs(listing),
        "save_view_url": listing.address("views/new"),
        "chips": [] if "match" not in request.GET else _chips(listing),
        "filter_url": listing.address("filter"),
        "sort": {"label": sort_label(listing), "url": listing.address("sort")},
        "ways": ways(listing),
        "tools": tools(listing),
        "columns_url": listing.address("columns"),
        "columns": columns(listing, shown),
        "table_html": rows.table(actor, record_type, shown, found, bool(actions)),
        "total_text": ngettext("%(n)s card", "%(n)s cards", number) % {
            "n": count_words(number, record_type, language)},
        "totals_url": listing.address("totals") if found.rows and sums_up(shown) else None,
        "at": found.at,
        "range_text": _range(found, language),
        "prev_url": listing.address(at=found.previous.text()) if found.previous else None,
        "next_url": listing.address(at=found.next.text()) if found.next else None,
        "bulk_actions": actions,
        "bulk_query": urlencode(listing.params()),
        "select_all_text": select_all_text(number, len(found.rows), record_type, language),
        "cell_url": f"/{slug}/{{id}}/fields/{{key}}?in=cell",
        "live": {"topics": record_type.key, "url": request.get_full_path()},
        "empty": None if found.rows else empty(listing, found.impossible),
    }  # fmt: skip
    return page(request, "ui/list.html", page=context)


def add_slash(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: the address of a list as people type it, without the slash at its end."""
    return HttpResponsePermanentRedirect(f"/{type_by_slug(request, slug).slug}/")


def ways(listing: Listing) -> list[dict[str, Any]]:
    """The other ways to look at these cards, the list among them; none where there is only the list."""
    query = urlencode(listing.params(sort=""))
    offered = registry.for_type(registry.ways, listing.type, listing.actor)
    made = [one.load(listing.actor, listing.type, query) for one in offered]
    found = [one for one in made if one is not None]
    if listing.type.own and boards.open_to(listing.actor, listing.type.key):
        url = f"/{listing.type.slug}/board"
        found.append({"label": _("Board"), "icon": "layout-kanban", "url": f"{url}?{query}" if query else url})
    here = {"label": _("List"), "icon": "list", "url": listing.address(), "current": True}
    return [*found, here] if found else []


def tools(listing: Listing) -> list[dict[str, Any]]:
    """What rooms above do with the list as it stands."""
    query = urlencode(listing.params())
    offered = registry.for_type(registry.list_tools, listing.type, listing.actor)
    made = [one.load(listing.actor, listing.type, query) for one in offered]
    return [one for one in made if one is not None]


def sums_up(shown: list[tuple[FieldSpec, str]]) -> bool:
    """Whether a column of the list has a sum."""
    return any(spec.kind in SUMMED and level != "mask" for spec, level in shown)


def filter_chips(listing: Listing, keep: list[tuple[str, str]]) -> list[Any]:
    """The filter as chips; `keep` of the address stays when one is taken away."""
    return filters.chips(listing.actor, listing.type, listing.where, listing.url, keep)


def _chips(listing: Listing) -> list[Any]:
    return filter_chips(listing, [(name, value) for name, value in listing.params() if name in ("view", "sort")])


def type_context(record_type: RecordType, language: str, actor: Actor) -> dict[str, Any]:
    """`type` of docs/ui-templates.md."""
    may_create = actor.scope(record_type.key, "create") != "none"
    return {
        "key": record_type.key,
        "label": record_type.label[language],
        "label_plural": record_type.plural[language],
        "icon": record_type.icon,
        "url": f"/{record_type.slug}/",
        "new_url": f"/{record_type.slug}/new" if may_create else None,
    }


def view_tabs(listing: Listing) -> list[dict[str, Any]]:
    """The saved views he may use, as tabs."""
    return [
        {"name": view.name, "url": f"{listing.url}?{urlencode({'view': view.key})}",
         "current": view.key == listing.view.key, "shared": view.shared, "badge": _badge(listing, view)}
        for view in listing.views
    ]  # fmt: skip


def _badge(listing: Listing, view: View) -> str:
    number = lists.count(listing.actor, listing.type, view.where) if view.counted else 0
    return count_words(number, listing.type, listing.actor.language) if number else ""


def columns(listing: Listing, shown: list[tuple[FieldSpec, str]]) -> list[dict[str, Any]]:
    """The heads: the name first, then the shown fields."""
    language = listing.actor.language
    heads = [("title", title_label(listing.type, language), True, False)]
    heads += [
        (spec.key, spec.label[language], spec.key in listing.sortable, spec.kind in rows.NUMERIC)
        for spec, _level in shown
    ]
    found = []
    for key, label, sortable, numeric in heads:
        current = listing.order.key == key
        direction = ("descending" if listing.order.descending else "ascending") if current else "none"
        turned = f"-{key}" if current and not listing.order.descending else key
        found.append({
            "key": key, "label": label, "numeric": numeric, "direction": direction,
            "sort_url": listing.address(sort=turned) if sortable else None,
        })  # fmt: skip
    return found


def title_label(record_type: RecordType, language: str) -> str:
    """What the title of these cards is called: the label of the field that makes it, or a person's whole name.

    A type whose title comes of one field or another names the one it is called by: extra["head"].
    """
    fields = record_type.title_fields
    head = fields[0] if len(fields) == 1 else record_type.extra.get("head")
    return record_type.spec(head).label[language] if head else _("Full name")


def sort_label(listing: Listing) -> str:
    """What the list is ordered by, in words."""
    spec: FieldSpec | None = listing.sortable.get(listing.order.key)
    return spec.label[listing.actor.language] if spec else title_label(listing.type, listing.actor.language)


def _range(found: lists.ListPage, language: str) -> str:
    if not found.rows:
        return ""
    first, last = (format_number(n * SCALE, language) for n in (found.at + 1, found.at + len(found.rows)))
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def select_all_text(number: int, on_page: int, record_type: RecordType, language: str) -> str | None:
    """Offered when the filter holds more than the page shows."""
    if number <= on_page:
        return None
    return _("Select all %(n)s") % {"n": count_words(number, record_type, language)}


def leave_filter(listing: Listing) -> tuple[str, str] | None:
    """Where an empty list leads to, as (label, address): out of the filter that is set, else to the view of all cards.

    None where nothing is left out, or only what others hold: there a first card is to be made.
    """
    if "match" in listing.query:
        return _("Clear filters"), f"{listing.url}?{urlencode({'view': listing.view.key})}"
    if not listing.where or listing.view.key == "mine":
        return None
    every = next(view for view in listing.views if view.key == "all")
    return every.name, f"{listing.url}?view=all"


def empty(listing: Listing, impossible: bool) -> dict[str, Any]:
    """What stands in place of rows."""
    record_type, language = listing.type, listing.actor.language
    if impossible:
        text = _("This view filters by a field you may not use. Ask its maker to change it, or choose another view.")
        return {"kind": "filtered", "text": text, "clear_url": listing.url, "button_label": "", "button_url": ""}
    if way_out := leave_filter(listing):
        return {"kind": "filtered", "text": "", "clear_label": way_out[0], "clear_url": way_out[1],
                "button_label": "", "button_url": ""}  # fmt: skip
    may_create = listing.actor.scope(record_type.key, "create") != "none"
    clients = _("Your clients are listed here: %(what)s.") % {"what": record_type.plural[language]}
    return {
        "kind": "first",
        "text": clients if record_type.menu == "clients" and not record_type.own else _("Nothing here yet"),
        "button_label": _("Add the first one") if may_create else "",
        "button_url": f"{listing.url}new" if may_create else "",
        "clear_url": None,
    }
